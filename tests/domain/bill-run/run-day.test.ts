import { describe, expect, it } from 'vitest';
import { runDayOf, runDayOnOrAfter } from '../../../domain/bill-run/run-day.ts';

describe('the day of a run', () => {
  it('is the 15th of its month', () => expect(runDayOf('2026-11')).toBe('2026-11-15'));

  it.each([
    ['2026-11-01', '2026-11-15'],
    ['2026-11-15', '2026-11-15'],
    ['2026-11-16', '2026-12-15'],
    ['2026-12-31', '2027-01-15'],
    ['2027-01-31', '2027-02-15'],
  ])('is not before a day: %s waits for %s', (day, run) => expect(runDayOnOrAfter(day)).toBe(run));
});
