/** The books of a first start: each once, with progress for the person who waits. */
import { eq } from 'drizzle-orm';
import type { Book } from '../domain/book/tables.ts';
import type { Db } from './connect.ts';
import { type ImportCounts, importBook } from './queries/book-import.ts';
import { imports } from './schema.ts';

export interface FirstBook {
  /** Names the import for good: `sample-company`, `accounts-receivable`. */
  readonly importId: string;
  /** In words for people. */
  readonly source: string;
  /** Read only where it is needed: an installation that has it already reads nothing. */
  readonly read: () => Promise<Book>;
}

/**
 * Imports each book unless an import of its id was there before. `say` hears one line a book. Answers the counts by import id;
 * a book that was there already is not in it.
 */
export async function firstImport(
  db: Db,
  books: readonly FirstBook[],
  say: (line: string) => void = () => {},
): Promise<Record<string, ImportCounts>> {
  const done: Record<string, ImportCounts> = {};
  for (const { importId, source, read } of books) {
    const before = await db.select().from(imports).where(eq(imports.id, importId));
    if (before.length > 0) continue;
    const book = await read();
    const rows = Object.values(book).reduce((sum, table) => sum + table.length, 0);
    say(`Importing ${source}: ${rows.toLocaleString('en')} rows`);
    const actor = { user: 'first start', role: 'service' };
    done[importId] = await importBook(db, book, { importId, source, actor });
  }
  return done;
}
