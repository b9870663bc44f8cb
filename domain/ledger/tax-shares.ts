/** Each line's share of a document's tax, so that the shares sum to it (billing rules §2, §5). */
import { fraction, normalizeDecimal } from '../money/decimal.ts';
import { safeMinor } from '../money/money.ts';

export interface TaxedLine {
  readonly net: number;
  readonly taxCategory: string;
  readonly taxRate: string;
  /** The line's own tax, where its price includes tax; it is kept, and only the rest is shared. */
  readonly tax?: number;
}
export interface TaxGroup {
  readonly category: string;
  readonly rate: string;
  readonly tax: number;
}

/** Largest remainder over nets of either sign: rounded down first, then one unit each to the largest remainders. */
function splitSigned(whole: number, numerators: readonly bigint[], denominator: bigint): number[] {
  const sign = denominator < 0n ? -1n : 1n;
  const den = denominator * sign;
  const exact = numerators.map((num) => num * sign);
  const floor = (value: bigint) => (value - (((value % den) + den) % den)) / den;
  const parts = exact.map(floor);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - floor(value) * den }))
    .sort((a, b) =>
      a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
    );
  let left = BigInt(whole) - parts.reduce((a, b) => a + b, 0n);
  for (let next = 0; left !== 0n; next += 1) {
    const at = byRemainder[next % byRemainder.length]?.index ?? 0;
    const step = left > 0n ? 1n : -1n;
    parts[at] = (parts[at] ?? 0n) + step;
    left -= step;
  }
  return parts.map(safeMinor);
}

const keyOf = (category: string, rate: string) => `${category} ${normalizeDecimal(rate)}`;

function sharesOf(tax: number, rate: string, nets: readonly number[]): number[] {
  const base = nets.reduce((a, b) => a + BigInt(b), 0n);
  if (base !== 0n)
    return splitSigned(
      tax,
      nets.map((net) => BigInt(net) * BigInt(tax)),
      base,
    );
  const { num, den } = fraction(rate);
  const percent = BigInt(num);
  return splitSigned(
    tax,
    nets.map((net) => BigInt(net) * percent),
    BigInt(den) * 100n,
  );
}

/**
 * The tax of each line, in the order of the lines: per (category, rate) the group's tax split by net. Lines whose group the
 * document's tax table lacks carry none.
 */
export function taxShares(lines: readonly TaxedLine[], groups: readonly TaxGroup[]): number[] {
  const shares = lines.map(() => 0);
  for (const { category, rate, tax } of groups) {
    const key = keyOf(category, rate);
    const members = lines
      .map((line, index) => ({ line, index }))
      .filter(({ line }) => keyOf(line.taxCategory, line.taxRate) === key);
    if (members.length === 0) {
      if (tax !== 0) throw new RangeError(`tax of ${key} % has no line`);
      continue;
    }
    let left = tax;
    for (const { line, index } of members)
      if (line.tax !== undefined) {
        shares[index] = line.tax;
        left -= line.tax;
      }
    const sharing = members.filter(({ line }) => line.tax === undefined);
    if (sharing.length === 0) continue;
    const parts = sharesOf(
      left,
      rate,
      sharing.map(({ line }) => line.net),
    );
    for (const [at, { index }] of sharing.entries()) shares[index] = parts[at] ?? 0;
  }
  return shares;
}
