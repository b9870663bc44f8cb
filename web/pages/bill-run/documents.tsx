/** The documents of a run, the largest difference to last year first; filters live in the address, a sheet opens one. */
import { Button, Drawer, Group, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { BillRunItem, BillRunReview } from '../../../api/types.ts';
import { useAddress } from '../../parts/address.ts';
import { Difference } from '../../parts/amount.tsx';
import { Go, pathOf } from '../../parts/link.tsx';
import { type Filter, ListBar, useColumns } from '../../parts/list-page.tsx';
import { Panel } from '../../parts/page.tsx';
import { Empty, ProblemPanel, RowSkeletons } from '../../parts/states.tsx';
import { type Column, DataTable, moneyColumn } from '../../parts/table.tsx';
import { ITEM_KINDS } from '../../words/names.ts';
import { fileRows } from '../../words/rows.ts';
import type { Change } from './bill-run.tsx';
import { ItemSheet } from './item-sheet.tsx';

const COLUMNS: readonly Column<BillRunItem>[] = [
  {
    id: 'contract',
    label: 'Contract',
    title: true,
    value: (row) => row.contract ?? row.account?.account ?? null,
    cell: (row) => (
      <>
        {row.contract ?? row.account?.account ?? '–'}
        {row.kind === 'credit_note' && <span className="sub">Credit note</span>}
        {row.decision === 'exclude' && <span className="sub text-warn">Left out</span>}
        {row.decision === 'hold' && <span className="sub text-warn">Held</span>}
      </>
    ),
  },
  {
    id: 'account',
    label: 'Customer',
    value: (row) => row.account?.name ?? null,
    cell: (row) => (
      <span className="broad">
        {row.account?.name}
        {row.caughtUp > 0 && <span className="sub">caught up from an earlier run</span>}
      </span>
    ),
  },
  moneyColumn('difference', 'To last year', (row) => row.difference, {
    cell: (row) => <Difference money={row.difference} />,
  }),
  { id: 'net', label: 'Net', value: (row) => row.net?.amount ?? 0, money: (row) => row.net },
  moneyColumn('lastYear', 'Last year', (row) => row.lastYear),
  moneyColumn('lastMonth', 'Last month', (row) => row.lastMonth, { hidden: true }),
  {
    id: 'tax',
    label: 'Tax',
    value: (row) => row.tax?.amount ?? 0,
    money: (row) => row.tax,
    hidden: true,
  },
  {
    id: 'total',
    label: 'Total',
    value: (row) => row.total?.amount ?? 0,
    money: (row) => row.total,
  },
  { id: 'currency', label: 'Currency', value: (row) => row.currency },
  { id: 'entity', label: 'Entity', value: (row) => row.entity, hidden: true },
  {
    id: 'invoice',
    label: 'Number',
    value: (row) => row.invoice,
    cell: (row) =>
      row.invoice === null ? (
        <span className={row.state === 'failed' ? 'text-bad' : 'dim'}>
          {row.state === 'failed' ? 'failed' : '–'}
        </span>
      ) : (
        <Go to={pathOf.invoice(row.invoice)}>{row.invoice}</Go>
      ),
  },
];
const BY_SIZE = ['difference'];

interface Props {
  readonly review: BillRunReview;
  readonly items: UseQueryResult<BillRunItem[]>;
  readonly change: (change: Change) => void;
}

export function Documents({ review, items, change }: Props) {
  const address = useAddress();
  const issued = review.state === 'issued' || review.state === 'issuing';
  const offered = useMemo(() => COLUMNS.filter(({ id }) => id !== 'invoice' || issued), [issued]);
  const { columns, toggle } = useColumns(offered, address);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const documents = useMemo(
    () => (items.data ?? []).filter(({ kind }) => kind === 'invoice' || kind === 'credit_note'),
    [items.data],
  );
  const filters = filtersOf(documents);
  const rows = useFiltered(documents, filters, address);
  const open = items.data?.find(({ item }) => item === address.get('open'));
  const sort = address.get('sort') ?? '-difference';
  const chosenRows = rows.filter(({ item }) => chosen.has(item));
  const act = (to: Change['to']) => {
    change({ items: chosenRows, to });
    setChosen(new Set());
  };
  return (
    <Panel
      flush
      title="Contracts"
      beside={<span className="dim">{documents.length} documents</span>}
      label="Contracts"
    >
      <ListBar
        noun={`bill-run-${review.run}`}
        address={address}
        filters={filters}
        columns={offered}
        shownColumns={columns}
        toggleColumn={toggle}
        searchable
        rowsForFile={async () => fileRows(columns, rows)}
      />
      {chosenRows.length > 0 && review.may.change && (
        <Group px="lg" pb="sm" className="no-print">
          <Text>{chosenRows.length} chosen</Text>
          <Button size="compact-sm" variant="default" onClick={() => act('exclude')}>
            Leave out
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => act('hold')}>
            Hold
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => act('include')}>
            Include
          </Button>
        </Group>
      )}
      {items.error !== null && items.data === undefined ? (
        <ProblemPanel error={items.error} retry={() => void items.refetch()} />
      ) : items.isPending ? (
        <RowSkeletons />
      ) : rows.length === 0 ? (
        <Empty title={documents.length === 0 ? 'Nothing to bill' : 'Nothing fits these filters'}>
          {documents.length === 0 &&
            'Every period that starts before the horizon is billed already.'}
        </Empty>
      ) : (
        <DataTable
          label="Contracts of the run"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.item}
          sort={sort}
          onSort={(next) => address.set({ sort: next })}
          onOpen={(row) => address.set({ open: row.item })}
          openKey={open?.item}
          totals
          most={40}
          bySize={BY_SIZE}
          {...(review.may.change ? { chosen, onChoose: setChosen } : {})}
        />
      )}
      <Drawer
        opened={open !== undefined}
        onClose={() => address.set({ open: undefined })}
        size="min(760px, 100%)"
        title={open === undefined ? '' : `${open.contract ?? open.account?.name ?? ''}`}
      >
        {open !== undefined && <ItemSheet review={review} item={open} change={change} />}
      </Drawer>
    </Panel>
  );
}

function filtersOf(rows: readonly BillRunItem[]): Filter[] {
  const choices = (value: (row: BillRunItem) => string | null) =>
    [...new Set(rows.map(value))]
      .filter((one): one is string => one !== null)
      .sort()
      .map((one) => ({ value: one, label: one }));
  return [
    { name: 'entity', label: 'Entity', choices: choices((row) => row.entity) },
    { name: 'currency', label: 'Currency', choices: choices((row) => row.currency) },
    {
      name: 'show',
      label: 'Show',
      choices: [
        { value: 'changed', label: 'Different from last year' },
        { value: 'new', label: 'New this year' },
        { value: 'caught-up', label: 'Caught up' },
        { value: 'credit_note', label: `${ITEM_KINDS.credit_note}s` },
        { value: 'out', label: 'Left out or held' },
        { value: 'failed', label: 'Failed' },
      ],
    },
  ];
}

const SHOW: Readonly<Record<string, (row: BillRunItem) => boolean>> = {
  changed: (row) => row.difference !== null && row.difference.amount !== 0,
  new: (row) => row.lastYear === null,
  'caught-up': (row) => row.caughtUp > 0,
  credit_note: (row) => row.kind === 'credit_note',
  out: (row) => row.decision !== 'include',
  failed: (row) => row.state === 'failed',
};

function useFiltered(
  rows: readonly BillRunItem[],
  filters: readonly Filter[],
  address: { get(name: string): string | undefined },
): readonly BillRunItem[] {
  const q = (address.get('q') ?? '').toLowerCase();
  const given = filters.map(({ name }) => [name, address.get(name)] as const);
  const key = JSON.stringify([q, given]);
  return useMemo(() => {
    const show = SHOW[address.get('show') ?? ''];
    const [entity, currency] = [address.get('entity'), address.get('currency')];
    return rows.filter(
      (row) =>
        (entity === undefined || row.entity === entity) &&
        (currency === undefined || row.currency === currency) &&
        (show === undefined || show(row)) &&
        (q === '' ||
          `${row.contract} ${row.account?.name} ${row.account?.account} ${row.invoice}`
            .toLowerCase()
            .includes(q)),
    );
  }, [rows, key]);
}
