/** Mails as steps: each has a key, is noted before it is handed over, and goes out once a key. */

import { messageIdOf } from '../connectors/mail/message-id.ts';
import type { MailAddress, MailAnswer, MailAttachment } from '../connectors/mail/port.ts';
import {
  addTimelineEvent,
  beginMail,
  type Db,
  deliveriesOf,
  entityFor,
  finishMail,
  getDocument,
  getFact,
  getInvoice,
  hashOf,
  listDocuments,
  noteRefused,
  recipientsFor,
  sellingFor,
  withEffect,
} from '../db/index.ts';
import type { Parties } from '../documents/from-record.ts';
import type { CivilDate } from '../domain/dates/dates.ts';
import { effectKey } from '../workflows/ids.ts';
import type { Deps } from './deps.ts';
import { outcomeUnknown, stepFailed } from './failures.ts';
import type { MailText } from './letters.ts';

export type MailKind =
  | 'question'
  | 'receipt'
  | 'invoice'
  | 'reminder'
  | 'statement'
  | 'key'
  | 'renewal'
  /** To a person of the house, whose address is given. */
  | 'attention';

export interface OutgoingMail {
  readonly key: string;
  readonly kind: MailKind;
  readonly account: string;
  readonly contract: string | null;
  readonly invoice: string | null;
  /** Or what is still being written: who gets the mail is found out meanwhile. */
  readonly text: MailText | Promise<MailText>;
  readonly attachments: readonly MailAttachment[];
  readonly follows: readonly string[];
  /** Instead of the account's own recipients. */
  readonly to: string | null;
  /** Who writes to whom, where that has been asked for already. */
  readonly between?: Promise<Between>;
  /** Copied besides the account's own. */
  readonly cc: readonly string[];
  readonly today: CivilDate;
}

/** `Billing <billing@example.com>` or a bare address. */
export function addressOf(text: string): MailAddress {
  const match = /^\s*(.*?)\s*<([^<>]+)>\s*$/.exec(text);
  if (match === null) return { name: null, address: text.trim() };
  const [, name = '', address = ''] = match;
  return { name: name === '' ? null : name.replaceAll('"', ''), address };
}

/**
 * Buyer and seller of an account, and the person who answers for them. The seller is who sells to it now, or, about a document,
 * the entity that issued it.
 */
export async function partiesOf(db: Db, account: string, issuer?: string): Promise<Parties> {
  const { account: row, seller, sellers } = await sellingFor(db, { account });
  if (row === null) throw stepFailed(`There is no account ${account}.`);
  const issued = sellers.find(({ entity }) => entity === issuer);
  return { entity: issued ?? seller, account: row, contactName: null };
}

/** What decides who writes to whom. */
type Occasion = Pick<OutgoingMail, 'kind' | 'account' | 'invoice' | 'to' | 'cc'>;

async function recipients(
  db: Db,
  mail: Occasion,
): Promise<{ to: readonly string[]; cc: readonly string[] }> {
  if (mail.to !== null) return { to: [mail.to], cc: [] };
  // A question goes to the one person who is asked, or to nobody.
  if (mail.kind === 'question') return { to: [], cc: [] };
  // Whoever gets the invoices hears that they were paid.
  const kind = mail.kind === 'receipt' || mail.kind === 'attention' ? 'invoice' : mail.kind;
  const { to, cc } = await recipientsFor(db, mail.account, kind);
  const others = [...cc, ...mail.cc].filter((address) => !to.includes(address));
  return { to, cc: [...new Set(others)] };
}

/** Who writes: about a document the entity that issued it, else the account's seller. */
async function sellerAbout(
  db: Db,
  { account, invoice }: Occasion,
  known?: Promise<Parties>,
): Promise<Parties['entity']> {
  const [about, seller] = await Promise.all([
    invoice === null ? null : getInvoice(db, invoice),
    known === undefined ? entityFor(db, { account }) : known.then(({ entity }) => entity),
  ]);
  const issuer = about?.invoice.entity;
  if (issuer === undefined || issuer === seller?.entity) return seller;
  return (await getFact(db, 'entities', { entity: issuer })) ?? seller;
}

export interface Between {
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly entity: Parties['entity'];
}

/** Who writes to whom. @param parties the account's, where they have been asked for already */
export async function betweenWhom(
  db: Db,
  mail: Occasion,
  parties?: Promise<Parties>,
): Promise<Between> {
  const [readers, entity] = await Promise.all([
    recipients(db, mail),
    sellerAbout(db, mail, parties),
  ]);
  return { ...readers, entity };
}

/**
 * Sends a mail once a key. Its Message-ID follows from the key: where an attempt was cut off after the server had taken
 * it, the next one is the same mail to every server and reader.
 */
export async function sendMail(deps: Deps, mail: OutgoingMail): Promise<{ mail: string }> {
  const { db, mailer } = deps;
  const { key, kind, account, contract, invoice, today } = mail;
  const [{ to, cc, entity }, text] = await Promise.all([
    mail.between ?? betweenWhom(db, mail),
    mail.text,
  ]);
  if (to.length === 0)
    throw stepFailed(`Account ${account} has no address for mails of kind ${kind}: give it one.`);
  const from = addressOf(deps.mailFrom);
  const replyTo = entity?.email ? { name: entity.legalName, address: entity.email } : from;
  const messageId = messageIdOf(key, from.address);
  const noted = { key, kind, account, contract, invoice, recipients: [...to, ...cc] };
  const begun = beginMail(db, { ...noted, subject: text.subject, messageId, sentOn: today });
  const effect = { key, system: mailer.system, inputHash: hashOf({ key, kind, account }) };
  const taken: Pick<MailAnswer & { result: 'ok' }, 'providerId' | 'refused'>[] = [];
  const handOver = withEffect(db, effect, async ({ attempt }) => {
    await begun;
    // Somebody has it, or it came back from somebody: the attempt that was cut off had left.
    if (attempt > 1 && (await deliveriesOf(db, [key])).size > 0)
      return { state: 'ok', result: messageId };
    const answer = await mailer.send({
      key,
      from,
      to: to.map(addressOf),
      cc: cc.map(addressOf),
      replyTo,
      subject: text.subject,
      html: text.html,
      text: text.text,
      attachments: mail.attachments,
      follows: mail.follows,
      unsubscribeUrl: null,
    });
    if (answer.result === 'ok') {
      taken.push(answer);
      return { state: 'ok', result: answer.messageId };
    }
    if (answer.result === 'rejected') return { state: 'rejected', reason: answer.message };
    return { state: 'unknown', reason: answer.message };
  });
  const [outcome] = await Promise.all([handOver, begun]);
  if (outcome.state === 'ok') {
    await finishMail(db, key, 'sent', null, taken[0]?.providerId ?? null);
    await noteRefused(db, key, taken[0]?.refused ?? [], new Date());
  } else await finishMail(db, key, outcome.state, outcome.reason);
  if (outcome.state === 'rejected')
    throw stepFailed(`The mail to ${to.join(', ')} was refused: ${outcome.reason}`);
  if (outcome.state === 'unknown') throw outcomeUnknown(outcome.reason);
  if (contract !== null) await noteMail(db, mail, contract, { to, subject: text.subject });
  return { mail: key };
}

async function noteMail(
  db: Db,
  { key, account, today, invoice }: OutgoingMail,
  contract: string,
  { to, subject }: { readonly to: readonly string[]; readonly subject: string },
): Promise<void> {
  await addTimelineEvent(db, {
    key: effectKey(key, `timeline:${contract}`),
    contract,
    account,
    happenedOn: today,
    kind: 'mail',
    words: `Mail to ${to.join(', ')}: ${subject}`,
    references: { mail: key, ...(invoice === null ? {} : { invoice }) },
  });
}

/** Stored papers under a key, as attachments. */
export async function attachmentsOf(db: Db, keyPrefix: string): Promise<MailAttachment[]> {
  const attachments: MailAttachment[] = [];
  for (const { key } of await listDocuments(db, keyPrefix)) {
    const stored = await getDocument(db, key);
    if (stored === null) continue;
    const { fileName: filename, mediaType: contentType, content } = stored;
    attachments.push({ filename, contentType, content });
  }
  return attachments;
}
