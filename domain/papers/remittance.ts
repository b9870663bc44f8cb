/**
 * A remittance advice as text (typed, mailed, printed or scanned): who pays, which invoices, how much of each, and the sum. It
 * makes proposals for a person; money is never booked from it alone.
 */
import { mentionsIn, numberKey } from '../allocation/references.ts';
import { amountsIn, currencyIn } from './amounts.ts';

/** An open invoice that the paper may name. */
export interface KnownInvoice {
  readonly invoice: string;
  readonly currency: string;
  readonly balance: number;
}
export interface RemittanceLine {
  readonly invoice: string;
  /** Null where the paper gives none, or more than one that could be meant. */
  readonly amountMinor: number | null;
}
export interface Remittance {
  readonly payer: string | null;
  readonly currency: string | null;
  readonly totalMinor: number | null;
  readonly lines: readonly RemittanceLine[];
  /** Numbers that look like ours and are no open invoice. */
  readonly unknown: readonly string[];
}

const TOTAL =
  /\b(?:grand total|total(?: paid| amount| payment)?|amount paid|payment amount|net payment|summe|gesamt(?:betrag|summe)?|zahl(?:ungs)?betrag|überweisungsbetrag|ueberweisungsbetrag)\b/i;
const SUBTOTAL = /sub-?total|zwischensumme|carried forward|übertrag/i;
const PAYER =
  /^\s*(?:payer|payor|paid by|from|remitter|customer|company|auftraggeber|absender|zahler|zahlungspflichtiger|firma)\s*[:|]\s*(.{2,120})$/i;

/** Reads a paper's text; `known` are the open invoices that it could name. */
export function readRemittance(text: string, known: readonly KnownInvoice[]): Remittance {
  const rows = text
    .split(/\r\n?|\n/)
    .map((row) => row.trim())
    .filter((row) => row !== '');
  const named = mentionsIn(
    text,
    known.map(({ invoice }) => invoice),
    [],
  );
  const ours = known.filter(({ invoice }) => named.invoices.includes(invoice));
  const currency = currencyOf(text, ours);
  const totalMinor = currency === null ? null : statedTotal(rows, currency);
  const lines = currency === null ? unpriced(ours) : linesOf(rows, ours, currency, totalMinor);
  return {
    payer: payerOf(rows),
    currency,
    totalMinor: totalMinor ?? sumOf(lines),
    lines,
    unknown: named.lookAlikes,
  };
}

/** What the paper names, else the one currency of the invoices that it names. */
function currencyOf(text: string, ours: readonly KnownInvoice[]): string | null {
  const [own, ...others] = new Set(ours.map(({ currency }) => currency));
  return currencyIn(text) ?? (others.length === 0 ? (own ?? null) : null);
}

const names = (row: string, { invoice }: KnownInvoice) =>
  mentionsIn(row, [invoice], []).invoices.length > 0;

const DATE = /\b(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})\b/g;
/** A word with the digits of a number, read well or badly: its amounts are not of the number before it. */
const namesAnother = (row: string): boolean =>
  row
    .replace(DATE, ' ')
    .split(/\s+/)
    .some((word) => amountsIn(word, 'EUR').length === 0 && word.replace(/\D/g, '').length >= 5);

/** The rows from the one that names an invoice to the next that names another: tables break their rows. */
function rowsOf(
  one: KnownInvoice,
  rows: readonly string[],
  ours: readonly KnownInvoice[],
): string[] {
  const at = rows.findIndex((row) => names(row, one));
  if (at < 0) return [];
  const found = [rows[at] ?? ''];
  for (const row of rows.slice(at + 1, at + 3)) {
    if (TOTAL.test(row) || namesAnother(row) || ours.some((other) => names(row, other))) break;
    found.push(row);
  }
  return found;
}

const unpriced = (ours: readonly KnownInvoice[]): RemittanceLine[] =>
  ours.map(({ invoice }) => ({ invoice, amountMinor: null }));

/**
 * Columns run from gross over deductions to what is paid, so the last amount of a row counts; unless only the balances add up
 * to the sum that the paper states.
 */
function linesOf(
  rows: readonly string[],
  ours: readonly KnownInvoice[],
  currency: string,
  totalMinor: number | null,
): RemittanceLine[] {
  const amounts = ours.map((one) => ({ one, found: amountsFor(one, rows, ours, currency) }));
  const last = amounts.map(({ one, found }) => ({
    invoice: one.invoice,
    amountMinor: found.at(-1) ?? null,
  }));
  const balances = amounts.map(({ one, found }) => ({
    invoice: one.invoice,
    amountMinor: found.includes(one.balance) ? one.balance : (found.at(-1) ?? null),
  }));
  const onlyBalances = sumOf(last) !== totalMinor && sumOf(balances) === totalMinor;
  return totalMinor !== null && onlyBalances ? balances : last;
}

function amountsFor(
  one: KnownInvoice,
  rows: readonly string[],
  ours: readonly KnownInvoice[],
  currency: string,
): number[] {
  const [first = '', ...more] = rowsOf(one, rows, ours);
  // A sentence that names several does not say whose the amounts are.
  if (ours.some((other) => other !== one && names(first, other))) return [];
  const inRow = amountsOf(first, one.invoice, currency);
  return inRow.length > 0 ? inRow : amountsOf(more.join(' '), one.invoice, currency);
}

/** Amounts of a row, without those that are pieces of the invoice's own number. */
function amountsOf(row: string, invoice: string, currency: string): number[] {
  const key = numberKey(invoice);
  return amountsIn(row, currency)
    .filter(({ start, end }) => !key.includes(numberKey(row.slice(start, end))))
    .map(({ amountMinor }) => amountMinor)
    .filter((amount) => amount > 0);
}

/** The last sum that the paper states. */
function statedTotal(rows: readonly string[], currency: string): number | null {
  const stated = rows.flatMap((row, index) => {
    if (!TOTAL.test(row) || SUBTOTAL.test(row)) return [];
    const own = amountsIn(row, currency);
    const [amount] = own.length > 0 ? own.slice(-1) : amountsIn(rows[index + 1] ?? '', currency);
    return amount === undefined ? [] : [amount.amountMinor];
  });
  return stated.at(-1) ?? null;
}

/** The sum of the lines, where each has an amount. */
function sumOf(lines: readonly RemittanceLine[]): number | null {
  let sum = 0;
  for (const { amountMinor } of lines) {
    if (amountMinor === null) return null;
    sum += amountMinor;
  }
  return lines.length === 0 ? null : sum;
}

/** The name behind a word for the payer; of a mail's sender the display name. */
function payerOf(rows: readonly string[]): string | null {
  for (const row of rows) {
    const found = PAYER.exec(row)?.[1]?.trim();
    if (found === undefined) continue;
    const name = found
      .replace(/\s*<[^>]*>\s*$/, '')
      .replace(/^"|"$/g, '')
      .trim();
    if (name !== '') return name;
  }
  return null;
}
