/**
 * The contract book: one description of every table and column, from which the reader, the checker, the writer, the
 * TypeScript row types and the database's fact tables all follow. Source: docs/rules/contract-book.md.
 */

/** What a column holds, once it has been read. Money and quantities stay decimal strings: never a binary float. */
export type ColumnKind =
  | 'text'
  | 'date' // YYYY-MM-DD
  | 'month' // YYYY-MM
  | 'monthDay' // MM-DD
  | 'timestamp' // RFC 3339
  | 'decimal' // up to 6 decimals, any sign
  | 'amount' // a decimal in the currency's major unit
  | 'integer'
  | 'boolean'
  | 'currency' // ISO 4217
  | 'country' // ISO 3166-1 alpha-2
  | 'timeZone' // IANA
  | 'email'
  | 'list' // separated by semicolons
  | 'frequency' // monthly, quarterly, semiannual, annual, N years
  | 'paymentTerms'; // net N, net N end-of-month, due on receipt, d/D net N

export interface ColumnSpec {
  readonly kind: ColumnKind;
  readonly required?: true;
  /** Accepted values (lower case); anything else is an error that lists them. */
  readonly values?: readonly string[];
  /** The table whose key this column must name. */
  readonly references?: string;
  /** The value an empty field stands for, where the default does not depend on other rows. */
  readonly default?: string;
}

export interface TableSpec {
  /** The columns that together identify a row. */
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, ColumnSpec>>;
}

const text = { kind: 'text' } as const;
const date = { kind: 'date' } as const;
const decimal = { kind: 'decimal' } as const;
const amount = { kind: 'amount' } as const;
const currency = { kind: 'currency' } as const;
const boolean = { kind: 'boolean' } as const;
const list = { kind: 'list' } as const;
const key = { kind: 'text', required: true } as const;
const ref = <T extends string>(table: T) => ({ kind: 'text', references: table }) as const;
const needs = <T extends string>(table: T) =>
  ({ kind: 'text', references: table, required: true }) as const;
const oneOf = <const V extends readonly string[]>(...values: V) =>
  ({ kind: 'text', values }) as const;

export const PRODUCT_KINDS = [
  'maintenance',
  'subscription',
  'license',
  'service',
  'usage',
  'goods',
  'fee',
] as const;
export const AMENDMENT_KINDS = [
  'add',
  'remove',
  'quantity',
  'price',
  'discount',
  'pause',
  'resume',
  'move',
] as const;

export const BOOK_TABLES = {
  entities: {
    key: ['entity'],
    columns: {
      entity: key,
      legal_name: text,
      address_line1: text,
      address_line2: text,
      city: text,
      region: text,
      postal_code: text,
      country: { kind: 'country' },
      tax_id: text,
      registration: text,
      tax_regions: list,
      currency,
      time_zone: { kind: 'timeZone' },
      fiscal_year_start: { kind: 'monthDay' },
      bank_name: text,
      iban: text,
      bic: text,
      routing_number: text,
      account_number: text,
      remit_to: text,
      email: { kind: 'email' },
      logo: text,
      invoice_series: text,
      next_number: { kind: 'integer' },
      cutover: date,
    },
  },
  accounts: {
    key: ['account'],
    columns: {
      account: key,
      name: { kind: 'text', required: true },
      parent: ref('accounts'),
      entity: ref('entities'),
      status: { ...oneOf('active', 'closed'), default: 'active' },
      kind: oneOf('business', 'consumer'),
      currency,
      language: text,
      time_zone: { kind: 'timeZone' },
      tax_id: text,
      tax_category: oneOf('S', 'Z', 'E', 'AE', 'K', 'G', 'O'),
      exemption_certificate: text,
      exemption_expires: date,
      address_line1: text,
      address_line2: text,
      city: text,
      region: text,
      postal_code: text,
      country: { kind: 'country' },
      delivery_country: { kind: 'country' },
      delivery_region: text,
      billing_email: { kind: 'email' },
      cc_emails: list,
      delivery: oneOf('mail', 'peppol', 'portal'),
      peppol_id: text,
      buyer_reference: text,
      payment_terms: { kind: 'paymentTerms' },
      po_required: boolean,
      credit_limit: amount,
      insolvent_since: date,
      crm_id: text,
      accounting_id: text,
      owner_email: { kind: 'email' },
    },
  },
  contacts: {
    key: ['account', 'email'],
    columns: {
      account: needs('accounts'),
      email: { kind: 'email', required: true },
      name: text,
      role: oneOf('billing', 'technical', 'owner', 'signatory'),
      receives: list,
      marketing_consent: boolean,
      phone: text,
    },
  },
  products: {
    key: ['sku'],
    columns: {
      sku: key,
      name: { kind: 'text', required: true },
      kind: { kind: 'text', required: true, values: PRODUCT_KINDS },
      unit: text,
      tax_category: oneOf('S', 'Z', 'E', 'AE', 'K', 'G', 'O'),
      tax_class: text,
      stock: decimal,
      successor_sku: ref('products'),
    },
  },
  prices: {
    key: ['price_list', 'sku', 'currency', 'min_quantity', 'valid_from'],
    columns: {
      price_list: key,
      sku: needs('products'),
      currency: { kind: 'currency', required: true },
      unit_price: { kind: 'decimal', required: true },
      min_quantity: decimal,
      tier: oneOf('volume', 'graduated'),
      tax: oneOf('exclusive', 'inclusive'),
      valid_from: date,
      valid_to: date,
    },
  },
  promotions: {
    key: ['promotion'],
    columns: {
      promotion: key,
      skus: list,
      percent: decimal,
      amount,
      currency,
      valid_from: date,
      valid_to: date,
    },
  },
  taxes: {
    key: ['country', 'region', 'category', 'tax_class', 'valid_from'],
    columns: {
      country: { kind: 'country', required: true },
      region: text,
      category: { kind: 'text', required: true, values: ['S', 'Z', 'E', 'AE', 'K', 'G', 'O'] },
      tax_class: text,
      rate: { kind: 'decimal', required: true },
      valid_from: date,
      valid_to: date,
      text,
    },
  },
  indices: {
    key: ['index', 'month'],
    columns: {
      index: key,
      month: { kind: 'month', required: true },
      value: { kind: 'decimal', required: true },
    },
  },
  contracts: {
    key: ['contract'],
    columns: {
      contract: key,
      account: needs('accounts'),
      start: { kind: 'date', required: true },
      end: { kind: 'date', required: true },
      entity: ref('entities'),
      currency,
      billing_frequency: { kind: 'frequency', default: 'annual' },
      anchor: date,
      bill_from: date,
      lead_months: { kind: 'integer' },
      payment_terms: { kind: 'paymentTerms' },
      proration: oneOf('daily', 'thirty360', 'whole-months', 'none'),
      reductions: oneOf('prorated', 'next-period'),
      grouping: oneOf('contract', 'account', 'po'),
      price_list: text,
      discount_percent: decimal,
      discount_from: date,
      discount_to: date,
      minimum: amount,
      price_rule: oneOf('none', 'percent', 'index', 'list'),
      uplift_percent: decimal,
      index: text,
      uplift_floor: decimal,
      uplift_cap: decimal,
      auto_renew: { kind: 'boolean', default: 'no' },
      notice_days: { kind: 'integer' },
      notice_received: date,
      terminated_on: date,
      late_charge: text,
      po_number: text,
      billing_contact: text,
      bill_to: ref('accounts'),
      end_user: ref('accounts'),
      reseller: ref('accounts'),
      status: {
        ...oneOf('draft', 'active', 'suspended', 'terminated', 'lapsed'),
        default: 'active',
      },
    },
  },
  subcontracts: {
    key: ['subcontract'],
    columns: {
      subcontract: key,
      contract: needs('contracts'),
      sku: needs('products'),
      quantity: { kind: 'decimal', required: true },
      unit_price: decimal,
      discount_percent: decimal,
      promotion: ref('promotions'),
      included_quantity: decimal,
      start: date,
      end: date,
      recorded: date,
      serial: text,
      status: { ...oneOf('active', 'suspended', 'terminated'), default: 'active' },
      opportunity: text,
    },
  },
  amendments: {
    key: ['amendment'],
    columns: {
      amendment: key,
      subcontract: needs('subcontracts'),
      kind: { kind: 'text', required: true, values: AMENDMENT_KINDS },
      value: text,
      effective: { kind: 'date', required: true },
      recorded: date,
      reason: oneOf('change', 'correction'),
    },
  },
  quotes: {
    key: ['quote', 'sku'],
    columns: {
      quote: key,
      account: needs('accounts'),
      sku: needs('products'),
      quantity: { kind: 'decimal', required: true },
      unit_price: decimal,
      valid_until: date,
      status: text,
      order: text,
    },
  },
  orders: {
    key: ['order', 'line'],
    columns: {
      order: key,
      line: text,
      account: needs('accounts'),
      sku: needs('products'),
      quantity: { kind: 'decimal', required: true },
      entity: ref('entities'),
      opportunity: text,
      stage: oneOf('open', 'closed_won', 'closed_lost', 'cancelled'),
      closed: date,
      unit_price: decimal,
      billing_frequency: { kind: 'frequency' },
      start: date,
      term_months: { kind: 'integer' },
      available: date,
      delivered: date,
      contract: text,
      subcontract: text,
    },
  },
  timesheets: {
    key: ['entry'],
    columns: {
      entry: key,
      account: needs('accounts'),
      date: { kind: 'date', required: true },
      hours: { kind: 'decimal', required: true },
      rate: { kind: 'decimal', required: true },
      currency,
      contract: ref('contracts'),
      billable: boolean,
      description: text,
      approved_on: date,
    },
  },
  usage: {
    key: ['event'],
    columns: {
      event: key,
      subcontract: needs('subcontracts'),
      metric: { kind: 'text', required: true },
      quantity: { kind: 'decimal', required: true },
      at: { kind: 'timestamp', required: true },
    },
  },
  invoices: {
    key: ['invoice'],
    columns: {
      invoice: key,
      account: needs('accounts'),
      issued: { kind: 'date', required: true },
      type: { ...oneOf('invoice', 'credit_note', 'late_charge'), default: 'invoice' },
      credits: ref('invoices'),
      entity: ref('entities'),
      due: date,
      contract: ref('contracts'),
      po_number: text,
      currency,
      status: { ...text, default: 'issued' },
      disputed: boolean,
      net: amount,
      tax: amount,
      total: amount,
      balance: amount,
    },
  },
  invoice_lines: {
    key: ['invoice', 'line'],
    columns: {
      invoice: needs('invoices'),
      line: key,
      subcontract: ref('subcontracts'),
      entry: text,
      sku: text,
      description: text,
      quantity: decimal,
      unit_price: decimal,
      period_start: date,
      period_end: date,
      net: { kind: 'amount', required: true },
      tax_category: oneOf('S', 'Z', 'E', 'AE', 'K', 'G', 'O'),
      tax_rate: decimal,
      tax: amount,
    },
  },
  payments: {
    key: ['payment'],
    columns: {
      payment: key,
      account: needs('accounts'),
      received: { kind: 'date', required: true },
      amount: { kind: 'amount', required: true },
      currency,
      method: text,
      reference: text,
      payer: text,
      bank_account: text,
      status: { ...oneOf('received', 'returned', 'refunded'), default: 'received' },
      invoice: ref('invoices'),
    },
  },
  payment_allocations: {
    key: ['payment', 'invoice', 'line'],
    columns: {
      payment: needs('payments'),
      invoice: needs('invoices'),
      line: text,
      amount: { kind: 'amount', required: true },
    },
  },
  licenses: {
    key: ['license'],
    columns: {
      license: key,
      account: needs('accounts'),
      subcontract: text,
      sku: text,
      seats: decimal,
      valid_from: date,
      valid_through: date,
      kind: oneOf('full', 'temporary', 'evaluation'),
      state: { ...oneOf('enabled', 'suspended', 'superseded', 'revoked'), default: 'enabled' },
      key: text,
    },
  },
  incidents: {
    key: ['incident'],
    columns: {
      incident: key,
      account: needs('accounts'),
      opened: { kind: 'date', required: true },
      closed: date,
      sku: text,
      severity: text,
      subject: text,
      minutes: { kind: 'integer' },
    },
  },
  policies: {
    key: ['scope', 'id', 'policy', 'valid_from'],
    columns: {
      scope: { kind: 'text', required: true, values: ['entity', 'account', 'contract'] },
      id: { kind: 'text', required: true },
      policy: { kind: 'text', required: true },
      value: { kind: 'text', required: true },
      valid_from: date,
    },
  },
  campaigns: {
    key: ['campaign'],
    columns: {
      campaign: key,
      name: { kind: 'text', required: true },
      kind: oneOf('campaign', 'event'),
      url: text,
      starts: date,
      ends: date,
      audience: list,
      text,
    },
  },
} as const satisfies Record<string, TableSpec>;

export type TableName = keyof typeof BOOK_TABLES;
export const TABLE_NAMES = Object.keys(BOOK_TABLES) as TableName[];
/** The tables that a book must hold; all others may be absent. */
export const REQUIRED_TABLES: readonly TableName[] = [
  'accounts',
  'products',
  'contracts',
  'subcontracts',
];
/** What is sold and at which price and tax: charges of every contract are computed from it. */
export const CATALOGUE_TABLES = [
  'products',
  'prices',
  'promotions',
  'taxes',
  'indices',
] as const satisfies readonly TableName[];
/** Tables whose rows hold for all accounts; those of the others belong to one each. */
export const SHARED_TABLES: ReadonlySet<string> = new Set([...CATALOGUE_TABLES, 'campaigns']);
/** `book check` refuses a workbook with more rows than this; CSV has no such limit. */
export const XLSX_ROW_LIMIT = 50_000;

/** snake_case of the file → camelCase of the code. */
export type Camel<S extends string> = S extends `${infer A}_${infer B}`
  ? `${A}${Capitalize<Camel<B>>}`
  : S;
export function camel<S extends string>(snake: S): Camel<S> {
  return snake.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase()) as Camel<S>;
}

type ValueOf<C extends ColumnSpec> = C extends { values: readonly (infer V)[] }
  ? V
  : C['kind'] extends 'boolean'
    ? boolean
    : C['kind'] extends 'integer'
      ? number
      : C['kind'] extends 'list'
        ? readonly string[]
        : string;
type Columns<T extends TableName> = (typeof BOOK_TABLES)[T]['columns'];
type ColumnOf<T extends TableName, K extends keyof Columns<T>> = Columns<T>[K] extends ColumnSpec
  ? Columns<T>[K]
  : never;
type IsSet<C extends ColumnSpec> = C extends { required: true }
  ? true
  : C extends { default: string }
    ? true
    : false;

/**
 * One row of a book table, as code sees it: camelCase names, `null` for "not given", defaults that need no other row
 * filled in, columns that the book does not know in `custom` (under the header as it was written).
 */
export type Row<T extends TableName> = {
  readonly [K in keyof Columns<T> & string as Camel<K>]: IsSet<ColumnOf<T, K>> extends true
    ? ValueOf<ColumnOf<T, K>>
    : ValueOf<ColumnOf<T, K>> | null;
} & { readonly custom: Readonly<Record<string, string>> };

/**
 * A column of our own exports in payment_allocations: what settled the invoice besides the money of `amount` (discount,
 * write-off, tax withheld, bank fee). The contract book has none for it.
 */
export const SETTLED_BESIDES = 'settled_besides';

/** A whole book in memory: every table present, absent ones empty. */
export type Book = { readonly [T in TableName]: readonly Row<T>[] };

/** A book with no rows at all. */
export function emptyBook(): Book {
  return Object.fromEntries(TABLE_NAMES.map((name) => [name, []])) as unknown as Book;
}
