/** A payment in another currency than its invoice's: a person says what it counts as, and counts it back where that was wrong. */
import type { Money, PaymentPage as Payment } from '../../../api/types.ts';
import { part, write } from '../../data/client.ts';
import type { Asked, Values } from '../../parts/action-dialog.tsx';
import { say } from '../../parts/said.tsx';
import { moneyText, parseAmount } from '../../words/money.ts';

/** "1,080.00 USD counted as 1,000.00 EUR, 1 EUR = 1.08 USD"; null where it is what came. */
export const exchangeText = ({ exchangedFrom, amount }: Payment): string | null =>
  exchangedFrom === null
    ? null
    : `${moneyText(exchangedFrom.amount)} counted as ${moneyText(amount)}, ${exchangedFrom.rate}`;

/** Offered where it is likely meant: nothing fits, the payer owes in another currency, or it was done already. */
export const isExchangeLikely = ({ exchangedFrom, countsAs, candidates }: Payment): boolean =>
  exchangedFrom !== null || countsAs.length > 0 || candidates.length === 0;

export const exchangeButton = ({ exchangedFrom }: Payment): string =>
  exchangedFrom === null ? 'Another currency' : `Count as ${exchangedFrom.amount.currency} again`;

function send(payment: Payment, to: Money, reason: string | undefined, key: string) {
  const body = { from: payment.amount, to, reason };
  return write('POST', `/payments/${part(payment.payment)}/exchange`, body, { key });
}

const currencyOf = ({ currency = '' }: Values) => currency.trim().toUpperCase();
/** Null where it is no amount of the currency above zero. */
function countedAs(values: Values): Money | null {
  const currency = currencyOf(values);
  const amount = /^[A-Z]{3}$/.test(currency) ? parseAmount(values.amount ?? '', currency) : null;
  return amount === null || amount <= 0 ? null : { amount, currency };
}

export function exchange(payment: Payment): Asked {
  const { amount: arrived, exchangedFrom: came } = payment;
  if (came !== null)
    return {
      title: exchangeButton(payment),
      what: `${moneyText(arrived)} are ${moneyText(came.amount)} again, as they came.`,
      fields: [{ name: 'reason', label: 'Why', kind: 'reason' }],
      button: 'Count it back',
      act: ({ reason }, key) => send(payment, came.amount, reason, key),
      done: () => say('It is as it came'),
    };
  return {
    title: 'Count it as another currency',
    what: (values) => {
      const to = countedAs(values);
      const as = to === null ? 'as an amount of another currency' : `as ${moneyText(to)}`;
      return `All of it, ${moneyText(arrived)}, counts ${as} and can then pay invoices in that currency. The bank’s side of the books stays as it came. Until something of it is allocated you can count it back.`;
    },
    fields: [
      {
        name: 'currency',
        label: 'Currency',
        kind: 'text',
        initial: payment.countsAs[0] ?? '',
        hint: 'Three letters, such as EUR',
        check: (_, values) => {
          const currency = currencyOf(values);
          if (!/^[A-Z]{3}$/.test(currency)) return 'Three letters, such as EUR';
          return currency === arrived.currency ? `It is in ${currency} already` : null;
        },
      },
      {
        name: 'amount',
        label: 'It counts as',
        kind: 'text',
        check: (_, values) => (countedAs(values) === null ? 'An amount above zero' : null),
      },
      {
        name: 'reason',
        label: 'Why',
        kind: 'reason',
        hint: 'Such as the rate and where it is from',
      },
    ],
    button: 'Count it so',
    act: (values, key) => {
      const to = countedAs(values);
      if (to === null) throw new Error('The form checks what it counts as before it sends it.');
      return send(payment, to, values.reason, key);
    },
    done: () => say('Noted; say what it pays'),
  };
}
