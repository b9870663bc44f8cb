/** An invoice and every mail on real data, with what is typed and not saved yet. */
import { Button, Group, Select } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useState } from 'react';
import { apiUrl, part, withQuery } from '../../data/client.ts';
import { Panel } from '../../parts/page.tsx';

const PAPERS = [
  { value: 'paper', label: 'Invoice as PDF' },
  { value: 'invoice', label: 'Mail: invoice' },
  { value: 'courtesy', label: 'Mail: courtesy note' },
  { value: 'reminder-1', label: 'Mail: first reminder' },
  { value: 'reminder-2', label: 'Mail: second reminder' },
  { value: 'final-notice', label: 'Mail: final notice' },
  { value: 'receipt', label: 'Mail: receipt' },
  { value: 'key', label: 'Mail: license key' },
  { value: 'renewal', label: 'Mail: renewal' },
  { value: 'renewal-reminder', label: 'Mail: renewal reminder' },
  { value: 'credit-note', label: 'Mail: credit note' },
  { value: 'approval', label: 'Mail to us: approval' },
  { value: 'attention', label: 'Mail to us: needs a person' },
  { value: 'question', label: 'Mail to us: question' },
];

interface Props {
  readonly entity: string;
  readonly changes: string | null;
}

export function Previews({ entity, changes }: Props) {
  const [paper, setPaper] = useState('paper');
  const [language, setLanguage] = useState('en');
  const [shown, setShown] = useState<string | null>(null);
  const base = `/settings/company/${part(entity)}/preview`;
  const asked = { changes: changes ?? undefined };
  const url = apiUrl(
    paper === 'paper'
      ? withQuery(`${base}/invoice`, asked)
      : withQuery(`${base}/mails/${paper}`, { ...asked, language }),
  );
  return (
    <Panel title="How it will look">
      <Group align="flex-end" gap="sm" mb="md">
        <Select
          label="Paper"
          data={PAPERS}
          value={paper}
          allowDeselect={false}
          onChange={(value) => setPaper(value ?? 'paper')}
        />
        {paper !== 'paper' && (
          <Select
            label="Language"
            w={130}
            data={[
              { value: 'en', label: 'English' },
              { value: 'de', label: 'German' },
            ]}
            value={language}
            allowDeselect={false}
            onChange={(value) => setLanguage(value ?? 'en')}
          />
        )}
        <Button variant="default" leftSection={<IconEye size={16} />} onClick={() => setShown(url)}>
          Show it
        </Button>
      </Group>
      {shown !== null && (
        <iframe
          key={shown}
          title="Preview"
          src={shown}
          className="preview-frame"
          {...(shown.includes('/mails/') ? { sandbox: '' } : {})}
        />
      )}
    </Panel>
  );
}
