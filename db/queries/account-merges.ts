/**
 * Accounts merged into another (docs/decisions/account-merges.md). Facts, unapplied money and what was learnt of payers move in
 * one transaction; documents and postings stay, and are read together with the survivor's.
 */
import { and, eq, sql } from 'drizzle-orm';
import {
  ACCOUNT_COLUMNS,
  type MergeSide,
  mergeRefusal,
  movingContacts,
  parentOfSurvivor,
} from '../../domain/accounts/merge.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { accountMerges, payments } from '../schema.ts';
import { audit } from './audit.ts';
import { clockOf } from './clocks.ts';
import { entityFor } from './contracts.ts';
import { changeFact, factRows, getFact } from './facts.ts';
import { type AccountMerge, mergeOf } from './merged-accounts.ts';
import { setPaymentAccount } from './payments.ts';

/** Records of processes that are still at work for an account, and what of them is still open. */
const PROCESS_RECORDS = [
  ['license_keys', sql`true`],
  ['grace_grants', sql`true`],
  ['payment_methods', sql`true`],
  ['crm_notes', sql`true`],
  ['corrections', sql`state = 'waiting'`],
  ['renewals', sql`state in ('drawn_up', 'sent')`],
] as const;

async function sideOf(db: Db, account: string): Promise<MergeSide> {
  const row = await getFact(db, 'accounts', { account });
  if (row === null) throw new Refusal('not-found', `There is no account "${account}".`);
  const [entity, merge, clock] = await Promise.all([
    entityFor(db, { account }),
    mergeOf(db, account),
    clockOf(db, account),
  ]);
  return { row, entity, mergedInto: merge?.survivor ?? null, clock };
}

/** A run that was shown to a person may hold documents of the account: they are issued or the run is refused first. */
async function demandNoRun(db: Db, account: string): Promise<void> {
  const [waiting] = await db.execute<{ run: string }>(sql`
    select r.run from bill_runs r join bill_run_items i using (run)
     where i.account = ${account} and r.state in ('computing', 'in_review', 'submitted', 'approved', 'issuing')
       and i.kind in ('invoice', 'credit_note') and i.decision = 'include' limit 1`);
  if (waiting !== undefined)
    throw new Refusal(
      'state-conflict',
      `The bill run ${waiting.run} has documents of ${account}: issue or refuse it first.`,
    );
}

/** What would move, row by row counted; refused as {@link mergeAccounts} is. */
export interface MergeCounts {
  readonly from: MergeSide['row'];
  readonly into: MergeSide['row'];
  /** By table of the book, `unapplied payments` and `known payers` besides; zeros are left out. */
  readonly moved: Readonly<Record<string, number>>;
  /** Documents of the merged account that are open and stay its own, per currency. */
  readonly openMinor: Readonly<Record<string, number>>;
}

/** @throws Refusal as `mergeRefusal` (domain/accounts/merge.ts), `not-found`, `state-conflict` (an open run) */
export async function mergeCounts(
  db: Db,
  { account, into }: { account: string; into: string },
): Promise<MergeCounts> {
  const [from, survivor] = [await sideOf(db, account), await sideOf(db, into)];
  const refusal = mergeRefusal(from, survivor);
  if (refusal !== null) throw new Refusal(refusal.code, refusal.words);
  await demandNoRun(db, account);
  const counts = ACCOUNT_COLUMNS.map(
    ({ table, column }) => sql`
      select ${table}::text as name, count(*) as n from ${sql.identifier(table)}
       where ${sql.identifier(column)} = ${account}`,
  );
  const rows = await db.execute<{ name: string; n: string }>(sql`
    select name, sum(n)::text as n from (
      ${sql.join(counts, sql` union all `)}
      union all select 'unapplied payments', count(*) from payments
        where account = ${account} and unapplied_minor <> 0
      union all select 'known payers', count(*) from payer_accounts where account = ${account}) counted
     group by name having sum(n) > 0 order by name`);
  const open = await db.execute<{ currency: string; minor: string }>(sql`
    select currency, sum(balance_minor)::text as minor from invoices
     where account = ${account} and state <> 'void' group by 1 having sum(balance_minor) <> 0 order by 1`);
  const contacts = await factRows(db, 'contacts', { account: [account, into] });
  const moving = movingContacts(contacts, account, into).length;
  return {
    from: from.row,
    into: survivor.row,
    moved: {
      ...(moving === 0 ? {} : { contacts: moving }),
      ...Object.fromEntries(rows.map(({ name, n }) => [name, Number(n)])),
    },
    openMinor: Object.fromEntries(open.map(({ currency, minor }) => [currency, Number(minor)])),
  };
}

async function moveFacts(tx: Db, account: string, into: string): Promise<void> {
  const contacts = await factRows(tx, 'contacts', { account: [account, into] });
  const moving = movingContacts(contacts, account, into);
  await tx.execute(sql`
    update contacts set account = ${into}
     where account = ${account} and email = any(${sql.param(moving)}::text[])`);
  for (const { table, column } of ACCOUNT_COLUMNS) {
    const name = sql.identifier(column);
    await tx.execute(sql`
      update ${sql.identifier(table)} set ${name} = ${into}
       where ${name} = ${account} and not (${table} = 'accounts' and to_jsonb(${sql.identifier(table)})->>'account' = ${into})`);
  }
  for (const [table, isOpen] of PROCESS_RECORDS)
    await tx.execute(sql`
      update ${sql.identifier(table)} set account = ${into} where account = ${account} and ${isOpen}`);
}

/** Money that is not allocated, in either's name, and who is known to pay it. */
async function moveMoney(tx: Db, account: string, into: string): Promise<void> {
  const waiting = await tx
    .select({ payment: payments.payment })
    .from(payments)
    .where(and(eq(payments.account, account), sql`${payments.unappliedMinor} <> 0`))
    .orderBy(payments.payment);
  for (const { payment } of waiting) await setPaymentAccount(tx, payment, into);
  await tx.execute(sql`
    insert into payer_accounts (bank_account, account, payment, learnt_by, created_at)
    select bank_account, ${into}, payment, learnt_by, created_at from payer_accounts where account = ${account}
    on conflict do nothing`);
  await tx.execute(sql`delete from payer_accounts where account = ${account}`);
}

/**
 * Merges an account into another, in one transaction: it is closed, and answers by its survivor from then on.
 * @throws Refusal as {@link mergeCounts}
 */
export async function mergeAccounts(
  db: Db,
  input: {
    account: string;
    into: string;
    on: string;
    reason: string;
    actor: Actor;
    checker: Actor;
  },
): Promise<AccountMerge> {
  const { account, into, on, reason, actor, checker } = input;
  return db.transaction(async (tx) => {
    // In the order of their numbers, so that two merges of the same accounts never wait for each other.
    await tx.execute(sql`
      select 1 from accounts where account in (${account}, ${into}) order by account for update`);
    const { from, into: survivor, moved } = await mergeCounts(tx, { account, into });
    const parent = parentOfSurvivor(from, survivor);
    await moveFacts(tx, account, into);
    await moveMoney(tx, account, into);
    await changeFact(tx, 'accounts', { account: into }, { parent });
    await changeFact(tx, 'accounts', { account }, { status: 'closed', parent: from.parent });
    await tx
      .update(accountMerges)
      .set({ survivor: into })
      .where(eq(accountMerges.survivor, account));
    const rows = await tx
      .insert(accountMerges)
      .values({
        ...{ account, mergedInto: into, survivor: into, mergedOn: on, mergedBy: actor.user },
        ...{ reason, moved },
      })
      .returning();
    const details = { into, moved, approvedBy: checker.user };
    await audit(tx, { actor, action: 'account.merge', subject: account, reason, details });
    return oneRow(rows, `merge of ${account}`);
  });
}
