/**
 * Exact arithmetic for prices, quantities and rates. Decimal strings come in, exact fractions of whole numbers go
 * through, and rounding happens once, at the end (billing rules §2). No binary floating point anywhere.
 *
 * A whole number is a safe integer as long as it fits, and a big integer beyond: products, sums and quotients without
 * remainder of safe integers are exact where the result is a safe integer again, and where it is none the same step is
 * done over with big integers. Either way the value is the same; only the time differs.
 */

/** A whole number; which of the two it is tells nothing about its value. */
export type Whole = number | bigint;

/**
 * An exact rational number; `den` is always positive. Not reduced: comparisons and rounding do not need it. Read it
 * through the functions of this file: one value has many forms.
 */
export interface Fraction {
  readonly num: Whole;
  readonly den: Whole;
}

export const ZERO: Fraction = { num: 0, den: 1 };
export const ONE: Fraction = { num: 1, den: 1 };

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;
/** Decimals of unit prices, quantities, rates and percentages (billing rules §2). */
export const MAX_DECIMALS = 6;

const POWERS_OF_TEN = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

function powerOfTen(exponent: number): Whole {
  return POWERS_OF_TEN[exponent] ?? 10n ** BigInt(exponent);
}

/** A big integer as a safe one where it fits. */
function narrowed(value: bigint): Whole {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

// Adding 0 makes no difference but to minus zero, which no whole number is.
function times(a: Whole, b: Whole): Whole {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b + 0;
    if (Number.isSafeInteger(product)) return product;
  }
  return BigInt(a) * BigInt(b);
}

function plus(a: Whole, b: Whole): Whole {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return BigInt(a) + BigInt(b);
}

function minus(value: Whole): Whole {
  return typeof value === 'number' ? 0 - value : -value;
}

/** How often `divisor` goes into a dividend that is not negative. */
function quotient(dividend: Whole, divisor: Whole): Whole {
  if (typeof dividend === 'number' && typeof divisor === 'number')
    return (dividend - (dividend % divisor)) / divisor;
  return narrowed(BigInt(dividend) / BigInt(divisor));
}

/** @throws RangeError for a number that is not whole. */
function wholeFrom(value: Whole): Whole {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value + 0 : BigInt(value);
}

/** Whether a text is a decimal with a point, no thousands separator, at most `decimals` places. */
export function isDecimal(value: string, decimals: number = MAX_DECIMALS): boolean {
  const match = DECIMAL.exec(value);
  return match !== null && (match[3]?.length ?? 0) <= decimals;
}

/** As many digits as surely fit into a safe integer. */
const SAFE_DIGITS = 15;

/** A decimal of few digits without a sign, as most are; null for any other text. */
function shortDecimal(text: string): Fraction | null {
  if (text.length > SAFE_DIGITS) return null;
  let digits = 0;
  let point = -1;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit >= 0 && digit <= 9) digits = digits * 10 + digit;
    else if (digit === -2 && point < 0 && at > 0) point = at;
    else return null;
  }
  if (point < 0) return text.length === 0 ? null : { num: digits, den: 1 };
  const places = text.length - point - 1;
  return places === 0 ? null : { num: digits, den: POWERS_OF_TEN[places] ?? 1 };
}

/**
 * A decimal string ("-12.5") or a whole number as an exact fraction.
 * @throws RangeError where the text is not a decimal: callers check input at the border.
 */
export function fraction(value: string | number | bigint): Fraction {
  if (typeof value !== 'string') return { num: wholeFrom(value), den: 1 };
  const short = shortDecimal(value);
  if (short !== null) return short;
  const match = DECIMAL.exec(value);
  if (match === null) throw new RangeError(`not a decimal: ${JSON.stringify(value)}`);
  const [, sign, whole, places = ''] = match;
  const digits = narrowed(BigInt(`${whole}${places}`));
  return { num: sign === '-' ? minus(digits) : digits, den: powerOfTen(places.length) };
}

/** The fraction `num / den` of two whole numbers; `den` must not be zero. */
export function ratio(num: Whole, den: Whole): Fraction {
  const [n, d] = [wholeFrom(num), wholeFrom(den)];
  if (d === 0 || d === 0n) throw new RangeError('a fraction needs a denominator other than zero');
  return d < 0 ? { num: minus(n), den: minus(d) } : { num: n, den: d };
}

export function add(a: Fraction, b: Fraction): Fraction {
  if (a.den === b.den) return { num: plus(a.num, b.num), den: a.den };
  return { num: plus(times(a.num, b.den), times(b.num, a.den)), den: times(a.den, b.den) };
}

export function negate(a: Fraction): Fraction {
  return { num: minus(a.num), den: a.den };
}

export function subtract(a: Fraction, b: Fraction): Fraction {
  return add(a, negate(b));
}

export function multiply(a: Fraction, b: Fraction): Fraction {
  return { num: times(a.num, b.num), den: times(a.den, b.den) };
}

export function divide(a: Fraction, b: Fraction): Fraction {
  return ratio(times(a.num, b.den), times(a.den, b.num));
}

/** Negative, zero or positive, as `a` is less than, equal to or more than `b`. */
export function compare(a: Fraction, b: Fraction): number {
  const left = times(a.num, b.den);
  const right = times(b.num, a.den);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** -1, 0 or 1. */
export function signOf(a: Fraction): -1 | 0 | 1 {
  return a.num < 0 ? -1 : a.num > 0 ? 1 : 0;
}

export function isZero(a: Fraction): boolean {
  return a.num === 0 || a.num === 0n;
}

/** A hundredth of a number of percent: what it multiplies by. `hundredth(fraction("19"))` is 19/100. */
export function hundredth(percent: Fraction): Fraction {
  return { num: percent.num, den: times(percent.den, 100) };
}

/** `value` × 10^exponent, for minor units and decimal places. */
export function shifted(value: Fraction, exponent: number): Fraction {
  return { num: times(value.num, powerOfTen(exponent)), den: value.den };
}

/** Rounded to a whole number, half away from zero (billing rules §2). */
export function roundHalfAway({ num, den }: Fraction): Whole {
  const magnitude = num < 0 ? minus(num) : num;
  const whole = quotient(plus(times(2, magnitude), den), times(2, den));
  return num < 0 ? minus(whole) : whole;
}

/** The smallest whole number that is not less: 2.1 → 3, -2.1 → -2. */
export function ceiling({ num, den }: Fraction): Whole {
  if (num <= 0) return minus(quotient(minus(num), den));
  return quotient(plus(num, plus(den, -1)), den);
}

/** The whole number that a fraction is; null where it is none. */
export function wholeOf({ num, den }: Fraction): Whole | null {
  if (typeof num === 'number' && typeof den === 'number')
    return num % den === 0 ? num / den + 0 : null;
  const [n, d] = [BigInt(num), BigInt(den)];
  return n % d === 0n ? narrowed(n / d) : null;
}

/**
 * A fraction as the shortest decimal string, rounded half away from zero to at most `decimals` places:
 * `toDecimal(ratio(1, 3))` is "0.333333".
 */
export function toDecimal(value: Fraction, decimals: number = MAX_DECIMALS): string {
  if (value.den === 1) return String(value.num);
  const written = fixed(roundHalfAway(shifted(value, decimals)), decimals);
  if (decimals === 0) return written;
  let end = written.length;
  while (written.charCodeAt(end - 1) === 48) end -= 1;
  return written.slice(0, written.charCodeAt(end - 1) === 46 ? end - 1 : end);
}

/** A decimal that is in its shortest form already, as most are. */
const SHORTEST = /^(?:0|-?[1-9]\d*|-?(?:0|[1-9]\d*)\.\d*[1-9])$/;

/** A decimal string in its shortest form: "010.500" → "10.5". Two spellings of one number become one. */
export function normalizeDecimal(value: string): string {
  if (SHORTEST.test(value)) return value;
  return toDecimal(fraction(value), Math.max(MAX_DECIMALS, value.split('.')[1]?.length ?? 0));
}

/** Whole units of 10^-places, written out: `fixed(11900, 2)` is "119.00". */
export function fixed(units: Whole, places: number): string {
  const sign = units < 0 ? '-' : '';
  const digits = String(units < 0 ? minus(units) : units).padStart(places + 1, '0');
  if (places === 0) return `${sign}${digits}`;
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
