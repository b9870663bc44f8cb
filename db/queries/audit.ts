/** The audit trail: a chain of hashes, so that a changed or removed row is noticed. */
import { asc, desc, gt, sql } from 'drizzle-orm';
import { canonicalJson, sha256 } from '../canonical-json.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import type { Actor } from '../refusal.ts';
import { auditEvents } from '../schema.ts';

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

/** What the first event has before it. */
const GENESIS = '0'.repeat(64);
const CHAIN_LOCK = 7_270_116;
const VERIFY_BATCH = 1000;

function hashOfEvent(event: Omit<AuditEvent, 'seq' | 'hash'>): string {
  return sha256(canonicalJson({ ...event, at: event.at.toISOString() }));
}

/** Appends to the chain; call it last in the transaction of what it tells of (it takes the chain's lock). */
export async function audit(db: Db, event: NewAuditEvent): Promise<AuditEvent> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${CHAIN_LOCK})`);
    const [last] = await tx
      .select({ hash: auditEvents.hash })
      .from(auditEvents)
      .orderBy(desc(auditEvents.seq))
      .limit(1);
    const row = {
      at: new Date(),
      actor: event.actor.user,
      role: event.actor.role,
      action: event.action,
      subject: event.subject,
      reason: event.reason ?? null,
      details: JSON.parse(canonicalJson(event.details ?? {})) as Record<string, unknown>,
      previousHash: last?.hash ?? GENESIS,
    };
    const hash = hashOfEvent(row);
    const added = await tx
      .insert(auditEvents)
      .values({ ...row, hash })
      .returning();
    return oneRow(added, 'audit event');
  });
}

export interface AuditVerdict {
  readonly ok: boolean;
  readonly events: number;
  /** The first event that does not fit. */
  readonly brokenAt: number | null;
  readonly problem: string | null;
}

function problemOf(event: AuditEvent, previousHash: string): string | null {
  if (event.previousHash !== previousHash)
    return `event ${event.seq} does not follow the one before it: one was removed or changed`;
  const { seq, hash, ...content } = event;
  if (hashOfEvent(content) !== hash) return `event ${seq} was changed after it was written`;
  return null;
}

/** Walks the whole chain. */
export async function verifyAudit(db: Db): Promise<AuditVerdict> {
  let previousHash = GENESIS;
  let after = -1;
  let events = 0;
  for (;;) {
    const batch = await db
      .select()
      .from(auditEvents)
      .where(gt(auditEvents.seq, after))
      .orderBy(asc(auditEvents.seq))
      .limit(VERIFY_BATCH);
    for (const event of batch) {
      const problem = problemOf(event, previousHash);
      if (problem !== null) return { ok: false, events, brokenAt: event.seq, problem };
      previousHash = event.hash;
      after = event.seq;
      events += 1;
    }
    if (batch.length < VERIFY_BATCH) return { ok: true, events, brokenAt: null, problem: null };
  }
}
