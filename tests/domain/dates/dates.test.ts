/** The calendar: days, months that clamp, weeks (docs/rules/billing-rules.md §3). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMonths,
  civil,
  dayNumber,
  daysBetween,
  daysInMonth,
  earlier,
  endOfMonth,
  fromDayNumber,
  isBusinessDay,
  isCivilDate,
  isLeapYear,
  later,
  monthNumber,
  monthOf,
  nextBusinessDay,
  parts,
  startOfMonth,
  weekday,
} from '../../../domain/dates/dates.ts';
import { civilDateIn, startOfDayMs } from '../../../domain/dates/time-zones.ts';

const iso = (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10);
/** Days of the years 1 to 9999. */
const day = fc.integer({ min: -719_162, max: 2_932_896 });

describe('the calendar', () => {
  it.each([
    [1900, false],
    [2000, true],
    [2023, false],
    [2024, true],
    [2100, false],
    [2400, true],
  ])('%i: leap year %s', (year, leap) => {
    expect(isLeapYear(year)).toBe(leap);
    expect(daysInMonth(year, 2)).toBe(leap ? 29 : 28);
    expect(isCivilDate(`${year}-02-29`)).toBe(leap);
  });

  it('has months of 31, 28 or 29, and 30 days', () => {
    const months = Array.from({ length: 12 }, (_, at) => daysInMonth(2026, at + 1));
    expect(months).toEqual([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
  });

  it.each([
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-01-32',
    '2026-04-31',
    '26-01-01',
    '2026-1-01',
    '2026/01/01',
    '2026/01-01',
    '2026-0:-01',
    '2026-0/-01',
    '2026-:1-01',
    '2026-/1-01',
    '2026-01/01',
    '2026-01-01T00',
    ' 2026-01-01',
    '2026-01-1a',
    '2026-a1-01',
    'x026-01-01',
    '',
  ])('refuses %j', (text) => {
    expect(isCivilDate(text)).toBe(false);
    expect(() => parts(text)).toThrow(RangeError);
    expect(() => dayNumber(text)).toThrow(RangeError);
  });

  it('has the last day of its four hundred years', () => {
    for (const date of ['1600-02-29', '2000-02-29', '2000-03-01', '2400-02-29', '1999-12-31'])
      expect(fromDayNumber(dayNumber(date))).toBe(date);
    expect(daysBetween('2000-02-28', '2000-03-01')).toBe(2);
    expect(daysBetween('1600-03-01', '2000-03-01')).toBe(146_097);
  });

  it('law: counts days as the proleptic Gregorian calendar does, there and back', () => {
    fc.assert(
      fc.property(day, (days) => {
        const date = fromDayNumber(days);
        expect(date).toBe(iso(days));
        expect(isCivilDate(date)).toBe(true);
        expect(dayNumber(date)).toBe(days);
        const { year, month, day: of } = parts(date);
        expect(civil(year, month, of)).toBe(date);
        expect(monthNumber(date)).toBe(year * 12 + month - 1);
        const dayOfWeek = new Date(days * 86_400_000).getUTCDay();
        expect(weekday(date)).toBe(dayOfWeek === 0 ? 7 : dayOfWeek);
        expect(startOfMonth(date)).toBe(civil(year, month, 1));
        expect(endOfMonth(date)).toBe(civil(year, month, daysInMonth(year, month)));
        expect(monthOf(date)).toBe(date.slice(0, 7));
      }),
    );
  });

  it('law: adding days is the inverse of counting them', () => {
    const some = fc.integer({ min: -100_000, max: 100_000 });
    fc.assert(
      fc.property(fc.integer({ min: -500_000, max: 2_500_000 }), some, (start, days) => {
        const from = fromDayNumber(start);
        const to = addDays(from, days);
        expect(daysBetween(from, to)).toBe(days);
        expect(addDays(to, 0 - days)).toBe(from);
        expect([earlier(from, to), later(from, to)]).toEqual(days >= 0 ? [from, to] : [to, from]);
      }),
    );
  });
});

describe('months', () => {
  it.each([
    ['2026-01-31', 1, '2026-02-28'],
    ['2024-01-31', 1, '2024-02-29'],
    ['2026-01-31', 2, '2026-03-31'],
    ['2026-01-31', 3, '2026-04-30'],
    ['2026-12-15', 1, '2027-01-15'],
    ['2026-01-15', -1, '2025-12-15'],
    ['2026-03-31', -1, '2026-02-28'],
    ['2024-02-29', 12, '2025-02-28'],
    ['2024-02-29', 48, '2028-02-29'],
    ['2026-06-30', 0, '2026-06-30'],
    ['2026-05-31', -25, '2024-04-30'],
  ])('%s and %i months is %s', (from, months, to) => {
    expect(addMonths(from, months)).toBe(to);
  });

  it('law: land in the month that is meant, on the day or on the month’s end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40_000 }),
        fc.integer({ min: -600, max: 600 }),
        (days, months) => {
          const from = fromDayNumber(days);
          const to = addMonths(from, months);
          expect(monthNumber(to) - monthNumber(from)).toBe(months);
          const [a, b] = [parts(from), parts(to)];
          expect(b.day).toBe(Math.min(a.day, daysInMonth(b.year, b.month)));
        },
      ),
    );
  });
});

describe('business days', () => {
  it('are Monday to Friday, but no holidays', () => {
    // 2026-01-05 is a Monday.
    const week = Array.from({ length: 7 }, (_, at) => addDays('2026-01-05', at));
    expect(week.map((date) => isBusinessDay(date))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(isBusinessDay('2026-01-06', new Set(['2026-01-06']))).toBe(false);
  });

  it('the next one is the day itself, or the first after the weekend and the holidays', () => {
    expect(nextBusinessDay('2026-01-09')).toBe('2026-01-09');
    expect(nextBusinessDay('2026-01-10')).toBe('2026-01-12');
    expect(nextBusinessDay('2026-01-11')).toBe('2026-01-12');
    expect(nextBusinessDay('2026-01-10', new Set(['2026-01-12', '2026-01-13']))).toBe('2026-01-14');
  });
});

describe('time zones', () => {
  it.each([
    ['2026-03-31T22:30:00Z', 'Europe/Berlin', '2026-04-01'],
    ['2026-03-31T21:59:59Z', 'Europe/Berlin', '2026-03-31'],
    ['2026-03-31T22:30:00Z', 'America/New_York', '2026-03-31'],
    ['2026-04-01T03:59:59Z', 'America/New_York', '2026-03-31'],
    ['2026-04-01T01:30:00+02:00', 'UTC', '2026-03-31'],
    ['2026-03-29T01:30:00Z', 'Europe/Berlin', '2026-03-29'],
    ['2026-04-01', 'Pacific/Kiritimati', '2026-04-01'],
  ])('%s in %s is %s', (instant, zone, date) => {
    expect(civilDateIn(instant, zone)).toBe(date);
  });

  it('a day begins at its midnight, or where the clock went forward over it, just after', () => {
    expect(startOfDayMs('2026-04-01', 'Europe/Berlin')).toBe(Date.parse('2026-03-31T22:00:00Z'));
    expect(startOfDayMs('2026-01-01', 'UTC')).toBe(Date.parse('2026-01-01T00:00:00Z'));
    // Santiago went from 24:00 to 01:00 on 6 September 2026.
    expect(
      civilDateIn(
        new Date(startOfDayMs('2026-09-06', 'America/Santiago')).toISOString(),
        'America/Santiago',
      ),
    ).toBe('2026-09-06');
  });
});
