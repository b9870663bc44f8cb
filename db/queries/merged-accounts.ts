/** Which account answers for one that was merged into another (db/queries/account-merges.ts merges them). */
import { asc, eq } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { accountMerges } from '../schema.ts';

export type AccountMerge = typeof accountMerges.$inferSelect;

/** What it was merged into, if it was. */
export async function mergeOf(db: Db, account: string): Promise<AccountMerge | null> {
  const [row] = await db.select().from(accountMerges).where(eq(accountMerges.account, account));
  return row ?? null;
}

/** The account that answers for it today: itself, unless it was merged. */
export async function survivorOf(db: Db, account: string): Promise<string> {
  return (await mergeOf(db, account))?.survivor ?? account;
}

/** The accounts that were merged into this one, also by way of others, by number. */
export async function mergedAccounts(db: Db, account: string): Promise<string[]> {
  const rows = await db
    .select({ account: accountMerges.account })
    .from(accountMerges)
    .where(eq(accountMerges.survivor, account))
    .orderBy(asc(accountMerges.account));
  return rows.map((row) => row.account);
}
