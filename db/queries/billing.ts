/** The record of bill runs: computed, decided, submitted, approved, issued (billing rules §4). */
import type { BillDocument, BillRunPreview } from '../../domain/bill-run/document.ts';
import type { Db } from '../connect.ts';
import type { Actor } from '../refusal.ts';
import type { billRunItems, billRuns } from '../schema.ts';

export type BillRun = typeof billRuns.$inferSelect;
export type BillRunItem = Omit<typeof billRunItems.$inferSelect, 'document'> & {
  readonly document: BillDocument | null;
};

/** Makes document keys; workflows/ids.ts has both. */
export interface DocumentKeys {
  invoice(subject: string, month: string, ordinal: number): string;
  creditNote(subject: string, month: string, ordinal: number): string;
}

/** Starts a run's record in state `computing`; the same run again gives the one that is there (`created: false`). */
export declare function createRun(
  db: Db,
  input: { run: string; runOn: string; clock: string | null; startedBy: Actor | null },
): Promise<{ run: BillRun; created: boolean }>;
/**
 * Saves what was computed, in batches: items with their document keys (a second document of a subject in a month gets ordinal
 * 2), last year's and last month's nets, control sheet and warnings; the run goes to `in_review`. Computing again, before it is
 * submitted, replaces items and keeps decisions of items that are still there.
 */
export declare function saveComputedRun(
  db: Db,
  run: string,
  preview: BillRunPreview,
  keys: DocumentKeys,
): Promise<{ items: number }>;
export declare function getRun(db: Db, run: string): Promise<BillRun | null>;
/** Newest first. */
export declare function listRuns(
  db: Db,
  options?: { clock?: string | null; limit?: number },
): Promise<BillRun[]>;
/** A run's items by kind, account, contract; `documents: false` leaves out the documents (lists stay light). */
export declare function listRunItems(
  db: Db,
  run: string,
  options?: { kinds?: readonly BillRunItem['kind'][]; documents?: boolean },
): Promise<BillRunItem[]>;
export declare function getRunItem(db: Db, run: string, item: string): Promise<BillRunItem | null>;
/** Keys of the included documents that are not issued yet, in a fixed order: what the issuing step goes through, in shards. */
export declare function runItemsToIssue(db: Db, run: string): Promise<string[]>;
/** Excludes, holds or includes one item while the run is in review. A `held` old find becomes a document when included: see includeHeld. */
export declare function decideItem(
  db: Db,
  input: {
    run: string;
    item: string;
    decision: 'include' | 'exclude' | 'hold';
    reason: string | null;
    actor: Actor;
  },
): Promise<BillRunItem>;
/** Adds a document that a person asked for (an old find that was included) to a run in review. */
export declare function addRunDocument(
  db: Db,
  run: string,
  document: BillDocument,
  keys: DocumentKeys,
): Promise<BillRunItem>;
/** Freezes the numbers: in_review → submitted; the maker is `actor`; answers the hash of all included items. */
export declare function submitRun(
  db: Db,
  input: { run: string; actor: Actor },
): Promise<{ shownHash: string }>;
/** Hash of canonical JSON of all included items as they are now. */
export declare function runHash(db: Db, run: string): Promise<string>;
/** submitted → approved. Refused: `own-run` (four eyes on), `numbers-changed`, `run-not-submitted`, `already-decided`. */
export declare function approveRun(
  db: Db,
  input: { run: string; shownHash: string; actor: Actor },
): Promise<BillRun>;
/** submitted → in_review again with the reason (final: true → refused, the run ends). */
export declare function refuseRun(
  db: Db,
  input: { run: string; reason: string; actor: Actor; final?: boolean },
): Promise<BillRun>;
/** State changes that follow from the process: issuing, issued (finishedAt is set), failed. */
export declare function setRunState(
  db: Db,
  run: string,
  state: 'computing' | 'issuing' | 'issued' | 'failed',
  reason?: string,
): Promise<BillRun>;
/** A document that could not be issued: parked with its cause in words; others go on. */
export declare function markItemFailed(
  db: Db,
  input: { run: string; item: string; failure: string },
): Promise<void>;
export interface RunProgress {
  readonly state: BillRun['state'];
  /** Documents included. */
  readonly due: number;
  readonly issued: number;
  readonly failed: number;
  /** Excluded, held, set aside, carried. */
  readonly leftOut: number;
}
export declare function runProgress(db: Db, run: string): Promise<RunProgress>;
/** Zero or carried charges of an approved run count as covered (§4): what the licenses step needs. */
export declare function carriedOfRun(
  db: Db,
  run: string,
): Promise<{ contract: string | null; account: string | null; subject: string }[]>;
