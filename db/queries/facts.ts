/** Facts: rows of the contract book's tables, singly and in batches. Whole books: book-import.ts and book-load.ts. */
import { and, asc, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { BOOK_TABLES, type ColumnSpec, camel, type Row } from '../../domain/book/tables.ts';
import type { Db } from '../connect.ts';
import { type FactTableName, factTables } from '../fact-tables.ts';
import { oneRow } from '../one-row.ts';
import { Refusal } from '../refusal.ts';
import { stagedRows } from '../staged-rows.ts';
import { worded } from '../worded.ts';

export { type ImportCounts, type ImportOptions, importBook } from './book-import.ts';
export { exportBook, type LoadOptions, loadBook } from './book-load.ts';

export interface RowCounts {
  readonly added: number;
  readonly changed: number;
  readonly same: number;
}

/** More rows than this are staged; fewer are not worth a table. */
const STAGED_FROM = 500;

/** Columns of a fact table as the book names them (snake_case), `custom` included. */
export function factColumns(table: FactTableName): string[] {
  return [...Object.keys(BOOK_TABLES[table].columns), 'custom'];
}

function tableOf(name: FactTableName): PgTable {
  return factTables[name];
}

function columnOf(table: FactTableName, name: string): PgColumn {
  const columns = factTables[table] as unknown as Record<string, PgColumn>;
  const column = columns[name];
  if (column === undefined)
    throw new Refusal('invalid-input', `The table ${table} has no column ${name}.`);
  return column;
}

/** A database row without the columns that are no part of the book. */
function rowOf<T extends FactTableName>(found: Record<string, unknown>): Row<T> {
  const { importId: _import, ordinal: _ordinal, ...row } = found;
  return row as Row<T>;
}

/** Rows whose columns have one of the given values, in the order in which they came in. An empty filter means all. */
export async function factRows<T extends FactTableName>(
  db: Db,
  table: T,
  filter: Readonly<Record<string, readonly string[]>> = {},
): Promise<Row<T>[]> {
  const names = Object.keys(filter);
  const rows = await worded<Record<string, unknown>[]>(
    db,
    `${table} by any ${names.join(' ')}`,
    (any) =>
      any
        .select()
        .from(tableOf(table))
        .where(
          and(
            ...names.map(
              (name) => sql`${columnOf(table, name)} = any(${sql.placeholder(name)}::text[])`,
            ),
          ),
        )
        .orderBy(asc(columnOf(table, 'ordinal'))),
    filter,
  );
  return rows.map((row) => rowOf<T>(row));
}

/** All rows of a table in the order in which they came in, each with the import that brought it (null: none did). */
export async function rowsByImport<T extends FactTableName>(
  db: Db,
  table: T,
): Promise<{ readonly row: Row<T>; readonly importId: string | null }[]> {
  const found = await worded<Record<string, unknown>[]>(
    db,
    `all ${table}`,
    (any) =>
      any
        .select()
        .from(tableOf(table))
        .orderBy(asc(columnOf(table, 'ordinal'))),
    {},
  );
  return found.map((row) => {
    const { importId } = row;
    return { row: rowOf<T>(row), importId: typeof importId === 'string' ? importId : null };
  });
}

function keyCondition(table: FactTableName, key: Readonly<Record<string, unknown>>): SQL {
  const conditions = BOOK_TABLES[table].key.map((name) => {
    const column = columnOf(table, camel(name));
    const value = key[camel(name)] ?? null;
    return value === null ? isNull(column) : eq(column, value);
  });
  return and(...conditions) ?? sql`true`;
}

/** One row of fact by its key's columns (camelCase), or null. */
export async function getFact<T extends FactTableName>(
  db: Db,
  table: T,
  key: Partial<Row<T>>,
): Promise<Row<T> | null> {
  const given = BOOK_TABLES[table].key.map(camel);
  const values = key as Readonly<Record<string, unknown>>;
  const absent = given.filter((name) => (values[name] ?? null) === null);
  const asked = given.filter((name) => !absent.includes(name));
  const places = Object.fromEntries(asked.map((name) => [name, sql.placeholder(name)]));
  const [row] = await worded<Record<string, unknown>[]>(
    db,
    `${table} without ${absent.join(' ')}`,
    (any) => any.select().from(tableOf(table)).where(keyCondition(table, places)),
    values,
  );
  return row === undefined ? null : rowOf<T>(row);
}

/** What is not given is left out: the columns of a record that JSON does not name are null, and most of a row is. */
function jsonOf(columns: readonly (readonly [string, string])[], row: object): object {
  const values = row as Readonly<Record<string, unknown>>;
  const given: Record<string, unknown> = { custom: {} };
  for (const [name, field] of columns) {
    const value = values[field];
    if (value !== null && value !== undefined) given[name] = value;
  }
  return given;
}

/** Two rows of one key in a book would make the answer depend on their order. */
function demandUnique(table: FactTableName, rows: readonly object[]): void {
  const seen = new Set<string>();
  const [first = '', ...others] = BOOK_TABLES[table].key.map(camel);
  for (const row of rows as readonly Record<string, unknown>[]) {
    const key =
      others.length === 0
        ? String(row[first])
        : JSON.stringify([first, ...others].map((name) => row[name] ?? null));
    if (seen.has(key))
      throw new Refusal('duplicate-row', `${table} has two rows ${key}: keep one of them.`);
    seen.add(key);
  }
}

/** Rows of a key in the table and in a batch; columns that may be empty are compared as values, all others by the index. */
function sameKey(table: FactTableName): SQL {
  const columns: Readonly<Record<string, ColumnSpec>> = BOOK_TABLES[table].columns;
  const conditions = BOOK_TABLES[table].key.map((key) => {
    const column = sql.identifier(key);
    return columns[key]?.required === true
      ? sql`t.${column} = b.${column}`
      : sql`t.${column} is not distinct from b.${column}`;
  });
  return sql.join(conditions, sql` and `);
}

export interface PutOptions {
  /** Keep rows as they were before they are changed, under the import's id, so that it can be undone. */
  readonly keepBefore?: boolean;
}

async function hasRows(db: Db, name: SQL): Promise<boolean> {
  const [found] = await db.execute<{ found: boolean }>(
    sql`select exists (select 1 from ${name}) as found`,
  );
  return found?.found === true;
}

/** Rows as a statement reads them: few of them from its own text, many from where COPY has put them. */
async function sourceOf(
  db: Db,
  table: FactTableName,
  fields: readonly (readonly [string, string])[],
  rows: readonly object[],
): Promise<SQL> {
  if (rows.length > STAGED_FROM) {
    const given = rows.map((row) => ('custom' in row && row.custom ? row : { ...row, custom: {} }));
    return stagedRows(db, table, fields, given);
  }
  const text = JSON.stringify(rows.map((row) => jsonOf(fields, row)));
  return sql`json_populate_recordset(null::${sql.identifier(table)}, ${text}::text::json)`;
}

/** The statement that writes what a source has; what it changes is kept as it was before where `keepsBefore` says so. */
function putStatement(
  table: FactTableName,
  source: SQL,
  importId: string | null,
  keepsBefore: boolean,
): SQL {
  const columns = factColumns(table).map((column) => sql.identifier(column));
  const list = (prefix: SQL) =>
    sql.join(
      columns.map((column) => sql`${prefix}${column}`),
      sql`, `,
    );
  const name = sql.identifier(table);
  const keys = sql.join(
    BOOK_TABLES[table].key.map((key) => sql.identifier(key)),
    sql`, `,
  );
  const updates = sql.join(
    columns.map((column) => sql`${column} = excluded.${column}`),
    sql`, `,
  );
  const before = keepsBefore
    ? sql`, before as (
        insert into import_before (import_id, table_name, row)
        select ${importId}::text, ${table}::text, to_jsonb(t) from ${name} t join batch b on ${sameKey(table)}
         where (${list(sql`t.`)}) is distinct from (${list(sql`b.`)}))`
    : sql``;
  return sql`
    with batch as (select ${list(sql``)} from ${source})${before}, written as (
    insert into ${name} as t (${list(sql``)}, import_id)
    select ${list(sql``)}, ${importId}::text from batch
    on conflict (${keys}) do update set ${updates}, import_id = excluded.import_id
      where (${list(sql`t.`)}) is distinct from (${list(sql`excluded.`)})
    returning (xmax = 0) as added)
    select count(*) filter (where added) as added, count(*) filter (where not added) as changed from written`;
}

/** Inserts or updates rows of one table in one statement. A row that says what is there already counts as `same` and is not written. */
export async function putFacts<T extends FactTableName>(
  db: Db,
  table: T,
  rows: readonly Row<T>[],
  importId: string | null = null,
  { keepBefore = false }: PutOptions = {},
): Promise<RowCounts> {
  demandUnique(table, rows);
  const fields = factColumns(table).map((name) => [name, camel(name)] as const);
  const keepsBefore = keepBefore && (await hasRows(db, sql`${sql.identifier(table)}`));
  const write = async (tx: Db) => {
    const source = await sourceOf(tx, table, fields, rows);
    const statement = putStatement(table, source, importId, keepsBefore);
    return tx.execute<{ added: string; changed: string }>(statement);
  };
  const [written] = await (rows.length > STAGED_FROM ? db.transaction(write) : write(db));
  const [added, changed] = [Number(written?.added), Number(written?.changed)];
  return { added, changed, same: rows.length - added - changed };
}

/** Inserts or updates one row of fact; answers what happened. Documents have writers of their own. */
export async function putFact<T extends FactTableName>(
  db: Db,
  table: T,
  row: Row<T>,
  importId: string | null = null,
): Promise<'added' | 'changed' | 'same'> {
  const { added, changed } = await putFacts(db, table, [row], importId);
  return added > 0 ? 'added' : changed > 0 ? 'changed' : 'same';
}

/** Sets some columns of one row of fact; refused with `not-found`. The answer is the row as it is now. */
export async function changeFact<T extends FactTableName>(
  db: Db,
  table: T,
  key: Partial<Row<T>>,
  changes: Partial<Row<T>>,
): Promise<Row<T>> {
  const specs: Readonly<Record<string, ColumnSpec>> = BOOK_TABLES[table].columns;
  for (const name of BOOK_TABLES[table].key)
    if (camel(name) in changes)
      throw new Refusal('invalid-input', `${name} is part of the key of ${table}: it stays.`);
  const known = new Set([...Object.keys(specs).map(camel), 'custom']);
  for (const name of Object.keys(changes))
    if (!known.has(name))
      throw new Refusal('invalid-input', `The table ${table} has no column ${name}.`);
  const what = `row ${JSON.stringify(key)} in ${table}`;
  if (Object.keys(changes).length === 0) {
    const row = await getFact(db, table, key);
    return oneRow(row === null ? [] : [row], what);
  }
  const rows = await db
    .update(tableOf(table))
    .set(changes)
    .where(keyCondition(table, key))
    .returning();
  return rowOf<T>(oneRow(rows as Record<string, unknown>[], what));
}

/** Removes one row of fact; false where there was none. Subcontracts and contracts are ended, not removed. */
export async function removeFact<T extends FactTableName>(
  db: Db,
  table: T,
  key: Partial<Row<T>>,
): Promise<boolean> {
  const rows = await db.delete(tableOf(table)).where(keyCondition(table, key)).returning();
  return (rows as unknown[]).length > 0;
}

/** Values of one column of the rows that have one of the given values in another: account ids of contracts, and so on. */
export async function factValues(
  db: Db,
  table: FactTableName,
  column: string,
  filter: Readonly<Record<string, readonly string[]>>,
): Promise<string[]> {
  const conditions = Object.entries(filter).map(([name, values]) =>
    inArray(columnOf(table, name), [...values, '']),
  );
  const rows = await db
    .selectDistinct({ value: columnOf(table, column) })
    .from(tableOf(table))
    .where(and(...conditions));
  return rows.flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
}
