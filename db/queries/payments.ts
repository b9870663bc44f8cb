/** Money in: inbox, payments, allocation over lines, reversal (billing rules §7). */

import type { Db } from '../connect.ts';
import type { Actor } from '../refusal.ts';
import type { inboxEvents, payments } from '../schema.ts';

export type Payment = typeof payments.$inferSelect;
export type InboxEvent = typeof inboxEvents.$inferSelect;

/** Stores an outside event before anything is done with it; once per provider and event, however often it arrives. */
export declare function storeInboxEvent(
  db: Db,
  event: { provider: string; eventId: string; kind: string; payload: unknown },
): Promise<{ id: number; isNew: boolean; state: InboxEvent['state'] }>;
export declare function settleInboxEvent(
  db: Db,
  id: number,
  state: 'processed' | 'ignored' | 'failed',
  reason?: string | null,
): Promise<void>;

export interface PaymentLine {
  readonly invoice: string;
  readonly line?: string | null;
  readonly subcontract?: string | null;
  readonly amount: number;
}
export interface NewPayment {
  /** `stripe:evt_…`, `manual:…`: the key; the same key again gives the first row. */
  readonly payment: string;
  readonly account: string | null;
  readonly receivedOn: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly method?: string | null;
  readonly reference?: string | null;
  readonly payer?: string | null;
  readonly bankAccount?: string | null;
  readonly lines?: readonly PaymentLine[] | null;
}
/** Records money received, all of it unapplied, and posts Dr bank, Cr unapplied credit. */
export declare function recordPayment(
  db: Db,
  payment: NewPayment,
): Promise<{ payment: Payment; isNew: boolean }>;
export declare function getPayment(db: Db, payment: string): Promise<Payment | null>;

/** An open invoice as an allocation case has it (docs/rules/interfaces): amounts in minor units. */
export interface OpenInvoice {
  readonly invoice: string;
  readonly account: string;
  readonly contract: string | null;
  readonly currency: string;
  readonly issued: string;
  readonly due: string;
  /** costs + interest + the open lines. */
  readonly balance: number;
  readonly costs: number;
  readonly interest: number;
  readonly discount?: { readonly percent: string; readonly until: string };
  /** In the invoice's order, undisputed lines first where only some are disputed. */
  readonly lines: readonly {
    readonly line: string;
    readonly subcontract: string | null;
    readonly open: number;
  }[];
}
/** Open invoices of an account, or of all accounts where the payer is not known, in one currency, oldest due first. */
export declare function openInvoicesFor(
  db: Db,
  account: string | null,
  currency: string,
  options?: { clock?: string | null },
): Promise<OpenInvoice[]>;

export interface AllocationInput {
  readonly payment: string;
  readonly on: string;
  readonly rule: string;
  readonly allocations: readonly {
    readonly invoice: string;
    readonly line: string | null;
    readonly amount: number;
  }[];
  readonly discountTaken?: readonly { readonly invoice: string; readonly amount: number }[];
  readonly writtenOff?: readonly { readonly invoice: string; readonly amount: number }[];
  /** Rule, explanation, proposals: kept with the payment. */
  readonly matching?: unknown;
  readonly actor?: Actor | null;
}
/** What one contract gained: subcontracts all of whose lines on an invoice are now paid, and through which day. */
export interface Coverage {
  readonly contract: string;
  readonly invoice: string;
  readonly covered: readonly { readonly subcontract: string; readonly paidThrough: string }[];
  /** Every subcontract of the contract on that invoice is covered. */
  readonly whole: boolean;
}
export interface AllocationResult {
  readonly payment: Payment;
  /** Invoices that money reached, with their state now. */
  readonly invoices: readonly {
    readonly invoice: string;
    readonly documentKey: string | null;
    readonly state: string;
    readonly balanceMinor: number;
    readonly account: string;
  }[];
  readonly coverage: readonly Coverage[];
}
/**
 * Applies an allocation in one transaction: rows of payment and invoices locked in a fixed order, lines' open amounts, balances,
 * states, unapplied credit, ledger. Refused: `allocation-exceeds`, `currency-differs`, `invoice-void`. Can be called again for
 * what is still unapplied. Invariant asserted: Σ allocations + unapplied + refunds = Σ payments.
 */
export declare function applyAllocation(db: Db, input: AllocationInput): Promise<AllocationResult>;
/** Leaves a payment for a person, with the proposals. */
export declare function parkPayment(
  db: Db,
  input: { payment: string; matching: unknown },
): Promise<Payment>;
/** Sets who paid, once it is known. */
export declare function setPaymentAccount(
  db: Db,
  payment: string,
  account: string,
): Promise<Payment>;
/** Unapplied credit goes back to the payer: Dr unapplied, Cr bank. The same key again does nothing. */
export declare function refundUnapplied(
  db: Db,
  input: {
    payment: string;
    amountMinor: number;
    on: string;
    key: string;
    reason: string;
    actor: Actor | null;
  },
): Promise<Payment>;
export interface ReversalResult {
  readonly payment: Payment;
  readonly alreadyReversed: boolean;
  /** Per invoice and contract: the subcontracts that are no longer covered. */
  readonly reopened: readonly {
    readonly contract: string;
    readonly invoice: string;
    readonly documentKey: string | null;
    readonly subcontracts: readonly string[];
  }[];
}
/** Takes a payment back exactly: every allocation has its negative, invoices re-open, the ledger is reversed. `event` makes it once. */
export declare function reversePayment(
  db: Db,
  input: {
    payment: string;
    event: string;
    on: string;
    reason: string;
    state: 'returned' | 'refunded';
  },
): Promise<ReversalResult>;
/** Which subcontracts of an invoice are covered now; also for what was settled by credit. */
export declare function coverageOf(db: Db, invoice: string): Promise<Coverage[]>;
export declare function allocationsOfPayment(
  db: Db,
  payment: string,
): Promise<
  {
    invoice: string;
    line: string | null;
    amountMinor: number;
    discountMinor: number;
    writtenOffMinor: number;
    rule: string;
    allocatedOn: string;
  }[]
>;
/** Unapplied credit of an account per currency. */
export declare function unappliedCredit(db: Db, account: string): Promise<Record<string, number>>;
/** Throws where Σ allocations + unapplied + refunds ≠ Σ payments for any account and currency; answers how many were looked at. */
export declare function assertPaymentInvariant(db: Db, account?: string): Promise<number>;
