/** Issuing: number, document, lines, ledger entry and the run's item in one transaction (billing rules §4, §10). */
import type { BillDocument } from '../../domain/bill-run/document.ts';
import type { Db } from '../connect.ts';
import type { Actor } from '../refusal.ts';
import type { invoiceLines, invoices } from '../schema.ts';

export type Invoice = typeof invoices.$inferSelect;
export type InvoiceLine = typeof invoiceLines.$inferSelect;

export interface IssueInput {
  readonly run: string;
  /** The item's key, which is the document's: `invoice:C-1042:2027-01`. */
  readonly item: string;
  /** The day of numbering; never before the series' last one (`issue-date-before-last`: the later day is used in its stead when `orLater` is true). */
  readonly issuedOn: string;
  readonly orLater?: boolean;
}
/**
 * Issues one item of an approved run. Idempotent by document key: a second call gives the first result with
 * `alreadyIssued`. The number is taken last, under a lock of its series' row that is held for the end of the transaction only.
 */
export declare function issueDocument(
  db: Db,
  input: IssueInput,
): Promise<{ invoice: Invoice; alreadyIssued: boolean }>;
/** Issues a document outside a run (late charge, off-cycle invoice), with the same guarantees. */
export declare function issueSingle(
  db: Db,
  input: {
    documentKey: string;
    type: 'invoice' | 'credit_note' | 'late_charge';
    document: BillDocument;
    issuedOn: string;
    credits?: string | null;
    orLater?: boolean;
  },
): Promise<{ invoice: Invoice; alreadyIssued: boolean }>;
/**
 * Credits an invoice's lines in part or whole: same tax treatment, each part rounded for itself, the last one takes the exact
 * remainder (§4). `lines` null credits all that is left. The note is applied to the invoice at once.
 */
export declare function creditInvoice(
  db: Db,
  input: {
    documentKey: string;
    invoice: string;
    lines: readonly { line: string; netMinor: number }[] | null;
    issuedOn: string;
    reason: string;
    actor: Actor;
    orLater?: boolean;
  },
): Promise<{ creditNote: Invoice; alreadyIssued: boolean }>;
/** Voids an invoice that was not sent yet: a full reversal in the ledger; the number stays used. */
export declare function voidInvoice(
  db: Db,
  input: { invoice: string; on: string; reason: string; actor: Actor },
): Promise<Invoice>;
