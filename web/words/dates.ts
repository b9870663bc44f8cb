/** Dates as people of a locale write them. Civil dates are days without a time zone: they are never shifted by one. */

const DAY_MS = 86_400_000;

/** Midnight UTC of a civil date (`YYYY-MM-DD`), to be written in UTC only. */
function atUtc(day: string): Date {
  return new Date(`${day.slice(0, 10)}T00:00:00Z`);
}

function write(day: string, options: Intl.DateTimeFormatOptions, locale?: string): string {
  const date = atUtc(day);
  if (Number.isNaN(date.getTime())) return day;
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(date);
}

/** "15 Nov 2026" or as the locale has it. */
export const dayText = (day: string, locale?: string): string =>
  write(day, { day: 'numeric', month: 'short', year: 'numeric' }, locale);

/** With the weekday, where it matters: "Sun, 15 Nov 2026". */
export const weekdayText = (day: string, locale?: string): string =>
  write(day, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }, locale);

/** `2026-11` as "November 2026". */
export const monthText = (month: string, locale?: string): string =>
  write(`${month.slice(0, 7)}-01`, { month: 'long', year: 'numeric' }, locale);

/** An instant in the reader's own time zone: "15 Nov 2026, 10:32". */
export function instantText(at: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(at),
  );
}

/** Only the time of day, in the reader's own time zone. */
export function timeText(atMs: number, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(new Date(atMs));
}

/** Whole days from one civil date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((atUtc(to).getTime() - atUtc(from).getTime()) / DAY_MS);
}

/** "today", "in 3 days", "12 days ago": said beside a date, never instead of it. */
export function relativeText(day: string, today: string, locale?: string): string {
  const days = daysBetween(today, day);
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  if (Math.abs(days) < 60) return words.format(days, 'day');
  const months = Math.round(days / 30.44);
  return Math.abs(months) < 24
    ? words.format(months, 'month')
    : words.format(Math.round(months / 12), 'year');
}

/** A sentence of the server's with its dates as the reader writes them, and a true minus before amounts. */
export function spoken(words: string, locale?: string): string {
  return words
    .replace(/\b\d{4}-\d{2}-\d{2}\b/g, (day) => dayText(day, locale))
    .replace(/\bof (\d{4}-\d{2})(?![-\d])/g, (_, month: string) => `of ${monthText(month, locale)}`)
    .replace(/(^|\s)-(?=\d[\d,]*(\.\d+)? [A-Z]{3}\b)/g, '$1−');
}

/** The reader's own day, for forms that ask "on which day". */
export function readersToday(): string {
  const now = new Date();
  const two = (part: number) => String(part).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** Share of the way from one day to another that a day lies at, in percent within 0 and 100. */
export function shareOfSpan(day: string, from: string, to: string): number {
  const span = Math.max(1, daysBetween(from, to));
  return Math.min(100, Math.max(0, (daysBetween(from, day) * 100) / span));
}
