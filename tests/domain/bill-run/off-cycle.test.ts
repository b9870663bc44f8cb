/** Runs between the months', and runs that are computed late (docs/rules/billing-rules.md §3, §4). */
import { describe, expect, it } from 'vitest';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { amendment, company, contract, subcontract } from '../book-builder.ts';

const history = {
  invoices: [{ invoice: 'OWN-1', account: 'A-1', issued: '2026-11-20', contract: 'C-1' }],
  invoice_lines: [
    {
      ...{ invoice: 'OWN-1', line: '1', subcontract: 'S-1', net: '1200.00' },
      ...{ periodStart: '2027-01-01', periodEnd: '2027-12-31' },
    },
  ],
};
/** Two more were agreed after the run date, and billed off-cycle with the ten before them. */
const book = company({
  contracts: [contract({ start: '2027-01-01', end: '2027-12-31' })],
  subcontracts: [subcontract(), subcontract({ subcontract: 'S-2', unitPrice: '5' })],
  amendments: [
    amendment({ kind: 'add', value: '2', effective: '2027-01-01', recorded: '2026-11-18' }),
  ],
  ...history,
});

describe('a run late by days', () => {
  const billed = (run: string, toIssue: boolean) => {
    const { invoices, creditNotes } = previewBillRun(book, { run, toIssue });
    return [...invoices, ...creditNotes].flatMap(({ lines }) =>
      lines.map(({ subcontract: of, net }) => [of, net]),
    );
  };

  it('leaves to the next one what was billed since, by one that knew more', () => {
    expect(billed('2026-11-15', true)).toEqual([['S-2', 5000]]);
    expect(billed('2026-12-15', true)).toEqual([['S-2', 5000]]);
  });

  it('as a preview answers for its date as it always did', () => {
    expect(billed('2026-11-15', false)).toEqual([
      ['S-1', 100_000],
      ['S-2', 5000],
    ]);
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
