/** Every mail as it would look, written from one real document: for a company that sets up how it writes. */
import { addDays, daysBetween } from '../../domain/dates/dates.ts';
import { languageOf, type Parties, sellerOf } from '../from-record.ts';
import type { InvoiceDocument } from '../model.ts';
import { coveredBy } from './covered.ts';
import type { MailKind, MailModels } from './models.ts';

export const PREVIEW_KINDS = [
  'invoice',
  'courtesy',
  'reminder-1',
  'reminder-2',
  'final-notice',
  'receipt',
  'key',
  'renewal',
  'renewal-reminder',
  'credit-note',
  'approval',
  'attention',
  'question',
] as const satisfies readonly MailKind[];

/**
 * Models of all mails from a document and its parties. Links lead nowhere: nothing is asked of anybody. `today` stands for the
 * day on which the mails would go out.
 */
export function previewModels(
  document: InvoiceDocument,
  parties: Parties,
  today: string,
): MailModels {
  const seller = sellerOf(parties);
  const { legalName, contactName, email, phone, accentColor } = seller;
  const sender = { legalName, contactName, email, phone, accentColor };
  const customer = {
    sender,
    recipientName: null,
    language: languageOf(parties),
    sellerCountry: seller.address.country,
  };
  const lines = document.sections.flatMap(({ subsections }) =>
    subsections.flatMap((subsection) => subsection.lines),
  );
  const [line] = lines;
  const number = document.invoice ?? 'PREVIEW';
  const { currency, totalMinor, netMinor, issueDate } = document;
  const dueDate = document.dueDate ?? issueDate;
  const contracts = document.sections.flatMap(({ contract }) => contract ?? []);
  const covers = coveredBy(lines);
  const { iban, bic, accountNumber, routingNumber, bankName } = seller.bank;
  const bank = { iban, bic, accountNumber, routingNumber, bankName };
  const pay = { payUrl: '#', ...bank, reference: document.reference ?? number };
  const invoice = {
    ...customer,
    invoice: number,
    covers,
    contracts,
    periodStart: line?.periodStart ?? null,
    periodEnd: line?.periodEnd ?? null,
    amountMinor: totalMinor,
    currency,
    issueDate,
    dueDate,
    poNumber: document.poNumber,
    pay,
  };
  const remindedOn = addDays(dueDate, 15);
  const reminder = {
    ...customer,
    account: parties.account.account,
    asOf: remindedOn,
    currency,
    items: [
      {
        invoice: number,
        contract: contracts[0] ?? null,
        issueDate,
        dueDate,
        totalMinor,
        openMinor: totalMinor,
        daysOverdue: daysBetween(dueDate, remindedOn),
        disputed: false,
        interestMinor: 0,
      },
    ],
    totalMinor,
    payBy: addDays(remindedOn, 7),
    nextStep: null,
    pay,
    promiseUrl: '#',
    disputeUrl: '#',
  };
  const covered = lines.slice(0, 5).map(({ subcontract, description, netMinor: net }) => ({
    invoice: number,
    subcontract,
    description,
    amountMinor: net,
  }));
  const renewal = {
    ...customer,
    contract: contracts[0] ?? '',
    covers,
    termStart: line?.periodStart ?? issueDate,
    termEnd: line?.periodEnd ?? dueDate,
    netMinor,
    totalMinor,
    currency,
    answerBy: dueDate,
    autoRenews: false,
    noticeDate: null,
    poRequired: parties.account.poRequired === true,
    changes: [],
    acceptUrl: '#',
  };
  return {
    invoice: { ...invoice, isCopy: false },
    courtesy: invoice,
    'reminder-1': reminder,
    'reminder-2': reminder,
    'final-notice': reminder,
    receipt: {
      ...customer,
      receivedOn: today,
      amountMinor: totalMinor,
      currency,
      came: null,
      covered,
      unappliedMinor: 0,
      accountUrl: '#',
    },
    key: {
      ...customer,
      keys: [
        {
          key: 'key/PREVIEW',
          product: line?.sku ?? covers,
          edition: null,
          features: [],
          seats: line?.quantity ?? '1',
          kind: 'full',
          validFrom: line?.periodStart ?? issueDate,
          validThrough: line?.periodEnd ?? dueDate,
          subcontract: line?.subcontract ?? null,
          replaces: false,
          install: null,
        },
      ],
      account: parties.account.account,
      accountName: parties.account.name,
      accountLines: [],
      payment: { receivedOn: today, amountMinor: totalMinor, currency },
      covered,
      currency,
      open: null,
      assets: [],
      purchases: [{ invoice: number, issuedOn: issueDate, totalMinor, currency }],
      incidents: [],
      incidentsSince: issueDate,
      recordUrl: '#',
    },
    renewal,
    'renewal-reminder': { ...renewal, endsOn: dueDate, daysLeft: 30 },
    'credit-note': {
      ...customer,
      creditNote: number,
      credits: number,
      reason: covers,
      amountMinor: totalMinor,
      currency,
      issueDate,
      openMinor: 0,
      accountUrl: '#',
    },
    approval: {
      sender,
      approverName: null,
      what: number,
      requestedBy: legalName,
      documents: 1,
      totals: [{ currency, amountMinor: totalMinor }],
      decideBy: null,
      code: 'PREVIEW',
      remarks: [],
      url: '#',
    },
    attention: {
      sender,
      recipientName: null,
      items: [
        {
          subject: number,
          cause: covers,
          suggestion: parties.account.name,
          amountMinor: totalMinor,
          currency,
          url: '#',
        },
      ],
      url: '#',
    },
    question: {
      sender,
      finding: 'F-1',
      title: covers,
      account: parties.account.name,
      question: covers,
      suggestion: covers,
      amountMinor: totalMinor,
      currency,
      url: '#',
    },
  };
}
