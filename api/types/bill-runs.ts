/** Bill runs: reviewed, approved, followed while they issue; and what one would bill. */
import type { BillLine, Control, TaxSubtotal } from '../../domain/bill-run/document.ts';
import type { AccountRef, Money, UserRef } from './common.ts';
import type { FindingSummary } from './findings.ts';

export type BillRunState =
  | 'computing'
  | 'in_review'
  | 'submitted'
  | 'approved'
  | 'issuing'
  | 'issued'
  | 'refused'
  | 'failed';
/** GET /api/v1/bill-runs */
export interface BillRunSummary {
  /** `2026-11`, or `2026-11@DEMO` in a rehearsal. */
  readonly run: string;
  readonly month: string;
  readonly runOn: string;
  readonly clock: string | null;
  readonly state: BillRunState;
  readonly words: string;
  readonly totals: readonly Money[];
  readonly invoiceCount: number;
  readonly exceptionCount: number;
  readonly maker: UserRef | null;
  readonly checker: UserRef | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}
export type BillRunItemKind = 'invoice' | 'credit_note' | 'held' | 'set_aside' | 'carried';
/** A row of the run: one document that would go out, or one contract that does not. */
export interface BillRunItem {
  readonly item: string;
  readonly kind: BillRunItemKind;
  readonly decision: 'include' | 'exclude' | 'hold';
  readonly reason: string | null;
  /** The cause's stable code (`price-missing`, `old-find`…); null for what is fine. */
  readonly code: string | null;
  readonly account: AccountRef | null;
  readonly contract: string | null;
  readonly entity: string | null;
  readonly currency: string | null;
  readonly net: Money | null;
  readonly tax: Money | null;
  readonly total: Money | null;
  readonly lastMonth: Money | null;
  readonly lastYear: Money | null;
  /** net − lastYear; null where there was nothing to compare with. */
  readonly difference: Money | null;
  readonly state: 'computed' | 'issued' | 'failed' | 'left_out';
  /** The number, once issued. */
  readonly invoice: string | null;
  readonly failure: string | null;
  /** Lines marked "caught up". */
  readonly caughtUp: number;
}
export interface BillRunCause {
  readonly code: string;
  /** What it is, in words: "Difference older than 12 months". */
  readonly words: string;
  /** What a person does about it. */
  readonly suggestion: string;
  readonly count: number;
  readonly money: readonly Money[];
  readonly items: readonly BillRunItem[];
}
/** GET /api/v1/bill-runs/{run}: the review page's head and exceptions. Contracts: GET …/{run}/items. */
export interface BillRunReview extends BillRunSummary {
  readonly entities: readonly string[];
  /** Per currency: what this run bills, and what last month's and last year's runs of that month did. */
  readonly comparison: readonly {
    readonly currency: string;
    readonly net: number;
    readonly tax: number;
    readonly total: number;
    readonly credited: number;
    readonly lastMonthNet: number | null;
    readonly lastYearNet: number | null;
    /** What of `net` is of the contracts that last month's figure is of; the rest is new to it. */
    readonly netOfLastMonths: number | null;
    readonly netOfLastYears: number | null;
  }[];
  /** due = invoiced + held + excluded + set aside + carried, per currency, minor units. */
  readonly control: Control;
  readonly controlAddsUp: boolean;
  readonly warnings: readonly string[];
  /** Most money first. */
  readonly exceptions: readonly BillRunCause[];
  /** What the books say is wrong about the contracts and customers that it would bill. */
  readonly findings: readonly FindingSummary[];
  readonly counts: {
    readonly invoices: number;
    readonly creditNotes: number;
    readonly excluded: number;
    readonly held: number;
    readonly setAside: number;
    readonly carried: number;
    readonly issued: number;
    readonly failed: number;
  };
  /** "Issues 412 invoices for 1,204,310.00 USD, sends 398 mails, leaves 14 for you". */
  readonly willDo: string;
  /** The whole hash goes back with the approval; `shortCode` is what two people compare aloud. */
  readonly shownHash: string | null;
  readonly shortCode: string | null;
  readonly reason: string | null;
  /** What the person asking may do now, and why not where they may not. */
  readonly may: {
    readonly submit: boolean;
    readonly approve: boolean;
    readonly refuse: boolean;
    readonly change: boolean;
    /** An off-cycle run alone is taken back. */
    readonly withdraw: boolean;
    readonly why: string | null;
  };
}
/** GET /api/v1/bill-runs/{run}/items/{item}; its paper as it will look: …/{item}/pdf and …/{item}/html */
export interface BillRunItemDetail extends BillRunItem {
  readonly poNumber: string | null;
  readonly paymentTerms: string | null;
  readonly issueDate: string | null;
  readonly dueDate: string | null;
  /** Sections contract → subcontract → line; each line carries its derivation. */
  readonly lines: readonly BillLine[];
  readonly taxes: readonly TaxSubtotal[];
}
/** GET /api/v1/bill-runs/{run}/progress, and the `data` of each `progress` event of GET …/{run}/stream (SSE). */
export interface BillRunProgress {
  readonly run: string;
  readonly state: BillRunState;
  readonly due: number;
  readonly issued: number;
  readonly failed: number;
  readonly at: string;
}
/** POST /api/v1/bill-runs/preview {runOn, contract?, clock?}: computed, nothing written. */
export interface BillRunPreviewAnswer {
  readonly run: string;
  readonly documents: readonly {
    readonly kind: 'invoice' | 'credit_note';
    readonly contract: string | null;
    readonly account: AccountRef;
    readonly dueDate: string;
    readonly net: Money;
    readonly tax: Money;
    readonly total: Money;
    readonly lines: readonly BillLine[];
  }[];
  readonly held: readonly {
    readonly contract: string;
    readonly subcontract: string;
    readonly periodStart: string;
    readonly net: number;
    readonly reason: string;
  }[];
  readonly setAside: readonly { contract: string; code: string; reason: string }[];
  readonly totals: readonly Money[];
  readonly control: Control;
  readonly warnings: readonly string[];
}
/** POST /api/v1/bill-runs/off-cycle/preview: what would be billed at once; `off-cycle` takes its hash. */
export interface OffCyclePreview extends BillRunPreviewAnswer {
  readonly account: AccountRef;
  /** Null: the service time of the account's own. */
  readonly contract: string | null;
  readonly words: string;
  readonly needsApproval: boolean;
  readonly shownHash: string;
}
