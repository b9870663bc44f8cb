/** Rows with nothing given: every column empty, defaults that need no other row filled in, as the reader would. */
import { BOOK_TABLES, type ColumnSpec, camel, type Row, type TableName } from './tables.ts';

/** A row of a table from the columns that are known; all others read as an empty field would. */
export function rowOf<T extends TableName>(table: T, given: Partial<Row<T>>): Row<T> {
  return { ...blankOf(table), custom: {}, ...given } as Row<T>;
}

const BLANKS = new Map<TableName, Readonly<Record<string, unknown>>>();

function blankOf(table: TableName): Readonly<Record<string, unknown>> {
  const known = BLANKS.get(table);
  if (known !== undefined) return known;
  const row: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries<ColumnSpec>(BOOK_TABLES[table].columns)) {
    // The only boolean default is "no".
    const fallback = spec.kind === 'boolean' && spec.default !== undefined ? false : spec.default;
    row[camel(name)] = fallback ?? null;
  }
  BLANKS.set(table, row);
  return row;
}
