/** Which account answers for one that was merged into another (db/queries/account-merges.ts merges them). */
import { asc, eq, sql } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { accountMerges } from '../schema.ts';
import { worded } from '../worded.ts';

export type AccountMerge = typeof accountMerges.$inferSelect;

/** What it was merged into, if it was. */
export async function mergeOf(db: Db, account: string): Promise<AccountMerge | null> {
  const [row] = await worded(
    db,
    'merge of account',
    (any) =>
      any
        .select()
        .from(accountMerges)
        .where(eq(accountMerges.account, sql.placeholder('account'))),
    { account },
  );
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
