/** One purchase order: does it say what we offered? Ordered and offered side by side; accept it, or reject it with a reason. */
import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconInfoCircle, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { OrderPaperView, OrderSide } from '../../api/types.ts';
import { apiUrl, part, write } from '../data/client.ts';
import { useReadWhile } from '../data/reading.ts';
import { useMay } from '../data/session.ts';
import { ActionDialog, type Asked } from '../parts/action-dialog.tsx';
import { usePathPart } from '../parts/address.ts';
import { Go, pathOf } from '../parts/link.tsx';
import { Facts, PageHead, Panel } from '../parts/page.tsx';
import { say } from '../parts/said.tsx';
import { Rows } from '../parts/sections.tsx';
import { Answer, StateChip } from '../parts/states.tsx';
import { type Column, isTyping } from '../parts/table.tsx';
import { instantText } from '../words/dates.ts';
import { amountText, moneyText } from '../words/money.ts';
import { orderState } from '../words/names.ts';

type Beside = OrderPaperView['beside'][number];

export function PurchaseOrderPage() {
  const paper = usePathPart('paper');
  const page = useReadWhile<OrderPaperView>(
    `/orders/papers/${part(paper)}`,
    ({ reading }) => reading.state === 'reading',
  );
  return <Answer of={page}>{(data) => <Shown order={data} />}</Answer>;
}

function Shown({ order }: { order: OrderPaperView }) {
  const may = useMay();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { decision, contract, reading } = order;
  const decides = may('renewal:decide') && decision === null && reading.state === 'read';
  useKeys({
    a: decides && contract !== null ? () => setAsked(acceptance(order)) : null,
    r: decides ? () => setAsked(rejection(order)) : null,
    p: decides ? () => setAsked(placing(order)) : null,
  });
  return (
    <>
      <PageHead
        trail={[{ to: '/purchase-orders', words: 'Purchase orders' }]}
        title={`Order ${order.orderNumber ?? order.number ?? order.fileName}`}
        beside={<StateChip state={orderState(order)} />}
        below={order.words}
        actions={
          decides && (
            <>
              <Button
                variant="default"
                leftSection={<IconX size={16} />}
                onClick={() => setAsked(rejection(order))}
              >
                Reject
              </Button>
              {contract === null ? (
                <Button onClick={() => setAsked(placing(order))}>Say which it answers</Button>
              ) : (
                <Button
                  leftSection={<IconCheck size={16} />}
                  onClick={() => setAsked(acceptance(order))}
                >
                  Accept
                </Button>
              )}
            </>
          )
        }
      />
      <Stack gap="lg">
        <HowRead order={order} />
        {reading.state === 'read' && <Compared order={order} />}
        {decides && (
          <Text className="small dim keys-hint">
            <span className="key">a</span> accept <span className="key">r</span> reject{' '}
            <span className="key">p</span> another contract
          </Text>
        )}
      </Stack>
      <ActionDialog asked={asked} close={() => setAsked(null)} />
    </>
  );
}

/** Progress while a scan is read, and what to do where it could not be. */
function HowRead({ order: { reading, readBy } }: { order: OrderPaperView }) {
  if (reading.state === 'reading')
    return (
      <Alert icon={<IconInfoCircle size={18} />} color="gray" role="status" title="It is read">
        {reading.words} This page shows it as soon as it is there; you can leave it meanwhile.
      </Alert>
    );
  if (reading.state === 'failed')
    return (
      <Alert icon={<IconAlertTriangle size={18} />} color="red" role="alert" title="Not read">
        {reading.words} Bring it again, perhaps as a better scan or as text.
      </Alert>
    );
  return readBy === 'ocr' ? (
    <Alert icon={<IconInfoCircle size={18} />} color="gray" title="A scan, read by machine">
      Compare it with the paper before you decide.
    </Alert>
  ) : null;
}

function Compared({ order }: { order: OrderPaperView }) {
  const { contract, account, renewal, total, offered, beside, lines } = order;
  const others = order.differences.filter(({ what }) => what === 'amount' || what === 'currency');
  return (
    <>
      {others.map(({ words }) => (
        <Alert key={words} icon={<IconAlertTriangle size={18} />} color="yellow" title={words} />
      ))}
      <div className="grid-2">
        <Panel title="Ordered">
          <div className="figure-value">{total === null ? 'no sum found' : moneyText(total)}</div>
          <Facts
            facts={[
              { name: 'Order number', value: order.number ?? 'none found' },
              {
                name: 'Paper',
                value: (
                  <a href={apiUrl(`/orders/papers/${part(order.paper)}/file`)}>{order.fileName}</a>
                ),
              },
              { name: 'Came', value: instantText(order.createdAt) },
              { name: 'Decided by', value: order.decidedBy?.name },
              {
                name: 'Decided',
                value: order.decidedAt === null ? null : instantText(order.decidedAt),
              },
              { name: 'Reason', value: order.decisionReason },
            ]}
          />
        </Panel>
        <Panel title={renewal === null ? 'A year of the contract' : 'Offered for the renewal'}>
          <div className="figure-value">{offered === null ? '–' : moneyText(offered)}</div>
          <Facts
            facts={[
              {
                name: 'Contract',
                value:
                  contract === null ? (
                    'It names none; say which it answers'
                  ) : (
                    <Go to={pathOf.contract(contract)}>{contract}</Go>
                  ),
              },
              {
                name: 'Customer',
                value:
                  account === null ? null : (
                    <Go to={pathOf.account(account.account)}>{account.name}</Go>
                  ),
              },
            ]}
          />
        </Panel>
      </div>
      {contract === null ? (
        <Panel title="Lines that were found">
          {lines.length === 0 && <Text className="dim">None; the paper’s text is below.</Text>}
          {lines.map(({ description, amount }) => (
            <Text key={description}>
              {description}
              {amount === null ? '' : `: ${moneyText(amount)}`}
            </Text>
          ))}
        </Panel>
      ) : (
        <Rows
          label="Ordered and offered"
          columns={COLUMNS}
          rows={beside}
          rowKey={(row) => `${row.sku} ${row.description}`}
          empty="Nothing to compare"
          emptyWords="Neither the paper nor the contract has a line with a price."
        />
      )}
      <Panel title="Its text">
        <pre className="small" style={{ whiteSpace: 'pre-wrap', margin: 0 }}>
          {order.text}
        </pre>
      </Panel>
    </>
  );
}

const sideText = (side: OrderSide | null, none: string): string => {
  if (side === null) return none;
  const { quantity, unitPrice } = side;
  return [quantity, unitPrice].filter((one) => one !== null).join(' × ') || '–';
};

const COLUMNS: readonly Column<Beside>[] = [
  {
    id: 'product',
    label: 'Product',
    title: true,
    value: (row) => row.sku ?? row.description,
    cell: (row) => (
      <>
        {row.sku ?? 'not in our offer'}
        <span className="sub">{row.description}</span>
      </>
    ),
  },
  { id: 'ordered', label: 'Ordered', value: (row) => sideText(row.ordered, 'not ordered') },
  {
    id: 'orderedAmount',
    label: 'for',
    numeric: true,
    value: (row) => row.ordered?.amount?.amount ?? null,
    cell: (row) => (row.ordered?.amount ? amountText(row.ordered.amount) : '–'),
  },
  { id: 'offered', label: 'Offered', value: (row) => sideText(row.offered, 'not offered') },
  {
    id: 'offeredAmount',
    label: 'at',
    numeric: true,
    value: (row) => row.offered?.amount?.amount ?? null,
    cell: (row) => (row.offered?.amount ? amountText(row.offered.amount) : '–'),
  },
  {
    id: 'difference',
    label: 'Difference',
    value: (row) => row.difference ?? '',
    cell: (row) =>
      row.difference === null ? (
        <StateChip state={{ words: 'The same', tone: 'good' }} />
      ) : (
        <>
          <StateChip state={{ words: 'Differs', tone: 'warn' }} />
          <span className="sub">{row.difference}</span>
        </>
      ),
  },
];

const urlOf = ({ paper }: OrderPaperView, verb: string) => `/orders/papers/${part(paper)}/${verb}`;

const acceptance = (order: OrderPaperView): Asked => ({
  title: 'Accept the order',
  what: ({ renew }) =>
    `Its number goes onto ${order.contract} and onto its invoices from now on.${
      renew === 'yes' ? ' The renewal is accepted: the next run bills the next term.' : ''
    }`,
  fields: [
    {
      name: 'number',
      label: 'Order number',
      kind: 'text',
      initial: order.number ?? '',
    },
    ...(order.renewal === null
      ? []
      : [
          {
            name: 'renew',
            label: 'The renewal is accepted with it',
            kind: 'yes-no' as const,
            initial: order.differences.length === 0 ? 'yes' : 'no',
          },
        ]),
    {
      name: 'reason',
      label:
        order.differences.length === 0
          ? 'Remark (optional)'
          : 'Why it is accepted though it differs',
      kind: 'reason',
      optional: order.differences.length === 0,
    },
  ],
  button: 'Accept',
  act: ({ number = '', renew, reason = '' }, key) =>
    write(
      'POST',
      urlOf(order, 'accept'),
      { number, renew: renew === 'yes', reason: reason.trim() === '' ? null : reason.trim() },
      { key },
    ),
  done: () => say('The order is accepted'),
});

const rejection = (order: OrderPaperView): Asked => ({
  title: 'Reject the order',
  what: 'Nothing else changes. Tell the customer; the reason is kept with the order.',
  fields: [{ name: 'reason', label: 'Why', kind: 'reason' }],
  button: 'Reject',
  danger: true,
  act: ({ reason }, key) => write('POST', urlOf(order, 'reject'), { reason }, { key }),
  done: () => say('The order is rejected'),
});

const placing = (order: OrderPaperView): Asked => ({
  title: 'Which contract does it answer?',
  what: 'It is compared with its open renewal, or with a year of it.',
  fields: [{ name: 'contract', label: 'Contract', kind: 'text', initial: order.contract ?? '' }],
  button: 'Compare',
  act: ({ contract = '' }, key) =>
    write('POST', urlOf(order, 'answers'), { contract: contract.trim() }, { key }),
  done: () => say('It is compared'),
});

/** One key an action, while nothing is typed and no form is open. */
function useKeys(actions: Readonly<Record<string, (() => void) | null>>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]') !== null) return;
      const act = actions[event.key];
      if (act == null) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
}
