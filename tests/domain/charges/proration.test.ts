/** Shares of a period, and the periods themselves (docs/rules/billing-rules.md §3), by hand. */
import { describe, expect, it } from 'vitest';
import {
  type Cycle,
  cycleOf,
  frequencyMonths,
  periodByNumber,
  periodContaining,
} from '../../../domain/charges/periods.ts';
import { days30E360, type Proration, shares } from '../../../domain/charges/proration.ts';

const year: Cycle = cycleOf('2026-01-01', 12, '2026-01-01');

describe('30E/360', () => {
  it.each([
    ['2026-01-01', '2027-01-01', 360],
    ['2026-01-01', '2026-02-01', 30],
    ['2026-02-01', '2026-03-01', 30],
    ['2026-01-31', '2026-02-28', 28],
    ['2026-01-30', '2026-03-31', 60],
    ['2026-03-16', '2026-04-01', 15],
    ['2026-05-31', '2026-06-01', 1],
    ['2026-05-30', '2026-05-31', 0],
    ['2024-02-28', '2024-02-29', 1],
  ])('from %s to %s are %i days', (from, to, days) => {
    expect(days30E360(from, to)).toBe(days);
    expect(days30E360(to, from)).toBe(0 - days);
  });
});

describe('shares', () => {
  const of = (policy: Proration, cycle: Cycle, ...cuts: string[]) =>
    shares(
      policy,
      cycle,
      periodContaining(cycle, cuts[0] ?? ''),
      cuts.slice(1).map((to, at) => ({ from: cuts[at] ?? '', to })),
    ).map(({ words }) => words);

  it('by day: days active over the days of the whole cycle', () => {
    expect(of('daily', year, '2026-01-01', '2026-02-01', '2027-01-01')).toEqual([
      '31/365',
      '334/365',
    ]);
    expect(of('daily', year, '2026-01-01', '2027-01-01')).toEqual(['1']);
    const leap = cycleOf('2024-01-01', 12, '2024-01-01');
    expect(of('daily', leap, '2024-02-01', '2024-03-01')).toEqual(['29/366']);
  });

  it('by 30E/360: a 31st alone is no day', () => {
    expect(of('thirty360', year, '2026-01-01', '2026-02-16', '2027-01-01')).toEqual([
      '45/360',
      '315/360',
    ]);
    expect(of('thirty360', year, '2026-05-30', '2026-05-31')).toEqual(['0']);
  });

  it('none: the first takes the period', () => {
    expect(of('none', year, '2026-06-01', '2026-07-01', '2026-08-01')).toEqual(['1', '0']);
  });

  it('by whole months: a month belongs to what is active on its first active day', () => {
    expect(of('whole-months', year, '2026-01-01', '2026-06-15', '2027-01-01')).toEqual([
      '6/12',
      '6/12',
    ]);
    expect(of('whole-months', year, '2026-01-01', '2026-06-01', '2027-01-01')).toEqual([
      '5/12',
      '7/12',
    ]);
    // Nothing before the 20th: the month is the first one's that is there.
    expect(of('whole-months', year, '2026-03-20', '2026-03-25', '2026-04-10')).toEqual([
      '1/12',
      '1/12',
    ]);
    expect(of('whole-months', year, '2026-03-20', '2026-03-25', '2026-03-31')).toEqual([
      '1/12',
      '0',
    ]);
    expect(of('whole-months', year, '2026-12-31', '2027-01-01')).toEqual(['1/12']);
  });

  it('by whole months of the anchor’s day, also in the second year', () => {
    const fifteenth = cycleOf('2026-01-15', 3, '2026-01-15');
    expect(of('whole-months', fifteenth, '2026-07-15', '2026-08-14', '2026-10-15')).toEqual([
      '1/3',
      '2/3',
    ]);
    expect(of('whole-months', fifteenth, '2026-07-15', '2026-08-15', '2026-08-16')).toEqual([
      '1/3',
      '1/3',
    ]);
    expect(of('whole-months', fifteenth, '2026-07-15', '2026-08-16', '2026-10-15')).toEqual([
      '2/3',
      '1/3',
    ]);
  });
});

describe('periods', () => {
  it.each([
    ['monthly', 1],
    ['Quarterly', 3],
    [' semiannual ', 6],
    ['annual', 12],
    ['1 year', 12],
    ['3 years', 36],
    ['10years', 120],
    ['2 YEARS', 24],
    ['0 years', null],
    ['100 years', null],
    ['years', null],
    ['2 yearss', null],
    ['in 2 years', null],
    ['-1 years', null],
    ['biannual', null],
    ['', null],
  ])('%j is %j months', (text, months) => {
    expect(frequencyMonths(text)).toBe(months);
  });

  it('are counted from the anchor, on both sides; none begins before the contract', () => {
    const cycle = cycleOf('2026-03-31', 1, '2026-01-15');
    expect(periodByNumber(cycle, 0)).toEqual({
      number: 0,
      start: '2026-03-31',
      cycleStart: '2026-03-31',
      cycleEnd: '2026-04-30',
    });
    expect(periodByNumber(cycle, -1)).toMatchObject({
      start: '2026-02-28',
      cycleEnd: '2026-03-31',
    });
    expect(periodByNumber(cycle, -3)).toMatchObject({
      start: '2026-01-15',
      cycleStart: '2025-12-31',
      cycleEnd: '2026-01-31',
    });
  });

  it.each([
    ['2026-02-27', -2],
    ['2026-02-28', -1],
    ['2026-03-30', -1],
    ['2026-03-31', 0],
    ['2026-04-29', 0],
    ['2026-04-30', 1],
    ['2027-02-27', 10],
    ['2027-02-28', 11],
    ['2024-02-29', -25],
    ['2024-02-28', -26],
  ])('%s lies in period %i of those that begin on the 31st', (day, number) => {
    const cycle = cycleOf('2026-03-31', 1, '2020-01-01');
    const period = periodContaining(cycle, day);
    expect(period.number).toBe(number);
    expect(period.cycleStart <= day && day < period.cycleEnd).toBe(true);
  });

  it('of years and of several years', () => {
    const leap = cycleOf('2024-02-29', 12, '2024-02-29');
    expect(periodContaining(leap, '2025-02-27').number).toBe(0);
    expect(periodContaining(leap, '2025-02-28').number).toBe(1);
    expect(periodContaining(leap, '2028-02-28').number).toBe(3);
    expect(periodContaining(leap, '2028-02-29').number).toBe(4);
    expect(periodContaining(leap, '2023-02-28').number).toBe(-1);
    const three = cycleOf('2026-07-01', 36, '2020-01-01');
    expect(periodContaining(three, '2026-06-30').number).toBe(-1);
    expect(periodContaining(three, '2029-06-30').number).toBe(0);
    expect(periodContaining(three, '2023-06-30').number).toBe(-2);
  });
});
