/** What waits for a second person besides bill runs. */
import type { UserRef } from './common.ts';

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
/** The setting `automatic-approval`; null: people approve every run. */
export interface ApprovalRule {
  readonly atMostMinor: Readonly<Record<string, number>>;
  readonly submits: boolean;
}
