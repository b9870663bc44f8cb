/** Dated stories of what a run bills (docs/rules/billing-rules.md §1–§5). */
import { describe, expect, it } from 'vitest';
import type { BillRunPreview } from '../../../domain/bill-run/document.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import type { Book, Row } from '../../../domain/book/tables.ts';
import { amendment, company, contract, subcontract } from '../book-builder.ts';

/** History that bills S-1 for the year 2026 in full. */
const billed = (net: string, row: Partial<Row<'invoice_lines'>> = {}) => ({
  invoices: [{ invoice: 'OLD-1', account: 'A-1', issued: '2025-12-01', contract: 'C-1' }],
  invoice_lines: [
    { invoice: 'OLD-1', line: '1', subcontract: 'S-1', net, periodStart: '2026-01-01', ...row },
  ],
});

const run = (book: Book, day: string) => previewBillRun(book, { run: day });
const nets = (preview: BillRunPreview) =>
  [...preview.invoices, ...preview.creditNotes].flatMap((doc) => doc.lines.map((line) => line.net));
const kinds = (preview: BillRunPreview) =>
  [...preview.invoices, ...preview.creditNotes].flatMap((doc) =>
    doc.lines.map((line) => line.kind),
  );

describe('horizon', () => {
  const book = company({
    contracts: [contract({ start: '2027-01-31', end: '2028-01-30' })],
    subcontracts: [subcontract()],
  });
  it('an annual period is billed by the run whose second month after holds its start', () => {
    expect(nets(run(book, '2026-10-15'))).toEqual([]);
    expect(nets(run(book, '2026-11-15'))).toEqual([100000]);
  });
  it('what last month would have billed is caught up, with the month it was due', () => {
    expect(run(book, '2026-11-15').invoices[0]?.lines[0]?.caughtUp).toBe(false);
    const late = run(book, '2027-02-15').invoices[0]?.lines[0];
    expect(late).toMatchObject({ caughtUp: true, dueMonth: '2026-11' });
  });
  it('shorter frequencies look one month ahead', () => {
    const monthly = company({
      contracts: [
        contract({ billingFrequency: 'monthly', start: '2026-11-01', end: '2027-10-31' }),
      ],
      subcontracts: [subcontract({ quantity: '12' })],
    });
    expect(nets(run(monthly, '2026-11-15'))).toEqual([10000, 10000]);
  });
});

describe('stubs and anchors', () => {
  it('14/365, then a year, then 12/366: the stub at either end is part of the whole cycle it lies in', () => {
    const book = company({
      contracts: [contract({ start: '2011-01-01', end: '2012-01-26', anchor: '2011-01-15' })],
      subcontracts: [subcontract({ quantity: '1', unitPrice: '365' })],
    });
    expect(nets(run(book, '2011-12-15'))).toEqual([1400, 36500, 1197]);
  });
  it('the 31st keeps its anchor through February', () => {
    const book = company({
      contracts: [
        contract({ start: '2026-01-31', end: '2026-04-29', billingFrequency: 'monthly' }),
      ],
      subcontracts: [subcontract({ quantity: '12', unitPrice: '1' })],
    });
    const starts = run(book, '2026-04-15').invoices[0]?.lines.map((line) => line.periodStart);
    expect(starts).toEqual(['2026-01-31', '2026-02-28', '2026-03-31']);
  });
});

describe('amendments', () => {
  it('each cuts a segment with a charge of its own', () => {
    const book = company({
      contracts: [contract()],
      subcontracts: [subcontract({ unitPrice: '365' })],
      amendments: [amendment({ kind: 'add', value: '5', effective: '2026-07-01' })],
    });
    expect(nets(run(book, '2026-01-15'))).toEqual([10 * 181 * 100, 15 * 184 * 100]);
  });
  it('after billing the difference is one adjustment line', () => {
    const book = company({
      contracts: [contract()],
      subcontracts: [subcontract({ unitPrice: '365' })],
      amendments: [
        amendment({
          kind: 'quantity',
          value: '12',
          effective: '2026-07-01',
          recorded: '2026-06-20',
        }),
      ],
      ...billed('3650.00'),
    });
    expect(nets(run(book, '2026-06-15'))).toEqual([]);
    const later = run(book, '2026-07-15');
    expect(kinds(later)).toEqual(['adjustment']);
    expect(nets(later)).toEqual([2 * 184 * 100]);
    expect(later.invoices[0]?.lines[0]).toMatchObject({
      quantity: '1',
      unitPrice: '368.00',
      periodStart: '2026-01-01',
      periodEnd: '2026-12-31',
      caughtUp: false,
    });
  });
  it('a removal credits the unused part, or waits where reductions wait, unless it is a correction', () => {
    const removed = (reductions: 'prorated' | 'next-period', reason: 'change' | 'correction') =>
      company({
        contracts: [contract({ reductions })],
        subcontracts: [subcontract({ unitPrice: '365' })],
        amendments: [amendment({ kind: 'remove', effective: '2026-07-01', reason })],
        ...billed('3650.00'),
      });
    expect(nets(run(removed('prorated', 'change'), '2026-07-15'))).toEqual([-10 * 184 * 100]);
    expect(nets(run(removed('next-period', 'change'), '2026-07-15'))).toEqual([]);
    expect(nets(run(removed('next-period', 'correction'), '2026-07-15'))).toEqual([
      -10 * 184 * 100,
    ]);
  });
  it('within a period the highest agreed so far stands', () => {
    const book = company({
      contracts: [contract({ reductions: 'next-period', end: '2027-12-31' })],
      subcontracts: [subcontract({ unitPrice: '365' })],
      amendments: [
        amendment({ kind: 'quantity', value: '6', effective: '2026-03-01' }),
        amendment({ amendment: 'AM-2', kind: 'quantity', value: '20', effective: '2026-07-01' }),
        amendment({ amendment: 'AM-3', kind: 'quantity', value: '4', effective: '2026-10-01' }),
      ],
    });
    expect(nets(run(book, '2026-11-15'))).toEqual([10 * 181 * 100, 20 * 184 * 100, 4 * 365 * 100]);
  });
  it('a pause charges nothing between its days', () => {
    const book = company({
      contracts: [contract()],
      subcontracts: [subcontract({ quantity: '1', unitPrice: '365' })],
      amendments: [
        amendment({ kind: 'pause', effective: '2026-03-01' }),
        amendment({ amendment: 'AM-2', kind: 'resume', effective: '2026-04-01' }),
      ],
    });
    expect(nets(run(book, '2026-01-15'))).toEqual([59 * 100, 275 * 100]);
  });
  it('moved, history stays with the contract that billed it', () => {
    const book = company({
      contracts: [
        contract(),
        contract({ contract: 'C-2', start: '2026-04-01', end: '2027-03-31' }),
      ],
      subcontracts: [subcontract({ quantity: '1', unitPrice: '365' })],
      amendments: [amendment({ kind: 'move', value: 'C-2', effective: '2026-07-01' })],
      ...billed('365.00'),
    });
    const moved = run(book, '2026-07-15');
    expect(moved.creditNotes).toMatchObject([{ contract: 'C-1', net: -184 * 100 }]);
    expect(moved.invoices).toMatchObject([{ contract: 'C-2', net: 274 * 100 }]);
  });
  it('after the end it is reported and ignored', () => {
    const book = company({
      contracts: [contract()],
      subcontracts: [subcontract({ end: '2026-06-30', unitPrice: '365', quantity: '1' })],
      amendments: [amendment({ kind: 'quantity', value: '9', effective: '2026-08-01' })],
    });
    const preview = run(book, '2026-01-15');
    expect(nets(preview)).toEqual([181 * 100]);
    expect(preview.warnings.join()).toContain('AM-1');
  });
});

describe('cut-over', () => {
  const taken = (extra: Parameters<typeof company>[0]) =>
    company({
      contracts: [contract({ billFrom: '2026-07-01', end: '2027-12-31' })],
      subcontracts: [subcontract({ unitPrice: '365' })],
      ...extra,
    });
  it('what was agreed by then counts as billed elsewhere; the next period bills in full', () => {
    expect(nets(run(taken({}), '2026-09-15'))).toEqual([]);
    expect(nets(run(taken({}), '2026-11-15'))).toEqual([365000]);
  });
  it('only later facts bill', () => {
    const book = taken({
      amendments: [
        amendment({ kind: 'add', value: '1', effective: '2026-07-01', recorded: '2026-06-30' }),
        amendment({
          amendment: 'AM-2',
          kind: 'add',
          value: '2',
          effective: '2026-10-01',
          recorded: '2026-09-01',
        }),
      ],
    });
    expect(nets(run(book, '2026-09-15'))).toEqual([2 * 92 * 100]);
  });
  it('a contract taken over on its start bills in full', () => {
    const book = company({ contracts: [contract()], subcontracts: [subcontract()] });
    expect(nets(run(book, '2026-01-15'))).toEqual([100000]);
  });
});

describe('old finds', () => {
  const old = (start: string) =>
    company({
      contracts: [contract({ start, end: '2026-12-31' })],
      subcontracts: [subcontract({ quantity: '1' })],
      ...{ invoices: [], invoice_lines: [] },
    });
  it('more than twelve months old is held, exactly twelve is not', () => {
    expect(run(old('2025-11-15'), '2026-11-15').held).toEqual([]);
    expect(run(old('2025-11-14'), '2026-11-15').held).toMatchObject([
      { contract: 'C-1', subcontract: 'S-1', periodStart: '2025-11-14', net: 10000 },
    ]);
  });
});

describe('arrears and one-off', () => {
  it('usage above what the period includes is charged once metered', () => {
    const book = company({
      contracts: [contract()],
      subcontracts: [
        subcontract({ sku: 'API', quantity: '0', unitPrice: '0.01', includedQuantity: '1000' }),
      ],
      usage: [
        {
          event: 'E-1',
          subcontract: 'S-1',
          metric: 'API',
          quantity: '1500',
          at: '2026-03-10T10:00:00Z',
        },
        {
          event: 'E-2',
          subcontract: 'S-1',
          metric: 'API',
          quantity: '100',
          at: '2026-03-16T10:00:00Z',
        },
      ],
    });
    expect(nets(run(book, '2026-02-15'))).toEqual([]);
    expect(nets(run(book, '2026-03-15'))).toEqual([500]);
    expect(nets(run(book, '2026-04-15'))).toEqual([600]);
  });
  it('a license is charged once, by the first run on or after its start', () => {
    const book = company({
      contracts: [contract()],
      subcontracts: [subcontract({ sku: 'LIC', start: '2026-03-20', quantity: '2' })],
    });
    expect(nets(run(book, '2026-03-15'))).toEqual([]);
    expect(nets(run(book, '2026-04-15'))).toEqual([20000]);
  });
  it('service time of a contract joins its invoice, without one it makes one of the account', () => {
    const entry = {
      account: 'A-1',
      date: '2026-03-01',
      hours: '1.5',
      rate: '100',
      approvedOn: '2026-03-10',
    };
    const book = company({
      contracts: [contract()],
      timesheets: [
        { ...entry, entry: 'T-1', contract: 'C-1' },
        { ...entry, entry: 'T-2' },
        { ...entry, entry: 'T-3', billable: false },
        { ...entry, entry: 'T-4', approvedOn: null },
      ],
    });
    const preview = run(book, '2026-03-15');
    expect(preview.invoices.map((doc) => [doc.contract, doc.net])).toEqual([
      ['C-1', 15000],
      [null, 15000],
    ]);
  });
});

describe('what goes wrong is set aside and stops nobody', () => {
  it('each with its code', () => {
    const book = company({
      contracts: ['C-1', 'C-2', 'C-3', 'C-4'].map((name) => contract({ contract: name })),
      subcontracts: [
        subcontract({ unitPrice: null }),
        subcontract({ subcontract: 'S-2', contract: 'C-2', quantity: '-1' }),
        subcontract({ subcontract: 'S-3', contract: 'C-3' }),
        subcontract({ subcontract: 'S-4', contract: 'C-4' }),
      ],
      invoices: [{ invoice: 'OLD-1', account: 'A-1', issued: '2026-01-02', contract: 'C-4' }],
      invoice_lines: [{ invoice: 'OLD-1', line: '1', sku: 'MNT', net: '5.00' }],
    });
    const preview = run(book, '2026-01-15');
    expect(preview.setAside.map(({ contract: name, code }) => [name, code])).toEqual([
      ['C-1', 'missing-price'],
      ['C-2', 'negative-quantity'],
      ['C-4', 'history-unassigned'],
    ]);
    expect(preview.invoices.map((doc) => doc.contract)).toEqual(['C-3']);
  });
  it('a policy that says nothing understood stops its own contract only', () => {
    const contracts = ['C-1', 'C-2'].map((name) => contract({ contract: name }));
    const book = company({
      contracts,
      subcontracts: contracts.map(({ contract: of = '' }) =>
        subcontract({ subcontract: `S-${of}`, contract: of, unitPrice: '365' }),
      ),
      amendments: contracts.map(({ contract: of = '' }) =>
        amendment({
          amendment: of,
          subcontract: `S-${of}`,
          kind: 'remove',
          effective: '2026-07-01',
        }),
      ),
      invoices: contracts.map(({ contract: of = '' }) => ({
        invoice: `OLD-${of}`,
        account: 'A-1',
        issued: '2025-12-01',
        contract: of,
      })),
      invoice_lines: contracts.map(({ contract: of = '' }) => ({
        invoice: `OLD-${of}`,
        line: '1',
        subcontract: `S-${of}`,
        net: '3650.00',
        periodStart: '2026-01-01',
      })),
      policies: [{ scope: 'contract', id: 'C-1', policy: 'negative', value: 'perhaps' }],
    });
    const preview = run(book, '2026-07-15');
    expect(preview.setAside).toMatchObject([{ contract: 'C-1', code: 'policy-invalid' }]);
    expect(preview.creditNotes).toMatchObject([{ contract: 'C-2', net: -10 * 184 * 100 }]);
  });
  it('a closed account only where something is due', () => {
    const closed = (unitPrice: string) =>
      company({
        accounts: [{ account: 'A-1', name: 'Acme', currency: 'EUR', status: 'closed' }],
        contracts: [contract()],
        subcontracts: [subcontract({ unitPrice })],
      });
    expect(run(closed('100'), '2026-01-15').setAside).toMatchObject([{ code: 'account-closed' }]);
    expect(run(closed('0'), '2026-01-15').setAside).toEqual([]);
  });
});

describe('tax', () => {
  const taxed = (extra: Parameters<typeof company>[0]) =>
    company({ contracts: [contract()], subcontracts: [subcontract()], ...extra });
  it('is looked up on the tax point and computed on the sum', () => {
    const book = taxed({
      taxes: [
        {
          country: 'DE',
          category: 'S',
          rate: '16',
          validFrom: '2020-07-01',
          validTo: '2025-12-31',
        },
        { country: 'DE', category: 'S', rate: '19.00', validFrom: '2026-01-01' },
      ],
    });
    expect(run(book, '2026-01-15').invoices[0]).toMatchObject({
      net: 100000,
      tax: 19000,
      total: 119000,
    });
  });
  it('no match sets the contract aside', () => {
    const book = taxed({ taxes: [{ country: 'FR', category: 'S', rate: '20' }] });
    expect(run(book, '2026-01-15').setAside).toMatchObject([{ code: 'tax-rate-missing' }]);
  });
  it('inclusive prices: the total is the gross', () => {
    const book = taxed({
      subcontracts: [subcontract({ quantity: '1', unitPrice: null })],
      prices: [
        { priceList: 'default', sku: 'MNT', currency: 'EUR', unitPrice: '100', tax: 'inclusive' },
      ],
      taxes: [{ country: 'DE', category: 'S', rate: '19' }],
    });
    expect(run(book, '2026-01-15').invoices[0]).toMatchObject({
      net: 8403,
      tax: 1597,
      total: 10000,
    });
  });
});
