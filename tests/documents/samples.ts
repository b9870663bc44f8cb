/** Documents for the tests of the renderers: complete, with figures that add up. */
import {
  type Buyer,
  type DocumentLine,
  type InvoiceDocument,
  type ReminderLetter,
  type RenewalAgreement,
  type Seller,
  type StatementDocument,
  sumMinor,
  taxSubtotals,
} from '../../documents/model.ts';
import { creditorReference } from '../../domain/payment-reference/creditor-reference.ts';

export const SELLER: Seller = {
  legalName: 'Perennial Software GmbH',
  address: {
    line1: 'Hafenstraße 12',
    line2: null,
    city: 'Hamburg',
    region: null,
    postalCode: '20457',
    country: 'DE',
  },
  taxId: 'DE123456788',
  registration: 'HRB 104211, Amtsgericht Hamburg',
  bank: {
    bankName: 'Hamburger Sparkasse',
    iban: 'DE89370400440532013000',
    bic: 'COBADEFFXXX',
    routingNumber: null,
    accountNumber: null,
    remitTo: null,
  },
  email: 'billing@perennial.example',
  phone: '+49 40 5550 100',
  contactName: 'Anna Brandt',
  logo: null,
  accentColor: '#0f5c5c',
};

export const BUYER: Buyer = {
  account: 'A-100',
  name: 'Müller & Söhne Maschinenbau AG',
  address: {
    line1: 'Industriestraße 5',
    line2: 'Gebäude C',
    city: 'München',
    region: null,
    postalCode: '80331',
    country: 'DE',
  },
  taxId: 'DE987654327',
  buyerReference: '04011000-12345-67',
  email: 'rechnung@mueller.example',
  peppolId: null,
};

export function line(number: number, over: Partial<DocumentLine> = {}): DocumentLine {
  return {
    line: String(number),
    subcontract: `S-${1000 + number}`,
    sku: 'CAD-PRO',
    kind: 'recurring',
    description: 'Maintenance Acme CAD Professional',
    periodStart: '2027-01-01',
    periodEnd: '2027-12-31',
    quantity: '10',
    unitPrice: '120',
    unit: 'seat',
    discountPercent: null,
    netMinor: 120000,
    taxCategory: 'S',
    taxRate: '19',
    caughtUp: null,
    explanation: '10 × 120.00 a year × 12/12 = 1,200.00',
    ...over,
  };
}

/** An invoice over the given lines, one section per contract, with taxes and totals that follow from them. */
export function invoiceOf(
  contracts: Readonly<Record<string, readonly DocumentLine[]>>,
  over: Partial<InvoiceDocument> = {},
): InvoiceDocument {
  const lines = Object.values(contracts).flat();
  const taxes = over.taxes ?? taxSubtotals(lines);
  const netMinor = sumMinor(lines.map(({ netMinor: net }) => net));
  const taxMinor = sumMinor(taxes.map((tax) => tax.taxMinor));
  const totalMinor = netMinor + taxMinor;
  const paidMinor = over.paidMinor ?? 0;
  return {
    type: 'invoice',
    invoice: 'INV-2026-00017',
    seller: SELLER,
    buyer: BUYER,
    issueDate: '2026-12-15',
    dueDate: '2027-01-14',
    paymentTerms: 'Net 30 days from the issue date, without deduction.',
    poNumber: 'PO-4711',
    currency: 'EUR',
    language: 'en',
    sections: Object.entries(contracts).map(([contract, own]) => ({
      contract,
      title: '',
      subsections: bySubcontract(own),
    })),
    taxes,
    netMinor,
    taxMinor,
    accountingTax: null,
    totalMinor,
    paidMinor,
    balanceMinor: totalMinor - paidMinor,
    credits: null,
    creditsIssueDate: null,
    customFields: [],
    lateChargeClause: null,
    payUrl: null,
    reference: creditorReference('INV-2026-00017'),
    notes: [],
    history: [],
    ...over,
  };
}

function bySubcontract(lines: readonly DocumentLine[]) {
  const groups = new Map<string, DocumentLine[]>();
  for (const one of lines) {
    const key = one.subcontract ?? '';
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) => ({
    subcontract: group[0]?.subcontract ?? null,
    title: group[0]?.description ?? '',
    lines: group,
  }));
}

const LONG =
  'Maintenance Acme CAD Enterprise with Finite Element Module, floating licenses over all sites of the group, ' +
  'including updates, hotline on business days and the archive of drawings since 1998';

/** Fifty lines over three contracts, long texts, an adjustment, decimals of every length, two tax rates. */
export function longInvoice(over: Partial<InvoiceDocument> = {}): InvoiceDocument {
  const lines = Array.from({ length: 50 }, (_, index) => {
    const number = index + 1;
    const subcontract = `S-${1000 + Math.ceil(number / 2)}`;
    if (number % 9 === 0)
      return line(number, {
        subcontract,
        description: LONG,
        quantity: '12.5',
        unitPrice: '68.333333',
        discountPercent: '12.5',
        netMinor: 74740,
      });
    if (number % 10 === 0)
      return line(number, {
        subcontract,
        kind: 'adjustment',
        description: 'Adjustment: quantity reduced from 12 to 10',
        quantity: '1',
        unitPrice: '-240.55',
        netMinor: -24055,
        caughtUp: '2026-10',
      });
    if (number % 7 === 0)
      return line(number, {
        subcontract,
        sku: 'BOOK-1',
        description: 'Handbook, printed',
        kind: 'one-off',
        periodStart: null,
        periodEnd: null,
        quantity: '3',
        unitPrice: '29.9',
        netMinor: 8970,
        taxRate: '7',
      });
    return line(number, { subcontract });
  });
  return invoiceOf(
    { 'C-1042': lines.slice(0, 18), 'C-1043': lines.slice(18, 34), 'C-2001': lines.slice(34) },
    {
      lateChargeClause:
        'Late payment is charged with interest at 9 percentage points above the base rate and a flat fee of 40.00 EUR.',
      payUrl: 'https://portal.perennial.example/i/INV-2026-00017?sig=4f2c9a',
      customFields: [{ name: 'Cost center', value: '4711-99' }],
      notes: ['Thank you for twelve years as our customer.'],
      history: [
        { on: '2026-10-01', text: 'Contract C-1043 added' },
        { on: '2026-11-15', text: 'Quantity of S-1005 reduced from 12 to 10' },
      ],
      ...over,
    },
  );
}

export const STATEMENT: StatementDocument = {
  seller: SELLER,
  buyer: BUYER,
  currency: 'EUR',
  language: 'en',
  from: '2026-10-01',
  asOf: '2026-12-31',
  openingMinor: 100000,
  entries: [
    {
      on: '2026-10-15',
      document: 'INV-2026-00009',
      description: 'Invoice',
      dueDate: '2026-11-14',
      amountMinor: 238000,
      balanceMinor: 338000,
    },
    {
      on: '2026-11-02',
      document: 'P-77',
      description: 'Payment, thank you',
      dueDate: null,
      amountMinor: -100000,
      balanceMinor: 238000,
    },
    {
      on: '2026-12-01',
      document: 'CN-2026-00003',
      description: 'Credit note to INV-2026-00009',
      dueDate: null,
      amountMinor: -11900,
      balanceMinor: 226100,
    },
  ],
  closingMinor: 226100,
  unappliedMinor: 5000,
  openItems: [
    {
      invoice: 'INV-2026-00009',
      issueDate: '2026-10-15',
      dueDate: '2026-11-14',
      totalMinor: 238000,
      openMinor: 226100,
      daysOverdue: 47,
      disputed: true,
      contract: 'C-1042',
      interestMinor: 0,
    },
  ],
  aging: [
    { label: 'not due', amountMinor: 0 },
    { label: '1–30 days', amountMinor: 0 },
    { label: '31–60 days', amountMinor: 226100 },
    { label: '61–90 days', amountMinor: 0 },
    { label: 'over 90 days', amountMinor: 0 },
  ],
  campaigns: [
    {
      name: 'User conference 2027',
      text: 'Meet us in Hamburg on 4 May 2027.',
      url: 'https://perennial.example/uc27',
    },
  ],
  payUrl: 'https://portal.perennial.example/a/A-100?sig=77',
};

export const REMINDER: ReminderLetter = {
  seller: SELLER,
  buyer: BUYER,
  currency: 'EUR',
  language: 'de',
  date: '2027-02-13',
  stage: 2,
  final: false,
  items: [
    {
      invoice: 'INV-2026-00017',
      issueDate: '2026-12-15',
      dueDate: '2027-01-14',
      totalMinor: 285600,
      openMinor: 285600,
      daysOverdue: 30,
      disputed: false,
      contract: 'C-1042',
      interestMinor: 2136,
    },
    {
      invoice: 'INV-2026-00018',
      issueDate: '2026-12-15',
      dueDate: '2027-01-14',
      totalMinor: 11900,
      openMinor: 11900,
      daysOverdue: 30,
      disputed: true,
      contract: 'C-1043',
      interestMinor: 89,
    },
  ],
  feeMinor: 4000,
  totalMinor: 291736,
  nextStep: { on: '2027-02-28', text: 'sperren wir neue Bestellungen.' },
  payBy: '2027-02-20',
  reference: null,
  payUrl: null,
};

export const RENEWAL: RenewalAgreement = {
  seller: SELLER,
  buyer: BUYER,
  contract: 'C-1042',
  currency: 'EUR',
  language: 'en',
  date: '2027-10-02',
  termStart: '2028-01-01',
  termEnd: '2028-12-31',
  answerBy: '2027-12-31',
  autoRenews: false,
  noticeDate: null,
  lines: [
    {
      subcontract: 'S-1001',
      sku: 'CAD-PRO',
      description: 'Maintenance Acme CAD Professional',
      quantity: '10',
      unitPrice: '123.6',
      netMinor: 123600,
      previousNetMinor: 120000,
      change: 'price +3 %',
    },
    {
      subcontract: 'S-1002',
      sku: 'FEM',
      description: 'Maintenance Acme FEM',
      quantity: '2',
      unitPrice: '400',
      netMinor: 80000,
      previousNetMinor: null,
      change: null,
    },
  ],
  netMinor: 203600,
  taxMinor: 38684,
  totalMinor: 242284,
  previousNetMinor: 120000,
  priceRule: '+3 % as agreed',
  changes: [
    'S-1001: price 120.00 → 123.60 a unit and year',
    'S-1002: joined on 1 July 2027, co-termed',
  ],
  paymentTerms: 'Net 30 days from the issue date.',
  poRequired: false,
  acceptUrl: 'https://portal.perennial.example/r/C-1042?sig=aa',
};

/** One line of a document as `book preview` writes it. */
export const PREVIEW_LINE = {
  subcontract: 'S-1',
  sku: 'X',
  kind: 'recurring',
  description: 'Maintenance',
  periodStart: '2027-01-01',
  periodEnd: '2027-12-31',
  quantity: '4',
  unitPrice: '100',
  discountPercent: null,
  net: 40000,
  taxCategory: 'S',
  taxRate: '20',
  caughtUp: null,
  explanation: 'x',
};

/** A document as `book preview` writes it: without a number and without what a company says of itself. */
export const PREVIEW_DOCUMENT = {
  contract: 'C-1',
  account: 'A-1',
  currency: 'EUR',
  issueDate: '2026-11-15',
  dueDate: '2026-12-15',
  lines: [PREVIEW_LINE],
  net: 40000,
  tax: 8000,
  total: 48000,
};
