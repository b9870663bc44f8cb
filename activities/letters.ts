/** From the record to what the mails are written from; the words themselves are in documents/mails. */
import { languageOf, type Parties, sellerOf } from '../documents/from-record.ts';
import { coveredBy } from '../documents/mails/covered.ts';
import {
  type HowToPay,
  type Mail,
  type ReceiptMail,
  renderMail,
} from '../documents/mails/index.ts';
import type { AttentionMail, KeyMail, QuestionMail } from '../documents/mails/models.ts';
import type { InvoiceDocument, OpenItem } from '../documents/model.ts';
import { type CivilDate, daysBetween } from '../domain/dates/dates.ts';
import type { Agreement } from '../domain/renewal/agreement.ts';

export type MailText = Mail;

function toCustomer(parties: Parties) {
  const { legalName, contactName, email, phone, accentColor, address } = sellerOf(parties);
  return {
    sender: { legalName, contactName, email, phone, accentColor },
    recipientName: null,
    language: languageOf(parties),
    sellerCountry: address.country,
  };
}

function howToPay(parties: Parties, reference: string, payUrl: string | null): HowToPay {
  const { iban, bic, accountNumber, routingNumber, bankName } = sellerOf(parties).bank;
  return { payUrl, iban, bic, accountNumber, routingNumber, bankName, reference };
}

export async function invoiceMail(
  document: InvoiceDocument,
  parties: Parties,
  options: { readonly isCopy: boolean; readonly reason: string | null },
): Promise<MailText> {
  const invoice = document.invoice ?? '';
  const lines = document.sections.flatMap(({ subsections }) =>
    subsections.flatMap((subsection) => subsection.lines),
  );
  if (document.type === 'credit_note')
    return await renderMail('credit-note', {
      ...toCustomer(parties),
      creditNote: invoice,
      credits: document.credits,
      reason: options.reason ?? 'correction of what was billed',
      amountMinor: -document.totalMinor,
      currency: document.currency,
      issueDate: document.issueDate,
      openMinor: null,
      accountUrl: null,
    });
  const starts = lines.flatMap(({ periodStart }) => periodStart ?? []).sort();
  const ends = lines.flatMap(({ periodEnd }) => periodEnd ?? []).sort();
  return await renderMail('invoice', {
    ...toCustomer(parties),
    invoice,
    covers: coveredBy(lines),
    contracts: document.sections.flatMap(({ contract }) => contract ?? []),
    periodStart: starts[0] ?? null,
    periodEnd: ends.at(-1) ?? null,
    amountMinor: document.totalMinor,
    currency: document.currency,
    issueDate: document.issueDate,
    dueDate: document.dueDate ?? document.issueDate,
    poNumber: document.poNumber,
    pay: howToPay(parties, document.reference ?? invoice, document.payUrl),
    isCopy: options.isCopy,
  });
}

export async function receiptMail(
  content: Omit<ReceiptMail, keyof ReturnType<typeof toCustomer>>,
  parties: Parties,
): Promise<MailText> {
  return await renderMail('receipt', { ...toCustomer(parties), ...content });
}

export interface ReminderContent {
  readonly kind: 'courtesy' | 'reminder-1' | 'reminder-2' | 'final-notice';
  readonly next: { readonly name: string; readonly on: CivilDate } | null;
  readonly items: readonly OpenItem[];
  readonly currency: string;
  readonly asOf: CivilDate;
  readonly payUrl: string | null;
  readonly reference: string | null;
}

export async function reminderMail(
  { kind, next, items, currency, asOf, payUrl, reference }: ReminderContent,
  parties: Parties,
): Promise<MailText> {
  const [first] = items;
  const totalMinor = items.reduce((sum, { openMinor }) => sum + openMinor, 0);
  const pay = howToPay(parties, reference ?? first?.invoice ?? '', payUrl);
  if (kind === 'courtesy')
    return await renderMail('courtesy', {
      ...toCustomer(parties),
      invoice: items.map(({ invoice }) => invoice).join(', '),
      covers: items.flatMap(({ contract }) => contract ?? []).join(', '),
      contracts: items.flatMap(({ contract }) => contract ?? []),
      periodStart: null,
      periodEnd: null,
      amountMinor: totalMinor,
      currency,
      issueDate: first?.issueDate ?? asOf,
      dueDate: first?.dueDate ?? asOf,
      poNumber: null,
      pay,
    });
  return await renderMail(kind, {
    ...toCustomer(parties),
    account: parties.account.account,
    asOf,
    currency,
    items,
    totalMinor,
    payBy: next?.on ?? asOf,
    nextStep: next === null ? null : { on: next.on, text: next.name },
    pay,
    promiseUrl: null,
    disputeUrl: null,
  });
}

export async function keyMail(
  content: Omit<KeyMail, keyof ReturnType<typeof toCustomer>>,
  parties: Parties,
): Promise<MailText> {
  return await renderMail('key', { ...toCustomer(parties), ...content });
}

/** To a person of the house: something of a customer needs them. */
export async function attentionMail(
  item: AttentionMail['items'][number],
  parties: Parties,
): Promise<MailText> {
  const { sender } = toCustomer(parties);
  return await renderMail('attention', {
    sender,
    recipientName: null,
    items: [item],
    url: item.url,
  });
}

/** To an account's owner: is what was found right? */
export async function questionMail(
  question: Omit<QuestionMail, 'sender'>,
  parties: Parties,
): Promise<MailText> {
  return await renderMail('question', { ...question, sender: toCustomer(parties).sender });
}

export interface RenewalContent {
  readonly parties: Parties;
  readonly contract: string;
  readonly agreement: Agreement;
  readonly termStart: CivilDate;
  readonly termEnd: CivilDate;
  readonly valueMinor: number;
  readonly currency: string;
  readonly autoRenews: boolean;
  readonly acceptUrl: string | null;
  /** Null for the agreement itself; the day of a reminder. */
  readonly reminderOn: CivilDate | null;
}

export async function renewalMail(content: RenewalContent): Promise<MailText> {
  const { parties, contract, agreement, termStart, termEnd, valueMinor, reminderOn } = content;
  const model = {
    ...toCustomer(parties),
    contract,
    covers: [...new Set(agreement.lines.map(({ description }) => description))].join(', '),
    termStart,
    termEnd,
    netMinor: valueMinor,
    totalMinor: valueMinor,
    currency: content.currency,
    answerBy: agreement.answerBy,
    autoRenews: content.autoRenews,
    noticeDate: content.autoRenews ? agreement.noticeBy : null,
    poRequired: agreement.poRequired,
    changes: agreement.changes,
    acceptUrl: content.acceptUrl,
  };
  if (reminderOn === null) return await renderMail('renewal', model);
  const { answerBy } = agreement;
  const daysLeft = daysBetween(reminderOn, answerBy);
  return await renderMail('renewal-reminder', { ...model, endsOn: answerBy, daysLeft });
}
