/** Facts: the contract book in the database, in and out, and single rows of it for the API. */
import type { Book, Row, TableName } from '../../domain/book/tables.ts';
import type { Db } from '../connect.ts';
import type { FactTableName } from '../fact-tables.ts';
import type { Actor } from '../refusal.ts';

export interface RowCounts {
  readonly added: number;
  readonly changed: number;
  readonly same: number;
}
export type ImportCounts = Partial<Record<TableName, RowCounts>>;
export interface ImportOptions {
  /** Names the import in `imports`, in every row's import_id and in documents' `source`. */
  readonly importId: string;
  readonly actor: Actor;
  /** What was read, in words for people: a folder's or workbook's name. */
  readonly source?: string;
  /** Counts only; nothing is written. */
  readonly dryRun?: boolean;
}

/**
 * Upserts a checked book in one transaction: facts, documents, allocations and the opening entries of the ledger. The same
 * book again changes nothing (all rows count as `same`). An issued document never changes: a row that contradicts one is
 * refused with `issued-document-changed`; only status, balance and disputed of imported history may move.
 */
export declare function importBook(
  db: Db,
  book: Book,
  options: ImportOptions,
): Promise<ImportCounts>;

export interface LoadOptions {
  /** Only these contracts, with their accounts and all that the engine needs to bill them. */
  readonly contracts?: readonly string[];
  /** Only these accounts, with their contracts. */
  readonly accounts?: readonly string[];
  /**
   * `null` (the default where no contract or account is named): the real world, without rehearsals' copies; a clock's name: only that
   * rehearsal's accounts.
   */
  readonly clock?: string | null;
}
/** The book as the engine reads it: `Row<T>` as from CSV, documents included, ours too, amounts as decimal strings. */
export declare function loadBook(db: Db, options?: LoadOptions): Promise<Book>;
/** All that `book export` writes: what was imported comes back as it was, what was issued since is added. */
export declare function exportBook(db: Db): Promise<Book>;

/** One row of fact by its key's columns (camelCase), or null. */
export declare function getFact<T extends FactTableName>(
  db: Db,
  table: T,
  key: Partial<Row<T>>,
): Promise<Row<T> | null>;
/** Inserts or updates one row of fact; answers what happened. Documents have writers of their own. */
export declare function putFact<T extends FactTableName>(
  db: Db,
  table: T,
  row: Row<T>,
  importId?: string | null,
): Promise<'added' | 'changed' | 'same'>;
/** Sets some columns of one row of fact; refused with `not-found`. The answer is the row as it is now. */
export declare function changeFact<T extends FactTableName>(
  db: Db,
  table: T,
  key: Partial<Row<T>>,
  changes: Partial<Row<T>>,
): Promise<Row<T>>;
