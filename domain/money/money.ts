/**
 * Money: integer minor units of a currency (billing rules §2). Amounts are safe integers; whatever is not an integer
 * yet is a {@link Fraction}.
 */
import {
  type Fraction,
  fixed,
  fraction,
  roundHalfAway,
  shifted,
  type Whole,
  wholeOf,
} from './decimal.ts';

/** Decimals of currencies that do not have two (ISO 4217). */
const EXPONENTS: Readonly<Record<string, number>> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0,
  VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3,
  CLF: 4, UYW: 4,
}; // biome-ignore format: a table reads better in rows

/** How many decimals the minor unit of a currency has: USD 2, JPY 0, KWD 3. */
export function exponentOf(currency: string): number {
  return EXPONENTS[currency] ?? 2;
}

/** Asserts that an exact integer fits where amounts live, and gives it as one. */
export function safeMinor(value: Whole): number {
  const amount = Number(value);
  if (!Number.isSafeInteger(amount)) throw new RangeError(`amount out of range: ${value}`);
  return amount;
}

/** An exact amount in the major unit, rounded once to minor units, half away from zero. */
export function toMinor(major: Fraction, currency: string): number {
  return safeMinor(roundHalfAway(shifted(major, exponentOf(currency))));
}

/**
 * An amount of a file ("1190.00", major unit) in minor units.
 * @throws RangeError where it is no decimal or has more decimals than the currency.
 */
export function parseMinor(major: string, currency: string): number {
  const minor = wholeOf(shifted(fraction(major), exponentOf(currency)));
  if (minor === null) throw new RangeError(`${major} has more decimals than ${currency} allows`);
  return safeMinor(minor);
}

/** Minor units as a decimal string in the major unit: (119000, "EUR") → "1190.00". */
export function formatMinor(minor: number, currency: string): string {
  return fixed(minor, exponentOf(currency));
}

/**
 * Splits a whole by weights so that the parts sum to it: largest remainder, ties to the earlier part (billing rules §2).
 * Weights are not negative; where all are zero the whole goes to the first part. A negative whole splits as its mirror.
 * @returns one integer per weight; empty only when there are no weights (and then the whole must be zero).
 */
export function splitByLargestRemainder(whole: number, weights: readonly number[]): number[] {
  if (weights.length === 0) {
    if (whole !== 0) throw new RangeError('nothing to split an amount over');
    return [];
  }
  if (whole < 0) return splitByLargestRemainder(-whole, weights).map((part) => 0 - part);
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
  if (total === 0n) return weights.map((_, index) => (index === 0 ? whole : 0));
  const exact = weights.map((weight) => BigInt(whole) * BigInt(weight));
  const parts = exact.map((value) => value / total);
  let left = BigInt(whole) - parts.reduce((sum, part) => sum + part, 0n);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value % total }))
    // The sort is stable: of equal remainders the earlier part stays first.
    .sort((a, b) => (a.remainder > b.remainder ? -1 : a.remainder < b.remainder ? 1 : 0));
  for (const { index } of byRemainder) {
    if (left === 0n) break;
    parts[index] = (parts[index] ?? 0n) + 1n;
    left -= 1n;
  }
  return parts.map(safeMinor);
}
