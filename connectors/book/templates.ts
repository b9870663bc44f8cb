/**
 * Templates to fill in: every table with its header and one example row, and notes that say what each column takes. The example
 * rows are a book that checks clean. Source: docs/rules/contract-book.md.
 */
import {
  BOOK_TABLES,
  type ColumnKind,
  type ColumnSpec,
  REQUIRED_TABLES,
  TABLE_NAMES,
  type TableName,
} from '../../domain/book/tables.ts';
import { tableSpec } from './rows.ts';
import { NOTES_NAME } from './source.ts';
import type { Sheet } from './write.ts';

type Example<T extends TableName> = {
  readonly [K in keyof (typeof BOOK_TABLES)[T]['columns']]?: string;
};

const EXAMPLES: { readonly [T in TableName]: Example<T> } = {
  entities: {
    entity: 'MAIN', legal_name: 'Example Software Ltd', address_line1: '1 High Street', city: 'Leeds',
    postal_code: 'LS1 1AA', country: 'GB', tax_id: 'GB980780684', currency: 'GBP', time_zone: 'Europe/London',
    fiscal_year_start: '01-01', bank_name: 'Example Bank', iban: 'GB82WEST12345698765432', email: 'billing@example.com',
    invoice_series: 'INV', next_number: '1', cutover: '2026-12-01',
  }, // biome-ignore format: an example row reads as a row
  accounts: {
    account: 'K-1001', name: 'Customer & Sons', entity: 'MAIN', kind: 'business', currency: 'GBP', language: 'en',
    address_line1: '7 Mill Lane', city: 'York', postal_code: 'YO1 7AA', country: 'GB',
    billing_email: 'accounts@customer.example', payment_terms: 'net 30',
  }, // biome-ignore format: as above
  contacts: {
    account: 'K-1001', email: 'jo@customer.example', name: 'Jo Miller', role: 'billing', receives: 'invoice;reminder',
  }, // biome-ignore format: as above
  products: {
    sku: 'CAD-M', name: 'CAD maintenance', kind: 'maintenance', unit: 'seat', tax_category: 'S', successor_sku: '',
  }, // biome-ignore format: as above
  prices: {
    price_list: 'default', sku: 'CAD-M', currency: 'GBP', unit_price: '120.00', tax: 'exclusive', valid_from: '2026-01-01',
  }, // biome-ignore format: as above
  promotions: {
    promotion: 'FIRST-YEAR', skus: 'CAD-M', percent: '10', valid_from: '2026-01-01', valid_to: '2026-12-31',
  }, // biome-ignore format: as above
  taxes: { country: 'GB', category: 'S', rate: '20', valid_from: '2011-01-04', text: '20% VAT' },
  indices: { index: 'CPI-GB', month: '2026-01', value: '139.4' },
  contracts: {
    contract: 'C-1001', account: 'K-1001', start: '2026-03-01', end: '2028-02-29', entity: 'MAIN', currency: 'GBP',
    billing_frequency: 'annual', payment_terms: 'net 30', price_list: 'default', price_rule: 'none', auto_renew: 'yes',
    notice_days: '90', status: 'active',
  }, // biome-ignore format: as above
  subcontracts: {
    subcontract: 'S-1001-1', contract: 'C-1001', sku: 'CAD-M', quantity: '5', unit_price: '120.00', serial: 'SN-4711',
    status: 'active',
  }, // biome-ignore format: as above
  amendments: {
    amendment: 'AM-1', subcontract: 'S-1001-1', kind: 'quantity', value: '6', effective: '2027-03-01', reason: 'change',
  }, // biome-ignore format: as above
  quotes: {
    quote: 'Q-1', account: 'K-1001', sku: 'CAD-M', quantity: '2', unit_price: '120.00', valid_until: '2026-12-31',
    status: 'open',
  }, // biome-ignore format: as above
  orders: {
    order: 'O-1', line: '1', account: 'K-1001', sku: 'CAD-M', quantity: '5', stage: 'closed_won', closed: '2026-02-20',
    unit_price: '120.00', contract: 'C-1001', subcontract: 'S-1001-1',
  }, // biome-ignore format: as above
  timesheets: {
    entry: 'T-1', account: 'K-1001', date: '2026-04-02', hours: '3.5', rate: '95.00', currency: 'GBP', billable: 'yes',
    description: 'Training', approved_on: '2026-04-10',
  }, // biome-ignore format: as above
  usage: {
    event: 'U-1', subcontract: 'S-1001-1', metric: 'CAD-M', quantity: '12', at: '2026-04-02T09:30:00Z',
  }, // biome-ignore format: as above
  invoices: {
    invoice: 'OLD-2026-017', account: 'K-1001', issued: '2026-02-15', type: 'invoice', due: '2026-03-17',
    contract: 'C-1001', currency: 'GBP', status: 'issued', net: '600.00', tax: '120.00', total: '720.00', balance: '220.00',
  }, // biome-ignore format: as above
  invoice_lines: {
    invoice: 'OLD-2026-017', line: '1', subcontract: 'S-1001-1', sku: 'CAD-M', description: 'CAD maintenance',
    quantity: '5', unit_price: '120.00', period_start: '2026-03-01', period_end: '2027-02-28', net: '600.00',
    tax_category: 'S', tax_rate: '20', tax: '120.00',
  }, // biome-ignore format: as above
  payments: {
    payment: 'P-1', account: 'K-1001', received: '2026-03-10', amount: '500.00', currency: 'GBP', method: 'transfer',
    reference: 'OLD-2026-017',
  }, // biome-ignore format: as above
  payment_allocations: { payment: 'P-1', invoice: 'OLD-2026-017', line: '1', amount: '500.00' },
  licenses: {
    license: 'L-1', account: 'K-1001', subcontract: 'S-1001-1', sku: 'CAD-M', seats: '5', valid_from: '2026-03-01',
    valid_through: '2027-02-28', kind: 'full', state: 'enabled',
  }, // biome-ignore format: as above
  incidents: {
    incident: 'I-1', account: 'K-1001', opened: '2026-05-04', closed: '2026-05-05', sku: 'CAD-M', severity: 'low',
    subject: 'Print preview is empty', minutes: '45',
  }, // biome-ignore format: as above
  policies: { scope: 'entity', id: 'MAIN', policy: 'proration', value: 'daily' },
  campaigns: {
    campaign: 'OPEN-DAY', name: 'Open day', kind: 'event', url: 'https://example.com/open-day', starts: '2026-06-01',
    ends: '2026-06-30', audience: 'all', text: 'Come and see the new release.',
  }, // biome-ignore format: as above
};

const WHAT: Readonly<Partial<Record<TableName, string>>> = {
  entities: 'Selling companies and divisions; may be left out where there is one',
  accounts: 'Customers',
  contacts: 'People at customers, and which mails they get',
  products: 'What is sold',
  prices: 'Price lists',
  taxes: 'Tax rates; without them every rate is zero',
  indices: 'Index values for prices that follow one',
  contracts: 'Contracts: parties, term, how they are billed',
  subcontracts: 'What each contract covers: product, quantity, price',
  amendments: 'Changes of subcontracts with the day they take effect',
  invoices: 'Invoices and credit notes of the past; balance is what is open',
  invoice_lines: 'Their lines: with the periods that were billed, nothing is billed twice',
  payments: 'Money received',
  payment_allocations: 'Which invoices it paid',
  policies: 'How an entity, account or contract is handled',
};

const KIND_WORDS: Readonly<Record<ColumnKind, string>> = {
  text: 'text',
  date: 'YYYY-MM-DD',
  month: 'YYYY-MM',
  monthDay: 'MM-DD',
  timestamp: 'date and time with zone, 2026-04-02T09:30:00Z',
  decimal: 'number with a point, no thousands separator',
  amount: 'amount with a point, 1190.00',
  integer: 'whole number',
  boolean: 'yes or no',
  currency: 'three letters, EUR',
  country: 'two letters, DE',
  timeZone: 'IANA name, Europe/Berlin',
  email: 'mail address',
  list: 'several, separated by ;',
  frequency: 'monthly, quarterly, semiannual, annual, or 2 years',
  paymentTerms: 'net 30, net 30 end-of-month, due on receipt, 2/10 net 30',
};

function takes(spec: ColumnSpec): string {
  const what =
    spec.values === undefined ? KIND_WORDS[spec.kind] : `one of ${spec.values.join(', ')}`;
  const reference = spec.references === undefined ? '' : `; names a row of ${spec.references}`;
  const fallback = spec.default === undefined ? '' : `; empty means ${spec.default}`;
  return `${what}${reference}${fallback}`;
}

/** A sheet per table with header and example row, and the notes as the first one. */
export function templateSheets(): Sheet[] {
  const tables = TABLE_NAMES.map((table): Sheet => {
    const example: Readonly<Record<string, string | undefined>> = EXAMPLES[table];
    const header = Object.keys(tableSpec(table).columns);
    return { name: table, header, rows: [header.map((column) => example[column] ?? '')] };
  });
  return [notes(), ...tables];
}

function notes(): Sheet {
  const general = [
    [
      '',
      '',
      '',
      'Keep the headers; the order of columns is free. Delete the example rows and the tables you do not need.',
    ],
    ['', '', '', `Needed: ${REQUIRED_TABLES.join(', ')}. All other tables may be left out.`],
    ['', '', '', 'A column of your own is kept and comes back on export and on documents.'],
  ];
  const columns = TABLE_NAMES.flatMap((table) =>
    Object.entries<ColumnSpec>(BOOK_TABLES[table].columns).map(([name, spec], at) => [
      table,
      name,
      spec.required === true ? 'yes' : '',
      `${takes(spec)}${at === 0 && WHAT[table] !== undefined ? ` (${table}: ${WHAT[table]})` : ''}`,
    ]),
  );
  return {
    name: NOTES_NAME,
    header: ['table', 'column', 'required', 'what it takes'],
    rows: [...general, ...columns],
  };
}
