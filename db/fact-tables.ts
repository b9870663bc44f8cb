/**
 * The book's tables in the database: one SQL table per table of the contract book, its columns, keys and names taken from
 * domain/book/tables.ts, so that the two cannot drift apart. Documents (invoices, payments) have tables of their own in
 * schema.ts, because there an amount is an integer and a document is never changed.
 */
import {
  bigserial,
  boolean,
  date,
  integer,
  jsonb,
  numeric,
  type PgColumnBuilderBase,
  type PgTable,
  pgTable,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { BOOK_TABLES, type ColumnSpec, camel, type TableName } from '../domain/book/tables.ts';

/** Tables whose rows become documents of our own rather than facts. */
const DOCUMENT_TABLES = ['invoices', 'invoice_lines', 'payments', 'payment_allocations'] as const;
export type DocumentTableName = (typeof DOCUMENT_TABLES)[number];
export type FactTableName = Exclude<TableName, DocumentTableName>;
export const FACT_TABLE_NAMES = (Object.keys(BOOK_TABLES) as TableName[]).filter(
  (name): name is FactTableName => !(DOCUMENT_TABLES as readonly string[]).includes(name),
);

// A timestamp is kept as text, as it was written: its offset belongs to it, and exports give the same row back.
function column(name: string, spec: ColumnSpec): PgColumnBuilderBase {
  const required = spec.required === true || spec.default !== undefined;
  switch (spec.kind) {
    case 'date':
      return required ? date(name, { mode: 'string' }).notNull() : date(name, { mode: 'string' });
    case 'decimal':
    case 'amount':
      return required ? numeric(name).notNull() : numeric(name);
    case 'integer':
      return required ? integer(name).notNull() : integer(name);
    case 'boolean':
      return required ? boolean(name).notNull() : boolean(name);
    case 'list':
      return text(name).array();
    default:
      return required ? text(name).notNull() : text(name);
  }
}

function factTable(name: FactTableName): PgTable {
  const spec = BOOK_TABLES[name];
  const columns: Record<string, PgColumnBuilderBase> = {};
  for (const [columnName, columnSpec] of Object.entries<ColumnSpec>(spec.columns))
    columns[camel(columnName)] = column(columnName, columnSpec);
  columns.custom = jsonb('custom').notNull().default({});
  columns.importId = text('import_id');
  /** The order of rows as they came in; exports keep it. */
  columns.ordinal = bigserial('ordinal', { mode: 'number' });
  return pgTable(name, columns as Record<string, ReturnType<typeof text>>, (table) => [
    unique(`${name}_key`)
      .on(
        ...(spec.key.map((keyColumn) => table[camel(keyColumn)]) as [
          (typeof table)[string],
          ...(typeof table)[string][],
        ]),
      )
      .nullsNotDistinct(),
  ]);
}

/** Every fact table by its name in the book. Rows are read and written as `Row<T>` by db/queries/facts.ts. */
export const factTables = Object.fromEntries(
  FACT_TABLE_NAMES.map((name) => [name, factTable(name)]),
) as Record<FactTableName, PgTable>;

export const {
  entities,
  accounts,
  contacts,
  products,
  prices,
  promotions,
  taxes,
  indices,
  contracts,
  subcontracts,
  amendments,
  quotes,
  orders,
  timesheets,
  usage,
  licenses,
  incidents,
  policies,
  campaigns,
} = factTables;
