/** Many rows on their way into a table: by COPY into a table of this transaction alone, from which one statement takes them. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type SQL, sql } from 'drizzle-orm';
import { clientUnder } from './client-under.ts';
import type { Db } from './connect.ts';

const CHUNK_ROWS = 1000;

/** What COPY's text format writes otherwise than it is. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};
const escaped = (text: string) =>
  /[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (char) => ESCAPES[char] ?? char) : text;

/** An array as the server reads one. */
const listText = (items: readonly unknown[]) =>
  `{${items.map((item) => `"${String(item).replace(/[\\"]/g, '\\$&')}"`).join(',')}}`;

function copyText(value: unknown): string {
  if (value === null || value === undefined) return '\\N';
  if (typeof value === 'string') return escaped(value);
  if (Array.isArray(value)) return escaped(listText(value));
  return typeof value === 'object' ? escaped(JSON.stringify(value)) : String(value);
}

function* chunksOf(rows: readonly object[], fields: readonly string[]): Generator<string> {
  const loose = rows as readonly Readonly<Record<string, unknown>>[];
  for (let start = 0; start < loose.length; start += CHUNK_ROWS) {
    let text = '';
    for (const row of loose.slice(start, start + CHUNK_ROWS)) {
      for (const [at, field] of fields.entries())
        text += at === 0 ? copyText(row[field]) : `\t${copyText(row[field])}`;
      text += '\n';
    }
    yield text;
  }
}

/**
 * Copies rows into a table of this transaction, which ends with it, and answers its name.
 *
 * @param tx a transaction: another connection would not see the table
 * @param like the table whose columns it has, with their types and without their constraints
 * @param columns the table's column names with the rows' names for them; what a row leaves out is null
 */
export async function stagedRows(
  tx: Db,
  like: string,
  columns: readonly (readonly [column: string, field: string])[],
  rows: readonly object[],
): Promise<SQL> {
  const staged = sql.identifier(`staged_${like}`);
  const list = sql.join(
    columns.map(([column]) => sql.identifier(column)),
    sql`, `,
  );
  await tx.execute(sql`drop table if exists pg_temp.${staged}`);
  await tx.execute(
    sql`create temporary table ${staged} on commit drop as select ${list} from ${sql.identifier(like)} with no data`,
  );
  const names = columns.map(([column]) => `"${column}"`).join(', ');
  const into = await clientUnder(tx)
    .unsafe(`copy pg_temp."staged_${like}" (${names}) from stdin`)
    .writable();
  const fields = columns.map(([, field]) => field);
  await pipeline(Readable.from(chunksOf(rows, fields)), into);
  return sql`pg_temp.${staged}`;
}
