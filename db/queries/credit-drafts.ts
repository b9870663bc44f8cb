/** The document of a credit note: the same tax treatment, each part rounded for itself, the last one exact (§4). */
import { and, eq, inArray } from 'drizzle-orm';
import type { BillDocument, BillLine, TaxSubtotal } from '../../domain/bill-run/document.ts';
import { fraction, multiply, ratio, roundHalfAway } from '../../domain/money/decimal.ts';
import { formatMinor, safeMinor } from '../../domain/money/money.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { Refusal } from '../refusal.ts';
import { invoiceLines, invoices } from '../schema.ts';

export interface CreditRequest {
  readonly invoice: string;
  /** What to credit of each line's net, positive minor units; null credits all that is left of the invoice. */
  readonly lines: readonly { readonly line: string; readonly netMinor: number }[] | null;
}

type Line = typeof invoiceLines.$inferSelect;
interface Left {
  readonly line: Line;
  net: number;
  tax: number;
}

/** What earlier notes left of each line: their lines carry the credited line's number in `custom.credits_line`. */
async function leftOf(tx: Db, invoice: string): Promise<Map<string, Left>> {
  const lines = await tx
    .select()
    .from(invoiceLines)
    .where(eq(invoiceLines.invoice, invoice))
    .orderBy(invoiceLines.position);
  const notes = await tx
    .select({ note: invoices.invoice })
    .from(invoices)
    .where(and(eq(invoices.credits, invoice), eq(invoices.type, 'credit_note')));
  const left = new Map(
    lines.map((line) => [line.line, { line, net: line.netMinor, tax: line.taxMinor }]),
  );
  if (notes.length === 0) return left;
  const credited = await tx
    .select()
    .from(invoiceLines)
    .where(
      inArray(
        invoiceLines.invoice,
        notes.map(({ note }) => note),
      ),
    );
  for (const { explanation, netMinor, taxMinor } of credited) {
    const target = left.get(creditedLineOf(explanation) ?? '');
    if (target === undefined) continue;
    target.net += netMinor;
    target.tax += taxMinor;
  }
  return left;
}

/** The line that a credit note's line credits, from its derivation. */
function creditedLineOf(explanation: unknown): string | null {
  const inputs = (explanation as { inputs?: Record<string, string> } | null)?.inputs;
  return inputs?.line ?? null;
}

interface Part {
  readonly left: Left;
  readonly net: number;
  readonly tax: number;
}

function partOf(left: Left, net: number, invoice: string): Part {
  if (net <= 0 || net > left.net)
    throw new Refusal(
      'allocation-exceeds',
      `Line ${left.line.line} of ${invoice} has ${left.net} left to credit, not ${net}.`,
    );
  if (net === left.net) return { left, net, tax: left.tax };
  const rate = multiply(fraction(left.line.taxRate ?? '0'), ratio(1, 100));
  const tax = safeMinor(roundHalfAway(multiply(fraction(net), rate)));
  return { left, net, tax: Math.min(tax, left.tax) };
}

function partsOf(left: Map<string, Left>, request: CreditRequest): Part[] {
  const { invoice } = request;
  const wanted =
    request.lines ??
    [...left.values()]
      .filter(({ net }) => net > 0)
      .map(({ line, net }) => ({ line: line.line, netMinor: net }));
  const parts = wanted.map(({ line, netMinor }) => {
    const found = left.get(line);
    if (found === undefined) throw new Refusal('invalid-input', `${invoice} has no line ${line}.`);
    return partOf(found, netMinor, invoice);
  });
  if (parts.length === 0)
    throw new Refusal('invoice-settled', `Nothing of ${invoice} is left to credit.`);
  return parts;
}

function creditLine({ left, net, tax }: Part, invoice: string, currency: string): BillLine {
  const { line } = left;
  return {
    contract: line.contract,
    subcontract: line.subcontract,
    sku: line.sku,
    kind: 'adjustment',
    description: `Credit for ${invoice}: ${line.description ?? `line ${line.line}`}`,
    periodStart: line.periodStart,
    periodEnd: line.periodEnd,
    quantity: '1',
    unitPrice: formatMinor(0 - net, currency),
    discountPercent: '0',
    net: 0 - net,
    taxCategory: line.taxCategory ?? 'S',
    taxRate: line.taxRate ?? '0',
    caughtUp: false,
    explanation: {
      rule: 'credit note, §4',
      words: `Credits line ${line.line} of ${invoice}, with the tax of that line.`,
      inputs: { invoice, line: line.line, left: String(left.net), tax: String(tax) },
      arithmetic: `−${formatMinor(net, currency)} net, −${formatMinor(tax, currency)} tax`,
    },
  };
}

/** Tax per category and rate as the parts say, not computed anew: what is left over must come to nothing. */
function taxesOf(parts: readonly Part[]): TaxSubtotal[] {
  const groups = new Map<string, TaxSubtotal>();
  for (const { left, net, tax } of parts) {
    const category = left.line.taxCategory ?? 'S';
    const rate = left.line.taxRate ?? '0';
    const key = `${category} ${rate}`;
    const before = groups.get(key) ?? { category, rate, base: 0, tax: 0, reason: null };
    groups.set(key, { ...before, base: before.base - net, tax: before.tax - tax });
  }
  return [...groups.values()];
}

/** The note's document, computed under a lock of the invoice. */
export async function draftCreditNote(
  tx: Db,
  request: CreditRequest,
  issuedOn: string,
): Promise<{ document: BillDocument; lineTaxes: number[] }> {
  const rows = await tx
    .select()
    .from(invoices)
    .where(eq(invoices.invoice, request.invoice))
    .for('update');
  const invoice = oneRow(rows, `invoice ${request.invoice}`);
  if (invoice.state === 'void' || invoice.type === 'credit_note')
    throw new Refusal('invoice-void', `${invoice.invoice} cannot be credited.`);
  const parts = partsOf(await leftOf(tx, invoice.invoice), request);
  const taxes = taxesOf(parts);
  const net = 0 - parts.reduce((sum, part) => sum + part.net, 0);
  const tax = taxes.reduce((sum, group) => sum + group.tax, 0);
  const document: BillDocument = {
    contract: invoice.contract,
    subject: invoice.contract ?? invoice.account,
    entity: invoice.entity,
    account: invoice.account,
    currency: invoice.currency,
    issueDate: issuedOn,
    dueDate: issuedOn,
    paymentTerms: 'due on receipt',
    poNumber: invoice.poNumber,
    lines: parts.map((part) => creditLine(part, invoice.invoice, invoice.currency)),
    taxes,
    net,
    tax,
    total: net + tax,
  };
  return { document, lineTaxes: parts.map((part) => 0 - part.tax) };
}
