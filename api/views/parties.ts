/** Accounts by name, and the day it is for them. */

import { clockOf, type Db, getClock, timeZoneFor } from '../../db/index.ts';
import type { Row } from '../../domain/book/tables.ts';
import { civilDateIn } from '../../domain/dates/time-zones.ts';
import { allRows } from '../http/lists.ts';
import type { AccountRef } from '../types.ts';

/** Names of the accounts that are asked for. An unknown one is named by its number. */
export async function accountNames(
  db: Db,
  numbers: readonly (string | null)[],
): Promise<(account: string) => AccountRef> {
  const wanted = [...new Set(numbers.filter((number) => number !== null))];
  const names = new Map<string, string>();
  for (let at = 0; at < wanted.length; at += 500) {
    const rows = await allRows<Row<'accounts'>>(db, 'accounts', {
      account: wanted.slice(at, at + 500),
    });
    for (const row of rows) names.set(row.account, row.name);
  }
  return (account) => ({ account, name: names.get(account) ?? account });
}

/** Today for an account: its test clock's day, else the day in its entity's time zone. */
export async function todayFor(
  db: Db,
  of: { account?: string; contract?: string },
  now: Date,
): Promise<{ today: string; clock: string | null }> {
  const name = of.account === undefined ? null : await clockOf(db, of.account);
  const clock = name === null ? null : await getClock(db, name);
  if (clock !== null) return { today: clock.today, clock: clock.clock };
  return { today: civilDateIn(now.toISOString(), await timeZoneFor(db, of)), clock: null };
}

/** Today of the whole installation, or of a rehearsal: the first entity's time zone decides. */
export async function todayOf(db: Db, now: Date, clock: string | null = null): Promise<string> {
  const moved = clock === null ? null : await getClock(db, clock);
  if (moved !== null) return moved.today;
  return civilDateIn(now.toISOString(), await timeZoneFor(db, {}));
}
