/** Mails that went out, by business key. */
import { and, desc, eq, inArray } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { mailDeliveries, mails } from '../schema.ts';

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

/**
 * Notes a mail before it is handed over; the same key again gives the first row (`isNew: false`) with its state. One that did
 * not arrive is noted anew: it goes to whom the customer names now, on the day of this attempt.
 */
export async function beginMail(db: Db, mail: NewMail): Promise<{ mail: Mail; isNew: boolean }> {
  const [added] = await db
    .insert(mails)
    .values({ ...mail, state: 'sending' })
    .onConflictDoNothing()
    .returning();
  if (added !== undefined) return { mail: added, isNew: true };
  const { recipients, subject, sentOn } = mail;
  // What was told of a refused attempt says nothing about the next; where nobody knows, what is told says that it left.
  const refused = db
    .select({ key: mails.key })
    .from(mails)
    .where(and(eq(mails.key, mail.key), eq(mails.state, 'rejected')));
  await db.delete(mailDeliveries).where(inArray(mailDeliveries.mail, refused));
  const [again] = await db
    .update(mails)
    .set({ recipients, subject, sentOn, state: 'sending', reason: null, attemptedAt: new Date() })
    .where(and(eq(mails.key, mail.key), inArray(mails.state, ['rejected', 'unknown'])))
    .returning();
  if (again !== undefined) return { mail: again, isNew: false };
  const rows = await db.select().from(mails).where(eq(mails.key, mail.key));
  return { mail: oneRow(rows, `mail ${mail.key}`), isNew: false };
}

export async function finishMail(
  db: Db,
  key: string,
  state: 'sent' | 'rejected' | 'unknown',
  reason: string | null = null,
  /** What the server calls it instead of our Message-ID. */
  providerId: string | null = null,
): Promise<Mail> {
  const sentAt = state === 'sent' ? new Date() : null;
  const rows = await db
    .update(mails)
    .set({ state, reason, sentAt, ...(providerId === null ? {} : { providerId }) })
    .where(eq(mails.key, key))
    .returning();
  return oneRow(rows, `mail ${key}`);
}

export async function getMail(db: Db, key: string): Promise<Mail | null> {
  const [row] = await db.select().from(mails).where(eq(mails.key, key));
  return row ?? null;
}

/** Newest first. */
export function mailsOf(
  db: Db,
  of: { account?: string; contract?: string; invoice?: string },
): Promise<Mail[]> {
  return db
    .select()
    .from(mails)
    .where(
      and(
        of.account === undefined ? undefined : eq(mails.account, of.account),
        of.contract === undefined ? undefined : eq(mails.contract, of.contract),
        of.invoice === undefined ? undefined : eq(mails.invoice, of.invoice),
      ),
    )
    .orderBy(desc(mails.sentOn), desc(mails.createdAt));
}
