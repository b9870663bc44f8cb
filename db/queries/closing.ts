/** Closing days and months of an entity's books (billing rules §10). */
import { and, eq, sql } from 'drizzle-orm';
import { addDays, type CivilDate } from '../../domain/dates/dates.ts';
import type { Db } from '../connect.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { closedDays, closedPeriods } from '../schema.ts';
import { audit } from './audit.ts';
import { type Closings, closings } from './closed-periods.ts';
import { recognizeRevenue, verifyLedger } from './ledger.ts';

/** Who posts and who closes take turns: a posting under way ends before its period is closed. */
async function lockForClosing(tx: Db, entity: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext(${`ledger:${entity}`}))`);
}

/** Closes an entity's books through a day; an earlier day than before changes nothing. */
export async function closeDay(
  db: Db,
  input: { entity: string; day: CivilDate; actor: Actor; reason?: string | null; details?: object },
): Promise<Closings> {
  const { entity, day, actor, reason } = input;
  return db.transaction(async (tx) => {
    await lockForClosing(tx, entity);
    await tx
      .insert(closedDays)
      .values({ entity, closedThrough: day, closedBy: actor.user })
      .onConflictDoUpdate({
        target: closedDays.entity,
        set: { closedThrough: day, closedBy: actor.user, closedAt: new Date() },
        setWhere: sql`${closedDays.closedThrough} < ${day}`,
      });
    const subject = `ledger:${entity}`;
    await audit(tx, {
      actor,
      action: 'ledger.close-day',
      subject,
      reason: reason ?? null,
      details: { day, ...input.details },
    });
    return oneEntity(await closings(tx, [entity]), entity);
  });
}

/**
 * Closes a month of an entity: what was earned in it is recognized first, and the books must agree with the documents
 * (`ledger-differs`). Closing it again changes nothing.
 */
export async function closeMonth(
  db: Db,
  input: { entity: string; month: string; actor: Actor; reason?: string | null; details?: object },
): Promise<Closings & { recognized: Record<string, number> }> {
  const { entity, month, actor, reason } = input;
  return db.transaction(async (tx) => {
    await lockForClosing(tx, entity);
    const before = oneEntity(await closings(tx, [entity]), entity);
    if (before.months.includes(month)) return { ...before, recognized: {} };
    const { recognized } = await recognizeRevenue(tx, { month, entity });
    const differences = await verifyLedger(tx);
    if (differences.length > 0)
      throw new Refusal(
        'ledger-differs',
        `${month} is not closed, because the books differ: ${differences
          .map((one) => `${one.check} ${one.account ?? ''} ${one.differenceMinor} ${one.currency}`)
          .join('; ')}.`,
      );
    await tx
      .insert(closedPeriods)
      .values({ entity, month, closedBy: actor.user })
      .onConflictDoNothing();
    const details = { month, recognized, ...input.details };
    const subject = `ledger:${entity}`;
    await audit(tx, {
      actor,
      action: 'ledger.close-month',
      subject,
      reason: reason ?? null,
      details,
    });
    return { ...oneEntity(await closings(tx, [entity]), entity), recognized };
  });
}

const oneEntity = (rows: readonly Closings[], entity: string): Closings =>
  rows.find((row) => row.entity === entity) ?? { entity, closedThrough: null, months: [] };

/**
 * Opens an entity's days from one on again; those before stay closed. A month that was closed by name stays closed.
 * @throws Refusal `invalid-input` where that day is open already
 */
export async function reopenDays(
  db: Db,
  input: { entity: string; from: CivilDate; actor: Actor; reason: string },
): Promise<Closings> {
  const { entity, from, actor, reason } = input;
  return db.transaction(async (tx) => {
    await lockForClosing(tx, entity);
    const before = oneEntity(await closings(tx, [entity]), entity);
    if (before.closedThrough === null || before.closedThrough < from)
      throw new Refusal('invalid-input', `${from} of ${entity} is open already.`);
    await tx
      .update(closedDays)
      .set({ closedThrough: addDays(from, -1), closedBy: actor.user, closedAt: new Date() })
      .where(eq(closedDays.entity, entity));
    const details = { from, closedThrough: before.closedThrough };
    const subject = `ledger:${entity}`;
    await audit(tx, { actor, action: 'ledger.reopen-day', subject, reason, details });
    return oneEntity(await closings(tx, [entity]), entity);
  });
}

/** Opens a closed month of an entity again. @throws Refusal `invalid-input` where it is open already */
export async function reopenMonth(
  db: Db,
  input: { entity: string; month: string; actor: Actor; reason: string },
): Promise<Closings> {
  const { entity, month, actor, reason } = input;
  return db.transaction(async (tx) => {
    await lockForClosing(tx, entity);
    const opened = await tx
      .delete(closedPeriods)
      .where(and(eq(closedPeriods.entity, entity), eq(closedPeriods.month, month)))
      .returning();
    if (opened.length === 0)
      throw new Refusal('invalid-input', `${month} of ${entity} is open already.`);
    const subject = `ledger:${entity}`;
    const details = { month };
    await audit(tx, { actor, action: 'ledger.reopen-month', subject, reason, details });
    return oneEntity(await closings(tx, [entity]), entity);
  });
}
