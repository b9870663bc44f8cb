/** What issued documents have billed, and whose money a document's is (docs/rules/billing-rules.md §1). */
import { describe, expect, it } from 'vitest';
import { rowOf } from '../../../domain/book/blank-row.ts';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Row } from '../../../domain/book/tables.ts';
import {
  billedLines,
  counts,
  documentCurrency,
  entriesOf,
  taxOf,
} from '../../../domain/charges/billed.ts';
import { bookOf } from '../book-builder.ts';

const invoice = (row: Partial<Row<'invoices'>> = {}): Partial<Row<'invoices'>> => ({
  invoice: 'I-1',
  account: 'A-1',
  issued: '2026-01-10',
  contract: 'C-1',
  currency: 'EUR',
  ...row,
});
const line = (row: Partial<Row<'invoice_lines'>> = {}): Partial<Row<'invoice_lines'>> => ({
  invoice: 'I-1',
  line: '1',
  subcontract: 'S-1',
  net: '10.00',
  ...row,
});
const billed = (given: Parameters<typeof bookOf>[0]) =>
  billedLines(indexBook(bookOf({ invoices: [invoice()], ...given })));

describe('documents', () => {
  it('count unless they are drafts or void, however that is written', () => {
    const states = ['issued', 'paid', 'draft', ' Void ', 'VOIDED', 'DRAFT', 'sent'];
    expect(states.map((status) => counts(rowOf('invoices', { status })))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it('are in their own currency, else their contract’s, account’s, entity’s', () => {
    const index = indexBook(
      bookOf({
        entities: [
          { entity: 'E-1', currency: 'CHF' },
          { entity: 'E-2', currency: 'NOK' },
        ],
        accounts: [
          { account: 'A-1', currency: 'GBP' },
          { account: 'A-2', entity: 'E-2' },
          { account: 'A-3' },
        ],
        contracts: [
          { contract: 'C-1', currency: 'SEK' },
          { contract: 'C-2', entity: 'E-2' },
        ],
      }),
    );
    const of = (row: Partial<Row<'invoices'>>) => documentCurrency(index, rowOf('invoices', row));
    expect(of({ currency: 'EUR', contract: 'C-1', account: 'A-1' })).toBe('EUR');
    expect(of({ contract: 'C-1', account: 'A-1' })).toBe('SEK');
    expect(of({ account: 'A-1' })).toBe('GBP');
    expect(of({ account: 'A-2' })).toBe('NOK');
    expect(of({ account: 'A-2', entity: 'E-1' })).toBe('CHF');
    expect(of({ account: 'A-3', contract: 'C-2' })).toBe('NOK');
    // Nobody names one: the book's first entity's; a stranger's likewise.
    expect(of({ account: 'A-3' })).toBe('CHF');
    expect(of({ account: 'A-9', contract: 'C-9' })).toBe('CHF');
    expect(of({ account: 'A-3', entity: 'E-9' })).toBe('USD');
  });
});

describe('lines', () => {
  it('come in order of issue, then invoice, then line, whatever the order of rows', () => {
    const invoices = [
      invoice({ invoice: 'I-3', issued: '2026-01-09' }),
      invoice({ invoice: 'I-2' }),
      invoice({ invoice: 'I-1' }),
    ];
    const rows = [
      line({ invoice: 'I-2' }),
      line({ line: '10' }),
      line({ line: '9' }),
      line({ line: '2' }),
      line({ invoice: 'I-3' }),
    ];
    const order = (invoice_lines: typeof rows) =>
      billed({ invoices, invoice_lines })
        .ofSubcontract.get('S-1')
        ?.map((one) => `${one.invoice}/${one.line}`);
    const expected = ['I-3/1', 'I-1/2', 'I-1/9', 'I-1/10', 'I-2/1'];
    expect(order(rows)).toEqual(expected);
    expect(order([...rows].reverse())).toEqual(expected);
  });

  it('say what they count against and whose they are', () => {
    const { ofSubcontract, unassigned } = billed({
      invoices: [
        invoice({ custom: { source: 'perennial' } }),
        invoice({ invoice: 'I-2', contract: null }),
      ],
      invoice_lines: [
        line({ periodStart: '2026-02-01', periodEnd: '2026-12-31', tax: '1.90' }),
        line({ line: '2', subcontract: null }),
        line({ invoice: 'I-2', custom: { contract: 'C-7' } }),
        line({ invoice: 'I-2', line: '2', subcontract: null }),
        line({ invoice: 'I-9' }),
      ],
    });
    const [own, imported, ...others] = ofSubcontract.get('S-1') ?? [];
    expect(others).toEqual([]);
    expect(own).toMatchObject({
      contract: 'C-1',
      countsOn: '2026-02-01',
      periodEnd: '2026-12-31',
      issuedOn: '2026-01-10',
      netMinor: 1000,
      taxMinor: 190,
      isOwn: true,
      component: 'advance',
    });
    expect(imported).toMatchObject({ contract: 'C-7', countsOn: '2026-01-10', isOwn: false });
    expect([...unassigned].map(([contract, lines]) => [contract, lines.length])).toEqual([
      ['C-1', 1],
    ]);
  });

  it('of usage and of service time are told by their product or by their entries', () => {
    const component = (row: Partial<Row<'invoice_lines'>>) =>
      billed({
        products: [
          { sku: 'API', kind: 'usage' },
          { sku: 'MNT', kind: 'maintenance' },
        ],
        subcontracts: [
          { subcontract: 'S-1', contract: 'C-1', sku: 'MNT' },
          { subcontract: 'S-2', contract: 'C-1', sku: 'API' },
        ],
        usage: [{ event: 'E-1', subcontract: 'S-2' }],
        timesheets: [{ entry: 'T-1', account: 'A-1' }],
        invoice_lines: [line(row)],
      }).ofSubcontract.get(row.subcontract ?? 'S-1')?.[0]?.component;
    expect(component({})).toBe('advance');
    expect(component({ sku: 'API' })).toBe('usage');
    expect(component({ subcontract: 'S-2' })).toBe('usage');
    expect(component({ subcontract: 'S-2', sku: 'MNT' })).toBe('advance');
    expect(component({ subcontract: 'S-9' })).toBe('advance');
    expect(component({ sku: 'UNKNOWN' })).toBe('advance');
    expect(component({ entry: 'X-1; E-1' })).toBe('usage');
    expect(component({ entry: 'X-1;T-1' })).toBe('service');
    expect(component({ entry: 'X-1' })).toBe('advance');
  });

  it('are found by each entry that they bill', () => {
    const { ofEntry } = billed({
      invoice_lines: [
        line({ entry: 'E-1; E-2' }),
        line({ line: '2', entry: 'E-2' }),
        line({ line: '3' }),
      ],
    });
    expect([...ofEntry].map(([entry, lines]) => [entry, lines.map((one) => one.line)])).toEqual([
      ['E-1', ['1']],
      ['E-2', ['1', '2']],
    ]);
    expect(entriesOf(rowOf('invoice_lines', { entry: null }))).toEqual([]);
  });

  it('that can not be read name their subcontract and their contract, and nobody else’s', () => {
    const { unreadable, ofSubcontract } = billed({
      invoices: [invoice(), invoice({ invoice: 'I-2', contract: null })],
      invoice_lines: [
        line({ net: 'ten' }),
        line({ invoice: 'I-2', subcontract: null, net: '0.001', custom: { contract: 'C-7' } }),
        line({ invoice: 'I-2', line: '2', subcontract: 'S-2' }),
      ],
    });
    expect([...unreadable.keys()].sort()).toEqual(['C-1', 'C-7', 'S-1']);
    expect(unreadable.get('S-1')?.code).toBe('history-unreadable');
    expect([...ofSubcontract.keys()]).toEqual(['S-2']);
  });

  it('have the tax that they give, else their rate’s, else none', () => {
    const tax = (row: Partial<Row<'invoice_lines'>>) =>
      taxOf(rowOf('invoice_lines', row), 1050, 'EUR');
    expect([tax({ tax: '0.50', taxRate: '19' }), tax({ taxRate: '19' }), tax({})]).toEqual([
      50, 200, 0,
    ]);
  });
});
