/** Amounts and days as the API shows them. */
import { formatMinor } from '../../domain/money/money.ts';
import type { Money } from '../types.ts';

export const money = (amount: number, currency: string): Money => ({ amount, currency });

/** Sums by currency, in the order of their first appearance; amounts of different currencies never add. */
export function sums(amounts: readonly Money[]): Money[] {
  const totals = new Map<string, number>();
  for (const { amount, currency } of amounts)
    totals.set(currency, (totals.get(currency) ?? 0) + amount);
  return [...totals].map(([currency, amount]) => money(amount, currency));
}

/** "1,204,310.00 USD and 80.00 EUR" for sentences. */
export function inWords(amounts: readonly Money[]): string {
  if (amounts.length === 0) return 'nothing';
  return amounts
    .map(({ amount, currency }) => {
      const [whole = '0', decimals] = formatMinor(amount, currency).split('.');
      const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
      return `${grouped}${decimals === undefined ? '' : `.${decimals}`} ${currency}`;
    })
    .join(' and ');
}

export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
