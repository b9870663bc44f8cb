/** A run that is computed after its run date: what was issued meanwhile is billed all the same (billing rules §3). */
import type { Book } from '../book/tables.ts';
import type { CivilDate } from '../dates/dates.ts';

/**
 * The book for a run that will be issued: facts recorded after the run date are not known to it (§1), but what was issued
 * after it counts as issued by it, so that a run late by days bills each period once. Previews of a past date answer from the
 * book as it is.
 */
export function withAllIssued(book: Book, runOn: CivilDate): Book {
  if (!book.invoices.some(({ issued }) => issued > runOn)) return book;
  return {
    ...book,
    invoices: book.invoices.map((row) => (row.issued > runOn ? { ...row, issued: runOn } : row)),
  };
}
