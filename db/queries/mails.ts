/** Mails that went out, by business key. */

import type { Db } from '../connect.ts';
import type { mails } from '../schema.ts';

export type Mail = typeof mails.$inferSelect;
export type NewMail = Pick<
  Mail,
  | 'key'
  | 'kind'
  | 'account'
  | 'contract'
  | 'invoice'
  | 'recipients'
  | 'subject'
  | 'messageId'
  | 'sentOn'
>;
/** Notes a mail before it is handed over; the same key again gives the first row (`isNew: false`) with its state. */
export declare function beginMail(db: Db, mail: NewMail): Promise<{ mail: Mail; isNew: boolean }>;
export declare function finishMail(
  db: Db,
  key: string,
  state: 'sent' | 'rejected' | 'unknown',
  reason?: string | null,
): Promise<Mail>;
export declare function getMail(db: Db, key: string): Promise<Mail | null>;
export declare function mailsOf(
  db: Db,
  of: { account?: string; contract?: string; invoice?: string },
): Promise<Mail[]>;
