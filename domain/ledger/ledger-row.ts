/** One posting with the entry it belongs to: a line of the journal, for exports. */
import type { Posting } from './postings.ts';

export interface LedgerRow extends Posting {
  /** Its place in the ledger: later ones are greater. */
  readonly posting: number;
  readonly entry: number;
  /** The key under which the entry was posted once. */
  readonly key: string;
  readonly entity: string;
  readonly postedOn: string;
  readonly description: string;
}
