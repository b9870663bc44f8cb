/** What is open of imported and issued documents, told from balances, allocations and credit notes. */
import { type BookIndex, groupBy } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
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
  readonly amountMinor: number;
}

/** The state of every document that counts, issued and paid by a day. */
export function documentStates(index: BookIndex, asOf: CivilDate): Map<string, DocumentState> {
  const linesOf = groupBy(index.book.invoice_lines, (line) => line.invoice);
  const creditsOf = groupBy(index.book.invoices, (row) => row.credits);
  const allocations = groupBy(allocationsBy(index, asOf), (row) => row.invoice);
  const states = new Map<string, DocumentState>();
  for (const invoice of index.book.invoices) {
    if (!counts(invoice) || invoice.issued > asOf) continue;
    const currency = documentCurrency(index, invoice);
    const lines = linesOf.get(invoice.invoice) ?? [];
    const credits = (creditsOf.get(invoice.invoice) ?? []).filter(
      (row) => counts(row) && row.issued <= asOf,
    );
    const creditedMinor = credits.reduce(
      (sum, row) => sum + Math.abs(totalOf(row, linesOf.get(row.invoice) ?? [], currency)),
      0,
    );
    const totalMinor = totalOf(invoice, lines, currency);
    const own = allocations.get(invoice.invoice) ?? [];
    const allocatedMinor = own.reduce((sum, row) => sum + row.amountMinor, 0);
    const balanceMinor = invoice.balance === null ? null : parseMinor(invoice.balance, currency);
    states.set(invoice.invoice, {
      invoice,
      currency,
      totalMinor,
      creditedMinor,
      allocatedMinor,
      balanceMinor,
      openLines: openLines(invoice, lines, own, currency, {
        settledMinor: settled(invoice, totalMinor, balanceMinor, allocatedMinor + creditedMinor),
      }),
    });
  }
  return states;
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
    const invoice = index.invoices.get(row.invoice);
    explicit.add(row.payment);
    if (payment === undefined || invoice === undefined || !isReceived(payment, asOf)) continue;
    const amountMinor = parseMinor(row.amount, documentCurrency(index, invoice));
    known.push({ invoice: row.invoice, line: row.line, amountMinor });
  }
  for (const payment of index.book.payments) {
    if (payment.invoice === null || explicit.has(payment.payment) || !isReceived(payment, asOf))
      continue;
    const invoice = index.invoices.get(payment.invoice);
    if (invoice === undefined) continue;
    const amountMinor = parseMinor(payment.amount, documentCurrency(index, invoice));
    known.push({ invoice: payment.invoice, line: null, amountMinor });
  }
  return known;
}

export function isReceived(payment: Row<'payments'>, asOf: CivilDate): boolean {
  return payment.status === 'received' && payment.received <= asOf;
}

/** Money that names a line goes to it, the rest to the lines in the invoice's order (billing rules §7). */
function openLines(
  invoice: Row<'invoices'>,
  lines: readonly Row<'invoice_lines'>[],
  allocations: readonly Allocation[],
  currency: string,
  options: { readonly settledMinor: number },
): Map<string, number> {
  const open = new Map<string, number>();
  let rest = options.settledMinor;
  for (const line of lines) {
    const named = allocations
      .filter((row) => row.line === line.line)
      .reduce((sum, row) => sum + row.amountMinor, 0);
    const paid = Math.min(named, rest);
    open.set(line.line, grossOf(line, currency) - paid);
    rest -= paid;
  }
  for (const line of lines) {
    const due = open.get(line.line) ?? 0;
    const paid = Math.min(Math.max(due, 0), Math.max(rest, 0));
    open.set(line.line, due - paid);
    rest -= paid;
  }
  return invoice.type === 'credit_note' ? new Map() : open;
}
