/** Invoices, credit notes, payments and licenses as the API shows them, with where they stand in words. */

import type {
  AuditEvent,
  ImportedLicense,
  Invoice,
  InvoiceLine,
  LicenseKey,
  Payment,
} from '../../db/index.ts';
import type { Explanation } from '../../domain/bill-run/document.ts';
import { addDays, daysBetween } from '../../domain/dates/dates.ts';
import type {
  AccountRef,
  AllocationView,
  ChangeView,
  InvoiceLineView,
  InvoiceSummary,
  LicenseView,
  PaymentSummary,
} from '../types.ts';
import { counted, inWords, money } from './money.ts';

export type NameOf = (account: string) => AccountRef;

export const isOpen = ({ state, type, balanceMinor }: Invoice): boolean =>
  balanceMinor !== 0 && type !== 'credit_note' && state !== 'void' && state !== 'written_off';

/** Days past the due date; 0 for what is not due or not open. */
export function overdueDays(invoice: Invoice, today: string): number {
  return isOpen(invoice) ? Math.max(0, daysBetween(invoice.dueOn, today)) : 0;
}

export function invoiceSummary(invoice: Invoice, nameOf: NameOf, today: string): InvoiceSummary {
  const { currency } = invoice;
  return {
    invoice: invoice.invoice,
    documentKey: invoice.documentKey,
    type: invoice.type,
    credits: invoice.credits,
    account: nameOf(invoice.account),
    contract: invoice.contract,
    entity: invoice.entity,
    run: invoice.run,
    issuedOn: invoice.issuedOn,
    dueOn: invoice.dueOn,
    net: money(invoice.netMinor, currency),
    tax: money(invoice.taxMinor, currency),
    total: money(invoice.totalMinor, currency),
    balance: money(invoice.balanceMinor, currency),
    state: invoice.state,
    words: invoiceWords(invoice, today),
    disputed: invoice.disputed,
    promisedUntil: invoice.promisedUntil,
    reminderStage: invoice.reminderStage,
    overdueDays: overdueDays(invoice, today),
    imported: invoice.source !== 'perennial',
  };
}

function invoiceWords(invoice: Invoice, today: string): string {
  if (invoice.type === 'credit_note')
    return invoice.credits === null ? 'Credit note' : `Credits ${invoice.credits}`;
  if (invoice.state === 'void') return 'Void: it was never sent';
  if (invoice.state === 'credited') return 'Credited in full';
  if (invoice.state === 'written_off') return 'Written off';
  if (invoice.balanceMinor === 0) return 'Paid';
  const open = inWords([money(invoice.balanceMinor, invoice.currency)]);
  const late = overdueDays(invoice, today);
  const parts = [
    late > 0
      ? `${open} open, ${counted(late, 'day')} overdue`
      : `Waiting for ${open}, due on ${invoice.dueOn}`,
  ];
  if (invoice.disputed) parts.push('disputed');
  if (invoice.promisedUntil !== null && invoice.promisedUntil >= today)
    parts.push(`promised until ${invoice.promisedUntil}`);
  if (invoice.reminderStage > 0) parts.push(`reminder ${invoice.reminderStage} sent`);
  return parts.join(', ');
}

export function lineView(line: InvoiceLine, currency: string): InvoiceLineView {
  return {
    line: line.line,
    contract: line.contract,
    subcontract: line.subcontract,
    sku: line.sku,
    kind: line.kind,
    description: line.description,
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    discountPercent: line.discountPercent,
    periodStart: line.periodStart,
    periodEnd: line.periodEnd,
    net: money(line.netMinor, currency),
    tax: money(line.taxMinor, currency),
    open: money(line.openMinor, currency),
    taxCategory: line.taxCategory,
    taxRate: line.taxRate,
    caughtUp: line.caughtUp,
    explanation: (line.explanation as Explanation | null) ?? null,
  };
}

export interface AllocationRow {
  readonly id: number;
  readonly payment: string;
  readonly invoice: string;
  readonly line: string | null;
  readonly amountMinor: number;
  readonly discountMinor: number;
  readonly writtenOffMinor: number;
  readonly withheldMinor: number;
  readonly bankFeeMinor: number;
  readonly rule: string | null;
  readonly allocatedOn: string;
}

export function allocationView(row: AllocationRow, currency: string): AllocationView {
  return {
    id: row.id,
    payment: row.payment,
    invoice: row.invoice,
    line: row.line,
    amount: money(row.amountMinor, currency),
    discount: money(row.discountMinor, currency),
    writtenOff: money(row.writtenOffMinor, currency),
    withheld: money(row.withheldMinor, currency),
    bankFee: money(row.bankFeeMinor, currency),
    rule: row.rule,
    allocatedOn: row.allocatedOn,
  };
}

export function paymentSummary(payment: Payment, nameOf: NameOf): PaymentSummary {
  const { currency } = payment;
  return {
    payment: payment.payment,
    account: payment.account === null ? null : nameOf(payment.account),
    receivedOn: payment.receivedOn,
    amount: money(payment.amountMinor, currency),
    unapplied: money(payment.unappliedMinor, currency),
    refunded: money(payment.refundedMinor, currency),
    method: payment.method,
    reference: payment.reference,
    payer: payment.payer,
    state: payment.state,
    matchedBy: payment.matchedBy,
    checkedAt: payment.checkedAt === null ? null : new Date(payment.checkedAt).toISOString(),
    words: paymentWords(payment),
  };
}

function paymentWords(payment: Payment): string {
  const left = inWords([money(payment.unappliedMinor, payment.currency)]);
  switch (payment.state) {
    case 'received':
      return 'Being matched';
    case 'review':
      return 'Waits for a person to say what it pays';
    case 'returned':
      return 'Taken back by the payer’s bank';
    case 'refunded':
      return 'Refunded';
    default:
      return payment.unappliedMinor > 0 ? `Allocated, ${left} kept as credit` : 'Allocated in full';
  }
}

/** Of its key only the end: enough to recognise it by, never enough to use it. */
export function licenseView(license: Omit<LicenseKey, 'key'>): LicenseView {
  return {
    license: license.license,
    account: license.account,
    contract: license.contract,
    subcontract: license.subcontract,
    sku: license.sku,
    edition: license.edition,
    seats: String(license.seats),
    kind: license.kind,
    state: license.state,
    validFrom: license.validFrom,
    validThrough: license.validThrough,
    keyShort: `…${license.keyEnd}`,
    cause: license.cause,
    supersededBy: license.supersededBy,
    issuedOn: license.issuedOn,
  };
}

/** One that somebody else issued: what the import said of it. */
export const importedLicenseView = (license: ImportedLicense): LicenseView => ({
  ...license,
  edition: null,
  keyShort: null,
  cause: null,
  supersededBy: null,
  issuedOn: null,
});

export function changeView(
  event: AuditEvent,
  nameOf: (id: string) => { name: string },
): ChangeView {
  return {
    seq: event.seq,
    at: new Date(event.at).toISOString(),
    actor: nameOf(event.actor).name,
    role: event.role,
    action: event.action,
    subject: event.subject,
    reason: event.reason,
    details: event.details,
  };
}

/** The last day through which a subcontract is paid: the end of its latest line with nothing open. */
export function paidThrough(lines: readonly InvoiceLine[]): string | null {
  const open = lines.filter((line) => line.openMinor > 0 && line.periodStart !== null);
  const firstOpen = open.map((line) => line.periodStart as string).sort()[0];
  const ends = lines
    .filter((line) => line.openMinor <= 0 && line.periodEnd !== null)
    .map((line) => line.periodEnd as string)
    .sort();
  const last = ends.at(-1) ?? null;
  return firstOpen !== undefined && last !== null && last >= firstOpen
    ? addDays(firstOpen, -1)
    : last;
}
