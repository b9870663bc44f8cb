/** A payment: whose money is this? What arrived on the left, ranked candidates with reasons on the right; what is left is credit. */
import { Alert, Button, Checkbox, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import type {
  AllocationView,
  Approval,
  InvoiceSummary,
  PaymentPage as Payment,
} from '../../api/types.ts';
import { part, write } from '../data/client.ts';
import { useAction, useRead } from '../data/reading.ts';
import { ActionDialog, type Asked } from '../parts/action-dialog.tsx';
import { usePathPart } from '../parts/address.ts';
import { Go, pathOf } from '../parts/link.tsx';
import { Facts, PageHead, Panel } from '../parts/page.tsx';
import { say } from '../parts/said.tsx';
import { Changes, Rows } from '../parts/sections.tsx';
import { Answer, Empty, ProblemPanel, StateChip } from '../parts/states.tsx';
import type { Column } from '../parts/table.tsx';
import { dayText, spoken, weekdayText } from '../words/dates.ts';
import { amountText, decimalText, moneyText, parseAmount } from '../words/money.ts';
import { inWords, PAYMENT_STATES, paymentName } from '../words/names.ts';

export function PaymentPage() {
  const payment = usePathPart('payment');
  const page = useRead<Payment>(`/payments/${part(payment)}`);
  return (
    <Answer of={page}>{(data) => <Shown key={data.unapplied.amount} payment={data} />}</Answer>
  );
}

function Shown({ payment }: { payment: Payment }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <>
      <PageHead
        trail={[{ to: '/cash', words: 'Cash' }]}
        title={paymentName(payment)}
        beside={<StateChip state={PAYMENT_STATES[payment.state]} />}
        below={spoken(payment.words)}
        actions={
          payment.may.includes('refund') && (
            <Button variant="default" onClick={() => setAsked(refund(payment))}>
              Refund
            </Button>
          )
        }
      />
      <div
        className="grid-2"
        style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 380px), 1fr))' }}
      >
        <Stack gap="lg">
          <Arrived payment={payment} />
          <Rows
            label="Allocated"
            columns={ALLOCATIONS}
            rows={payment.allocations}
            rowKey={(row) => String(row.id)}
            empty="Nothing allocated yet"
            totals
          />
        </Stack>
        {payment.may.includes('allocate') ? (
          <Decide payment={payment} />
        ) : (
          payment.unapplied.amount > 0 && (
            <Panel title="Could pay">
              <Text className="dim" mb="sm">
                Billers decide what it pays.
              </Text>
              {payment.candidates.map(({ invoice, why }) => (
                <Text key={invoice.invoice}>
                  <Go to={pathOf.invoice(invoice.invoice)}>{invoice.invoice}</Go>,{' '}
                  {moneyText(invoice.balance)} <span className="dim">{why}</span>
                </Text>
              ))}
            </Panel>
          )
        )}
      </div>
      <div style={{ marginTop: 24 }}>
        <Changes changes={payment.changes} />
      </div>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

function Arrived({ payment }: { payment: Payment }) {
  return (
    <Panel title="What arrived">
      <div className="figure-value">{moneyText(payment.amount)}</div>
      <Text className="dim" mb="md">
        {weekdayText(payment.receivedOn)}
        {payment.unapplied.amount > 0 && `, ${moneyText(payment.unapplied)} not allocated`}
      </Text>
      <Facts
        facts={[
          {
            name: 'Customer',
            value:
              payment.account === null ? (
                'not known'
              ) : (
                <Go to={pathOf.account(payment.account.account)}>{payment.account.name}</Go>
              ),
          },
          { name: 'Payer', value: payment.payer },
          { name: 'Reference', value: payment.reference },
          { name: 'By', value: payment.method },
          { name: 'Bank account', value: payment.bankAccount },
          { name: 'Matched by', value: payment.rule === null ? null : inWords(payment.rule) },
        ]}
      />
      {payment.explanation !== null && (
        <Alert icon={<IconInfoCircle size={18} />} mt="md" title="Why it stands as it does">
          {spoken(payment.explanation)}
        </Alert>
      )}
    </Panel>
  );
}

/** What somebody typed beside each candidate; text, so that a half-typed amount stays. */
type Split = Readonly<Record<string, string>>;

function Decide({ payment }: { payment: Payment }) {
  const { currency } = payment.unapplied;
  const [split, setSplit] = useState<Split>({});
  const [reason, setReason] = useState('');
  const lines = Object.entries(split).flatMap(([invoice, text]) =>
    text === '' ? [] : [{ invoice, amountMinor: parseAmount(text, currency) }],
  );
  const sum = lines.reduce((total, { amountMinor }) => total + (amountMinor ?? 0), 0);
  const left = payment.unapplied.amount - sum;
  const faulty =
    lines.some(({ amountMinor }) => amountMinor === null || amountMinor <= 0) || left < 0;
  const allocate = useAction(
    (input: unknown, key) =>
      write('POST', `/payments/${part(payment.payment)}/allocate`, input, { key }),
    () => say('The payment is allocated'),
  );
  const take = (invoice: InvoiceSummary) => {
    const room = split[invoice.invoice] === undefined ? left : 0;
    const amount = Math.min(invoice.balance.amount, Math.max(0, room));
    setSplit({ ...split, [invoice.invoice]: decimalText({ amount, currency }) });
  };
  const drop = (invoice: string) =>
    setSplit(Object.fromEntries(Object.entries(split).filter(([name]) => name !== invoice)));
  return (
    <Panel title="What does it pay?">
      <Stack gap="md">
        {payment.proposals.map((proposal, index) => (
          <Group
            key={proposal.allocations.map(({ invoice }) => invoice).join(' ')}
            justify="space-between"
          >
            <div>
              <Text fw={500}>
                Reading {index + 1}: {proposal.allocations.map(({ invoice }) => invoice).join(', ')}
              </Text>
              <Text className="small dim">{moneyText(proposal.sum)} together</Text>
            </div>
            <Button
              size="xs"
              variant="default"
              onClick={() =>
                setSplit(
                  Object.fromEntries(
                    proposal.allocations.map(({ invoice, amount }) => [
                      invoice,
                      decimalText(amount),
                    ]),
                  ),
                )
              }
            >
              Take this reading
            </Button>
          </Group>
        ))}
        {payment.candidates.length === 0 && (
          <Empty title="No open invoice in this currency">
            Allocate nothing and keep all of it as the customer's credit, or refund it.
          </Empty>
        )}
        {payment.candidates.map(({ invoice, why }) => (
          <Group key={invoice.invoice} justify="space-between" wrap="nowrap" align="flex-start">
            <Checkbox
              checked={split[invoice.invoice] !== undefined}
              onChange={(event) =>
                event.currentTarget.checked ? take(invoice) : drop(invoice.invoice)
              }
              label={
                <>
                  {invoice.invoice}, {invoice.account.name}
                  <span className="sub">
                    {amountText(invoice.balance)} open, due {dayText(invoice.dueOn)}. {why}
                  </span>
                </>
              }
            />
            {split[invoice.invoice] !== undefined && (
              <TextInput
                aria-label={`Amount for ${invoice.invoice}`}
                w={120}
                styles={{ input: { textAlign: 'right' } }}
                value={split[invoice.invoice] ?? ''}
                error={parseAmount(split[invoice.invoice] ?? '', currency) === null}
                onChange={(event) =>
                  setSplit({ ...split, [invoice.invoice]: event.currentTarget.value })
                }
              />
            )}
          </Group>
        ))}
        <Text fw={600} className={left < 0 ? 'text-bad' : ''}>
          {left < 0
            ? `${amountText({ amount: -left, currency })} ${currency} more than there is`
            : `Pays ${moneyText({ amount: sum, currency })}; ${moneyText({ amount: left, currency })} stays as the customer's credit`}
        </Text>
        <Textarea
          label="Why (kept with the payment)"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          autosize
        />
        {allocate.error !== null && <ProblemPanel error={allocate.error} />}
        <Button
          loading={allocate.isPending}
          disabled={faulty || reason.trim().length < 3}
          onClick={() => allocate.mutate({ lines, reason: reason.trim() })}
        >
          {lines.length === 0 ? 'Keep it as credit' : 'Allocate'}
        </Button>
      </Stack>
    </Panel>
  );
}

const ALLOCATIONS: readonly Column<AllocationView>[] = [
  {
    id: 'invoice',
    label: 'Invoice',
    title: true,
    value: (row) => row.invoice,
    cell: (row) => <Go to={pathOf.invoice(row.invoice)}>{row.invoice}</Go>,
  },
  { id: 'line', label: 'Line', value: (row) => row.line },
  {
    id: 'on',
    label: 'On',
    value: (row) => row.allocatedOn,
    cell: (row) => dayText(row.allocatedOn),
  },
  { id: 'amount', label: 'Amount', value: (row) => row.amount.amount, money: (row) => row.amount },
];

const refund = (payment: Payment): Asked => ({
  title: 'Refund',
  what: `Asks a second person to approve giving back up to ${moneyText(payment.unapplied)}, which is not allocated.`,
  fields: [
    {
      name: 'amount',
      label: `Amount, ${payment.unapplied.currency}`,
      kind: 'text',
      initial: decimalText(payment.unapplied),
      check: (value) => {
        const minor = parseAmount(value, payment.unapplied.currency);
        return minor === null || minor <= 0 || minor > payment.unapplied.amount
          ? `An amount up to ${amountText(payment.unapplied)}`
          : null;
      },
    },
    { name: 'reason', label: 'Why', kind: 'reason' },
  ],
  button: 'Ask for approval',
  act: ({ amount = '', reason }, key) =>
    write<Approval>(
      'POST',
      `/payments/${part(payment.payment)}/refund`,
      { amountMinor: parseAmount(amount, payment.unapplied.currency), reason },
      { key },
    ),
  done: (answer) =>
    say(
      (answer as Approval).state === 'waiting'
        ? 'A second person is asked to approve the refund'
        : 'It is refunded',
    ),
});
