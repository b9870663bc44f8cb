/** Amounts and currencies as papers write them: 1.190,00, 1,190.00, 1 190,00, 1'190.00, 1190.00; always with two decimals. */
import { exponentOf, parseMinor } from '../money/money.ts';

const AMOUNT = /(?<![\d.,'])(?:\d{1,3}(?:[.,' \u00A0\u202F]\d{3})+|\d+)[.,]\d{2}(?![\d]|[.,]\d)/g;
const SIGNS: Readonly<Record<string, string>> = { '€': 'EUR', '£': 'GBP', $: 'USD' };
const CODES = 'EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|CAD|AUD|NZD|SGD|HUF|RON';
/** A code beside an amount, or behind a word for it: a product may be called CAD. */
const CODE = new RegExp(
  `(?<![A-Z])(${CODES}) {0,2}(?=[\\d.,' ]{1,20}[.,]\\d{2}(?!\\d))|[.,]\\d{2} {0,2}(${CODES})(?![A-Z])|` +
    `(?:CURRENCY|WÄHRUNG|WAEHRUNG|AMOUNTS?|BETRAG|ALL) ?(?:IN)?[ :]{0,3}(${CODES})(?![A-Z])`,
  'g',
);

export interface WrittenAmount {
  readonly amountMinor: number;
  readonly start: number;
  readonly end: number;
}

/** The amounts of a text in minor units, in their order; what is no amount of the currency is left out. */
export function amountsIn(text: string, currency: string): WrittenAmount[] {
  if (exponentOf(currency) !== 2) return [];
  return [...text.matchAll(AMOUNT)].flatMap((match): WrittenAmount[] => {
    const written = match[0];
    const whole = written.slice(0, -3).replace(/\D/g, '');
    const plain = `${whole}.${written.slice(-2)}`;
    if (whole.length > 12) return [];
    const amountMinor = parseMinor(plain, currency);
    return [{ amountMinor, start: match.index, end: match.index + written.length }];
  });
}

/** The currency that a text names most often, by code or by sign; null where it names none. */
export function currencyIn(text: string): string | null {
  const counts = new Map<string, number>();
  const count = (code: string) => counts.set(code, (counts.get(code) ?? 0) + 1);
  for (const match of text.toUpperCase().matchAll(CODE))
    count(match[1] ?? match[2] ?? match[3] ?? '');
  for (const char of text) if (SIGNS[char] !== undefined) count(SIGNS[char]);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
