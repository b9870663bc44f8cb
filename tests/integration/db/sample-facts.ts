/** Small books and documents for the database's tests: one entity, two accounts, a contract each. */
import type { BillDocument, BillLine, BillRunPreview } from '../../../domain/bill-run/document.ts';
import {
  BOOK_TABLES,
  type Book,
  type ColumnSpec,
  camel,
  emptyBook,
  type Row,
  type TableName,
} from '../../../domain/book/tables.ts';

export const ANN = { user: 'ann@example.com', role: 'biller' } as const;
export const BOB = { user: 'bob@example.com', role: 'approver' } as const;
export const KEYS = {
  invoice: (subject: string, month: string, ordinal: number) =>
    `invoice:${subject}:${month}${ordinal > 1 ? `:${ordinal}` : ''}`,
  creditNote: (subject: string, month: string, ordinal: number) =>
    `credit-note:${subject}:${month}${ordinal > 1 ? `:${ordinal}` : ''}`,
};

/** A row of a book table: what is not given is empty, or the column's default. */
export function row<T extends TableName>(
  table: T,
  values: { [K in keyof Row<T>]?: Row<T>[K] },
): Row<T> {
  const columns = Object.entries<ColumnSpec>(BOOK_TABLES[table].columns).map(([name, spec]) => [
    camel(name),
    spec.default === 'no' ? false : (spec.default ?? null),
  ]);
  return { ...Object.fromEntries(columns), custom: {}, ...values } as Row<T>;
}

export function sampleBook(changes: Partial<Book> = {}): Book {
  return {
    ...emptyBook(),
    entities: [
      row('entities', {
        entity: 'US',
        legalName: 'Acme Software Inc.',
        currency: 'USD',
        timeZone: 'America/New_York',
        country: 'US',
        cutover: '2026-11-01',
        custom: { Colour: 'green' },
      }),
    ],
    accounts: ['A-1', 'A-2'].map((account) =>
      row('accounts', {
        account,
        name: `Customer ${account}`,
        entity: 'US',
        currency: 'USD',
        ccEmails: ['cc@example.com'],
      }),
    ),
    products: [row('products', { sku: 'CAD', name: 'Acme CAD', kind: 'maintenance' })],
    contracts: ['1', '2'].map((n) =>
      row('contracts', {
        contract: `C-${n}`,
        account: `A-${n}`,
        start: '2026-01-01',
        end: '2027-12-31',
        currency: 'USD',
      }),
    ),
    subcontracts: ['1', '2'].map((n) =>
      row('subcontracts', {
        subcontract: `S-${n}`,
        contract: `C-${n}`,
        sku: 'CAD',
        quantity: '10.50',
        unitPrice: '120',
      }),
    ),
    ...changes,
  };
}

export function line(values: Partial<BillLine> = {}): BillLine {
  return {
    contract: 'C-1',
    subcontract: 'S-1',
    sku: 'CAD',
    kind: 'recurring',
    description: 'Maintenance of Acme CAD',
    periodStart: '2027-01-01',
    periodEnd: '2027-12-31',
    quantity: '10',
    unitPrice: '100',
    discountPercent: '0',
    net: 100_000,
    taxCategory: 'S',
    taxRate: '19',
    caughtUp: false,
    explanation: { rule: 'recurring charge, §3', words: 'A year.', inputs: {}, arithmetic: '' },
    ...values,
  };
}

/** A document with 19 % on all its lines. */
export function document(values: Partial<BillDocument> = {}): BillDocument {
  const lines = values.lines ?? [line()];
  const net = lines.reduce((sum, { net: amount }) => sum + amount, 0);
  const tax = Math.sign(net) * Math.round((Math.abs(net) * 19) / 100);
  return {
    contract: 'C-1',
    subject: 'C-1',
    entity: 'US',
    account: 'A-1',
    currency: 'USD',
    issueDate: '2026-11-15',
    dueDate: '2026-12-15',
    paymentTerms: 'net 30',
    poNumber: null,
    lines,
    taxes: [{ category: 'S', rate: '19', base: net, tax, reason: null }],
    net,
    tax,
    total: net + tax,
    ...values,
  };
}

export function preview(
  invoices: readonly BillDocument[],
  more: Partial<BillRunPreview> = {},
): BillRunPreview {
  return {
    run: '2026-11-15',
    invoices,
    creditNotes: [],
    held: [],
    setAside: [],
    carried: [],
    control: {},
    warnings: [],
    ...more,
  };
}
