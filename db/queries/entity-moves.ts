/**
 * Accounts moved to another of our entities (docs/decisions/account-moves.md): a dated policy of the account, and of each contract
 * that names its entity itself. What is agreed, issued and booked stays where it was.
 */
import { sql } from 'drizzle-orm';
import type { Row } from '../../domain/book/tables.ts';
import { DEFAULT_ENTITY } from '../../domain/charges/contract-terms.ts';
import type { CivilDate } from '../../domain/dates/dates.ts';
import { SELLER_POLICY } from '../../domain/policies/policies.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { audit } from './audit.ts';
import { clockOf } from './clocks.ts';
import { entityFor } from './contracts.ts';
import { changeFact, factRows, getFact, putFact } from './facts.ts';
import { mergeOf } from './merged-accounts.ts';

/** Who sells to an account, and who will. */
export interface SellerChange {
  readonly account: Row<'accounts'>;
  readonly from: Row<'entities'>;
  readonly to: Row<'entities'>;
  /** Contracts that name the old entity themselves and move along, and those that name a third one and stay. */
  readonly moving: readonly string[];
  readonly staying: readonly string[];
  /** The currency that the account keeps, where it had none of its own; null where it has. */
  readonly keptCurrency: string | null;
}

export interface MoveInput {
  readonly account: string;
  readonly entity: string;
  /** The first day of the new entity's. */
  readonly from: CivilDate;
}

async function demandEntity(db: Db, entity: string): Promise<Row<'entities'>> {
  const row = await getFact(db, 'entities', { entity });
  if (row === null) throw new Refusal('not-found', `There is no entity ${entity} of ours.`);
  return row;
}

/** A run that was computed for the day or later holds documents of the old entity: they are issued or left out first. */
async function demandNoRun(db: Db, { account, from }: MoveInput): Promise<void> {
  const [waiting] = await db.execute<{ run: string }>(sql`
    select r.run from bill_runs r join bill_run_items i using (run)
     where i.account = ${account} and r.run_on >= ${from}
       and r.state in ('computing', 'in_review', 'submitted', 'approved', 'issuing')
       and i.kind in ('invoice', 'credit_note') and i.decision = 'include' limit 1`);
  if (waiting !== undefined)
    throw new Refusal(
      'state-conflict',
      `The bill run ${waiting.run} has documents of ${account}: issue it, or leave them out of it, first.`,
    );
}

/**
 * What a move would do, as the books stand.
 * @throws Refusal `not-found`, `invalid-input`, `already-merged`, `account-closed`, `state-conflict`
 */
export async function sellerChange(
  db: Db,
  input: MoveInput & { readonly today: CivilDate },
): Promise<SellerChange> {
  const { account, entity, from, today } = input;
  const row = await getFact(db, 'accounts', { account });
  if (row === null) throw new Refusal('not-found', `There is no account ${account}.`);
  const merge = await mergeOf(db, account);
  if (merge !== null)
    throw new Refusal('already-merged', `${account} was merged into ${merge.survivor}: move that.`);
  if (row.status === 'closed')
    throw new Refusal('account-closed', `${account} is closed: nothing is billed to it.`);
  if ((await clockOf(db, account)) !== null)
    throw new Refusal('state-conflict', `${account} lives in a rehearsal.`);
  if (from < today)
    throw new Refusal(
      'invalid-input',
      `A move takes effect on ${today} or later: what was issued before stays as it was issued.`,
    );
  const to = await demandEntity(db, entity);
  const before = await entityFor(db, { account, on: from });
  const old = oneRow(before === null ? [] : [before], `entity of ${account}`);
  if (old.entity === entity)
    throw new Refusal('invalid-input', `${account} buys from ${entity} on ${from} already.`);
  await demandNoRun(db, input);
  const moving: string[] = [];
  const staying: string[] = [];
  for (const contract of await factRows(db, 'contracts', { account: [account] })) {
    if (contract.entity === null) continue;
    const seller = await entityFor(db, { contract: contract.contract, on: from });
    (seller?.entity === old.entity ? moving : staying).push(contract.contract);
  }
  const usual = row.entity === null ? old : await demandEntity(db, row.entity);
  const keptCurrency = row.currency === null ? usual.currency : null;
  return {
    ...{ account: row, from: old, to, keptCurrency },
    ...{ moving: moving.sort(), staying: staying.sort() },
  };
}

/**
 * Moves the account in one transaction. Moved back with the same day, it never moved.
 * @throws Refusal as {@link sellerChange}
 */
export async function moveAccount(
  db: Db,
  input: MoveInput & {
    readonly today: CivilDate;
    readonly reason: string;
    readonly actor: Actor;
    readonly checker: Actor;
  },
): Promise<SellerChange> {
  const { account, entity, from, reason, actor, checker } = input;
  return db.transaction(async (tx) => {
    await tx.execute(sql`select 1 from accounts where account = ${account} for update`);
    const change = await sellerChange(tx, input);
    const policy = { policy: SELLER_POLICY, value: entity, validFrom: from, custom: {} };
    await putFact(tx, 'policies', { scope: 'account', id: account, ...policy });
    for (const contract of change.moving)
      await putFact(tx, 'policies', { scope: 'contract', id: contract, ...policy });
    if (change.keptCurrency !== null)
      await changeFact(tx, 'accounts', { account }, { currency: change.keptCurrency });
    const details = {
      ...{ from: change.from.entity, to: entity, on: from, contracts: change.moving },
      approvedBy: checker.user,
    };
    await audit(tx, { actor, action: 'account.move', subject: account, reason, details });
    return change;
  });
}

export interface SellerSince {
  readonly entity: string;
  /** Null: from the beginning. */
  readonly since: CivilDate | null;
}

/** Who sold to an account and since when, who will included; oldest first. */
export async function sellersOf(
  db: Db,
  { account, entity }: Row<'accounts'>,
): Promise<SellerSince[]> {
  const moves = (await factRows(db, 'policies', { id: [account] })).filter(
    ({ scope, policy }) => scope === 'account' && policy === SELLER_POLICY,
  );
  const [first] = await factRows(db, 'entities');
  return [
    { entity: entity ?? first?.entity ?? DEFAULT_ENTITY, since: null },
    ...moves
      .map(({ value, validFrom }) => ({ entity: value, since: validFrom }))
      .sort((a, b) => ((a.since ?? '') < (b.since ?? '') ? -1 : 1)),
  ];
}
