/** Cash: payments that need a person first; then all, matched by themselves, to glance over. */
import { Button, FileButton, Group, Select, Stack, Text } from '@mantine/core';
import { IconLock, IconPlus, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import type { Accepted, Page, PayerView, PaymentSummary, RemittanceView } from '../../api/types.ts';
import { newKey, part, sendBytes, withQuery, write } from '../data/client.ts';
import { useAction, useRead, useReadWhile } from '../data/reading.ts';
import { useMay } from '../data/session.ts';
import { ActionDialog, type Asked } from '../parts/action-dialog.tsx';
import { useAddress } from '../parts/address.ts';
import { Choice } from '../parts/choice.tsx';
import { PAYMENT_COLUMNS } from '../parts/columns.tsx';
import { Go, pathOf, useGo } from '../parts/link.tsx';
import { ServerList } from '../parts/list-page.tsx';
import { PageHead, Panel } from '../parts/page.tsx';
import { say } from '../parts/said.tsx';
import { Rows } from '../parts/sections.tsx';
import { Answer, Empty, ProblemPanel, RowSkeletons } from '../parts/states.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { instantText, readersToday } from '../words/dates.ts';
import { isCurrencyCode, moneyText, parseAmount } from '../words/money.ts';
import { choicesOf, PAYMENT_STATES } from '../words/names.ts';
import { PaperRead, saidOfReading } from './payment/paper-read.tsx';

const LISTS = [
  { value: 'cases', label: 'Cases' },
  { value: 'itself', label: 'Matched by itself' },
  { value: 'all', label: 'All payments' },
  { value: 'papers', label: 'Remittance advices' },
  { value: 'payers', label: 'Payers learnt' },
] as const;
type ListName = (typeof LISTS)[number]['value'];

export function CashPage() {
  const go = useGo();
  const may = useMay();
  const address = useAddress();
  const [asked, setAsked] = useState<Asked | null>(null);
  const list = LISTS.find(({ value }) => value === address.get('list'))?.value ?? 'cases';
  return (
    <>
      <PageHead
        title="Cash"
        below="Payments match themselves where there is one reading; the rest waits here for a person."
        actions={
          <>
            {may('payment:import') && (
              <Button
                variant="default"
                leftSection={<IconUpload size={16} />}
                onClick={() => go('/cash/bank-file')}
              >
                Bank file
              </Button>
            )}
            <Button
              variant="default"
              leftSection={<IconLock size={16} />}
              onClick={() => go('/cash/closing')}
            >
              Closing
            </Button>
            {may('payment:create') && (
              <Button leftSection={<IconPlus size={16} />} onClick={() => setAsked(entry(go))}>
                Enter a payment
              </Button>
            )}
          </>
        }
      />
      <Choice
        ofPage
        label="Which payments"
        choices={LISTS}
        value={list}
        choose={(name) => address.replaceAll(name === 'cases' ? '' : `list=${name}`)}
      />
      <List name={list} ask={setAsked} />
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

function List({ name, ask }: { name: ListName; ask: (asked: Asked) => void }) {
  switch (name) {
    case 'itself':
      return <MatchedByItself />;
    case 'papers':
      return <Remittances />;
    case 'payers':
      return <Payers ask={ask} />;
    default:
      return <Payments cases={name === 'cases'} />;
  }
}

const STATE_FILTER = {
  name: 'state',
  label: 'State',
  choices: choicesOf(PAYMENT_STATES),
};

function Payments({ cases }: { cases: boolean }) {
  const go = useGo();
  return (
    <ServerList<PaymentSummary>
      key={cases ? 'cases' : 'all'}
      noun={cases ? 'payment-cases' : 'payments'}
      path="/payments"
      columns={PAYMENT_COLUMNS}
      rowKey={(row) => row.payment}
      fixed={cases ? { state: 'review' } : {}}
      filters={cases ? [] : [STATE_FILTER]}
      defaultSort="-receivedOn"
      onOpen={(row) => go(pathOf.payment(row.payment))}
      totals
      empty={
        cases
          ? {
              title: 'No payment waits for a person',
              words: 'A payment comes here when its reference or amount can be read in two ways.',
            }
          : {
              title: 'No payments yet',
              words: 'They come from bank files and the payment provider, or are entered by hand.',
            }
      }
    />
  );
}

const RULE_WORDS: Readonly<Record<string, string>> = {
  explicit: 'Named with amounts',
  reference: 'Numbers in the reference',
  exact: 'One balance is the amount',
  subset: 'Only these balances sum to it',
  'oldest-first': 'Oldest due first',
  credit: 'Credit used on a later invoice',
};

/** Glanced over, then noted as right all at once; a wrong one opens and is undone. */
function MatchedByItself() {
  const go = useGo();
  const may = useMay();
  const address = useAddress();
  const query = {
    matchedBy: address.get('rule') ?? 'itself',
    checked: 'false',
    state: 'allocated',
    sort: '-receivedOn',
    limit: '200',
  };
  const found = useRead<Page<PaymentSummary>>(withQuery('/payments', query));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const check = useAction(
    (payments: readonly string[], key) => write('POST', '/payments/checked', { payments }, { key }),
    (_, payments) => {
      setChosen(new Set());
      say(`${payments.length} noted as right`);
    },
  );
  const rows = found.data?.items ?? [];
  const right = chosen.size > 0 ? [...chosen] : rows.map(({ payment }) => payment);
  return (
    <Panel flush label="Matched by itself">
      <div className="panel-head no-print">
        <Select
          aria-label="Matched by"
          placeholder="Any rule"
          data={choicesOf(RULE_WORDS)}
          value={address.get('rule') ?? null}
          onChange={(rule) => address.set({ rule: rule ?? undefined })}
          clearable
        />
        {may('payment:allocate') && (
          <Button
            disabled={rows.length === 0}
            loading={check.isPending}
            onClick={() => check.mutate(right)}
          >
            {areRight(chosen.size, rows.length)}
          </Button>
        )}
      </div>
      {check.error !== null && <ProblemPanel error={check.error} />}
      <Answer of={found} loading={<RowSkeletons />}>
        {() =>
          rows.length === 0 ? (
            <Empty title="Nothing to look over">
              Payments that match by themselves come here until somebody has glanced over them.
            </Empty>
          ) : (
            <DataTable
              label="Matched by itself"
              columns={[...PAYMENT_COLUMNS, MATCHED_BY]}
              rows={rows}
              rowKey={(row) => row.payment}
              onOpen={(row) => go(pathOf.payment(row.payment))}
              chosen={chosen}
              onChoose={setChosen}
              totals
            />
          )
        }
      </Answer>
    </Panel>
  );
}

function areRight(chosen: number, shown: number): string {
  if (chosen === 1) return 'This one is right';
  if (chosen > 1) return `These ${chosen} are right`;
  return shown === 1 ? 'It is right' : `All ${shown} are right`;
}

const MATCHED_BY: Column<PaymentSummary> = {
  id: 'matchedBy',
  label: 'Matched by',
  value: (row) => (row.matchedBy === null ? null : (RULE_WORDS[row.matchedBy] ?? row.matchedBy)),
};

function Remittances() {
  const may = useMay();
  const found = useReadWhile<{ items: RemittanceView[] }>('/payments/papers', ({ items }) =>
    items.some(({ reading }) => reading.state === 'reading'),
  );
  const send = useAction(
    (file: File) =>
      sendBytes<RemittanceView>(withQuery('/payments/papers', { fileName: file.name }), file),
    ({ reading }) => say(saidOfReading(reading)),
  );
  return (
    <Panel title="Remittance advices">
      <Stack gap="md">
        <Text className="dim">
          What customers send about their payments: a text, a mail, a PDF or a scan. It proposes
          what a payment pays; nothing is booked from it.
        </Text>
        {may('payment:import') && (
          <Group>
            <FileButton onChange={(file) => file !== null && send.mutate(file)}>
              {(props) => (
                <Button {...props} variant="default" loading={send.isPending}>
                  Read one
                </Button>
              )}
            </FileButton>
          </Group>
        )}
        {send.error !== null && <ProblemPanel error={send.error} />}
        <Answer of={found} loading={<RowSkeletons />}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title="None yet">
                The ones that are read stand here, the open ones first.
              </Empty>
            ) : (
              items.map((paper) => <RemittanceRow key={paper.paper} paper={paper} />)
            )
          }
        </Answer>
      </Stack>
    </Panel>
  );
}

function RemittanceRow({ paper }: { paper: RemittanceView }) {
  const attach = useAction(
    (payment: string, key) =>
      write('POST', `/payments/papers/${part(paper.paper)}/attach`, { payment }, { key }),
    () => say('Noted'),
  );
  return (
    <div>
      <Group justify="space-between">
        <Text fw={500}>{paper.fileName}</Text>
        {paper.payment !== null && <Go to={pathOf.payment(paper.payment)}>Its payment</Go>}
        {paper.fits.map(({ payment, name }) => (
          <Button
            key={payment}
            size="compact-sm"
            variant="default"
            onClick={() => attach.mutate(payment)}
          >
            It is of {name}
          </Button>
        ))}
      </Group>
      <PaperRead paper={paper} />
      {attach.error !== null && <ProblemPanel error={attach.error} />}
    </div>
  );
}

/** Who pays from which bank account, as decisions taught it; each can be forgotten. */
function Payers({ ask }: { ask: (asked: Asked) => void }) {
  const may = useMay();
  const found = useRead<{ items: PayerView[] }>('/bank-accounts');
  const columns: Column<PayerView>[] = [
    { id: 'bankAccount', label: 'Bank account', title: true, value: (row) => row.bankAccount },
    {
      id: 'account',
      label: 'Pays for',
      value: (row) => row.account.name,
      cell: (row) => <Go to={pathOf.account(row.account.account)}>{row.account.name}</Go>,
    },
    {
      id: 'payment',
      label: 'Learnt from',
      value: (row) => row.learntAt,
      cell: (row) => <Go to={pathOf.payment(row.payment)}>{instantText(row.learntAt)}</Go>,
    },
    {
      id: 'forget',
      label: '',
      value: () => null,
      cell: (row) =>
        may('payment:allocate') && (
          <Button size="compact-sm" variant="default" onClick={() => ask(forget(row))}>
            Forget
          </Button>
        ),
    },
  ];
  return (
    <Answer of={found} loading={<RowSkeletons />}>
      {({ items }) => (
        <Rows
          label="Payers learnt"
          columns={columns}
          rows={items}
          rowKey={(row) => `${row.bankAccount} ${row.account.account}`}
          empty="No payer has been learnt yet"
          emptyWords="When a person decides whose money it is, the bank account it came from is remembered."
        />
      )}
    </Answer>
  );
}

const forget = ({ bankAccount, account }: PayerView): Asked => ({
  title: 'Forget this payer',
  what: `Payments from ${bankAccount} are not taken for ${account.name}’s any more. What was allocated stays.`,
  button: 'Forget',
  danger: true,
  act: () =>
    write('DELETE', `/accounts/${part(account.account)}/bank-accounts/${part(bankAccount)}`),
  done: () => say('Forgotten'),
});

function entry(go: (to: string) => void): Asked {
  return {
    title: 'Enter a payment',
    what: ({ amount = '', currency = '' }) => {
      const minor = isCurrencyCode(currency) ? parseAmount(amount, currency) : null;
      return minor === null
        ? 'It is matched like any other: by its reference, by its amount, else by you.'
        : `Records ${moneyText({ amount: minor, currency })} as received, and matches it like any other payment.`;
    },
    fields: [
      {
        name: 'amount',
        label: 'Amount',
        kind: 'text',
        check: (value, { currency = '' }) => {
          const minor = isCurrencyCode(currency) ? parseAmount(value, currency) : 1;
          return minor === null || minor <= 0 ? 'An amount above zero, like 1,190.00' : null;
        },
      },
      {
        name: 'currency',
        label: 'Currency',
        kind: 'text',
        initial: 'USD',
        check: (value) => (isCurrencyCode(value) ? null : 'Three capitals, like EUR'),
      },
      { name: 'receivedOn', label: 'Received on', kind: 'date', initial: readersToday() },
      {
        name: 'reference',
        label: 'Reference',
        kind: 'text',
        optional: true,
        hint: 'The text on the statement; invoice numbers in it are found',
      },
      { name: 'payer', label: 'Payer', kind: 'text', optional: true },
      {
        name: 'account',
        label: 'Customer number',
        kind: 'text',
        optional: true,
        hint: 'Like A-1001, where it is known',
      },
    ],
    button: 'Record it',
    act: ({ amount = '', currency = '', receivedOn, reference, payer, account }, key) =>
      write<Accepted>(
        'POST',
        '/payments',
        {
          amount: { amount: parseAmount(amount, currency), currency },
          receivedOn,
          reference: reference || null,
          payer: payer || null,
          account: account || null,
        },
        { key: key || newKey() },
      ),
    done: (answer) => {
      say('The payment is recorded');
      go(pathOf.payment(decodeURIComponent((answer as Accepted).look.split('/').at(-1) ?? '')));
    },
  };
}
