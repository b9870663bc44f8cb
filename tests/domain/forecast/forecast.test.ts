/** What the coming months bring, from agreed terms only. */
import { describe, expect, it } from 'vitest';
import { forecast } from '../../../domain/forecast/forecast.ts';
import { company } from '../book-builder.ts';

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
