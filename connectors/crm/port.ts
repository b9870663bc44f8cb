/**
 * What Perennial writes back to a CRM: notes on an account; and what it reads there to compare (domain/findings), where the
 * system offers it.
 */
import type { OutsideCustomer, OutsideDeal } from '../../domain/findings/outside.ts';
import type { CustomerCorrections, ReachAnswer, ReadPages } from '../outside-system.ts';

export interface AccountNote {
  /** The business key: the same note again is one note. */
  readonly key: string;
  readonly account: string;
  readonly contract: string | null;
  readonly subject: string;
  readonly body: string;
  readonly notedOn: string;
}

/** The three answers of an outside system; `unknown` may have taken effect and is looked up by the note's key. */
export type CrmAnswer =
  | { readonly result: 'ok'; readonly reference: string }
  | { readonly result: 'rejected'; readonly message: string }
  | { readonly result: 'unknown'; readonly message: string };

/** What it holds, to compare with ours. Each list is complete when its last page is read. */
export interface CrmReader {
  /** True where the lists can be asked for what changed since an instant. */
  readonly incremental: boolean;
  /** Companies that are customers or may be; archived ones are left out. */
  readonly customers: ReadPages<OutsideCustomer>;
  readonly deals: ReadPages<OutsideDeal>;
}

export interface Crm {
  readonly system: string;
  /** True where notes leave the house: then each is a step of its own with its own retries. */
  readonly external: boolean;
  /** Writes a note unless one with its key is there already. */
  addNote(note: AccountNote): Promise<CrmAnswer>;
  /** Absent: nothing can be compared with it, and its comparisons are told as not checked. */
  readonly reader?: CrmReader;
  /** Absent: customers there are corrected by hand. */
  readonly corrections?: CustomerCorrections;
  /** Absent where nothing is to be reached. */
  readonly reach?: () => Promise<ReachAnswer>;
}
