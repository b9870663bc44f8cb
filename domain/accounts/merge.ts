/**
 * One customer made of two (docs/decisions/account-merges.md): what is agreed and recorded of the merged account becomes the
 * survivor's; what was issued, paid and booked stays where it was.
 */
import { groupBy } from '../book/book-index.ts';
import {
  BOOK_TABLES,
  type Book,
  type ColumnSpec,
  camel,
  type Row,
  type TableName,
} from '../book/tables.ts';

/** One of the two, as far as it decides whether they may be merged. */
export interface MergeSide {
  readonly row: Row<'accounts'>;
  /** The entity that sells to it, by its own word or as the only one. */
  readonly entity: Pick<Row<'entities'>, 'entity' | 'currency'> | null;
  /** The account that it was merged into before; null where it stands by itself. */
  readonly mergedInto: string | null;
  /** The rehearsal that it lives in; null in the real world. */
  readonly clock: string | null;
}

/** A column of the book that names an account and moves with it. */
export interface AccountColumn {
  readonly table: TableName;
  /** As the book names it. */
  readonly column: string;
}

/** Issued documents and money keep their account; contacts are moved without doubles, each by its own key. */
const KEPT: ReadonlySet<TableName> = new Set(['invoices', 'payments', 'contacts']);

/** Every column that moves, by the book's own description of what refers to an account. */
export const ACCOUNT_COLUMNS: readonly AccountColumn[] = (
  Object.keys(BOOK_TABLES) as TableName[]
).flatMap((table) =>
  KEPT.has(table)
    ? []
    : Object.entries<ColumnSpec>(BOOK_TABLES[table].columns).flatMap(([column, { references }]) =>
        references === 'accounts' ? [{ table, column }] : [],
      ),
);

const currencyOf = ({ row, entity }: MergeSide) => row.currency ?? entity?.currency ?? null;

export type MergeRefusalCode =
  | 'account-is-itself'
  | 'already-merged'
  | 'account-closed'
  | 'entity-differs'
  | 'currency-differs'
  | 'state-conflict';
export interface MergeRefusal {
  readonly code: MergeRefusalCode;
  readonly words: string;
}

const refusal = (code: MergeRefusalCode, words: string): MergeRefusal => ({ code, words });

/** Why the two can not become one, in words; null where they can. A merged account is never merged again, so no ring closes. */
export function mergeRefusal(from: MergeSide, into: MergeSide): MergeRefusal | null {
  const [one, other] = [from.row.account, into.row.account];
  if (one === other)
    return refusal('account-is-itself', `${one} can not be merged into itself: name the other.`);
  for (const { row, mergedInto, clock } of [from, into]) {
    if (mergedInto !== null)
      return refusal(
        'already-merged',
        `${row.account} was merged into ${mergedInto} already: use ${mergedInto}.`,
      );
    if (clock !== null)
      return refusal('state-conflict', `${row.account} lives in the rehearsal ${clock}.`);
  }
  if (into.row.status === 'closed')
    return refusal('account-closed', `${other} is closed: merge it into ${one} instead.`);
  const entities = [from, into].map(({ entity }) => entity?.entity ?? 'nobody');
  if (entities[0] !== entities[1])
    return refusal(
      'entity-differs',
      `${one} buys from ${entities[0]}, ${other} from ${entities[1]}: they have separate books.`,
    );
  const currencies = [from, into].map((side) => currencyOf(side) ?? 'no currency');
  if (currencies[0] !== currencies[1])
    return refusal(
      'currency-differs',
      `${one} is billed in ${currencies[0]}, ${other} in ${currencies[1]}: those never add.`,
    );
  return null;
}

/** The mails of those contacts of the merged account that the survivor does not have; the others stay, closed with it. */
export function movingContacts(
  contacts: readonly Row<'contacts'>[],
  from: string,
  into: string,
): string[] {
  const of = groupBy(contacts, ({ account }) => account);
  const plain = (email: string) => email.trim().toLowerCase();
  const there = new Set((of.get(into) ?? []).map(({ email }) => plain(email)));
  return (of.get(from) ?? []).flatMap(({ email }) => (there.has(plain(email)) ? [] : [email]));
}

/** Above the survivor: what was above it, or, where that was the merged account, what was above that one. */
export function parentOfSurvivor(
  from: Pick<Row<'accounts'>, 'account' | 'parent'>,
  into: Pick<Row<'accounts'>, 'account' | 'parent'>,
): string | null {
  if (into.parent !== from.account) return into.parent;
  return from.parent === into.account ? null : from.parent;
}

/** The book as it is once `from` is merged into `into`: the engine and the rules answer from it what will be. */
export function mergedBook(book: Book, from: string, into: string): Book {
  const merged: Record<string, readonly object[]> = { ...book };
  for (const { table, column } of ACCOUNT_COLUMNS) {
    const field = camel(column);
    merged[table] = (merged[table] ?? []).map((row) =>
      (row as Readonly<Record<string, unknown>>)[field] === from ? { ...row, [field]: into } : row,
    );
  }
  const before = new Map(book.accounts.map((row) => [row.account, row]));
  const [gone, survivor] = [before.get(from), before.get(into)];
  const moving = new Set(movingContacts(book.contacts, from, into));
  const isMoving = (row: Row<'contacts'>) => row.account === from && moving.has(row.email);
  return {
    ...(merged as unknown as Book),
    accounts: (merged.accounts as readonly Row<'accounts'>[]).map((row) => {
      if (row.account === from) return { ...row, parent: gone?.parent ?? null, status: 'closed' };
      if (row.account !== into || gone === undefined || survivor === undefined) return row;
      return { ...row, parent: parentOfSurvivor(gone, survivor) };
    }),
    contacts: book.contacts.map((row) => (isMoving(row) ? { ...row, account: into } : row)),
  };
}
