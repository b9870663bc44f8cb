/** Earned revenue by month (docs/rules/billing-rules.md §10). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { revenueSchedule } from '../../../domain/revenue/schedule.ts';

const year = { net: 36500, periodStart: '2026-01-01', periodEnd: '2026-12-31', on: '2025-11-15' };

describe('revenue schedule', () => {
  it('is straight-line by day', () => {
    const months = revenueSchedule(year, '2025-11');
    expect(months.slice(0, 3)).toEqual([
      { month: '2026-01', amount: 3100 },
      { month: '2026-02', amount: 2800 },
      { month: '2026-03', amount: 3100 },
    ]);
    expect(months).toHaveLength(12);
  });
  it('never touches closed months: what they would have earned is earned in the first open one', () => {
    expect(revenueSchedule({ ...year, on: '2026-03-15' }, '2026-03')[0]).toEqual({
      month: '2026-03',
      amount: 9000,
    });
  });
  it('a line without a period is earned at once', () => {
    const line = { net: 500, periodStart: null, periodEnd: null, on: '2026-04-02' };
    expect(revenueSchedule(line, '2026-04')).toEqual([{ month: '2026-04', amount: 500 }]);
  });
  it('sums to the net, credits too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -99_999, max: 99_999 }),
        fc.integer({ min: 0, max: 800 }),
        (net, days) => {
          const end = new Date(Date.UTC(2026, 0, 31) + days * 86_400_000)
            .toISOString()
            .slice(0, 10);
          const line = { net, periodStart: '2026-01-31', periodEnd: end, on: '2026-01-15' };
          const months = revenueSchedule(line, '2026-03');
          expect(months.reduce((sum, part) => sum + part.amount, 0)).toBe(net);
          expect(months.every((part) => part.month >= '2026-03')).toBe(true);
        },
      ),
    );
  });
});
