/**
 * Exact arithmetic for prices, quantities and rates. Decimal strings come in, exact fractions of big integers go
 * through, and rounding happens once, at the end (billing rules §2). No binary floating point anywhere.
 */

/** An exact rational number; `den` is always positive. Not reduced: comparisons and rounding do not need it. */
export interface Fraction {
  readonly num: bigint;
  readonly den: bigint;
}

export const ZERO: Fraction = { num: 0n, den: 1n };
export const ONE: Fraction = { num: 1n, den: 1n };

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;
/** Decimals of unit prices, quantities, rates and percentages (billing rules §2). */
export const MAX_DECIMALS = 6;

/** Whether a text is a decimal with a point, no thousands separator, at most `decimals` places. */
export function isDecimal(value: string, decimals: number = MAX_DECIMALS): boolean {
  const match = DECIMAL.exec(value);
  return match !== null && (match[3]?.length ?? 0) <= decimals;
}

/**
 * A decimal string ("-12.5") or a whole number as an exact fraction.
 * @throws RangeError where the text is not a decimal: callers check input at the border.
 */
export function fraction(value: string | number | bigint): Fraction {
  if (typeof value === 'bigint') return { num: value, den: 1n };
  if (typeof value === 'number') return { num: BigInt(value), den: 1n };
  const match = DECIMAL.exec(value);
  if (match === null) throw new RangeError(`not a decimal: ${JSON.stringify(value)}`);
  const [, sign, whole, places = ''] = match;
  const digits = BigInt(`${whole}${places}`);
  return { num: sign === '-' ? -digits : digits, den: 10n ** BigInt(places.length) };
}

/** The fraction `num / den` of two whole numbers; `den` must not be zero. */
export function ratio(num: number | bigint, den: number | bigint): Fraction {
  const d = BigInt(den);
  if (d === 0n) throw new RangeError('a fraction needs a denominator other than zero');
  return d < 0n ? { num: -BigInt(num), den: -d } : { num: BigInt(num), den: d };
}

export function add(a: Fraction, b: Fraction): Fraction {
  if (a.den === b.den) return { num: a.num + b.num, den: a.den };
  return { num: a.num * b.den + b.num * a.den, den: a.den * b.den };
}

export function subtract(a: Fraction, b: Fraction): Fraction {
  return add(a, { num: -b.num, den: b.den });
}

export function multiply(a: Fraction, b: Fraction): Fraction {
  return { num: a.num * b.num, den: a.den * b.den };
}

export function divide(a: Fraction, b: Fraction): Fraction {
  return ratio(a.num * b.den, a.den * b.num);
}

/** Negative, zero or positive, as `a` is less than, equal to or more than `b`. */
export function compare(a: Fraction, b: Fraction): number {
  const difference = a.num * b.den - b.num * a.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function isZero(a: Fraction): boolean {
  return a.num === 0n;
}

/** Rounded to a whole number, half away from zero (billing rules §2). */
export function roundHalfAway(value: Fraction): bigint {
  const { num, den } = value;
  const magnitude = num < 0n ? -num : num;
  const rounded = (2n * magnitude + den) / (2n * den);
  return num < 0n ? -rounded : rounded;
}

/**
 * A fraction as the shortest decimal string, rounded half away from zero to at most `decimals` places:
 * `toDecimal(ratio(1, 3))` is "0.333333".
 */
export function toDecimal(value: Fraction, decimals: number = MAX_DECIMALS): string {
  const scaled = roundHalfAway({ num: value.num * 10n ** BigInt(decimals), den: value.den });
  return fixed(scaled, decimals)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

/** A decimal string in its shortest form: "010.500" → "10.5". Two spellings of one number become one. */
export function normalizeDecimal(value: string): string {
  return toDecimal(fraction(value), Math.max(MAX_DECIMALS, value.split('.')[1]?.length ?? 0));
}

/** Whole units of 10^-places, written out: `fixed(11900n, 2)` is "119.00". */
export function fixed(units: bigint, places: number): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0');
  if (places === 0) return `${sign}${digits}`;
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
