/**
 * Reads and checks a contract book in one streamed pass over its tables, in the order in which
 * they refer to each other. Source: docs/rules/contract-book.md.
 */
import {
  type Book,
  camel,
  emptyBook,
  REQUIRED_TABLES,
  TABLE_NAMES,
  type TableName,
} from '../../domain/book/tables.ts';
import { BookCheck } from './check.ts';
import type { RawProblem } from './csv-records.ts';
import { Damage, type DamagedRow, namesIn, type RowNames } from './damage.ts';
import { type BookError, ProblemList } from './problems.ts';
import { planRows, type ReadRow, type RowPlan, readRow } from './rows.ts';
import { type BookSource, openBook, type TableSource } from './source.ts';

export { type BookError, BookInputError, REPORT_LIMIT } from './problems.ts';
export type { ReadRow } from './rows.ts';

/** What `book check` answers. */
export interface BookCheckResult {
  readonly ok: boolean;
  /** Rows of data per table that the book has, bad ones included. */
  readonly tables: Readonly<Partial<Record<TableName, number>>>;
  readonly errors: readonly BookError[];
  readonly warnings: readonly BookError[];
  /** How many errors and warnings there are beyond those listed. */
  readonly truncated: { readonly errors: number; readonly warnings: number };
}

export interface BookReading {
  /**
   * The good rows; a row named by an error is left out, unless it only disagrees with others
   * (price, balance).
   */
  readonly book: Book;
  /**
   * Contracts that a row left out names, directly or through its subcontract or invoice, with those
   * rows and what to correct: they can not be computed.
   */
  readonly damaged: ReadonlyMap<string, string>;
  readonly rowsByTable: Readonly<Partial<Record<TableName, number>>>;
  readonly errors: readonly BookError[];
  readonly warnings: readonly BookError[];
  readonly truncated: { readonly errors: number; readonly warnings: number };
}

/**
 * Checks a book without keeping it: a million rows stay below 300 MB resident.
 * @throws BookInputError where the path holds no book at all.
 */
export async function checkBook(path: string | BookSource): Promise<BookCheckResult> {
  const source = typeof path === 'string' ? await openBook(path) : path;
  const { rowsByTable, errors, warnings, truncated } = await inspect(source, null);
  return { ok: errors.length === 0, tables: rowsByTable, errors, warnings, truncated };
}

/**
 * Reads a whole book into memory, checked. Good rows are kept when others fail; a good row may
 * refer to a row that was left out.
 * @throws BookInputError where the path holds no book at all.
 */
export async function readBook(path: string | BookSource): Promise<BookReading> {
  const source = typeof path === 'string' ? await openBook(path) : path;
  const kept: KeptRows = new Map();
  const damage = new Damage();
  const result = await inspect(source, {
    kept,
    good: (table, row, value) => {
      const rows = kept.get(table);
      if (rows === undefined) kept.set(table, new Map([[row, value]]));
      else rows.set(row, value);
    },
    leftOut: (row) => damage.add(row),
    takenOut: (row) => {
      const names = namesOfRow(row.table, row.value);
      if (names !== null) damage.add({ ...row, names });
    },
  });
  const rows = [...kept].map(([table, byLine]) => [table, [...byLine.values()]] as const);
  // Each table's rows were read with that table's description.
  const book = { ...emptyBook(), ...Object.fromEntries(rows) } as Book;
  return { book, damaged: damage.contracts(book, result.errors), ...result };
}

/**
 * The rows of one table as they stand in its file, each read but not compared with other rows or
 * tables. Yields nothing where the book does not have the table; errors of the file as such come as
 * row 1 without a value.
 */
export async function* streamTable<T extends TableName>(
  path: string,
  table: T,
): AsyncGenerator<ReadRow<T>> {
  const source = (await openBook(path)).tables.get(table);
  if (source === undefined) return;
  for await (const item of readTable<T>(source)) {
    if (item.kind === 'row') yield item.read;
    else if (item.errors.length > 0) yield { row: 1, value: null, keys: null, errors: item.errors };
  }
}

type TableItem<T extends TableName> =
  | {
      readonly kind: 'header';
      readonly plan: RowPlan | null;
      readonly errors: readonly BookError[];
    }
  | { readonly kind: 'row'; readonly read: ReadRow<T> };

/** A table's header, then its rows; after an unusable header nothing. */
async function* readTable<T extends TableName>(source: TableSource): AsyncGenerator<TableItem<T>> {
  const { file, table } = source;
  let plan: RowPlan | null = null;
  for await (const batch of source.records()) {
    for (const { row, cells, problem } of batch) {
      if (plan === null) {
        if (problem === undefined && cells.every((cell) => cell.trim() === '')) continue;
        const planned =
          problem === undefined
            ? planRows(table, file, cells)
            : { plan: null, errors: [{ file, row, column: null, ...told(problem) }] };
        plan = planned.plan;
        yield { kind: 'header', plan, errors: planned.errors };
        if (plan === null) return;
      } else if (problem === undefined) {
        const read = readRow<T>(plan, row, cells);
        if (read !== null) yield { kind: 'row', read };
      } else {
        const column = columnAt(plan, problem.cell);
        const error = { file, row, column, ...told(problem) };
        yield { kind: 'row', read: { row, value: null, keys: null, errors: [error] } };
      }
    }
  }
  if (plan === null) {
    const message = 'is empty; its first row must name the columns';
    const error = { file, row: null, column: null, value: null, message };
    yield { kind: 'header', plan: null, errors: [error] };
  }
}

function told({ value, message }: RawProblem) {
  return { value, message };
}

function columnAt(plan: RowPlan, cell: number | null): string | null {
  const column = cell === null ? undefined : plan.columns[cell];
  if (column === undefined || 'blank' in column) return null;
  return 'known' in column ? column.known : column.custom;
}

type KeptRows = Map<TableName, Map<number, unknown>>;

/** A row that proved bad after it had been called good. */
export interface TakenOutRow {
  readonly table: TableName;
  readonly file: string;
  readonly row: number;
  /** As it was kept; null where the sink keeps rows elsewhere. */
  readonly value: unknown;
}

/** Who is given the rows of a book while it is checked. */
export interface RowSink {
  /** Rows that can still be taken out; stays empty where the sink keeps them elsewhere. */
  readonly kept: KeptRows;
  good(table: TableName, row: number, value: unknown): void;
  leftOut(row: DamagedRow): void;
  /** Called at the end, for rows that later ones proved bad. */
  takenOut(row: TakenOutRow): void;
}

/** Checks a book once through and hands its rows to a sink; without one they are only checked. */
export async function inspect(source: BookSource, sink: RowSink | null) {
  const errors = new ProblemList();
  const warnings = new ProblemList();
  const check = new BookCheck(source, errors, warnings);
  for (const error of source.errors) errors.add(error);
  for (const warning of source.warnings) warnings.add(warning);
  check.missingTables(REQUIRED_TABLES);
  await lookAhead(source, check);
  const rowsByTable: Partial<Record<TableName, number>> = {};
  for (const table of TABLE_NAMES) {
    const tableSource = source.tables.get(table);
    if (tableSource === undefined) continue;
    rowsByTable[table] = await inspectTable(tableSource, check, sink);
  }
  check.finish();
  if (sink !== null)
    for (const { table, row, value } of check.applyTo(sink.kept))
      sink.takenOut({ table, file: source.tables.get(table)?.file ?? table, row, value });
  const order = fileOrder(source);
  return {
    rowsByTable,
    errors: sorted(errors.kept, order),
    warnings: sorted(warnings.kept, order),
    truncated: { errors: errors.truncated, warnings: warnings.truncated },
  };
}

async function inspectTable(
  source: TableSource,
  check: BookCheck,
  sink: RowSink | null,
): Promise<number> {
  const { table, file } = source;
  let count = 0;
  for await (const item of readTable<TableName>(source)) {
    if (item.kind === 'header') {
      check.header(table, item.plan, item.errors);
      continue;
    }
    count += 1;
    const { row, value, names } = item.read;
    const good = check.row(table, item.read);
    if (sink === null) continue;
    if (good) sink.good(table, row, value);
    else {
      const named = names ?? namesOfRow(table, value);
      if (named !== null) sink.leftOut({ table, file, row, names: named });
    }
  }
  check.endTable(table);
  return count;
}

/** What a row that was read names; null where it could not be read, or names nothing. */
export function namesOfRow(table: TableName, value: unknown): RowNames | null {
  if (value === null) return null;
  const fields = value as Readonly<Record<string, unknown>>;
  return namesIn(table, (column) => {
    const cell = fields[camel(column)];
    return typeof cell === 'string' && cell !== '' ? cell : null;
  });
}

/**
 * Facts that earlier tables are judged by, from tables that come later: who is billed by a contact,
 * who is re-priced.
 */
async function lookAhead(source: BookSource, check: BookCheck): Promise<void> {
  const contacts = source.tables.get('contacts');
  if (contacts !== undefined)
    for await (const item of readTable<'contacts'>(contacts))
      if (item.kind === 'row' && item.read.value !== null) check.contactAhead(item.read.value);
  const amendments = source.tables.get('amendments');
  if (amendments !== undefined)
    for await (const item of readTable<'amendments'>(amendments))
      if (item.kind === 'row' && item.read.value !== null) check.amendmentAhead(item.read.value);
}

function fileOrder(source: BookSource): ReadonlyMap<string, number> {
  const files = TABLE_NAMES.flatMap((table) => source.tables.get(table)?.file ?? []);
  return new Map(files.map((file, index) => [file, index]));
}

/**
 * In the order in which a person goes through the files: whole-file problems first, then row by
 * row.
 */
function sorted(problems: readonly BookError[], order: ReadonlyMap<string, number>): BookError[] {
  return [...problems].sort(
    (a, b) => (order.get(a.file) ?? -1) - (order.get(b.file) ?? -1) || (a.row ?? 0) - (b.row ?? 0),
  );
}
