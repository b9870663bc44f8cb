/** The day from which this installation bills what it takes over: asked for once, put where the engine reads it. */
import type { CivilDate } from '../dates/dates.ts';
import type { Book } from './tables.ts';

/**
 * A book with the cut-over on each of its entities that has none, and as `bill_from` on contracts of entities that the book
 * does not hold. What the book says itself stays; so does a contract that starts on the cut-over or after it.
 */
export function withCutover(book: Book, cutover: CivilDate | null): Book {
  if (cutover === null) return book;
  const own = new Set(book.entities.map(({ entity }) => entity));
  const entityOf = new Map(book.accounts.map(({ account, entity }) => [account, entity]));
  return {
    ...book,
    entities: book.entities.map((row) => (row.cutover === null ? { ...row, cutover } : row)),
    contracts: book.contracts.map((row) => {
      const entity = row.entity ?? entityOf.get(row.account) ?? book.entities[0]?.entity ?? null;
      const elsewhere = entity === null || !own.has(entity);
      return elsewhere && row.billFrom === null && row.start < cutover
        ? { ...row, billFrom: cutover }
        : row;
    }),
  };
}
