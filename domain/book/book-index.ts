/** Look-ups over a book: every row by its key, and the rows that belong to another. Built once, read many times. */
import type { Book, Row } from './tables.ts';

export interface BookIndex {
  readonly book: Book;
  readonly entities: ReadonlyMap<string, Row<'entities'>>;
  readonly accounts: ReadonlyMap<string, Row<'accounts'>>;
  readonly products: ReadonlyMap<string, Row<'products'>>;
  readonly contracts: ReadonlyMap<string, Row<'contracts'>>;
  readonly subcontracts: ReadonlyMap<string, Row<'subcontracts'>>;
  readonly promotions: ReadonlyMap<string, Row<'promotions'>>;
  readonly invoices: ReadonlyMap<string, Row<'invoices'>>;
  readonly subcontractsOf: ReadonlyMap<string, readonly Row<'subcontracts'>[]>;
  /** Subcontracts that some amendment moves to the contract. */
  readonly movedTo: ReadonlyMap<string, readonly Row<'subcontracts'>[]>;
  readonly amendmentsOf: ReadonlyMap<string, readonly Row<'amendments'>[]>;
  readonly usageOf: ReadonlyMap<string, readonly Row<'usage'>[]>;
  readonly timesheetsOf: ReadonlyMap<string, readonly Row<'timesheets'>[]>;
  /** Timesheet entries without a contract, by account. */
  readonly timesheetsOfAccount: ReadonlyMap<string, readonly Row<'timesheets'>[]>;
  /** Price rows by price list, SKU, currency. */
  readonly prices: Nested3<Row<'prices'>>;
  /** Policy rows by policy, scope, id: most policies nobody ever set. */
  readonly policies: Nested3<Row<'policies'>>;
  /** Tax rows by country, category. */
  readonly taxes: Nested2<Row<'taxes'>>;
}

/** Rows by two keys, one after the other: asking needs no key put together. */
export type Nested2<R> = ReadonlyMap<string, ReadonlyMap<string, readonly R[]>>;
/** Rows by three. */
export type Nested3<R> = ReadonlyMap<string, Nested2<R>>;

/** A key of several parts; the separator can not stand in a field that people type. */
export function compositeKey(...parts: readonly string[]): string {
  return parts.join('\u001f');
}

function by<R>(rows: readonly R[], keyOf: (row: R) => string): Map<string, R> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}

/** Rows grouped by a key; rows whose key is null are left out. */
export function groupBy<R>(rows: readonly R[], keyOf: (row: R) => string | null): Map<string, R[]> {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

/** Rows grouped by a key, and each group by whatever comes next. */
function nested<R, G>(
  rows: readonly R[],
  keyOf: (row: R) => string,
  further: (group: readonly R[]) => G,
): Map<string, G> {
  return new Map([...groupBy(rows, keyOf)].map(([key, group]) => [key, further(group)]));
}

/** Amendments in the order in which they apply: effective, then recorded, then id (billing rules §3). */
function inOrder(a: Row<'amendments'>, b: Row<'amendments'>): number {
  const left = [a.effective, a.recorded ?? '', a.amendment];
  const right = [b.effective, b.recorded ?? '', b.amendment];
  for (const [position, value] of left.entries()) {
    const other = right[position] ?? '';
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

export function indexBook(book: Book): BookIndex {
  const subcontracts = by(book.subcontracts, (row) => row.subcontract);
  const moves = book.amendments.filter((row) => row.kind === 'move' && row.value !== null);
  const movedTo = new Map<string, Row<'subcontracts'>[]>();
  for (const move of moves) {
    const moved = subcontracts.get(move.subcontract);
    if (moved === undefined || move.value === null || moved.contract === move.value) continue;
    const list = movedTo.get(move.value) ?? [];
    if (!list.includes(moved)) list.push(moved);
    movedTo.set(move.value, list);
  }
  const amendmentsOf = groupBy(book.amendments, (row) => row.subcontract);
  for (const list of amendmentsOf.values()) list.sort(inOrder);
  return {
    book,
    entities: by(book.entities, (row) => row.entity),
    accounts: by(book.accounts, (row) => row.account),
    products: by(book.products, (row) => row.sku),
    contracts: by(book.contracts, (row) => row.contract),
    subcontracts,
    promotions: by(book.promotions, (row) => row.promotion),
    invoices: by(book.invoices, (row) => row.invoice),
    subcontractsOf: groupBy(book.subcontracts, (row) => row.contract),
    movedTo,
    amendmentsOf,
    usageOf: groupBy(book.usage, (row) => row.subcontract),
    timesheetsOf: groupBy(book.timesheets, (row) => row.contract),
    timesheetsOfAccount: groupBy(book.timesheets, (row) =>
      row.contract === null ? row.account : null,
    ),
    prices: nested(
      book.prices,
      (row) => row.priceList,
      (rows) =>
        nested(
          rows,
          (row) => row.sku,
          (of) => groupBy(of, (row) => row.currency),
        ),
    ),
    policies: nested(
      book.policies,
      (row) => row.policy,
      (rows) =>
        nested(
          rows,
          (row) => row.scope,
          (of) => groupBy(of, (row) => row.id),
        ),
    ),
    taxes: nested(
      book.taxes,
      (row) => row.country,
      (rows) => groupBy(rows, (row) => row.category),
    ),
  };
}
