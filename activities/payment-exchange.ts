/**
 * What an exchanged payment means for the other steps (billing rules §7): a provider and a bank speak of the currency that came,
 * the books of the one that it counts as. Nothing is converted that no person has decided.
 */
import { exchangedFrom, exchangeInWords, exchangePayment, type Payment } from '../db/index.ts';
import { plainly } from '../domain/money/exchange.ts';
import type { PaymentSteps, RefundArgs } from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import { refused, stepFailed } from './failures.ts';

export const exchangeSteps = ({ db }: Deps): Pick<PaymentSteps, 'exchangePayment'> => ({
  exchangePayment: async (args) => {
    const { amountMinor, currency } = await exchangePayment(db, args);
    return { amountMinor, currency };
  },
});

/** A refund is of the currency that it was asked for in, whatever the payment counts as by now. */
export function demandCurrencyMeant(row: Payment, { payment, currency }: RefundArgs): void {
  const meant = currency ?? exchangedFrom(row)?.currency ?? row.currency;
  if (meant !== row.currency)
    throw refused(
      'currency-exchanged',
      `The refund was asked for in ${meant}; ${payment} counts as ${plainly(row)} now. Ask for it anew.`,
    );
}

/**
 * What takes an exchanged payment back is of the currency that came: all of it is taken back, a part waits for a person.
 * @throws ApplicationFailure `step-failed`, which parks it
 */
export function demandWholeBack(row: Payment, amountMinor: number): void {
  const came = exchangedFrom(row);
  if (came === null || row.state === 'returned' || row.state === 'refunded') return;
  const { currency } = came;
  if (amountMinor === came.amountMinor && row.refundedMinor === 0) return;
  const what =
    row.refundedMinor === 0
      ? `${plainly({ amountMinor, currency })} of it were taken back`
      : `It was taken back, and ${plainly({ amountMinor: row.refundedMinor, currency: row.currency })} of it were given back before`;
  throw stepFailed(
    `${what}, but ${exchangeInWords(came, row)}: a person decides. Undo its allocations and count it as ${currency} again, then retry; or book it by hand and skip this.`,
  );
}

/** The accounting system's bank account has what came, its customer's what that counts as: a person posts the exchange. */
export function demandAsItCame(row: Payment): void {
  const came = exchangedFrom(row);
  if (came !== null)
    throw stepFailed(
      `${exchangeInWords(came, row)}: post it in accounting by hand, at your own rate there, then skip this.`,
    );
}
