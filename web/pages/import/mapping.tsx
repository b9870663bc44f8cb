/** What each file is read as: its table, its columns, how it writes dates and decimals; saved for its source. */
import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import type { BookFile, BookTable, BookUpload } from '../../../api/types.ts';
import { part, write } from '../../data/client.ts';
import { useAction, useRead } from '../../data/reading.ts';
import { Panel } from '../../parts/page.tsx';
import { say } from '../../parts/said.tsx';
import { Answer, ProblemPanel, RowSkeletons } from '../../parts/states.tsx';
import { counted } from '../../words/names.ts';
import { unclear, Values } from './values.tsx';

const DATES = [
  { value: 'iso', label: '2026-12-31' },
  { value: 'day.month.year', label: '31.12.2026' },
  { value: 'day/month/year', label: '31/12/2026' },
  { value: 'month/day/year', label: '12/31/2026' },
];
const DECIMALS = [
  { value: 'plain', label: '1190.00' },
  { value: 'point', label: '1,190.00' },
  { value: 'comma', label: '1.190,00' },
];
const LEFT_OUT = '(left out)';

interface Props {
  readonly upload: BookUpload;
  readonly open: boolean;
}

export function Mapping({ upload, open }: Props) {
  const tables = useRead<{ items: readonly BookTable[] }>('/imports/tables');
  const [files, setFiles] = useState(upload.files);
  const [saveAs, setSaveAs] = useState(upload.mappingName ?? '');
  const changed = JSON.stringify(files) !== JSON.stringify(upload.files);
  const save = useAction(
    (name: string | null) =>
      write<BookUpload>('PUT', `/imports/uploads/${part(upload.upload)}/mapping`, {
        files: files.map(
          ({ headers: _headers, sample: _sample, found: _found, ...mapping }) => mapping,
        ),
        saveAs: name,
      }),
    (_answer, name) => say(name === null ? 'Read anew' : `Saved as ${name}`),
  );
  const put = (next: BookFile) =>
    setFiles(files.map((one) => (one.file === next.file ? next : one)));
  return (
    <Panel flush title="How the files are read">
      <Answer of={tables} loading={<RowSkeletons rows={3} />}>
        {({ items }) => (
          <Stack gap={0}>
            {files.map((file) => (
              <FileRow
                key={file.file}
                file={file}
                tables={items}
                rows={upload.tables[file.table ?? '']}
                put={open ? put : null}
              />
            ))}
            {open && (
              <Group gap="sm" p="md" align="flex-end">
                <TextInput
                  label="Name of the source"
                  description="Saves how these columns and values are read, for its next files"
                  placeholder="Like: our ERP"
                  value={saveAs}
                  onChange={({ currentTarget }) => setSaveAs(currentTarget.value)}
                />
                <Button
                  variant={changed ? 'filled' : 'default'}
                  loading={save.isPending}
                  disabled={!changed && saveAs.trim() === ''}
                  onClick={() => save.mutate(saveAs.trim() === '' ? null : saveAs.trim())}
                >
                  {saveAs.trim() === '' ? 'Read them so' : 'Read them so and save'}
                </Button>
              </Group>
            )}
            {save.error !== null && <ProblemPanel error={save.error} />}
          </Stack>
        )}
      </Answer>
    </Panel>
  );
}

interface FileProps {
  readonly file: BookFile;
  readonly tables: readonly BookTable[];
  readonly rows: number | undefined;
  /** Null where nothing can be changed any more. */
  readonly put: ((file: BookFile) => void) | null;
}

function FileRow({ file, tables, rows, put }: FileProps) {
  const unknown = unknownOf(file, tables);
  const words = unclear(file);
  // What has to be decided is not hidden.
  const [shown, setShown] = useState(words > 0);
  return (
    <div className="file-row">
      <Group justify="space-between" align="center" gap="sm">
        <div style={{ minWidth: 180 }}>
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {file.file}
          </Text>
          <Text className="small dim">
            {counted(file.headers.length, 'column')}
            {rows !== undefined && `, ${counted(rows, 'row')}`}
            {unknown > 0 && `, ${unknown} of your own`}
          </Text>
          {words > 0 && (
            <Text className="small text-warn" role="status">
              {counted(words, 'value')} not understood yet
            </Text>
          )}
        </div>
        <Group gap="xs" align="flex-end">
          <Select
            label="Table"
            aria-label={`Table of ${file.file}`}
            w={190}
            searchable
            data={[LEFT_OUT, ...tables.map(({ table }) => table)]}
            value={file.table ?? LEFT_OUT}
            disabled={put === null}
            allowDeselect={false}
            onChange={(value) => put?.({ ...file, table: value === LEFT_OUT ? null : value })}
          />
          <Select
            label="Dates"
            aria-label={`Dates in ${file.file}`}
            w={130}
            data={DATES}
            value={file.dates}
            disabled={put === null}
            allowDeselect={false}
            onChange={(dates) => put?.({ ...file, dates: dates as BookFile['dates'] })}
          />
          <Select
            label="Amounts"
            aria-label={`Amounts in ${file.file}`}
            w={120}
            data={DECIMALS}
            value={file.decimals}
            disabled={put === null}
            allowDeselect={false}
            onChange={(value) => put?.({ ...file, decimals: value as BookFile['decimals'] })}
          />
          <Button
            variant="subtle"
            color="gray"
            aria-expanded={shown}
            rightSection={shown ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
            onClick={() => setShown(!shown)}
          >
            Columns and values
          </Button>
        </Group>
      </Group>
      {shown && <Columns file={file} tables={tables} put={put} />}
      {shown && <Values file={file} put={put} />}
    </div>
  );
}

function unknownOf({ table, headers, columns }: BookFile, tables: readonly BookTable[]): number {
  const known = new Set(tables.find((one) => one.table === table)?.columns.map(({ name }) => name));
  return table === null
    ? 0
    : headers.filter((header) => {
        const name = columns[header] === undefined ? header : columns[header];
        return name !== null && name !== '' && !known.has(name);
      }).length;
}

function Columns({ file, tables, put }: Omit<FileProps, 'rows'>) {
  const columns = tables.find(({ table }) => table === file.table)?.columns ?? [];
  const named = new Set(Object.values(file.columns));
  const missing = columns.filter(({ name, required }) => required && !named.has(name));
  return (
    <div className="scroll">
      {missing.length > 0 && (
        <Text className="small text-warn" role="alert" mt="xs">
          Still needed: {missing.map(({ name }) => name).join(', ')}
        </Text>
      )}
      <table className="list cards" aria-label={`Columns of ${file.file}`}>
        <thead>
          <tr>
            <th>Their column</th>
            <th>First values</th>
            <th>Becomes</th>
          </tr>
        </thead>
        <tbody>
          {file.headers.map((header, at) => (
            <tr key={`${header}-${String(at)}`}>
              <td className="card-title">{header}</td>
              <td className="dim" data-label="First values">
                {file.sample
                  .map((cells) => cells[at] ?? '')
                  .filter((cell) => cell !== '')
                  .join(' · ')
                  .slice(0, 80)}
              </td>
              <td data-label="Becomes">
                <Select
                  aria-label={`${header} of ${file.file} becomes`}
                  size="xs"
                  w={220}
                  searchable
                  allowDeselect={false}
                  disabled={put === null || file.table === null}
                  data={choices(header, columns)}
                  value={
                    file.columns[header] === null ? LEFT_OUT : (file.columns[header] ?? header)
                  }
                  onChange={(value) =>
                    put?.({
                      ...file,
                      columns: { ...file.columns, [header]: value === LEFT_OUT ? null : value },
                    })
                  }
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The book's columns; the header itself keeps a column as the customer's own. */
function choices(header: string, columns: BookTable['columns']) {
  const names = columns.map(({ name, required }) => ({
    value: name,
    label: required ? `${name} (needed)` : name,
  }));
  const own = names.some(({ value }) => value === header)
    ? []
    : [{ value: header, label: `${header} (kept as your own)` }];
  return [...own, { value: LEFT_OUT, label: 'leave out' }, ...names];
}
