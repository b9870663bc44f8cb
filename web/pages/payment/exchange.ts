/** A payment in another currency than its invoice's: a person says what it counts as, and counts it back where that was wrong. */
import type { Money, PaymentPage as Payment } from '../../../api/types.ts';
import { part, write } from '../../data/client.ts';
import type { Asked } from '../../parts/action-dialog.tsx';
import { say } from '../../parts/said.tsx';
import { moneyText } from '../../words/money.ts';
import { amountFault, countedAs, currencyFault, exchangeButton, whatIsCounted } from './counted.ts';

function send(payment: Payment, to: Money, reason: string | undefined, key: string) {
  const body = { from: payment.amount, to, reason };
  return write('POST', `/payments/${part(payment.payment)}/exchange`, body, { key });
}

export const exchange = (payment: Payment): Asked =>
  payment.exchangedFrom === null
    ? count(payment)
    : countBack(payment, payment.exchangedFrom.amount);

const countBack = (payment: Payment, came: Money): Asked => ({
  title: exchangeButton(payment),
  what: `${moneyText(payment.amount)} are ${moneyText(came)} again, as they came.`,
  fields: [{ name: 'reason', label: 'Why', kind: 'reason' }],
  button: 'Count it back',
  act: ({ reason }, key) => send(payment, came, reason, key),
  done: () => say('It is as it came'),
});

const count = (payment: Payment): Asked => ({
  title: 'Count it as another currency',
  what: (values) => whatIsCounted(values, payment.amount),
  fields: [
    {
      name: 'currency',
      label: 'Currency',
      kind: 'text',
      initial: payment.countsAs[0] ?? '',
      hint: 'Three letters, such as EUR',
      check: (_, values) => currencyFault(values, payment.amount),
    },
    {
      name: 'amount',
      label: 'It counts as',
      kind: 'text',
      check: (_, values) => amountFault(values),
    },
    { name: 'reason', label: 'Why', kind: 'reason', hint: 'Such as the rate and where it is from' },
  ],
  button: 'Count it so',
  act: (values, key) => {
    const to = countedAs(values);
    if (to === null) throw new Error('The form checks what it counts as before it sends it.');
    return send(payment, to, values.reason, key);
  },
  done: () => say('Noted; say what it pays'),
});
