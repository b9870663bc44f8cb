/** Contracts, their subcontracts and renewals. */
import type { AccountRef, ChangeView, DocumentView, Money } from './common.ts';
import type { InvoiceSummary } from './invoices.ts';
import type { LicenseView } from './licenses.ts';
import type { MailView } from './mails.ts';
import type { PaymentSummary } from './payments.ts';

/** GET /api/v1/contracts?q=&account=&status=&entity=&attention=true */
export interface ContractSummary {
  readonly contract: string;
  readonly account: AccountRef;
  readonly entity: string | null;
  readonly start: string;
  readonly end: string;
  readonly billingFrequency: string;
  readonly status: 'draft' | 'active' | 'suspended' | 'terminated' | 'lapsed';
  readonly autoRenew: boolean;
  readonly subcontractCount: number;
  /** Where it stands: "Waiting for payment of INV-2026-00017, reminder 2 goes out on 14 May". */
  readonly words: string | null;
  readonly nextStep: string | null;
  readonly nextStepOn: string | null;
  readonly needsAttention: string | null;
}
export interface TimelineEntry {
  readonly on: string;
  readonly tense: 'past' | 'now' | 'planned';
  readonly kind: string;
  readonly words: string;
  readonly references: Readonly<Record<string, string>>;
}
/** A stretch of days on which quantity, price and discount do not change. */
export interface SegmentView {
  readonly start: string;
  /** Inclusive. */
  readonly end: string;
  readonly quantity: string;
  readonly unitPrice: string | null;
  readonly discountPercent: string | null;
  readonly paused: boolean;
}
export interface SubcontractView {
  readonly subcontract: string;
  readonly sku: string;
  readonly product: string;
  readonly kind: string;
  readonly quantity: string;
  /** Null: from the price list. */
  readonly unitPrice: string | null;
  readonly discountPercent: string | null;
  readonly start: string;
  readonly end: string;
  readonly serial: string | null;
  readonly status: 'active' | 'suspended' | 'terminated';
  /** Its segments in force order, for the time axis. */
  readonly segments: readonly SegmentView[];
  readonly amendments: readonly AmendmentView[];
  /** The last day that is paid for; null where nothing is. */
  readonly paidThrough: string | null;
  readonly license: LicenseView | null;
}
export interface AmendmentView {
  readonly amendment: string;
  readonly subcontract: string;
  readonly kind: string;
  readonly value: string | null;
  readonly effective: string;
  readonly recorded: string | null;
  readonly reason: string | null;
  readonly words: string;
}
export interface RenewalView {
  readonly renewal: string;
  readonly contract: string;
  readonly account: AccountRef;
  readonly termStart: string;
  readonly termEnd: string;
  readonly state: 'drawn_up' | 'sent' | 'accepted' | 'declined' | 'lapsed';
  readonly value: Money;
  readonly previousValue: Money;
  readonly decidedOn: string | null;
}
/** GET /api/v1/contracts/{contract}; the answer's ETag goes into If-Match of PATCH. */
export interface ContractPage extends ContractSummary {
  readonly currency: string | null;
  readonly anchor: string | null;
  readonly paymentTerms: string | null;
  readonly priceList: string | null;
  readonly discountPercent: string | null;
  readonly noticeDays: number | null;
  readonly noticeReceived: string | null;
  readonly terminatedOn: string | null;
  readonly poNumber: string | null;
  /** A test clock's name where the contract lives in a rehearsal. */
  readonly clock: string | null;
  readonly today: string;
  /** Oldest first; exactly one entry is `now`. */
  readonly timeline: readonly TimelineEntry[];
  readonly subcontracts: readonly SubcontractView[];
  readonly invoices: readonly InvoiceSummary[];
  readonly payments: readonly PaymentSummary[];
  readonly licenses: readonly LicenseView[];
  readonly mails: readonly MailView[];
  readonly documents: readonly DocumentView[];
  readonly renewals: readonly RenewalView[];
  readonly changes: readonly ChangeView[];
  /** Actions open to the person asking, in this state: hold, release, terminate, … */
  readonly may: readonly (
    | 'amend'
    | 'hold'
    | 'release'
    | 'terminate'
    | 'reinstate'
    | 'grace'
    | 'decide-renewal'
    | 'resolve'
  )[];
  readonly temporalUiUrl: string | null;
}
