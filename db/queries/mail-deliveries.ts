/** What became of mails at their recipients, as it is told from outside; see domain/mails/delivery.ts. */
import { and, asc, desc, eq, inArray, like, or } from 'drizzle-orm';
import { type DeliveryState, isForGood, supersedes } from '../../domain/mails/delivery.ts';
import type { Db } from '../connect.ts';
import { effects, mailDeliveries, mails } from '../schema.ts';
import type { Mail } from './mails.ts';

export type MailDelivery = typeof mailDeliveries.$inferSelect;

/** A report as it came: it names the mail by our token, or by the Message-ID that we or the provider gave it. */
export interface TellingDelivery {
  readonly token: string | null;
  readonly messageId: string | null;
  readonly address: string;
  readonly state: DeliveryState;
  readonly status: string | null;
  readonly reason: string | null;
  readonly happenedAt: Date;
  readonly source: MailDelivery['source'];
}

export type NotedDelivery =
  | { readonly outcome: 'noted'; readonly mail: Mail; readonly state: DeliveryState }
  /** Nothing changed, with the reason in words. */
  | { readonly outcome: 'ignored'; readonly mail: Mail | null; readonly words: string };

/** How far a provider's clock may be behind ours. */
const CLOCK_TOLERANCE_MS = 300_000;

/**
 * Notes what became of a mail at one recipient. Told twice, or late, it changes nothing; what is told of an address that the
 * mail does not go to, or of an attempt before the last one, is not about this mail as it is now.
 */
export async function noteDelivery(db: Db, told: TellingDelivery): Promise<NotedDelivery> {
  return db.transaction(async (tx) => {
    const mail = await mailTold(tx, told);
    if (mail === null)
      return { outcome: 'ignored', mail: null, words: 'No mail of ours is called that.' };
    const ignored = (words: string): NotedDelivery => ({ outcome: 'ignored', mail, words });
    const address = told.address.trim().toLowerCase();
    if (!mail.recipients.some((one) => one.toLowerCase() === address))
      return ignored('The mail does not go to that address.');
    if (told.happenedAt.getTime() < mail.attemptedAt.getTime() - CLOCK_TOLERANCE_MS)
      return ignored('It is about an earlier attempt; the mail was sent again since.');
    const [known] = await tx
      .select()
      .from(mailDeliveries)
      .where(and(eq(mailDeliveries.mail, mail.key), eq(mailDeliveries.address, address)));
    const { state, status, reason, happenedAt, source } = told;
    if (!supersedes(state, known?.state ?? null))
      return ignored(`It is known to be ${known?.state} already.`);
    await tx
      .insert(mailDeliveries)
      .values({ mail: mail.key, address, state, status, reason, happenedAt, source })
      .onConflictDoUpdate({
        target: [mailDeliveries.mail, mailDeliveries.address],
        set: { state, status, reason, happenedAt, source },
      });
    await settleUnconfirmed(tx, mail);
    return { outcome: 'noted', mail, state };
  });
}

/** The mail, locked: what is told of it at once is noted one after the other. */
async function mailTold(
  tx: Db,
  { token, messageId }: Pick<TellingDelivery, 'token' | 'messageId'>,
): Promise<Mail | null> {
  const named = [
    // A token is 32 hexadecimal digits, so that nothing in it means anything to LIKE.
    ...(token === null || !/^[0-9a-f]{32}$/.test(token)
      ? []
      : [like(mails.messageId, `<${token}@%`)]),
    ...(messageId === null
      ? []
      : [eq(mails.messageId, messageId), eq(mails.providerId, messageId)]),
  ];
  if (named.length === 0) return null;
  const [mail] = await tx
    .select()
    .from(mails)
    .where(or(...named))
    .orderBy(desc(mails.createdAt))
    .limit(1)
    .for('update');
  return mail ?? null;
}

/** Whatever became of it, it left: a mail that the first server had not confirmed is not sent again. */
async function settleUnconfirmed(tx: Db, { key, state, messageId }: Mail): Promise<void> {
  if (state !== 'unknown') return;
  await tx
    .update(mails)
    .set({ state: 'sent', reason: null, sentAt: new Date() })
    .where(eq(mails.key, key));
  await tx
    .update(effects)
    .set({ state: 'ok', result: messageId, finishedAt: new Date() })
    .where(and(eq(effects.key, key), eq(effects.state, 'unknown')));
}

/** Notes recipients that the first server refused while it took the mail for the others. */
export async function noteRefused(
  db: Db,
  mail: string,
  refused: readonly { readonly address: string; readonly reason: string | null }[],
  happenedAt: Date,
): Promise<void> {
  for (const { address, reason } of refused)
    await db
      .insert(mailDeliveries)
      .values({
        mail,
        address: address.toLowerCase(),
        state: 'bounced',
        status: null,
        reason,
        happenedAt,
        source: 'server',
      })
      .onConflictDoNothing();
}

/** Of mails by key, by address. */
export async function deliveriesOf(
  db: Db,
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly MailDelivery[]>> {
  if (keys.length === 0) return new Map();
  const rows = await db
    .select()
    .from(mailDeliveries)
    .where(inArray(mailDeliveries.mail, [...keys]))
    .orderBy(asc(mailDeliveries.address));
  const of = new Map<string, MailDelivery[]>();
  for (const row of rows) of.set(row.mail, [...(of.get(row.mail) ?? []), row]);
  return of;
}

/** Bounces that say that an address will not do, the newest of each address. */
export async function bouncedForGood(db: Db): Promise<ReadonlyMap<string, MailDelivery>> {
  const rows = await db
    .select()
    .from(mailDeliveries)
    .where(eq(mailDeliveries.state, 'bounced'))
    .orderBy(asc(mailDeliveries.happenedAt));
  return new Map(rows.filter(({ status }) => isForGood(status)).map((row) => [row.address, row]));
}
