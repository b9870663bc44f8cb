/** What is kept of a contract or an invoice: its mails, its documents, who changed what, and its process. */
import { Text } from '@mantine/core';
import type { ChangeView, DocumentView, MailView } from '../../api/types.ts';
import { Mails } from './mails.tsx';
import { Changes, Documents, type Section } from './sections.tsx';

interface Kept {
  readonly mails: readonly MailView[];
  readonly documents: readonly DocumentView[];
  readonly changes: readonly ChangeView[];
}

export const mailsSection = (mails: readonly MailView[]): Section => ({
  name: 'mails',
  title: 'Mails',
  count: mails.length,
  body: <Mails mails={mails} />,
});

export const keptSections = ({ mails, documents, changes }: Kept): Section[] => [
  mailsSection(mails),
  {
    name: 'documents',
    title: 'Documents',
    count: documents.length,
    body: <Documents documents={documents} />,
  },
  {
    name: 'changes',
    title: 'Changes',
    count: changes.length,
    body: <Changes changes={changes} />,
  },
];

/** Nothing for who may not see it. */
export function ProcessLink({ url }: { url: string | null }) {
  if (url === null) return null;
  return (
    <Text className="small dim no-print">
      <a href={url} target="_blank" rel="noreferrer" style={{ color: 'inherit' }}>
        For operators: its process in Temporal
      </a>
    </Text>
  );
}
