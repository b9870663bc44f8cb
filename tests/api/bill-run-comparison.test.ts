/** The head of a run's review: what goes out beside what the same contracts were billed before. */
import { expect, it } from 'vitest';
import { comparisonOf } from '../../api/views/bill-runs.ts';

type Item = Parameters<typeof comparisonOf>[0][number];

const item = (currency: string, netMinor: number, rest: Partial<Item> = {}): Item => ({
  kind: 'invoice',
  decision: 'include',
  currency,
  netMinor,
  taxMinor: 0,
  totalMinor: netMinor,
  lastMonthNetMinor: null,
  lastYearNetMinor: null,
  ...rest,
});

it('compares what was billed before with what those contracts are billed now', () => {
  const [euros, dollars, ...others] = comparisonOf([
    item('USD', 500),
    item('EUR', 12_000, { lastYearNetMinor: 10_000, lastMonthNetMinor: 0 }),
    item('EUR', 70_000),
    item('EUR', -300, { kind: 'credit_note', lastYearNetMinor: 200 }),
    item('EUR', 9_000, { decision: 'exclude', lastYearNetMinor: 9_000 }),
  ]);
  expect(others).toEqual([]);
  expect(euros).toMatchObject({
    currency: 'EUR',
    net: 81_700,
    lastYearNet: 10_200,
    netOfLastYears: 11_700,
    lastMonthNet: 0,
    netOfLastMonths: 12_000,
  });
  expect(dollars).toMatchObject({ currency: 'USD', lastYearNet: null, netOfLastYears: null });
});
