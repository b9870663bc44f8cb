/** A book out of the database: `Row<T>` as from CSV, documents with amounts as decimal strings of the major unit. */
import { asc, eq, inArray, or, type SQL, sql } from 'drizzle-orm';
import {
  BOOK_TABLES,
  type Book,
  camel,
  emptyBook,
  type Row,
  SETTLED_BESIDES,
  type TableName,
} from '../../domain/book/tables.ts';
import { formatMinor } from '../../domain/money/money.ts';
import type { Db } from '../connect.ts';
import { FACT_TABLE_NAMES, type FactTableName } from '../fact-tables.ts';
import { clockAccounts, invoiceLines, invoices, paymentAllocations, payments } from '../schema.ts';
import { factRows, factValues, rowsByImport } from './facts.ts';
import { settledIn } from './settling.ts';

export interface LoadOptions {
  /** Only these contracts, with their accounts and all that the engine needs to bill them. */
  readonly contracts?: readonly string[];
  /** Only these accounts, with their contracts. */
  readonly accounts?: readonly string[];
  /**
   * `null` (the default where no contract or account is named): the real world, without rehearsals' copies; a clock's
   * name: only that rehearsal's accounts.
   */
  readonly clock?: string | null;
  /** Only these tables, for a reader that looks at no other; the rest stays empty. */
  readonly tables?: readonly TableName[];
}

/** Whose rows are read; null means everybody's. */
interface Scope {
  readonly accounts: readonly string[];
  readonly contracts: readonly string[];
  readonly subcontracts: readonly string[];
  /** The rows by which it was found out: they are not read again. */
  readonly rows: Pick<Book, 'accounts' | 'contracts' | 'subcontracts'>;
}

/** Contracts that subcontracts moved between: each bills its own part of their history (billing rules §1, §3). */
async function withMoves(db: Db, contracts: readonly string[]): Promise<string[]> {
  const found = new Set(contracts);
  for (;;) {
    const before = found.size;
    const rows = await db.execute<{ origin: string; target: string }>(sql`
      select s.contract as origin, a.value as target from amendments a
        join subcontracts s on s.subcontract = a.subcontract
       where a.kind = 'move' and a.value is not null
         and (s.contract = any(${sql.param([...found])}::text[])
           or a.value = any(${sql.param([...found])}::text[]))`);
    for (const { origin, target } of rows) found.add(origin).add(target);
    if (found.size === before) return [...found];
  }
}

async function worldOf(db: Db, clock: string | null): Promise<readonly string[] | null> {
  const on = await db.select().from(clockAccounts);
  if (clock !== null) return on.filter((row) => row.clock === clock).map((row) => row.account);
  if (on.length === 0) return null;
  const rehearsing = new Set(on.map((row) => row.account));
  const all = await factValues(db, 'accounts', 'account', {});
  return all.filter((account) => !rehearsing.has(account));
}

type Terms = [agreed: Row<'contracts'>[], subcontracts: Row<'subcontracts'>[]];

const termsOf = (db: Db, contracts: readonly string[]): Promise<Terms> =>
  Promise.all([
    factRows(db, 'contracts', { contract: contracts }),
    factRows(db, 'subcontracts', { contract: contracts }),
  ]);

async function scopeOf(db: Db, options: LoadOptions): Promise<Scope | null> {
  let contracts: string[];
  let accounts: Set<string>;
  let terms: Terms;
  if (options.contracts !== undefined) {
    // Few contracts have moves: the rows of those that were named are read meanwhile.
    const [all, named] = await Promise.all([
      withMoves(db, options.contracts),
      termsOf(db, options.contracts),
    ]);
    contracts = all;
    accounts = new Set(options.accounts ?? []);
    terms = all.length === new Set(options.contracts).size ? named : await termsOf(db, all);
  } else {
    const chosen = options.accounts ?? (await worldOf(db, options.clock ?? null));
    if (chosen === null) return null;
    accounts = new Set(chosen);
    contracts = await withMoves(
      db,
      await factValues(db, 'contracts', 'contract', { account: chosen }),
    );
    terms = await termsOf(db, contracts);
  }
  const [agreed, subcontracts] = terms;
  for (const row of agreed)
    for (const party of [row.account, row.billTo, row.endUser, row.reseller])
      if (party !== null) accounts.add(party);
  const parties = await withParents(db, accounts);
  return {
    accounts: [...accounts],
    contracts,
    subcontracts: subcontracts.map(({ subcontract }) => subcontract),
    rows: { accounts: parties, contracts: agreed, subcontracts },
  };
}

/** The rows of accounts and their parents, whose names are added. */
async function withParents(db: Db, accounts: Set<string>): Promise<Row<'accounts'>[]> {
  const named = await factRows(db, 'accounts', { account: [...accounts] });
  const before = accounts.size;
  for (const { parent } of named) if (parent !== null) accounts.add(parent);
  return accounts.size === before ? named : factRows(db, 'accounts', { account: [...accounts] });
}

/** By which columns the rows of a table belong to a scope; those that are not here hold for all accounts. */
const BELONGS: Partial<Record<TableName, (scope: Scope) => Record<string, readonly string[]>>> = {
  contacts: ({ accounts }) => ({ account: accounts }),
  amendments: ({ subcontracts }) => ({ subcontract: subcontracts }),
  quotes: ({ accounts }) => ({ account: accounts }),
  orders: ({ accounts }) => ({ account: accounts }),
  timesheets: ({ accounts }) => ({ account: accounts }),
  usage: ({ subcontracts }) => ({ subcontract: subcontracts }),
  licenses: ({ accounts }) => ({ account: accounts }),
  incidents: ({ accounts }) => ({ account: accounts }),
};

function policiesIn(
  rows: readonly Row<'policies'>[],
  scope: Scope,
  entities: readonly Row<'entities'>[],
): Row<'policies'>[] {
  const contracts = new Set(scope.contracts);
  const accounts = new Set(scope.accounts);
  const inScope = new Set(entities.map(({ entity }) => entity));
  return rows.filter(({ scope: of, id }) =>
    of === 'entity' ? inScope.has(id) : of === 'account' ? accounts.has(id) : contracts.has(id),
  );
}

interface Sellers {
  readonly all: readonly Row<'entities'>[];
  /** Those that rehearsals made for themselves. */
  readonly ofRehearsals: ReadonlySet<string>;
}

async function sellersOf(db: Db): Promise<Sellers> {
  const all = await rowsByImport(db, 'entities');
  const copies = all.filter(({ importId }) => importId?.startsWith('clock:'));
  return {
    all: all.map(({ row }) => row),
    ofRehearsals: new Set(copies.map(({ row }) => row.entity)),
  };
}

function entitiesIn(
  { all, ofRehearsals }: Sellers,
  scope: Scope | null,
  accounts: readonly Row<'accounts'>[],
  contracts: readonly Row<'contracts'>[],
): Row<'entities'>[] {
  const used = new Set([...accounts, ...contracts].map(({ entity }) => entity));
  const inWorld = all.filter(({ entity }) => used.has(entity) || !ofRehearsals.has(entity));
  return scope !== null && inWorld.some(({ entity }) => ofRehearsals.has(entity))
    ? inWorld.filter(({ entity }) => ofRehearsals.has(entity))
    : inWorld;
}

/** The columns of a book table out of wider values: what the book does not know is left out. */
function projected<T extends TableName>(
  table: T,
  values: Readonly<Record<string, unknown>>,
  custom: Readonly<Record<string, string>>,
): Row<T> {
  const row = Object.keys(BOOK_TABLES[table].columns).map((name) => [
    camel(name),
    values[camel(name)] ?? null,
  ]);
  return { ...Object.fromEntries(row), custom } as Row<T>;
}

type InvoiceRecord = typeof invoices.$inferSelect;
type LineRecord = typeof invoiceLines.$inferSelect;
type PaymentRecord = typeof payments.$inferSelect;

/** A document as a row of the book: an imported one as it came, with what has moved since. */
export function invoiceRowOf(record: InvoiceRecord): Row<'invoices'> {
  const { imported, currency, custom } = record;
  const major = (minor: number) => formatMinor(minor, currency);
  if (imported === null)
    return projected(
      'invoices',
      {
        ...record,
        issued: record.issuedOn,
        due: record.dueOn,
        status: record.state,
        net: major(record.netMinor),
        tax: major(record.taxMinor),
        total: major(record.totalMinor),
        balance: major(record.balanceMinor),
      },
      // What was issued here counts in a period that began before the cut-over too.
      { ...custom, source: 'perennial' },
    );
  const { row } = imported;
  const moved = record.balanceMinor !== imported.balanceMinor;
  const movedValues = moved ? { balance: major(record.balanceMinor), status: record.state } : {};
  const disputed = record.disputed === (row.disputed ?? false) ? row.disputed : record.disputed;
  return projected('invoices', { ...row, ...movedValues, disputed }, custom);
}

export function lineRowOf(record: LineRecord, currency: string): Row<'invoice_lines'> {
  const { imported, custom } = record;
  if (imported !== null) return projected('invoice_lines', imported.row, custom);
  const net = formatMinor(record.netMinor, currency);
  const tax = formatMinor(record.taxMinor, currency);
  // A document of several contracts does not say which of them a line bills.
  const own = record.contract === null ? custom : { ...custom, contract: record.contract };
  return projected('invoice_lines', { ...record, net, tax }, own);
}

export function paymentRowOf(record: PaymentRecord): Row<'payments'> | null {
  const { imported, custom, account, state } = record;
  const status = state === 'returned' || state === 'refunded' ? state : 'received';
  if (imported !== null) return projected('payments', { ...imported.row, account, status }, custom);
  // The book knows no payment without an account; it is exported once somebody said whose it is.
  if (account === null) return null;
  const amount = formatMinor(record.amountMinor, record.currency);
  return projected('payments', { ...record, received: record.receivedOn, amount, status }, custom);
}

interface AllocationSum {
  readonly row: Row<'payment_allocations'> | null;
  readonly minor: number;
  /** What settled the invoice besides money. */
  readonly besidesMinor: number;
}

async function allocationRows(db: Db, of: SQL | undefined): Promise<Row<'payment_allocations'>[]> {
  const records = await db
    .select({ allocation: paymentAllocations, currency: payments.currency })
    .from(paymentAllocations)
    .innerJoin(payments, eq(payments.payment, paymentAllocations.payment))
    .where(of)
    .orderBy(asc(paymentAllocations.id));
  const sums = new Map<string, AllocationSum & { first: (typeof records)[number] }>();
  for (const record of records) {
    const { payment, invoice, line, rule, amountMinor, imported } = record.allocation;
    // What an imported payment's `invoice` column implies is said by that column.
    if (rule.startsWith('implied') || rule === 'imported-reversal') continue;
    const key = JSON.stringify([payment, invoice, line]);
    const before = sums.get(key);
    sums.set(key, {
      first: before?.first ?? record,
      minor: (before?.minor ?? 0) + amountMinor,
      besidesMinor: (before?.besidesMinor ?? 0) + settledIn(record.allocation) - amountMinor,
      row: before === undefined ? ((imported?.row as Row<'payment_allocations'>) ?? null) : null,
    });
  }
  return [...sums.values()].flatMap(({ first, minor, besidesMinor, row }) => {
    if (row !== null) return [row];
    if (minor === 0 && besidesMinor === 0) return [];
    const { payment, invoice, line } = first.allocation;
    return [
      {
        payment,
        invoice,
        line,
        amount: formatMinor(minor, first.currency),
        custom:
          besidesMinor === 0
            ? {}
            : { [SETTLED_BESIDES]: formatMinor(besidesMinor, first.currency) },
      } satisfies Row<'payment_allocations'>,
    ];
  });
}

async function documentsIn(db: Db, scope: Scope | null): Promise<Partial<Book>> {
  const any = (column: unknown, values: readonly string[]) =>
    sql`${column} = any(${sql.param([...values])}::text[])`;
  const billed =
    scope === null
      ? undefined
      : or(
          any(invoices.account, scope.accounts),
          any(invoices.contract, scope.contracts),
          inArray(
            invoices.invoice,
            db
              .select({ invoice: invoiceLines.invoice })
              .from(invoiceLines)
              .where(any(invoiceLines.subcontract, scope.subcontracts)),
          ),
        );
  const documents = await db
    .select()
    .from(invoices)
    .where(billed)
    .orderBy(asc(invoices.createdAt), asc(invoices.issuedOn), asc(invoices.invoice));
  const numbers = documents.map(({ invoice }) => invoice);
  const lines = await db
    .select({ line: invoiceLines, currency: invoices.currency })
    .from(invoiceLines)
    .innerJoin(invoices, eq(invoices.invoice, invoiceLines.invoice))
    .where(scope === null ? undefined : any(invoiceLines.invoice, numbers))
    .orderBy(asc(invoices.createdAt), asc(invoiceLines.invoice), asc(invoiceLines.position));
  const received = await db
    .select()
    .from(payments)
    .where(scope === null ? undefined : any(payments.account, scope.accounts))
    .orderBy(asc(payments.createdAt), asc(payments.receivedOn), asc(payments.payment));
  const allocations = await allocationRows(
    db,
    scope === null
      ? undefined
      : or(any(paymentAllocations.invoice, numbers), any(payments.account, scope.accounts)),
  );
  return {
    invoices: documents.map(invoiceRowOf),
    // A line that stands in for an imported document without lines is ours, not the book's.
    invoice_lines: lines
      .filter(({ line }) => line.kind !== null || line.imported !== null)
      .map(({ line, currency }) => lineRowOf(line, currency)),
    payments: received.map(paymentRowOf).filter((row) => row !== null),
    payment_allocations: allocations,
  };
}

type TableRows = Partial<Record<TableName, readonly unknown[]>>;

/** A whole book's tables are long: only one of them is on its way at a time. */
async function oneByOne(
  names: readonly FactTableName[],
  read: (table: FactTableName) => Promise<readonly unknown[]>,
): Promise<TableRows> {
  const rows: TableRows = {};
  for (const name of names) rows[name] = await read(name);
  return rows;
}

/** The rows of few contracts are short: what costs is waiting for each answer before the next question. */
async function sideBySide(
  names: readonly FactTableName[],
  read: (table: FactTableName) => Promise<readonly unknown[]>,
): Promise<TableRows> {
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await read(name)] as const)),
  );
}

/** The book as the engine reads it: `Row<T>` as from CSV, documents included, ours too, amounts as decimal strings. */
export async function loadBook(db: Db, options: LoadOptions = {}): Promise<Book> {
  const scope = await scopeOf(db, options);
  const wanted = (table: TableName) => options.tables?.includes(table) ?? true;
  const inScope: TableRows = scope?.rows ?? {};
  const read = async (table: FactTableName) =>
    inScope[table] ?? factRows(db, table, scope === null ? {} : (BELONGS[table]?.(scope) ?? {}));
  const names = FACT_TABLE_NAMES.filter(
    (table) => table !== 'entities' && table !== 'policies' && wanted(table),
  );
  const [facts, sellers, policies] = await Promise.all([
    scope === null ? oneByOne(names, read) : sideBySide(names, read),
    sellersOf(db),
    factRows(db, 'policies'),
  ]);
  const book = { ...emptyBook(), ...(facts as Partial<Book>) };
  const entities = entitiesIn(sellers, scope, book.accounts, book.contracts);
  return {
    ...book,
    entities,
    policies: scope === null ? policies : policiesIn(policies, scope, entities),
    ...(wanted('invoices') ? await documentsIn(db, scope) : {}),
  };
}

/** All that `book export` writes: what was imported comes back as it was, what was issued since is added. */
export function exportBook(db: Db): Promise<Book> {
  return loadBook(db, { clock: null });
}
