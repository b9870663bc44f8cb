/** Dated stories of what goes wrong elsewhere: calendars, clocks, late runs, odd currencies, and what the engine once got wrong. */
import { describe, expect, it } from 'vitest';
import type { BillRunPreview } from '../../../domain/bill-run/document.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import type { Book, Row } from '../../../domain/book/tables.ts';
import { withIssued } from '../../../domain/forecast/issued.ts';
import {
  amendment,
  bookOf,
  company,
  contract,
  subcontract as usualSubcontract,
} from '../book-builder.ts';

type Given = Parameters<typeof company>[0];
/** One of MNT at 365 a year: a day costs 1. */
const subcontract = (row: Partial<Row<'subcontracts'>> = {}) =>
  usualSubcontract({ quantity: '1', unitPrice: '365', ...row });
const run = (book: Book, day: string) => previewBillRun(book, { run: day });
const documents = (preview: BillRunPreview) => [...preview.invoices, ...preview.creditNotes];
const lines = (preview: BillRunPreview) => documents(preview).flatMap((document) => document.lines);
const nets = (preview: BillRunPreview) => lines(preview).map((line) => line.net);
const periods = (preview: BillRunPreview) =>
  lines(preview).map((line) => `${line.periodStart}..${line.periodEnd}`);
const one = (given: Given = {}, row: Partial<Row<'subcontracts'>> = {}) =>
  company({ contracts: [contract()], subcontracts: [subcontract(row)], ...given });

describe('the calendar', () => {
  it('29 February: the year from it ends on the 28th, and the next leap year keeps the 29th', () => {
    const book = one({ contracts: [contract({ start: '2024-02-29', end: '2029-02-27' })] });
    const all = ['2024-02-15', '2025-02-15', '2026-02-15', '2027-02-15', '2028-02-15'];
    let issued = book;
    const told = all.map((day, at) => {
      const preview = run(issued, day);
      issued = withIssued(issued, preview, `N${at}`);
      return periods(preview)[0];
    });
    expect(told).toEqual([
      '2024-02-29..2025-02-27',
      '2025-02-28..2026-02-27',
      '2026-02-28..2027-02-27',
      '2027-02-28..2028-02-28',
      '2028-02-29..2029-02-27',
    ]);
  });
  it('the 31st: a monthly contract clamps and comes back, and twelve months are the year', () => {
    const monthly = contract({
      start: '2026-08-31',
      end: '2027-08-30',
      billingFrequency: 'monthly',
    });
    const preview = run(one({ contracts: [monthly] }, { unitPrice: '1200' }), '2027-08-15');
    expect(periods(preview).slice(4, 8)).toEqual([
      '2026-12-31..2027-01-30',
      '2027-01-31..2027-02-27',
      '2027-02-28..2027-03-30',
      '2027-03-31..2027-04-29',
    ]);
    expect(nets(preview)).toEqual(Array(12).fill(10000));
  });
  it("the year's last day: a contract of 31 December alone is one day of 365", () => {
    const day = contract({ start: '2026-12-31', end: '2026-12-31', anchor: '2026-01-01' });
    expect(nets(run(one({ contracts: [day] }), '2026-11-15'))).toEqual([100]);
  });
  it('an addition on the last day costs one day; on the day after it is reported and ignored', () => {
    const added = (effective: string) =>
      one({ amendments: [amendment({ kind: 'add', value: '1', effective })] });
    expect(nets(run(added('2026-12-31'), '2026-01-15'))).toEqual([36400, 200]);
    const ignored = run(added('2027-01-01'), '2026-01-15');
    expect(nets(ignored)).toEqual([36500]);
    expect(ignored.warnings.join()).toContain('AM-1');
  });
});

describe('clocks', () => {
  const metered = (timeZone: string, at: string) =>
    bookOf({
      entities: [{ entity: 'E-1', currency: 'EUR', timeZone }],
      accounts: [{ account: 'A-1', name: 'Acme' }],
      products: [{ sku: 'API', name: 'Calls', kind: 'usage' }],
      contracts: [contract({ billingFrequency: 'monthly' })],
      subcontracts: [subcontract({ sku: 'API', unitPrice: '1' })],
      usage: [{ event: 'E-1', subcontract: 'S-1', metric: 'API', quantity: '7', at }],
    });
  it('23:30 on the 31st belongs to the seller’s month, on both sides of midnight', () => {
    const billed = (zone: string, at: string) => periods(run(metered(zone, at), '2026-04-15'));
    expect(billed('Europe/Berlin', '2026-01-31T22:30:00Z')).toEqual(['2026-01-01..2026-01-31']);
    expect(billed('Europe/Berlin', '2026-01-31T23:30:00Z')).toEqual(['2026-02-01..2026-02-28']);
    expect(billed('America/New_York', '2026-02-01T04:30:00Z')).toEqual(['2026-01-01..2026-01-31']);
    expect(billed('Asia/Tokyo', '2026-01-31T15:30:00Z')).toEqual(['2026-02-01..2026-02-28']);
  });
  it('the night of summer time: 29 March 2026 in Berlin has 23 hours and is one day', () => {
    const billed = (at: string) => nets(run(metered('Europe/Berlin', at), '2026-03-29'));
    expect(billed('2026-03-29T21:59:00Z')).toEqual([700]);
    expect(billed('2026-03-29T22:01:00Z')).toEqual([]);
  });
  it('the account’s time zone decides where the policy says so', () => {
    const book = metered('UTC', '2026-01-31T23:30:00Z');
    const theirs: Book = {
      ...book,
      accounts: book.accounts.map((row) => ({ ...row, timeZone: 'Asia/Tokyo' })),
      policies: bookOf({
        policies: [{ scope: 'entity', id: 'E-1', policy: 'time_zone', value: 'account' }],
      }).policies,
    };
    expect(periods(run(book, '2026-04-15'))).toEqual(['2026-01-01..2026-01-31']);
    expect(periods(run(theirs, '2026-04-15'))).toEqual(['2026-02-01..2026-02-28']);
  });
});

describe('runs', () => {
  it('three months late: each period once, each with the month it was due', () => {
    const late = run(one({ contracts: [contract({ billingFrequency: 'monthly' })] }), '2026-04-15');
    expect(lines(late).map((line) => line.dueMonth ?? null)).toEqual([
      '2025-12', // January starts by the horizon of the run of December
      '2026-01',
      '2026-02',
      '2026-03',
      null,
    ]);
  });
  it('started twice: the second finds nothing', () => {
    const book = one();
    const issued = withIssued(book, run(book, '2026-01-15'), 'N');
    expect(documents(run(issued, '2026-01-15'))).toEqual([]);
  });
  it('a price that was learnt late: the run before could not have billed it, so it is not caught up', () => {
    const book = one(
      {
        amendments: [
          amendment({
            kind: 'price',
            value: '365',
            effective: '2026-01-01',
            recorded: '2026-03-10',
          }),
        ],
      },
      { unitPrice: null },
    );
    expect(run(book, '2026-02-15').setAside).toMatchObject([{ code: 'missing-price' }]);
    expect(lines(run(book, '2026-03-15'))).toMatchObject([{ net: 36500, caughtUp: false }]);
  });
  it('before the cut-over an addition is billed once, though the day of takeover is still to come', () => {
    const book = one({
      contracts: [contract({ billFrom: '2026-07-01' })],
      amendments: [amendment({ kind: 'add', value: '1', effective: '2026-10-01' })],
    });
    const first = run(book, '2026-06-15');
    expect(nets(first)).toEqual([9200]);
    expect(documents(run(withIssued(book, first, 'N'), '2026-07-15'))).toEqual([]);
  });
});

describe('cut-over', () => {
  it('what another contract had ended by the cut-over is not agreed there: a move off it never was', () => {
    const book = company({
      contracts: [
        contract({ start: '2024-10-30', end: '2025-10-29', terminatedOn: '2024-10-29' }),
        contract({
          contract: 'C-2',
          start: '2024-01-01',
          end: '2024-12-30',
          billFrom: '2024-11-16',
          billingFrequency: 'monthly',
        }),
      ],
      subcontracts: [subcontract()],
      amendments: [amendment({ kind: 'move', value: 'C-2', effective: '2024-01-01' })],
    });
    expect(documents(run(book, '2025-04-15'))).toEqual([]);
  });
});

describe('a move that was learnt after the cut-over', () => {
  it('credits the usage that was billed elsewhere on the contract it left', () => {
    const book = company({
      contracts: [contract({ billFrom: '2026-07-01' }), contract({ contract: 'C-2' })],
      subcontracts: [subcontract({ sku: 'API', unitPrice: '1' })],
      amendments: [
        amendment({ kind: 'move', value: 'C-2', effective: '2026-01-01', recorded: '2026-08-01' }),
      ],
      usage: [
        {
          event: 'E-1',
          subcontract: 'S-1',
          metric: 'API',
          quantity: '5',
          at: '2026-03-01T12:00:00Z',
        },
      ],
    });
    expect(documents(run(book, '2026-08-15')).map((d) => [d.contract, d.net])).toEqual([
      ['C-2', 500],
      ['C-1', -500],
    ]);
  });
});

describe('amendments', () => {
  it('thirty in a month: each day of April at its own quantity', () => {
    const amendments = Array.from({ length: 30 }, (_, at) =>
      amendment({
        amendment: `AM-${String(at + 1).padStart(2, '0')}`,
        kind: 'quantity',
        value: String(at + 2),
        effective: `2026-04-${String(at + 1).padStart(2, '0')}`,
      }),
    );
    const billed = nets(run(one({ amendments }), '2026-04-15'));
    const april = Array.from({ length: 29 }, (_, at) => (at + 2) * 100);
    expect(billed).toEqual([9000, ...april, 31 * 246 * 100]);
  });
  it('a ramp agreed in advance: each year at its own price, billed annually or prepaid', () => {
    const ramp = (billingFrequency: string) =>
      one({
        contracts: [contract({ end: '2028-12-31', billingFrequency })],
        amendments: [
          amendment({ kind: 'price', value: '400', effective: '2027-01-01' }),
          amendment({ amendment: 'AM-2', kind: 'price', value: '500', effective: '2028-01-01' }),
        ],
      });
    expect(nets(run(ramp('annual'), '2025-11-15'))).toEqual([36500]);
    expect(nets(run(ramp('annual'), '2026-11-15'))).toEqual([36500, 40000]);
    // 1096 days, of which 366 in 2028: price × 36/12 × days ÷ 1096.
    expect(nets(run(ramp('3 years'), '2025-11-15'))).toEqual([36467, 39964, 50091]);
  });
  it('on one day: a correction takes back at once where reductions wait, what follows it that day waits', () => {
    const book = one(
      {
        contracts: [contract({ reductions: 'next-period' })],
        amendments: [
          amendment({
            kind: 'quantity',
            value: '8',
            effective: '2026-07-01',
            reason: 'correction',
          }),
          amendment({ amendment: 'AM-2', kind: 'quantity', value: '4', effective: '2026-07-01' }),
        ],
      },
      { quantity: '10' },
    );
    expect(nets(run(book, '2026-01-15'))).toEqual([10 * 181 * 100, 8 * 184 * 100]);
  });
  it('a quantity of zero covers nothing: where the first active segment takes the period, it is the next', () => {
    const book = one(
      {
        contracts: [contract({ proration: 'none' })],
        amendments: [amendment({ kind: 'add', value: '10', effective: '2026-07-01' })],
      },
      { quantity: '0' },
    );
    expect(nets(run(book, '2026-01-15'))).toEqual([365000]);
  });
  it('moved: usage before the day is the old contract’s, after it the new one’s, never both', () => {
    const event = (name: string, on: string) => ({
      event: name,
      subcontract: 'S-1',
      metric: 'API',
      quantity: '100',
      at: `${on}T12:00:00Z`,
    });
    const book = company({
      contracts: [contract(), contract({ contract: 'C-2' })],
      subcontracts: [subcontract({ sku: 'API', unitPrice: '1' })],
      amendments: [amendment({ kind: 'move', value: 'C-2', effective: '2026-03-01' })],
      usage: [event('E-1', '2026-02-10'), event('E-2', '2026-03-10')],
    });
    expect(documents(run(book, '2026-03-15')).map((d) => [d.contract, d.net])).toEqual([
      ['C-1', 10000],
      ['C-2', 10000],
    ]);
  });
  it('moved between contracts that one account’s invoice gathers: billed once, whose line is whose is kept', () => {
    const book = company({
      contracts: [
        contract({ grouping: 'account' }),
        contract({ contract: 'C-2', grouping: 'account' }),
      ],
      subcontracts: [subcontract()],
      amendments: [amendment({ kind: 'move', value: 'C-2', effective: '2026-07-01' })],
    });
    const first = run(book, '2026-01-15');
    expect(documents(first)).toMatchObject([{ contract: null, subject: 'A-1', net: 36500 }]);
    expect(documents(run(withIssued(book, first, 'N'), '2026-02-15'))).toEqual([]);
  });
  it('usage after an amended price is charged at it, and a discount of the contract cuts it', () => {
    const event = (name: string, on: string) => ({
      event: name,
      subcontract: 'S-1',
      metric: 'API',
      quantity: '10',
      at: `${on}T12:00:00Z`,
    });
    const book = company({
      contracts: [contract({ discountPercent: '50', discountFrom: '2026-04-01' })],
      subcontracts: [subcontract({ sku: 'API', unitPrice: '1', includedQuantity: '5' })],
      amendments: [amendment({ kind: 'price', value: '2', effective: '2026-03-01' })],
      usage: [event('E-1', '2026-02-10'), event('E-2', '2026-03-10'), event('E-3', '2026-04-10')],
    });
    expect(nets(run(book, '2026-04-15'))).toEqual([500, 2000, 1000]);
  });
});

describe('money', () => {
  const priced = (currency: string, unitPrice: string, quantity: string) =>
    run(
      company({
        accounts: [{ account: 'A-1', name: 'Acme', currency, country: 'DE' }],
        contracts: [contract()],
        subcontracts: [subcontract({ unitPrice, quantity })],
        taxes: [{ country: 'DE', category: 'S', rate: '19' }],
      }),
      '2026-01-15',
    ).invoices[0];
  it('a price of six decimals is multiplied exactly and rounded once', () => {
    expect(priced('EUR', '0.123456', '12345')).toMatchObject({ net: 152406, tax: 28957 });
    expect(priced('EUR', '0.005', '1')).toMatchObject({ net: 1 });
  });
  it('yen has no minor unit, the Kuwaiti dinar three decimals', () => {
    expect(priced('JPY', '1000.5', '1')).toMatchObject({ net: 1001, tax: 190, total: 1191 });
    expect(priced('KWD', '10.0005', '1')).toMatchObject({ net: 10001, tax: 1900 });
  });
  it('history in another currency never adds: the contract waits for a person', () => {
    const book = one({
      invoices: [
        {
          invoice: 'OLD-1',
          account: 'A-1',
          issued: '2026-01-02',
          contract: 'C-1',
          currency: 'USD',
        },
      ],
      invoice_lines: [
        {
          invoice: 'OLD-1',
          line: '1',
          subcontract: 'S-1',
          net: '365.00',
          periodStart: '2026-01-01',
        },
      ],
    });
    expect(run(book, '2026-02-15').setAside).toMatchObject([
      { contract: 'C-1', code: 'history-currency' },
    ]);
  });
  it('history that can not be read sets its own contract aside and nobody else’s', () => {
    const book = company({
      contracts: [contract(), contract({ contract: 'C-2' })],
      subcontracts: [subcontract(), subcontract({ subcontract: 'S-2', contract: 'C-2' })],
      invoices: [{ invoice: 'OLD-1', account: 'A-1', issued: '2026-01-02', contract: 'C-1' }],
      invoice_lines: [{ invoice: 'OLD-1', line: '1', subcontract: 'S-1', net: '1.005' }],
    });
    const preview = run(book, '2026-02-15');
    expect(preview.setAside).toMatchObject([{ contract: 'C-1', code: 'history-unreadable' }]);
    expect(preview.invoices.map((document) => document.contract)).toEqual(['C-2']);
  });
  it('what names nothing is told: an unknown contract, product or promotion', () => {
    const book = company({
      contracts: [contract(), contract({ contract: 'C-2' })],
      subcontracts: [
        subcontract({ sku: 'GONE' }),
        subcontract({ subcontract: 'S-2', contract: 'C-2', promotion: 'GONE' }),
        subcontract({ subcontract: 'S-3', contract: 'GONE' }),
      ],
    });
    expect(run(book, '2026-01-15').setAside.map((item) => [item.contract, item.code])).toEqual([
      ['C-1', 'product-unknown'],
      ['C-2', 'promotion-unknown'],
      ['GONE', 'contract-unknown'],
    ]);
  });
});

describe('discounts, minimums, grouping', () => {
  it('a promotion takes an amount off once a period, not prorated, never below zero', () => {
    const book = (unitPrice: string) =>
      one(
        {
          contracts: [contract({ end: '2027-12-31' })],
          promotions: [{ promotion: 'P', amount: '100', currency: 'EUR', validTo: '2026-06-30' }],
        },
        { unitPrice, promotion: 'P' },
      );
    expect(nets(run(book('365'), '2026-11-15'))).toEqual([18100 - 10000, 18400, 36500]);
    expect(nets(run(book('73'), '2026-11-15'))).toEqual([3680, 7300]);
  });
  it('below the minimum it is carried, and billed with what comes next', () => {
    const small = one(
      { contracts: [contract({ minimum: '50', billingFrequency: 'monthly' })] },
      { unitPrice: '300' },
    );
    const first = run(small, '2025-12-15');
    expect(first.invoices).toEqual([]);
    expect(first.control.EUR).toMatchObject({ due: 2500, carried: 2500, invoiced: 0 });
    expect(run(small, '2026-01-15').invoices).toMatchObject([{ net: 5000 }]);
  });
  it('a credit is carried forward where the policy says so, and taken off the next invoice', () => {
    const book = one({
      contracts: [contract({ end: '2027-12-31' })],
      amendments: [
        amendment({
          kind: 'quantity',
          value: '0.5',
          effective: '2026-07-02',
          recorded: '2026-07-01',
        }),
      ],
      invoices: [{ invoice: 'OLD-1', account: 'A-1', issued: '2025-12-01', contract: 'C-1' }],
      invoice_lines: [
        {
          invoice: 'OLD-1',
          line: '1',
          subcontract: 'S-1',
          net: '365.00',
          periodStart: '2026-01-01',
        },
      ],
      policies: [{ scope: 'account', id: 'A-1', policy: 'negative', value: 'carry-forward' }],
    });
    const summer = run(book, '2026-07-15');
    expect(documents(summer)).toEqual([]);
    expect(summer.carried).toMatchObject([{ net: -9150 }]);
    expect(run(book, '2026-11-15').invoices).toMatchObject([{ net: 18250 - 9150 }]);
  });
  it('invoices by account, or by purchase order, in sections', () => {
    const grouped = (grouping: 'account' | 'po') =>
      company({
        contracts: [
          contract({ contract: 'C-2', grouping, poNumber: 'PO-7' }),
          contract({ grouping, poNumber: 'PO-7' }),
          contract({ contract: 'C-3', grouping, poNumber: 'PO-8' }),
        ],
        subcontracts: ['C-1', 'C-2', 'C-3'].map((name) =>
          subcontract({ subcontract: `S-${name}`, contract: name }),
        ),
      });
    const [account] = run(grouped('account'), '2026-01-15').invoices;
    expect(account).toMatchObject({ subject: 'A-1', contract: null, poNumber: null, net: 109500 });
    expect(account?.lines.map((line) => line.contract)).toEqual(['C-1', 'C-2', 'C-3']);
    const orders = run(grouped('po'), '2026-01-15').invoices;
    expect(orders.map((document) => [document.poNumber, document.net])).toEqual([
      ['PO-7', 73000],
      ['PO-8', 36500],
    ]);
  });
  it('terms of payment: net, end of month, on receipt, early payment', () => {
    const due = (paymentTerms: string) =>
      run(one({ contracts: [contract({ paymentTerms })] }), '2026-01-15').invoices[0]?.dueDate;
    expect(due('net 30')).toBe('2026-02-14');
    expect(due('net 30 end-of-month')).toBe('2026-02-28');
    expect(due('due on receipt')).toBe('2026-01-15');
    expect(due('2/10 net 30')).toBe('2026-02-14');
  });
});

describe('tax', () => {
  const list = (tax: 'inclusive' | 'exclusive', unitPrice = '100') => ({
    prices: [{ priceList: 'default', sku: 'MNT', currency: 'EUR', unitPrice, tax }],
    taxes: [{ country: 'DE', category: 'S' as const, rate: '19' }],
  });
  it('inclusive: an adjustment is the difference of the gross amounts, and nothing is left over', () => {
    const book = one(
      {
        ...list('inclusive'),
        amendments: [
          amendment({ kind: 'add', value: '2', effective: '2026-07-02', recorded: '2026-07-01' }),
        ],
      },
      { unitPrice: null },
    );
    const first = run(book, '2026-01-15');
    expect(first.invoices).toMatchObject([{ net: 8403, tax: 1597, total: 10000 }]);
    const issued = withIssued(book, first, 'N');
    const second = run(issued, '2026-07-15');
    // 100 × 182/365 + 300 × 183/365 = 200.27 gross, 100.00 billed
    expect(second.invoices).toMatchObject([{ total: 10027, net: 8426, tax: 1601 }]);
    expect(documents(run(withIssued(issued, second, 'M'), '2026-08-15'))).toEqual([]);
  });
  it('inclusive: three lines of one rate each keep their own gross after the issue', () => {
    const book = company({
      ...list('inclusive', '33.33'),
      contracts: [contract()],
      subcontracts: ['S-1', 'S-2', 'S-3'].map((name) =>
        subcontract({ subcontract: name, unitPrice: null }),
      ),
    });
    const first = run(book, '2026-01-15');
    expect(first.invoices).toMatchObject([{ total: 9999 }]);
    expect(documents(run(withIssued(book, first, 'N'), '2026-02-15'))).toEqual([]);
  });
  it('US: collected where the seller is registered, exempt until the certificate expires', () => {
    const sold = (account: Partial<Row<'accounts'>>, day: string) =>
      run(
        bookOf({
          entities: [{ entity: 'E-1', currency: 'USD', country: 'US', taxRegions: ['CA'] }],
          accounts: [{ account: 'A-1', name: 'Acme', country: 'US', ...account }],
          products: [{ sku: 'MNT', name: 'Maintenance', kind: 'maintenance' }],
          taxes: [
            { country: 'US', category: 'S', rate: '6' },
            { country: 'US', category: 'S', rate: '7.25', region: 'CA' },
            { country: 'US', category: 'E', rate: '0' },
          ],
          contracts: [contract({ start: '2026-03-01', end: '2027-02-28' })],
          subcontracts: [subcontract()],
        }),
        day,
      ).invoices[0]?.lines[0];
    expect(sold({ region: 'CA' }, '2026-01-15')).toMatchObject({ taxRate: '7.25' });
    expect(sold({ region: 'NY' }, '2026-01-15')).toMatchObject({ taxRate: '0' });
    const exempt = { region: 'CA', exemptionCertificate: 'X', exemptionExpires: '2026-01-15' };
    expect(sold(exempt, '2026-01-15')).toMatchObject({ taxCategory: 'E', taxRate: '0' });
    expect(sold(exempt, '2026-02-15')).toMatchObject({ taxCategory: 'S', taxRate: '7.25' });
  });
  it('a credit repeats the tax of the line that it credits, though the rate has changed since', () => {
    const book = one({
      contracts: [contract({ start: '2024-07-01', end: '2025-06-30' })],
      taxes: [
        { country: 'DE', category: 'S', rate: '16', validTo: '2024-12-31' },
        { country: 'DE', category: 'S', rate: '19', validFrom: '2025-01-01' },
      ],
      amendments: [amendment({ kind: 'remove', effective: '2025-01-01', recorded: '2024-12-20' })],
    });
    const first = run(book, '2024-07-15');
    expect(first.invoices).toMatchObject([{ net: 36500, tax: 5840 }]);
    const credit = run(withIssued(book, first, 'N'), '2025-01-15').creditNotes[0];
    expect(credit).toMatchObject({ net: -18100, tax: -2896, total: -20996 });
  });
});
