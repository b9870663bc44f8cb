/** What issued documents have billed already: the other side of the subtraction (billing rules §1). */
import { type BookIndex, groupBy } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import type { CivilDate } from '../dates/dates.ts';
import { fraction, multiply, roundHalfAway } from '../money/decimal.ts';
import { parseMinor, safeMinor } from '../money/money.ts';

export interface BilledLine {
  readonly invoice: string;
  readonly line: string;
  readonly account: string;
  /** The contract of its document; null where the document is grouped otherwise. */
  readonly contract: string | null;
  readonly subcontract: string | null;
  readonly entry: string | null;
  readonly sku: string | null;
  readonly description: string | null;
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly currency: string;
  /** The day that decides which period the line counts against: its period start, else the issue date. */
  readonly countsOn: CivilDate;
  readonly periodEnd: CivilDate | null;
  readonly issuedOn: CivilDate;
  /** Usage lines count against usage, all others against the rest. */
  readonly isUsage: boolean;
  readonly row: Row<'invoice_lines'>;
}

export interface BilledLines {
  readonly ofSubcontract: ReadonlyMap<string, readonly BilledLine[]>;
  readonly ofEntry: ReadonlyMap<string, readonly BilledLine[]>;
  /** Lines without a subcontract, by the contract of their document. */
  readonly unassigned: ReadonlyMap<string, readonly BilledLine[]>;
}

/** Documents in draft or void count for nothing, all others do. */
export function counts(invoice: Row<'invoices'>): boolean {
  const status = invoice.status.trim().toLowerCase();
  return status !== 'draft' && status !== 'void' && status !== 'voided';
}

/** The currency of an imported document: its own, else its contract's, account's or entity's. */
export function documentCurrency(index: BookIndex, invoice: Row<'invoices'>): string {
  const contract = invoice.contract === null ? undefined : index.contracts.get(invoice.contract);
  const account = index.accounts.get(invoice.account);
  const entityId = invoice.entity ?? contract?.entity ?? account?.entity ?? null;
  const entity = entityId === null ? index.book.entities.at(0) : index.entities.get(entityId);
  return invoice.currency ?? contract?.currency ?? account?.currency ?? entity?.currency ?? 'USD';
}

/** Every line of every document that counts, ready for look-ups. */
export function billedLines(index: BookIndex): BilledLines {
  const usageEvents = new Set(index.book.usage.map((row) => row.event));
  const lines: BilledLine[] = [];
  for (const row of index.book.invoice_lines) {
    const invoice = index.invoices.get(row.invoice);
    if (invoice === undefined || !counts(invoice)) continue;
    lines.push(billedLine(index, row, invoice, usageEvents));
  }
  return {
    ofSubcontract: groupBy(lines, (line) => line.subcontract),
    ofEntry: groupBy(lines, (line) => line.entry),
    unassigned: groupBy(lines, (line) => (line.subcontract === null ? line.contract : null)),
  };
}

function billedLine(
  index: BookIndex,
  row: Row<'invoice_lines'>,
  invoice: Row<'invoices'>,
  usageEvents: ReadonlySet<string>,
): BilledLine {
  const currency = documentCurrency(index, invoice);
  const netMinor = parseMinor(row.net, currency);
  const product = row.sku === null ? undefined : index.products.get(row.sku);
  return {
    invoice: row.invoice,
    line: row.line,
    account: invoice.account,
    contract: invoice.contract,
    subcontract: row.subcontract,
    entry: row.entry,
    sku: row.sku,
    description: row.description,
    netMinor,
    taxMinor: taxOf(row, netMinor, currency),
    currency,
    countsOn: row.periodStart ?? invoice.issued,
    periodEnd: row.periodEnd,
    issuedOn: invoice.issued,
    isUsage: product?.kind === 'usage' || (row.entry !== null && usageEvents.has(row.entry)),
    row,
  };
}

/** The line's tax: as given, else its rate on its net. */
export function taxOf(row: Row<'invoice_lines'>, netMinor: number, currency: string): number {
  if (row.tax !== null) return parseMinor(row.tax, currency);
  if (row.taxRate === null) return 0;
  const rate = fraction(row.taxRate);
  const tax = multiply({ num: BigInt(netMinor), den: 1n }, { num: rate.num, den: rate.den * 100n });
  return safeMinor(roundHalfAway(tax));
}
