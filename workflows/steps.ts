/**
 * The steps that workflows call, as one port: activities/ implements it. Arguments and answers are ids and small values.
 * `at` is workflow time as an RFC 3339 instant; a step turns it into the day of the seller's time zone, or reads the day
 * of the test clock, and answers that day as `today`.
 *
 * A step that a rule refuses throws an ApplicationFailure whose type is a RefusalCode; one that can not go on throws
 * `step-failed` with a cause in words; anything else is transient and tried again.
 */
import type { CivilDate } from '../domain/dates/dates.ts';
import type { CurrencyAmount } from '../domain/money/exchange.ts';
import type {
  Actor,
  AmendmentInput,
  ContractTold,
  DecidedLine,
  FindingFixArgs,
  LookCause,
  OutsideSource,
  RefundOutcome,
  RunOnly,
} from './messages.ts';

export interface Moment {
  readonly at: string;
  readonly clock: string | null;
}

/** A dated step of a contract's life that the facts call for; `key` names it once and for all. */
export interface ContractStep {
  readonly key: string;
  readonly kind:
    | 'licenses'
    | 'draw-up-renewal'
    | 'send-renewal'
    | 'remind-renewal'
    | 'renew'
    | 'lapse'
    | 'turn-year';
  readonly on: CivilDate;
  readonly renewal: string | null;
  readonly stage: string | null;
  /** What is planned, for people: "Renewal agreement is drawn up". */
  readonly words: string;
}

export interface ContractPlan {
  readonly today: CivilDate;
  readonly timeZone: string;
  readonly account: string;
  readonly entity: string;
  readonly status: 'draft' | 'active' | 'suspended' | 'terminated' | 'lapsed';
  readonly termStart: CivilDate;
  readonly termEnd: CivilDate;
  readonly held: boolean;
  /** The renewal that waits for a decision, if any. */
  readonly openRenewal: string | null;
  /** Where it stands, for people. */
  readonly words: string;
  /** In the order of their dates. */
  readonly steps: readonly ContractStep[];
  /** Whether notes go to a CRM outside (a step of its own) or are rows of our own database. */
  readonly externalCrm: boolean;
}

export interface IssuedLicense {
  readonly license: string;
  readonly subcontract: string;
  readonly kind: string;
  readonly validThrough: CivilDate;
}

export interface RenewedLicenses {
  readonly issued: readonly IssuedLicense[];
  readonly words: string | null;
  /** One a key, for the account's history in the CRM; absent in histories from before each had its own. */
  readonly records?: readonly KeyRecord[];
}

/** What the CRM keeps of a key; never the key itself. */
export interface KeyRecord {
  readonly license: string;
  readonly words: string;
}

export interface CrmNote {
  readonly key: string;
  readonly contract: string;
  readonly subject: string;
  readonly body: string;
  /** Instead of one note of the body: one a key. */
  readonly records?: readonly KeyRecord[];
  readonly today: CivilDate;
}

/** What the payments of an invoice covered, by contract. */
export interface Coverage {
  readonly contract: string;
  readonly covered: readonly { readonly subcontract: string; readonly paidThrough: CivilDate }[];
}

/** A step of the reminder ladder that is due or planned. */
export interface LadderStep {
  readonly stage: number;
  readonly name: string;
  readonly on: CivilDate;
}

/** A look at the payment provider for an invoice's money; `key` names it once. */
export interface CollectPlan {
  readonly on: CivilDate;
  readonly key: string;
}

export interface InvoicePlan {
  readonly today: CivilDate;
  readonly state: string;
  readonly balanceMinor: number;
  /** Paid, void, credited or written off: nothing is awaited any more. */
  readonly settled: boolean;
  readonly settledOn: CivilDate | null;
  readonly coverage: readonly Coverage[];
  /** The next step of the ladder; its day may have come. Null while it is disputed, or after the last one. */
  readonly next: LadderStep | null;
  /** The last stage taken, by whichever invoice of the account. */
  readonly stage: number;
  readonly words: string;
  readonly externalAccounting: boolean;
  /** When its money is asked for at the payment provider; absent where nothing is, and in older histories. */
  readonly collect?: CollectPlan;
  /** It is settled, and a customer may still pay it on an open page. */
  readonly openCheckouts?: boolean;
}

export interface RunPlan {
  readonly today: CivilDate;
  readonly timeZone: string;
}

export interface AffectedInvoice {
  readonly invoice: string;
  /** The invoice workflow's id. */
  readonly workflow: string;
  /** What the payment covered, by contract; absent in histories from before contracts heard of it from the payment. */
  readonly contracts?: readonly ContractTold[];
}

/** What a contract loses when a payment is taken back. */
export interface ReopenedInvoice {
  readonly invoice: string;
  readonly contract: string;
  readonly subcontracts: readonly string[];
}

export interface PaymentPlan {
  readonly today: CivilDate;
  readonly state: 'received' | 'allocated' | 'review' | 'returned' | 'refunded';
  readonly account: string | null;
  readonly amountMinor: number;
  readonly currency: string;
  readonly unappliedMinor: number;
  readonly affected: readonly AffectedInvoice[];
  readonly words: string;
  readonly externalAccounting: boolean;
  /** Its contracts heard of it in the step that matched it; absent where the process tells them. */
  readonly told?: boolean;
  /** Money was applied and the customer has not been told; absent in histories from before there were receipts. */
  readonly receipt?: boolean;
}

export interface ContractSteps {
  planContract(args: { contract: string; since: CivilDate | null } & Moment): Promise<ContractPlan>;
  refreshLicenses(args: {
    contract: string;
    cause: 'paid' | 'grace' | 'granted' | 'payment-reversed' | 'terminated' | 'amended' | 'overdue';
    reference: string;
    today: CivilDate;
  }): Promise<RenewedLicenses>;
  /**
   * Subcontracts are paid: puts the licenses right and notes them in our own CRM (`noted`) under `key`. One step, so that the
   * mail with the keys waits for no other; what comes next is read when that has left. Histories from before have the `plan`.
   */
  settleContract(
    args: {
      contract: string;
      invoice: string;
      timeZone: string;
      key: string;
      subject: string;
    } & Moment,
  ): Promise<
    RenewedLicenses & {
      readonly noted: boolean;
      readonly today?: CivilDate;
      /** The plan waits for the mail; absent in histories from before, where it was read beside it. */
      readonly mailFirst?: true;
      readonly plan?: ContractPlan;
    }
  >;
  /** A key was lost (it is sent again) or leaked (a new one takes its place, the old one is revoked). */
  reissueLicense(
    args: ContractCommand & { license: string; leaked: boolean },
  ): Promise<{ license: string } & RenewedLicenses>;
  /** Tells a contract that facts of it changed by what happened to another. */
  wakeContract(args: { contract: string; clock: string | null; today: CivilDate }): Promise<void>;
  sendKeys(args: {
    contract: string;
    licenses: readonly string[];
    invoice: string | null;
    today: CivilDate;
    /** The mail's own key; absent in histories from before all keys of a payment shared a mail. */
    key?: string;
    /** A key that the customer has lost is sent although a mail carried it already. */
    again?: boolean;
    /** The payment that brought them, where it is known; else it is looked for. */
    payment?: string;
  }): Promise<void>;
  noteOnCrm(args: CrmNote): Promise<void>;
  drawUpRenewal(args: { contract: string; today: CivilDate }): Promise<{ renewal: string }>;
  sendRenewal(args: { renewal: string; stage: string | null; today: CivilDate }): Promise<void>;
  decideRenewal(args: {
    renewal: string;
    decision: 'accept' | 'decline';
    on: CivilDate;
    reason: string | null;
    actor: Actor;
  }): Promise<void>;
  renewTerm(args: { contract: string; renewal: string; today: CivilDate }): Promise<void>;
  lapseContract(args: { contract: string; today: CivilDate }): Promise<void>;
  amendContract(args: {
    contract: string;
    input: AmendmentInput;
    actor: Actor;
    today: CivilDate;
  }): Promise<{ amendment: string }>;
  holdContract(args: ContractCommand): Promise<void>;
  releaseContract(args: ContractCommand): Promise<void>;
  terminateContract(args: ContractCommand & { on: CivilDate }): Promise<void>;
  /** A person grants grace beyond the rules; `subcontract` null means what of the contract is unpaid. */
  grantGrace(
    args: ContractCommand & { subcontract: string | null; through: CivilDate },
  ): Promise<{ through: CivilDate }>;
  reinstateContract(args: ContractCommand & { on: CivilDate }): Promise<void>;
  /** Notes that something of a contract waits for a person, or (null) no longer does. */
  recordAttention(args: {
    contracts: readonly string[];
    cause: string | null;
    today: CivilDate;
    key: string;
  }): Promise<void>;
}

export interface ContractCommand {
  readonly contract: string;
  readonly reason: string;
  readonly actor: Actor;
  readonly today: CivilDate;
  /** Makes a repeated attempt of the same command one. */
  readonly key: string;
}

/** What a contract hears when subcontracts of it are paid. */
export interface SettledNews {
  readonly invoice: string;
  readonly settledOn: CivilDate;
  readonly covered: { subcontract: string; paidThrough: string }[];
  readonly whole: boolean;
  /** What paid them; null where an invoice tells it (a credit did, or several payments). */
  readonly payment: string | null;
}

export interface InvoiceSteps {
  /** Tells a contract through the engine's client, which starts its workflow where it has none. */
  tellSettled(args: { contract: string; clock: string | null; news: SettledNews }): Promise<void>;
  planInvoice(
    args: { invoice: string; stageTakenOn: CivilDate | null } & Moment,
  ): Promise<InvoicePlan>;
  renderInvoice(args: { invoice: string }): Promise<{ document: string }>;
  sendInvoice(args: {
    invoice: string;
    to: string | null;
    /** Empty for the first mail; a resend's own key. */
    request: string;
    today: CivilDate;
  }): Promise<{ mail: string }>;
  exportInvoice(args: { invoice: string; today: CivilDate }): Promise<void>;
  /** One mail per account and stage: it takes all the account's invoices that have reached the stage. */
  sendReminder(args: {
    invoices: readonly string[];
    step: LadderStep;
    today: CivilDate;
  }): Promise<void>;
  /**
   * Takes the stage for all invoices of the account that have come to it, with its consequences (credit hold, suspended
   * licenses, a task), and answers those that one mail reminds of: none where another invoice's workflow was first.
   */
  takeStage(args: { invoice: string; step: LadderStep; today: CivilDate }): Promise<{
    reminds: readonly string[];
    /** Those for which a late charge is agreed and due; absent in histories from before there were any. */
    charges?: readonly string[];
  }>;
  /** Issues the late charge of one invoice as a document with a life of its own; none where nothing is due. */
  chargeLate(
    args: { invoice: string; step: LadderStep; today: CivilDate } & Pick<Moment, 'clock'>,
  ): Promise<{ lateCharge: string | null }>;
  /** Charges the stored method, or looks at what the bank has not answered. */
  collectInvoice(args: {
    invoice: string;
    today: CivilDate;
    clock: string | null;
  }): Promise<{ state: string }>;
  /** Closes pages on which a settled invoice could be paid again. */
  closeCheckouts(args: { invoice: string; today: CivilDate; clock: string | null }): Promise<void>;
  recordPromise(args: {
    invoice: string;
    until: CivilDate;
    reason: string;
    actor: Actor;
    today: CivilDate;
  }): Promise<void>;
  recordDispute(args: {
    invoice: string;
    disputed: boolean;
    lines: readonly string[] | null;
    reason: string;
    actor: Actor;
    today: CivilDate;
  }): Promise<void>;
}

export interface BillRunSteps {
  openRun(
    args: { run: string; runOn: CivilDate; startedBy: Actor | null } & Moment,
  ): Promise<RunPlan>;
  /** Previews the book in parts of some hundred accounts and stores the items; the run is in review then. */
  computeRun(args: {
    run: string;
    runOn: CivilDate;
    clock: string | null;
    only?: RunOnly;
    /** Who agreed on what `only` has besides. */
    startedBy?: Actor | null;
  }): Promise<{ due: number }>;
  decideItem(args: {
    run: string;
    item: string;
    decision: 'include' | 'exclude' | 'hold';
    reason: string | null;
    actor: Actor;
  }): Promise<void>;
  submitRun(args: { run: string; actor: Actor }): Promise<{ shownHash: string; due: number }>;
  approveRun(args: { run: string; shownHash: string; actor: Actor }): Promise<void>;
  /** Approves where a rule of the house says so; submits first where the rule does that too. */
  approveByPolicy(args: { run: string }): Promise<{ approved: boolean }>;
  refuseRun(args: { run: string; reason: string; actor: Actor }): Promise<void>;
  /** Ends an off-cycle run that is not approved; what was agreed along with it never began. */
  withdrawRun(args: {
    run: string;
    reason: string;
    actor: Actor;
    items: readonly string[];
  }): Promise<void>;
  /** Keys of the included items, cut into parts that are issued side by side. */
  partsToIssue(args: { run: string }): Promise<{ parts: number }>;
  /** Issues one part's items one by one; a failing one is recorded and never stops the others. */
  issuePart(args: { run: string; part: number; parts: number } & Moment): Promise<void>;
  finishRun(args: { run: string } & Moment): Promise<{ issued: number; failed: number }>;
  failRun(args: { run: string; cause: string }): Promise<void>;
}

/** What a person says a payment pays; `account` absent in decisions from before it could be said. */
export interface PaymentDecision {
  readonly payment: string;
  readonly lines: readonly DecidedLine[];
  readonly account?: string | null;
  readonly reason: string;
  readonly actor: Actor;
  readonly today: CivilDate;
  readonly clock: string | null;
}

export interface RefundArgs {
  readonly payment: string;
  readonly amountMinor: number;
  /** What was meant when it was asked for; absent: as it came. */
  readonly currency?: string;
  readonly reason: string;
  readonly actor: Actor;
  readonly today: CivilDate;
  readonly clock: string | null;
  readonly key: string;
}
/** `asked`: the provider has yet to do it. */
export type RefundBegun = RefundOutcome | { readonly state: 'asked' };

export interface PaymentSteps {
  /** `match`: in the same step one that is new is matched first, and its contracts hear what of them is paid. */
  planPayment(args: { payment: string; match?: boolean } & Moment): Promise<PaymentPlan>;
  /** `clock` says in which world invoices are looked for where the payer is not known. */
  matchPayment(args: {
    payment: string;
    today: CivilDate;
    clock: string | null;
  }): Promise<PaymentPlan>;
  allocatePayment(args: PaymentDecision): Promise<{ allocated: number }>;
  /** Pays an invoice that was issued after the payment came, where it can; answers with what it reached by that. */
  useCredit(args: {
    payment: string;
    invoice: string;
    on: CivilDate;
    clock: string | null;
  }): Promise<PaymentPlan>;
  /** What was allocated to some invoices (null: to all) comes back and goes where a person says. */
  movePayment(
    args: PaymentDecision & { from: readonly string[] | null },
  ): Promise<{ allocated: number; on: CivilDate; reopened: readonly ReopenedInvoice[] }>;
  /** All of a payment counts as an amount of another currency; it then waits for a person. */
  exchangePayment(args: {
    payment: string;
    from: CurrencyAmount;
    to: CurrencyAmount;
    reason: string;
    actor: Actor;
  }): Promise<CurrencyAmount>;
  refundPayment(args: {
    payment: string;
    amountMinor: number;
    reason: string;
    actor: Actor;
    today: CivilDate;
    key: string;
  }): Promise<void>;
  /** Checks a refund; one that a person pays out, and one of a rehearsal, is booked with it. */
  beginRefund(args: RefundArgs): Promise<RefundBegun>;
  /** Gives it back at the provider that it came by, once under its key, and books it. */
  refundAtProvider(
    args: RefundArgs,
  ): Promise<RefundOutcome & { readonly reopened: readonly ReopenedInvoice[] }>;
  /** A refund that was booked did not reach the payer: the money is unapplied credit again, for a person to decide. */
  restoreRefund(args: {
    payment: string;
    event: string;
    on: CivilDate;
    amountMinor: number;
    reason: string;
  }): Promise<void>;
  reversePayment(args: {
    payment: string;
    event: string;
    on: CivilDate;
    amountMinor: number;
    reason: string;
  }): Promise<{ reopened: readonly ReopenedInvoice[] }>;
  exportPayment(args: { payment: string; today: CivilDate }): Promise<void>;
  /** One mail a payment: what came in and what it covered. */
  sendReceipt(args: { payment: string; today: CivilDate }): Promise<void>;
  /** Tells invoices (starting them again where they had ended) that money was taken back. */
  tellReversed(args: {
    payment: string;
    on: CivilDate;
    clock: string | null;
    reopened: readonly ReopenedInvoice[];
  }): Promise<void>;
  /** Tells the contracts of an invoice that has no workflow (imported history) what is covered now. */
  tellContracts(args: { invoice: string; on: CivilDate; clock: string | null }): Promise<void>;
}

/** `key` names the reading once and for all. */
export interface ReadOutsideArgs {
  readonly source: OutsideSource;
  readonly key: string;
  readonly at: string;
}

export interface FindingSteps {
  /** One look with every rule; answers what it saw. */
  reconcileBooks(
    args: { cause: LookCause } & Moment,
  ): Promise<{ seen: number; found: number; closed: number; unchecked: number }>;
  /**
   * Reads what a connected system holds, page by page; broken off, it goes on behind the last page of its key. Answers null
   * where no system is connected that can be read.
   */
  readOutside(args: ReadOutsideArgs): Promise<{ records: number } | null>;
  /** Notes that a reading did not come to its end: what it would have told is not checked. */
  noteUnread(args: ReadOutsideArgs & { readonly reason: string }): Promise<void>;
  /** The question's mail to an account's owner, once. */
  sendFindingQuestion(args: FindingFixArgs & { readonly at: string }): Promise<void>;
  /** What happens to licenses; answers those whose keys the customer gets. */
  fixLicenses(
    args: FindingFixArgs & { readonly at: string },
  ): Promise<{ contract: string; licenses: readonly string[]; today: string } | null>;
  /** Writes back to the CRM or to accounting, once a key; a record that somebody changed meanwhile is left as it is. */
  writeBack(args: FindingFixArgs & { readonly at: string }): Promise<void>;
  /** Notes on the finding that it was done, or why it could not be. */
  noteFix(
    args: FindingFixArgs & { readonly at: string; readonly failure: string | null },
  ): Promise<void>;
}

export interface AccountingSteps {
  /** Takes what the accounting system has seen of payments since the last look into the inbox. */
  takePaymentsSeen(args: { at: string }): Promise<{
    seen: number;
    taken: number;
    reversed: number;
    /** What could not be taken, in words: it is tried again with the next look. */
    failed: readonly string[];
  }>;
}

export type Steps = ContractSteps &
  InvoiceSteps &
  BillRunSteps &
  PaymentSteps &
  FindingSteps &
  AccountingSteps;
