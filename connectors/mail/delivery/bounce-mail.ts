/**
 * Bounce mails: delivery status notifications (RFC 3464) that mail servers send back to a mail's sender where no provider tells.
 * Anybody can write such a mail, so that only one that returns our signed token counts: in the envelope's id or in the headers
 * of the mail that came back.
 */
import { simpleParser } from 'mailparser';
import type { DeliveryState } from '../../../domain/mails/delivery.ts';
import {
  DeliveryRejection,
  type DeliveryReport,
  messageIdIn,
  statusIn,
  wordsOf,
} from './report.ts';
import { mailInToken, TOKEN_HEADER } from './token.ts';

export const MAX_BOUNCE_BYTES = 2 * 1024 * 1024;
/** A mail goes to a handful of people; a report about more than that is none of ours. */
const MOST_RECIPIENTS = 100;

type Fields = ReadonlyMap<string, string>;

/** Header fields of one group, continuation lines joined, names in lower case; the first of a name counts. */
function fieldsOf(text: string): Fields {
  const fields = new Map<string, string>();
  for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const match = /^([\w-]{1,80}):\s*(.*)$/.exec(line);
    const [, name = '', value = ''] = match ?? [];
    if (name !== '' && !fields.has(name.toLowerCase()))
      fields.set(name.toLowerCase(), value.trim());
  }
  return fields;
}

/** `rfc822; someone@example.com` → the address; null where it is none. */
function addressIn(field: string | undefined): string | null {
  const value = (field ?? '').replace(/^[\w-]+\s*;\s*/, '').trim();
  return /<?([^<>\s]+@[^<>\s]+)>?/.exec(value)?.[1]?.toLowerCase() ?? null;
}

function stateOf(action: string): DeliveryState | null {
  if (action === 'failed') return 'bounced';
  if (action === 'delayed') return 'delayed';
  // Relayed and expanded say that it went on to where nobody reports; delivered says that it arrived.
  return action === 'delivered' ? 'delivered' : null;
}

/**
 * What a bounce mail says of each recipient.
 * @param raw the mail as it came
 * @param tokenKey signs the tokens (`derivedKey(configuration, 'mail')`)
 * @param readAt when it came, for one that bears no date
 * @throws DeliveryRejection where it is no delivery status notification, or not about a mail of ours
 */
export async function readBounceMail(
  raw: Uint8Array,
  tokenKey: Buffer,
  readAt: Date,
): Promise<DeliveryReport[]> {
  if (raw.byteLength > MAX_BOUNCE_BYTES)
    throw new DeliveryRejection(`A bounce mail has at most ${MAX_BOUNCE_BYTES} bytes.`);
  const mail = await simpleParser(Buffer.from(raw), {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
    keepDeliveryStatus: true,
  });
  const part = (...types: readonly string[]) =>
    mail.attachments.find(({ contentType }) => types.includes(contentType))?.content.toString();
  const status = part('message/delivery-status', 'message/global-delivery-status');
  if (status === undefined)
    throw new DeliveryRejection(
      'It is no delivery status notification (RFC 3464): it has no part message/delivery-status.',
    );
  const groups = status
    .split(/\r?\n(?:[ \t]*\r?\n)+/)
    .map(fieldsOf)
    .filter((fields) => fields.size > 0);
  const [ofMail, ...ofRecipients] = groups;
  const returned = fieldsOf(
    headersOf(part('message/rfc822', 'text/rfc822-headers', 'message/global-headers') ?? ''),
  );
  const token = [
    ofMail?.get('original-envelope-id'),
    returned.get(TOKEN_HEADER.toLowerCase()),
  ].flatMap((text) => (text === undefined ? [] : (mailInToken(tokenKey, text) ?? [])))[0];
  if (token === undefined)
    throw new DeliveryRejection(
      `It does not return the ${TOKEN_HEADER} of a mail of ours: it is about another mail, or made up.`,
    );
  const messageId = messageIdIn(returned.get('message-id'));
  return ofRecipients
    .slice(0, MOST_RECIPIENTS)
    .flatMap((fields) => reportOf(fields, { token, messageId }, mail.date ?? readAt));
}

function reportOf(
  fields: Fields,
  named: { readonly token: string; readonly messageId: string | null },
  sentAt: Date,
): DeliveryReport[] {
  // The one that it was written to; where the server forwarded it, the final one is not known here.
  const address =
    addressIn(fields.get('original-recipient')) ?? addressIn(fields.get('final-recipient'));
  const diagnostic = fields.get('diagnostic-code');
  const status = statusIn(fields.get('status')) ?? statusIn(diagnostic);
  const state = stateOf((fields.get('action') ?? '').toLowerCase());
  if (address === null || state === null) return [];
  const told = new Date(fields.get('last-attempt-date') ?? Number.NaN);
  const happenedAt = Number.isNaN(told.getTime()) ? sentAt : told;
  const reason =
    state === 'delivered' ? null : wordsOf((diagnostic ?? '').replace(/^[\w-]+\s*;\s*/, ''));
  return [{ ...named, address, state, status, reason, happenedAt }];
}

/** The headers of a returned mail: all before its first empty line. */
const headersOf = (text: string): string => text.split(/\r?\n\r?\n/, 1)[0] ?? '';
