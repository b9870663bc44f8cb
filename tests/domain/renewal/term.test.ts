import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, addMonths } from '../../../domain/dates/dates.ts';
import {
  drawUpOn,
  noticeBy,
  reminderDays,
  termAfter,
  termMonths,
} from '../../../domain/renewal/term.ts';

describe('when a renewal is drawn up', () => {
  it('is 90 days before the end, or 30 before a longer notice', () => {
    expect(drawUpOn('2027-12-31', null)).toBe('2027-10-02');
    expect(drawUpOn('2027-12-31', 60)).toBe('2027-10-02');
    expect(drawUpOn('2027-12-31', 61)).toBe('2027-10-01');
    expect(drawUpOn('2027-12-31', 90)).toBe('2027-09-02');
  });

  it('notice is in time on its date; reminders come at 60, 30 and 7 days', () => {
    expect(noticeBy('2027-12-31', 90)).toBe('2027-10-02');
    expect(noticeBy('2027-12-31', null)).toBe('2027-12-31');
    expect(reminderDays('2027-12-31')).toEqual(['2027-11-01', '2027-12-01', '2027-12-24']);
    expect(reminderDays('2027-12-31', [7, 60, 7])).toEqual(['2027-11-01', '2027-12-24']);
  });
});

describe('the next term', () => {
  it('from 2027-02-28 is a year to 2028-02-28, across the leap day', () => {
    const first = { start: '2027-02-28', end: '2028-02-27' };
    const second = termAfter(first, '2027-02-28');
    expect(second).toEqual({
      start: '2028-02-28',
      end: '2029-02-27',
      months: 12,
      anchor: '2027-02-28',
    });
  });

  it('of a contract that began on 29 February comes back to it', () => {
    let term = { start: '2024-02-29', end: '2025-02-27' };
    const ends: string[] = [];
    for (let year = 0; year < 4; year += 1) {
      const next = termAfter(term, '2024-02-29');
      ends.push(next.start, next.end);
      term = next;
    }
    expect(ends).toEqual([
      '2025-02-28',
      '2026-02-27',
      '2026-02-28',
      '2027-02-27',
      '2027-02-28',
      '2028-02-28',
      '2028-02-29',
      '2029-02-27',
    ]);
  });

  it('is as long as the old one; a year where that was not made of months, or what is agreed', () => {
    expect(termMonths({ start: '2024-01-15', end: '2027-01-14' }, '2024-01-15')).toBe(36);
    expect(termAfter({ start: '2024-01-15', end: '2027-01-14' }, '2024-01-15').end).toBe(
      '2030-01-14',
    );
    const odd = { start: '2011-01-01', end: '2012-01-26' };
    expect(termMonths(odd, '2010-12-15')).toBeNull();
    expect(termAfter(odd, '2010-12-15')).toEqual({
      start: '2012-01-27',
      end: '2013-01-26',
      months: 12,
      anchor: '2012-01-27',
    });
    expect(termAfter({ start: '2026-01-01', end: '2026-12-31' }, '2026-01-01', 24).end).toBe(
      '2028-12-31',
    );
    expect(() => termAfter(odd, odd.start, 0)).toThrow(RangeError);
  });

  it('law: twenty terms follow each other without a hole or an overlap, and never drift from the anchor', () => {
    const start = fc.integer({ min: 0, max: 3000 }).map((days) => addDays('2020-01-01', days));
    fc.assert(
      fc.property(start, fc.constantFrom(1, 3, 6, 12, 36), (anchor, months) => {
        let term = { start: anchor, end: addDays(addMonths(anchor, months), -1) };
        for (let count = 1; count <= 20; count += 1) {
          const next = termAfter(term, anchor, months);
          expect(next.start).toBe(addDays(term.end, 1));
          expect(next.start).toBe(addMonths(anchor, count * months));
          term = next;
        }
      }),
    );
  });
});
