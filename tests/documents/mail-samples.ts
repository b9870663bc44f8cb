/** One model per kind of mail, for the tests. */
import type { MailModels, MailSender } from '../../documents/mails/index.ts';
import { REMINDER } from './samples.ts';

const sender: MailSender = {
  legalName: 'Perennial Software GmbH',
  contactName: 'Anna Brandt',
  email: 'billing@perennial.example',
  phone: '+49 40 5550 100',
  accentColor: '#0f5c5c',
};
const customer = { sender, recipientName: 'Jürgen Groß', language: 'en', sellerCountry: 'DE' };
const pay = {
  payUrl: 'https://portal.perennial.example/i/INV-2026-00017?sig=4f2c9a&x=1',
  iban: 'DE89370400440532013000',
  bic: 'COBADEFFXXX',
  accountNumber: null,
  routingNumber: null,
  bankName: 'Hamburger Sparkasse',
  reference: 'RF32 INV2 0260 0017',
};
const invoice = {
  ...customer,
  invoice: 'INV-2026-00017',
  covers: 'maintenance of Acme CAD',
  contracts: ['C-1042'],
  periodStart: '2027-01-01',
  periodEnd: '2027-12-31',
  amountMinor: 285600,
  currency: 'EUR',
  issueDate: '2026-12-15',
  dueDate: '2027-01-14',
  poNumber: 'PO-4711',
  pay,
};
const reminder = {
  ...customer,
  account: 'A-100',
  asOf: '2027-02-13',
  currency: 'EUR',
  items: REMINDER.items,
  totalMinor: 285600,
  payBy: '2027-02-20',
  nextStep: { on: '2027-02-28', text: 'new orders are put on hold.' },
  pay,
  promiseUrl: 'https://portal.perennial.example/promise?t=1',
  disputeUrl: 'https://portal.perennial.example/dispute?t=1',
};
const covered = [
  {
    invoice: 'INV-2026-00017',
    subcontract: 'S-1001',
    description: 'Acme CAD <Pro> & more',
    amountMinor: 142800,
  },
  {
    invoice: 'INV-2026-00017',
    subcontract: 'S-1002',
    description: 'Acme FEM',
    amountMinor: 142800,
  },
];
const renewal = {
  ...customer,
  contract: 'C-1042',
  covers: 'maintenance of Acme CAD',
  termStart: '2028-01-01',
  termEnd: '2028-12-31',
  netMinor: 203600,
  totalMinor: 242284,
  currency: 'EUR',
  answerBy: '2027-12-31',
  autoRenews: false,
  noticeDate: null,
  poRequired: false,
  changes: ['S-1001: 120.00 → 123.60 a unit and year'],
  acceptUrl: 'https://portal.perennial.example/r/C-1042?sig=aa',
};

export const MAILS: MailModels = {
  invoice: { ...invoice, isCopy: false },
  courtesy: invoice,
  'reminder-1': reminder,
  'reminder-2': reminder,
  'final-notice': reminder,
  receipt: {
    ...customer,
    receivedOn: '2027-01-12',
    amountMinor: 300000,
    currency: 'EUR',
    covered,
    unappliedMinor: 14400,
    accountUrl: 'https://portal.perennial.example/a/A-100?sig=7',
  },
  key: {
    ...customer,
    keys: [
      {
        key: 'key/eyJhY2NvdW50IjoiQS0xMDAifQ.MEUCIQDx',
        product: 'Acme CAD',
        edition: 'Professional',
        features: ['drafting', 'simulation'],
        seats: '10',
        kind: 'full',
        validFrom: '2027-01-01',
        validThrough: '2027-12-31',
        subcontract: 'S-1',
        install: null,
        replaces: true,
      },
    ],
    account: 'A-100',
    accountName: 'Müller & Söhne Maschinenbau AG',
    payment: { receivedOn: '2027-01-12', amountMinor: 300000, currency: 'EUR' },
    covered,
    currency: 'EUR',
    open: null,
    assets: [{ on: '2019-04-01', text: '10 seats Acme CAD, serial 4711' }],
    incidents: [
      {
        incident: 'T-9',
        opened: '2026-03-02',
        subject: 'Plot is mirrored',
        isClosed: true,
        minutes: 65,
      },
    ],
    incidentsSince: '2026-01-12',
    accountLines: ['Ringstraße 7, 12099 Berlin, DE', 'VAT number DE123456789'],
    purchases: [
      { invoice: 'INV-2026-00017', issuedOn: '2026-11-15', totalMinor: 285600, currency: 'EUR' },
    ],
    recordUrl: 'https://portal.perennial.example/record?t=9',
  },
  renewal,
  'renewal-reminder': { ...renewal, endsOn: '2027-12-31', daysLeft: 30 },
  'credit-note': {
    ...customer,
    creditNote: 'CN-2026-00003',
    credits: 'INV-2026-00009',
    reason: '2 seats fewer from 1 July 2026',
    amountMinor: 11900,
    currency: 'EUR',
    issueDate: '2026-12-01',
    openMinor: 226100,
    accountUrl: null,
  },
  approval: {
    sender,
    approverName: 'Clara Weiss',
    what: 'the bill run of January 2027',
    requestedBy: 'Anna Brandt',
    documents: 412,
    totals: [
      { currency: 'EUR', amountMinor: 120431000 },
      { currency: 'JPY', amountMinor: 980000 },
    ],
    decideBy: '2027-01-18',
    code: '7F3A-91C2',
    remarks: ['14 contracts are set aside'],
    url: 'https://perennial.example/approvals/7',
  },
  attention: {
    sender,
    recipientName: null,
    items: [
      {
        subject: 'Contract C-1042: no price',
        cause: 'S-1001 has no price in force on 1 January 2027.',
        suggestion: 'Add a price to the price list, then retry.',
        amountMinor: 120000,
        currency: 'EUR',
        url: 'https://perennial.example/contracts/C-1042',
      },
    ],
    url: 'https://perennial.example/today',
  },
};
