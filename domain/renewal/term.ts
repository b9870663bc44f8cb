/**
 * Terms and their dates (billing rules §9): calendar months from the anchor, the next term on the
 * day after the last, and the days on which the renewal is drawn up, noticed and reminded of.
 */
import { addDays, addMonths, type CivilDate, parts } from '../dates/dates.ts';

/** A term of a contract; `end` is its last day. */
export interface Term {
  readonly start: CivilDate;
  readonly end: CivilDate;
}

/** Months of the next term where the old one was not made of whole months. */
export const DEFAULT_TERM_MONTHS = 12;
/**
 * The renewal is drawn up this many days before the term's end, earlier where the notice is longer.
 */
export const DEFAULT_LEAD_DAYS = 90;
/** … and this many before the notice date. */
export const NOTICE_MARGIN_DAYS = 30;
/** Reminders go out this many days before the term's end. */
export const DEFAULT_REMINDER_DAYS: readonly number[] = [60, 30, 7];

/** The day to draw up the renewal: max(90, notice days + 30) days before the term's end. */
export function drawUpOn(
  termEnd: CivilDate,
  noticeDays: number | null,
  leadDays: number = DEFAULT_LEAD_DAYS,
): CivilDate {
  return addDays(termEnd, -Math.max(leadDays, (noticeDays ?? 0) + NOTICE_MARGIN_DAYS));
}

/** The last day on which a notice still ends the contract with its term. */
export function noticeBy(termEnd: CivilDate, noticeDays: number | null): CivilDate {
  return addDays(termEnd, -(noticeDays ?? 0));
}

/** The days on which a renewal without an answer is reminded of, earliest first. */
export function reminderDays(
  termEnd: CivilDate,
  daysBefore: readonly number[] = DEFAULT_REMINDER_DAYS,
): CivilDate[] {
  return [...new Set(daysBefore)].sort((a, b) => b - a).map((days) => addDays(termEnd, -days));
}

/** How many months after the anchor a day lies; null where it is no day of the anchor's grid. */
function onGrid(anchor: CivilDate, day: CivilDate): number | null {
  const from = parts(anchor);
  const to = parts(day);
  const months = (to.year - from.year) * 12 + to.month - from.month;
  return addMonths(anchor, months) === day ? months : null;
}

/**
 * A term's length in whole months, counted from the anchor; null where it is not made of whole
 * months.
 */
export function termMonths(term: Term, anchor: CivilDate): number | null {
  const dayAfter = addDays(term.end, 1);
  const first = onGrid(anchor, term.start);
  const last = onGrid(anchor, dayAfter);
  const months = first !== null && last !== null ? last - first : onGrid(term.start, dayAfter);
  return months !== null && months > 0 ? months : null;
}

export interface NextTerm extends Term {
  readonly months: number;
  /**
   * What the new term's billing periods are counted from: the old anchor where it fits, so that the
   * 31st stays one.
   */
  readonly anchor: CivilDate;
}

/**
 * The term after a term, without a hole: a year after the one from 2027-02-28 to 2028-02-27 is the
 * one from 2028-02-28, never 365 days on. A contract anchored on 29 February comes back to it in
 * leap years.
 * @param months another length than the old term's, where one is agreed
 */
export function termAfter(term: Term, anchor: CivilDate, months?: number): NextTerm {
  const length = months ?? termMonths(term, anchor) ?? DEFAULT_TERM_MONTHS;
  if (!Number.isSafeInteger(length) || length < 1)
    throw new RangeError(`a term has a whole number of months, not ${length}`);
  const start = addDays(term.end, 1);
  const offset = onGrid(anchor, start);
  const grid = offset === null ? start : anchor;
  const end = addDays(addMonths(grid, (offset ?? 0) + length), -1);
  return { start, end, months: length, anchor: grid };
}
