/** What a payment counts as in another currency: what of it is shown, and what of a form is wrong. Pure, of the API's types alone. */
import type { Money, PaymentPage as Payment } from '../../../api/types.ts';
import { isCurrencyCode, moneyText, parseAmount } from '../../words/money.ts';

/** "1,080.00 USD counted as 1,000.00 EUR, 1 EUR = 1.08 USD"; null where it is what came. */
export const exchangeText = ({
  exchangedFrom,
  amount,
}: Pick<Payment, 'exchangedFrom' | 'amount'>): string | null =>
  exchangedFrom === null
    ? null
    : `${moneyText(exchangedFrom.amount)} counted as ${moneyText(amount)}, ${exchangedFrom.rate}`;

/** Offered where it is likely meant: nothing fits, the payer owes in another currency, or it was done already. */
export const isExchangeLikely = ({
  exchangedFrom,
  countsAs,
  candidates,
}: Pick<Payment, 'exchangedFrom' | 'countsAs'> & {
  readonly candidates: readonly unknown[];
}): boolean => exchangedFrom !== null || countsAs.length > 0 || candidates.length === 0;

export const exchangeButton = ({ exchangedFrom }: Pick<Payment, 'exchangedFrom'>): string =>
  exchangedFrom === null ? 'Another currency' : `Count as ${exchangedFrom.amount.currency} again`;

/** As the form holds it. */
export interface Typed {
  readonly currency?: string;
  readonly amount?: string;
}
const currencyOf = ({ currency = '' }: Typed) => currency.trim().toUpperCase();

/** Null where it is no amount above zero of a currency. */
export function countedAs(typed: Typed): Money | null {
  const currency = currencyOf(typed);
  const amount = isCurrencyCode(currency) ? parseAmount(typed.amount ?? '', currency) : null;
  return amount === null || amount <= 0 ? null : { amount, currency };
}

export function currencyFault(typed: Typed, arrived: Money): string | null {
  const currency = currencyOf(typed);
  if (!isCurrencyCode(currency)) return 'Three letters, such as EUR';
  return currency === arrived.currency ? `It is in ${currency} already` : null;
}

export const amountFault = (typed: Typed): string | null =>
  countedAs(typed) === null ? 'An amount above zero' : null;

/** What will happen, before it does. */
export function whatIsCounted(typed: Typed, arrived: Money): string {
  const to = countedAs(typed);
  const as = to === null ? 'as an amount of another currency' : `as ${moneyText(to)}`;
  return `All of it, ${moneyText(arrived)}, counts ${as} and can then pay invoices in that currency. The bank’s side of the books stays as it came. Until something of it is allocated you can count it back.`;
}
