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
  it('of a period that began is earned through its last day; one that ends on a month’s end ends there', () => {
    const quarter = {
      net: 900,
      periodStart: '2026-04-01',
      periodEnd: '2026-06-30',
      on: '2026-04-02',
    };
    expect(revenueSchedule(quarter, '2026-05')).toEqual([
      { month: '2026-05', amount: 603 },
      { month: '2026-06', amount: 297 },
    ]);
    const later = { ...quarter, periodEnd: '2026-07-01' };
    expect(revenueSchedule(later, '2026-04').map(({ month }) => month)).toEqual([
      '2026-04',
      '2026-05',
      '2026-06',
      '2026-07',
    ]);
  });
  it('of no real period is earned on its day', () => {
    const at = (periodStart: string | null, periodEnd: string | null) =>
      revenueSchedule({ net: 500, periodStart, periodEnd, on: '2026-04-02' }, '2026-03');
    const once = [{ month: '2026-04', amount: 500 }];
    expect(at('2026-06-01', null)).toEqual(once);
    expect(at(null, '2026-06-30')).toEqual(once);
    expect(at('2026-06-30', '2026-06-01')).toEqual(once);
    expect(at(null, '2026-03-31')).toEqual(once);
    expect(at('2026-03-31', '2026-03-01')).toEqual(once);
    expect(at('2026-06-30', '2026-06-30')).toEqual([{ month: '2026-06', amount: 500 }]);
  });
  it('changed by a credit keeps what is closed and takes off from what is open', () => {
    // 365.00 for the year, its second half credited on 15 August: July is closed, and taken back in August.
    const credit = {
      net: -18400,
      periodStart: '2026-07-01',
      periodEnd: '2026-12-31',
      on: '2026-08-15',
    };
    const all = [...revenueSchedule(year, '2026-01'), ...revenueSchedule(credit, '2026-08')];
    const of = (month: string) =>
      all.filter((part) => part.month === month).reduce((sum, part) => sum + part.amount, 0);
    expect(['2026-06', '2026-07', '2026-08', '2026-09'].map(of)).toEqual([3000, 3100, -3100, 0]);
    expect(all.reduce((sum, part) => sum + part.amount, 0)).toBe(18100);
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
