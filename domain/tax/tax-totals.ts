/** Tax of a document: per category and rate, on the sum of the lines' nets, then rounded (billing rules §5, BR-CO-17). */
import type { TaxSubtotal } from '../bill-run/document.ts';
import { add, divide, multiply, ONE, ratio, roundHalfAway } from '../money/decimal.ts';
import { safeMinor } from '../money/money.ts';
import { rateFraction } from './tax-rates.ts';

export interface TaxedLine {
  readonly net: number;
  readonly taxCategory: string;
  readonly taxRate: string;
  readonly reason: string | null;
  /** Where the price includes tax: what the customer was told, of which `net` is a part. */
  readonly gross?: number;
}

/** net = gross ÷ (1 + rate), rounded once. */
export function netOfGross(gross: number, rate: string): number {
  return safeMinor(roundHalfAway(divide(ratio(gross, 1), add(ONE, rateFraction(rate)))));
}

/** One subtotal for each category and rate, in the order in which they first appear. */
export function taxSubtotals(lines: readonly TaxedLine[]): TaxSubtotal[] {
  const groups = new Map<string, TaxedLine[]>();
  for (const line of lines) {
    const key = `${line.taxCategory} ${line.taxRate}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [line]);
    else group.push(line);
  }
  return [...groups.values()].map(subtotal);
}

function subtotal(group: readonly TaxedLine[]): TaxSubtotal {
  const [first] = group;
  const rate = first?.taxRate ?? '0';
  let base = 0;
  let exclusive = 0;
  let included = 0;
  for (const line of group) {
    base += line.net;
    if (line.gross === undefined) exclusive += line.net;
    else included += line.gross - line.net;
  }
  const onTop = safeMinor(roundHalfAway(multiply(ratio(exclusive, 1), rateFraction(rate))));
  return {
    category: first?.taxCategory ?? 'S',
    rate,
    base,
    tax: onTop + included,
    reason: group.find((line) => line.reason !== null)?.reason ?? null,
  };
}
