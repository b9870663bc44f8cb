/** Lists for the API and pages: one filtered, sorted, cursor-paged reader for every noun. */
import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  gte,
  ilike,
  inArray,
  isNull,
  lte,
  ne,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { BOOK_TABLES, camel } from '../../domain/book/tables.ts';
import type { Db } from '../connect.ts';
import { FACT_TABLE_NAMES, type FactTableName, factTables } from '../fact-tables.ts';
import { Refusal } from '../refusal.ts';
import * as schema from '../schema.ts';
import { inWorld } from './contracts.ts';

interface ListSpec {
  readonly table: PgTable;
  readonly key: readonly string[];
  /** Only rows for which this holds: credit notes are invoices of one type. */
  readonly only?: SQL;
  /** Too heavy or too secret for lists. */
  readonly without?: readonly string[];
}

const DOCUMENT_LISTS = {
  invoices: {
    table: schema.invoices,
    key: ['invoice'],
    only: ne(schema.invoices.type, 'credit_note'),
  },
  creditNotes: {
    table: schema.invoices,
    key: ['invoice'],
    only: eq(schema.invoices.type, 'credit_note'),
  },
  invoiceLines: { table: schema.invoiceLines, key: ['invoice', 'line'] },
  payments: { table: schema.payments, key: ['payment'] },
  paymentAllocations: { table: schema.paymentAllocations, key: ['id'] },
  billRuns: { table: schema.billRuns, key: ['run'] },
  billRunItems: { table: schema.billRunItems, key: ['run', 'item'], without: ['document'] },
  licenseKeys: { table: schema.licenseKeys, key: ['license'], without: ['key'] },
  renewals: { table: schema.renewals, key: ['renewal'], without: ['agreement'] },
  mails: { table: schema.mails, key: ['key'] },
  timelineEvents: { table: schema.timelineEvents, key: ['id'] },
  auditEvents: { table: schema.auditEvents, key: ['seq'] },
  imports: { table: schema.imports, key: ['id'] },
  approvals: { table: schema.approvals, key: ['approval'] },
  inboxEvents: { table: schema.inboxEvents, key: ['id'], without: ['payload'] },
  corrections: { table: schema.corrections, key: ['correction'] },
  findings: { table: schema.findings, key: ['number'] },
  crmNotes: { table: schema.crmNotes, key: ['key'] },
  contractStates: { table: schema.contractStates, key: ['contract'] },
} as const satisfies Record<string, ListSpec>;

/** Lists by name: the book's fact tables, documents and records. */
export type ListName = FactTableName | keyof typeof DOCUMENT_LISTS;
export const LIST_NAMES = [...FACT_TABLE_NAMES, ...Object.keys(DOCUMENT_LISTS)] as ListName[];

export type FilterValue =
  | string
  | number
  | boolean
  | null
  | readonly (string | number)[]
  | { readonly from?: string | number; readonly to?: string | number }
  | { readonly like: string };
export interface ListQuery {
  /** Column (camelCase) → value; an array means any of them; `{from, to}` an inclusive range; `{like}` contains, ignoring case. */
  readonly filter?: Readonly<Record<string, FilterValue>>;
  /** Column to sort by; `-` before it sorts downward. Ties go by key. Default: the key. */
  readonly sort?: string;
  /** `next` of the page before. */
  readonly cursor?: string | null;
  /** Rows at most, 1 to 1000; the default is 50. */
  readonly limit?: number;
  /** Free text over the table's text columns, ignoring case. */
  readonly search?: string;
  /** For lists with an account: null only the real world, a name only that rehearsal; absent means both. */
  readonly clock?: string | null;
}
export interface ListPage {
  /** Rows with camelCase columns as the schema names them; amounts as integers in minor units. */
  readonly rows: readonly Record<string, unknown>[];
  /** Cursor of the next page; null on the last. */
  readonly next: string | null;
  /** Rows that the filter matches in all. */
  readonly total: number;
}

function specOf(list: ListName): ListSpec {
  if (list in DOCUMENT_LISTS) return DOCUMENT_LISTS[list as keyof typeof DOCUMENT_LISTS];
  const name = list as FactTableName;
  if (!FACT_TABLE_NAMES.includes(name))
    throw new Refusal('invalid-input', `There is no list ${list}.`);
  return {
    table: factTables[name],
    key: BOOK_TABLES[name].key.map((column) => camel(column)),
    without: ['importId', 'ordinal'],
  };
}

function columnsOf(spec: ListSpec): Record<string, PgColumn> {
  const hidden = new Set(spec.without);
  const all = Object.entries(getTableColumns(spec.table) as Record<string, PgColumn>);
  return Object.fromEntries(all.filter(([name]) => !hidden.has(name)));
}

function columnOf(columns: Record<string, PgColumn>, name: string): PgColumn {
  const column = columns[name];
  if (column === undefined)
    throw new Refusal(
      'invalid-input',
      `There is no column ${name}; there are ${Object.keys(columns).join(', ')}.`,
    );
  return column;
}

const escapeLike = (text: string) => text.replace(/[\\%_]/g, (char) => `\\${char}`);
const contains = (column: PgColumn, text: string) =>
  ilike(sql`${column}::text`, `%${escapeLike(text)}%`);

function conditionOf(column: PgColumn, value: FilterValue): SQL | undefined {
  if (value === null) return isNull(column);
  if (Array.isArray(value)) return inArray(column, [...value]);
  if (typeof value !== 'object') return eq(column, value);
  if ('like' in value) return contains(column, value.like);
  const { from, to } = value as { from?: string | number; to?: string | number };
  return and(
    from === undefined ? undefined : gte(column, from),
    to === undefined ? undefined : lte(column, to),
  );
}

function searchOf(columns: Record<string, PgColumn>, text: string): SQL | undefined {
  const searchable = Object.values(columns).filter(({ dataType }) => dataType === 'string');
  return or(...searchable.map((column) => contains(column, text)));
}

interface Order {
  readonly column: PgColumn;
  readonly name: string;
  readonly down: boolean;
}

function orderOf(
  spec: ListSpec,
  columns: Record<string, PgColumn>,
  sort: string | undefined,
): Order[] {
  const down = sort?.startsWith('-') ?? false;
  const first = sort === undefined ? [] : [down ? sort.slice(1) : sort];
  const names = [...new Set([...first, ...spec.key])];
  return names.map((name) => ({ name, column: columnOf(columns, name), down }));
}

/** A page's end is the values of the order's columns, as text; null sorts last, downward first. */
function afterCursor(order: readonly Order[], cursor: string): SQL | undefined {
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (cause) {
    const refusal = new Refusal(
      'invalid-input',
      'This cursor is none of ours: begin at the first page.',
    );
    refusal.cause = cause;
    throw refusal;
  }
  const sameOrder =
    Array.isArray(values) &&
    values.length === order.length + 1 &&
    values[0] === order.map(({ name, down }) => (down ? `-${name}` : name)).join(',');
  if (!sameOrder)
    throw new Refusal('invalid-input', 'This cursor is of another query: begin at the first page.');
  const texts = (values as unknown[]).slice(1) as (string | null)[];
  const steps = order.map(({ column, down }, index) => {
    const same = order
      .slice(0, index)
      .map(
        (before, at) =>
          sql`${before.column} is not distinct from ${cast(before.column, texts[at] ?? null)}`,
      );
    return and(...same, beyond(column, texts[index] ?? null, down));
  });
  return or(...steps);
}

const cast = (column: PgColumn, text: string | null) =>
  sql`${text}::text::${sql.raw(column.getSQLType().replace('bigserial', 'bigint').replace('serial', 'integer'))}`;

function beyond(column: PgColumn, text: string | null, down: boolean): SQL {
  if (text === null) return down ? sql`${column} is not null` : sql`false`;
  const value = cast(column, text);
  return down ? sql`${column} < ${value}` : sql`(${column} > ${value} or ${column} is null)`;
}

/** One page. An unknown column, or a cursor of another query, is refused with `invalid-input`. */
export async function listRows(db: Db, list: ListName, query: ListQuery = {}): Promise<ListPage> {
  const spec = specOf(list);
  const columns = columnsOf(spec);
  const limit = Math.min(1000, Math.max(1, query.limit ?? 50));
  const order = orderOf(spec, columns, query.sort);
  const { account } = columns;
  const matching = and(
    spec.only,
    ...Object.entries(query.filter ?? {}).map(([name, value]) =>
      conditionOf(columnOf(columns, name), value),
    ),
    query.search ? searchOf(columns, query.search) : undefined,
    query.clock === undefined || account === undefined
      ? undefined
      : inWorld(db, account, query.clock),
  );
  const texts = Object.fromEntries(
    order.map(({ column }, index) => [`cursor${index}`, sql<string | null>`${column}::text`]),
  );
  const rows = (await db
    .select({ ...columns, ...texts })
    .from(spec.table)
    .where(query.cursor ? and(matching, afterCursor(order, query.cursor)) : matching)
    .orderBy(...order.map(({ column, down }) => (down ? desc(column) : asc(column))))
    .limit(limit + 1)) as Record<string, unknown>[];
  const total = await db.$count(spec.table, matching);
  const page = rows.slice(0, limit);
  return {
    rows: page.map((row) =>
      Object.fromEntries(Object.keys(columns).map((name) => [name, row[name]])),
    ),
    next: rows.length > limit ? cursorAt(order, page.at(-1)) : null,
    total,
  };
}

function cursorAt(order: readonly Order[], row: Record<string, unknown> | undefined): string {
  const head = order.map(({ name, down }) => (down ? `-${name}` : name)).join(',');
  const values = order.map((_, index) => row?.[`cursor${index}`] ?? null);
  return Buffer.from(JSON.stringify([head, ...values])).toString('base64url');
}

/** Columns of a list, for checks at the border and for exports of exactly what is shown. */
export function listColumns(list: ListName): readonly string[] {
  return Object.keys(columnsOf(specOf(list)));
}
