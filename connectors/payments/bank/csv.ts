/**
 * Statements as CSV, which every bank writes its own way: a mapping says which column is what. Where it names a column with
 * the balance after each entry, or the two balances, the file must add up; else nothing can be checked and the statement
 * says so by balances of null.
 */
import { parse } from 'csv-parse/sync';
import { errorWords } from '../../../domain/error-words.ts';
import {
  amountOf,
  type BankEntry,
  BankFileRejection,
  type BankStatement,
  dateOf,
  demandBalance,
  demandSize,
  identified,
  type ReadEntry,
  type ReadStatement,
  referenceOrNull,
  statementIdentity,
} from './entry.ts';

export interface CsvMapping {
  /** Our account, as entries are keyed by it. */
  readonly account: string;
  readonly currency: string;
  readonly delimiter: ',' | ';' | '\t';
  readonly decimal: '.' | ',';
  readonly dateFormat: 'YYYY-MM-DD' | 'DD.MM.YYYY' | 'DD/MM/YYYY' | 'MM/DD/YYYY';
  /** Lines above the header row. */
  readonly skipLines?: number;
  readonly columns: {
    readonly bookedOn: string;
    readonly valueOn?: string;
    /** Signed; or `credit` and `debit`, each without a sign. */
    readonly amount?: string;
    readonly credit?: string;
    readonly debit?: string;
    /** Says whether an amount without a sign came in or went out; `debitValues` tells which values mean out. */
    readonly direction?: string;
    readonly currency?: string;
    /** Joined with a space. */
    readonly reference: readonly string[];
    readonly structuredReference?: string;
    readonly endToEndId?: string;
    readonly mandateId?: string;
    readonly payerName?: string;
    readonly payerIban?: string;
    readonly bankReference?: string;
    readonly balanceAfter?: string;
    /** Entries whose value here is in `pendingValues` are left out. */
    readonly status?: string;
  };
  readonly pendingValues?: readonly string[];
  readonly debitValues?: readonly string[];
  readonly openingMinor?: number;
  readonly closingMinor?: number;
}

type Row = Readonly<Record<string, string>>;

/** @throws BankFileRejection where a column, an amount or a date is not what the mapping says, or the sum fails */
export function parseBankCsv(content: string, mapping: CsvMapping): BankStatement[] {
  return identified([statementOf(content, mapping)]);
}

function statementOf(content: string, mapping: CsvMapping): ReadStatement {
  demandSize(content, 'CSV');
  const rows = rowsOf(content, mapping);
  const isPending = (row: Row) =>
    (mapping.pendingValues ?? []).includes(cell(row, mapping.columns.status));
  const booked = rows.filter(({ row }) => !isPending(row));
  const read = booked.map(({ row, place }) => ({
    entry: entryOf(row, mapping, place),
    balance: balanceAfter(row, mapping, place),
    place,
  }));
  const days = read.map(({ entry }) => entry.bookedOn).sort();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined)
    throw new BankFileRejection('not-readable', 'CSV', 'no booked entry');
  const ends = balancesOf(read, mapping);
  const { account, currency } = mapping;
  const sequence = `${first}/${last}`;
  return {
    identity: statementIdentity(account, sequence, last),
    account,
    currency,
    sequence,
    openingMinor: ends?.opening ?? null,
    closingMinor: ends?.closing ?? null,
    closingOn: last,
    entries: read.map(({ entry }) => entry),
    pendingCount: rows.length - booked.length,
  };
}

function rowsOf(content: string, mapping: CsvMapping): { row: Row; place: string }[] {
  const skipped = mapping.skipLines ?? 0;
  let table: string[][];
  try {
    table = parse(content, {
      bom: true,
      delimiter: mapping.delimiter,
      from_line: skipped + 1,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    });
  } catch (cause) {
    const reason = errorWords(cause);
    throw new BankFileRejection('not-readable', 'CSV', reason, { cause });
  }
  const [header = [], ...body] = table;
  const missing = Object.values(mapping.columns)
    .flat()
    .filter((name) => !header.includes(name));
  if (missing.length > 0)
    throw new BankFileRejection('field-missing', 'CSV header', `no column ${missing.join(', ')}`);
  const rows = body.map((fields, index) => {
    const place = `row ${skipped + index + 2}`;
    // Some banks end each row with a separator; anything else there means that fields have moved.
    if (fields.slice(header.length).some((field) => field !== ''))
      throw new BankFileRejection('not-readable', place, 'has more fields than the header');
    return { row: Object.fromEntries(header.map((name, at) => [name, fields[at] ?? ''])), place };
  });
  return rows.slice(0, rows.length - closingLines(rows, mapping));
}

/** How many rows at the end are no entries: a closing line has a word ("Kontostand", "Total") where an entry has its day. */
function closingLines(rows: readonly { row: Row }[], { columns }: CsvMapping): number {
  const from = rows.findLastIndex(
    ({ row }) => !/^[^\d]*\p{L}[^\d]*$/u.test(cell(row, columns.bookedOn)),
  );
  return rows.length - 1 - from;
}

const cell = (row: Row, column: string | undefined) =>
  column === undefined ? '' : (row[column] ?? '').trim();

/** A currency's sign or code, and marks of credit and debit, beside an amount. */
const UNIT = /\p{Sc}|(?<!\p{L})[A-Z]{3}(?!\p{L})/gu;
const AMOUNT =
  /^(?<open>\(?)(?<before>[-\u2212+]?)\s*(?<number>[\d.,\s'\u00A0\u202F]*\d|[\d]+[.,])\s*(?<after>[-\u2212+]?)(?<close>\)?)\s*(?<mark>(?:S|H|DR|CR|D|C)?)$/;
/** Digits in groups; what ends in two digits behind a grouping mark is decimals under another mark than the mapping's. */
const GROUPED = /^\d+$|^\d{1,3}(?:[.,\s'\u00A0\u202F]\d{2,3})*[.,\s'\u00A0\u202F]\d{3}$/;

/** "1.190,00-", "+1,190.00", "-5", "(5.00)", "€ 5,00", "5,00 S" (German for debit), "5.00 DR" in minor units. */
function signedMinor(
  text: string,
  { decimal }: CsvMapping,
  currency: string,
  place: string,
): number {
  const refuse = () =>
    new BankFileRejection(
      'amount-invalid',
      place,
      `${JSON.stringify(text)} is no amount with decimals after "${decimal}"`,
    );
  const bare = text.replace(UNIT, '').trim();
  const found = AMOUNT.exec(bare)?.groups;
  if (found === undefined) throw refuse();
  const { open = '', before = '', number = '', after = '', mark = '', close = '' } = found;
  const [whole = '', decimals = '', ...more] = number.split(decimal);
  if (
    more.length > 0 ||
    !(GROUPED.test(whole) || (whole === '' && decimals !== '')) ||
    /\D/.test(decimals)
  )
    throw refuse();
  const digits = `${whole.replace(/\D/g, '') || '0'}.${decimals || '0'}`;
  const amount = amountOf(digits, currency, place);
  const isOut = `${before}${after}`.match(/[-\u2212]/) !== null || /^(?:S|DR|D)$/.test(mark);
  return isOut || (open !== '' && close !== '') ? 0 - amount : amount;
}

/** A day as banks write it: without leading zeros, with two digits of the year (of this century), with a time behind it. */
function dayOf(text: string, { dateFormat }: CsvMapping, place: string): string {
  const [day = ''] = text.split(/[ T]/);
  const isCompact = dateFormat === 'YYYY-MM-DD' && /^\d{8}$/.test(day);
  const fields = isCompact
    ? [day.slice(0, 4), day.slice(4, 6), day.slice(6)]
    : day.replace(/\.$/, '').split(/[-./]/);
  const order = dateFormat.split(/[-./]/);
  const part = (name: string) => fields[order.indexOf(name)] ?? '';
  const year = part('YYYY').length === 2 ? `20${part('YYYY')}` : part('YYYY');
  const date = `${year}-${part('MM').padStart(2, '0')}-${part('DD').padStart(2, '0')}`;
  if (fields.length === 3) return dateOf(date, place);
  throw new BankFileRejection('date-invalid', place, `${JSON.stringify(text)} is no date`);
}

/** What banks call money that was taken back; a CSV has no code for it. */
const CAME_BACK =
  /(?<!\p{L})(?:r(?:ü|ue)cklastschrift|lastschrift-?r(?:ü|ue)ckgabe|retoure|charge-?back|returned (?:item|debit|direct debit|payment|deposit|deposited item|ach|check|cheque)|(?:ach|direct debit) return(?:ed)?|unpaid (?:item|direct debit|check|cheque))(?!\p{L})/iu;

/** Signed; `direction`, or one column each for in and out, where the amounts have no sign. */
function amountOfRow(row: Row, mapping: CsvMapping, currency: string, place: string): number {
  const { columns } = mapping;
  const minor = (text: string) => (text === '' ? 0 : signedMinor(text, mapping, currency, place));
  if (columns.amount === undefined)
    return minor(cell(row, columns.credit)) - Math.abs(minor(cell(row, columns.debit)));
  const amountMinor = signedMinor(cell(row, columns.amount), mapping, currency, place);
  if (columns.direction === undefined) return amountMinor;
  const direction = cell(row, columns.direction);
  if (direction === '')
    throw new BankFileRejection(
      'field-missing',
      place,
      `${columns.direction} says neither in nor out`,
    );
  const isOut = (mapping.debitValues ?? []).includes(direction);
  return isOut ? 0 - Math.abs(amountMinor) : Math.abs(amountMinor);
}

function entryOf(row: Row, mapping: CsvMapping, place: string): ReadEntry {
  const { columns } = mapping;
  const currency = cell(row, columns.currency) || mapping.currency;
  if (currency !== mapping.currency)
    throw new BankFileRejection('amount-invalid', place, `${currency}, not ${mapping.currency}`);
  const amountMinor = amountOfRow(row, mapping, currency, place);
  const reference = columns.reference
    .map((column) => cell(row, column))
    .filter((text) => text !== '')
    .join(' ');
  const valueOn = cell(row, columns.valueOn);
  return {
    kind: amountMinor >= 0 ? 'received' : CAME_BACK.test(reference) ? 'reversed' : 'other',
    amountMinor,
    currency,
    bookedOn: dayOf(cell(row, columns.bookedOn), mapping, place),
    valueOn: valueOn === '' ? null : dayOf(valueOn, mapping, place),
    reference,
    structuredReference: referenceOrNull(cell(row, columns.structuredReference)),
    endToEndId: referenceOrNull(cell(row, columns.endToEndId)),
    mandateId: referenceOrNull(cell(row, columns.mandateId)),
    payerName: cell(row, columns.payerName) || null,
    payerIban: cell(row, columns.payerIban).replace(/\s/g, '') || null,
    bankReference: referenceOrNull(cell(row, columns.bankReference)),
    returnReason: null,
    needsDetails: false,
  };
}

function balanceAfter(row: Row, mapping: CsvMapping, place: string): number | null {
  const text = cell(row, mapping.columns.balanceAfter);
  return text === '' ? null : signedMinor(text, mapping, mapping.currency, place);
}

interface ReadRow {
  readonly entry: Pick<BankEntry, 'amountMinor'>;
  readonly balance: number | null;
  readonly place: string;
}

/** The balances that the mapping or the running balance gives, checked; a file may list the newest entry first. */
function balancesOf(rows: readonly ReadRow[], mapping: CsvMapping) {
  const { openingMinor, closingMinor } = mapping;
  const entries = rows.map(({ entry }) => entry);
  if (openingMinor !== undefined && closingMinor !== undefined) {
    demandBalance(openingMinor, entries, closingMinor, 'CSV');
    return { opening: openingMinor, closing: closingMinor };
  }
  if (mapping.columns.balanceAfter === undefined) return null;
  const ascending = brokenStep(rows);
  const descending = ascending === null ? null : brokenStep([...rows].reverse());
  if (ascending !== null && descending !== null)
    throw new BankFileRejection(
      'balance-differs',
      ascending,
      'the balance is not the one before plus the amount',
    );
  const ordered = ascending === null ? rows : [...rows].reverse();
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (first?.balance == null || last?.balance == null) return null;
  return { opening: first.balance - first.entry.amountMinor, closing: last.balance };
}

/** Where the running balance first fails, or null where it holds throughout. */
function brokenStep(rows: readonly ReadRow[]): string | null {
  for (const [index, { entry, balance, place }] of rows.entries()) {
    if (balance === null) return place;
    const before = rows[index - 1]?.balance;
    if (before !== null && before !== undefined && before + entry.amountMinor !== balance)
      return place;
  }
  return null;
}
