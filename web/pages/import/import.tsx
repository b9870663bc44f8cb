/** Import: bring a company's own data in, see what waits, take the last import back, take everything out again. */
import { Button, Group, Menu, Select, Stack, Text } from '@mantine/core';
import { IconDownload, IconFolder, IconUpload } from '@tabler/icons-react';
import { type DragEvent, useRef, useState } from 'react';
import type {
  BookUpload,
  ImportView,
  LastImport,
  Page,
  RemovedSamples,
  SampleState,
} from '../../../api/types.ts';
import { apiUrl, part, sendFiles, withQuery, write } from '../../data/client.ts';
import { useAction, useRead } from '../../data/reading.ts';
import { useMay } from '../../data/session.ts';
import { ActionDialog, type Asked } from '../../parts/action-dialog.tsx';
import { Go, useGo } from '../../parts/link.tsx';
import { PageHead, Panel } from '../../parts/page.tsx';
import { say } from '../../parts/said.tsx';
import { Answer, Empty, ProblemPanel, RowSkeletons, StateChip } from '../../parts/states.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { instantText } from '../../words/dates.ts';
import { counted, countedRows } from '../../words/names.ts';

export function ImportPage() {
  const may = useMay();
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <>
      <PageHead
        title="Import"
        below="Your customers, products, contracts and history as files. Nothing is written before you have seen what will happen and said yes."
        actions={<Downloads />}
      />
      <Stack gap="lg">
        <Sample ask={setAsked} />
        {may('import:write') && <Bring />}
        <Waiting />
        <Last ask={setAsked} />
        <Earlier />
      </Stack>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

function Downloads() {
  const may = useMay();
  const file = (path: string, words: string) => (
    <Menu.Item key={path} component="a" href={apiUrl(path)} download>
      {words}
    </Menu.Item>
  );
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Templates with an example row and notes</Menu.Label>
        {file('/imports/template?format=xlsx', 'Template as one workbook (.xlsx)')}
        {file('/imports/template?format=zip', 'Template as CSV files (.zip)')}
        {may('export:read') && (
          <>
            <Menu.Label>Everything that is in Perennial</Menu.Label>
            {file('/exports/book?format=zip', 'Book as CSV files (.zip)')}
            {file('/exports/book?format=xlsx', 'Book as one workbook (.xlsx)')}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Files dropped or chosen, a whole folder too; a mapping that was saved for their source is used where one is named. */
function Bring() {
  const go = useGo();
  const saved = useRead<{ items: readonly string[] }>('/imports/mappings');
  const [mapping, setMapping] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const upload = useAction(
    (chosen: readonly File[]) =>
      sendFiles<BookUpload>(
        withQuery('/imports/uploads', { mapping: mapping ?? undefined }),
        chosen,
      ),
    (answer) => go(`/import/${part(answer.upload)}`),
  );
  const take = (list: FileList | null) => {
    if (list !== null && list.length > 0) upload.mutate([...list]);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <Panel title="Bring your data">
      <Stack gap="md">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the buttons inside do the same */}
        <div
          className={over ? 'drop-zone over' : 'drop-zone'}
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <Text fw={600}>{upload.isPending ? 'Uploading and reading…' : 'Drop files here'}</Text>
          <Text className="small dim">
            CSV files, a zip archive of them, or one .xlsx workbook; up to 100 MB
          </Text>
          <Group gap="sm" justify="center">
            <Button
              leftSection={<IconUpload size={16} />}
              loading={upload.isPending}
              onClick={() => files.current?.click()}
            >
              Choose files
            </Button>
            <Button
              variant="default"
              leftSection={<IconFolder size={16} />}
              disabled={upload.isPending}
              onClick={() => folder.current?.click()}
            >
              Choose a folder
            </Button>
          </Group>
          <input
            ref={files}
            type="file"
            hidden
            multiple
            accept=".csv,.tsv,.xlsx,.zip"
            aria-label="Files to import"
            onChange={(event) => take(event.currentTarget.files)}
          />
          <input
            ref={folder}
            type="file"
            hidden
            aria-label="Folder to import"
            {...{ webkitdirectory: '' }}
            onChange={(event) => take(event.currentTarget.files)}
          />
        </div>
        {(saved.data?.items.length ?? 0) > 0 && (
          <Select
            label="Where they come from"
            description="Columns are read as they were mapped for this source before"
            placeholder="Guess from the headers"
            clearable
            maw={360}
            data={[...(saved.data?.items ?? [])]}
            value={mapping}
            onChange={setMapping}
          />
        )}
        {upload.error !== null && <ProblemPanel error={upload.error} />}
      </Stack>
    </Panel>
  );
}

/** The sample company of the first start, while it is there: nobody wants to bill its customers with their own. */
function Sample({ ask }: { ask: (asked: Asked) => void }) {
  const { data } = useRead<SampleState>('/imports/samples');
  const may = useMay();
  if (data?.present !== true) return null;
  const { accounts, contracts, obstacles } = data;
  return (
    <Panel title="The sample company is in here">
      <Stack gap="sm">
        <Text>
          {counted(accounts, 'customer')} with {counted(contracts, 'contract')}, there to look
          around with. The next bill run bills them too: remove them before you bring your own.
        </Text>
        {obstacles.length > 0 ? (
          <Text className="small dim" component="div">
            It can not be removed any more:
            <ul>
              {obstacles.map((words) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
            Begin with <code>npm start -- --empty</code> in a data folder of its own instead.
          </Text>
        ) : (
          may('import:write') && (
            <div>
              <Button variant="default" onClick={() => ask(removeSample(data))}>
                Remove the sample company
              </Button>
            </div>
          )
        )}
      </Stack>
    </Panel>
  );
}

const removeSample = ({ accounts, contracts }: SampleState): Asked => ({
  title: 'Remove the sample company',
  what: `Takes ${counted(accounts, 'customer')} and ${counted(contracts, 'contract')} out with all their history, and ends what goes on with them. People, settings and what you imported stay. It can not be taken back.`,
  button: 'Remove it',
  danger: true,
  act: (_values, key) => write<RemovedSamples>('POST', '/imports/samples/remove', {}, { key }),
  done: () => say('The sample company is gone'),
});

const stateOf = ({ importId, errorCount }: BookUpload) =>
  importId !== null
    ? ({ words: 'Imported', tone: 'good' } as const)
    : errorCount > 0
      ? ({ words: counted(errorCount, 'fault'), tone: 'bad' } as const)
      : ({ words: 'Ready to look at', tone: 'wait' } as const);

function Waiting() {
  const uploads = useRead<Page<BookUpload>>('/imports/uploads');
  const go = useGo();
  const columns: Column<BookUpload>[] = [
    {
      id: 'source',
      label: 'Upload',
      title: true,
      value: ({ source }) => source,
      cell: (row) => <Go to={`/import/${part(row.upload)}`}>{row.source}</Go>,
    },
    { id: 'rows', label: 'Rows', numeric: true, value: (row) => rowsOf(row) },
    {
      id: 'state',
      label: 'State',
      value: (row) => stateOf(row).words,
      cell: (row) => <StateChip state={stateOf(row)} />,
    },
    { id: 'at', label: 'Uploaded', value: ({ uploadedAt }) => instantText(uploadedAt) },
  ];
  return (
    <Panel flush title="Uploads">
      <Answer of={uploads} loading={<RowSkeletons rows={2} />}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No upload waits">
              An upload stays here for 14 days, until somebody imports it or throws it away.
            </Empty>
          ) : (
            <DataTable
              label="Uploads"
              columns={columns}
              rows={items}
              rowKey={({ upload }) => upload}
              onOpen={({ upload }) => go(`/import/${part(upload)}`)}
            />
          )
        }
      </Answer>
    </Panel>
  );
}

const rowsOf = ({ tables }: BookUpload): number =>
  Object.values(tables).reduce((sum, rows) => sum + rows, 0);

const inWords = ({ rows }: ImportView): string =>
  Object.entries(rows)
    .filter(([, { added, changed }]) => added + changed > 0)
    .map(([table, { added, changed }]) =>
      [
        countedRows(added, table),
        ...(changed > 0 ? [counted(changed, 'changed', 'changed')] : []),
      ].join(', '),
    )
    .join('; ');

function Last({ ask }: { ask: (asked: Asked) => void }) {
  const last = useRead<LastImport>('/imports/last');
  const may = useMay();
  return (
    <Panel title="Last import">
      <Answer of={last} loading={<RowSkeletons rows={1} />}>
        {({ import: one, obstacles }) =>
          one === null ? (
            <Text className="dim">No book has been imported yet.</Text>
          ) : (
            <Stack gap="sm">
              <Group justify="space-between" align="flex-start">
                <div>
                  <Text fw={600}>{one.source}</Text>
                  <Text className="small dim">{instantText(one.importedAt)}</Text>
                </div>
                {may('import:write') && obstacles.length === 0 && (
                  <Button variant="default" onClick={() => ask(undo(one))}>
                    Undo this import
                  </Button>
                )}
              </Group>
              <Text className="small">{inWords(one)}</Text>
              {obstacles.length > 0 && (
                <Text className="small dim" component="div">
                  It can not be undone any more:
                  <ul>
                    {obstacles.map((words) => (
                      <li key={words}>{words}</li>
                    ))}
                  </ul>
                </Text>
              )}
            </Stack>
          )
        }
      </Answer>
    </Panel>
  );
}

const undo = (one: ImportView): Asked => ({
  title: 'Undo the last import',
  what: `Takes ${one.source} out again: ${inWords(one)}. What it changed says again what it said before. Nothing has been issued from it.`,
  fields: [{ name: 'reason', label: 'Why', kind: 'reason' }],
  button: 'Undo the import',
  danger: true,
  act: ({ reason }, key) => write('POST', `/imports/${part(one.id)}/undo`, { reason }, { key }),
  done: () => say('The import is undone'),
});

const IMPORT_COLUMNS: Column<ImportView>[] = [
  { id: 'source', label: 'Source', title: true, value: ({ source }) => source },
  { id: 'what', label: 'What it wrote', wide: true, value: inWords },
  { id: 'at', label: 'When', value: ({ importedAt }) => instantText(importedAt) },
  {
    id: 'state',
    label: 'State',
    value: ({ undoneAt }) => (undoneAt === null ? '' : `undone ${instantText(undoneAt)}`),
  },
];

function Earlier() {
  const imports = useRead<Page<ImportView>>('/imports?sort=-importedAt&limit=50');
  return (
    <Panel flush title="All imports">
      <Answer of={imports} loading={<RowSkeletons rows={2} />}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing was imported yet" />
          ) : (
            <DataTable
              label="Imports"
              columns={IMPORT_COLUMNS}
              rows={items}
              rowKey={({ id }) => id}
              most={10}
            />
          )
        }
      </Answer>
    </Panel>
  );
}
