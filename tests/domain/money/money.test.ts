/** Minor units, and amounts that are split (docs/rules/billing-rules.md §2). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ceiling, fixed, fraction, ratio, toDecimal } from '../../../domain/money/decimal.ts';
import {
  exponentOf,
  formatMinor,
  parseMinor,
  splitByLargestRemainder,
  toMinor,
} from '../../../domain/money/money.ts';

describe('minor units', () => {
  it.each([
    ['USD', 2, '12.34', 1234],
    ['EUR', 2, '-0.01', -1],
    ['JPY', 0, '1234', 1234],
    ['KRW', 0, '0', 0],
    ['KWD', 3, '1.005', 1005],
    ['TND', 3, '0.010', 10],
    ['CLF', 4, '1.0001', 10001],
  ])('%s has %i decimals: %s is %i', (currency, decimals, text, minor) => {
    expect(exponentOf(currency)).toBe(decimals);
    expect(parseMinor(text, currency)).toBe(minor);
    expect(parseMinor(formatMinor(minor, currency), currency)).toBe(minor);
  });

  it('are written with all their decimals', () => {
    expect(formatMinor(119_000, 'EUR')).toBe('1190.00');
    expect(formatMinor(5, 'EUR')).toBe('0.05');
    expect(formatMinor(-5, 'KWD')).toBe('-0.005');
    expect(formatMinor(-1234, 'JPY')).toBe('-1234');
    expect(fixed(-7n, 0)).toBe('-7');
  });

  it('refuse an amount with more decimals than the currency has', () => {
    expect(() => parseMinor('1.001', 'EUR')).toThrow('1.001 has more decimals than EUR allows');
    expect(() => parseMinor('0.1', 'JPY')).toThrow(RangeError);
    expect(parseMinor('1.100', 'EUR')).toBe(110);
  });

  it('round half away from zero, once', () => {
    expect(
      ['0.005', '0.0049999', '-0.005', '-0.0049999'].map((x) => toMinor(fraction(x), 'EUR')),
    ).toEqual([1, 0, -1, 0]);
    expect(toMinor(ratio(1, 3), 'KWD')).toBe(333);
    expect(toMinor(ratio(2, 3), 'JPY')).toBe(1);
  });

  it('shortest decimals are cut at six places', () => {
    expect(toDecimal(ratio(1, 3))).toBe('0.333333');
    expect(toDecimal(ratio(2, 3))).toBe('0.666667');
    expect(toDecimal(ratio(-1, 8))).toBe('-0.125');
    expect(toDecimal(ratio(100, 1))).toBe('100');
    expect(toDecimal(ratio(1, 3), 2)).toBe('0.33');
    expect(ceiling(ratio(7, 2))).toEqual(ceiling(fraction(4)));
  });
});

describe('splitting', () => {
  it.each([
    [100, [1, 1, 1], [34, 33, 33]],
    [-100, [1, 1, 1], [-34, -33, -33]],
    [2, [1, 1, 1], [1, 1, 0]],
    [10, [0, 3, 7], [0, 3, 7]],
    [5, [0, 0], [5, 0]],
    [0, [], []],
    [7, [2, 4, 6], [1, 2, 4]],
    [1, [1, 2], [0, 1]],
    // 1.5, 0.9 and 0.6: the remainders decide, not the shares.
    [3, [5, 3, 2], [1, 1, 1]],
    [3, [2, 3, 5], [1, 1, 1]],
    // 1.75, 1.75, 0.5: the first two are nearer to the next unit, and the tie between them is not asked.
    [4, [7, 7, 2], [2, 2, 0]],
    [-4, [2, 7, 7], [0, -2, -2]],
  ])('%i by %j is %j', (whole, weights, expected) => {
    expect(splitByLargestRemainder(whole, weights)).toEqual(expected);
  });

  it('over nothing is refused', () => {
    expect(() => splitByLargestRemainder(1, [])).toThrow('nothing to split');
  });

  it('law: the parts sum to the whole, none is a unit away from its share, and reversing is the mirror', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 1_000_000 }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), weights, (whole, given) => {
        const parts = splitByLargestRemainder(whole, given);
        expect(parts.reduce((a, b) => a + b, 0)).toBe(whole);
        expect(splitByLargestRemainder(0 - whole, given)).toEqual(parts.map((part) => 0 - part));
        const total = given.reduce((a, b) => a + BigInt(b), 0n);
        for (const [at, part] of parts.entries()) {
          const off = BigInt(part) * total - BigInt(whole) * BigInt(given[at] ?? 0);
          if (total > 0n) expect(off > -total && off < total).toBe(true);
        }
      }),
    );
  });
});
