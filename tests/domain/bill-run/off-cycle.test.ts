/** Runs between the months', and runs that are computed late (docs/rules/billing-rules.md §3, §4). */
import { describe, expect, it } from 'vitest';
import { withAllIssued } from '../../../domain/bill-run/late-run.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { company, contract, subcontract } from '../book-builder.ts';

const history = {
  invoices: [{ invoice: 'OWN-1', account: 'A-1', issued: '2026-11-20', contract: 'C-1' }],
  invoice_lines: [
    {
      invoice: 'OWN-1',
      line: '1',
      subcontract: 'S-1',
      net: '1000.00',
      periodStart: '2027-01-01',
      periodEnd: '2027-12-31',
    },
  ],
};
const book = company({
  contracts: [contract({ start: '2027-01-01', end: '2027-12-31' })],
  subcontracts: [subcontract()],
  ...history,
});

describe('a run late by days', () => {
  it('bills nothing of what was issued between its run date and its computation', () => {
    const net = (of: typeof book) =>
      previewBillRun(of, { run: '2026-11-15' }).invoices.map((document) => document.net);
    expect(net(book)).toEqual([100_000]);
    expect(net(withAllIssued(book, '2026-11-15'))).toEqual([]);
  });

  it('reads the same book where nothing was issued since', () => {
    expect(withAllIssued(book, '2026-11-20')).toBe(book);
  });
});

describe('a run of an account’s own service time', () => {
  const entry = { account: 'A-1', hours: '1', rate: '90', billable: true, currency: 'EUR' };
  const busy = company({
    contracts: [contract()],
    subcontracts: [subcontract()],
    timesheets: [
      { ...entry, entry: 'T-1', date: '2026-11-02', approvedOn: '2026-11-02' },
      { ...entry, entry: 'T-2', date: '2026-11-02', approvedOn: '2026-11-02', contract: 'C-1' },
    ],
  });

  it('bills that alone; a contract’s run leaves it', () => {
    const lines = (options: object) =>
      previewBillRun(busy, { run: '2026-11-20', ...options }).invoices.flatMap((document) =>
        document.lines.map(({ entries, sku }) => entries?.[0] ?? sku),
      );
    expect(lines({ serviceOf: 'A-1' })).toEqual(['T-1']);
    expect(lines({ serviceOf: 'A-2' })).toEqual([]);
    expect(lines({ contract: 'C-1' })).toEqual(['MNT', 'T-2']);
    expect(lines({}).sort()).toEqual(['MNT', 'T-1', 'T-2']);
  });
});
