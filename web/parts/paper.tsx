/** A paper inside the page, as it will look or as it went out; as a page where the browser shows no PDF inside one. */
import { Button, Group, SegmentedControl, Stack } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useState } from 'react';
import { apiUrl } from '../data/client.ts';

/** @param base the document's path under the API; `…/pdf` and `…/html` are its two forms. */
export function Paper({ base, title }: { base: string; title: string }) {
  const [form, setForm] = useState(navigator.pdfViewerEnabled ? 'pdf' : 'html');
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <SegmentedControl
          size="xs"
          value={form}
          onChange={setForm}
          data={[
            { value: 'pdf', label: 'PDF' },
            { value: 'html', label: 'As a page' },
          ]}
        />
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
