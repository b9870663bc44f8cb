/** A book after a run was issued as previewed: what the next computation finds as history. */
import type { BillDocument, BillLine, BillRunPreview } from '../bill-run/document.ts';
import { rowOf } from '../book/blank-row.ts';
import type { Book, Row } from '../book/tables.ts';
import { taxShares } from '../ledger/tax-shares.ts';
import { formatMinor } from '../money/money.ts';

/** The book with a preview's documents as issued ones, numbered `prefix`-1, `prefix`-2, … */
export function withIssued(book: Book, preview: BillRunPreview, prefix: string): Book {
  const documents = [...preview.invoices, ...preview.creditNotes];
  const numbered = documents.map((document, at) => ({ document, number: `${prefix}-${at + 1}` }));
  return {
    ...book,
    invoices: [
      ...book.invoices,
      ...numbered.map(({ document, number }) => invoiceRow(document, number)),
    ],
    invoice_lines: [
      ...book.invoice_lines,
      ...numbered.flatMap(({ document, number }) => lineRows(document, number)),
    ],
  };
}

function invoiceRow(document: BillDocument, invoice: string): Row<'invoices'> {
  const { currency, total } = document;
  return rowOf('invoices', {
    invoice,
    account: document.account,
    issued: document.issueDate,
    type: document.net < 0 ? 'credit_note' : 'invoice',
    due: document.dueDate,
    contract: document.contract,
    poNumber: document.poNumber,
    currency,
    net: formatMinor(document.net, currency),
    tax: formatMinor(document.tax, currency),
    total: formatMinor(total, currency),
    balance: formatMinor(total, currency),
    custom: { source: 'perennial' },
  });
}

function lineRows(document: BillDocument, invoice: string): Row<'invoice_lines'>[] {
  const shares = taxShares(document.lines, document.taxes);
  return document.lines.map((line, at) =>
    lineRow(document, line, {
      invoice,
      line: String(at + 1),
      tax: formatMinor(shares[at] ?? 0, document.currency),
    }),
  );
}

function lineRow(
  document: BillDocument,
  line: BillLine,
  given: Pick<Row<'invoice_lines'>, 'invoice' | 'line' | 'tax'>,
): Row<'invoice_lines'> {
  return rowOf('invoice_lines', {
    ...given,
    subcontract: line.subcontract,
    entry: line.entries === undefined ? null : line.entries.join(';'),
    sku: line.sku,
    description: line.description,
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    periodStart: line.periodStart,
    periodEnd: line.periodEnd,
    net: formatMinor(line.net, document.currency),
    taxCategory: line.taxCategory as Row<'invoice_lines'>['taxCategory'],
    taxRate: line.taxRate,
    // A document of several contracts does not say which of them a line bills.
    custom: line.contract === null ? {} : { contract: line.contract },
  });
}
