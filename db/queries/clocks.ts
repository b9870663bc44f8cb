/** Test clocks: rehearsals with copies of accounts, and their removal (glossary: test clock). */
import { asc, eq, sql } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { clockAccounts, clocks } from '../schema.ts';
import { worded } from '../worded.ts';
import { audit } from './audit.ts';
import { importBook } from './book-import.ts';
import { loadBook } from './book-load.ts';
import { rehearsalCopy } from './rehearsal-copy.ts';

export type Clock = typeof clocks.$inferSelect;

/** Refused with `clock-exists` where there is one of that name. */
export async function createClock(db: Db, input: { clock: string; today: string }): Promise<Clock> {
  const [added] = await db.insert(clocks).values(input).onConflictDoNothing().returning();
  if (added === undefined)
    throw new Refusal(
      'clock-exists',
      `There is a rehearsal ${input.clock} already; remove it first.`,
    );
  return added;
}

export async function getClock(db: Db, clock: string): Promise<Clock | null> {
  const [row] = await db.select().from(clocks).where(eq(clocks.clock, clock));
  return row ?? null;
}

export async function listClocks(db: Db): Promise<(Clock & { accounts: string[] })[]> {
  const rows = await db.select().from(clocks).orderBy(asc(clocks.clock));
  const accounts = await db.select().from(clockAccounts).orderBy(asc(clockAccounts.account));
  return rows.map((row) => ({
    ...row,
    accounts: accounts.filter(({ clock }) => clock === row.clock).map(({ account }) => account),
  }));
}

/** Moves it forward; never back (`clock-backwards`). */
export async function advanceClock(db: Db, clock: string, to: string): Promise<Clock> {
  return db.transaction(async (tx) => {
    const rows = await tx.select().from(clocks).where(eq(clocks.clock, clock)).for('update');
    const { today } = oneRow(rows, `rehearsal ${clock}`);
    if (to < today)
      throw new Refusal('clock-backwards', `It is ${today} in ${clock}; it cannot be ${to} again.`);
    const moved = await tx
      .update(clocks)
      .set({ today: to })
      .where(eq(clocks.clock, clock))
      .returning();
    return oneRow(moved, `rehearsal ${clock}`);
  });
}

/** The clock an account lives on; null in real time. */
export async function clockOf(db: Db, account: string): Promise<string | null> {
  const [row] = await worded(
    db,
    'clock of account',
    (any) =>
      any
        .select()
        .from(clockAccounts)
        .where(eq(clockAccounts.account, sql.placeholder('account'))),
    { account },
  );
  return row?.clock ?? null;
}

/**
 * Copies accounts with all their facts and history under a prefix (`DEMO-`: DEMO-A-001, DEMO-C-1042 …) into a clock's world.
 * Their entities are copied too, so that a rehearsal numbers its documents in series of its own (`DEMO-INV-2026-00001`) and
 * leaves no gap. Products, prices, taxes are shared. Answers the copies' numbers.
 */
export async function copyAccounts(
  db: Db,
  input: { clock: string; prefix: string; accounts: readonly string[] },
): Promise<{ accounts: string[]; contracts: string[] }> {
  const { clock, prefix, accounts } = input;
  return db.transaction(async (tx) => {
    oneRow(await tx.select().from(clocks).where(eq(clocks.clock, clock)), `rehearsal ${clock}`);
    const copy = rehearsalCopy(await loadBook(tx, { accounts }), prefix);
    const copied = copy.accounts.map(({ account }) => account);
    if (copied.length === 0) throw new Refusal('not-found', `There is no ${accounts.join(', ')}.`);
    const actor = { user: `rehearsal ${clock}`, role: 'service' };
    await importBook(tx, copy, { importId: `clock:${clock}`, actor });
    await tx
      .insert(clockAccounts)
      .values(copied.map((account) => ({ account, clock })))
      .onConflictDoNothing();
    return { accounts: copied, contracts: copy.contracts.map(({ contract }) => contract) };
  });
}

/** What is deleted, in an order that references allow. `a` is the clock's accounts, `n` every number and key of theirs. */
const REMOVALS: readonly (readonly [table: string, condition: string])[] = [
  [
    'payment_allocations',
    `payment in (select payment from payments where account in (table a))
     or invoice in (select invoice from invoices where account in (table a))`,
  ],
  ['credit_applications', 'invoice in (select invoice from invoices where account in (table a))'],
  ['ledger_postings', 'entry in (select id from ledger_entries where entity in (table e))'],
  ['ledger_entries', 'entity in (table e)'],
  ['documents', 'exists (select 1 from n where position(n.name in key) > 0)'],
  ['effects', 'exists (select 1 from n where position(n.name in key) > 0)'],
  ['mails', 'account in (table a)'],
  ['timeline_events', 'account in (table a) or contract in (table c)'],
  ['contract_states', 'contract in (table c)'],
  [
    'license_transitions',
    'license in (select license from license_keys where account in (table a))',
  ],
  ['license_keys', 'account in (table a)'],
  ['grace_grants', 'account in (table a)'],
  ['corrections', 'account in (table a)'],
  ['renewals', 'account in (table a)'],
  ['crm_notes', 'account in (table a)'],
  ['approvals', 'exists (select 1 from n where position(n.name in subject) > 0)'],
  ['invoice_lines', 'invoice in (select invoice from invoices where account in (table a))'],
  ['invoices', 'account in (table a)'],
  ['payments', 'account in (table a)'],
  ['bill_runs', 'clock = current_setting($$perennial.removing_clock$$)'],
  ['number_series', 'entity in (table e)'],
  ['closed_periods', 'entity in (table e)'],
  [
    'amendments',
    'subcontract in (select subcontract from subcontracts where contract in (table c))',
  ],
  ['usage', 'subcontract in (select subcontract from subcontracts where contract in (table c))'],
  ['subcontracts', 'contract in (table c)'],
  [
    'policies',
    `(scope = 'entity' and id in (table e)) or (scope = 'account' and id in (table a))
     or (scope = 'contract' and id in (table c))`,
  ],
  ['contracts', 'account in (table a)'],
  ['contacts', 'account in (table a)'],
  ['quotes', 'account in (table a)'],
  ['orders', 'account in (table a)'],
  ['timesheets', 'account in (table a)'],
  ['licenses', 'account in (table a)'],
  ['incidents', 'account in (table a)'],
  ['entities', 'entity in (table e)'],
  ['accounts', 'account in (table a)'],
  ['imports', 'id = $$clock:$$ || current_setting($$perennial.removing_clock$$)'],
];

async function nameWhatGoes(tx: Db, clock: string): Promise<void> {
  await tx.execute(sql`create temporary table a on commit drop as
    select account from clock_accounts where clock = ${clock}`);
  await tx.execute(sql`create temporary table e on commit drop as
    select entity from entities where import_id = ${`clock:${clock}`}`);
  await tx.execute(sql`create temporary table c on commit drop as
    select contract from contracts where account in (select account from a)`);
  await tx.execute(sql`create temporary table n on commit drop as
    select account as name from a union select contract from c
    union select invoice from invoices where account in (select account from a)
    union select document_key from invoices where account in (select account from a) and document_key is not null
    union select payment from payments where account in (select account from a)`);
}

/**
 * Deletes all that a rehearsal made: facts, documents, money, ledger, mails, runs, licenses. Nothing else can delete a document:
 * the triggers let it through for the accounts of this clock, in this transaction alone. The audit trail keeps that it was.
 */
export async function removeClock(
  db: Db,
  clock: string,
  actor: Actor = { user: 'rehearsal', role: 'service' },
): Promise<{ deleted: Record<string, number> }> {
  return db.transaction(async (tx) => {
    oneRow(await tx.select().from(clocks).where(eq(clocks.clock, clock)), `rehearsal ${clock}`);
    await tx.execute(sql`select set_config('perennial.removing_clock', ${clock}, true)`);
    await nameWhatGoes(tx, clock);
    const deleted: Record<string, number> = {};
    for (const [table, condition] of REMOVALS) {
      const rows = await tx.execute(
        sql`delete from ${sql.identifier(table)} where ${sql.raw(condition)}`,
      );
      if (rows.count > 0) deleted[table] = rows.count;
    }
    await tx.delete(clockAccounts).where(eq(clockAccounts.clock, clock));
    await tx.delete(clocks).where(eq(clocks.clock, clock));
    for (const name of ['a', 'e', 'c', 'n'])
      await tx.execute(sql`drop table ${sql.identifier(name)}`);
    await tx.execute(sql`select set_config('perennial.removing_clock', '', true)`);
    await audit(tx, { actor, action: 'clock.remove', subject: clock, details: { deleted } });
    return { deleted };
  });
}
