/** Renewal agreements. */

import type { Db } from '../connect.ts';
import type { renewals } from '../schema.ts';

export type Renewal = typeof renewals.$inferSelect;
export type NewRenewal = Pick<
  Renewal,
  | 'renewal'
  | 'contract'
  | 'account'
  | 'termStart'
  | 'termEnd'
  | 'currency'
  | 'valueMinor'
  | 'previousValueMinor'
  | 'agreement'
>;
/** Draws one up; the same key again gives the first one. */
export declare function saveRenewal(
  db: Db,
  renewal: NewRenewal,
): Promise<{ renewal: Renewal; isNew: boolean }>;
export declare function getRenewal(db: Db, renewal: string): Promise<Renewal | null>;
export declare function renewalsOf(db: Db, contract: string): Promise<Renewal[]>;
/** Moves on; a decided one does not change again (`already-decided`), the same decision again is fine. */
export declare function setRenewalState(
  db: Db,
  input: { renewal: string; state: Renewal['state']; on?: string | null; by?: string | null },
): Promise<Renewal>;
/** What ends in a span of days, with what was answered: the Renewals page. */
export declare function renewalsBetween(
  db: Db,
  from: string,
  to: string,
  options?: { clock?: string | null },
): Promise<Renewal[]>;
