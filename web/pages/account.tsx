/** A customer: what do we have with them? Balance, how they pay, contracts, licenses, incidents, contacts, and all that happened. */
import { Stack, Text } from '@mantine/core';
import type { AccountPage as Account } from '../../api/types.ts';
import { part } from '../data/client.ts';
import { useRead } from '../data/reading.ts';
import { AccountActions } from '../parts/account-actions.tsx';
import { useAddress, usePathPart } from '../parts/address.ts';
import { Aging } from '../parts/aging.tsx';
import { Moneys } from '../parts/amount.tsx';
import {
  CONTRACT_COLUMNS,
  INVOICE_COLUMNS,
  LICENSE_COLUMNS,
  PAYMENT_COLUMNS,
} from '../parts/columns.tsx';
import { Contacts } from '../parts/contacts.tsx';
import { mailsSection } from '../parts/kept-sections.tsx';
import { Go, pathOf, useGo } from '../parts/link.tsx';
import { Undelivered } from '../parts/mails.tsx';
import { Facts, Figure, PageHead, Panel } from '../parts/page.tsx';
import { Rows, rowsSection, type Section, Sections } from '../parts/sections.tsx';
import { Statement } from '../parts/statement.tsx';
import { Answer, Empty } from '../parts/states.tsx';
import type { Column } from '../parts/table.tsx';
import { dayText, readersToday } from '../words/dates.ts';
import { Timeline } from './contract/timeline.tsx';

export function AccountPage() {
  const account = usePathPart('account');
  const page = useRead<Account>(`/accounts/${part(account)}`);
  return <Answer of={page}>{(data) => <Shown account={data} />}</Answer>;
}

function Shown({ account }: { account: Account }) {
  const address = useAddress();
  return (
    <>
      <PageHead
        trail={[{ to: '/accounts', words: 'Customers' }]}
        title={account.name}
        below={`${account.account}${account.status === 'closed' ? ', closed' : ''}${
          account.clock === null ? '' : `, in the rehearsal ${account.clock}`
        }`}
        actions={<AccountActions account={account} />}
      />
      <Stack gap="lg">
        <Merged account={account} />
        <Undelivered mails={account.mails} show={() => address.set({ tab: 'mails' })} />
        <div className="figures">
          <Figure
            name="Balance"
            value={<Moneys moneys={account.balances.map(({ balance }) => balance)} />}
            below="open invoices less unapplied credit"
          />
          <Figure name="Overdue" value={<Moneys moneys={account.overdue} />} />
          <Figure name="Unapplied credit" value={<Moneys moneys={account.unappliedCredit} />} />
          <Figure
            name="Pays after"
            value={account.averageDaysToPay === null ? '–' : `${account.averageDaysToPay} days`}
            below="from issue, on average"
          />
        </div>
        <Sections sections={sectionsOf(account)} />
      </Stack>
    </>
  );
}

/** Which customer answers for it since it was merged, or for whom it answers. */
function Merged({ account: { mergedInto, merged } }: { account: Account }) {
  if (mergedInto === null && merged.length === 0) return null;
  return (
    <Panel>
      {mergedInto !== null && (
        <Text>
          Merged into{' '}
          <Go to={pathOf.account(mergedInto.account)}>
            {mergedInto.name} ({mergedInto.account})
          </Go>
          . What was issued to it stays here; the other pays it.
        </Text>
      )}
      {merged.map((one) => (
        <Text key={one.account}>
          <Go to={pathOf.account(one.account)}>
            {one.name} ({one.account})
          </Go>{' '}
          was merged into it
          {one.open.length > 0 && (
            <>
              ; still open there: <Moneys moneys={one.open} />
            </>
          )}
          .
        </Text>
      ))}
    </Panel>
  );
}

function sectionsOf(account: Account): Section[] {
  return [
    {
      name: 'contracts',
      title: 'Contracts',
      count: account.contracts.length,
      body: <Contracts account={account} />,
    },
    rowsSection({
      name: 'invoices',
      title: 'Invoices',
      columns: INVOICE_COLUMNS,
      rows: account.invoices,
      rowKey: (row) => row.invoice,
      empty: 'Nothing billed yet',
      totals: true,
    }),
    rowsSection({
      name: 'payments',
      title: 'Payments',
      columns: PAYMENT_COLUMNS,
      rows: account.payments,
      rowKey: (row) => row.payment,
      empty: 'No payment yet',
      totals: true,
    }),
    { name: 'age', title: 'By age', body: <ByAge account={account} /> },
    {
      name: 'statement',
      title: 'Statement',
      body: <Statement account={account.account} />,
    },
    rowsSection({
      name: 'licenses',
      title: 'Licenses',
      columns: LICENSE_COLUMNS,
      rows: account.licenses,
      rowKey: (row) => row.license,
      empty: 'No license',
    }),
    {
      name: 'contacts',
      title: 'Contacts',
      count: account.contacts.length,
      body: <Contacts account={account} />,
    },
    mailsSection(account.mails),
    rowsSection({
      name: 'incidents',
      title: 'Incidents',
      columns: INCIDENT_COLUMNS,
      rows: account.incidents,
      rowKey: (row) => row.incident,
      empty: 'No support incident',
    }),
    { name: 'about', title: 'About', body: <About account={account} /> },
  ];
}

function Contracts({ account }: { account: Account }) {
  const go = useGo();
  return (
    <Rows
      label="Contracts"
      columns={CONTRACT_COLUMNS.filter(({ id }) => id !== 'account')}
      rows={account.contracts}
      rowKey={(row) => row.contract}
      onOpen={(row) => go(pathOf.contract(row.contract))}
      empty="No contract"
    />
  );
}

function ByAge({ account }: { account: Account }) {
  if (account.balances.length === 0)
    return (
      <Panel>
        <Empty title="Nothing is open">
          Open invoices stand here by age, from the day they are issued until they are paid.
        </Empty>
      </Panel>
    );
  return (
    <div className="currencies">
      {account.balances.map((one) => (
        <Aging key={one.currency} totals={one} balance={one.balance} />
      ))}
    </div>
  );
}

function About({ account }: { account: Account }) {
  return (
    <div className="grid-2">
      <Panel title="What happened">
        {account.timeline.length === 0 && account.notes.length === 0 && (
          <Empty title="Nothing here yet">
            What Perennial does for this customer is told here, day by day.
          </Empty>
        )}
        <Timeline entries={account.timeline} today={readersToday()} />
        {account.notes.map((note) => (
          <div key={note.key} style={{ marginTop: 12 }}>
            <Text fw={500}>{note.subject}</Text>
            <Text className="small dim">{dayText(note.on)}</Text>
            <Text style={{ whiteSpace: 'pre-wrap' }}>{note.body}</Text>
          </div>
        ))}
      </Panel>
      <Panel title="Data">
        <Facts
          facts={[
            { name: 'Address', value: account.address.join(', ') },
            { name: 'Invoices go to', value: account.billingEmail },
            { name: 'Payment terms', value: account.paymentTerms },
            { name: 'Order number', value: account.poRequired ? 'required' : 'not required' },
            { name: 'Tax id', value: account.taxId },
            { name: 'Language', value: account.language },
            { name: 'Currency', value: account.currency },
            { name: 'Entity', value: sellersText(account.sellers) },
            { name: 'Owner', value: account.ownerEmail },
            {
              name: 'Part of',
              value:
                account.parent === null ? null : (
                  <Go to={pathOf.account(account.parent)}>{account.parent}</Go>
                ),
            },
            {
              name: 'Insolvent since',
              value: account.insolventSince === null ? null : dayText(account.insolventSince),
            },
          ]}
        />
      </Panel>
    </div>
  );
}

const INCIDENT_COLUMNS: readonly Column<Account['incidents'][number]>[] = [
  { id: 'incident', label: 'Incident', title: true, value: (row) => row.incident },
  { id: 'subject', label: 'Subject', value: (row) => row.subject },
  { id: 'severity', label: 'Severity', value: (row) => row.severity },
  { id: 'opened', label: 'Opened', value: (row) => row.opened, cell: (row) => dayText(row.opened) },
  {
    id: 'closed',
    label: 'Closed',
    value: (row) => row.closed,
    cell: (row) => (row.closed === null ? 'open' : dayText(row.closed)),
  },
  { id: 'minutes', label: 'Minutes', numeric: true, value: (row) => row.minutes },
];

/** "HQ", or, where it was moved, "HQ, SWISS from 1 December 2026". */
const sellersText = (sellers: Account['sellers']): string =>
  sellers
    .map(({ entity, since }) => (since === null ? entity : `${entity} from ${dayText(since)}`))
    .join(', ');
