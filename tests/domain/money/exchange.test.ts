/** What a person counts in another currency: the rate in words, and postings that are zero in each currency (billing rules §7). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { postingsForExchange } from '../../../domain/ledger/exchange.ts';
import { isBalanced, netPostings } from '../../../domain/ledger/postings.ts';
import { compare, divide, fraction, subtract } from '../../../domain/money/decimal.ts';
import { type CurrencyAmount, rateInWords } from '../../../domain/money/exchange.ts';
import { formatMinor } from '../../../domain/money/money.ts';

const of = (amountMinor: number, currency: string): CurrencyAmount => ({ amountMinor, currency });

describe('a rate in words', () => {
  it.each([
    [of(108_000, 'USD'), of(100_000, 'EUR'), '1 EUR = 1.08 USD'],
    [of(100_000, 'EUR'), of(108_000, 'USD'), '1 EUR = 1.08 USD'],
    // Yen have no decimals, dinars three.
    [of(16_250, 'JPY'), of(10_000, 'EUR'), '1 EUR = 162.5 JPY'],
    [of(1_000, 'KWD'), of(325, 'USD'), '1 KWD = 3.25 USD'],
    [of(500, 'USD'), of(500, 'EUR'), '1 EUR = 1 USD'],
    [of(10_000, 'USD'), of(9_300, 'EUR'), '1 EUR = about 1.075269 USD'],
  ])('of %o as %o is "%s"', (from, to, words) => {
    expect(rateInWords(from, to)).toBe(words);
  });

  it('is at least 1 and off by less than a millionth, and says where it is rounded', () => {
    const minor = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(minor, minor, (a, b) => {
        const words = rateInWords(of(a, 'USD'), of(b, 'KWD'));
        const [, less, about, written, more] =
          /^1 (\w{3}) = (about )?([\d.]+) (\w{3})$/.exec(words) ?? [];
        const major = (currency: string | undefined) =>
          fraction(currency === 'USD' ? formatMinor(a, 'USD') : formatMinor(b, 'KWD'));
        const rate = divide(major(more), major(less));
        const off = subtract(fraction(written ?? ''), rate);
        const one = fraction(1);
        expect(compare(rate, one)).toBeGreaterThanOrEqual(0);
        expect(about === undefined).toBe(compare(off, fraction(0)) === 0);
        const bound = fraction('0.000001');
        expect([compare(off, bound), compare(off, fraction('-0.000001'))]).toEqual([-1, 1]);
      }),
    );
  });
});

describe('the postings of an exchange', () => {
  it('are zero in each currency, and nothing with those of the way back', () => {
    const minor = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(minor, minor, (a, b) => {
        const [from, to] = [of(a, 'USD'), of(b, 'EUR')];
        const there = postingsForExchange({ account: 'A-1', from, to });
        expect(isBalanced(there)).toBe(true);
        expect(there.map(({ ledgerAccount }) => ledgerAccount)).not.toContain('bank');
        const back = postingsForExchange({ account: 'A-1', from: to, to: from });
        expect(netPostings([...there, ...back])).toEqual([]);
      }),
    );
  });
});
