/** Many rows in few statements: each batch is one JSON parameter instead of a parameter a value. */
import { getTableColumns, getTableName, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Db } from './connect.ts';

const BATCH_ROWS = 2000;

/**
 * Inserts rows given by the table's camelCase names. A column that only some rows have gets its plain default in the others;
 * one that none has is left to the database.
 */
export async function insertRows<T extends PgTable>(
  db: Db,
  table: T,
  rows: readonly T['$inferInsert'][],
): Promise<void> {
  const columns = getTableColumns(table) as Record<string, PgColumn>;
  const loose = rows as readonly Readonly<Record<string, unknown>>[];
  const used = Object.entries(columns).filter(([name]) =>
    loose.some((row) => row[name] !== undefined),
  );
  const name = sql.identifier(getTableName(table));
  const list = sql.join(
    used.map(([, column]) => sql.identifier(column.name)),
    sql`, `,
  );
  for (let start = 0; start < loose.length; start += BATCH_ROWS) {
    const batch = loose
      .slice(start, start + BATCH_ROWS)
      .map((row) =>
        Object.fromEntries(
          used.map(([key, column]) => [column.name, row[key] ?? column.default ?? null]),
        ),
      );
    await db.execute(sql`
      insert into ${name} (${list})
      select ${list} from json_populate_recordset(null::${name}, ${JSON.stringify(batch)}::text::json)`);
  }
}
