/** Closing a customer: what is open with it keeps it open, unless a person decides to close it all the same. */
import { sql } from 'drizzle-orm';
import type { Row } from '../../domain/book/tables.ts';
import type { CivilDate } from '../../domain/dates/dates.ts';
import { formatMinor } from '../../domain/money/money.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { audit } from './audit.ts';
import { changeFact, factRows, getFact } from './facts.ts';
import { mergeOf } from './merged-accounts.ts';
import { unappliedCredit } from './payments.ts';

/** What is open with a customer, each in words for whoever would close it; empty where nothing is. */
export async function openWith(db: Db, account: string, today: CivilDate): Promise<string[]> {
  const contracts = (await factRows(db, 'contracts', { account: [account] }))
    .filter(({ status, end }) => status === 'suspended' || (status === 'active' && end >= today))
    .map(({ contract }) => contract)
    .sort();
  const balances = await db.execute<{ currency: string; documents: number; minor: string }>(sql`
    select currency, count(*)::int as documents, sum(balance_minor)::text as minor from invoices
     where account = ${account} and state <> 'void' and balance_minor <> 0 group by 1 order by 1`);
  const credit = Object.entries(await unappliedCredit(db, account)).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const runs = await db.execute<{ run: string }>(sql`
    select distinct r.run from bill_runs r join bill_run_items i using (run)
     where i.account = ${account} and i.kind in ('invoice', 'credit_note') and i.decision = 'include'
       and r.state in ('computing', 'in_review', 'submitted', 'approved', 'issuing') order by 1`);
  const amount = (minor: number, currency: string) => `${formatMinor(minor, currency)} ${currency}`;
  return [
    ...(contracts.length === 0 ? [] : [`running contracts: ${contracts.join(', ')}`]),
    ...balances.map(
      ({ currency, documents, minor }) =>
        `${amount(Number(minor), currency)} open on ${documents} document${documents === 1 ? '' : 's'}`,
    ),
    ...credit.map(([currency, minor]) => `${amount(minor, currency)} unapplied credit`),
    ...runs.map(({ run }) => `documents in bill run ${run}`),
  ];
}

export interface ClosingInput {
  readonly account: string;
  readonly today: CivilDate;
  readonly reason: string;
  readonly actor: Actor;
}

async function locked(tx: Db, account: string): Promise<Row<'accounts'>> {
  await tx.execute(sql`select 1 from accounts where account = ${account} for update`);
  const row = await getFact(tx, 'accounts', { account });
  return oneRow(row === null ? [] : [row], `account ${account}`);
}

/**
 * Closes a customer: nothing more is billed to it. `despite` closes it though something is open, which stays as it is and is
 * kept with the decision. Closed already, it stays so.
 * @throws Refusal `in-use` with what is open, `not-found`
 */
export async function closeAccount(
  db: Db,
  { account, today, reason, actor, despite }: ClosingInput & { readonly despite: boolean },
): Promise<Row<'accounts'>> {
  return db.transaction(async (tx) => {
    const row = await locked(tx, account);
    if (row.status === 'closed') return row;
    const open = await openWith(tx, account, today);
    if (open.length > 0 && !despite)
      throw new Refusal(
        'in-use',
        `${account} still has ${open.join('; ')}. Settle that, or close it all the same with a reason.`,
      );
    const closed = await changeFact(tx, 'accounts', { account }, { status: 'closed' });
    await audit(tx, {
      actor,
      action: 'account.close',
      subject: account,
      reason,
      details: { open },
    });
    return closed;
  });
}

/**
 * Opens a closed customer again.
 * @throws Refusal `already-merged`, `not-found`
 */
export async function reopenAccount(
  db: Db,
  { account, reason, actor }: Omit<ClosingInput, 'today'>,
): Promise<Row<'accounts'>> {
  return db.transaction(async (tx) => {
    const row = await locked(tx, account);
    const merge = await mergeOf(tx, account);
    if (merge !== null)
      throw new Refusal('already-merged', `${account} was merged into ${merge.survivor}.`);
    if (row.status !== 'closed') return row;
    const open = await changeFact(tx, 'accounts', { account }, { status: 'active' });
    await audit(tx, { actor, action: 'account.reopen', subject: account, reason });
    return open;
  });
}
