/** What is open of imported and issued documents, told from balances, allocations and credit notes. */
import { type BookIndex, groupBy } from '../book/book-index.ts';
import { type Row, SETTLED_BESIDES } from '../book/tables.ts';
import { counts, documentCurrency, taxOf } from '../charges/billed.ts';
import type { CivilDate } from '../dates/dates.ts';
import { parseMinor } from '../money/money.ts';

export interface DocumentState {
  readonly invoice: Row<'invoices'>;
  readonly currency: string;
  readonly totalMinor: number;
  readonly creditedMinor: number;
  readonly allocatedMinor: number;
  /** As the book gives it; null where it gives none. */
  readonly balanceMinor: number | null;
  /** What is open of each line, tax included. */
  readonly openLines: ReadonlyMap<string, number>;
}

interface Allocation {
  readonly invoice: string;
  readonly line: string | null;
  /** As the book gives it, in the document's currency. */
  readonly amount: string;
}

/**
 * The state of every document that counts, issued and paid by a day. A document with an amount that can not be read is told
 * to `onUnreadable`, and the others go on.
 */
export function documentStates(
  index: BookIndex,
  asOf: CivilDate,
  onUnreadable: (invoice: Row<'invoices'>, reason: string) => void,
): Map<string, DocumentState> {
  const given: Given = {
    index,
    linesOf: groupBy(index.book.invoice_lines, (line) => line.invoice),
    creditsOf: groupBy(
      index.book.invoices.filter((row) => counts(row) && row.issued <= asOf),
      (row) => row.credits,
    ),
    allocationsOf: groupBy(allocationsBy(index, asOf), (row) => row.invoice),
  };
  const states = new Map<string, DocumentState>();
  for (const invoice of index.book.invoices) {
    if (!counts(invoice) || invoice.issued > asOf) continue;
    try {
      states.set(invoice.invoice, stateOf(given, invoice));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      onUnreadable(invoice, error.message);
    }
  }
  return states;
}

interface Given {
  readonly index: BookIndex;
  readonly linesOf: ReadonlyMap<string, readonly Row<'invoice_lines'>[]>;
  readonly creditsOf: ReadonlyMap<string, readonly Row<'invoices'>[]>;
  readonly allocationsOf: ReadonlyMap<string, readonly Allocation[]>;
}

function stateOf(given: Given, invoice: Row<'invoices'>): DocumentState {
  const { index, linesOf } = given;
  const currency = documentCurrency(index, invoice);
  const lines = linesOf.get(invoice.invoice) ?? [];
  const creditedMinor = (given.creditsOf.get(invoice.invoice) ?? []).reduce(
    (sum, row) => sum + Math.abs(totalOf(row, linesOf.get(row.invoice) ?? [], currency)),
    0,
  );
  const totalMinor = totalOf(invoice, lines, currency);
  const own = (given.allocationsOf.get(invoice.invoice) ?? []).map(({ line, amount }) => ({
    line,
    amountMinor: parseMinor(amount, currency),
  }));
  const allocatedMinor = own.reduce((sum, row) => sum + row.amountMinor, 0);
  const balanceMinor = invoice.balance === null ? null : parseMinor(invoice.balance, currency);
  return {
    invoice,
    currency,
    totalMinor,
    creditedMinor,
    allocatedMinor,
    balanceMinor,
    openLines: openLines(invoice, lines, own, currency, {
      settledMinor: settled(invoice, totalMinor, balanceMinor, allocatedMinor + creditedMinor),
    }),
  };
}

/** A book without payments still tells what is paid: by its balance, or by its status. */
function settled(
  invoice: Row<'invoices'>,
  totalMinor: number,
  balanceMinor: number | null,
  knownMinor: number,
): number {
  if (balanceMinor !== null) return Math.max(totalMinor - balanceMinor, 0);
  return invoice.status.trim().toLowerCase() === 'paid' ? totalMinor : knownMinor;
}

function totalOf(
  invoice: Row<'invoices'>,
  lines: readonly Row<'invoice_lines'>[],
  currency: string,
): number {
  if (invoice.total !== null) return parseMinor(invoice.total, currency);
  if (invoice.net !== null)
    return parseMinor(invoice.net, currency) + parseMinor(invoice.tax ?? '0', currency);
  return lines.reduce((sum, line) => sum + grossOf(line, currency), 0);
}

function grossOf(line: Row<'invoice_lines'>, currency: string): number {
  const net = parseMinor(line.net, currency);
  return net + taxOf(line, net, currency);
}

/** Allocations by a day; a payment that names its one invoice counts as allocated to it in full. */
function allocationsBy(index: BookIndex, asOf: CivilDate): Allocation[] {
  const payments = new Map(index.book.payments.map((row) => [row.payment, row]));
  const known: Allocation[] = [];
  const explicit = new Set<string>();
  for (const row of index.book.payment_allocations) {
    const payment = payments.get(row.payment);
    explicit.add(row.payment);
    if (payment === undefined || !isReceived(payment, asOf)) continue;
    known.push({ invoice: row.invoice, line: row.line, amount: row.amount });
    // Of our own books: discounts, write-offs, tax withheld and bank fees settle an invoice as money does.
    const besides = row.custom[SETTLED_BESIDES];
    if (besides !== undefined)
      known.push({ invoice: row.invoice, line: row.line, amount: besides });
  }
  for (const payment of index.book.payments) {
    if (payment.invoice === null || explicit.has(payment.payment) || !isReceived(payment, asOf))
      continue;
    known.push({ invoice: payment.invoice, line: null, amount: payment.amount });
  }
  return known;
}

export function isReceived(payment: Row<'payments'>, asOf: CivilDate): boolean {
  return payment.status === 'received' && payment.received <= asOf;
}

/**
 * Money that names a line goes to it, the rest to the lines in the invoice's order (billing rules §7). A line that takes away
 * pays for the others: a document that is paid in full has no open line.
 */
function openLines(
  invoice: Row<'invoices'>,
  lines: readonly Row<'invoice_lines'>[],
  allocations: readonly { readonly line: string | null; readonly amountMinor: number }[],
  currency: string,
  options: { readonly settledMinor: number },
): Map<string, number> {
  if (invoice.type === 'credit_note') return new Map();
  const open = new Map<string, number>();
  let rest = options.settledMinor;
  for (const line of lines) {
    const gross = grossOf(line, currency);
    open.set(line.line, Math.max(gross, 0));
    if (gross < 0) rest -= gross;
  }
  for (const { line, amountMinor } of allocations) {
    const due = open.get(line ?? '') ?? 0;
    const paid = Math.min(Math.max(amountMinor, 0), due, Math.max(rest, 0));
    if (line === null || paid === 0) continue;
    open.set(line, due - paid);
    rest -= paid;
  }
  for (const [line, due] of open) {
    const paid = Math.min(due, Math.max(rest, 0));
    open.set(line, due - paid);
    rest -= paid;
  }
  return open;
}
