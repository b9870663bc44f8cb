/**
 * From the text of a cell to a value, and back, by the kind of its column. Source:
 * docs/rules/contract-book.md.
 */
import type { ColumnKind, ColumnSpec } from '../../domain/book/tables.ts';
import { isCivilDate } from '../../domain/dates/dates.ts';
import { isDecimal } from '../../domain/money/decimal.ts';
import { isCountry, isCurrency, isTimeZone } from './codes.ts';

export type CellValue = string | number | boolean | readonly string[] | null;

/** What a cell holds, or what would have been accepted. */
export type CellReading =
  | { readonly ok: true; readonly value: CellValue }
  | { readonly ok: false; readonly message: string };

/** As much as a spreadsheet's cell can hold. */
const TEXT_LIMIT_CHARS = 32_767;
/** Amounts live in safe integers of minor units; nothing larger is a price or a quantity. */
const WHOLE_DIGITS = /^[+-]?\d{1,15}(\.|$)/;

const accept = (value: CellValue): CellReading => ({ ok: true, value });
const refuse = (message: string): CellReading => ({ ok: false, message });

/** Reads one cell. Blank is `null`, or the column's default; a required column refuses it. */
export function readCell(spec: ColumnSpec, written: string): CellReading {
  const text = written.trim();
  if (text === '') {
    if (spec.required) return refuse('is required and empty');
    return spec.default === undefined ? accept(null) : readCell(spec, spec.default);
  }
  if (written.length > TEXT_LIMIT_CHARS)
    return refuse(`is longer than ${TEXT_LIMIT_CHARS} characters`);
  if (spec.values !== undefined) return readChoice(spec.values, text);
  return READERS[spec.kind](text);
}

function readChoice(values: readonly string[], text: string): CellReading {
  const wanted = text.toLowerCase();
  const value = values.find((candidate) => candidate.toLowerCase() === wanted);
  return value === undefined ? refuse(`must be one of ${values.join(', ')}`) : accept(value);
}

const TRUE = new Set(['yes', 'true', '1']);
const FALSE = new Set(['no', 'false', '0']);
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:[Zz]|[+-](\d{2}):(\d{2}))$/;
const EMAIL = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/;
const TERMS = [
  /^net \d{1,4}$/,
  /^net \d{1,4} end-of-month$/,
  /^due on receipt$/,
  /^\d{1,3}(\.\d{1,6})?\/\d{1,4} net \d{1,4}$/,
];

const READERS: Readonly<Record<ColumnKind, (text: string) => CellReading>> = {
  text: accept,
  date: (text) =>
    isCivilDate(text)
      ? accept(text)
      : refuse('must be a date of the calendar written YYYY-MM-DD, like 2026-01-31'),
  month: (text) =>
    isCivilDate(`${text}-01`) ? accept(text) : refuse('must be a month written YYYY-MM'),
  // A leap year, so that 02-29 is a day like any other.
  monthDay: (text) =>
    isCivilDate(`2000-${text}`) ? accept(text) : refuse('must be a day written MM-DD, like 04-01'),
  timestamp: (text) =>
    isTimestamp(text)
      ? accept(text)
      : refuse('must be an RFC 3339 timestamp, like 2026-01-31T13:45:00Z'),
  decimal: readDecimal,
  amount: readDecimal,
  integer: (text) =>
    /^\d{1,9}$/.test(text)
      ? accept(Number(text))
      : refuse('must be a whole number, not negative, of digits only'),
  boolean: (text) => {
    const lower = text.toLowerCase();
    if (TRUE.has(lower)) return accept(true);
    if (FALSE.has(lower)) return accept(false);
    return refuse('must be yes or no (also true/false, 1/0)');
  },
  currency: (text) =>
    isCurrency(text.toUpperCase())
      ? accept(text.toUpperCase())
      : refuse('must be an ISO 4217 currency, like EUR or USD'),
  country: (text) =>
    isCountry(text.toUpperCase())
      ? accept(text.toUpperCase())
      : refuse('must be an ISO 3166-1 alpha-2 country, like DE or US'),
  timeZone: (text) =>
    isTimeZone(text) ? accept(text) : refuse('must be an IANA time zone, like Europe/Berlin'),
  email: (text) =>
    EMAIL.test(text) ? accept(text) : refuse('must be one mail address, like name@example.com'),
  list: (text) =>
    accept(
      text
        .split(';')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    ),
  frequency: readFrequency,
  paymentTerms: (text) => {
    const terms = text.toLowerCase().replace(/\s+/g, ' ');
    return TERMS.some((pattern) => pattern.test(terms))
      ? accept(terms)
      : refuse(
          'must be "net N", "net N end-of-month", "due on receipt" or "d/D net N", ' +
            'like "2/10 net 30"',
        );
  },
};

function readDecimal(text: string): CellReading {
  if (isDecimal(text) && WHOLE_DIGITS.test(text)) return accept(text);
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return refuse('has more than 6 decimals or is too large');
  return refuse(
    'must be a number with a point for decimals and no thousands separator, like 1190.00',
  );
}

function readFrequency(text: string): CellReading {
  const lower = text.toLowerCase();
  if (['monthly', 'quarterly', 'semiannual', 'annual'].includes(lower)) return accept(lower);
  const years = /^([1-9]\d?) years?$/.exec(lower.replace(/\s+/g, ' '));
  return years === null
    ? refuse('must be monthly, quarterly, semiannual, annual or "N years", like 3 years')
    : accept(`${years[1]} years`);
}

function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (match === null) return false;
  const [, date = '', hour, minute, second, offsetHour = '0', offsetMinute = '0'] = match;
  return (
    isCivilDate(date) &&
    Number(hour) <= 23 &&
    Number(minute) <= 59 &&
    Number(second) <= 60 && // a leap second is RFC 3339
    Number(offsetHour) <= 23 &&
    Number(offsetMinute) <= 59
  );
}

/** A value as the book writes it; the inverse of {@link readCell}. */
export function writeCell(value: CellValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value.join(';');
}
