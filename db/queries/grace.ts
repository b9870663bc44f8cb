/** What lengthens a grace besides the rules: a person's grants, and payments that were taken back (billing rules §6, §7). */
import { and, asc, eq, inArray, max, sql } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { graceGrants, paymentAllocations } from '../schema.ts';
import { worded } from '../worded.ts';

export type GraceGrantRow = typeof graceGrants.$inferSelect;

/** Writes a grant once a key. */
export async function addGrace(
  db: Db,
  grant: Omit<GraceGrantRow, 'createdAt'>,
): Promise<{ isNew: boolean }> {
  const rows = await db.insert(graceGrants).values(grant).onConflictDoNothing().returning();
  return { isNew: rows.length > 0 };
}

/** Oldest first. */
export function graceOf(db: Db, contract: string): Promise<GraceGrantRow[]> {
  return worded(
    db,
    'grace of contract',
    (any) =>
      any
        .select()
        .from(graceGrants)
        .where(eq(graceGrants.contract, sql.placeholder('contract')))
        .orderBy(asc(graceGrants.createdAt)),
    { contract },
  );
}

/** The last day on which money was taken back from each of some invoices. */
export async function lastReversals(
  db: Db,
  invoices: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (invoices.length === 0) return new Map();
  const { invoice, rule, allocatedOn } = paymentAllocations;
  const rows = await db
    .select({ invoice, on: max(allocatedOn) })
    .from(paymentAllocations)
    .where(and(inArray(invoice, [...invoices]), eq(rule, 'reversal')))
    .groupBy(invoice);
  return new Map(rows.flatMap((row) => (row.on === null ? [] : [[row.invoice, row.on] as const])));
}
