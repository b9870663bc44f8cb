/** What of an allocation lowers what is open of its line: the money, and what settles it besides (billing rules §5, §7). */
import { sql } from 'drizzle-orm';
import { paymentAllocations } from '../schema.ts';

export type Applied = typeof paymentAllocations.$inferSelect;

const SETTLING = [
  'amountMinor',
  'discountMinor',
  'writtenOffMinor',
  'withheldMinor',
  'bankFeeMinor',
] as const satisfies readonly (keyof Applied)[];

type SettlingAmounts = Pick<Applied, (typeof SETTLING)[number]>;

/** One amount for each of the columns. */
export const settlingAmounts = (amountOf: (column: keyof SettlingAmounts) => number) =>
  Object.fromEntries(
    SETTLING.map((column) => [column, amountOf(column)]),
  ) as unknown as SettlingAmounts;

/** All of an allocation in minor units, the money and the rest. */
export const settledIn = (row: SettlingAmounts): number =>
  SETTLING.reduce((sum, column) => sum + row[column], 0);

export const settlesNothing = (row: SettlingAmounts): boolean =>
  SETTLING.every((column) => row[column] === 0);

/** The same sum in a question. @param alias payment_allocations there */
export const settledSql = (alias: string) =>
  sql.raw(
    `(${SETTLING.map((column) => `${alias}.${paymentAllocations[column].name}`).join(' + ')})`,
  );
