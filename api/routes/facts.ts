/**
 * Facts of the contract book over HTTP: products, prices, contacts, subcontracts and so on. Columns, kinds and required ones
 * come from the book's own description (domain/book/tables.ts), so that file and API never differ. Rows are the book's, in
 * camelCase; amounts in them are decimals as in the book.
 */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { audit, changeFact, type Db, getFact, putFact } from '../../db/index.ts';
import {
  BOOK_TABLES,
  type ColumnSpec,
  camel,
  type Row,
  type TableName,
} from '../../domain/book/tables.ts';
import { frequencyMonths } from '../../domain/charges/periods.ts';
import { isCivilDate } from '../../domain/dates/dates.ts';
import type { RouteContext, Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { checkMatch, tag } from '../http/etags.ts';
import { currencyCode, given, listQuery, page } from '../http/lists.ts';
import type { Action } from '../permissions.ts';
import { notFound, ProblemError } from '../problems.ts';
import { received } from './contacts.ts';

type FactTable = Exclude<
  TableName,
  'invoices' | 'invoice_lines' | 'payments' | 'payment_allocations'
>;

const decimal = z.string().regex(/^-?\d{1,15}(\.\d{1,6})?$/, 'a decimal, at most 6 decimals');
const short = z.string().trim().min(1).max(1000);

function columnSchema(spec: ColumnSpec): z.ZodType {
  if (spec.values !== undefined) return z.enum(spec.values as [string, ...string[]]);
  switch (spec.kind) {
    case 'date':
      return z.string().refine(isCivilDate, 'a date, YYYY-MM-DD');
    case 'month':
      return z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month, YYYY-MM');
    case 'monthDay':
      return z.string().regex(/^(0[1-9]|1[0-2])-\d{2}$/, 'MM-DD');
    case 'timestamp':
      return z.iso.datetime({ offset: true });
    case 'decimal':
    case 'amount':
      return decimal;
    case 'integer':
      return z.int();
    case 'boolean':
      return z.boolean();
    case 'currency':
      return currencyCode;
    case 'country':
      return z.string().regex(/^[A-Z]{2}$/, 'ISO 3166-1 alpha-2');
    case 'timeZone':
      return short.refine(isTimeZone, 'an IANA time zone');
    case 'email':
      return z.email().max(320);
    case 'list':
      return z.array(short).max(200);
    case 'frequency':
      return short.refine((text) => frequencyMonths(text) !== null, 'a billing frequency');
    case 'paymentTerms':
      return short.regex(
        /^(net \d+( end-of-month)?|due on receipt|\d+(\.\d+)?\/\d+ net \d+)$/i,
        'net N, net N end-of-month, due on receipt or d/D net N',
      );
    default:
      return short;
  }
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

const columnsOf = (table: TableName) =>
  Object.entries<ColumnSpec>(BOOK_TABLES[table].columns).map(
    ([column, spec]) => [camel(column), spec] as const,
  );

/** A whole new row: what is not given is empty, or the column's default. */
export function factBody(table: FactTable) {
  const shape: Record<string, z.ZodType> = {};
  for (const [column, spec] of columnsOf(table)) {
    const schema = columnSchema(spec);
    if (spec.required) shape[column] = schema;
    else if (spec.default === undefined) shape[column] = schema.nullable().default(null);
    else
      shape[column] = schema.default(
        spec.kind === 'boolean' ? spec.default === 'yes' : spec.default,
      );
  }
  if (table === 'contacts') shape.receives = received.nullable().default(null);
  return z.strictObject({ ...shape, custom: z.record(z.string(), z.string()).default({}) });
}

/** Changes to a row: any columns but its key and those that have addresses of their own. */
export function factChanges(table: FactTable, without: readonly string[] = []) {
  const keys = BOOK_TABLES[table].key.map((column) => camel(column));
  const shape: Record<string, z.ZodType> = {};
  for (const [column, spec] of columnsOf(table)) {
    if ((keys as string[]).includes(column) || without.includes(column)) continue;
    const schema = columnSchema(spec);
    const required = spec.required === true || spec.default !== undefined;
    shape[column] = (required ? schema : schema.nullable()).optional();
  }
  return z
    .strictObject(shape)
    .refine((changes) => Object.keys(changes).length > 0, 'name a column to change');
}

/** Changes one row that its author has read, and writes it to the audit trail. */
factChanges.apply = async <T extends FactTable>(
  { db }: Pick<RouteContext, 'db'>,
  request: FastifyRequest,
  table: T,
  key: Partial<Row<T>>,
): Promise<Row<T>> => {
  const actor = actorOf(request);
  const changes = request.body as Partial<Row<T>>;
  return db.transaction(async (tx) => {
    const current = await getFact(tx, table, key);
    if (current === null) throw notFound(singular(table), Object.values(key).join(' '));
    checkMatch(request, current);
    await checkReferences(tx, table, changes as Record<string, unknown>);
    const row = await changeFact(tx, table, key, changes);
    await audit(tx, {
      actor,
      action: `${singular(table)}.change`,
      subject: Object.values(key).join(' '),
      details: { columns: Object.keys(changes) },
    });
    return row;
  });
};

const singular = (table: FactTable): string => table.replace(/s$/, '');

/** A column that names a row of another table names one that is there. */
async function checkReferences(
  db: Db,
  table: FactTable,
  row: Readonly<Record<string, unknown>>,
): Promise<void> {
  for (const [column, spec] of columnsOf(table)) {
    const value = row[column];
    if (spec.references === undefined || typeof value !== 'string') continue;
    const target = spec.references as FactTable;
    const key = camel(BOOK_TABLES[target].key[0]);
    const found = await getFact(db, target, { [key]: value } as Partial<Row<typeof target>>);
    if (found === null) throw new ProblemError('invalid-input', `${column}: there is no ${value}.`);
  }
}

interface Noun {
  readonly path: string;
  readonly table: FactTable;
  readonly read: Action;
  readonly write: Action | null;
}

/** Nouns that are served as they stand in the book; accounts and contracts have pages of their own. */
const NOUNS: readonly Noun[] = [
  { path: 'contacts', table: 'contacts', read: 'contact:read', write: 'contact:write' },
  { path: 'products', table: 'products', read: 'product:read', write: 'product:write' },
  { path: 'prices', table: 'prices', read: 'price:read', write: 'price:write' },
  { path: 'promotions', table: 'promotions', read: 'price:read', write: 'price:write' },
  { path: 'subcontracts', table: 'subcontracts', read: 'contract:read', write: 'contract:amend' },
  { path: 'amendments', table: 'amendments', read: 'contract:read', write: null },
  { path: 'timesheets', table: 'timesheets', read: 'contract:read', write: 'contract:amend' },
  { path: 'usage', table: 'usage', read: 'contract:read', write: 'contract:amend' },
  { path: 'incidents', table: 'incidents', read: 'account:read', write: 'account:write' },
  { path: 'quotes', table: 'quotes', read: 'contract:read', write: null },
  { path: 'orders', table: 'orders', read: 'contract:read', write: null },
];

export const factRoutes: Routes = (app, context) => {
  const { db } = context;
  for (const { path, table, read, write } of NOUNS) {
    const keys = BOOK_TABLES[table].key.map((column) => camel(column) as string);
    const filters = Object.fromEntries(
      columnsOf(table)
        .filter(([, { kind }]) => kind !== 'list')
        .map(([column]) => [column, z.string().max(200).optional()]),
    );
    app.get(
      `/${path}`,
      {
        config: { permission: read },
        schema: { summary: `The book’s ${path}`, querystring: listQuery(filters) },
      },
      ({ query }) => {
        const { limit, cursor, sort, q, clock, ...filter } = query as unknown as {
          limit: number;
          cursor?: string;
          sort?: string;
          q?: string;
          clock?: string;
        } & Record<string, string | undefined>;
        const wanted = Object.entries(filter as Record<string, string | undefined>);
        const typed = Object.fromEntries(
          wanted.map(([column, value]) => [column, filterValue(table, column, value)]),
        );
        return page(
          db,
          table as never,
          { limit, cursor, sort, q, clock },
          given(typed),
          (rows) => rows,
        );
      },
    );
    if (write !== null)
      app.post(
        `/${path}`,
        {
          config: { permission: write },
          schema: { summary: `Add to the book’s ${path}`, body: factBody(table) },
        },
        async (request, reply) => {
          const row = request.body as unknown as Row<typeof table>;
          const byColumn = row as unknown as Record<string, unknown>;
          const key = Object.fromEntries(keys.map((column) => [column, byColumn[column]]));
          await db.transaction(async (tx) => {
            if ((await getFact(tx, table, key as never)) !== null)
              throw new ProblemError('already-exists', 'There is such a row; change that one.');
            await checkReferences(tx, table, byColumn);
            await putFact(tx, table, row as never);
            await audit(tx, {
              actor: actorOf(request),
              action: `${singular(table)}.create`,
              subject: Object.values(key).join(' '),
            });
          });
          tag(reply, row);
          return reply.code(201).send(row);
        },
      );
    if (keys.length === 1) singleRow(app, context, { path, table, read, write }, keys[0] ?? '');
  }
};

function filterValue(table: FactTable, column: string, value: string | undefined) {
  if (value === undefined) return undefined;
  const spec = columnsOf(table).find(([name]) => name === column)?.[1];
  if (spec?.kind === 'boolean') return value === 'true' || value === 'yes';
  return spec?.kind === 'integer' ? Number(value) : value;
}

/** Reading and changing one row whose key is one column. */
const singleRow = (
  app: Parameters<Routes>[0],
  context: RouteContext,
  { path, table, read, write }: Noun,
  column: string,
): void => {
  const params = z.object({ key: z.string().min(1).max(200) });
  const keyOf = (key: string) => ({ [column]: key }) as Partial<Row<typeof table>>;
  app.get(
    `/${path}/:key`,
    { config: { permission: read }, schema: { params } },
    async (request, reply) => {
      const { key } = request.params;
      const row = await getFact(context.db, table, keyOf(key));
      if (row === null) throw notFound(singular(table), key);
      tag(reply, row);
      return row;
    },
  );
  // An agreed amendment is history; a subcontract changes by amendments, its serial number and links by hand.
  if (write === null || table === 'usage') return;
  const fixed = ['quantity', 'unitPrice', 'discountPercent', 'start', 'end', 'contract', 'sku'];
  const without = table === 'subcontracts' ? fixed : [];
  app.patch(
    `/${path}/:key`,
    { config: { permission: write }, schema: { params, body: factChanges(table, without) } },
    async (request, reply) => {
      const row = await factChanges.apply(context, request, table, keyOf(request.params.key));
      tag(reply, row);
      return row;
    },
  );
};
