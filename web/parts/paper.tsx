/** A paper inside the page, as it will look or as it went out; as a page where the browser shows no PDF inside one. */
import { Button, Group, Stack } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useState } from 'react';
import { apiUrl } from '../data/client.ts';
import { Choice } from './choice.tsx';

type Form = 'pdf' | 'html';

const FORMS = [
  { value: 'pdf', label: 'PDF' },
  { value: 'html', label: 'As a page' },
] as const;

/** @param base the document's path under the API; `…/pdf` and `…/html` are its two forms. */
export function Paper({ base, title }: { base: string; title: string }) {
  const [form, setForm] = useState<Form>(navigator.pdfViewerEnabled ? 'pdf' : 'html');
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Choice label="How it is shown" choices={FORMS} value={form} choose={setForm} />
        <Button
          component="a"
          href={apiUrl(`${base}/pdf`)}
          target="_blank"
          rel="noreferrer"
          size="compact-sm"
          variant="subtle"
          rightSection={<IconExternalLink size={14} />}
        >
          Open the PDF
        </Button>
      </Group>
      <iframe key={form} className="paper-frame" title={title} src={apiUrl(`${base}/${form}`)} />
    </Stack>
  );
}
