/** Sections of an object's page: tables that are empty in words, documents, and who changed what. */
import { Tabs } from '@mantine/core';
import { IconFile } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import type { ChangeView, DocumentView } from '../../api/types.ts';
import { instantText } from '../words/dates.ts';
import { inWords, ROLES, subjectName } from '../words/names.ts';
import { useAddress } from './address.ts';
import { Empty } from './states.tsx';
import { type Column, DataTable } from './table.tsx';

export interface Section {
  readonly name: string;
  readonly title: string;
  readonly count?: number;
  readonly body: ReactNode;
}

/** Which section is open lives in the address. */
export function Sections({ sections }: { sections: readonly Section[] }) {
  const address = useAddress();
  const first = sections[0]?.name ?? '';
  const open = sections.some(({ name }) => name === address.get('tab'))
    ? address.get('tab')
    : first;
  return (
    <Tabs
      value={open ?? first}
      onChange={(name) => address.set({ tab: name === first || name === null ? undefined : name })}
      keepMounted={false}
    >
      <Tabs.List mb="md" style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>
        {sections.map(({ name, title, count }) => (
          <Tabs.Tab key={name} value={name} style={{ whiteSpace: 'nowrap' }}>
            {title}
            {count !== undefined && count > 0 && <span className="dim"> {count}</span>}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {sections.map(({ name, body }) => (
        <Tabs.Panel key={name} value={name}>
          {body}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

interface RowsProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  readonly empty: string;
  readonly emptyWords?: string;
  readonly totals?: boolean;
  readonly onOpen?: (row: T) => void;
}

export function Rows<T>(props: RowsProps<T>) {
  const columns = useMemo(
    () => props.columns.filter(({ hidden }) => hidden !== true),
    [props.columns],
  );
  return (
    <section className="panel flush" aria-label={props.label}>
      {props.rows.length === 0 ? (
        <Empty title={props.empty}>{props.emptyWords}</Empty>
      ) : (
        <DataTable
          label={props.label}
          columns={columns}
          rows={props.rows}
          rowKey={props.rowKey}
          totals={props.totals ?? false}
          {...(props.onOpen === undefined ? {} : { onOpen: props.onOpen })}
          most={50}
        />
      )}
    </section>
  );
}

/** A section that is one table, counted by its rows. */
export function rowsSection<T>({
  name,
  title,
  ...table
}: Omit<RowsProps<T>, 'label'> & Pick<Section, 'name' | 'title'>): Section {
  return { name, title, count: table.rows.length, body: <Rows label={title} {...table} /> };
}

export function Documents({ documents }: { documents: readonly DocumentView[] }) {
  if (documents.length === 0)
    return (
      <section className="panel">
        <Empty title="No documents yet">
          Papers and e-invoices are kept here when an invoice is issued.
        </Empty>
      </section>
    );
  return (
    <section className="panel" style={{ display: 'grid', gap: 8 }}>
      {documents.map(({ key, fileName, mediaType, url }) => (
        <a key={key} href={url} target="_blank" rel="noreferrer" className="side-link">
          <IconFile size={18} aria-hidden />
          <span>
            {fileName}
            <span className="sub">{MEDIA[mediaType] ?? mediaType}</span>
          </span>
        </a>
      ))}
    </section>
  );
}

const MEDIA: Readonly<Record<string, string>> = {
  'application/pdf': 'PDF',
  'application/xml': 'E-invoice (XML)',
  'text/xml': 'E-invoice (XML)',
  'text/html': 'Page',
};

const CHANGE_COLUMNS: readonly Column<ChangeView>[] = [
  {
    id: 'at',
    label: 'When',
    value: (row) => row.at,
    cell: (row) => <span className="nowrap">{instantText(row.at)}</span>,
  },
  {
    id: 'action',
    label: 'What',
    title: true,
    value: (row) => inWords(row.action),
    cell: (row) => (
      <>
        {inWords(row.action)}
        <span className="sub">{subjectName(row.subject)}</span>
      </>
    ),
  },
  {
    id: 'actor',
    label: 'Who',
    value: (row) => row.actor,
    cell: (row) => (
      <>
        {row.actor}
        <span className="sub">{ROLES[row.role as keyof typeof ROLES] ?? row.role}</span>
      </>
    ),
  },
  { id: 'reason', label: 'Why', wide: true, value: (row) => row.reason },
];

export function Changes({ changes }: { changes: readonly ChangeView[] }) {
  return (
    <Rows
      label="Changes"
      columns={CHANGE_COLUMNS}
      rows={[...changes].reverse()}
      rowKey={(row) => String(row.seq)}
      empty="No changes by people yet"
      emptyWords="Whatever somebody does here is kept with who, when and why."
    />
  );
}
