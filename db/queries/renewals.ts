/** Renewal agreements. */
import { and, asc, between, desc, eq, inArray, notInArray, type SQL } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { Refusal } from '../refusal.ts';
import { clockAccounts, renewals } from '../schema.ts';

export type Renewal = typeof renewals.$inferSelect;
export type NewRenewal = Pick<
  Renewal,
  | 'renewal'
  | 'contract'
  | 'account'
  | 'termStart'
  | 'termEnd'
  | 'currency'
  | 'valueMinor'
  | 'previousValueMinor'
  | 'agreement'
>;
const DECIDED: readonly Renewal['state'][] = ['accepted', 'declined', 'lapsed'];

/** Draws one up; the same key again gives the first one. */
export async function saveRenewal(
  db: Db,
  renewal: NewRenewal,
): Promise<{ renewal: Renewal; isNew: boolean }> {
  const [added] = await db
    .insert(renewals)
    .values({ ...renewal, state: 'drawn_up' })
    .onConflictDoNothing()
    .returning();
  if (added !== undefined) return { renewal: added, isNew: true };
  const first = await getRenewal(db, renewal.renewal);
  return { renewal: oneRow(first === null ? [] : [first], renewal.renewal), isNew: false };
}

export async function getRenewal(db: Db, renewal: string): Promise<Renewal | null> {
  const [row] = await db.select().from(renewals).where(eq(renewals.renewal, renewal));
  return row ?? null;
}

/** Latest term first. */
export function renewalsOf(db: Db, contract: string): Promise<Renewal[]> {
  return db
    .select()
    .from(renewals)
    .where(eq(renewals.contract, contract))
    .orderBy(desc(renewals.termStart));
}

/** Moves on; a decided one does not change again (`already-decided`), the same decision again is fine. */
export async function setRenewalState(
  db: Db,
  input: { renewal: string; state: Renewal['state']; on?: string | null; by?: string | null },
): Promise<Renewal> {
  const { renewal, state, on = null, by = null } = input;
  return db.transaction(async (tx) => {
    const rows = await tx
      .select()
      .from(renewals)
      .where(eq(renewals.renewal, renewal))
      .for('update');
    const before = oneRow(rows, renewal);
    if (before.state === state) return before;
    if (DECIDED.includes(before.state))
      throw new Refusal('already-decided', `${renewal} was ${before.state} already.`);
    const decision = DECIDED.includes(state) ? { decidedOn: on, decidedBy: by } : {};
    const updated = await tx
      .update(renewals)
      .set({ state, ...decision })
      .where(eq(renewals.renewal, renewal))
      .returning();
    return oneRow(updated, renewal);
  });
}

/** New terms that start in a span of days: the Renewals page. `clock` null leaves rehearsals out. */
export function renewalsBetween(
  db: Db,
  from: string,
  to: string,
  options: { clock?: string | null } = {},
): Promise<Renewal[]> {
  const clock = options.clock ?? null;
  const accounts = db.select({ account: clockAccounts.account }).from(clockAccounts);
  const world: SQL =
    clock === null
      ? notInArray(renewals.account, accounts)
      : inArray(renewals.account, accounts.where(eq(clockAccounts.clock, clock)));
  return db
    .select()
    .from(renewals)
    .where(and(between(renewals.termStart, from, to), world))
    .orderBy(asc(renewals.termStart), asc(renewals.contract));
}
