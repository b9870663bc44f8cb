/**
 * The messages of every workflow: arguments, signals, updates and queries, as plain types and definitions that api/ and
 * activities/ may import without loading workflow code. Payloads carry ids and small values, never documents or people's data.
 *
 * Signal or update: what has happened already is a signal (it can not be refused, so its handler never throws); what a
 * person asks for and wants answered is an update with a synchronous validator.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CurrencyAmount } from '../domain/money/exchange.ts';

/** Names under which workflows are registered and started. */
export const WORKFLOW_TYPES = {
  contract: 'contract',
  invoice: 'invoice',
  billRun: 'billRun',
  scheduledBillRun: 'scheduledBillRun',
  payment: 'payment',
  reconciliation: 'reconciliation',
  findingFix: 'findingFix',
  accountingLook: 'accountingLook',
} as const;

/** Who asks, as the audit trail knows them; the API fills it in from the session, never from the request's body. */
export interface Actor {
  readonly user: string;
  readonly role: string;
}

/** A reason code of a refusal is the `type` of the ApplicationFailure; api/ maps it to a problem document. */
export type RefusalCode =
  | 'run-not-in-review'
  | 'run-not-submitted'
  | 'run-item-unknown'
  | 'own-run'
  | 'already-decided'
  | 'numbers-changed'
  | 'contract-ended'
  | 'contract-not-held'
  | 'contract-already-held'
  | 'amendment-invalid'
  | 'grace-not-needed'
  | 'grace-limit'
  | 'license-not-current'
  | 'renewal-not-open'
  | 'invoice-settled'
  | 'invoice-void'
  | 'payment-settled'
  | 'refund-under-way'
  | 'currency-exchanged'
  | 'not-configured'
  | 'nothing-parked'
  | 'period-closed'
  | 'invalid-input'
  | 'step-failed';

// ---------------------------------------------------------------- contract (`contract:C-1042`)

export interface ContractArgs {
  readonly contract: string;
  /** A rehearsal's clock; null lives in real time. */
  readonly clock: string | null;
  /** Carried over continue-as-new; absent at the first start. */
  readonly state?: unknown;
}
/** An invoice of this contract was issued: it becomes part of the running cycle. */
export const contractIssued =
  defineSignal<[{ invoice: string; documentKey: string; dueOn: string }]>('issued');
/** Subcontracts of it are paid in full for a period: their licenses follow, at once. */
export const contractSettled =
  defineSignal<
    [
      {
        invoice: string;
        settledOn: string;
        covered: { subcontract: string; paidThrough: string }[];
        whole: boolean;
        /** What paid them: null where no one payment did. Absent in histories from before 2026-11-23. */
        payment?: string | null;
      },
    ]
  >('settled');
/** A payment was returned, refunded or charged back: licenses go back to temporary, never silently. */
export const contractReversed =
  defineSignal<[{ invoice: string; reversedOn: string; payment: string; subcontracts: string[] }]>(
    'reversed',
  );
/** A rehearsal's clock moved; every workflow that was started with it hears it. */
export const clockMoved = defineSignal<[{ today: string }]>('clock');
/**
 * The same as a question: answered once everything due by that day is done and the workflow waits again, with the day of
 * its next step. Who moves a clock lives a year in order with it. The day itself is the clock's row in the database.
 */
export const clockAdvance = defineUpdate<
  { nextOn: string | null; needsAttention: string | null },
  [{ today: string }]
>('clockAdvance');

export interface AmendmentInput {
  readonly amendment: string;
  readonly subcontract: string;
  readonly kind: 'add' | 'remove' | 'quantity' | 'price' | 'discount' | 'pause' | 'resume' | 'move';
  readonly value: string | null;
  readonly effective: string;
  readonly reason: 'change' | 'correction';
}
export const contractAmend = defineUpdate<{ amendment: string }, [AmendmentInput, Actor]>('amend');
export const contractHold = defineUpdate<void, [{ reason: string }, Actor]>('hold');
export const contractRelease = defineUpdate<void, [{ reason: string }, Actor]>('release');
/** Terminated after `on` (that day is the last one covered). */
export const contractTerminate = defineUpdate<void, [{ on: string; reason: string }, Actor]>(
  'terminate',
);
export const contractReinstate = defineUpdate<void, [{ on: string; reason: string }, Actor]>(
  'reinstate',
);
/** Grace beyond the rules, through a day; without a subcontract for all that is unpaid. */
export const contractGrantGrace = defineUpdate<
  { through: string },
  [{ subcontract: string | null; through: string; reason: string }, Actor]
>('grantGrace');
/** A customer's key was lost (sent again) or leaked (revoked, a new one takes its place); answers the license in force. */
export const contractReissue = defineUpdate<
  { license: string },
  [{ license: string; leaked: boolean; reason: string }, Actor]
>('reissue');
export const contractDecideRenewal = defineUpdate<
  void,
  [{ renewal: string; decision: 'accept' | 'decline'; on: string; reason: string | null }, Actor]
>('decideRenewal');
/** Something is parked and waits for a person: try again, leave it out, or say it was done by hand. */
export const resolveParked = defineUpdate<void, [{ how: 'retry' | 'skip'; reason: string }, Actor]>(
  'resolve',
);
export const contractStateQuery = defineQuery<{
  words: string;
  nextStep: string | null;
  nextStepOn: string | null;
  held: boolean;
  needsAttention: string | null;
}>('state');

// ---------------------------------------------------------------- invoice (`invoice:C-1042:2027-01`)

export interface InvoiceArgs {
  readonly documentKey: string;
  readonly invoice: string;
  readonly account: string;
  /** Every contract that has a line on it. */
  readonly contracts: readonly string[];
  readonly issuedOn: string;
  readonly dueOn: string;
  readonly entity: string;
  readonly timeZone: string;
  readonly clock: string | null;
  /** False for imported history that went out long ago: it is awaited and reminded, not delivered again. */
  readonly deliver: boolean;
  /** The business day on which its mail may leave first; absent where it leaves at once. */
  readonly deliverOn?: string;
  readonly state?: unknown;
}
/** What a payment's process told a contract by itself, so that the invoice does not tell it again. */
export interface ContractTold {
  readonly contract: string;
  readonly covered: readonly { readonly subcontract: string; readonly paidThrough: string }[];
  readonly whole: boolean;
}
/**
 * Money reached lines of this invoice; the database holds the amounts, the signal wakes the workflow. `told` is absent in
 * histories from before 2026-11-23.
 */
export const paymentApplied =
  defineSignal<[{ payment: string; appliedOn: string; told?: readonly ContractTold[] }]>(
    'paymentApplied',
  );
export const paymentReversed =
  defineSignal<[{ payment: string; reversedOn: string }]>('paymentReversed');
/** A credit note or a void took effect. */
export const invoiceCredited = defineSignal<[{ creditNote: string; on: string }]>('credited');
export const invoicePromise = defineUpdate<void, [{ until: string; reason: string }, Actor]>(
  'promise',
);
export const invoiceDispute = defineUpdate<
  void,
  [{ disputed: boolean; lines: string[] | null; reason: string }, Actor]
>('dispute');
export const invoiceResend = defineUpdate<{ mail: string }, [{ to: string | null }, Actor]>(
  'resend',
);

// ---------------------------------------------------------------- bill run (`bill-run:2026-11`)

export interface BillRunArgs {
  /** `2026-11`, or `2026-11@DEMO` in a rehearsal. */
  readonly run: string;
  /** R, the run date: the 15th of the month unless the schedule or a person says another day. */
  readonly runOn: string;
  readonly clock: string | null;
  /** Null where the schedule started it: whoever submits is the maker then. */
  readonly startedBy: Actor | null;
  /** What a person wants billed at once; absent for a month's whole run. */
  readonly only?: RunOnly;
  readonly state?: unknown;
}
export interface RunOnly {
  /** Null for service time of an account's own. */
  readonly contract: string | null;
  readonly account: string | null;
  /** A subcontract, or an entry of service time; null for all that is due of the contract, or of the account's own. */
  readonly subject: string | null;
  /** The first day of the period, or the entry's day; null with `subject`. */
  readonly periodStart: string | null;
  /** Goods, licenses and fees that are agreed along with it and billed by it. */
  readonly items?: readonly AgreedItem[];
  /** Why it is billed off-cycle: kept with what is agreed. */
  readonly reason?: string;
}
/** A one-off product to be delivered on the run's day under the contract. */
export interface AgreedItem {
  /** The subcontract that it becomes. */
  readonly subcontract: string;
  readonly sku: string;
  readonly quantity: string;
  /** Null: the price list's. */
  readonly unitPrice: string | null;
}
export const runExclude = defineUpdate<
  void,
  [{ item: string; decision: 'exclude' | 'hold'; reason: string }, Actor]
>('exclude');
export const runInclude = defineUpdate<void, [{ item: string; reason: string | null }, Actor]>(
  'include',
);
/** The maker is done: the numbers are frozen under a hash and wait for a second person. */
export const runSubmit = defineUpdate<{ shownHash: string }, [Actor]>('submit');
/** Binds to what was shown: another hash is refused (`numbers-changed`), the maker too (`own-run`). */
export const runApprove = defineUpdate<void, [{ shownHash: string }, Actor]>('approve');
export const runRefuse = defineUpdate<void, [{ reason: string }, Actor]>('refuse');
/** The maker takes an off-cycle run back before it is approved: nothing of it goes out, what was agreed along with it is undone. */
export const runWithdraw = defineUpdate<void, [{ reason: string }, Actor]>('withdraw');
/** Computes a run in review anew, from the book as it is now; decisions on its items stay. */
export const runRecompute = defineUpdate<void, [Actor]>('recompute');
export const runProgress = defineQuery<{
  state: string;
  due: number;
  issued: number;
  failed: number;
}>('progress');

// ---------------------------------------------------------------- payment (`payment:stripe:evt_…`)

export interface PaymentArgs {
  /** The payment's key; its row and its inbox event are stored before the workflow starts. */
  readonly payment: string;
  readonly clock: string | null;
}
/** The provider took it back (refund, dispute, returned debit): `event` is that event's own key. */
export const paymentReversal =
  defineSignal<[{ event: string; on: string; amountMinor: number; reason: string }]>('reversal');
export interface DecidedLine {
  readonly invoice: string;
  /** Null: the invoice's lines in their order. */
  readonly line: string | null;
  readonly amountMinor: number;
  /** Of the invoice, besides the money: tax that the payer withheld at source, and what banks kept on the way. */
  readonly withheldMinor?: number;
  readonly bankFeeMinor?: number;
}
/**
 * A person decides a case that was left for review. No lines keep all of it as credit; `account` says whose money it is
 * where the payer was not known.
 */
export const paymentAllocate = defineUpdate<
  { allocated: number },
  [{ lines: DecidedLine[]; account?: string | null; reason: string }, Actor]
>('allocate');
/**
 * Allocations come back and go elsewhere: `from` names their invoices, null all of them. Without `to` they are undone, which
 * their day must still allow; the money then waits for a person again.
 */
export const paymentMove = defineUpdate<
  { allocated: number },
  [{ from: string[] | null; to: DecidedLine[]; account?: string | null; reason: string }, Actor]
>('move');
/**
 * A person counts all of a payment (`from`, as it is now) as an amount of another currency, or back as what came. Nothing of
 * it may be allocated or given back.
 */
export const paymentExchange = defineUpdate<
  CurrencyAmount,
  [{ from: CurrencyAmount; to: CurrencyAmount; reason: string }, Actor]
>('exchange');
/**
 * A person gives unapplied credit back. `key` names the refund, so that asking again is asking after it; without one (as it
 * was once asked) it is only booked. `currency` is the one that was meant; absent it is the one that came.
 * Answers what became of it; `under-way`: the provider has not answered yet.
 */
export const paymentRefund = defineUpdate<
  RefundOutcome,
  [{ amountMinor: number; currency?: string; reason: string; key?: string }, Actor]
>('refund');
export interface RefundOutcome {
  readonly state: 'refunded' | 'refused' | 'under-way';
  /** What was done or why not, and what is left for a person to do. */
  readonly words: string;
}
/** An invoice was issued that its credit may pay, or that it may have been meant for. */
export const paymentInvoiceIssued =
  defineSignal<[{ invoice: string; on: string }]>('invoiceIssued');
/** The provider could not give a refund back after all: the money is with us again. `event` is the refund's own key. */
export const paymentRefundFailed =
  defineSignal<[{ event: string; on: string; amountMinor: number; reason: string }]>(
    'refundFailed',
  );

// ---------------------------------------------------------------- findings (`reconciliation`, `finding-fix:F-17:…`)

export type LookCause = 'nightly' | 'import' | 'demand' | 'after-action';

export interface ReconciliationArgs {
  /** Null where a signal says it. */
  readonly cause: LookCause | null;
}
/** Look over the books (again): what was changed before this signal is in the look that follows it. */
export const lookAgain = defineSignal<[{ cause: LookCause }]>('lookAgain');

/** A system whose records are compared with ours. */
export type OutsideSource = 'accounting' | 'crm';

/** What a fix does outside the database: each is a step of its own, with its own retries. */
export type FindingFix =
  | { readonly kind: 'ask-owner'; readonly question: string }
  | { readonly kind: 'refresh-licenses'; readonly contract: string }
  | {
      readonly kind: 'set-license';
      readonly license: string;
      readonly state: 'enabled' | 'suspended';
      readonly reason: string;
    }
  | {
      readonly kind: 'note-in-crm';
      readonly account: string;
      readonly contract: string | null;
      readonly subject: string;
      readonly body: string;
    }
  | { readonly kind: 'post-in-accounting'; readonly document: string }
  | { readonly kind: 'post-payment-in-accounting'; readonly payment: string }
  | {
      readonly kind: 'correct-customer';
      readonly source: OutsideSource;
      /** Its id there. */
      readonly customer: string;
      /** Fields of connectors/outside-system.ts: what they become, and what they said when a person decided. */
      readonly changes: Readonly<Record<string, string | null>>;
      readonly expected: Readonly<Record<string, string | null>>;
    }
  | { readonly kind: 'post-customer-in-accounting'; readonly account: string };

export interface FindingFixArgs {
  /** The workflow's id (ids.ts): names the fix and every effect of it. */
  readonly key: string;
  /** The finding's number. */
  readonly finding: number;
  readonly fix: FindingFix;
  readonly actor: Actor;
  readonly reason: string;
}

// ---------------------------------------------------------------- search attributes (never people's data)

/** Chosen once: the server's SQL visibility allows ten keywords and three of each other kind. */
export const SEARCH_ATTRIBUTES = {
  ContractNo: 'Keyword',
  InvoiceNo: 'Keyword',
  AccountNo: 'Keyword',
  BillingState: 'Keyword',
  BillRun: 'Keyword',
  Entity: 'Keyword',
  TestClock: 'Keyword',
  NeedsAttention: 'Bool',
  DueDate: 'Datetime',
  AmountMinor: 'Int',
} as const;
