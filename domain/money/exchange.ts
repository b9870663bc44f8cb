/** An amount of one currency that a person counts as an amount of another (billing rules §7). */
import { compare, divide, fraction, toDecimal } from './decimal.ts';
import { formatMinor } from './money.ts';

/** Minor units of a currency. */
export interface CurrencyAmount {
  readonly currency: string;
  readonly amountMinor: number;
}

/**
 * The rate that two amounts make, in words: (1,080.00 USD, 1,000.00 EUR) is "1 EUR = 1.08 USD". The currency that is worth
 * more stands first, so the number is 1 or more; where it does not end within six decimals it is "1 EUR = about 1.083333 USD".
 * Both amounts are above zero.
 */
export function rateInWords(from: CurrencyAmount, to: CurrencyAmount): string {
  const major = ({ amountMinor, currency }: CurrencyAmount) =>
    fraction(formatMinor(amountMinor, currency));
  const [more, less] = compare(major(from), major(to)) >= 0 ? [from, to] : [to, from];
  const rate = divide(major(more), major(less));
  const written = toDecimal(rate);
  const about = compare(fraction(written), rate) === 0 ? '' : 'about ';
  return `1 ${less.currency} = ${about}${written} ${more.currency}`;
}

/** "1080.00 USD": an amount as explanations and books' descriptions write it. */
export const plainly = ({ amountMinor, currency }: CurrencyAmount): string =>
  `${formatMinor(amountMinor, currency)} ${currency}`;
