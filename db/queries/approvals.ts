/** Approvals besides bill runs: credits, write-offs, refunds, bank details. */

import type { Db } from '../connect.ts';
import type { Actor } from '../refusal.ts';
import type { approvals } from '../schema.ts';

export type Approval = typeof approvals.$inferSelect;
export declare function requestApproval(
  db: Db,
  input: {
    approval: string;
    subject: string;
    action: string;
    maker: Actor;
    shownHash: string;
    summary: string;
  },
): Promise<Approval>;
/** Refused: `own-approval`, `already-decided`, `numbers-changed`. */
export declare function decideApproval(
  db: Db,
  input: {
    approval: string;
    decision: 'approved' | 'refused' | 'withdrawn';
    shownHash: string;
    actor: Actor;
    reason?: string | null;
  },
): Promise<Approval>;
export declare function getApproval(db: Db, approval: string): Promise<Approval | null>;
export declare function waitingApprovals(db: Db): Promise<Approval[]>;
