/**
 * Taking back the last import of a book, whole or not at all: added rows go, changed ones are put back as they were, documents
 * and their opening entries leave again. Only while nothing rests on it; what does is said in words.
 */
import { desc, eq, isNull, sql } from 'drizzle-orm';
import {
  BOOK_TABLES,
  CATALOGUE_TABLES,
  type ColumnSpec,
  type TableName,
} from '../../domain/book/tables.ts';
import type { Db } from '../connect.ts';
import { FACT_TABLE_NAMES, type FactTableName } from '../fact-tables.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { imports, invoices } from '../schema.ts';
import { audit } from './audit.ts';
import { postOpening } from './opening-entries.ts';

export type ImportRecord = typeof imports.$inferSelect;

export interface UndoneImport {
  readonly importId: string;
  /** Contracts that are gone: their processes end with them. */
  readonly contracts: readonly string[];
  readonly removed: Readonly<Record<string, number>>;
  readonly restored: Readonly<Record<string, number>>;
}

/** Facts that bills of any customer may rest on. */
const SHARED: readonly FactTableName[] = ['entities', ...CATALOGUE_TABLES, 'policies'];

/** Our columns of a fact table as one value, as it was written: what a hash of a row is made of. */
function rowText(table: FactTableName) {
  const columns = [...Object.keys(BOOK_TABLES[table].columns), 'custom'].map((name) =>
    sql.identifier(name),
  );
  return sql`row(${sql.join(columns, sql`, `)})::text`;
}

/** A hash per table over the rows that bear the import's id, whatever their order. */
export async function hashesOfRows(
  db: Db,
  importId: string,
  tables: Readonly<Record<string, unknown>>,
): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const table of FACT_TABLE_NAMES) {
    if (tables[table] === undefined) continue;
    const [row] = await db.execute<{ hash: string }>(sql`
      select count(*) || ':' || coalesce(sum(hashtextextended(${rowText(table)}, 0)::numeric), 0) as hash
        from ${sql.identifier(table)} where import_id = ${importId}`);
    hashes[table] = row?.hash ?? '';
  }
  return hashes;
}

/** The last import of a book that is still in force; null where there is none. Rehearsals' copies are none. */
export async function lastImport(db: Db): Promise<ImportRecord | null> {
  const [row] = await db
    .select()
    .from(imports)
    .where(
      sql`${isNull(imports.undoneAt)} and ${imports.rowHashes} is not null and ${imports.id} not like 'clock:%'`,
    )
    .orderBy(desc(imports.importedAt), desc(imports.id))
    .limit(1);
  return row ?? null;
}

/** What keeps an import from being undone, in words; empty where nothing does. */
export async function undoObstacles(
  db: Db,
  { id, importedAt, rowHashes }: ImportRecord,
): Promise<string[]> {
  const found: string[] = [];
  const now = await hashesOfRows(db, id, rowHashes ?? {});
  for (const [table, hash] of Object.entries(rowHashes ?? {}))
    if (now[table] !== hash)
      found.push(`Rows of ${table} were changed or removed since, by a person or by a renewal.`);
  for (const obstacle of Object.values(OBSTACLES)) {
    const words = await obstacleWords(db, obstacle, id, importedAt);
    if (words !== null) found.push(words);
  }
  return [...found, ...(await referrers(db, id))];
}

/** What stands in the way, with its first few names; null where nothing does. */
export async function obstacleWords(
  db: Db,
  [words, query]: Obstacle,
  id: string,
  since: Date,
): Promise<string | null> {
  const rows = await db.execute<{ name: string }>(query(id, since));
  const names = rows.map(({ name }) => name);
  return names.length > 0 ? `${words}: ${named(names)}.` : null;
}

const NAMED_MOST = 5;
export const named = (names: readonly string[]): string =>
  names.length > NAMED_MOST
    ? `${names.slice(0, NAMED_MOST).join(', ')} and more`
    : names.join(', ');

const contractsOf = (id: string) => sql`
  (select contract from contracts where import_id = ${id}
   union select contract from subcontracts where import_id = ${id}
   union select s.contract from amendments a join subcontracts s using (subcontract) where a.import_id = ${id})`;
const accountsOf = (id: string) => sql`(select account from accounts where import_id = ${id})`;
const sharedTouched = (id: string) =>
  sql.join(
    SHARED.map(
      (table) => sql`exists (select 1 from ${sql.identifier(table)} where import_id = ${id})`,
    ),
    sql` or `,
  );
const documentsOf = (id: string) => sql`(select invoice from invoices where source = ${id})`;
const moneyOf = (id: string) => sql`(select payment from payments where source = ${id})`;

type Query = (id: string, since: Date) => ReturnType<typeof sql>;

export type Obstacle = readonly [words: string, query: Query];

/** What may rest on an import: how it is told, and the names of the first few. */
export const OBSTACLES = {
  issued: [
    'Issued from it or after it',
    (id, since) => sql`
      select invoice as name from invoices i
       where source = 'perennial' and created_at >= ${since.toISOString()}::timestamptz
         and not exists (select 1 from clock_accounts k where k.account = i.account)
         and (account in ${accountsOf(id)} or contract in ${contractsOf(id)} or ${sharedTouched(id)}
           or exists (select 1 from invoice_lines l where l.invoice = i.invoice and l.contract in ${contractsOf(id)}))
       order by invoice limit 6`,
  ],
  runs: [
    'A bill run that was computed with it waits or goes out',
    (id) => sql`
      select distinct r.run as name from bill_runs r join bill_run_items i using (run)
       where r.state in ('computing', 'submitted', 'approved', 'issuing')
         and (i.contract in ${contractsOf(id)} or i.account in ${accountsOf(id)}) limit 6`,
  ],
  moved: [
    'Money or credit moved on its documents',
    (id) => sql`
      select name from (
        select invoice as name from payment_allocations
         where (invoice in ${documentsOf(id)} or payment in ${moneyOf(id)})
           and rule not in ('imported', 'implied', 'imported-reversal')
        union select invoice from payment_allocations
         where invoice in ${documentsOf(id)} and payment not in ${moneyOf(id)}
        union select invoice from credit_applications
         where (invoice in ${documentsOf(id)}) <> (credit_note in ${documentsOf(id)})
        union select invoice from invoices
         where source = ${id} and balance_minor <> (imported->>'balanceMinor')::bigint
        union select payment from payments
         where source = ${id} and state in ('returned', 'refunded') and imported->'row'->>'status' = 'received') moved
       order by name limit 6`,
  ],
  arrivals: [
    'Invoices or payments came to its customers',
    (id) => sql`
      select name from (
        select invoice as name from invoices where source not in ('perennial', ${id}) and account in
          (select account from accounts a where import_id = ${id} and not exists (
            select 1 from import_before b where b.import_id = ${id} and b.table_name = 'accounts'
               and b.row->>'account' = a.account))
        union select payment from payments where source <> ${id} and account in
          (select account from accounts a where import_id = ${id} and not exists (
            select 1 from import_before b where b.import_id = ${id} and b.table_name = 'accounts'
               and b.row->>'account' = a.account))) others
       order by name limit 6`,
  ],
  merges: [
    'Its customers were merged',
    (id) => sql`
      select account as name from account_merges
       where account in ${accountsOf(id)} or survivor in ${accountsOf(id)} order by account limit 6`,
  ],
  licenses: [
    'Licenses were issued for it',
    (id, since) => sql`
      select license as name from license_keys where created_at >= ${since.toISOString()}::timestamptz
         and contract in ${contractsOf(id)} order by license limit 6`,
  ],
  renewals: [
    'Renewals were drawn up for it',
    (id, since) => sql`
      select contract as name from renewals where created_at >= ${since.toISOString()}::timestamptz
         and contract in ${contractsOf(id)} order by contract limit 6`,
  ],
  mails: [
    'Mails went out about it',
    (id, since) => sql`
      select distinct subject as name from mails where created_at >= ${since.toISOString()}::timestamptz
         and (contract in ${contractsOf(id)} or invoice in ${documentsOf(id)}) limit 6`,
  ],
  rehearsals: [
    'Rehearsals run with it',
    (id) =>
      sql`select distinct clock as name from clock_accounts where account in ${accountsOf(id)} limit 6`,
  ],
  closings: [
    'The books are closed over its opening entries',
    (id) => sql`
      select distinct e.entity as name from ledger_entries e
        left join closed_days d on d.entity = e.entity
        left join closed_periods p on p.entity = e.entity and p.month = to_char(e.posted_on, 'YYYY-MM')
       where e.key in (select 'opening:' || invoice from invoices where source = ${id}
                 union select 'opening:payment:' || payment from payments where source = ${id})
         and (p.month is not null or d.closed_through >= e.posted_on) limit 6`,
  ],
} as const satisfies Readonly<Record<string, Obstacle>>;

/** Rows of others that name a row which the import added. */
async function referrers(db: Db, id: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of FACT_TABLE_NAMES)
    for (const [column, spec] of Object.entries<ColumnSpec>(BOOK_TABLES[table].columns)) {
      const target = FACT_TABLE_NAMES.find((name) => name === spec.references);
      if (target === undefined) continue;
      const key = BOOK_TABLES[target].key[0];
      const rows = await db.execute<{ name: string }>(sql`
        select distinct t.${sql.identifier(column)} as name from ${sql.identifier(table)} t
          join ${sql.identifier(target)} r on r.${sql.identifier(key)} = t.${sql.identifier(column)}
         where r.import_id = ${id} and t.import_id is distinct from ${id}
           and not exists (select 1 from import_before b
             where b.import_id = ${id} and b.table_name = ${target}
               and b.row->>${key} = r.${sql.identifier(key)})
         limit 6`);
      const names = rows.map(({ name }) => name);
      if (names.length > 0) found.push(`Later ${table} name ${target} of it: ${named(names)}.`);
    }
  return found;
}

/**
 * Undoes the last import of a book in one transaction. Refused with `import-not-last` for any other, and with `import-in-use`
 * while something rests on it (issued documents, money that moved, changed rows, closed books).
 */
export async function undoImport(
  db: Db,
  input: { readonly importId: string; readonly actor: Actor; readonly reason: string },
): Promise<UndoneImport> {
  const { importId, actor, reason } = input;
  return db.transaction(async (tx) => {
    const rows = await tx.select().from(imports).where(eq(imports.id, importId)).for('update');
    const record = oneRow(rows, `import ${importId}`);
    const last = await lastImport(tx);
    if (record.undoneAt !== null || last?.id !== importId)
      throw new Refusal(
        'import-not-last',
        record.undoneAt !== null
          ? 'This import was undone already.'
          : `Only the last import of a book can be undone${last === null ? '' : `: that of ${last.source}`}.`,
      );
    const obstacles = await undoObstacles(tx, record);
    if (obstacles.length > 0)
      throw new Refusal(
        'import-in-use',
        `${obstacles.join(' ')} Correct single rows instead, or import a corrected book over it.`,
        { obstacles },
      );
    await tx.execute(sql`select set_config('perennial.undoing_import', ${importId}, true)`);
    const contracts = await leaveRuns(tx, importId);
    const documents = await removeDocuments(tx, importId);
    await restoreDocuments(tx, importId);
    const facts = await restoreFacts(tx, importId);
    await tx.execute(sql`delete from import_before where import_id = ${importId}`);
    await tx
      .update(imports)
      .set({ undoneAt: new Date(), undoneBy: actor.user })
      .where(eq(imports.id, importId));
    await tx.execute(sql`select set_config('perennial.undoing_import', '', true)`);
    const removed = { ...facts.removed, ...documents };
    const details = { source: record.source, removed, restored: facts.restored };
    await audit(tx, { actor, action: 'book.import.undo', subject: importId, reason, details });
    return { importId, contracts, removed, restored: facts.restored };
  });
}

/** Runs in review lose what they computed from the import; its contracts lose what was said about them. */
async function leaveRuns(tx: Db, id: string): Promise<string[]> {
  const gone = await tx.execute<{ contract: string }>(sql`
    select contract from contracts c where import_id = ${id} and not exists (
      select 1 from import_before b
       where b.import_id = ${id} and b.table_name = 'contracts' and b.row->>'contract' = c.contract)`);
  const contracts = gone.map(({ contract }) => contract);
  await tx.execute(sql`
    update bill_run_items i set decision = 'exclude', state = 'left_out', reason = 'The import it was computed from was undone'
      from bill_runs r where r.run = i.run and r.state = 'in_review'
       and (i.contract in ${contractsOf(id)} or i.account in ${accountsOf(id)})`);
  const names = sql`${sql.param(contracts)}::text[]`;
  await tx.execute(sql`delete from timeline_events where contract = any(${names})`);
  await tx.execute(sql`delete from contract_states where contract = any(${names})`);
  return contracts;
}

/** Imported documents, payments and their opening entries; the triggers let it through for the import that is being undone. */
export async function removeDocuments(tx: Db, id: string): Promise<Record<string, number>> {
  const entries = sql`
    (select e.id from ledger_entries e join ledger_postings p on p.entry = e.id
      where p.invoice in ${documentsOf(id)} and e.key like 'opening:%'
     union select id from ledger_entries
      where key in (select 'opening:payment:' || payment from payments where source = ${id}))`;
  const gone = await tx.execute<{ id: string }>(sql`select id from ${entries} found`);
  const ids = sql`${sql.param(gone.map((row) => String(row.id)))}::bigint[]`;
  await tx.execute(sql`delete from ledger_postings where entry = any(${ids})`);
  await tx.execute(sql`delete from ledger_entries where id = any(${ids})`);
  await tx.execute(sql`
    delete from credit_applications where credit_note in ${documentsOf(id)} or invoice in ${documentsOf(id)}`);
  const removed: Record<string, number> = {};
  const remove = async (table: TableName, condition: ReturnType<typeof sql>) => {
    const rows = await tx.execute(sql`delete from ${sql.identifier(table)} where ${condition}`);
    if (rows.count > 0) removed[table] = rows.count;
  };
  await remove('payment_allocations', sql`payment in ${moneyOf(id)}`);
  await remove('invoice_lines', sql`invoice in ${documentsOf(id)}`);
  await remove('invoices', sql`source = ${id}`);
  await remove('payments', sql`source = ${id}`);
  return removed;
}

/** Imported history that this import told anew says again what it said before. */
async function restoreDocuments(tx: Db, id: string): Promise<void> {
  const kept = await tx.execute<{ row: Record<string, unknown> }>(sql`
    select row from import_before where import_id = ${id} and table_name = 'invoices' order by id`);
  for (const { row } of kept) {
    const invoice = String(row.invoice);
    const [now] = await tx
      .select()
      .from(invoices)
      .where(eq(invoices.invoice, invoice))
      .for('update');
    if (now === undefined) continue;
    const balanceMinor = Number(row.balance_minor);
    await tx.execute(sql`
      update invoices set balance_minor = ${balanceMinor}, state = ${String(row.state)},
             disputed = ${row.disputed === true}, imported = ${JSON.stringify(row.imported)}::text::jsonb
       where invoice = ${invoice}`);
    for (const [line, open] of Object.entries(row.lines as Record<string, number>))
      await tx.execute(sql`
        update invoice_lines set open_minor = ${open} where invoice = ${invoice} and line = ${line}`);
    await postOpening(tx, invoice, now.balanceMinor, balanceMinor);
  }
}

async function restoreFacts(
  tx: Db,
  id: string,
): Promise<Pick<UndoneImport, 'removed' | 'restored'>> {
  const removed: Record<string, number> = {};
  const restored: Record<string, number> = {};
  for (const table of FACT_TABLE_NAMES) {
    const name = sql.identifier(table);
    const gone = await tx.execute(sql`delete from ${name} where import_id = ${id}`);
    const back = await tx.execute(sql`
      insert into ${name} select r.* from import_before b, jsonb_populate_record(null::${name}, b.row) r
       where b.import_id = ${id} and b.table_name = ${table}`);
    if (gone.count - back.count > 0) removed[table] = gone.count - back.count;
    if (back.count > 0) restored[table] = back.count;
  }
  return { removed, restored };
}
