/** Contracts as processes and pages need them: facts of one, its state in words, changes to it. */
import { and, asc, eq, inArray, isNotNull, notInArray, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Row } from '../../domain/book/tables.ts';
import { SELLER_POLICY } from '../../domain/policies/policies.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { Refusal } from '../refusal.ts';
import { clockAccounts, contractStates } from '../schema.ts';
import { clockOf, getClock } from './clocks.ts';
import { changeFact, factRows, factValues, getFact, putFact } from './facts.ts';
import { survivorOf } from './merged-accounts.ts';

export type ContractState = typeof contractStates.$inferSelect;

/** What a contract's workflow needs to know of it: small values only. */
export interface ContractFacts {
  readonly contract: Row<'contracts'>;
  readonly account: Row<'accounts'>;
  /** Null for the default entity (UTC). */
  readonly entity: Row<'entities'> | null;
  readonly subcontracts: readonly Row<'subcontracts'>[];
  readonly amendments: readonly Row<'amendments'>[];
  readonly timeZone: string;
  readonly clock: string | null;
}

export async function contractFacts(db: Db, contract: string): Promise<ContractFacts | null> {
  const row = await getFact(db, 'contracts', { contract });
  if (row === null) return null;
  const account = await getFact(db, 'accounts', { account: row.account });
  const entity = await entityFor(db, { contract });
  const subcontracts = await factRows(db, 'subcontracts', { contract: [contract] });
  const ids = subcontracts.map(({ subcontract }) => subcontract);
  return {
    contract: row,
    account: oneRow(account === null ? [] : [account], `account ${row.account}`),
    entity,
    subcontracts,
    amendments: await factRows(db, 'amendments', { subcontract: ids }),
    timeZone: entity?.timeZone ?? 'UTC',
    clock: await clockOf(db, row.account),
  };
}

/** Whose world a query is about: a clock's accounts, or, for null, all that live in real time. */
export function inWorld(db: Db, account: PgColumn | SQL, clock: string | null): SQL {
  const accounts = db.select({ account: clockAccounts.account }).from(clockAccounts);
  const column = sql`${account}`;
  return clock === null
    ? notInArray(column, accounts)
    : inArray(column, accounts.where(eq(clockAccounts.clock, clock)));
}

/** Contracts whose processes should be running: neither draft nor lapsed nor terminated. */
export async function contractsToRun(
  db: Db,
  options: { clock?: string | null } = {},
): Promise<string[]> {
  const statuses = ['active', 'suspended'];
  const contracts = await factRows(db, 'contracts', { status: statuses });
  const clocks = new Map(
    (await db.select().from(clockAccounts)).map(({ account, clock }) => [account, clock]),
  );
  const wanted = options.clock ?? null;
  return contracts
    .filter(({ account }) => (clocks.get(account) ?? null) === wanted)
    .map(({ contract }) => contract)
    .sort();
}

/** Where it stands, in words, for lists and pages. Written by its workflow. What is not given of `needsAttention` stays. */
export async function setContractState(
  db: Db,
  state: Omit<ContractState, 'updatedAt' | 'needsAttention'> &
    Partial<Pick<ContractState, 'needsAttention'>>,
): Promise<void> {
  const values = { ...state, updatedAt: new Date() };
  await db
    .insert(contractStates)
    .values(values)
    .onConflictDoUpdate({ target: contractStates.contract, set: values });
}

export async function getContractState(db: Db, contract: string): Promise<ContractState | null> {
  const [row] = await db.select().from(contractStates).where(eq(contractStates.contract, contract));
  return row ?? null;
}

/** Contracts that wait for a person, longest waiting first. */
export function contractsNeedingAttention(
  db: Db,
  options: { clock?: string | null } = {},
): Promise<ContractState[]> {
  const account = sql`(select account from contracts c where c.contract = ${contractStates.contract})`;
  return db
    .select()
    .from(contractStates)
    .where(
      and(isNotNull(contractStates.needsAttention), inWorld(db, account, options.clock ?? null)),
    )
    .orderBy(asc(contractStates.updatedAt));
}

type ContractChange = Partial<
  Pick<
    Row<'contracts'>,
    'status' | 'terminatedOn' | 'noticeReceived' | 'end' | 'poNumber' | 'autoRenew'
  >
>;

export function changeContract(
  db: Db,
  contract: string,
  changes: ContractChange,
): Promise<Row<'contracts'>> {
  return changeFact(db, 'contracts', { contract }, changes);
}

/** Stores an amendment; the same one again changes nothing, another under its name is refused (`invalid-input`). */
export async function addAmendment(
  db: Db,
  amendment: Row<'amendments'>,
): Promise<{ isNew: boolean }> {
  return db.transaction(async (tx) => {
    const { subcontract } = amendment;
    if ((await getFact(tx, 'subcontracts', { subcontract })) === null)
      throw new Refusal('not-found', `There is no subcontract ${subcontract}.`);
    const before = await getFact(tx, 'amendments', { amendment: amendment.amendment });
    if (before === null) {
      await putFact(tx, 'amendments', amendment);
      return { isNew: true };
    }
    if (canonicalJson(before) !== canonicalJson(amendment))
      throw new Refusal(
        'invalid-input',
        `There is another amendment ${amendment.amendment} already; give this one a name of its own.`,
      );
    return { isNew: false };
  });
}

/**
 * A renewed term keeps the contract's number: the end moves, prices change by amendments effective on the new term's first
 * day. The same renewal again changes nothing.
 */
export async function renewContract(
  db: Db,
  input: { contract: string; termEnd: string; amendments: readonly Row<'amendments'>[] },
): Promise<Row<'contracts'>> {
  const { contract, termEnd, amendments } = input;
  return db.transaction(async (tx) => {
    const before = await getFact(tx, 'contracts', { contract });
    const row = oneRow(before === null ? [] : [before], `contract ${contract}`);
    for (const amendment of amendments) await addAmendment(tx, amendment);
    if (row.end >= termEnd) return row;
    // A subcontract that ended with the old term goes on with the new one; one that ended earlier stays ended.
    for (const subcontract of await factRows(tx, 'subcontracts', { contract: [contract] }))
      if (subcontract.end === row.end && subcontract.status === 'active')
        await changeFact(
          tx,
          'subcontracts',
          { subcontract: subcontract.subcontract },
          { end: termEnd },
        );
    const status = row.status === 'lapsed' ? ({ status: 'active' } as const) : {};
    return changeFact(tx, 'contracts', { contract }, { end: termEnd, ...status });
  });
}

/** What day it is for an account's world: its test clock's, else the database's own (UTC). */
async function worldDay(db: Db, account: string | undefined): Promise<string> {
  const clock = account === undefined ? null : await clockOf(db, account);
  const moved = clock === null ? null : await getClock(db, clock);
  if (moved !== null) return moved.today;
  const [row] = await db.execute<{ today: string }>(
    sql`select (now() at time zone 'UTC')::date::text as today`,
  );
  return oneRow(row === undefined ? [] : [row], 'today').today;
}

/** To which entity a contract or an account was moved by a day (domain/policies, `entityOn`); null where it was not. */
async function movedTo(
  db: Db,
  { contract, account }: { contract: Row<'contracts'> | null; account: string | undefined },
  on: string | undefined,
): Promise<string | null> {
  const ids = [contract?.contract, account].filter((id) => id !== undefined);
  const rows = (await factRows(db, 'policies', { id: ids })).filter(
    ({ policy }) => policy === SELLER_POLICY,
  );
  if (rows.length === 0) return null;
  const day = on ?? (await worldDay(db, account));
  const last = (scope: string, id: string | undefined) =>
    rows
      .filter((row) => row.scope === scope && row.id === id && (row.validFrom ?? '') <= day)
      .sort((a, b) => ((a.validFrom ?? '') < (b.validFrom ?? '') ? -1 : 1))
      .at(-1)?.value ?? null;
  return last('contract', contract?.contract) ?? contract?.entity ?? last('account', account);
}

/**
 * Who sells under a contract or to an account on a day (default: today in their world): where it was moved to, else the
 * contract's entity, the account's, the first of the book; null where there is none (UTC, account's currency).
 */
export async function entityFor(
  db: Db,
  input: { contract?: string; account?: string; on?: string },
): Promise<Row<'entities'> | null> {
  return (await sellingFor(db, input)).seller;
}

/** The account that was asked for or has the contract, who sells to it (as {@link entityFor}), and all who sell. */
export async function sellingFor(
  db: Db,
  input: { contract?: string; account?: string; on?: string },
): Promise<{
  readonly account: Row<'accounts'> | null;
  readonly seller: Row<'entities'> | null;
  readonly sellers: readonly Row<'entities'>[];
}> {
  const contract =
    input.contract === undefined
      ? null
      : await getFact(db, 'contracts', { contract: input.contract });
  const number = input.account ?? contract?.account;
  // Sellers are few: all of them are there sooner than one by its name after the answers that name it.
  const [sellers, account, moved] = await Promise.all([
    factRows(db, 'entities'),
    number === undefined ? null : getFact(db, 'accounts', { account: number }),
    number === undefined ? null : movedTo(db, { contract, account: number }, input.on),
  ]);
  const named = moved ?? contract?.entity ?? account?.entity ?? null;
  const seller = named === null ? sellers[0] : sellers.find(({ entity }) => entity === named);
  return { account, seller: seller ?? null, sellers };
}

/**
 * The time zone in which days are decided under a contract or to an account; for `{}` those of the whole installation: its
 * runs, its pages, its looks over the books. UTC where nobody sells yet.
 */
export async function timeZoneFor(
  db: Db,
  of: { contract?: string; account?: string },
): Promise<string> {
  return (await entityFor(db, of))?.timeZone ?? 'UTC';
}

/** The dated policies that hold on a day for an entity, account and contract, the narrowest winning; by policy name. */
export async function policiesFor(
  db: Db,
  input: {
    entity?: string | null;
    account?: string | null;
    contract?: string | null;
    on: string;
  },
): Promise<Record<string, string>> {
  const scopes = ['entity', 'account', 'contract'] as const;
  const ids = scopes.flatMap((scope) => (input[scope] ? [input[scope]] : []));
  const rows = ids.length === 0 ? [] : await factRows(db, 'policies', { id: ids });
  const found: Record<string, { value: string; scope: number; from: string }> = {};
  for (const row of rows) {
    const from = row.validFrom ?? '';
    if (input[row.scope] !== row.id || from > input.on) continue;
    const scope = scopes.indexOf(row.scope);
    const before = found[row.policy];
    if (before && (before.scope > scope || (before.scope === scope && before.from > from)))
      continue;
    found[row.policy] = { value: row.value, scope, from };
  }
  return Object.fromEntries(Object.entries(found).map(([policy, { value }]) => [policy, value]));
}

export type MailKind = 'invoice' | 'reminder' | 'statement' | 'key' | 'renewal';

/** Which contacts a kind of mail goes to where no contact says that it receives it. */
const ROLE_OF: Readonly<Record<MailKind, string>> = {
  invoice: 'billing',
  reminder: 'billing',
  statement: 'billing',
  key: 'technical',
  renewal: 'owner',
};

/**
 * Addresses for a kind of mail: contacts that receive it, else those of the fitting role, else the account's billing address,
 * else any billing contact. The account's cc addresses go with money matters. `to` is empty where nobody is known. Where the
 * account was merged, its survivor is written to.
 */
export async function recipientsFor(
  db: Db,
  of: string,
  kind: MailKind,
): Promise<{ to: string[]; cc: string[] }> {
  const account = await survivorOf(db, of);
  const [found, contacts] = await Promise.all([
    getFact(db, 'accounts', { account }),
    factRows(db, 'contacts', { account: [account] }),
  ]);
  const row = oneRow(found === null ? [] : [found], `account ${account}`);
  const addresses = (rows: readonly Row<'contacts'>[]) => rows.map(({ email }) => email);
  const receiving = contacts.filter(({ receives }) => receives?.includes(kind));
  const fitting = contacts.filter(
    ({ role, receives }) => role === ROLE_OF[kind] && !receives?.length,
  );
  const money = kind !== 'key' && kind !== 'renewal';
  const ladder = [
    addresses(receiving),
    money && row.billingEmail !== null ? [row.billingEmail] : [],
    addresses(fitting),
    row.billingEmail === null ? [] : [row.billingEmail],
    addresses(contacts.filter(({ role }) => role === 'billing')),
  ];
  const to = [...new Set(ladder.find((step) => step.length > 0) ?? [])];
  const cc = money ? (row.ccEmails ?? []).filter((email) => !to.includes(email)) : [];
  return { to, cc: [...cc] };
}

/** Contracts of an account, by number. */
export function contractsOfAccount(db: Db, account: string): Promise<string[]> {
  return factValues(db, 'contracts', 'contract', { account: [account] });
}
