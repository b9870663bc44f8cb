/**
 * Arithmetic that changes from safe integers to big ones where it must is exact on both sides of the border: every
 * operation against the same one on big integers alone, with numbers small, large and just around 2^53.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fraction } from '../../../domain/money/decimal.ts';
import * as decimal from '../../../domain/money/decimal.ts';
import { parseMinor, toMinor } from '../../../domain/money/money.ts';

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);
/** Whole numbers of every size; half of them so that a product or a sum lies near the border of what is safe. */
const whole = fc.oneof(
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.bigInt({ min: -100_000_000n, max: 100_000_000n }),
  fc.bigInt({ min: SAFE - 3n, max: SAFE + 3n }),
  fc.bigInt({ min: -SAFE - 3n, max: -SAFE + 3n }),
  fc.bigInt({ min: 94_906_260n, max: 94_906_270n }),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
);
const positive = whole.map((n) => (n < 0n ? -n : n)).filter((n) => n > 0n);
const pair = fc.tuple(whole, positive);
type Pair = readonly [bigint, bigint];

/** The same value made in either of its forms, whichever fits. */
const of = ([num, den]: Pair): Fraction =>
  decimal.divide(decimal.fraction(num), decimal.fraction(den));
const same = (value: Fraction, [num, den]: Pair) =>
  BigInt(value.num) * den === num * BigInt(value.den);
const sign = (n: bigint) => (n < 0n ? -1 : n > 0n ? 1 : 0);
const halfAway = ([num, den]: Pair) => {
  const magnitude = ((num < 0n ? -num : num) * 2n + den) / (2n * den);
  return num < 0n ? -magnitude : magnitude;
};
const isExact = (n: decimal.Whole) =>
  typeof n === 'bigint' || (Number.isSafeInteger(n) && !Object.is(n, -0));

describe('exact arithmetic', () => {
  it('adds, subtracts, multiplies, divides and compares as big integers do', () => {
    fc.assert(
      fc.property(pair, pair, ([a, b], [c, d]) => {
        const [x, y] = [of([a, b]), of([c, d])];
        const results: [Fraction, Pair][] = [
          [decimal.add(x, y), [a * d + c * b, b * d]],
          [decimal.subtract(x, y), [a * d - c * b, b * d]],
          [decimal.multiply(x, y), [a * c, b * d]],
          [decimal.negate(x), [-a, b]],
          [decimal.hundredth(x), [a, b * 100n]],
          [decimal.shifted(x, 6), [a * 1_000_000n, b]],
        ];
        if (c !== 0n)
          results.push([decimal.divide(x, y), c < 0n ? [-a * d, -b * c] : [a * d, b * c]]);
        for (const [value, expected] of results) {
          expect(same(value, expected)).toBe(true);
          expect(value.den > 0 && isExact(value.num) && isExact(value.den)).toBe(true);
        }
        expect(decimal.compare(x, y)).toBe(sign(a * d - c * b));
        expect(decimal.signOf(x)).toBe(sign(a));
        expect(decimal.isZero(x)).toBe(a === 0n);
      }),
      { numRuns: 2000 },
    );
  });

  it('rounds half away from zero, up to the next whole number, and only what is whole is whole', () => {
    fc.assert(
      fc.property(pair, ([a, b]) => {
        const value = of([a, b]);
        const rounded = decimal.roundHalfAway(value);
        expect([BigInt(rounded), isExact(rounded)]).toEqual([halfAway([a, b]), true]);
        const up = a > 0n ? (a + b - 1n) / b : -(-a / b);
        expect(BigInt(decimal.ceiling(value))).toBe(up);
        const only = decimal.wholeOf(value);
        expect(only === null ? null : BigInt(only)).toBe(a % b === 0n ? a / b : null);
      }),
      { numRuns: 2000 },
    );
  });

  it('rounds a half away from zero on either side, however large', () => {
    fc.assert(
      fc.property(whole, positive, (n, den) => {
        const half = of([(2n * n + 1n) * den, 2n * den]);
        expect(BigInt(decimal.roundHalfAway(half))).toBe(n >= 0n ? n + 1n : n);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads and writes every decimal as it was meant', () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 20 });
    const places = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom('', '-', '+'), digits, places, (mark, before, after) => {
        const text = `${mark}${before.join('')}${after.length === 0 ? '' : `.${after.join('')}`}`;
        const units = BigInt(`${mark === '-' ? '-' : ''}${[...before, ...after].join('')}`);
        const value = decimal.fraction(text);
        expect(same(value, [units, 10n ** BigInt(after.length)])).toBe(true);
        const shortest = decimal.normalizeDecimal(text);
        expect(shortest).toMatch(/^(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d*[1-9])$/);
        expect(decimal.compare(decimal.fraction(shortest), value)).toBe(0);
        expect(decimal.toDecimal(value)).toBe(shortest);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['', '.', '.5', '5.', '-', '1,5', '1e3', ' 1', '0x1', '--1', '1.2.3', '٣'])(
    'refuses %j as a decimal',
    (text) => {
      expect(() => decimal.fraction(text)).toThrow(RangeError);
      expect(decimal.isDecimal(text)).toBe(false);
    },
  );

  it('refuses numbers that are not whole and denominators of zero', () => {
    expect(() => decimal.fraction(0.5)).toThrow(RangeError);
    expect(() => decimal.ratio(1, Number.NaN)).toThrow(RangeError);
    expect(() => decimal.ratio(1, 0)).toThrow(/denominator/);
    expect(() => decimal.ratio(1, 0n)).toThrow(/denominator/);
    expect(() => decimal.divide(decimal.ONE, decimal.ZERO)).toThrow(/denominator/);
  });

  it('keeps what is just beyond a safe integer, wherever a safe and a big number meet', () => {
    const huge = 10n ** 20n;
    const most = decimal.fraction(Number.MAX_SAFE_INTEGER);
    expect(decimal.add(most, decimal.fraction(2)).num).toBe(SAFE + 2n);
    expect(decimal.add(decimal.fraction(1), decimal.fraction(huge)).num).toBe(huge + 1n);
    expect(decimal.add(decimal.ratio(1, 3), decimal.ratio(1, 3))).toEqual({ num: 2, den: 3 });
    expect(decimal.fraction('12345678901234567').num).toBe(12345678901234567n);
    expect(decimal.fraction('1234567890.1234567').num).toBe(12345678901234567n);
    expect(decimal.ceiling(decimal.ratio(-1, huge))).toBe(0);
    expect(decimal.ceiling(decimal.ratio(1, huge))).toBe(1);
    expect(decimal.wholeOf(decimal.ratio(1, huge))).toBeNull();
    expect(decimal.wholeOf(decimal.ratio(huge, 4n))).toBe(25_000_000_000_000_000_000n);
  });

  it('knows zero in either form, and its sign', () => {
    const zeros = [decimal.ZERO, decimal.ratio(0n, 7n), decimal.fraction('0.00')];
    expect(zeros.map(decimal.isZero)).toEqual([true, true, true]);
    expect(zeros.map(decimal.signOf)).toEqual([0, 0, 0]);
    expect([decimal.ratio(1, 7), decimal.ratio(1n, -7n)].map(decimal.signOf)).toEqual([1, -1]);
    expect(decimal.isZero(decimal.ratio(1n, 7n))).toBe(false);
    expect(decimal.toDecimal(decimal.ratio(0, 3))).toBe('0');
    expect(decimal.fixed(0, 2)).toBe('0.00');
    expect(decimal.roundHalfAway(decimal.ratio(0, 3))).toBe(0);
  });

  it('counts the places of a decimal, and writes as many as are wanted', () => {
    expect(['1', '-1.5', '+0.123456', '0.1234567'].map((text) => decimal.isDecimal(text))).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect([decimal.isDecimal('1.25', 2), decimal.isDecimal('1.250', 2)]).toEqual([true, false]);
    expect(decimal.toDecimal(decimal.ratio(200, 2))).toBe('100');
    expect(decimal.toDecimal(decimal.ratio(200, 2), 0)).toBe('100');
    expect(decimal.toDecimal(decimal.ratio(201, 2), 0)).toBe('101');
    expect(decimal.normalizeDecimal('0.12345670')).toBe('0.1234567');
    expect(['010.500', '-0.0', '+7', '1.0', '-0.50'].map(decimal.normalizeDecimal)).toEqual([
      '10.5',
      '0',
      '7',
      '1',
      '-0.5',
    ]);
    expect(decimal.shifted(decimal.fraction(1), 20)).toEqual({ num: 10n ** 20n, den: 1 });
  });

  it('gives amounts as safe integers, and refuses what is none', () => {
    const most = decimal.fraction(SAFE);
    expect(toMinor(decimal.ratio(SAFE, 100), 'EUR')).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => toMinor(most, 'EUR')).toThrow(/out of range/);
    expect(parseMinor('90071992547409.91', 'EUR')).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => parseMinor('90071992547409.92', 'EUR')).toThrow(/out of range/);
    expect(Object.is(toMinor(decimal.fraction('-0.004'), 'EUR'), 0)).toBe(true);
    expect(Object.is(parseMinor('-0.00', 'EUR'), 0)).toBe(true);
  });
});
