/** Payments, and the cases that people decide. */
import type { Approval } from './approvals.ts';
import type { AccountRef, ChangeView, Money } from './common.ts';
import type { InvoiceLineView, InvoiceSummary } from './invoices.ts';
import type { RemittanceView } from './papers.ts';

export interface AllocationView {
  readonly id: number;
  readonly payment: string;
  readonly invoice: string;
  readonly line: string | null;
  readonly amount: Money;
  readonly discount: Money;
  readonly writtenOff: Money;
  /** Tax that the payer withheld at source: the tax office owes it. */
  readonly withheld: Money;
  readonly bankFee: Money;
  readonly rule: string | null;
  readonly allocatedOn: string;
}
/** GET /api/v1/payments?state=review&account=&q= */
export interface PaymentSummary {
  readonly payment: string;
  readonly account: AccountRef | null;
  readonly receivedOn: string;
  readonly amount: Money;
  readonly unapplied: Money;
  readonly refunded: Money;
  readonly method: string | null;
  readonly reference: string | null;
  readonly payer: string | null;
  readonly state: 'received' | 'allocated' | 'review' | 'returned' | 'refunded';
  /** The matching rule that decided it, or `person`; null while nothing is decided. */
  readonly matchedBy: string | null;
  /** When somebody looked over what matched by itself. */
  readonly checkedAt: string | null;
  readonly words: string;
}
/** Why an open invoice is proposed: a stable code, and the words for people. */
export interface CandidateReasonView {
  readonly code: string;
  readonly words: string;
}
/** GET /api/v1/payments/{payment}/candidates?q= */
export interface CandidateView {
  readonly invoice: InvoiceSummary;
  readonly lines: readonly InvoiceLineView[];
  readonly reasons: readonly CandidateReasonView[];
  /** What of the payment it would take, were it paid first. */
  readonly suggested: Money;
}
/** One reading of a case: where the money could go, and why. */
export interface CaseProposal {
  readonly allocations: readonly { readonly invoice: string; readonly amount: Money }[];
  readonly sum: Money;
}
/** GET /api/v1/payments/{payment}; the Cash page decides it by POST …/{payment}/allocate. */
export interface PaymentPage extends PaymentSummary {
  readonly bankAccount: string | null;
  readonly allocations: readonly AllocationView[];
  /** Why it was matched, or left for a person. */
  readonly explanation: string | null;
  readonly rule: string | null;
  readonly proposals: readonly CaseProposal[];
  /** Open invoices that it could be for, ranked, each with its reasons. */
  readonly candidates: readonly CandidateView[];
  /** Remittance advices of it, and those without a payment that tell of the same money. */
  readonly papers: readonly RemittanceView[];
  readonly changes: readonly ChangeView[];
  /** Refunds that people asked for, the latest first, each with what became of it. */
  readonly refunds: readonly Approval[];
  /** How a refund reaches the payer, in words, before it is asked for; null where nothing is left to refund. */
  readonly refundWords: string | null;
  /** What came, where a person counted it in another currency, and the rate that makes: "1 EUR = 1.08 USD". */
  readonly exchangedFrom: { readonly amount: Money; readonly rate: string } | null;
  /** Currencies of the payer's open invoices that it could count as. */
  readonly countsAs: readonly string[];
  /** `undo` is open until the day of the allocation is closed; `move` stays; `exchange` while nothing is allocated. */
  readonly may: readonly ('allocate' | 'exchange' | 'refund' | 'undo' | 'move' | 'check')[];
  readonly temporalUiUrl: string | null;
}
