/**
 * The database of a company on the first released state, migrated to this one. `0.1.0.json` holds every row that version
 * 0.1.0 wrote (migrations through 0004) while it lived the year of a customer who paid late: run, mails, reminders, grace,
 * payment, full keys.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  applyAllocation,
  assertPaymentInvariant,
  type Connection,
  connect,
  getInvoice,
  issueSingle,
  licensesOf,
  mailsOf,
  recordPayment,
  trialBalance,
  verifyAudit,
  verifyLedger,
} from '../../../db/index.ts';
import { migrate } from '../../../db/migrate.ts';
import { createEmptyDatabase } from '../../infrastructure/servers.ts';
import { document } from '../db/sample-facts.ts';

/** The last migration of version 0.1.0. */
const LAST_OF_FIRST = 4;
const MIGRATIONS = join(import.meta.dirname, '..', '..', '..', 'db', 'migrations');

type Rows = Record<string, Record<string, unknown>[]>;
const written: Rows = JSON.parse(readFileSync(join(import.meta.dirname, '0.1.0.json'), 'utf8'));

/** The migrations of version 0.1.0 alone, as its checkout held them. */
function firstMigrations(): string {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-upgrade-'));
  cpSync(MIGRATIONS, folder, { recursive: true });
  const file = join(folder, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: { idx: number }[] };
  journal.entries = journal.entries.filter(({ idx }) => idx <= LAST_OF_FIRST);
  writeFileSync(file, JSON.stringify(journal));
  return folder;
}

/** Rows as they were, past triggers and references, as a restored dump has them; sequences go on behind them. */
async function load(sql: postgres.Sql, rows: Rows): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    for (const [table, list] of Object.entries(rows))
      await tx`insert into ${tx(table)} overriding system value
        select * from jsonb_populate_recordset(null::${tx(table)}, ${JSON.stringify(list)}::text::jsonb)`;
    const counted = await tx<{ table: string; column: string; sequence: string }[]>`
      select c.table_name as table, c.column_name as column,
        pg_get_serial_sequence(c.table_name, c.column_name) as sequence
      from information_schema.columns c where c.table_schema = 'public'
        and pg_get_serial_sequence(c.table_name, c.column_name) is not null`;
    for (const { table, column, sequence } of counted)
      await tx`select setval(${sequence}, (select coalesce(max(${tx(column)}), 0) + 1 from ${tx(table)}), false)`;
  });
}

let connection: Connection;
beforeAll(async () => {
  const url = await createEmptyDatabase();
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const folder = firstMigrations();
  await applyMigrations(drizzle(sql), { migrationsFolder: folder });
  rmSync(folder, { recursive: true });
  await load(sql, written);
  await sql.end();
  await migrate(url);
  connection = connect(url);
});
afterAll(() => connection?.close());

describe('a database of version 0.1.0', () => {
  it('keeps every row of every table', async () => {
    const { sql } = connection;
    for (const [table, rows] of Object.entries(written)) {
      const [found] = await sql<{ count: number }[]>`
        select count(*)::int as count from ${sql(table)}`;
      expect([table, found?.count]).toEqual([table, rows.length]);
    }
  });

  it('has books that add up and an audit trail without a break', async () => {
    const { db } = connection;
    expect(await verifyLedger(db)).toEqual([]);
    expect(await verifyAudit(db)).toMatchObject({ ok: true });
    await assertPaymentInvariant(db);
    const balances = await trialBalance(db, {});
    expect(balances.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0)).toBe(0);
    const [old] = written.invoices ?? [];
    const found = await getInvoice(db, String(old?.invoice));
    expect(found?.invoice).toMatchObject({ totalMinor: old?.total_minor, balanceMinor: 0 });
    expect(await mailsOf(db, { account: 'A-1' })).toHaveLength(written.mails?.length ?? 0);
  });

  it('finds the keys that it has issued', async () => {
    const keys = await licensesOf(connection.db, { account: 'A-1' });
    expect(keys.map(({ license, state }) => [license, state]).sort()).toEqual(
      (written.license_keys ?? []).map(({ license, state }) => [license, state]).sort(),
    );
    for (const { fingerprint, keyEnd, license } of keys) {
      expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
      const old = written.license_keys?.find((row) => row.license === license);
      expect(String(old?.key).endsWith(keyEnd)).toBe(true);
    }
  });

  it('goes on: the next number follows the last, and money finds it', async () => {
    const { db } = connection;
    const [series] = written.number_series ?? [];
    const { invoice } = await issueSingle(db, {
      documentKey: 'invoice:C-1001:2028-02',
      type: 'invoice',
      document: document({ subject: 'C-1001', entity: 'HQ', currency: 'EUR' }),
      issuedOn: `${series?.fiscal_year}-12-15`,
    });
    expect(invoice.invoice).toMatch(/-00002$/);
    const { payment } = await recordPayment(db, {
      payment: 'manual:after',
      account: 'A-1',
      receivedOn: invoice.issuedOn,
      amountMinor: invoice.totalMinor,
      currency: invoice.currency,
    });
    const lines = await getInvoice(db, invoice.invoice);
    await applyAllocation(db, {
      payment: payment.payment,
      on: invoice.issuedOn,
      rule: 'exact',
      allocations: (lines?.lines ?? []).map(({ line, openMinor }) => ({
        invoice: invoice.invoice,
        line,
        amount: openMinor,
      })),
    });
    expect((await getInvoice(db, invoice.invoice))?.invoice.balanceMinor).toBe(0);
    expect(await verifyLedger(db)).toEqual([]);
  });
});
