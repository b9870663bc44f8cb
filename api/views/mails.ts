/** Mails as pages show them, and how one that did not arrive goes out again. */
import { type Db, deliveriesOf, type Mail, type MailDelivery, mailsOf } from '../../db/index.ts';
import { deliveryOf } from '../../domain/mails/delivery.ts';
import type { MailView } from '../types.ts';

/** A mail with what was told of its recipients. */
export interface ToldMail extends Mail {
  readonly deliveries: readonly MailDelivery[];
}

const FAILED: readonly MailView['state'][] = ['rejected', 'unknown', 'bounced'];

/** Mails with their deliveries, newest first. */
export async function toldMailsOf(
  db: Db,
  of: { account?: string; contract?: string; invoice?: string },
): Promise<ToldMail[]> {
  const mails = await mailsOf(db, of);
  const deliveries = await deliveriesOf(
    db,
    mails.map(({ key }) => key),
  );
  return mails.map((mail) => ({ ...mail, deliveries: deliveries.get(mail.key) ?? [] }));
}

/** Where a mail stands: with us, with the first server, or what its recipients' servers said. */
export function stateOf({ state, recipients, deliveries }: ToldMail): MailView['state'] {
  return state === 'sent' ? deliveryOf(recipients, deliveries) : state;
}

/** How the mail to one address stands; null where it was not among the recipients. */
export function stateAt(mail: ToldMail, address: string): MailView['state'] | null {
  const wanted = address.toLowerCase();
  if (!mail.recipients.some((one) => one.toLowerCase() === wanted)) return null;
  return stateOf({ ...mail, recipients: [wanted] });
}

function reasonOf(mail: ToldMail, state: MailView['state']): string | null {
  const told = mail.deliveries.filter((one) => one.state === state && state !== 'delivered');
  if (told.length === 0) return mail.reason;
  const several = mail.recipients.length > 1;
  return told
    .map(({ address, reason, status }) => {
      const words = reason ?? status ?? '';
      return several ? `${address}: ${words}` : words;
    })
    .join('; ');
}

/**
 * Whether a mail could not be delivered and nothing has stood in for it since: a later mail of its kind about the same
 * invoice, a copy that a person sent or the next reminder, tells the customer what it would have.
 */
export function isUndelivered(mail: ToldMail, all: readonly ToldMail[]): boolean {
  if (!FAILED.includes(stateOf(mail))) return false;
  return !all.some(
    (other) =>
      mail.invoice !== null &&
      other.invoice === mail.invoice &&
      other.kind === mail.kind &&
      other.state === 'sent' &&
      other.createdAt > mail.createdAt,
  );
}

/** Newest first, as they are given. */
export function mailViews(mails: readonly ToldMail[]): MailView[] {
  return mails.map((mail) => {
    const state = stateOf(mail);
    const undelivered = isUndelivered(mail, mails);
    return {
      key: mail.key,
      kind: mail.kind,
      subject: mail.subject,
      recipients: mail.recipients,
      state,
      reason: reasonOf(mail, state),
      sentOn: mail.sentOn,
      invoice: mail.invoice,
      deliveries: mail.deliveries.map(({ address, state: at, reason, status, happenedAt }) => ({
        address,
        state: at,
        reason: reason ?? status,
        at: happenedAt.toISOString(),
      })),
      undelivered,
      sendsAgain: undelivered && senderOf(mail) !== null,
      asCopy: undelivered && goesAsCopy(mail),
    };
  });
}

/** What had left and bounced goes out as a copy of its invoice: its process has gone on. */
export function goesAsCopy(mail: ToldMail): boolean {
  return stateOf(mail) === 'bounced' && senderOf(mail)?.process === 'invoice';
}

/** The process that sends a mail: it knows what the mail says today. */
export type Sender =
  | { readonly process: 'invoice'; readonly invoice: string }
  | { readonly process: 'contract'; readonly contract: string }
  | { readonly process: 'payment'; readonly payment: string };

/** Null where no process sends it: a question is asked anew from its finding, and what bounced has left its process. */
export function senderOf(mail: ToldMail): Sender | null {
  const { key, kind, invoice, contract } = mail;
  if (kind === 'invoice' || kind === 'reminder')
    return invoice === null ? null : { process: 'invoice', invoice };
  if (stateOf(mail) === 'bounced') return null;
  switch (kind) {
    case 'receipt':
      return { process: 'payment', payment: key.replace(/:receipt$/, '') };
    case 'key':
    case 'renewal':
    case 'attention':
      return contract === null ? null : { process: 'contract', contract };
    default:
      return null;
  }
}
