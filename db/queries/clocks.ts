/** Test clocks: rehearsals with copies of accounts, and their removal (glossary: test clock). */

import type { Db } from '../connect.ts';
import type { clocks } from '../schema.ts';

export type Clock = typeof clocks.$inferSelect;
export declare function createClock(
  db: Db,
  input: { clock: string; today: string },
): Promise<Clock>;
export declare function getClock(db: Db, clock: string): Promise<Clock | null>;
export declare function listClocks(db: Db): Promise<(Clock & { accounts: string[] })[]>;
/** Moves it forward; never back (`clock-backwards`). */
export declare function advanceClock(db: Db, clock: string, to: string): Promise<Clock>;
/** The clock an account lives on; null in real time. */
export declare function clockOf(db: Db, account: string): Promise<string | null>;
/**
 * Copies accounts with all their facts and imported history under a prefix (`DEMO-`: DEMO-A-001, DEMO-C-1042 …) into a clock's
 * world. Mails of copies go nowhere else than to the same addresses. Answers the copies' contracts.
 */
export declare function copyAccounts(
  db: Db,
  input: { clock: string; prefix: string; accounts: readonly string[] },
): Promise<{ accounts: string[]; contracts: string[] }>;
/** Deletes all that a rehearsal made: facts, documents, money, ledger, mails, runs, licenses. Nothing else can delete a document. */
export declare function removeClock(
  db: Db,
  clock: string,
): Promise<{ deleted: Record<string, number> }>;
