/**
 * Statements as CSV, which every bank writes its own way: a mapping says which column is what. Where it names a column with
 * the balance after each entry, or the two balances, the file must add up; else nothing can be checked and the statement
 * says so by balances of null.
 */
import { parse } from 'csv-parse/sync';
import {
  amountOf,
  type BankEntry,
  BankFileRejection,
  type BankStatement,
  dateOf,
  demandBalance,
  demandSize,
  identified,
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
  readonly openingMinor?: number;
  readonly closingMinor?: number;
}

type Row = Readonly<Record<string, string>>;

/** @throws BankFileRejection where a column, an amount or a date is not what the mapping says, or the sum fails */
export function parseBankCsv(content: string, mapping: CsvMapping): BankStatement {
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
    entries: identified(
      account,
      read.map(({ entry }) => entry),
    ),
    pendingCount: rows.length - booked.length,
  };
}

function rowsOf(content: string, mapping: CsvMapping): { row: Row; place: string }[] {
  const skipped = mapping.skipLines ?? 0;
  let rows: Row[];
  try {
    rows = parse(content, {
      bom: true,
      columns: (header: string[]) => header.map((name) => name.trim()),
      delimiter: mapping.delimiter,
      from_line: skipped + 1,
      skip_empty_lines: true,
      trim: true,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BankFileRejection('not-readable', 'CSV', reason, { cause });
  }
  const named = Object.values(mapping.columns).flat();
  const missing = named.filter((name) => rows[0] !== undefined && !(name in rows[0]));
  if (missing.length > 0)
    throw new BankFileRejection('field-missing', 'CSV header', `no column ${missing.join(', ')}`);
  return rows.map((row, index) => ({ row, place: `row ${skipped + index + 2}` }));
}

const cell = (row: Row, column: string | undefined) =>
  column === undefined ? '' : (row[column] ?? '').trim();

/** "1.190,00-", "+1,190.00", "-5" in minor units. */
function signedMinor(
  text: string,
  { decimal }: CsvMapping,
  currency: string,
  place: string,
): number {
  const grouped = decimal === ',' ? /[.\s'\u00A0]/g : /[,\s'\u00A0]/g;
  const plain = text.replace(grouped, '').replace(decimal, '.');
  const negative = /^[-\u2212]|-$/.test(plain);
  const amount = amountOf(plain.replace(/^[-\u2212+]|[-+]$/g, ''), currency, place);
  return negative ? 0 - amount : amount;
}

function dayOf(text: string, { dateFormat }: CsvMapping, place: string): string {
  const fields = text.split(/[-./]/);
  const order = dateFormat.split(/[-./]/);
  const part = (name: string, width: number) =>
    (fields[order.indexOf(name)] ?? '').padStart(width, '0');
  return dateOf(`${part('YYYY', 4)}-${part('MM', 2)}-${part('DD', 2)}`, place);
}

function entryOf(row: Row, mapping: CsvMapping, place: string): Omit<BankEntry, 'identity'> {
  const { columns } = mapping;
  const currency = cell(row, columns.currency) || mapping.currency;
  if (currency !== mapping.currency)
    throw new BankFileRejection('amount-invalid', place, `${currency}, not ${mapping.currency}`);
  const minor = (text: string) => (text === '' ? 0 : signedMinor(text, mapping, currency, place));
  const amountMinor =
    columns.amount === undefined
      ? minor(cell(row, columns.credit)) - Math.abs(minor(cell(row, columns.debit)))
      : signedMinor(cell(row, columns.amount), mapping, currency, place);
  const valueOn = cell(row, columns.valueOn);
  return {
    kind: amountMinor >= 0 ? 'received' : 'other',
    amountMinor,
    currency,
    bookedOn: dayOf(cell(row, columns.bookedOn), mapping, place),
    valueOn: valueOn === '' ? null : dayOf(valueOn, mapping, place),
    reference: columns.reference
      .map((column) => cell(row, column))
      .filter((text) => text !== '')
      .join(' '),
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
