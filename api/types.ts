/**
 * What the HTTP API answers, as types: the dashboard is built against this file and imports nothing else of the server.
 * Routes are named in each comment. Money is an integer in the currency's minor unit; dates are civil (`YYYY-MM-DD`), end
 * dates inclusive; instants are RFC 3339. A name ends in `On` for a date and in `At` for an instant.
 */
import type { BillLine, Control, Explanation, TaxSubtotal } from '../domain/bill-run/document.ts';
import type { StatementKind } from '../domain/ledger/statement-kind.ts';
import type { OrderDifference } from '../domain/papers/order.ts';

export type { BillLine, Control, Explanation, OrderDifference, StatementKind, TaxSubtotal };

/** An amount in integer minor units: {amount: 119000, currency: 'EUR'} is 1,190.00 EUR. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** Every list: `?limit=50&cursor=…&sort=-due&q=…`, and filters by name. `nextCursor` is null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  /** Rows that the filter matches, over all pages. */
  readonly total: number;
}

/** A document, account or person by what people call it. */
export interface AccountRef {
  readonly account: string;
  readonly name: string;
}
export interface UserRef {
  readonly id: string;
  readonly name: string;
}

/** RFC 9457. `code` is stable (api/problems.ts holds all of them); `detail` says what is wrong and what to do. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly instance: string;
  readonly requestId: string;
  readonly retryable: boolean;
  /** Who can act: the person asking, an admin, an operator, or nobody. */
  readonly whoActs: 'caller' | 'finance' | 'admin' | 'operator' | 'nobody';
  /** Fields that were refused, where the body or the query was. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

// ---------------------------------------------------------------- session and people

export type Role = 'viewer' | 'support' | 'biller' | 'approver' | 'admin' | 'auditor' | 'service';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly hasPassword: boolean;
  readonly createdAt: string;
}

/**
 * GET /api/v1/session (200 signed in, 401 not), POST /api/v1/session {email, password}, DELETE /api/v1/session.
 * Writes with the cookie send `csrfToken` in the header `x-csrf-token`.
 */
export interface Session {
  readonly user: User;
  readonly csrfToken: string;
  readonly expiresAt: string;
  /** What this person may do, by the names of api/permissions.ts (`bill-run:approve`…). */
  readonly actions: readonly string[];
  /** While on, whoever made a run, credit or refund never approves it. */
  readonly fourEyes: boolean;
  /** For the one discreet link; null to roles that are no operators, or where there is none. */
  readonly temporalUiUrl: string | null;
  readonly version: string;
}

/** POST /api/v1/users/{id}/sign-in-links; the link is shown once. */
export interface SignInLink {
  readonly url: string;
  readonly expiresAt: string;
}

/** GET /api/v1/keys; POST answers `ApiKeyCreated` (its `key` is shown once); DELETE /api/v1/keys/{id}. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly user: UserRef;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}
export interface ApiKeyCreated extends ApiKey {
  readonly key: string;
}

// ---------------------------------------------------------------- Today: GET /api/v1/reports/today

export type DecisionKind =
  | 'bill-run-approval'
  | 'bill-run-review'
  | 'approval'
  | 'payment-case'
  | 'contract-attention'
  | 'renewal-decision'
  | 'dispute'
  | 'correction'
  | 'credit-hold';

/** One thing that waits for a person, with the money at stake and how long it has waited. */
export interface Decision {
  readonly kind: DecisionKind;
  /** `2026-11`, `C-1042`, `stripe:evt_1`: what the page behind `link` opens. */
  readonly subject: string;
  readonly words: string;
  readonly account: AccountRef | null;
  readonly money: readonly Money[];
  readonly since: string;
  readonly ageDays: number;
  /** The dashboard's path, e.g. `/bill-runs/2026-11`. */
  readonly link: string;
  /** The most likely action, in words for a button: "Approve", "Match", "Answer". */
  readonly action: string;
  /** False where the person asking may not decide this one (their own run, another role). */
  readonly mayDecide: boolean;
}
export interface Arrival {
  readonly at: string;
  readonly kind: 'payment' | 'renewal-answer' | 'mail-rejected' | 'import' | 'event';
  readonly words: string;
  readonly money: Money | null;
  readonly link: string | null;
}
export interface Today {
  /** The date in the first entity's time zone, or the clock's. */
  readonly today: string;
  /** Most money first, then the oldest. */
  readonly decisions: readonly Decision[];
  readonly decisionCounts: Readonly<Partial<Record<DecisionKind, number>>>;
  readonly nextRun: {
    readonly month: string;
    readonly runOn: string;
    readonly daysAway: number;
    /** Null while it has not been computed; POST /api/v1/bill-runs/preview computes it. */
    readonly wouldBill: readonly Money[] | null;
    readonly invoices: number | null;
    readonly setAside: number | null;
    /** The run of that month where one exists already. */
    readonly run: string | null;
    readonly state: BillRunState | null;
  };
  /** What came in since `?since=` (an instant; default: the last seven days), newest first. */
  readonly arrivals: readonly Arrival[];
  readonly receivable: readonly { readonly open: Money; readonly overdue: Money }[];
  readonly health: {
    readonly ok: boolean;
    /** One line: "All contracts are being looked after", or what is wrong and what to do. */
    readonly words: string;
    readonly contracts: number;
    readonly needAttention: number;
  };
}

// ---------------------------------------------------------------- bill runs

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

// ---------------------------------------------------------------- contracts

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
/** GET /api/v1/licenses; keys are shown shortened, …/{license}/key answers the whole of it. */
export interface LicenseView {
  readonly license: string;
  readonly account: string;
  readonly contract: string | null;
  readonly subcontract: string | null;
  readonly sku: string | null;
  readonly edition: string | null;
  readonly seats: string | null;
  readonly kind: 'full' | 'temporary' | 'evaluation' | null;
  readonly state: 'enabled' | 'suspended' | 'superseded' | 'revoked';
  readonly validFrom: string | null;
  readonly validThrough: string | null;
  readonly keyShort: string | null;
  readonly cause: string | null;
  readonly supersededBy: string | null;
  readonly issuedOn: string | null;
}
/** One step of a license's life: what happened, why, who did it and when. */
export interface LicenseTransitionView {
  readonly on: string;
  readonly at: string;
  readonly action: 'issue' | 'supersede' | 'suspend' | 'reinstate' | 'revoke';
  readonly state: LicenseView['state'];
  readonly cause: string;
  /** A person's name, or `Perennial` where a rule did it by itself. */
  readonly actor: string;
  readonly note: string | null;
  readonly replacedBy: string | null;
}
/** GET /api/v1/licenses/{license} */
export interface LicensePage extends LicenseView {
  readonly features: readonly string[];
  /** What the person asking may do with it. */
  readonly may: readonly ('reveal' | 'reissue')[];
  readonly transitions: readonly LicenseTransitionView[];
}
/** GET /api/v1/corrections: what a customer proposes to change in their own record. */
export interface CorrectionView {
  readonly correction: string;
  readonly account: string;
  readonly state: 'waiting' | 'accepted' | 'refused';
  readonly changes: readonly {
    readonly table: 'accounts' | 'contacts';
    readonly contact: string | null;
    readonly column: string;
    readonly from: string | null;
    readonly to: string | null;
  }[];
  readonly remark: string | null;
  readonly proposedOn: string;
  readonly decidedBy: string | null;
  readonly decidedOn: string | null;
  readonly reason: string | null;
}
export interface MailView {
  readonly key: string;
  readonly kind: string;
  readonly subject: string;
  readonly recipients: readonly string[];
  /** `sent`: the mail server has it; what became of it then is told by a provider or a bounce mail. */
  readonly state:
    | 'sending'
    | 'sent'
    | 'rejected'
    | 'unknown'
    | 'delayed'
    | 'delivered'
    | 'bounced'
    | 'complained';
  readonly reason: string | null;
  readonly sentOn: string;
  readonly invoice: string | null;
  /** What was told of single recipients. */
  readonly deliveries: readonly {
    readonly address: string;
    readonly state: 'delayed' | 'delivered' | 'bounced' | 'complained';
    readonly reason: string | null;
    readonly at: string;
  }[];
  /** It did not arrive, or nobody knows, and no later mail stood in for it. */
  readonly undelivered: boolean;
  /** Undelivered, and POST /mails/{key}/send-again sends it. */
  readonly sendsAgain: boolean;
  /** It goes out as a copy of the invoice, to another address where one is given. */
  readonly asCopy: boolean;
}
export interface DocumentView {
  readonly key: string;
  readonly fileName: string;
  readonly mediaType: string;
  readonly url: string;
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
/** Who changed what, from the audit trail. */
export interface ChangeView {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly role: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string | null;
  readonly details: Readonly<Record<string, unknown>>;
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

// ---------------------------------------------------------------- invoices

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

// ---------------------------------------------------------------- payments and cases

export interface AllocationView {
  readonly id: number;
  readonly payment: string;
  readonly invoice: string;
  readonly line: string | null;
  readonly amount: Money;
  readonly discount: Money;
  readonly writtenOff: Money;
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
/** A paper that a customer sent, and what was read in it. */
export interface RemittanceView {
  readonly paper: string;
  readonly fileName: string;
  readonly readBy: 'text' | 'mail' | 'pdf' | 'ocr' | '';
  readonly reading: PaperState;
  readonly payer: string | null;
  readonly total: Money | null;
  readonly lines: readonly { readonly invoice: string; readonly amount: Money | null }[];
  readonly payment: string | null;
  /** Payments that it may tell of: same money, not allocated yet. */
  readonly fits: readonly { readonly payment: string; readonly name: string }[];
  readonly createdAt: string;
  readonly text: string;
}
/** How far a paper is read: a scan takes a while, and is asked for again meanwhile. */
export interface PaperState {
  readonly state: 'reading' | 'read' | 'failed';
  readonly words: string;
}
/** One side of a product on a purchase order; null where the paper does not say. */
export interface OrderSide {
  readonly quantity: string | null;
  readonly unitPrice: string | null;
  readonly amount: Money | null;
}
/**
 * POST /api/v1/orders/papers, GET …/orders/papers and …/{paper}: a customer's purchase order, read and compared with the
 * renewal or the year of the contract that it answers. POST answers 202 while it is read: ask …/{paper} again.
 */
export interface OrderPaperView {
  readonly paper: string;
  readonly fileName: string;
  readonly readBy: 'text' | 'mail' | 'pdf' | 'ocr' | '';
  readonly reading: PaperState;
  readonly createdAt: string;
  readonly account: AccountRef | null;
  readonly number: string | null;
  readonly total: Money | null;
  /** The net sum of what it answers. */
  readonly offered: Money | null;
  /** Product by product, with what differs. */
  readonly beside: readonly {
    readonly sku: string | null;
    readonly description: string;
    readonly ordered: OrderSide | null;
    readonly offered: OrderSide | null;
    readonly difference: string | null;
  }[];
  /** POST …/{paper}/accept {number, contract, renew, reason}, …/{paper}/reject {reason} */
  readonly decision: 'accepted' | 'rejected' | null;
  /** The number that went onto the contract. */
  readonly orderNumber: string | null;
  readonly decisionReason: string | null;
  readonly decidedBy: UserRef | null;
  readonly decidedAt: string | null;
  readonly text: string;
  readonly lines: readonly {
    readonly sku: string | null;
    readonly description: string;
    readonly quantity: string | null;
    readonly unitPrice: string | null;
    readonly amount: Money | null;
  }[];
  readonly renewal: string | null;
  readonly contract: string | null;
  readonly differences: readonly OrderDifference[];
  readonly words: string;
}
/** GET /api/v1/bank-accounts: who is known to pay from which bank account. */
export interface PayerView {
  readonly bankAccount: string;
  readonly account: AccountRef;
  readonly payment: string;
  readonly learntBy: string;
  readonly learntAt: string;
}
/** GET /api/v1/ledger/closings */
export interface ClosingView {
  readonly entity: string;
  readonly legalName?: string | null;
  readonly closedThrough: string | null;
  readonly months: readonly string[];
}
/** GET /api/v1/reports/bank-balance?asOf=; amounts in minor units, bank − ledger. */
export interface BankBalanceView {
  readonly currency: string;
  readonly bankMinor: number;
  readonly ledgerMinor: number;
  readonly differenceMinor: number;
  readonly items: readonly {
    readonly kind: 'before-first-statement' | 'not-in-ledger' | 'not-on-statement';
    readonly currency: string;
    readonly amountMinor: number;
    readonly on: string | null;
    readonly words: string;
  }[];
  readonly unexplainedMinor: number;
}
/** How a bank's CSV is read; saved under a name by PUT /api/v1/bank-mappings/{name}. */
export interface BankMapping {
  readonly account: string;
  readonly currency: string;
  readonly delimiter: ',' | ';' | '\t';
  readonly decimal: '.' | ',';
  readonly dateFormat: 'YYYY-MM-DD' | 'DD.MM.YYYY' | 'DD/MM/YYYY' | 'MM/DD/YYYY';
  readonly skipLines?: number | undefined;
  readonly columns: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly pendingValues?: readonly string[] | undefined;
}
/** POST /api/v1/imports/bank-file/preview: what a file is, before anything is booked. */
export interface BankFilePreview {
  readonly format: 'camt' | 'mt940' | 'bai2' | 'csv';
  /** The header and first rows of a CSV, and what its columns seem to be. */
  readonly csv: {
    readonly delimiter: string;
    readonly skipLines: number;
    readonly headers: readonly string[];
    readonly rows: readonly (readonly string[])[];
    readonly suggestion: BankMapping;
    /** The saved mapping that fits these headers. */
    readonly saved: string | null;
  } | null;
  readonly statements: readonly {
    readonly account: string;
    readonly currency: string;
    readonly opening: number | null;
    readonly closing: number | null;
    readonly closingOn: string;
    readonly entries: number;
    readonly receivedMinor: number;
    readonly sample: readonly {
      readonly bookedOn: string;
      readonly amount: Money;
      readonly payer: string | null;
      readonly reference: string;
    }[];
  }[];
  /** Why the file would not be taken as it is read now; null where it would. */
  readonly problem: string | null;
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
  /** `undo` is open until the day of the allocation is closed; `move` stays. */
  readonly may: readonly ('allocate' | 'refund' | 'undo' | 'move' | 'check')[];
  readonly temporalUiUrl: string | null;
}

// ---------------------------------------------------------------- receivables: GET /api/v1/reports/receivables?asOf=&entity=

export interface AgingBucket {
  readonly bucket: 'not-due' | '1-30' | '31-60' | '61-90' | 'over-90';
  readonly amount: Money;
  readonly invoices: number;
}
export interface ReceivableRow {
  readonly account: AccountRef;
  readonly currency: string;
  /** Balances by bucket in the order of `aging`, minor units. */
  readonly open: number;
  readonly notDue: number;
  readonly days1To30: number;
  readonly days31To60: number;
  readonly days61To90: number;
  readonly over90: number;
  readonly unappliedCredit: number;
  readonly oldestDueOn: string | null;
  readonly reminderStage: number;
  readonly promisedUntil: string | null;
  readonly disputed: number;
  readonly creditHold: boolean;
  readonly ownerEmail: string | null;
  readonly invoices: readonly InvoiceSummary[];
}
export interface Receivables {
  readonly asOf: string;
  /** All entities that have receivables, and the one that is shown (null: all). */
  readonly entities: readonly { readonly entity: string; readonly name: string }[];
  readonly entity: string | null;
  readonly totals: readonly {
    readonly currency: string;
    readonly open: Money;
    readonly overdue: Money;
    readonly disputed: Money;
    readonly promised: Money;
    readonly unappliedCredit: Money;
    readonly aging: readonly AgingBucket[];
  }[];
  /** Most overdue first. */
  readonly rows: readonly ReceivableRow[];
}

// ---------------------------------------------------------------- accounts (the Customer page)

/** GET /api/v1/accounts?q=&status= */
export interface AccountSummary {
  readonly account: string;
  readonly name: string;
  readonly status: 'active' | 'closed';
  readonly country: string | null;
  readonly currency: string | null;
  readonly billingEmail: string | null;
  readonly open: readonly Money[];
  readonly overdue: readonly Money[];
  readonly contractCount: number;
  readonly clock: string | null;
}
/** POST /api/v1/mails/{key}/send-again: taken on; its state says when it has left. */
export interface MailSending {
  readonly mail: string;
}
/** GET /api/v1/statements/{account}?from=&to=: one a currency; opening + movements = closing. */
export interface StatementView {
  readonly account: AccountRef;
  readonly from: string;
  readonly to: string;
  readonly currencies: readonly {
    readonly currency: string;
    readonly opening: Money;
    readonly closing: Money;
    readonly unappliedCredit: Money;
    readonly movements: readonly {
      readonly on: string;
      readonly kind: StatementKind;
      /** The document's, or what the payment is known by. */
      readonly number: string;
      readonly amount: Money;
    }[];
    readonly openItems: readonly {
      readonly invoice: string;
      readonly issuedOn: string;
      readonly dueOn: string;
      readonly total: Money;
      readonly open: Money;
      readonly overdueDays: number;
      readonly disputed: boolean;
    }[];
  }[];
}
export interface ContactView {
  readonly account: string;
  readonly email: string;
  readonly name: string | null;
  readonly role: string | null;
  readonly receives: readonly string[];
  readonly phone: string | null;
  /** How the last mail to this address ended. */
  readonly delivery: { readonly state: MailView['state']; readonly on: string } | null;
}
/** GET /api/v1/accounts/{account} */
export interface AccountPage extends AccountSummary {
  /** The account that answers for it since it was merged; null where it stands by itself. */
  readonly mergedInto: AccountRef | null;
  /** Accounts merged into it, with what is open of the documents that were issued to them. */
  readonly merged: readonly (AccountRef & { readonly open: readonly Money[] })[];
  readonly parent: string | null;
  readonly entity: string | null;
  /** Who of us sold to it and since when, who will included; oldest first, `since` null from the beginning. */
  readonly sellers: readonly { readonly entity: string; readonly since: string | null }[];
  readonly kind: string | null;
  readonly language: string | null;
  readonly taxId: string | null;
  readonly address: readonly string[];
  readonly paymentTerms: string | null;
  readonly poRequired: boolean;
  readonly insolventSince: string | null;
  readonly ownerEmail: string | null;
  readonly unappliedCredit: readonly Money[];
  /** One a currency in which anything is open or unapplied, with what is open by age. */
  readonly balances: readonly (Receivables['totals'][number] & {
    /** Open less unapplied credit: what the account owes after all. */
    readonly balance: Money;
  })[];
  /** Days from issue to payment over the last two years; null without a paid invoice. */
  readonly averageDaysToPay: number | null;
  readonly contacts: readonly ContactView[];
  readonly contracts: readonly ContractSummary[];
  readonly invoices: readonly InvoiceSummary[];
  readonly payments: readonly PaymentSummary[];
  readonly licenses: readonly LicenseView[];
  /** Newest first. */
  readonly mails: readonly MailView[];
  readonly incidents: readonly {
    readonly incident: string;
    readonly opened: string;
    readonly closed: string | null;
    readonly sku: string | null;
    readonly severity: string | null;
    readonly subject: string | null;
    readonly minutes: number | null;
  }[];
  readonly notes: readonly {
    readonly key: string;
    readonly on: string;
    readonly subject: string;
    readonly body: string;
  }[];
  readonly timeline: readonly TimelineEntry[];
}

// ---------------------------------------------------------------- findings: GET /api/v1/findings?asOf=

export type FindingState = 'new' | 'assigned' | 'accepted' | 'resolved' | 'recurring';

/** A rule's answer, live from the books: GET /api/v1/reports/findings?asOf= */
export interface FindingView {
  readonly rule: string;
  readonly title: string;
  readonly severity: string;
  readonly account: AccountRef | null;
  readonly contract: string | null;
  readonly subcontract: string | null;
  readonly money: Money | null;
  /** What the two sides say, in words. */
  readonly evidence: string;
  readonly suggestion: string;
}
export interface FindingsReport {
  readonly asOf: string;
  readonly atStake: readonly Money[];
  /** Most money first. */
  readonly findings: readonly FindingView[];
  readonly notChecked: readonly NotChecked[];
}

/** A comparison that was not made when the books were looked over last: never "all fine". */
export interface NotChecked {
  readonly rule: string;
  readonly title: string;
  /** What it needs besides the contract book: accounting, crm, mail, ledger; null for a rule that failed. */
  readonly source: string | null;
  /** The last day on which it was compared; null: never. */
  readonly since: string | null;
  readonly cause: string;
}

/** GET /api/v1/findings: one discrepancy is one finding, however often it was seen. */
export interface FindingSummary {
  /** `F-17` */
  readonly finding: string;
  readonly rule: string;
  readonly title: string;
  readonly severity: string;
  readonly state: FindingState;
  readonly account: AccountRef | null;
  readonly contract: string | null;
  readonly subcontract: string | null;
  readonly currency: string | null;
  /** As it was seen last: positive is missed or at risk, negative is owed to the customer. */
  readonly money: Money | null;
  readonly owner: UserRef | null;
  readonly acceptedUntil: string | null;
  readonly reason: string | null;
  readonly firstFoundOn: string;
  readonly lastSeenOn: string;
  readonly resolvedOn: string | null;
  /** Since it was found first; until it was resolved. */
  readonly ageDays: number;
  /** How often it came up: more than once where it came back after it was resolved. */
  readonly timesFound: number;
  readonly suggestion: string;
}
export interface EvidenceView {
  /** perennial, crm, accounting, license, bank, mail */
  readonly system: string;
  readonly table: string;
  readonly id: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  /** Its page in its own system. */
  readonly url: string | null;
  /** Its page here: `/contracts/C-1042`. */
  readonly link: string | null;
}
export interface FindingField {
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'date' | 'choice' | 'email' | 'reason';
  readonly initial: string | null;
  readonly optional: boolean;
  readonly hint: string | null;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
}
export interface FindingActionView {
  readonly action: string;
  /** For a button: "Bill now". */
  readonly label: string;
  /** What it would do, in one sentence. */
  readonly words: string;
  readonly fields: readonly FindingField[];
  /** A second person decides before anything happens. */
  readonly needsApproval: boolean;
  /** Done on another page of the dashboard, or in another system. */
  readonly link: string | null;
  /** Why it can not be done here and now; null where it can. */
  readonly unavailable: string | null;
}
export interface FindingEventView {
  readonly at: string;
  readonly on: string;
  readonly kind: string;
  readonly words: string;
  readonly actor: UserRef;
  readonly reason: string | null;
  readonly link: string | null;
}
/** GET /api/v1/findings/{finding} */
export interface FindingDetail extends FindingSummary {
  readonly compares: string;
  readonly matters: string;
  readonly todo: string;
  readonly evidence: readonly { readonly name: string; readonly value: string }[];
  readonly agreed: readonly EvidenceView[];
  readonly found: readonly EvidenceView[];
  readonly foundMoney: Money | null;
  readonly recovered: Money | null;
  readonly prevented: Money | null;
  readonly corrected: Money | null;
  /** Why what it rests on was not compared in the last look; null where it was. */
  readonly notChecked: string | null;
  readonly actions: readonly FindingActionView[];
  readonly events: readonly FindingEventView[];
  readonly questions: readonly {
    readonly question: string;
    readonly recipient: string;
    readonly words: string;
    readonly askedOn: string;
    readonly answer: string | null;
    readonly answeredAt: string | null;
  }[];
  readonly may: { readonly assign: boolean; readonly accept: boolean; readonly act: boolean };
}
/** POST /api/v1/findings/{finding}/actions/{action}/preview: what would change, computed by the engine. */
export interface FindingPreview {
  readonly finding: string;
  readonly action: string;
  readonly words: string;
  readonly changes: readonly {
    readonly name: string;
    readonly before: string;
    readonly after: string;
  }[];
  readonly needsApproval: boolean;
  /** What was shown: carrying it out binds to it. */
  readonly shownHash: string;
}
/** POST /api/v1/findings/{finding}/actions/{action} */
export interface FindingDone {
  readonly finding: string;
  readonly action: string;
  /** What was done, or what it waits for. */
  readonly words: string;
  /** Where a second person decides, or where the result stands. */
  readonly link: string | null;
  readonly waitsForApproval: boolean;
}
/** GET /api/v1/connectors: accounting and CRM, as what they hold is compared with ours. */
export interface OutsideSystemView {
  readonly source: 'accounting' | 'crm';
  /** `tryton`, `hubspot`; `export` where people bring files. */
  readonly system: string;
  /** A connection reads it; exports are refused then. */
  readonly isRead: boolean;
  /** Customers there can be corrected from here. */
  readonly corrects: boolean;
  /** The day that its records tell of; null: there are none. */
  readonly asOf: string | null;
  readonly ageDays: number | null;
  /** How many records were read, or brought, the last time. */
  readonly records: number;
  readonly fileName: string | null;
  readonly isReading: boolean;
  /** Why the last reading did not come to its end: nothing is compared since. */
  readonly failed: { readonly at: string; readonly reason: string } | null;
}
/** GET /api/v1/connectors/readings */
export interface OutsideReadingView {
  readonly reading: number;
  readonly source: 'accounting' | 'crm';
  readonly system: string;
  readonly state: 'running' | 'complete' | 'failed';
  readonly asOf: string;
  readonly isWhole: boolean;
  readonly records: number;
  readonly fileName: string | null;
  readonly askedBy: UserRef;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly reason: string | null;
}
/** POST /api/v1/connectors/{source}/test */
export interface ReachView {
  readonly source: 'accounting' | 'crm';
  readonly system: string;
  readonly isReached: boolean;
  /** What answered, or why nothing did. */
  readonly words: string;
}
/** GET /api/v1/findings/overview */
export interface FindingsOverview {
  /** What accounting and CRM are compared from, and how old it is. */
  readonly systems: readonly OutsideSystemView[];
  readonly today: string;
  /** The last look over the books; null before the first. */
  readonly lastLook: {
    readonly look: number;
    readonly at: string;
    readonly asOf: string;
    readonly cause: string;
    readonly found: number;
    readonly closed: number;
  } | null;
  /** The books were not looked over for longer than a night and a day. */
  readonly isStale: boolean;
  /** Of what is neither accepted nor resolved: each subcontract and period once. */
  readonly atStake: readonly Money[];
  readonly openCount: number;
  readonly stateCounts: Readonly<Partial<Record<FindingState, number>>>;
  readonly rules: readonly {
    readonly rule: string;
    readonly title: string;
    readonly count: number;
    readonly money: readonly Money[];
  }[];
  readonly owners: readonly UserRef[];
  readonly notChecked: readonly NotChecked[];
}
/** GET /api/v1/reports/found?year= */
export interface FoundYear {
  readonly year: string;
  readonly years: readonly string[];
  readonly totals: readonly FoundTotals[];
  readonly months: readonly (FoundTotals & { readonly month: string })[];
  readonly rules: readonly (FoundTotals & {
    readonly rule: string;
    readonly title: string;
    readonly findings: number;
    readonly closed: number;
  })[];
}
/** Of one currency: found in the year; recovered, prevented and corrected of what was ever found; what is open now. */
export interface FoundTotals {
  readonly currency: string;
  readonly found: Money;
  /** On issued documents. */
  readonly recovered: Money;
  /** A loss or wrong charge that did not come. */
  readonly prevented: Money;
  /** Never owed: the records were put right. */
  readonly corrected: Money;
}

// ---------------------------------------------------------------- rehearsal: /api/v1/clock

/** GET /api/v1/clock (a list), POST {clock, today, accounts}, POST …/{clock}/advance {to}, DELETE …/{clock} */
export interface Clock {
  readonly clock: string;
  readonly today: string;
  readonly accounts: readonly AccountRef[];
  readonly createdAt: string;
}

// ---------------------------------------------------------------- approvals, imports, events, audit, settings

/** GET /api/v1/approvals?state=waiting; POST …/{approval}/approve {shownHash}, …/refuse {reason} */
export interface Approval {
  readonly approval: string;
  readonly subject: string;
  readonly action: string;
  readonly maker: UserRef;
  readonly checker: UserRef | null;
  readonly state: 'waiting' | 'approved' | 'refused' | 'withdrawn';
  readonly shownHash: string;
  readonly summary: string;
  readonly reason: string | null;
  readonly createdAt: string;
  readonly decidedAt: string | null;
  readonly mayDecide: boolean;
  /** What became of it once it was approved: of refunds alone, which the payment provider makes or refuses. */
  readonly outcome: {
    readonly state: 'refunded' | 'refused' | 'under-way';
    readonly words: string;
    /** Approved and not carried out: whoever approved it can ask for it again; it happens once. */
    readonly mayRepeat: boolean;
  } | null;
}
/** POST /api/v1/accounts/{account}/merge/preview: what would become of the two; `merge` takes its hash. */
export interface MergePreview {
  readonly account: AccountRef;
  readonly into: AccountRef;
  readonly words: string;
  readonly changes: readonly {
    readonly name: string;
    readonly before: string;
    readonly after: string;
  }[];
  readonly needsApproval: boolean;
  readonly shownHash: string;
}
/** POST /api/v1/accounts/{account}/move/preview: what moving it to another of our entities would change; `move` takes its hash. */
export interface AccountMovePreview {
  readonly account: AccountRef;
  readonly entity: string;
  /** The first day of the new entity's. */
  readonly from: string;
  readonly words: string;
  readonly changes: readonly {
    readonly name: string;
    readonly before: string;
    readonly after: string;
  }[];
  readonly needsApproval: boolean;
  readonly shownHash: string;
}
/** GET /api/v1/imports */
export interface ImportView {
  readonly id: string;
  readonly source: string;
  readonly rows: Readonly<
    Record<string, { readonly added: number; readonly changed: number; readonly same: number }>
  >;
  readonly importedBy: string;
  readonly importedAt: string;
  /** Null while it is in force. */
  readonly undoneAt: string | null;
  readonly undoneBy: string | null;
}

/**
 * POST /api/v1/imports/uploads (multipart: files; field `mapping` names a saved one) and GET …/uploads, …/uploads/{upload}:
 * files of a contract book that wait for a person. Nothing of them is in the record.
 */
export interface BookUpload {
  readonly upload: string;
  /** In words: the file's name, or how many there are. */
  readonly source: string;
  readonly uploadedBy: string;
  readonly uploadedAt: string;
  /** Grows with every change; goes back with the commit. */
  readonly version: number;
  readonly files: readonly BookFile[];
  /** Files that are no tables. */
  readonly leftOut: readonly string[];
  readonly mappingName: string | null;
  /** Rows by table, faulty ones included. */
  readonly tables: Readonly<Record<string, number>>;
  readonly errorCount: number;
  readonly warningCount: number;
  readonly correctedRows: number;
  readonly importId: string | null;
}
/** One file or sheet of an upload and what it is read as. PUT …/uploads/{upload}/mapping {files, saveAs?}. */
export interface BookFile {
  readonly file: string;
  readonly headers: readonly string[];
  /** The first rows, as they came. */
  readonly sample: readonly (readonly string[])[];
  /** The table of the contract book; null: left out. */
  readonly table: string | null;
  /** Header → column of the book or name of a custom column; null: left out. */
  readonly columns: Readonly<Record<string, string | null>>;
  readonly dates: 'iso' | 'day.month.year' | 'day/month/year' | 'month/day/year';
  readonly decimals: 'plain' | 'point' | 'comma';
  /** Header → value as the file writes it → value of the book; an empty text leaves the cell empty. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Columns that take a list of words, with what stands there; answered only. */
  readonly found: readonly BookColumnValues[];
}
export interface BookColumnValues {
  readonly header: string;
  readonly column: string;
  /** What the book takes there; empty where it is no short list (countries, currencies, payment terms). */
  readonly choices: readonly string[];
  readonly names: Readonly<Record<string, string>>;
  readonly values: readonly {
    readonly value: string;
    readonly count: number;
    /** Whether the book takes it as it stands. */
    readonly accepted: boolean;
  }[];
}
/** GET …/uploads/{upload}/problems?kind=errors&from=0; PATCH …/uploads/{upload}/rows {table, row, cells | null}. */
export interface BookProblem {
  readonly table: string | null;
  readonly file: string;
  /** As a spreadsheet counts; null: the whole file. */
  readonly row: number | null;
  readonly column: string | null;
  readonly value: string | null;
  readonly message: string;
  /** The row as it is now, by column; null where the whole file or its header is meant. */
  readonly cells: Readonly<Record<string, string>> | null;
}
/** GET /api/v1/imports/tables: the book's tables and columns, for a mapping. */
export interface BookTable {
  readonly table: string;
  readonly required: boolean;
  readonly columns: readonly { readonly name: string; readonly required: boolean }[];
}
export interface OpenAmount {
  readonly count: number;
  readonly amount: Money;
}
/** POST …/uploads/{upload}/summary {cutover, acceptValid?}: what the import would do; nothing is written. */
export interface BookImportSummary {
  /** Of the upload, as it was read. */
  readonly version: number;
  readonly rows: ImportView['rows'];
  readonly leftOut: number;
  readonly accounts: number;
  readonly contracts: number;
  readonly subcontracts: number;
  readonly openInvoices: readonly OpenAmount[];
  readonly openCredits: readonly OpenAmount[];
  readonly unapplied: readonly OpenAmount[];
  readonly nextRun: {
    readonly runOn: string;
    readonly invoices: number;
    readonly creditNotes: number;
    readonly totals: readonly OpenAmount[];
    readonly held: number;
    readonly setAsideCount: number;
    /** The first of them. */
    readonly setAside: readonly { contract: string; code: string; reason: string }[];
    readonly warnings: readonly string[];
  };
  readonly entities: readonly { readonly entity: string; readonly cutover: string | null }[];
}
/** POST …/uploads/{upload}/commit {version, cutover, acceptValid?} */
export interface BookImportReport {
  /** Null where everything was there already: nothing was written. */
  readonly importId: string | null;
  readonly rows: ImportView['rows'];
  readonly leftOut: number;
}
/** GET /api/v1/imports/last: the import that could be undone, and what keeps it; POST /api/v1/imports/{id}/undo {reason}. */
export interface LastImport {
  readonly import: ImportView | null;
  /** What rests on it, in words; empty: it can be undone. */
  readonly obstacles: readonly string[];
}
export interface UndoneImportView {
  readonly importId: string;
  readonly contracts: number;
  readonly removed: Readonly<Record<string, number>>;
  readonly restored: Readonly<Record<string, number>>;
}
export type BankLineOutcome = 'taken' | 'reversed' | 'known' | 'ignored' | 'refused';
/** What became of one entry of a bank's file; `amount` is negative for what went out. */
export interface BankImportLine {
  readonly entry: string;
  readonly bookedOn: string;
  readonly amount: Money;
  readonly payer: string | null;
  readonly reference: string;
  readonly outcome: BankLineOutcome;
  readonly why: string | null;
  readonly payment: string | null;
}
/** POST /api/v1/imports: a bank's file, line by line. */
export interface BankImportReport {
  readonly import: string;
  readonly file: string;
  readonly format: string;
  readonly counts: Readonly<Record<BankLineOutcome, number>>;
  readonly statements: readonly {
    readonly statement: string;
    readonly account: string;
    readonly closingOn: string;
    /** False where the same statement was taken before. */
    readonly isNew: boolean;
    /** Announced, not booked: left out. */
    readonly pendingCount: number;
    readonly lines: readonly BankImportLine[];
  }[];
}
/** GET /api/v1/events: what came in from outside, and what was made of it. */
export interface InboxEvent {
  readonly id: number;
  readonly provider: string;
  readonly eventId: string;
  readonly kind: string;
  readonly state: 'stored' | 'processed' | 'ignored' | 'failed';
  readonly reason: string | null;
  readonly receivedAt: string;
}
/** GET /api/v1/settings, PATCH /api/v1/settings/{name} {value} */
export interface Setting {
  readonly name: string;
  readonly value: unknown;
  readonly words: string;
  readonly changedBy: string | null;
  readonly changedAt: string | null;
}
/**
 * GET and PATCH /api/v1/settings/company/{entity} {columns, nextNumber?, ladder?, reason}; the names: GET …/settings/company.
 * Previews on real data: …/preview/invoice (PDF), …/preview/mails/{kind}?language=de (HTML); `?changes=` shows unsaved ones.
 */
export interface CompanyView {
  readonly entity: string;
  /** Columns of `entities` as the contract book writes them. */
  readonly columns: Readonly<Record<string, string | null>>;
  /** A data URI; PUT …/logo {content: base64 | null, reason}. */
  readonly logo: string | null;
  readonly invoices: SeriesView;
  readonly creditNotes: SeriesView;
  /** The ladder's own text; null: the default holds. */
  readonly ladder: string | null;
  readonly stages: readonly {
    readonly name: string;
    readonly dayOffset: number;
    readonly actions: readonly string[];
  }[];
}
export interface SeriesView {
  readonly series: string;
  readonly fiscalYear: number;
  readonly nextNumber: number;
  /** What the next document is called. */
  readonly next: string;
  readonly lastIssuedOn: string | null;
}
/** The setting `automatic-approval`; null: people approve every run. */
export interface ApprovalRule {
  readonly atMostMinor: Readonly<Record<string, number>>;
  readonly submits: boolean;
}
/** 202 of work that goes on: where to look. */
export interface Accepted {
  readonly accepted: true;
  readonly look: string;
}
