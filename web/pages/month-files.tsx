/** A month's files for the books: the invoice register and the journal, for the days that are asked for. */
import { Anchor, Group, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { apiUrl, withQuery } from '../data/client.ts';
import { Panel } from '../parts/page.tsx';
import { readersToday } from '../words/dates.ts';

const FILES = [
  { value: 'invoice-register?format=csv', label: 'Invoice register, CSV' },
  { value: 'invoice-register?format=xlsx', label: 'Invoice register, XLSX' },
  { value: 'journal?format=csv', label: 'Journal, CSV' },
  { value: 'journal?format=hledger', label: 'Journal, hledger' },
  { value: 'journal?format=beancount', label: 'Journal, beancount' },
];

export function MonthFiles() {
  const today = readersToday();
  const [from, setFrom] = useState(`${today.slice(0, 7)}-01`);
  const [to, setTo] = useState(today);
  const [file, setFile] = useState(FILES[0]?.value ?? '');
  return (
    <Panel title="Files for the books">
      <Group align="flex-end" gap="sm">
        <TextInput
          type="date"
          label="From"
          value={from}
          onChange={({ currentTarget }) => setFrom(currentTarget.value)}
        />
        <TextInput
          type="date"
          label="Through"
          value={to}
          error={from > to ? 'Lies before the first day' : undefined}
          onChange={({ currentTarget }) => setTo(currentTarget.value)}
        />
        <Select
          label="File"
          w={220}
          data={FILES}
          value={file}
          allowDeselect={false}
          onChange={(value) => setFile(value ?? file)}
        />
        <Anchor href={apiUrl(withQuery(`/exports/${file}`, { from, to }))} download>
          Download
        </Anchor>
      </Group>
    </Panel>
  );
}
