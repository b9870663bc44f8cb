/** Findings: what the books say is wrong, and what one decision does about it. */
import type { AccountRef, Money, PreviewChange, UserRef } from './common.ts';
import type { OutsideSystemView } from './outside-systems.ts';

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
  readonly changes: readonly PreviewChange[];
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
