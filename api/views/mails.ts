/** Mails as pages show them, and how one that did not arrive goes out again. */
import type { Mail } from '../../db/index.ts';
import type { MailView } from '../types.ts';

const FAILED: readonly Mail['state'][] = ['rejected', 'unknown'];

/**
 * Whether a mail could not be delivered and nothing has stood in for it since: a later mail of its kind about the same
 * invoice, a copy that a person sent or the next reminder, tells the customer what it would have.
 */
export function isUndelivered(mail: Mail, all: readonly Mail[]): boolean {
  if (!FAILED.includes(mail.state)) return false;
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
export function mailViews(mails: readonly Mail[]): MailView[] {
  return mails.map((mail) => ({
    key: mail.key,
    kind: mail.kind,
    subject: mail.subject,
    recipients: mail.recipients,
    state: mail.state,
    reason: mail.reason,
    sentOn: mail.sentOn,
    invoice: mail.invoice,
    undelivered: isUndelivered(mail, mails),
    sendsAgain: isUndelivered(mail, mails) && senderOf(mail) !== null,
  }));
}

/** The process that sends a mail: it knows what the mail says today. */
export type Sender =
  | { readonly process: 'invoice'; readonly invoice: string }
  | { readonly process: 'contract'; readonly contract: string }
  | { readonly process: 'payment'; readonly payment: string };

/** Null where no process sends it: a question is asked anew from its finding. */
export function senderOf({
  key,
  kind,
  invoice,
  contract,
}: Pick<Mail, 'key' | 'kind' | 'invoice' | 'contract'>): Sender | null {
  switch (kind) {
    case 'invoice':
    case 'reminder':
      return invoice === null ? null : { process: 'invoice', invoice };
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
