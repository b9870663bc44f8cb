/** A book's rows under other names: what a rehearsal bills instead of the real accounts. Pure. */
import {
  BOOK_TABLES,
  type Book,
  type ColumnSpec,
  camel,
  emptyBook,
  type Row,
  SHARED_TABLES,
  TABLE_NAMES,
  type TableName,
} from '../../domain/book/tables.ts';
import { DEFAULT_ENTITY } from './imported-documents.ts';

/** Columns that name a row of another table without saying so in the book's description. */
const NAMING: Partial<Record<TableName, readonly string[]>> = {
  subcontracts: ['opportunity'],
  quotes: ['quote', 'order'],
  orders: ['order', 'opportunity', 'contract', 'subcontract'],
  timesheets: ['entry'],
  usage: ['event'],
  invoice_lines: ['entry'],
  licenses: ['license', 'subcontract'],
  incidents: ['incident'],
  policies: ['id'],
  amendments: ['amendment'],
  entities: ['entity'],
  accounts: ['account'],
  contracts: ['contract'],
  invoices: ['invoice'],
  payments: ['payment'],
};

function renamedColumns(table: TableName): Set<string> {
  const specs = Object.entries<ColumnSpec>(BOOK_TABLES[table].columns);
  const references = specs
    .filter(([, { references: to }]) => to !== undefined && !SHARED_TABLES.has(to))
    .map(([name]) => camel(name));
  const names = [...references, ...(NAMING[table] ?? []).map(camel)];
  if (table === 'subcontracts') names.push('subcontract');
  return new Set(names);
}

type Loose = Readonly<Record<string, unknown>>;

function renamed(table: TableName, row: Loose, prefix: string): Loose {
  const columns = renamedColumns(table);
  const copy = Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      columns.has(name) && typeof value === 'string' ? `${prefix}${value}` : value,
    ]),
  );
  // A move names the contract it goes to.
  if (table === 'amendments' && row.kind === 'move' && typeof row.value === 'string')
    return { ...copy, value: `${prefix}${row.value}` };
  return copy;
}

/** A series of its own: a rehearsal that is thrown away leaves no gap in the real one. */
function renamedEntity(row: Row<'entities'>, prefix: string): Row<'entities'> {
  return { ...row, invoiceSeries: `${prefix}${row.invoiceSeries ?? 'INV'}`, nextNumber: null };
}

/** The entity that accounts without one get, where the book has none: UTC, each account's currency. */
function defaultEntity(prefix: string): Row<'entities'> {
  const columns = Object.keys(BOOK_TABLES.entities.columns).map((name) => [camel(name), null]);
  const empty = { ...Object.fromEntries(columns), custom: {} } as Row<'entities'>;
  return {
    ...empty,
    entity: `${prefix}${DEFAULT_ENTITY}`,
    invoiceSeries: `${prefix}INV`,
    timeZone: 'UTC',
  };
}

/** The rows that are an account's own, renamed by a prefix. Shared tables are left empty: a rehearsal reads the real ones. */
export function rehearsalCopy(book: Book, prefix: string): Book {
  const copy: Record<string, readonly unknown[]> = {};
  for (const table of TABLE_NAMES)
    copy[table] = SHARED_TABLES.has(table)
      ? []
      : (book[table] as readonly Loose[]).map((row) => renamed(table, row, prefix));
  const rows = { ...emptyBook(), ...(copy as unknown as Book) };
  const entities =
    rows.entities.length === 0
      ? [defaultEntity(prefix)]
      : rows.entities.map((row) => renamedEntity(row, prefix));
  const first = entities[0]?.entity ?? null;
  const accounts = rows.accounts.map((row) => ({ ...row, entity: row.entity ?? first }));
  const policies = rows.policies.filter(
    ({ scope, id }) => scope !== 'entity' || entities.some(({ entity }) => entity === id),
  );
  return { ...rows, entities, accounts, policies };
}
