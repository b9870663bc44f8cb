/** First open days and the bank's balance. */
import { describe, expect, it } from 'vitest';
import { bankBalances } from '../../../domain/ledger/bank-balance.ts';
import { firstOpenDay } from '../../../domain/ledger/closing.ts';

describe('the first open day', () => {
  it.each([
    ['2026-11-10', null, [], '2026-11-10'],
    ['2026-11-10', '2026-11-10', [], '2026-11-11'],
    ['2026-11-11', '2026-11-10', [], '2026-11-11'],
    ['2026-11-20', '2026-11-10', [], '2026-11-20'],
    ['2026-10-31', null, ['2026-10'], '2026-11-01'],
    ['2026-12-05', null, ['2026-12', '2027-01'], '2027-02-01'],
    ['2026-10-05', '2026-10-31', ['2026-11'], '2026-12-01'],
    ['2026-10-05', '2026-11-15', ['2026-10'], '2026-11-16'],
    ['2026-09-05', null, ['2026-10'], '2026-09-05'],
  ])('for %s, closed through %s and %s, is %s', (day, through, months, open) => {
    expect(firstOpenDay(day, { through, months: new Set(months) })).toBe(open);
  });
});

describe('bank against ledger', () => {
  const item = { kind: 'not-in-ledger', currency: 'EUR', on: null, words: 'fee' } as const;
  it('tells what items explain and what they do not, a currency each', () => {
    const [eur, usd] = bankBalances(
      [{ currency: 'EUR', balanceMinor: 1000 }],
      [
        { currency: 'EUR', balanceMinor: 1030 },
        { currency: 'USD', balanceMinor: 5 },
      ],
      [{ ...item, amountMinor: -20 }],
    );
    expect(eur).toMatchObject({ differenceMinor: -30, unexplainedMinor: -10 });
    expect(usd).toMatchObject({ bankMinor: 0, differenceMinor: -5, items: [] });
    const none = bankBalances(
      [],
      [],
      [
        { ...item, currency: 'USD', amountMinor: 0 },
        { ...item, currency: 'CHF', amountMinor: 3 },
      ],
    );
    expect(none.map(({ currency, items }) => [currency, items.length])).toEqual([
      ['CHF', 1],
      ['USD', 0],
    ]);
  });
});
