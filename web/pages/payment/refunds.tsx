/** Refunds of a payment: the form that says how the money goes back, and what became of those that were asked for. */
import { Stack, Text } from '@mantine/core';
import type { Approval, PaymentPage as Payment } from '../../../api/types.ts';
import { part, write } from '../../data/client.ts';
import type { Asked } from '../../parts/action-dialog.tsx';
import { Go, pathOf } from '../../parts/link.tsx';
import { Panel } from '../../parts/page.tsx';
import { say } from '../../parts/said.tsx';
import { StateChip } from '../../parts/states.tsx';
import { instantText, spoken } from '../../words/dates.ts';
import { amountText, decimalText, moneyText, parseAmount } from '../../words/money.ts';
import { APPROVAL_STATES, OUTCOME_STATES } from '../../words/names.ts';

export function Refunds({ payment }: { payment: Payment }) {
  const { refunds } = payment;
  if (refunds.length === 0) return null;
  return (
    <Panel title="Refunds">
      <Stack gap="sm">
        {refunds.map((one) => (
          <div key={one.approval}>
            <Go to={pathOf.approval(one.approval)}>{one.summary.replace(/ of \S+$/, '')}</Go>{' '}
            <StateChip
              state={
                one.outcome === null
                  ? APPROVAL_STATES[one.state]
                  : OUTCOME_STATES[one.outcome.state]
              }
            />
            {one.outcome !== null && <Text className="small">{spoken(one.outcome.words)}</Text>}
            <Text className="small dim">
              Asked for by {one.maker.name}, {instantText(one.createdAt)}
            </Text>
          </div>
        ))}
      </Stack>
    </Panel>
  );
}

const saidOf = ({ state, outcome }: Approval): string =>
  state === 'waiting'
    ? 'A second person is asked to approve the refund'
    : (outcome?.words ?? 'It is refunded');

export const refund = (payment: Payment): Asked => ({
  title: 'Refund',
  what: `Asks a second person to approve giving back up to ${moneyText(payment.unapplied)}, which is not allocated. ${payment.refundWords ?? ''}`,
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
  done: (answer) => say(saidOf(answer as Approval)),
});
