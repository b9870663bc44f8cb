/**
 * The samples that a first start brings: whether they are in the record, what keeps them there, and taking them out whole, with
 * all that the product did about them, so that a company's own first bill run bills its own customers alone. Only while nothing
 * was issued from them: a number that was given stays given.
 */
import { and, inArray, isNull, sql } from 'drizzle-orm';
import { BOOK_TABLES, type ColumnSpec } from '../../domain/book/tables.ts';
import type { Db } from '../connect.ts';
import { FACT_TABLE_NAMES, type FactTableName } from '../fact-tables.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { imports } from '../schema.ts';
import { audit } from './audit.ts';
import { outdateLooks } from './findings.ts';
import {
  type ImportRecord,
  named,
  OBSTACLES,
  obstacleWords,
  removeDocuments,
} from './import-undo.ts';

/** The ids that a first start imports its samples under. */
export const SAMPLE_IMPORTS = {
  company: 'sample-company',
  receivables: 'accounts-receivable',
} as const;
const SAMPLE_IDS: readonly string[] = Object.values(SAMPLE_IMPORTS);

export interface SampleState {
  readonly present: boolean;
  readonly accounts: number;
  readonly contracts: number;
  /** What keeps them from being removed, in words; empty where nothing does. */
  readonly obstacles: readonly string[];
}

export interface SampleMembers {
  /** Their lifecycles end with them. */
  readonly contracts: readonly string[];
  /** Runs that were computed with them and nobody submitted; they go too. */
  readonly runs: readonly string[];
}

const NONE: SampleState = { present: false, accounts: 0, contracts: 0, obstacles: [] };

const inForce = and(inArray(imports.id, [...SAMPLE_IDS]), isNull(imports.undoneAt));
/** Which samples are in the record now. */
const samplesInForce = (db: Db) => db.select().from(imports).where(inForce);

/** Whether a sample is in the record. */
export async function hasSamples(db: Db): Promise<boolean> {
  return (await samplesInForce(db)).length > 0;
}

/** What is the samples' own, by name, for one transaction: accounts, contracts, companies, runs, and every name in a key. */
async function nameSamples(tx: Db): Promise<void> {
  const ids = sql.raw(SAMPLE_IDS.map((id) => `'${id}'`).join(', '));
  const table = (name: string, rows: ReturnType<typeof sql>) =>
    tx.execute(sql`create temporary table ${sql.identifier(name)} on commit drop as ${rows}`);
  await table('sample_imports', sql`select unnest(array[${ids}]) as id`);
  // A row that was written anew by hand bears no import's id; its contracts still tell whose it is.
  await table(
    'sample_accounts',
    sql`select account from accounts where import_id in (table sample_imports)
        or (import_id is null and account in (
              select account from contracts where import_id in (table sample_imports)))`,
  );
  await table(
    'sample_contracts',
    sql`select contract from contracts
         where import_id in (table sample_imports) or account in (table sample_accounts)`,
  );
  await table(
    'sample_entities',
    sql`select entity from entities where import_id in (table sample_imports)`,
  );
  await table(
    'sample_subcontracts',
    sql`select subcontract from subcontracts where contract in (table sample_contracts)`,
  );
  await table(
    'sample_runs',
    sql`select run from bill_runs where state in ('in_review', 'refused', 'failed') and run in (
          select run from bill_run_items
           where account in (table sample_accounts) or contract in (table sample_contracts))`,
  );
  await table(
    'sample_names',
    sql`table sample_accounts union table sample_contracts union table sample_subcontracts
        union select license from license_keys where account in (table sample_accounts)
        union select invoice from invoices where source in (table sample_imports)
        union select payment from payments where source in (table sample_imports)`,
  );
}

const OF_ACCOUNTS = 'account in (table sample_accounts)';
const OF_SUBCONTRACTS = 'subcontract in (table sample_subcontracts)';
const OF_IMPORT = 'import_id in (table sample_imports)';

/** Which rows of each table of facts are the samples'. */
const SAMPLE_FACTS: Readonly<Record<FactTableName, string>> = {
  entities: 'entity in (table sample_entities)',
  accounts: OF_ACCOUNTS,
  contacts: OF_ACCOUNTS,
  products: OF_IMPORT,
  prices: OF_IMPORT,
  promotions: OF_IMPORT,
  taxes: OF_IMPORT,
  indices: OF_IMPORT,
  contracts: 'contract in (table sample_contracts)',
  subcontracts: OF_SUBCONTRACTS,
  amendments: OF_SUBCONTRACTS,
  quotes: OF_ACCOUNTS,
  orders: OF_ACCOUNTS,
  timesheets: OF_ACCOUNTS,
  usage: OF_SUBCONTRACTS,
  licenses: OF_ACCOUNTS,
  incidents: OF_ACCOUNTS,
  policies: `${OF_IMPORT} or (scope = 'entity' and id in (table sample_entities))
    or (scope = 'account' and id in (table sample_accounts))
    or (scope = 'contract' and id in (table sample_contracts))`,
  campaigns: OF_IMPORT,
};

const OF_FINDINGS = `finding in (select number from findings where ${OF_ACCOUNTS}
  or contract in (table sample_contracts) or ${OF_SUBCONTRACTS}
  or coalesce(account, contract, subcontract) is null)`;
/** A key names what it is about between colons: `renewal:C-1042:2027-12-01`. */
const names = (key: string) =>
  `string_to_array(${key}, ':') && (select array_agg(account) from sample_names)`;

/** What the product made of the samples by itself, and what people noted on them; in an order that references allow. */
const MADE: readonly (readonly [table: string, condition: string])[] = [
  ['finding_questions', OF_FINDINGS],
  ['finding_events', OF_FINDINGS],
  ['findings', OF_FINDINGS.replace(/^finding/, 'number')],
  ['documents', names('key')],
  ['effects', names('key')],
  ['mails', `${OF_ACCOUNTS} or contract in (table sample_contracts)`],
  ['timeline_events', `${OF_ACCOUNTS} or contract in (table sample_contracts)`],
  ['contract_states', 'contract in (table sample_contracts)'],
  ['license_transitions', `license in (select license from license_keys where ${OF_ACCOUNTS})`],
  ['license_keys', OF_ACCOUNTS],
  ['grace_grants', OF_ACCOUNTS],
  ['corrections', OF_ACCOUNTS],
  ['renewals', OF_ACCOUNTS],
  ['crm_notes', OF_ACCOUNTS],
  ['approvals', names('subject')],
  ['received_papers', `contract in (table sample_contracts) or payment in (table sample_names)`],
  ['collections', OF_ACCOUNTS],
  ['payment_methods', OF_ACCOUNTS],
  ['payer_accounts', OF_ACCOUNTS],
  ['bill_runs', 'run in (table sample_runs)'],
  ['number_series', 'entity in (table sample_entities)'],
  ['closed_days', 'entity in (table sample_entities)'],
  ['closed_periods', 'entity in (table sample_entities)'],
];

/** Of import-undo.ts, those that are about what people or money did; what the product did by itself goes along. */
const KEPT_OBSTACLES = [
  OBSTACLES.runs,
  OBSTACLES.moved,
  OBSTACLES.arrivals,
  OBSTACLES.merges,
  OBSTACLES.closings,
];

/** What else stands in the way: how it is told, and what names the first few. */
const OWN_OBSTACLES: readonly (readonly [words: string, query: string])[] = [
  [
    'Documents were issued from it',
    `select invoice as name from invoices where source = 'perennial'
        and (${OF_ACCOUNTS} or contract in (table sample_contracts) or entity in (table sample_entities))
      order by 1 limit 6`,
  ],
  [
    'The books of its companies went on',
    `select distinct description as name from ledger_entries
      where entity in (table sample_entities) and key not like 'opening:%' and key not like 'issued:%'
      order by 1 limit 6`,
  ],
  [
    'Rehearsals run with copies of it; remove them first',
    'select clock as name from clocks order by 1 limit 6',
  ],
  [
    'Books were imported that share rows with it; undo those imports, remove the sample, and import them again',
    `select i.source as name from imports i
      where i.undone_at is null and i.row_hashes is not null and i.id not like 'clock:%'
        and i.id not in (table sample_imports)
        and exists (select 1 from jsonb_each(i.rows) r
             where (r.value->>'same')::int + (r.value->>'changed')::int > 0)
      order by 1 limit 6`,
  ],
];

async function obstaclesOf(tx: Db, samples: readonly ImportRecord[]): Promise<string[]> {
  const found: string[] = [];
  for (const [words, query] of OWN_OBSTACLES) {
    const rows = await tx.execute<{ name: string }>(sql.raw(query));
    if (rows.length > 0) found.push(`${words}: ${named(rows.map(({ name }) => name))}.`);
  }
  for (const { id, importedAt } of samples)
    for (const obstacle of KEPT_OBSTACLES) {
      const words = await obstacleWords(tx, obstacle, id, importedAt);
      if (words !== null && !found.includes(words)) found.push(words);
    }
  return [...found, ...(await referrers(tx))];
}

/** Rows of others that would name what is gone. */
async function referrers(tx: Db): Promise<string[]> {
  const found: string[] = [];
  for (const table of FACT_TABLE_NAMES)
    for (const [column, spec] of Object.entries<ColumnSpec>(BOOK_TABLES[table].columns)) {
      const target = FACT_TABLE_NAMES.find((name) => name === spec.references);
      if (target === undefined) continue;
      const rows = await tx.execute<{ name: string }>(sql`
        select distinct ${sql.identifier(column)} as name from ${sql.identifier(table)}
         where (${sql.raw(SAMPLE_FACTS[table])}) is not true and ${sql.identifier(column)} in (
           select ${sql.identifier(BOOK_TABLES[target].key[0])} from ${sql.identifier(target)}
            where ${sql.raw(SAMPLE_FACTS[target])}) limit 6`);
      const of = rows.map(({ name }) => name);
      if (of.length > 0) found.push(`Rows of ${table} name ${target} of it: ${named(of)}.`);
    }
  return found;
}

async function column(tx: Db, name: string, table: string): Promise<string[]> {
  const rows = await tx.execute<{ name: string }>(
    sql`select ${sql.identifier(name)} as name from ${sql.identifier(table)} order by 1`,
  );
  return rows.map((row) => row.name);
}

/** Whether the samples are there, how many customers they are, and what keeps them from being removed. */
export async function sampleState(db: Db): Promise<SampleState> {
  if (!(await hasSamples(db))) return NONE;
  return db.transaction(async (tx) => {
    const samples = await samplesInForce(tx);
    await nameSamples(tx);
    return {
      present: samples.length > 0,
      accounts: (await column(tx, 'account', 'sample_accounts')).length,
      contracts: (await column(tx, 'contract', 'sample_contracts')).length,
      obstacles: samples.length > 0 ? await obstaclesOf(tx, samples) : [],
    };
  });
}

/** Whose processes end with the samples. */
export async function sampleMembers(db: Db): Promise<SampleMembers> {
  return db.transaction(async (tx) => {
    await nameSamples(tx);
    return {
      contracts: await column(tx, 'contract', 'sample_contracts'),
      runs: await column(tx, 'run', 'sample_runs'),
    };
  });
}

/**
 * Removes the samples in one transaction: facts, imported documents with their opening entries, licenses, renewals, mails,
 * findings, runs in review. People, settings and what others imported stay; the audit trail keeps that it was. Refused with
 * `not-found` where no sample is, with `import-in-use` while something rests on it (issued documents, money that came).
 */
export async function removeSamples(
  db: Db,
  input: { readonly actor: Actor; readonly reason: string },
): Promise<{ readonly removed: Readonly<Record<string, number>> }> {
  const { actor, reason } = input;
  return db.transaction(async (tx) => {
    const samples = await samplesInForce(tx).for('update');
    if (samples.length === 0)
      throw new Refusal('not-found', 'There is no sample company in the record.');
    await nameSamples(tx);
    const obstacles = await obstaclesOf(tx, samples);
    if (obstacles.length > 0)
      throw new Refusal(
        'import-in-use',
        `${obstacles.join(' ')} To begin with your own, start with --empty in a data folder of its own.`,
        { obstacles },
      );
    await outdateLooks(tx);
    const removed = await removeRows(tx, samples);
    await tx.update(imports).set({ undoneAt: new Date(), undoneBy: actor.user }).where(inForce);
    await audit(tx, {
      actor,
      action: 'sample.remove',
      subject: 'samples',
      reason,
      details: { removed },
    });
    return { removed };
  });
}

async function removeRows(
  tx: Db,
  samples: readonly ImportRecord[],
): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  const count = (table: string, rows: number) => {
    if (rows > 0) removed[table] = (removed[table] ?? 0) + rows;
  };
  const remove = async (table: string, condition: string) => {
    const rows = await tx.execute(
      sql`delete from ${sql.identifier(table)} where ${sql.raw(condition)}`,
    );
    count(table, rows.count);
  };
  for (const [table, condition] of MADE) await remove(table, condition);
  for (const { id } of samples) {
    await tx.execute(sql`select set_config('perennial.undoing_import', ${id}, true)`);
    for (const [table, rows] of Object.entries(await removeDocuments(tx, id))) count(table, rows);
  }
  await tx.execute(sql`select set_config('perennial.undoing_import', '', true)`);
  for (const table of FACT_TABLE_NAMES.toReversed()) await remove(table, SAMPLE_FACTS[table]);
  // The first finding of a company's own is F-1.
  await tx.execute(sql`
    select setval(pg_get_serial_sequence('findings', 'number'), 1, false)
     where not exists (select 1 from findings)`);
  return removed;
}
