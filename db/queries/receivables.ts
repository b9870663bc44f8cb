/** Who owes us: aging and the rows of the Receivables page. */
import type { Db } from '../connect.ts';

/** Minor units by days overdue on the as-of date; the sum is `total`. */
export interface AgingBuckets {
  readonly notDue: number;
  readonly days1To30: number;
  readonly days31To60: number;
  readonly days61To90: number;
  readonly over90: number;
  readonly total: number;
}
export interface AccountReceivable extends AgingBuckets {
  readonly account: string;
  readonly name: string;
  readonly entity: string;
  readonly currency: string;
  readonly unapplied: number;
  readonly disputed: number;
  readonly promised: number;
  readonly openInvoices: number;
  readonly oldestDueOn: string | null;
  readonly reminderStage: number;
}
export interface ReceivablesOptions {
  readonly asOf: string;
  readonly entity?: string;
  readonly account?: string;
  readonly clock?: string | null;
}
/** As of a day: documents issued and money allocated up to it. Largest overdue first. */
export declare function receivables(
  db: Db,
  options: ReceivablesOptions,
): Promise<AccountReceivable[]>;
/** Totals per entity and currency. */
export declare function aging(
  db: Db,
  options: ReceivablesOptions,
): Promise<(AgingBuckets & { entity: string; currency: string })[]>;
/** Documents and payments of an account for its statement, in the order of their days. */
export interface StatementMovement {
  readonly on: string;
  readonly kind:
    | 'invoice'
    | 'credit_note'
    | 'late_charge'
    | 'payment'
    | 'refund'
    | 'reversal'
    | 'discount'
    | 'write_off';
  readonly number: string;
  readonly currency: string;
  /** What it adds to what the account owes; payments are negative. */
  readonly amountMinor: number;
}
/** Opening balance before `from`, then movements through `to`; opening + Σ movements = closing. */
export declare function statementMovements(
  db: Db,
  input: { account: string; from: string; to: string },
): Promise<
  { currency: string; openingMinor: number; closingMinor: number; movements: StatementMovement[] }[]
>;
