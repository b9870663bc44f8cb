/** The audit trail: a chain of hashes, so that a changed or removed row is noticed. */

import type { Db } from '../connect.ts';
import type { Actor } from '../refusal.ts';
import type { auditEvents } from '../schema.ts';

export type AuditEvent = typeof auditEvents.$inferSelect;
export interface NewAuditEvent {
  readonly actor: Actor;
  /** noun.verb: `bill-run.approve`. */
  readonly action: string;
  readonly subject: string;
  readonly reason?: string | null;
  /** Small facts, never secrets. */
  readonly details?: Record<string, unknown>;
}
/** Appends to the chain; call it last in the transaction of what it tells of (it takes the chain's lock). */
export declare function audit(db: Db, event: NewAuditEvent): Promise<AuditEvent>;
/** Walks the whole chain; `brokenAt` is the first event that does not fit. */
export declare function verifyAudit(
  db: Db,
): Promise<{ ok: boolean; events: number; brokenAt: number | null; problem: string | null }>;
