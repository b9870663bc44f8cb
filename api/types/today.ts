/** The Today page: GET /api/v1/reports/today */
import type { BillRunState } from './bill-runs.ts';
import type { AccountRef, Money } from './common.ts';

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
  /** The sample company of the first start is in the record. */
  readonly isSample: boolean;
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
