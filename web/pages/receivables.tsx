/** Receivables: who owes us? Aging as bars and as a table, by entity; a sheet an account with what can be done. */
import { Button, Drawer, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { InvoicePage, InvoiceSummary, ReceivableRow, Receivables } from '../../api/types.ts';
import { part, read, withQuery } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { ActionDialog, type Asked } from '../parts/action-dialog.tsx';
import { useAddress } from '../parts/address.ts';
import { AGES, Aging } from '../parts/aging.tsx';
import { INVOICE_COLUMNS } from '../parts/columns.tsx';
import { saveCsv } from '../parts/files.ts';
import { Go, pathOf } from '../parts/link.tsx';
import { ListBar, useColumns } from '../parts/list-page.tsx';
import { Facts, PageHead, Panel } from '../parts/page.tsx';
import { Rows } from '../parts/sections.tsx';
import { Answer, Empty } from '../parts/states.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { dayText, spoken, weekdayText } from '../words/dates.ts';
import { amountText, moneyText } from '../words/money.ts';
import { counted } from '../words/names.ts';
import { type FileColumn, fileRows } from '../words/rows.ts';
import { formOf, VERBS } from './invoice-actions.tsx';

const minor = (value: (row: ReceivableRow) => number) => ({
  value,
  money: (row: ReceivableRow) => ({ amount: value(row), currency: row.currency }),
});

const COLUMNS: readonly Column<ReceivableRow>[] = [
  {
    id: 'account',
    label: 'Customer',
    title: true,
    value: (row) => row.account.name,
    cell: (row) => (
      <span className="broad">
        {row.account.name}
        <span className="sub">{standing(row)}</span>
      </span>
    ),
  },
  { id: 'currency', label: 'Currency', value: (row) => row.currency },
  { id: 'overdue', label: 'Overdue', ...minor((row) => row.open - row.notDue) },
  { id: 'open', label: 'Open', ...minor((row) => row.open) },
  { id: 'notDue', label: AGES['not-due'], ...minor((row) => row.notDue) },
  { id: 'days1To30', label: AGES['1-30'], ...minor((row) => row.days1To30) },
  { id: 'days31To60', label: AGES['31-60'], ...minor((row) => row.days31To60) },
  { id: 'days61To90', label: AGES['61-90'], ...minor((row) => row.days61To90) },
  { id: 'over90', label: AGES['over-90'], ...minor((row) => row.over90) },
  { id: 'credit', label: 'Unapplied credit', ...minor((row) => row.unappliedCredit), hidden: true },
  {
    id: 'oldest',
    label: 'Oldest due',
    hidden: true,
    value: (row) => row.oldestDueOn,
    cell: (row) => (
      <span className="nowrap">{row.oldestDueOn === null ? '–' : dayText(row.oldestDueOn)}</span>
    ),
  },
  { id: 'owner', label: 'Owner', value: (row) => row.ownerEmail, hidden: true },
];

/** Reminder, promise, dispute, hold: in words, what holds the most first. */
function standing(row: ReceivableRow): string {
  const parts = [
    row.creditHold ? 'credit hold' : '',
    row.disputed > 0
      ? `${amountText({ amount: row.disputed, currency: row.currency })} disputed`
      : '',
    row.promisedUntil === null ? '' : `promised until ${dayText(row.promisedUntil)}`,
    row.reminderStage > 0 ? `reminder ${row.reminderStage} sent` : '',
  ].filter((one) => one !== '');
  return parts.length === 0 ? counted(row.invoices.length, 'open invoice') : parts.join(', ');
}

export function ReceivablesPage() {
  const address = useAddress();
  const path = withQuery('/reports/receivables', {
    entity: address.get('entity'),
    asOf: address.get('asOf'),
  });
  const report = useRead<Receivables>(path);
  return <Answer of={report}>{(data) => <Shown report={data} />}</Answer>;
}

function Shown({ report }: { report: Receivables }) {
  const address = useAddress();
  return (
    <>
      <PageHead
        title="Receivables"
        below={`As of ${weekdayText(report.asOf)}`}
        actions={
          <>
            <Select
              aria-label="Entity"
              placeholder="All entities"
              clearable
              w={230}
              data={report.entities.map(({ entity, name }) => ({ value: entity, label: name }))}
              value={report.entity}
              onChange={(entity) => address.set({ entity: entity ?? undefined, open: undefined })}
            />
            <TextInput
              type="date"
              aria-label="As of"
              value={address.get('asOf') ?? report.asOf}
              onChange={(event) => address.set({ asOf: event.currentTarget.value || undefined })}
            />
          </>
        }
      />
      {report.rows.length === 0 ? (
        <Panel>
          <Empty title="Nobody owes anything">
            Open invoices stand here by customer and age, from the day they are issued until they
            are paid. Choose an earlier day above to see who owed what then.
          </Empty>
        </Panel>
      ) : (
        <Stack gap="lg">
          <div className="currencies">
            {report.totals.map((totals) => (
              <Aging key={totals.currency} totals={totals} />
            ))}
          </div>
          <Table report={report} />
        </Stack>
      )}
    </>
  );
}

const rowKey = (row: ReceivableRow) =>
  `${row.account.account} ${row.currency} ${row.invoices[0]?.entity ?? ''}`;

function Table({ report }: { report: Receivables }) {
  const address = useAddress();
  const { columns, toggle } = useColumns(COLUMNS, address);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const q = (address.get('q') ?? '').toLowerCase();
  const show = address.get('show');
  const rows = useMemo(
    () =>
      report.rows.filter(
        (row) =>
          (show !== 'overdue' || row.open > row.notDue) &&
          (show !== 'disputed' || row.disputed > 0) &&
          (show !== 'promised' || row.promisedUntil !== null) &&
          (show !== 'hold' || row.creditHold) &&
          (q === '' || `${row.account.name} ${row.account.account}`.toLowerCase().includes(q)),
      ),
    [report.rows, q, show],
  );
  const open = report.rows.find((row) => rowKey(row) === address.get('open'));
  return (
    <Panel flush label="Customers who owe">
      <ListBar
        noun="receivables"
        address={address}
        searchable
        filters={[
          {
            name: 'show',
            label: 'Show',
            choices: [
              { value: 'overdue', label: 'Overdue' },
              { value: 'promised', label: 'Promised' },
              { value: 'disputed', label: 'Disputed' },
              { value: 'hold', label: 'On credit hold' },
            ],
          },
        ]}
        columns={COLUMNS}
        shownColumns={columns}
        toggleColumn={toggle}
        rowsForFile={async () => fileRows(columns, rows)}
      />
      {chosen.size > 0 && (
        <Group px="lg" pb="sm" className="no-print">
          <Text>{chosen.size} chosen</Text>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() =>
              saveCsv(
                'call-list',
                fileRows(
                  CALL_LIST,
                  rows.filter((row) => chosen.has(rowKey(row))),
                ),
              )
            }
          >
            Call list
          </Button>
        </Group>
      )}
      {rows.length === 0 ? (
        <Empty title="Nothing fits these filters" />
      ) : (
        <DataTable
          label="Customers who owe"
          columns={columns}
          rows={rows}
          rowKey={rowKey}
          sort={address.get('sort') ?? '-overdue'}
          onSort={(sort) => address.set({ sort })}
          onOpen={(row) => address.set({ open: rowKey(row) })}
          openKey={open === undefined ? undefined : rowKey(open)}
          chosen={chosen}
          onChoose={setChosen}
          totals
          most={50}
        />
      )}
      <Drawer
        opened={open !== undefined}
        onClose={() => address.set({ open: undefined })}
        title={open?.account.name}
        size="min(820px, 100%)"
      >
        {open !== undefined && <OneCustomer row={open} />}
      </Drawer>
    </Panel>
  );
}

/** Whom to call about what: the worst first, as the list is sorted. */
const CALL_LIST: readonly FileColumn<ReceivableRow>[] = [
  { label: 'Customer', value: (row) => row.account.name },
  { label: 'Number', value: (row) => row.account.account },
  { label: 'Overdue', ...minor((row) => row.open - row.notDue) },
  { label: 'Open', ...minor((row) => row.open) },
  { label: 'Oldest due', value: (row) => row.oldestDueOn },
  { label: 'Standing', value: standing },
  { label: 'Owner', value: (row) => row.ownerEmail },
  { label: 'Invoices', value: (row) => row.invoices.map(({ invoice }) => invoice).join(' ') },
];

function OneCustomer({ row }: { row: ReceivableRow }) {
  const overdue = { amount: row.open - row.notDue, currency: row.currency };
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text className="dim">{standing(row)}</Text>
        <Go to={pathOf.account(row.account.account)}>All about this customer</Go>
      </Group>
      <Facts
        facts={[
          { name: 'Overdue', value: moneyText(overdue) },
          { name: 'Open', value: moneyText({ amount: row.open, currency: row.currency }) },
          {
            name: 'Unapplied credit',
            value: moneyText({ amount: row.unappliedCredit, currency: row.currency }),
          },
          { name: 'Owner', value: row.ownerEmail },
        ]}
      />
      <Rows
        label="Open invoices"
        columns={OPEN_COLUMNS}
        rows={row.invoices}
        rowKey={(invoice) => invoice.invoice}
        empty="No open invoice"
        totals
      />
    </Stack>
  );
}

const OPEN_COLUMNS: readonly Column<InvoiceSummary>[] = [
  ...INVOICE_COLUMNS.filter(({ id }) => id === 'invoice' || id === 'state' || id === 'dueOn'),
  ...INVOICE_COLUMNS.filter(({ id }) => id === 'balance'),
  {
    id: 'act',
    label: 'Decide',
    numeric: true,
    value: () => '',
    cell: (row) => <Decide invoice={row} />,
  },
];

/** A promise or a dispute, noted from the list; what is open to the person is asked for when it is wanted. */
function Decide({ invoice }: { invoice: InvoiceSummary }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const ask = async (verb: 'promise' | 'dispute') => {
    const page = await read<InvoicePage>(`/invoices/${part(invoice.invoice)}`);
    setAsked(
      page.may.includes(verb)
        ? formOf(verb, page)
        : {
            title: VERBS[verb],
            what: `${spoken(page.words)}. Your role or its state does not allow this here.`,
            button: 'Good',
            act: async () => null,
          },
    );
  };
  return (
    <>
      <Group gap={4} justify="flex-end" wrap="nowrap">
        <Button size="compact-sm" variant="default" onClick={() => void ask('promise')}>
          Promise
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => void ask('dispute')}>
          {invoice.disputed ? 'Settle' : 'Dispute'}
        </Button>
      </Group>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}
