/** What issued documents have billed already: the other side of the subtraction (billing rules §1). */
import { type BookIndex, groupBy } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import type { CivilDate } from '../dates/dates.ts';
import { fraction, hundredth, multiply, roundHalfAway } from '../money/decimal.ts';
import { parseMinor, safeMinor } from '../money/money.ts';
import { Refusal } from '../refusal.ts';

export interface BilledLine {
  readonly invoice: string;
  readonly line: string;
  readonly account: string;
  /** The contract of its document, else the line's own (a custom column `contract`); null where neither names one. */
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
  /** Usage lines count against usage, service lines against their entry, all others against the rest. */
  readonly component: 'advance' | 'usage' | 'service';
  /** Issued here, not imported: the document's custom column `source` says so. */
  readonly isOwn: boolean;
  readonly row: Row<'invoice_lines'>;
}

export interface BilledLines {
  readonly ofSubcontract: ReadonlyMap<string, readonly BilledLine[]>;
  readonly ofEntry: ReadonlyMap<string, readonly BilledLine[]>;
  /** Lines without a subcontract, by the contract of their document. */
  readonly unassigned: ReadonlyMap<string, readonly BilledLine[]>;
  /** Subcontracts and contracts with a line that can not be read, and why: they can not be computed. */
  readonly unreadable: ReadonlyMap<string, Refusal>;
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

/** Every line of every document that counts, ready for look-ups; in order of issue, whatever the order of rows. */
export function billedLines(index: BookIndex): BilledLines {
  const entries = {
    usage: new Set(index.book.usage.map((row) => row.event)),
    service: new Set(index.book.timesheets.map((row) => row.entry)),
  };
  const lines: BilledLine[] = [];
  const unreadable = new Map<string, Refusal>();
  for (const row of index.book.invoice_lines) {
    const invoice = index.invoices.get(row.invoice);
    if (invoice === undefined || !counts(invoice)) continue;
    try {
      lines.push(billedLine(index, row, invoice, entries));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const refusal = new Refusal(
        'history-unreadable',
        `line ${row.line} of ${row.invoice}: ${error.message}; correct it`,
      );
      const contract = invoice.contract ?? row.custom.contract ?? null;
      for (const key of [row.subcontract, contract]) if (key !== null) unreadable.set(key, refusal);
    }
  }
  return {
    ofSubcontract: inOrderOfIssue(groupBy(lines, (line) => line.subcontract)),
    ofEntry: inOrderOfIssue(byEntry(lines)),
    unassigned: inOrderOfIssue(
      groupBy(lines, (line) => (line.subcontract === null ? line.contract : null)),
    ),
    unreadable,
  };
}

function inOrderOfIssue(groups: Map<string, BilledLine[]>): Map<string, BilledLine[]> {
  for (const lines of groups.values()) if (lines.length > 1) lines.sort(byIssue);
  return groups;
}

function byIssue(a: BilledLine, b: BilledLine): number {
  if (a.issuedOn !== b.issuedOn) return a.issuedOn < b.issuedOn ? -1 : 1;
  if (a.invoice !== b.invoice) return a.invoice < b.invoice ? -1 : 1;
  if (a.line === b.line) return 0;
  return a.line.length - b.line.length || (a.line < b.line ? -1 : 1);
}

/** The entries that a line bills; one line over several usage events names them all, with semicolons. */
export function entriesOf(row: Row<'invoice_lines'>): string[] {
  return row.entry === null ? [] : row.entry.split(';').map((entry) => entry.trim());
}

function byEntry(lines: readonly BilledLine[]): Map<string, BilledLine[]> {
  const groups = new Map<string, BilledLine[]>();
  for (const line of lines)
    for (const entry of entriesOf(line.row)) {
      const group = groups.get(entry);
      if (group === undefined) groups.set(entry, [line]);
      else group.push(line);
    }
  return groups;
}

interface KnownEntries {
  readonly usage: ReadonlySet<string>;
  readonly service: ReadonlySet<string>;
}

function componentOf(
  index: BookIndex,
  row: Row<'invoice_lines'>,
  known: KnownEntries,
): BilledLine['component'] {
  const own = row.subcontract === null ? undefined : index.subcontracts.get(row.subcontract);
  const sku = row.sku ?? own?.sku ?? null;
  if (sku !== null && index.products.get(sku)?.kind === 'usage') return 'usage';
  const entries = entriesOf(row);
  if (entries.some((entry) => known.usage.has(entry))) return 'usage';
  return entries.some((entry) => known.service.has(entry)) ? 'service' : 'advance';
}

function billedLine(
  index: BookIndex,
  row: Row<'invoice_lines'>,
  invoice: Row<'invoices'>,
  known: KnownEntries,
): BilledLine {
  const currency = documentCurrency(index, invoice);
  const netMinor = parseMinor(row.net, currency);
  return {
    invoice: row.invoice,
    line: row.line,
    account: invoice.account,
    contract: invoice.contract ?? row.custom.contract ?? null,
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
    component: componentOf(index, row, known),
    isOwn: invoice.custom.source === 'perennial',
    row,
  };
}

/** The line's tax: as given, else its rate on its net. */
export function taxOf(row: Row<'invoice_lines'>, netMinor: number, currency: string): number {
  if (row.tax !== null) return parseMinor(row.tax, currency);
  if (row.taxRate === null) return 0;
  const tax = multiply(fraction(netMinor), hundredth(fraction(row.taxRate)));
  return safeMinor(roundHalfAway(tax));
}
