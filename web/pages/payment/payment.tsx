/** A payment: whose money is this? What arrived on the left, ranked candidates with reasons on the right; what is left is credit. */
import { Alert, Button, FileButton, Group, Stack, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type {
  AllocationView,
  Page,
  PaymentPage as Payment,
  PaymentSummary,
  RemittanceView,
} from '../../../api/types.ts';
import { part, sendBytes, withQuery, write } from '../../data/client.ts';
import { useAction, useRead, useReadWhile } from '../../data/reading.ts';
import { useMay } from '../../data/session.ts';
import { ActionDialog, type Asked } from '../../parts/action-dialog.tsx';
import { usePathPart } from '../../parts/address.ts';
import { Go, pathOf, useGo } from '../../parts/link.tsx';
import { Facts, PageHead, Panel } from '../../parts/page.tsx';
import { say } from '../../parts/said.tsx';
import { Changes, Rows } from '../../parts/sections.tsx';
import { Answer, ProblemPanel, StateChip } from '../../parts/states.tsx';
import { type Column, isTyping, moneyColumn } from '../../parts/table.tsx';
import { dayText, spoken, weekdayText } from '../../words/dates.ts';
import { amountText, moneyText } from '../../words/money.ts';
import { inWords, PAYMENT_STATES, paymentName } from '../../words/names.ts';
import { exchangeButton, exchangeText, isExchangeLikely } from './counted.ts';
import { Decide } from './decide.tsx';
import { exchange } from './exchange.ts';
import { PaperRead, saidOfReading } from './paper-read.tsx';
import { Refunds, refund } from './refunds.tsx';

export function PaymentPage() {
  const payment = usePathPart('payment');
  const page = useReadWhile<Payment>(
    `/payments/${part(payment)}`,
    ({ refunds, papers }) =>
      refunds.some(({ outcome }) => outcome?.state === 'under-way') ||
      papers.some(({ reading }) => reading.state === 'reading'),
  );
  return <Answer of={page}>{(data) => <Shown payment={data} />}</Answer>;
}

function Shown({ payment }: { payment: Payment }) {
  const go = useGo();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [moving, setMoving] = useState(false);
  const open = (action: Payment['may'][number]) => payment.may.includes(action);
  const check = useAction(
    (_: null, key) => write('POST', '/payments/checked', { payments: [payment.payment] }, { key }),
    () => say('Noted that you looked it over'),
  );
  const decided = () => {
    setMoving(false);
    say('Done', () => setAsked(undo(payment)));
  };
  useNextCase(payment.payment, go);
  usePaymentKeys({
    u: open('undo') ? () => setAsked(undo(payment)) : null,
    m: open('move') ? () => setMoving(!moving) : null,
  });
  return (
    <>
      <PageHead
        trail={[{ to: '/cash', words: 'Cash' }]}
        title={paymentName(payment)}
        beside={<StateChip state={PAYMENT_STATES[payment.state]} />}
        below={spoken(payment.words)}
        actions={
          <>
            {open('check') && (
              <Button
                variant="default"
                loading={check.isPending}
                onClick={() => check.mutate(null)}
              >
                It is right
              </Button>
            )}
            {open('undo') && (
              <Button
                variant="default"
                aria-keyshortcuts="u"
                onClick={() => setAsked(undo(payment))}
              >
                Undo
              </Button>
            )}
            {open('move') && (
              <Button variant="default" aria-keyshortcuts="m" onClick={() => setMoving(!moving)}>
                {moving ? 'Do not move it' : 'Move'}
              </Button>
            )}
            {open('exchange') && isExchangeLikely(payment) && (
              <Button variant="default" onClick={() => setAsked(exchange(payment))}>
                {exchangeButton(payment)}
              </Button>
            )}
            {open('refund') && (
              <Button variant="default" onClick={() => setAsked(refund(payment))}>
                Refund
              </Button>
            )}
          </>
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
          <Refunds payment={payment} />
          <Remittances payment={payment} />
        </Stack>
        {open('allocate') || moving ? (
          <Decide
            key={`${moving} ${payment.unapplied.amount}`}
            payment={payment}
            moving={moving}
            done={decided}
          />
        ) : (
          payment.unapplied.amount > 0 && <CouldPay payment={payment} />
        )}
      </div>
      <div style={{ marginTop: 24 }}>
        <Changes changes={payment.changes} />
      </div>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

/** For who reads and does not decide. */
function CouldPay({ payment }: { payment: Payment }) {
  return (
    <Panel title="Could pay">
      <Text className="dim" mb="sm">
        Billers decide what it pays.
      </Text>
      {payment.candidates.map(({ invoice, reasons }) => (
        <Text key={invoice.invoice}>
          <Go to={pathOf.invoice(invoice.invoice)}>{invoice.invoice}</Go>,{' '}
          {moneyText(invoice.balance)}{' '}
          <span className="dim">{reasons.map(({ words }) => words).join('; ')}</span>
        </Text>
      ))}
    </Panel>
  );
}

/** `u` undoes, `m` moves, where that may be done; not while somebody types or a question stands open. */
function usePaymentKeys(actions: Readonly<Record<string, (() => void) | null>>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const act = actions[event.key];
      if (!act || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]') !== null) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}

/** `n` opens the next payment that waits for a person. */
function useNextCase(here: string, go: (to: string) => void): void {
  const cases = useRead<Page<PaymentSummary>>('/payments?state=review&limit=20');
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'n' || event.metaKey || event.ctrlKey || isTyping(event.target)) return;
      const rows = cases.data?.items ?? [];
      const at = rows.findIndex((row) => row.payment === here);
      const next = rows[(at + 1) % Math.max(1, rows.length)];
      go(next === undefined ? '/cash' : pathOf.payment(next.payment));
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}

/** Papers of this payment, or that tell of the same money; another one can be read. */
function Remittances({ payment }: { payment: Payment }) {
  const may = useMay();
  const send = useAction(
    (file: File) =>
      sendBytes<RemittanceView>(
        withQuery('/payments/papers', { fileName: file.name, payment: payment.payment }),
        file,
      ),
    ({ reading }) => say(saidOfReading(reading)),
  );
  const attach = useAction(
    ({ paper, to }: { paper: string; to: string | null }, key) =>
      write('POST', `/payments/papers/${part(paper)}/attach`, { payment: to }, { key }),
    () => say('Noted'),
  );
  const { papers } = payment;
  if (papers.length === 0 && !may('payment:import')) return null;
  return (
    <Panel title="Remittance advice">
      <Stack gap="sm">
        {papers.map((paper) => (
          <div key={paper.paper}>
            <Group justify="space-between" wrap="nowrap">
              <Text fw={500} style={{ overflowWrap: 'anywhere' }}>
                {paper.fileName}
              </Text>
              {may('payment:allocate') && (
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() =>
                    attach.mutate({
                      paper: paper.paper,
                      to: paper.payment === null ? payment.payment : null,
                    })
                  }
                >
                  {paper.payment === null ? 'It is of this payment' : 'It is not of this payment'}
                </Button>
              )}
            </Group>
            <PaperRead paper={paper} />
          </div>
        ))}
        {may('payment:import') && (
          <FileButton onChange={(file) => file !== null && send.mutate(file)}>
            {(props) => (
              <Button {...props} variant="default" size="xs" loading={send.isPending}>
                Read one: text, mail, PDF or scan
              </Button>
            )}
          </FileButton>
        )}
        {send.error !== null && <ProblemPanel error={send.error} />}
        {attach.error !== null && <ProblemPanel error={attach.error} />}
      </Stack>
    </Panel>
  );
}

function Arrived({ payment }: { payment: Payment }) {
  return (
    <Panel title="What arrived">
      <div className="figure-value">
        {moneyText(payment.exchangedFrom?.amount ?? payment.amount)}
      </div>
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
          { name: 'Exchanged', value: exchangeText(payment) },
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
  moneyColumn('amount', 'Amount', (row) => row.amount),
  {
    id: 'besides',
    label: 'Besides',
    value: (row) => besides(row),
  },
];

/** What settled the invoice besides the money. */
function besides({ discount, writtenOff, withheld, bankFee }: AllocationView): string | null {
  const parts = [
    { words: 'discount', sum: discount },
    { words: 'tax withheld', sum: withheld },
    { words: 'bank fee', sum: bankFee },
    { words: 'written off', sum: writtenOff },
  ];
  const said = parts.filter(({ sum }) => sum.amount !== 0);
  return said.length === 0
    ? null
    : said.map(({ words, sum }) => `${amountText(sum)} ${words}`).join(', ');
}

const undo = (payment: Payment): Asked => ({
  title: 'Undo the allocation',
  what: 'The invoices are open again, licenses that were given for it go back to temporary, and the money waits for you. It is as if it had not happened, until its day is closed.',
  fields: [{ name: 'reason', label: 'Why', kind: 'reason' }],
  button: 'Undo it',
  act: ({ reason }, key) =>
    write('POST', `/payments/${part(payment.payment)}/undo`, { reason }, { key }),
  done: () => say('It is undone'),
});
