/** The books: entries, trial balance, balances, exports (billing rules §10). Pure postings are in domain/ledger. */
import type { Posting } from '../../domain/ledger/postings.ts';
import type { Db } from '../connect.ts';

export interface NewEntry {
  /** The event's business key; the same key again posts nothing. */
  readonly key: string;
  readonly entity: string;
  readonly postedOn: string;
  readonly description: string;
  readonly postings: readonly Posting[];
}
/** Posts a balanced entry; refused with `period-closed` where its month is closed. Answers false where the key was posted already. */
export declare function postEntry(db: Db, entry: NewEntry): Promise<boolean>;
export interface TrialBalanceRow {
  readonly ledgerAccount: string;
  readonly currency: string;
  readonly debitMinor: number;
  readonly creditMinor: number;
  /** Debit positive. */
  readonly balanceMinor: number;
}
/** Up to and including a day; sums to zero per currency at every moment. */
export declare function trialBalance(
  db: Db,
  options?: { entity?: string; asOf?: string },
): Promise<TrialBalanceRow[]>;
/** Balance of a ledger account per customer account and currency. */
export declare function balancesByAccount(
  db: Db,
  ledgerAccount: string,
  options?: { asOf?: string; account?: string },
): Promise<{ account: string | null; currency: string; balanceMinor: number }[]>;
export interface LedgerRow {
  readonly entry: number;
  readonly key: string;
  readonly entity: string;
  readonly postedOn: string;
  readonly description: string;
  readonly ledgerAccount: string;
  readonly currency: string;
  readonly amountMinor: number;
  readonly account: string | null;
  readonly invoice: string | null;
  readonly line: string | null;
}
/** Every posting in the order of its entry's day and id, in batches, for exports. */
export declare function ledgerRows(
  db: Db,
  options?: { entity?: string; from?: string; to?: string },
): AsyncGenerator<LedgerRow[]>;
/** Moves the earned part of each line up to a month's end from deferred to earned revenue; each line and month once. */
export declare function recognizeRevenue(
  db: Db,
  input: { month: string; entity?: string },
): Promise<{ entries: number; recognized: Record<string, number> }>;
/** Closes a month of an entity: nothing posts to it any more. */
export declare function closePeriod(
  db: Db,
  input: { entity: string; month: string; by: string },
): Promise<void>;
/** Trial balance zero; receivable = open invoices per account; answers the differences (none when all is well). */
export declare function verifyLedger(
  db: Db,
): Promise<{ check: string; account: string | null; currency: string; differenceMinor: number }[]>;
