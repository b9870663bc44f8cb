/** Lists that the server pages, filters and sorts; what is shown lives in the address and can be kept as a view. */
import {
  ActionIcon,
  Button,
  Drawer,
  Group,
  Menu,
  type MenuProps,
  Select,
  Text,
  TextInput,
} from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import {
  IconBookmark,
  IconColumns3,
  IconDownload,
  IconSearch,
  IconTrash,
  IconX,
} from '@tabler/icons-react';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { readAll, withQuery } from '../data/client.ts';
import { useReadPages } from '../data/reading.ts';
import { fileRows } from '../words/rows.ts';
import { type AddressState, useAddress } from './address.ts';
import { saveCsv, saveXlsx } from './files.ts';
import { Panel } from './page.tsx';
import { Empty, ProblemPanel, RowSkeletons } from './states.tsx';
import { type Column, DataTable } from './table.tsx';

export interface Filter {
  readonly name: string;
  readonly label: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
}

interface Props<T> {
  /** Names the list in files and kept views: `invoices`. */
  readonly noun: string;
  readonly path: string;
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  readonly filters?: readonly Filter[];
  readonly fixed?: Readonly<Record<string, string>>;
  readonly empty: { readonly title: string; readonly words: ReactNode };
  /** What a row opens: a sheet beside the list, or a page. */
  readonly sheet?: (row: T) => ReactNode;
  readonly sheetTitle?: (row: T) => string;
  readonly onOpen?: (row: T) => void;
  readonly searchable?: boolean;
  readonly totals?: boolean;
  readonly defaultSort?: string;
}

export function ServerList<T>(props: Props<T>) {
  const { noun, path, rowKey, filters = [], fixed = {}, sheet, onOpen } = props;
  const address = useAddress();
  const { columns, toggle } = useColumns(props.columns, address);
  const sort = address.get('sort') ?? props.defaultSort;
  const query = {
    ...fixed,
    ...Object.fromEntries(filters.map(({ name }) => [name, address.get(name)])),
    q: address.get('q'),
    sort,
  };
  const pages = useReadPages<T>(path, { ...query, limit: '50' });
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.items) ?? [], [pages.data]);
  const total = pages.data?.pages[0]?.total ?? 0;
  const openKey = address.get('open');
  const open = rows.find((row) => rowKey(row) === openKey);
  const filtered = address.get('q') !== undefined || filters.some(({ name }) => address.get(name));
  return (
    <Panel flush label={noun}>
      <ListBar
        noun={noun}
        address={address}
        filters={filters}
        columns={props.columns}
        shownColumns={columns}
        toggleColumn={toggle}
        searchable={props.searchable ?? true}
        rowsForFile={async () => fileRows(columns, await readAll<T>(withQuery(path, query)))}
      />
      {pages.error !== null && pages.data === undefined ? (
        <div style={{ padding: 16 }}>
          <ProblemPanel error={pages.error} retry={() => void pages.refetch()} />
        </div>
      ) : pages.isPending ? (
        <RowSkeletons />
      ) : rows.length === 0 ? (
        filtered ? (
          <Empty title="Nothing fits these filters">
            <Button size="compact-sm" variant="default" onClick={() => address.replaceAll('')}>
              Clear the filters
            </Button>
          </Empty>
        ) : (
          <Empty title={props.empty.title}>{props.empty.words}</Empty>
        )
      ) : (
        <>
          <DataTable
            label={noun}
            columns={columns}
            rows={rows}
            rowKey={rowKey}
            sortedByServer
            sort={sort}
            onSort={(next) => address.set({ sort: next })}
            onOpen={(row) =>
              sheet === undefined ? onOpen?.(row) : address.set({ open: rowKey(row) })
            }
            openKey={openKey}
            totals={props.totals ?? false}
            most={Number.MAX_SAFE_INTEGER}
          />
          <Group justify="space-between" p="sm" px="lg">
            <Text className="small dim">
              {rows.length} of {total} shown
            </Text>
            {pages.hasNextPage && (
              <Button
                size="compact-sm"
                variant="default"
                loading={pages.isFetchingNextPage}
                onClick={() => void pages.fetchNextPage()}
              >
                Show more
              </Button>
            )}
          </Group>
        </>
      )}
      <Drawer
        opened={open !== undefined && sheet !== undefined}
        onClose={() => address.set({ open: undefined })}
        title={open === undefined ? '' : props.sheetTitle?.(open)}
      >
        {open !== undefined && sheet?.(open)}
      </Drawer>
    </Panel>
  );
}

/** Which columns are shown: those chosen in the address, else those that are not hidden at first. */
export function useColumns<T>(all: readonly Column<T>[], address: AddressState) {
  const given = address.get('columns');
  const columns = useMemo(() => {
    if (given === undefined) return all.filter(({ hidden }) => hidden !== true);
    const names = given.split(',');
    return all.filter(({ id }) => names.includes(id));
  }, [all, given]);
  const toggle = (id: string) => {
    const shown = columns.map((column) => column.id);
    const next = shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id];
    if (next.length > 0) address.set({ columns: next.join(',') });
  };
  return { columns, toggle };
}

interface BarProps<T> {
  readonly noun: string;
  readonly address: AddressState;
  readonly filters: readonly Filter[];
  readonly columns: readonly Column<T>[];
  readonly shownColumns: readonly Column<T>[];
  readonly toggleColumn: (id: string) => void;
  readonly searchable: boolean;
  readonly rowsForFile: () => Promise<(string | number | null)[][]>;
  readonly children?: ReactNode;
}

/** Search, filters, views, columns and files above a list. */
export function ListBar<T>(props: BarProps<T>) {
  const { noun, address, filters, columns, shownColumns, toggleColumn, rowsForFile } = props;
  const active = filters.some(({ name }) => address.get(name) !== undefined) || address.get('q');
  const saveFile = async (save: (name: string, rows: (string | number | null)[][]) => unknown) =>
    save(noun, await rowsForFile());
  return (
    <div className="panel-head no-print" style={{ justifyContent: 'flex-start' }}>
      {props.searchable && <SearchInput address={address} />}
      {filters.map(({ name, label, choices }) => (
        <Select
          key={name}
          aria-label={label}
          placeholder={label}
          data={[...choices]}
          value={address.get(name) ?? null}
          onChange={(value) => address.set({ [name]: value ?? undefined })}
          clearable
          w={{ base: '100%', xs: 170 }}
        />
      ))}
      {props.children}
      {active && (
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconX size={14} />}
          onClick={() =>
            address.set(
              Object.fromEntries(['q', ...filters.map((f) => f.name)].map((n) => [n, undefined])),
            )
          }
        >
          Clear
        </Button>
      )}
      <Group gap={4} ml="auto">
        <Views noun={noun} address={address} />
        <IconMenu label="Columns" icon={<IconColumns3 size={18} />} closeOnItemClick={false}>
          {columns.map(({ id, label }) => (
            <Menu.Item
              key={id}
              onClick={() => toggleColumn(id)}
              leftSection={shownColumns.some((column) => column.id === id) ? '✓' : ' '}
            >
              {label}
            </Menu.Item>
          ))}
        </IconMenu>
        <IconMenu label="Save as a file" icon={<IconDownload size={18} />}>
          <Menu.Label>All that the filters let through</Menu.Label>
          <Menu.Item onClick={() => void saveFile(saveCsv)}>CSV</Menu.Item>
          <Menu.Item onClick={() => void saveFile(saveXlsx)}>XLSX</Menu.Item>
        </IconMenu>
      </Group>
    </div>
  );
}

interface IconMenuProps extends MenuProps {
  readonly label: string;
  readonly icon: ReactNode;
}

function IconMenu({ label, icon, children, ...menu }: IconMenuProps) {
  return (
    <Menu position="bottom-end" {...menu}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} title={label}>
          {icon}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}

/** Searches as one types; `/` comes here. */
function SearchInput({ address }: { address: AddressState }) {
  const given = address.get('q') ?? '';
  const [text, setText] = useState(given);
  const input = useRef<HTMLInputElement>(null);
  const search = useDebouncedCallback((q: string) => address.set({ q: q || undefined }), 250);
  useEffect(() => setText(given), [given]);
  return (
    <TextInput
      ref={input}
      data-search
      aria-label="Search"
      placeholder="Search"
      leftSection={<IconSearch size={16} />}
      value={text}
      w={{ base: '100%', xs: 220 }}
      onChange={(event) => {
        setText(event.currentTarget.value);
        search(event.currentTarget.value);
      }}
    />
  );
}

interface View {
  readonly name: string;
  readonly search: string;
}

function viewsOf(noun: string): View[] {
  const text = localStorage.getItem(`perennial.views.${noun}`);
  return text === null ? [] : (JSON.parse(text) as View[]);
}

/** Addresses kept under a name, in this browser. */
function Views({ noun, address }: { noun: string; address: AddressState }) {
  const [views, setViews] = useState(() => viewsOf(noun));
  const [name, setName] = useState('');
  const keep = (next: View[]) => {
    localStorage.setItem(`perennial.views.${noun}`, JSON.stringify(next));
    setViews(next);
  };
  return (
    <IconMenu label="Views" icon={<IconBookmark size={18} />} width={260}>
      {views.map((view) => (
        <Group key={view.name} gap={0} wrap="nowrap">
          <Menu.Item onClick={() => address.replaceAll(view.search)}>{view.name}</Menu.Item>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Forget ${view.name}`}
            onClick={() => keep(views.filter((one) => one !== view))}
          >
            <IconTrash size={14} />
          </ActionIcon>
        </Group>
      ))}
      {views.length > 0 && <Menu.Divider />}
      <Group gap="xs" p="xs" wrap="nowrap">
        <TextInput
          size="xs"
          aria-label="Name of the view"
          placeholder="Name of this view"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button
          size="xs"
          disabled={name.trim() === ''}
          onClick={() => {
            keep([
              ...views.filter((view) => view.name !== name.trim()),
              { name: name.trim(), search: address.text },
            ]);
            setName('');
          }}
        >
          Keep
        </Button>
      </Group>
    </IconMenu>
  );
}
