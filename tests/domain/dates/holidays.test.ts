import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, daysBetween, weekday } from '../../../domain/dates/dates.ts';
import { holidaysFrom, nextWorkingDay } from '../../../domain/dates/holidays.ts';

describe('the next working day', () => {
  it.each([
    ['a Monday', '2027-02-15', null, '2027-02-15'],
    ['a Saturday', '2027-05-15', null, '2027-05-17'],
    ['a Sunday', '2026-11-15', '', '2026-11-16'],
    ['a holiday of that year', '2027-02-15', '2027-02-15', '2027-02-16'],
    ['the same day of another year', '2028-02-15', '2027-02-15', '2028-02-15'],
    ['Christmas, then a weekend', '2027-12-24', '12-24, 12-25; 12-26', '2027-12-27'],
    ['over the year’s end', '2027-12-31', '12-31 01-01', '2028-01-03'],
    ['a Friday where the weekend begins then', '2027-01-01', 'weekend=fri+sat', '2027-01-03'],
    ['a Sunday where nobody rests', '2026-11-15', 'weekend=none', '2026-11-15'],
    ['a holiday where nobody rests', '2026-12-25', '12-25 weekend=none', '2026-12-26'],
    ['a leap day', '2028-02-29', '02-29', '2028-03-01'],
  ])('of %s', (_words, day, holidays, expected) => {
    expect(nextWorkingDay(day, holidays)).toBe(expected);
  });

  it.each(['weekend=', 'weekend=doomsday', 'weekend=mon+tue+wed+thu+fri+sat+sun'])(
    'refuses "%s"',
    (text) => {
      expect(() => nextWorkingDay('2027-01-01', text)).toThrow(/write weekend=fri\+sat/);
    },
  );
  it.each(['Christmas', '2027-02-30', '13-01', '12-25-2027'])('refuses "%s"', (text) => {
    expect(() => holidaysFrom(text, '2027-01-01')).toThrow(/holidays.*write 2027-03-26/);
  });

  it('is never before the day, never on a weekend, and no working day is passed over', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), (offset) => {
        const day = addDays('2000-01-01', offset);
        const next = nextWorkingDay(day, null);
        expect(weekday(next)).toBeLessThanOrEqual(5);
        expect(daysBetween(day, next)).toBeGreaterThanOrEqual(0);
        for (let at = day; at < next; at = addDays(at, 1)) expect(weekday(at)).toBeGreaterThan(5);
      }),
    );
  });
});
