/** Runs that a rule of the house approves by itself: small enough, without exceptions. Off until an admin turns it on. */
import { and, count, eq, inArray, sql } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import type { Actor } from '../refusal.ts';
import { billRunItems, billRuns } from '../schema.ts';
import { audit } from './audit.ts';
import { submitRun } from './billing.ts';
import { getSetting } from './settings.ts';

/** The setting's name; its value is an {@link ApprovalPolicy}, or null while people approve everything. */
export const AUTOMATIC_APPROVAL = 'automatic-approval';
export interface ApprovalPolicy {
  /** The most that a run may bill by currency, in minor units; a currency that is not named is never approved by itself. */
  readonly atMostMinor: Readonly<Record<string, number>>;
  /** Whether a run that fits is submitted by itself too, as soon as it is computed. */
  readonly submits: boolean;
}
const POLICY_ACTOR: Actor = { user: 'policy:automatic-approval', role: 'service' };

export interface PolicyDecision {
  readonly approved: boolean;
  /** Why a person is needed; null where none is. */
  readonly why: string | null;
}

/** What of a run needs a person, by the policy; null where nothing does. */
async function needsPerson(tx: Db, run: string, policy: ApprovalPolicy): Promise<string | null> {
  const [exceptions] = await tx
    .select({ count: count() })
    .from(billRunItems)
    .where(and(eq(billRunItems.run, run), inArray(billRunItems.kind, ['held', 'set_aside'])));
  if ((exceptions?.count ?? 0) > 0) return `${exceptions?.count} items are held or set aside`;
  const totals = await tx
    .select({
      currency: billRunItems.currency,
      total: sql<number>`sum(${billRunItems.totalMinor})`.mapWith(Number),
    })
    .from(billRunItems)
    .where(
      and(
        eq(billRunItems.run, run),
        eq(billRunItems.decision, 'include'),
        inArray(billRunItems.kind, ['invoice', 'credit_note']),
      ),
    )
    .groupBy(billRunItems.currency);
  if (totals.length === 0) return 'it bills nothing';
  for (const { currency, total } of totals) {
    const most = policy.atMostMinor[currency ?? ''];
    if (most === undefined) return `no limit is set for ${currency}`;
    if (total > most) return `it bills more in ${currency} than the rule lets through`;
  }
  return null;
}

/**
 * Approves a submitted run where the rule of the house says so; with `submits`, one in review too. The audit trail names the
 * rule, its limits and the hash of what was approved. A run in any other state, or without a rule, is left alone.
 */
export async function approveByPolicy(db: Db, run: string): Promise<PolicyDecision> {
  const policy = await getSetting<ApprovalPolicy | null>(db, AUTOMATIC_APPROVAL, null);
  if (policy === null) return { approved: false, why: 'people approve every run' };
  return db.transaction(async (tx) => {
    const rows = await tx.select().from(billRuns).where(eq(billRuns.run, run)).for('update');
    const { state, checker } = oneRow(rows, `bill run ${run}`);
    // Asked again after an answer that got lost.
    if (state === 'approved' && checker === POLICY_ACTOR.user) return { approved: true, why: null };
    const fits = state === 'submitted' || (state === 'in_review' && policy.submits);
    if (!fits) return { approved: false, why: `it is ${state}` };
    const why = await needsPerson(tx, run, policy);
    if (why !== null) return { approved: false, why };
    if (state === 'in_review') await submitRun(tx, { run, actor: POLICY_ACTOR });
    const [approved] = await tx
      .update(billRuns)
      .set({ state: 'approved', checker: POLICY_ACTOR.user })
      .where(eq(billRuns.run, run))
      .returning();
    const details = { shownHash: approved?.shownHash ?? null, policy };
    await audit(tx, { actor: POLICY_ACTOR, action: 'bill-run.approve', subject: run, details });
    return { approved: true, why: null };
  });
}
