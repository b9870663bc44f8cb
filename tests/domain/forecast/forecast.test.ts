/** What the coming months bring, from agreed terms only. */
import { describe, expect, it } from 'vitest';
import { forecast } from '../../../domain/forecast/forecast.ts';
import { bookOf, company } from '../book-builder.ts';

const book = company({
  contracts: [
    {
      contract: 'C-1',
      account: 'A-1',
      start: '2026-01-01',
      end: '2026-12-31',
      billingFrequency: 'quarterly',
    },
    { contract: 'C-2', account: 'A-1', start: '2026-02-01', end: '2027-01-31' },
  ],
  subcontracts: [
    { subcontract: 'S-1', contract: 'C-1', sku: 'MNT', quantity: '4', unitPrice: '100' },
    { subcontract: 'S-2', contract: 'C-2', sku: 'MNT', quantity: '1' },
  ],
  taxes: [{ country: 'DE', category: 'S', rate: '20' }],
  invoices: [
    {
      invoice: 'OLD',
      account: 'A-1',
      issued: '2025-11-20',
      contract: 'C-1',
      total: '60.00',
      due: '2025-12-20',
    },
    {
      invoice: 'PAID',
      account: 'A-1',
      issued: '2025-11-20',
      contract: 'C-1',
      total: '60.00',
      due: '2026-01-20',
    },
  ],
  invoice_lines: [
    { invoice: 'OLD', line: '1', net: '50.00', periodStart: '2026-01-01', periodEnd: '2026-02-19' },
  ],
  payments: [
    { payment: 'P-1', account: 'A-1', received: '2025-12-30', amount: '60.00', invoice: 'PAID' },
  ],
});

describe('forecast', () => {
  const { months, setAside } = forecast(book, { from: '2026-01-01', months: 4 });
  const of = (month: string) => months.find((row) => row.month === month);
  it('bills what the runs of those months would bill, each once', () => {
    // Quarter one is due already in January; quarter two starts on 1 April, within the run of March.
    expect(months.map((row) => [row.month, row.billings])).toEqual([
      ['2026-01', 10000],
      ['2026-02', 0],
      ['2026-03', 10000],
      ['2026-04', 0],
    ]);
  });
  it('brings cash, gross, on the due date; what is overdue comes first; what is paid does not come', () => {
    expect(of('2026-01')?.cash).toBe(6000);
    expect(of('2026-02')?.cash).toBe(12000);
    expect(of('2026-03')?.cash).toBe(0);
    expect(of('2026-04')?.cash).toBe(12000);
  });
  it('earns by day, history and what is still to be billed', () => {
    expect(of('2026-01')?.earned).toBe(3100 + 3444);
    expect(of('2026-02')?.earned).toBe(1900 + 3112);
    expect(of('2026-03')?.earned).toBe(3444);
    expect(of('2026-04')?.earned).toBe(3297);
  });
  it('tells whose money is missing', () => {
    expect(setAside).toMatchObject([{ contract: 'C-2', code: 'missing-price' }]);
  });
  it('knows nothing of the day after', () => {
    const later = {
      ...book,
      subcontracts: book.subcontracts.map((row) => ({ ...row, recorded: '2026-01-02' })),
    };
    const blind = forecast(later, { from: '2026-01-01', months: 4 });
    expect(blind.months.every((row) => row.billings === 0)).toBe(true);
  });
});

describe('what was issued before', () => {
  const open = (invoice: string, more: object = {}) => ({
    invoice,
    account: 'A-1',
    issued: '2025-12-10',
    due: '2026-01-10',
    total: '100.00',
    ...more,
  });
  const paid = (payment: string, more: object = {}) => ({
    payment,
    account: 'A-1',
    received: '2025-12-20',
    amount: '40.00',
    ...more,
  });
  const cash = (given: Parameters<typeof company>[0], from = '2026-01-01') =>
    forecast(company(given), { from, months: 3 }).months.map((month) => month.cash);

  it('brings what is open of it: the balance, else the total less what was received', () => {
    expect(cash({ invoices: [open('I-1')] })).toEqual([10_000, 0, 0]);
    expect(cash({ invoices: [open('I-1', { balance: '30.00' })] })).toEqual([3000, 0, 0]);
    expect(cash({ invoices: [open('I-1', { balance: '0.00' })] })).toEqual([]);
    expect(cash({ invoices: [open('I-1', { total: null })] })).toEqual([]);
    for (const status of ['paid', 'credited', 'written_off', 'void', 'draft'])
      expect([status, cash({ invoices: [open('I-1', { status })] })]).toEqual([status, []]);
  });

  it('counts a payment once, and only where it was received by the day and stayed', () => {
    const invoices = [open('I-1')];
    const allocations = [{ payment: 'P-1', invoice: 'I-1', amount: '15.00' }];
    const left = (payments: object[], payment_allocations: object[] = []) =>
      cash({ invoices, payments, payment_allocations })[0];
    expect(left([paid('P-1', { invoice: 'I-1' })])).toBe(6000);
    expect(left([paid('P-1', { invoice: 'I-1' })], allocations)).toBe(8500);
    expect(left([paid('P-1')], allocations)).toBe(8500);
    expect(left([paid('P-1')])).toBe(10_000);
    expect(left([paid('P-1'), paid('P-2', { invoice: 'I-1' })], allocations)).toBe(4500);
    expect(left([paid('P-1', { status: 'returned' })], allocations)).toBe(10_000);
    expect(left([paid('P-1', { received: '2026-01-01' })], allocations)).toBe(8500);
    expect(left([paid('P-1', { received: '2026-01-02' })], allocations)).toBe(10_000);
  });

  it('comes on its due date, at once where that is over, and by the account’s terms where none is given', () => {
    expect(cash({ invoices: [open('I-1', { due: '2026-02-28' })] })).toEqual([0, 10_000, 0]);
    expect(cash({ invoices: [open('I-1', { due: '2026-01-31' })] }, '2026-02-10')).toEqual([
      10_000, 0, 0,
    ]);
    // Net 30 by default: 10 December and 30 days is 9 January; net 60 is 8 February.
    const without = [open('I-1', { due: null })];
    expect(cash({ invoices: without })).toEqual([10_000, 0, 0]);
    const account = { account: 'A-1', currency: 'EUR', paymentTerms: 'net 60' };
    expect(cash({ invoices: without, accounts: [account] })).toEqual([0, 10_000, 0]);
    const odd = { ...account, paymentTerms: 'when it suits' };
    expect(cash({ invoices: without, accounts: [odd] })).toEqual([10_000, 0, 0]);
    const stranger = [open('I-1', { account: 'A-9', due: null, currency: 'EUR' })];
    expect(cash({ invoices: stranger })).toEqual([10_000, 0, 0]);
  });

  it('is known from the day it was issued', () => {
    expect(cash({ invoices: [open('I-1', { issued: '2026-01-01' })] })).toEqual([10_000, 0, 0]);
    expect(cash({ invoices: [open('I-1', { issued: '2026-01-02' })] })).toEqual([]);
  });

  it('goes on being earned, but for late charges and what does not count', () => {
    const year = { periodStart: '2026-01-01', periodEnd: '2026-12-31', net: '365.00' };
    const earned = (more: object) =>
      forecast(
        company({
          invoices: [open('I-1', { balance: '0.00', ...more })],
          invoice_lines: [
            { invoice: 'I-1', line: '1', ...year },
            { invoice: 'I-9', line: '1', ...year },
          ],
        }),
        { from: '2026-01-01', months: 2 },
      ).months.map((month) => month.earned);
    expect(earned({})).toEqual([3100, 2800]);
    expect(earned({ type: 'late_charge' })).toEqual([]);
    expect(earned({ status: 'void' })).toEqual([]);
  });
});

describe('what will be billed', () => {
  const year = { account: 'A-1', start: '2026-01-01', end: '2026-12-31' };
  const billings = (given: Parameters<typeof company>[0], from: string, runDay?: number) =>
    forecast(
      company({
        contracts: [{ contract: 'C-1', ...year, billingFrequency: 'monthly' }],
        ...given,
      }),
      { from, months: 3, ...(runDay === undefined ? {} : { runDay }) },
    ).months.map((month) => month.billings);

  it('is what the runs on or after the day bill, on the 15th unless another day is said', () => {
    const subcontracts = [
      { subcontract: 'S-1', contract: 'C-1', sku: 'MNT', quantity: '1', unitPrice: '120' },
    ];
    // A run bills the periods that begin within a month and a day of it: 10.00 each, the first one late.
    const first = billings({ subcontracts }, '2026-01-15');
    expect(first.slice(1)).toEqual([1000, 1000]);
    expect(first[0]).toBe(2000);
    expect(billings({ subcontracts }, '2026-01-16')).toEqual([0, 3000, 1000]);
    expect(billings({ subcontracts }, '2026-01-16', 20)).toEqual([2000, 1000, 1000]);
    expect(billings({ subcontracts }, '2026-01-05', 5)).toEqual([2000, 1000, 1000]);
  });

  it('counts usage and time that are there on the day, and no later ones', () => {
    const subcontracts = [
      { subcontract: 'U-1', contract: 'C-1', sku: 'API', quantity: '0', unitPrice: '1' },
    ];
    const usage = ['2026-01-09T23:59:59Z', '2026-01-10T23:00:00Z', '2026-01-11T00:00:00Z'].map(
      (at, n) => ({ event: `E-${n}`, subcontract: 'U-1', metric: 'API', quantity: '10', at }),
    );
    const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
    expect(sum(billings({ subcontracts, usage }, '2026-01-10'))).toBe(2000);
    const timesheets = ['2026-01-09', '2026-01-10', '2026-01-11', null].map((approvedOn, n) => ({
      entry: `T-${n}`,
      account: 'A-1',
      contract: 'C-1',
      date: '2026-01-08',
      hours: '2',
      rate: '50',
      approvedOn,
    }));
    expect(sum(billings({ timesheets }, '2026-01-10'))).toBe(20_000);
  });

  it('is one row for each month and currency, in their order, and each contract that is missing once', () => {
    const book = bookOf({
      accounts: ['USD', 'EUR'].map((currency) => ({ account: currency, name: currency, currency })),
      products: [{ sku: 'MNT', name: 'Maintenance', kind: 'maintenance' }],
      contracts: ['USD', 'EUR'].map((account) => ({ ...year, contract: `C-${account}`, account })),
      subcontracts: ['USD', 'EUR'].map((currency) => ({
        subcontract: `S-${currency}`,
        contract: `C-${currency}`,
        sku: 'MNT',
        quantity: '1',
        unitPrice: '100',
      })),
    });
    const { months } = forecast(book, { from: '2025-12-01', months: 2 });
    expect(months.map(({ month, currency }) => `${month} ${currency}`)).toEqual([
      '2025-12 EUR',
      '2025-12 USD',
      '2026-01 EUR',
      '2026-01 USD',
    ]);
    const damaged = new Map([['C-USD', 'a row of it was left out']]);
    const some = forecast(book, { from: '2025-12-01', months: 2, damaged });
    expect(some.setAside.map(({ contract }) => contract)).toEqual(['C-USD']);
    expect(some.months.map(({ currency, billings }) => `${currency} ${billings}`)).toEqual([
      'EUR 10000',
      'EUR 0',
    ]);
  });

  it('earns a one-off in the month that bills it', () => {
    const given = company({
      contracts: [{ contract: 'C-1', ...year }],
      subcontracts: [
        { subcontract: 'L-1', contract: 'C-1', sku: 'LIC', quantity: '1', unitPrice: '500' },
      ],
    });
    const { months } = forecast(given, { from: '2026-01-01', months: 2 });
    expect(months.map(({ billings, earned }) => [billings, earned])).toEqual([
      [50_000, 50_000],
      [0, 0],
    ]);
  });
});
