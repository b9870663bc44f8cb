/** A run that is rehearsed leaves the book as if it had been issued. */
import { expect, it } from 'vitest';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { withIssued } from '../../../domain/forecast/issued.ts';
import { company } from '../book-builder.ts';

const year = { account: 'A-1', start: '2026-01-01', end: '2026-12-31' };

it('writes each document with its lines, their shares of tax and whom they bill', () => {
  const book = company({
    contracts: [{ contract: 'C-1', ...year, start: '2025-01-01', poNumber: 'PO-7' }],
    subcontracts: ['1', '2'].map((n) => ({
      subcontract: `S-${n}`,
      contract: 'C-1',
      sku: 'MNT',
      start: '2026-01-01',
      quantity: n,
      unitPrice: '0.33',
    })),
    taxes: [{ country: 'DE', category: 'S', rate: '19' }],
    timesheets: ['T-2', 'T-1'].map((entry) => ({
      entry,
      account: 'A-1',
      contract: 'C-1',
      date: '2025-12-01',
      hours: '1',
      rate: '10',
      approvedOn: '2025-12-02',
    })),
  });
  const preview = previewBillRun(book, { run: '2025-12-15' });
  const { invoices, invoice_lines: lines } = withIssued(book, preview, 'F');
  expect(preview.invoices).toHaveLength(1);
  expect(invoices).toMatchObject([
    {
      invoice: 'F-1',
      account: 'A-1',
      contract: 'C-1',
      type: 'invoice',
      issued: preview.invoices[0]?.issueDate,
      due: preview.invoices[0]?.dueDate,
      poNumber: 'PO-7',
      currency: 'EUR',
      // 0.33 + 0.66 + 10.00 + 10.00, and 19 % of it.
      net: '20.99',
      tax: '3.99',
      total: '24.98',
      balance: '24.98',
      custom: { source: 'perennial' },
    },
  ]);
  const told = lines.map(({ line, subcontract, entry, net, custom }) => [
    line,
    subcontract,
    entry,
    net,
    custom,
  ]);
  expect(told.map(([line]) => line)).toEqual(['1', '2', '3', '4']);
  expect(told.slice().sort((a, b) => String(a[1]).localeCompare(String(b[1])))).toMatchObject([
    [expect.anything(), null, 'T-1', '10.00', { contract: 'C-1' }],
    [expect.anything(), null, 'T-2', '10.00', { contract: 'C-1' }],
    [expect.anything(), 'S-1', null, '0.33', { contract: 'C-1' }],
    [expect.anything(), 'S-2', null, '0.66', { contract: 'C-1' }],
  ]);
  // The shares of the lines are the tax, to the cent: 0.06 + 0.13 + 1.90 + 1.90.
  expect(lines.map(({ tax }) => tax).sort()).toEqual(['0.06', '0.13', '1.90', '1.90']);
});

it('numbers invoices first, then credit notes, which are told as such', () => {
  const contracts = ['C-1', 'C-2'].map((contract) => ({ contract, ...year }));
  const book = company({
    contracts,
    subcontracts: contracts.map(({ contract }) => ({
      subcontract: `S-${contract}`,
      contract,
      sku: 'MNT',
      quantity: '1',
      unitPrice: '100',
    })),
    invoices: [{ invoice: 'OLD', account: 'A-1', contract: 'C-2', issued: '2025-12-01' }],
    invoice_lines: [
      {
        invoice: 'OLD',
        line: '1',
        subcontract: 'S-C-2',
        net: '150.00',
        periodStart: '2026-01-01',
        periodEnd: '2026-12-31',
      },
    ],
  });
  const preview = previewBillRun(book, { run: '2025-12-15' });
  const after = withIssued(book, preview, 'F');
  expect(after.invoices.slice(1).map(({ invoice, type, net }) => [invoice, type, net])).toEqual([
    ['F-1', 'invoice', '100.00'],
    ['F-2', 'credit_note', '-50.00'],
  ]);
  expect(after.invoice_lines.slice(1).map(({ invoice, line }) => [invoice, line])).toEqual([
    ['F-1', '1'],
    ['F-2', '1'],
  ]);
  const again = previewBillRun(after, { run: '2025-12-15' });
  expect([...again.invoices, ...again.creditNotes]).toEqual([]);
});
