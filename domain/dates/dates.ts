/**
 * Civil dates as `YYYY-MM-DD` strings, which sort as they follow each other. No clock and no time zone here: "today" is
 * always an argument (docs/rules §3). Days are counted from 1970-01-01 in the proleptic Gregorian calendar.
 */

/** A civil date, `YYYY-MM-DD`. */
export type CivilDate = string;

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Whether a text is a date of the calendar: 2026-02-29 is not. */
export function isCivilDate(value: string): boolean {
  const match = DATE.exec(value);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

export interface DateParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Two decimal digits at a place of a text; NaN where there are none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/**
 * A date in one number: months since January of year 0, and the day in the lowest five bits. Reading a date makes no object:
 * a run reads millions.
 */
function packed(date: CivilDate): number {
  const year = twoDigits(date, 0) * 100 + twoDigits(date, 2);
  const month = twoDigits(date, 5);
  const day = twoDigits(date, 8);
  const written = date.length === 10 && date[4] === '-' && date[7] === '-';
  // Comparisons with NaN are false: what is no digit is no date.
  const real =
    year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  if (!(written && real)) throw new RangeError(`not a date: ${JSON.stringify(date)}`);
  return (year * 12 + month - 1) * DAY_PLACES + day;
}

const DAY_PLACES = 32;

/** @throws RangeError where the text is not a date of the calendar. */
export function parts(date: CivilDate): DateParts {
  const months = monthNumber(date);
  return { year: floorDiv(months, 12), month: (months % 12) + 1, day: packed(date) % DAY_PLACES };
}

/** Months since January of year 0: the distance of two dates' months is the difference of these. */
export function monthNumber(date: CivilDate): number {
  return floorDiv(packed(date), DAY_PLACES);
}

const TWO_DIGITS = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));

export function civil(year: number, month: number, day: number): CivilDate {
  const key = (year * 12 + month - 1) * DAY_PLACES + day;
  const known = WRITTEN.get(key);
  if (known !== undefined) return known;
  const shown = year >= 1000 ? String(year) : String(year).padStart(4, '0');
  const date = `${shown}-${TWO_DIGITS[month]}-${TWO_DIGITS[day]}`;
  if (WRITTEN.size >= KNOWN_DAYS) WRITTEN.clear();
  WRITTEN.set(key, date);
  return date;
}

/** A book speaks of the same few thousand days again and again. */
const KNOWN_DAYS = 50_000;
const DAY_NUMBERS = new Map<CivilDate, number>();
const WRITTEN = new Map<number, CivilDate>();

function floorDiv(a: number, b: number): number {
  const rest = a % b;
  return (a - (rest < 0 ? rest + b : rest)) / b;
}

/** Days since 1970-01-01 (Howard Hinnant's days_from_civil). */
export function dayNumber(date: CivilDate): number {
  const known = DAY_NUMBERS.get(date);
  if (known !== undefined) return known;
  const { year, month, day } = parts(date);
  const y = month <= 2 ? year - 1 : year;
  const era = floorDiv(y, 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = floorDiv(153 * (month + (month > 2 ? -3 : 9)) + 2, 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + floorDiv(yearOfEra, 4) - floorDiv(yearOfEra, 100) + dayOfYear;
  const number = era * 146_097 + dayOfEra - 719_468;
  if (DAY_NUMBERS.size >= KNOWN_DAYS) DAY_NUMBERS.clear();
  DAY_NUMBERS.set(date, number);
  return number;
}

/** The date of a day number; the inverse of {@link dayNumber}. */
export function fromDayNumber(days: number): CivilDate {
  const z = days + 719_468;
  const era = floorDiv(z, 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = floorDiv(
    dayOfEra - floorDiv(dayOfEra, 1460) + floorDiv(dayOfEra, 36_524) - floorDiv(dayOfEra, 146_096),
    365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + floorDiv(yearOfEra, 4) - floorDiv(yearOfEra, 100));
  const shifted = floorDiv(5 * dayOfYear + 2, 153);
  const day = dayOfYear - floorDiv(153 * shifted + 2, 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return civil(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day);
}

export function addDays(date: CivilDate, days: number): CivilDate {
  const at = packed(date);
  const day = (at % DAY_PLACES) + days;
  // Within the first four weeks of the month no calendar is needed.
  if (day >= 1 && day <= 28) return ofMonth(floorDiv(at, DAY_PLACES), day);
  return fromDayNumber(dayNumber(date) + days);
}

/** Days from `from` to `to`: 0 on the same day, negative when `to` is earlier. */
export function daysBetween(from: CivilDate, to: CivilDate): number {
  return dayNumber(to) - dayNumber(from);
}

/** Adds calendar months and clamps to the month's end: 31 Jan + 1 → 28/29 Feb. Add from the anchor, never in steps. */
export function addMonths(date: CivilDate, months: number): CivilDate {
  const at = packed(date);
  return ofMonth(floorDiv(at, DAY_PLACES) + months, at % DAY_PLACES);
}

/** A day of a month by its {@link monthNumber}; one that the month does not have becomes its last. */
function ofMonth(number: number, day: number): CivilDate {
  const year = floorDiv(number, 12);
  const month = number - year * 12 + 1;
  return civil(year, month, day <= 28 ? day : Math.min(day, daysInMonth(year, month)));
}

export function startOfMonth(date: CivilDate): CivilDate {
  return `${date.slice(0, 7)}-01`;
}

export function endOfMonth(date: CivilDate): CivilDate {
  return ofMonth(monthNumber(date), 31);
}

/** The month of a date, `YYYY-MM`. */
export function monthOf(date: CivilDate): string {
  return date.slice(0, 7);
}

/** 1 is Monday, 7 is Sunday. */
export function weekday(date: CivilDate): number {
  const shifted = dayNumber(date) + 3; // 1970-01-01 was a Thursday
  return shifted - floorDiv(shifted, 7) * 7 + 1;
}

/** Monday to Friday; public holidays are data that the caller gives. */
export function isBusinessDay(date: CivilDate, holidays: ReadonlySet<string> = new Set()): boolean {
  return weekday(date) <= 5 && !holidays.has(date);
}

/** The date itself, or the first business day after it. */
export function nextBusinessDay(
  date: CivilDate,
  holidays: ReadonlySet<string> = new Set(),
): CivilDate {
  let day = date;
  while (!isBusinessDay(day, holidays)) day = addDays(day, 1);
  return day;
}

export function earlier(a: CivilDate, b: CivilDate): CivilDate {
  return a <= b ? a : b;
}

export function later(a: CivilDate, b: CivilDate): CivilDate {
  return a >= b ? a : b;
}
