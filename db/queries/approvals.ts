/** Approvals besides bill runs: credits, write-offs, refunds, bank details. */
import { asc, eq } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { approvals } from '../schema.ts';
import { audit } from './audit.ts';
import { fourEyes } from './settings.ts';

export type Approval = typeof approvals.$inferSelect;

/** Asks for a second person; the same approval again gives the first one. */
export async function requestApproval(
  db: Db,
  input: {
    approval: string;
    subject: string;
    action: string;
    maker: Actor;
    shownHash: string;
    summary: string;
  },
): Promise<Approval> {
  return db.transaction(async (tx) => {
    const [added] = await tx
      .insert(approvals)
      .values({ ...input, maker: input.maker.user, state: 'waiting' })
      .onConflictDoNothing()
      .returning();
    if (added === undefined)
      return oneRow(
        await tx.select().from(approvals).where(eq(approvals.approval, input.approval)),
        `approval ${input.approval}`,
      );
    await audit(tx, {
      actor: input.maker,
      action: 'approval.request',
      subject: input.subject,
      details: { approval: input.approval, action: input.action, shownHash: input.shownHash },
    });
    return added;
  });
}

/** Refused: `own-approval` (four eyes on), `already-decided`, `numbers-changed`. Only the maker withdraws. */
export async function decideApproval(
  db: Db,
  input: {
    approval: string;
    decision: 'approved' | 'refused' | 'withdrawn';
    shownHash: string;
    actor: Actor;
    reason?: string | null;
  },
): Promise<Approval> {
  const { approval, decision, actor, reason = null } = input;
  return db.transaction(async (tx) => {
    const rows = await tx
      .select()
      .from(approvals)
      .where(eq(approvals.approval, approval))
      .for('update');
    const asked = oneRow(rows, `approval ${approval}`);
    if (asked.state !== 'waiting')
      throw new Refusal('already-decided', `${approval} was ${asked.state} by ${asked.checker}.`);
    if (decision === 'approved' && asked.maker === actor.user && (await fourEyes(tx)))
      throw new Refusal('own-approval', `${actor.user} made it: a second person decides.`);
    if (asked.shownHash !== input.shownHash)
      throw new Refusal('numbers-changed', 'What was shown is not what waits: look again.');
    const decided = await tx
      .update(approvals)
      .set({ state: decision, checker: actor.user, reason, decidedAt: new Date() })
      .where(eq(approvals.approval, approval))
      .returning();
    await audit(tx, {
      actor,
      action: `approval.${decision}`,
      subject: asked.subject,
      reason,
      details: { approval, shownHash: asked.shownHash },
    });
    return oneRow(decided, `approval ${approval}`);
  });
}

export async function getApproval(db: Db, approval: string): Promise<Approval | null> {
  const [row] = await db.select().from(approvals).where(eq(approvals.approval, approval));
  return row ?? null;
}

/** Oldest first. */
export function waitingApprovals(db: Db): Promise<Approval[]> {
  return db
    .select()
    .from(approvals)
    .where(eq(approvals.state, 'waiting'))
    .orderBy(asc(approvals.createdAt));
}
