/** A contract: what is going on here? Where it stands, the timeline in words, subcontracts on a time axis, and actions. */
import { Alert, Button, Menu, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconArrowRight, IconChevronDown } from '@tabler/icons-react';
import { useState } from 'react';
import type { ContractPage as Contract, RenewalView, TimelineEntry } from '../../../api/types.ts';
import { part } from '../../data/client.ts';
import { useRead } from '../../data/reading.ts';
import { useMay } from '../../data/session.ts';
import { ActionDialog, type Asked } from '../../parts/action-dialog.tsx';
import { usePathPart } from '../../parts/address.ts';
import { billNow } from '../../parts/bill-now.tsx';
import { INVOICE_COLUMNS, LICENSE_COLUMNS, PAYMENT_COLUMNS } from '../../parts/columns.tsx';
import { keptSections, ProcessLink } from '../../parts/kept-sections.tsx';
import { Go, pathOf, useGo } from '../../parts/link.tsx';
import { Facts, PageHead, Panel } from '../../parts/page.tsx';
import { Rows, rowsSection, type Section, Sections } from '../../parts/sections.tsx';
import { Answer, StateChip } from '../../parts/states.tsx';
import { type Column, moneyColumn } from '../../parts/table.tsx';
import { dayText, relativeText, spoken, weekdayText } from '../../words/dates.ts';
import { moneyText } from '../../words/money.ts';
import { CONTRACT_STATES, frequencyWords, RENEWAL_STATES } from '../../words/names.ts';
import { ContractOrders } from '../purchase-orders.tsx';
import { formOf, VERBS } from './actions.tsx';
import { Subcontracts } from './subcontracts.tsx';
import { Timeline } from './timeline.tsx';

export function ContractPage() {
  const contract = usePathPart('contract');
  const page = useRead<Contract>(`/contracts/${part(contract)}`);
  return <Answer of={page}>{(data) => <Shown contract={data} />}</Answer>;
}

function Shown({ contract }: { contract: Contract }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <>
      <PageHead
        trail={[{ to: '/contracts', words: 'Contracts' }]}
        title={contract.contract}
        beside={<StateChip state={CONTRACT_STATES[contract.status]} />}
        below={
          <>
            <Go to={pathOf.account(contract.account.account)}>{contract.account.name}</Go>
            {contract.clock !== null && `, in the rehearsal ${contract.clock}`}
          </>
        }
        actions={<Actions contract={contract} ask={setAsked} />}
      />
      <Stack gap="lg">
        <Now contract={contract} ask={setAsked} />
        <Sections sections={sectionsOf(contract)} />
        <ProcessLink url={contract.temporalUiUrl} />
      </Stack>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

interface Props {
  readonly contract: Contract;
  readonly ask: (asked: Asked) => void;
}

function Actions({ contract, ask }: Props) {
  const may = useMay();
  const go = useGo();
  const verbs = contract.may.filter((verb) => verb !== 'resolve' && verb !== 'decide-renewal');
  const first = contract.may.includes('decide-renewal') ? 'decide-renewal' : null;
  const bills = may('bill-run:start') && contract.status !== 'draft';
  if (verbs.length === 0 && first === null && !bills) return null;
  return (
    <>
      {bills && (
        <Button variant="default" onClick={() => ask(billNow(contract, go))}>
          Bill now…
        </Button>
      )}
      {first !== null && (
        <Button onClick={() => ask(formOf(first, contract))}>{VERBS[first]}</Button>
      )}
      {verbs.length > 0 && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={16} />}>
              Change
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {verbs.map((verb) => (
              <Menu.Item key={verb} onClick={() => ask(formOf(verb, contract))}>
                {VERBS[verb]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

/** Where it stands and what comes next, and when. */
function Now({ contract, ask }: Props) {
  const { needsAttention, words, nextStep, nextStepOn, today } = contract;
  if (needsAttention !== null)
    return (
      <Alert
        icon={<IconAlertTriangle size={20} />}
        color="yellow"
        title={`It needs a person: ${spoken(needsAttention)}`}
      >
        Other contracts are not delayed by it.
        {contract.may.includes('resolve') && (
          <div style={{ marginTop: 8 }}>
            <Button size="xs" onClick={() => ask(formOf('resolve', contract))}>
              {VERBS.resolve}
            </Button>
          </div>
        )}
      </Alert>
    );
  return (
    <Panel>
      <Text size="lg" fw={600}>
        {spoken(words ?? 'Its lifecycle has not begun')}
      </Text>
      {nextStep !== null && (
        <Text className="dim">
          <IconArrowRight size={15} style={{ verticalAlign: '-2px' }} aria-hidden /> Next:{' '}
          {spoken(nextStep)}
          {nextStepOn !== null &&
            `, ${weekdayText(nextStepOn)} (${relativeText(nextStepOn, today)})`}
        </Text>
      )}
    </Panel>
  );
}

function sectionsOf(contract: Contract): Section[] {
  return [
    { name: 'overview', title: 'Overview', body: <Overview contract={contract} /> },
    {
      name: 'subcontracts',
      title: 'Subcontracts',
      count: contract.subcontracts.length,
      body: <Subcontracts contract={contract} />,
    },
    {
      name: 'invoices',
      title: 'Invoices',
      count: contract.invoices.length,
      body: <Invoices contract={contract} />,
    },
    rowsSection({
      name: 'payments',
      title: 'Payments',
      columns: PAYMENT_COLUMNS,
      rows: contract.payments,
      rowKey: (row) => row.payment,
      empty: 'No payment yet',
    }),
    rowsSection({
      name: 'licenses',
      title: 'Licenses',
      columns: LICENSE_COLUMNS,
      rows: contract.licenses,
      rowKey: (row) => row.license,
      empty: 'No license yet',
      emptyWords:
        'A license is issued when its subcontract is paid, and a temporary one while billing is delayed.',
    }),
    rowsSection({
      name: 'renewals',
      title: 'Renewals',
      columns: RENEWAL_COLUMNS,
      rows: contract.renewals,
      rowKey: (row) => row.renewal,
      empty: 'No renewal agreement yet',
      emptyWords: "It is drawn up before the term's end; the timeline says when.",
    }),
    {
      name: 'orders',
      title: 'Purchase orders',
      body: <ContractOrders contract={contract.contract} />,
    },
    ...keptSections(contract),
  ];
}

function Invoices({ contract }: { contract: Contract }) {
  const go = useGo();
  return (
    <Rows
      label="Invoices"
      columns={INVOICE_COLUMNS}
      rows={contract.invoices}
      rowKey={(row) => row.invoice}
      onOpen={(row) => go(pathOf.invoice(row.invoice))}
      empty="Nothing billed yet"
      emptyWords="The next bill run bills what is due."
      totals
    />
  );
}

/** What was imported has no events of its own: its documents and payments tell the past all the same. */
function withHistory({ timeline, invoices, payments }: Contract): TimelineEntry[] {
  const told = new Set(timeline.flatMap(({ references }) => Object.values(references)));
  const past = [
    ...invoices
      .filter(({ invoice }) => !told.has(invoice))
      .map(({ invoice, issuedOn, total, type }) => ({
        on: issuedOn,
        kind: 'issued',
        words: `${type === 'credit_note' ? 'Credit note' : 'Invoice'} ${invoice} over ${moneyText(total)} was issued`,
        references: { invoice },
      })),
    ...payments
      .filter(({ payment }) => !told.has(payment))
      .map(({ payment, receivedOn, amount }) => ({
        on: receivedOn,
        kind: 'paid',
        words: `A payment of ${moneyText(amount)} was received`,
        references: { payment },
      })),
  ].map((entry) => ({ ...entry, tense: 'past' as const }));
  const before = [...past, ...timeline.filter(({ tense }) => tense === 'past')];
  return [
    ...before.sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0)),
    ...timeline.filter(({ tense }) => tense !== 'past'),
  ];
}

function Overview({ contract }: { contract: Contract }) {
  return (
    <div className="grid-2">
      <Panel title="Timeline">
        <Timeline entries={withHistory(contract)} today={contract.today} />
      </Panel>
      <Panel title="Agreed">
        <Facts
          facts={[
            { name: 'Term', value: `${dayText(contract.start)} – ${dayText(contract.end)}` },
            { name: 'Billed', value: frequencyWords(contract.billingFrequency) },
            { name: 'Renews', value: contract.autoRenew ? 'by itself' : 'when accepted' },
            {
              name: 'Notice',
              value: contract.noticeDays === null ? null : `${contract.noticeDays} days`,
            },
            {
              name: 'Notice received',
              value: contract.noticeReceived === null ? null : dayText(contract.noticeReceived),
            },
            {
              name: 'Terminated on',
              value: contract.terminatedOn === null ? null : dayText(contract.terminatedOn),
            },
            { name: 'Payment terms', value: contract.paymentTerms },
            { name: 'Currency', value: contract.currency },
            { name: 'Price list', value: contract.priceList },
            {
              name: 'Discount',
              value: contract.discountPercent === null ? null : `${contract.discountPercent} %`,
            },
            { name: 'Order number', value: contract.poNumber },
            { name: 'Entity', value: contract.entity },
          ]}
        />
      </Panel>
    </div>
  );
}

const RENEWAL_COLUMNS: readonly Column<RenewalView>[] = [
  {
    id: 'term',
    label: 'Next term',
    title: true,
    value: (row) => row.termStart,
    cell: (row) => `${dayText(row.termStart)} – ${dayText(row.termEnd)}`,
  },
  moneyColumn('value', 'Value', (row) => row.value),
  moneyColumn('before', 'This term', (row) => row.previousValue),
  {
    id: 'state',
    label: 'State',
    value: (row) => RENEWAL_STATES[row.state].words,
    cell: (row) => <StateChip state={RENEWAL_STATES[row.state]} />,
  },
];
