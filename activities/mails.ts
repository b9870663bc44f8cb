/** Mails as steps: each has a key, is noted before it is handed over, and goes out once a key. */

import { messageIdOf } from '../connectors/mail/message-id.ts';
import type { MailAddress, MailAttachment } from '../connectors/mail/port.ts';
import {
  addTimelineEvent,
  beginMail,
  contractFacts,
  type Db,
  entityFor,
  finishMail,
  getDocument,
  getFact,
  getInvoice,
  getLicense,
  hashOf,
  invoicesOfContract,
  licensesOf,
  listDocuments,
  loadBook,
  recipientsFor,
  withEffect,
} from '../db/index.ts';
import type { Parties } from '../documents/from-record.ts';
import type { Row } from '../domain/book/tables.ts';
import { addMonths, type CivilDate } from '../domain/dates/dates.ts';
import { effectKey } from '../workflows/ids.ts';
import type { ContractSteps } from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import { outcomeUnknown, stepFailed } from './failures.ts';
import { type KeyContent, keyMail, type MailText } from './letters.ts';

export type MailKind = 'receipt' | 'invoice' | 'reminder' | 'statement' | 'key' | 'renewal';

export interface OutgoingMail {
  readonly key: string;
  readonly kind: MailKind;
  readonly account: string;
  readonly contract: string | null;
  readonly invoice: string | null;
  readonly text: MailText;
  readonly attachments: readonly MailAttachment[];
  readonly follows: readonly string[];
  /** Instead of the account's own recipients. */
  readonly to: string | null;
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

/** Buyer and seller of an account, and the person who answers for them. */
export async function partiesOf(db: Db, account: string): Promise<Parties> {
  const row = await getFact(db, 'accounts', { account });
  if (row === null) throw stepFailed(`There is no account ${account}.`);
  return { entity: await entityFor(db, { account }), account: row, contactName: null };
}

async function recipients(
  db: Db,
  mail: OutgoingMail,
): Promise<{ to: readonly string[]; cc: readonly string[] }> {
  if (mail.to !== null) return { to: [mail.to], cc: [] };
  // Whoever gets the invoices hears that they were paid.
  const kind = mail.kind === 'receipt' ? 'invoice' : mail.kind;
  const { to, cc } = await recipientsFor(db, mail.account, kind);
  const others = [...cc, ...mail.cc].filter((address) => !to.includes(address));
  return { to, cc: [...new Set(others)] };
}

/**
 * Sends a mail once a key. Its Message-ID follows from the key: where an attempt was cut off after the server had taken
 * it, the next one is the same mail to every server and reader.
 */
export async function sendMail(deps: Deps, mail: OutgoingMail): Promise<{ mail: string }> {
  const { db, mailer } = deps;
  const { key, kind, account, contract, invoice, text, today } = mail;
  const { to, cc } = await recipients(db, mail);
  if (to.length === 0)
    throw stepFailed(`Account ${account} has no address for mails of kind ${kind}: give it one.`);
  const { entity } = await partiesOf(db, account);
  const from = addressOf(deps.mailFrom);
  const replyTo = entity?.email ? { name: entity.legalName, address: entity.email } : from;
  const messageId = messageIdOf(key, from.address);
  const noted = { key, kind, account, contract, invoice, recipients: [...to, ...cc] };
  await beginMail(db, { ...noted, subject: text.subject, messageId, sentOn: today });
  const effect = { key, system: mailer.system, inputHash: hashOf({ key, kind, account }) };
  const outcome = await withEffect(db, effect, async () => {
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
    if (answer.result === 'ok') return { state: 'ok', result: answer.messageId };
    if (answer.result === 'rejected') return { state: 'rejected', reason: answer.message };
    return { state: 'unknown', reason: answer.message };
  });
  if (outcome.state === 'ok') await finishMail(db, key, 'sent');
  else await finishMail(db, key, outcome.state, outcome.reason);
  if (outcome.state === 'rejected')
    throw stepFailed(`The mail to ${to.join(', ')} was refused: ${outcome.reason}`);
  if (outcome.state === 'unknown') throw outcomeUnknown(outcome.reason);
  if (contract !== null) await noteMail(db, mail, contract, to);
  return { mail: key };
}

async function noteMail(
  db: Db,
  { key, account, text, today, invoice }: OutgoingMail,
  contract: string,
  to: readonly string[],
): Promise<void> {
  await addTimelineEvent(db, {
    key: effectKey(key, `timeline:${contract}`),
    contract,
    account,
    happenedOn: today,
    kind: 'mail',
    words: `Mail to ${to.join(', ')}: ${text.subject}`,
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

interface KeyFacts {
  readonly currency: string;
  readonly covered: KeyContent['covered'];
  readonly open: KeyContent['open'];
  readonly assets: KeyContent['assets'];
  readonly accountLines: KeyContent['accountLines'];
  readonly purchases: KeyContent['purchases'];
  readonly incidents: KeyContent['incidents'];
}

/** Invoices listed in a key mail; older ones are behind its link. */
const PURCHASES_MOST = 10;

/** The account as we have it, so that the customer sees what is wrong. */
function accountLines(
  account: Row<'accounts'> | undefined,
  contacts: readonly Row<'contacts'>[],
): string[] {
  if (account === undefined) return [];
  const { addressLine1, addressLine2, postalCode, city, region, country } = account;
  const given = (parts: readonly (string | null)[], sign: string) =>
    parts.filter((part) => part !== null && part !== '').join(sign);
  const place = given([postalCode, city], ' ');
  return [
    given([addressLine1, addressLine2, place, region, country], ', '),
    account.taxId ?? '',
    given([account.billingEmail], ''),
    ...contacts.map(({ name, email, role, phone }) => given([name, role, email, phone], ', ')),
  ].filter((line) => line !== '');
}

/** What the key mail tells besides the key: what was paid, what the customer has, this year's support cases. */
async function keyFacts(
  db: Db,
  contract: string,
  account: string,
  invoice: string | null,
  today: CivilDate,
): Promise<KeyFacts> {
  const book = await loadBook(db, { contracts: [contract] });
  const paid = invoice === null ? null : await getInvoice(db, invoice);
  const own = book.contracts.find((row) => row.contract === contract)?.currency;
  const currency = own ?? book.accounts[0]?.currency ?? book.entities[0]?.currency ?? '';
  const since = addMonths(today, -12);
  const assets = book.subcontracts
    .filter((row) => row.contract === contract)
    .map((row) => ({
      on: row.start ?? book.contracts.find((one) => one.contract === contract)?.start ?? today,
      text: `${row.quantity} × ${row.sku}${row.serial === null ? '' : `, ${row.serial}`} (${row.subcontract})`,
    }))
    .sort((a, b) => (a.on < b.on ? -1 : 1));
  const incidents = book.incidents
    .filter((row) => row.account === account && row.opened >= since && row.opened <= today)
    .map(({ incident, opened, closed, subject, minutes }) => ({
      incident,
      opened,
      subject: subject ?? 'Support case',
      isClosed: closed !== null,
      minutes,
    }));
  const covered = (paid?.lines ?? [])
    .filter(({ openMinor }) => openMinor === 0)
    .map((line) => ({
      invoice: line.invoice,
      subcontract: line.subcontract,
      description: line.description ?? line.sku ?? line.line,
      amountMinor: line.netMinor + line.taxMinor,
    }));
  const invoices = await invoicesOfContract(db, contract);
  const unpaid = invoices.find((one) => one.balanceMinor > 0);
  const purchases = invoices
    .filter(({ type, state }) => type === 'invoice' && state !== 'void')
    .sort((a, b) => (a.issuedOn > b.issuedOn ? -1 : 1))
    .slice(0, PURCHASES_MOST)
    .map((one) => ({
      invoice: one.invoice,
      issuedOn: one.issuedOn,
      totalMinor: one.totalMinor,
      currency: one.currency,
    }));
  return {
    accountLines: accountLines(
      book.accounts.find((row) => row.account === account),
      book.contacts.filter((row) => row.account === account),
    ),
    purchases,
    currency: paid?.invoice.currency ?? unpaid?.currency ?? currency,
    covered,
    open: unpaid ? { invoice: unpaid.invoice, openMinor: unpaid.balanceMinor } : null,
    assets,
    incidents,
  };
}

/** One mail a license: it begins with the key, tells what the payment covered, and links to the customer's record. */
export async function sendKeys(
  deps: Deps,
  { contract, licenses, invoice, today }: Parameters<ContractSteps['sendKeys']>[0],
): Promise<void> {
  const { db, links } = deps;
  const facts = await contractFacts(db, contract);
  if (facts === null) throw stepFailed(`There is no contract ${contract}.`);
  const { account } = facts.contract;
  const parties = await partiesOf(db, account);
  const common = await keyFacts(db, contract, account, invoice, today);
  const all = await licensesOf(db, { contract });
  for (const license of licenses) {
    const row = await getLicense(db, license);
    if (row === null) continue;
    const sold = await getFact(db, 'products', { sku: row.sku });
    const product = sold?.name ?? row.sku;
    const install = sold?.custom.install ?? null;
    const replaces = all.some(({ supersededBy }) => supersededBy === license);
    // Never silently: whoever looks after the account sees the same mail.
    const owner = row.cause.startsWith('payment-reversed') ? parties.account.ownerEmail : null;
    const recordUrl = links.account(account) ?? '';
    const payUrl = common.open === null ? null : links.payInvoice(common.open.invoice);
    const covered = common.covered.filter((one) => one.subcontract === row.subcontract);
    const content = { ...common, row, product, install, replaces, recordUrl, payUrl, covered };
    await sendMail(deps, {
      key: effectKey(`license:${license}`, 'mail'),
      kind: 'key',
      account,
      contract,
      invoice,
      text: await keyMail(content, parties),
      attachments: [],
      follows: [],
      to: null,
      cc: owner === null ? [] : [owner],
      today,
    });
  }
}
