/** Issued documents. */
import type { Explanation } from '../../domain/bill-run/document.ts';
import type { AccountRef, ChangeView, DocumentView, Money } from './common.ts';
import type { MailView } from './mails.ts';
import type { AllocationView } from './payments.ts';

export type InvoiceState =
  | 'issued'
  | 'partially_paid'
  | 'paid'
  | 'void'
  | 'credited'
  | 'disputed'
  | 'written_off';
/** GET /api/v1/invoices?q=&account=&contract=&state=&run=&overdue=true&entity=&currency= */
export interface InvoiceSummary {
  readonly invoice: string;
  readonly documentKey: string | null;
  readonly type: 'invoice' | 'credit_note' | 'late_charge';
  readonly credits: string | null;
  readonly account: AccountRef;
  readonly contract: string | null;
  readonly entity: string;
  readonly run: string | null;
  readonly issuedOn: string;
  readonly dueOn: string;
  readonly net: Money;
  readonly tax: Money;
  readonly total: Money;
  readonly balance: Money;
  readonly state: InvoiceState;
  /** "Waiting for payment, 12 days overdue, reminder 1 sent". */
  readonly words: string;
  readonly disputed: boolean;
  readonly promisedUntil: string | null;
  readonly reminderStage: number;
  readonly overdueDays: number;
  readonly imported: boolean;
}
export interface InvoiceLineView {
  readonly line: string;
  readonly contract: string | null;
  readonly subcontract: string | null;
  readonly sku: string | null;
  readonly kind: string | null;
  readonly description: string | null;
  readonly quantity: string | null;
  readonly unitPrice: string | null;
  readonly discountPercent: string | null;
  readonly periodStart: string | null;
  readonly periodEnd: string | null;
  readonly net: Money;
  readonly tax: Money;
  readonly open: Money;
  readonly taxCategory: string | null;
  readonly taxRate: string | null;
  readonly caughtUp: boolean;
  readonly explanation: Explanation | null;
}
/** GET /api/v1/invoices/{invoice}; its paper: …/pdf and …/html (credit notes too). */
export interface InvoicePage extends InvoiceSummary {
  readonly poNumber: string | null;
  readonly paymentTerms: string | null;
  readonly paymentReference: string | null;
  readonly deliveredAt: string | null;
  readonly lines: readonly InvoiceLineView[];
  readonly allocations: readonly AllocationView[];
  readonly creditNotes: readonly InvoiceSummary[];
  readonly mails: readonly MailView[];
  readonly documents: readonly DocumentView[];
  readonly changes: readonly ChangeView[];
  readonly may: readonly ('void' | 'credit' | 'resend' | 'promise' | 'dispute')[];
  readonly temporalUiUrl: string | null;
}
