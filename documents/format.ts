/**
 * Amounts, numbers and dates as the reader's language writes them. `Intl` gets every choice as an argument: nothing here
 * depends on the machine's locale or time zone.
 */
import { parts } from '../domain/dates/dates.ts';
import { exponentOf, formatMinor } from '../domain/money/money.ts';

export type Language = 'en' | 'de';

/** How one document is written: in which language, by which locale's conventions. */
export interface Formatter {
  readonly language: Language;
  /** A BCP 47 tag that `Intl` knows. */
  readonly locale: string;
  /** 123456 EUR → "1,234.56" (en), "1.234,56" (de). */
  amount(minor: number, currency: string): string;
  /** With its currency code: "1,234.56 EUR". */
  money(minor: number, currency: string): string;
  /** A decimal string: "1234.5" → "1,234.5"; at least `decimals` places. */
  number(decimal: string, decimals?: number): string;
  /** "14 January 2027", "14. Januar 2027". */
  date(on: string): string;
  /** "14 Jan 2027", "14.01.2027": for tables. */
  shortDate(on: string): string;
  /** "January 2027" of `YYYY-MM`. */
  month(month: string): string;
  period(from: string, through: string): string;
  percent(decimal: string): string;
  country(code: string): string;
}

/** Thin and narrow no-break spaces do not exist in every font; the plain no-break space does. */
const plainSpaces = (text: string) => text.replace(/[\u2009\u202f]/g, '\u00a0');

/** The locale that writes for a language tag and, where the tag has no region, the seller's country. */
export function localeOf(language: string, country: string | null): string {
  const [base = '', ...rest] = language.replaceAll('_', '-').split('-');
  const region = rest.find((part) => /^[A-Za-z]{2}$/.test(part))?.toUpperCase();
  const known = base.toLowerCase();
  if (known === 'de') return `de-${region === 'AT' || region === 'CH' ? region : 'DE'}`;
  if (known === 'en' && region !== undefined) return `en-${region}`;
  return country === 'US' ? 'en-US' : 'en-GB';
}

const formatters = new Map<string, Formatter>();

/** The formatter of a language tag; languages without a translation are written in English. */
export function formatterOf(language: string, country: string | null = null): Formatter {
  const locale = localeOf(language, country);
  const known = formatters.get(locale);
  if (known !== undefined) return known;
  const made = makeFormatter(locale);
  formatters.set(locale, made);
  return made;
}

function makeFormatter(locale: string): Formatter {
  const decimalFormats = new Map<number, Intl.NumberFormat>();
  const decimals = (minimum: number): Intl.NumberFormat => {
    const cached = decimalFormats.get(minimum);
    if (cached !== undefined) return cached;
    const format = new Intl.NumberFormat(locale, {
      minimumFractionDigits: minimum,
      maximumFractionDigits: Math.max(minimum, 6),
      numberingSystem: 'latn',
    });
    decimalFormats.set(minimum, format);
    return format;
  };
  const dates = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC', calendar: 'gregory' });
  const long = dates({ day: 'numeric', month: 'long', year: 'numeric' });
  const german = locale.startsWith('de');
  const short = german
    ? dates({ day: '2-digit', month: '2-digit', year: 'numeric' })
    : dates({ day: 'numeric', month: 'short', year: 'numeric' });
  const month = dates({ month: 'long', year: 'numeric' });
  const countries = new Intl.DisplayNames(locale, { type: 'region', fallback: 'code' });
  const instant = (on: string) => {
    const { year, month: m, day } = parts(on);
    return new Date(Date.UTC(year, m - 1, day));
  };
  // A decimal string is formatted exactly; as a number it would pass through a binary float.
  const number = (decimal: string, minimum = 0) =>
    plainSpaces(decimals(minimum).format(decimal as `${number}`));
  const amount = (minor: number, currency: string) =>
    number(formatMinor(minor, currency), exponentOf(currency));
  return {
    language: german ? 'de' : 'en',
    locale,
    amount,
    money: (minor, currency) => `${amount(minor, currency)}\u00a0${currency}`,
    number,
    date: (on) => plainSpaces(long.format(instant(on))),
    shortDate: (on) => plainSpaces(short.format(instant(on))),
    month: (value) => plainSpaces(month.format(instant(`${value}-01`))),
    period: (from, through) =>
      `${plainSpaces(short.format(instant(from)))} – ${plainSpaces(short.format(instant(through)))}`,
    percent: (decimal) => `${number(decimal)}${german ? '\u00a0' : ''}%`,
    country: (code) => (/^[A-Z]{2}$/.test(code) ? (countries.of(code) ?? code) : code),
  };
}
