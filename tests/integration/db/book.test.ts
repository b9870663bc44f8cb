/** A book goes in and comes out as it was; the same book again changes nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addAmendment,
  type Connection,
  connect,
  exportBook,
  getInvoice,
  getPayment,
  importBook,
  loadBook,
  openInvoices,
  trialBalance,
  verifyLedger,
} from '../../../db/index.ts';
import type { Book } from '../../../domain/book/tables.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { ANN, row, sampleBook } from './sample-facts.ts';

let connection: Connection;
beforeAll(async () => {
  connection = connect(await createTestDatabase());
});
afterAll(() => connection?.close());

function history(): Book {
  return sampleBook({
    indices: [row('indices', { index: 'CPI', month: '2026-10', value: '101.30' })],
    usage: [
      row('usage', {
        event: 'U-1',
        subcontract: 'S-1',
        metric: 'CAD',
        quantity: '3',
        at: '2026-10-01T10:00:00+02:00',
      }),
    ],
    invoices: [
      row('invoices', {
        invoice: 'OLD-1',
        account: 'A-1',
        issued: '2026-01-15',
        due: '2026-02-14',
        contract: 'C-1',
        total: '1190.00',
      }),
      row('invoices', {
        invoice: 'OLD-2',
        account: 'A-1',
        issued: '2026-06-01',
        total: '50',
        custom: { 'Legacy id': '77' },
      }),
      row('invoices', {
        invoice: 'OLD-3',
        account: 'A-2',
        issued: '2026-02-01',
        status: 'draft',
        total: '5.00',
      }),
      row('invoices', {
        invoice: 'OLD-4',
        account: 'A-2',
        issued: '2026-02-01',
        currency: 'JPY',
        total: '5000',
        balance: '5000',
      }),
      row('invoices', {
        invoice: 'OLDCN-1',
        account: 'A-1',
        issued: '2026-07-01',
        type: 'credit_note',
        credits: 'OLD-2',
        total: '-20.00',
      }),
    ],
    invoice_lines: [
      row('invoice_lines', {
        invoice: 'OLD-1',
        line: '1',
        subcontract: 'S-1',
        sku: 'CAD',
        periodStart: '2026-01-01',
        periodEnd: '2026-12-31',
        net: '600.00',
        taxCategory: 'S',
        taxRate: '19',
        tax: '114.00',
      }),
      row('invoice_lines', { invoice: 'OLD-1', line: '2', sku: 'CAD', net: '400', taxRate: '19' }),
      row('invoice_lines', { invoice: 'OLDCN-1', line: '1', net: '-20.00' }),
    ],
    payments: [
      row('payments', { payment: 'P-1', account: 'A-1', received: '2026-03-01', amount: '800.00' }),
      row('payments', {
        payment: 'P-2',
        account: 'A-1',
        received: '2026-08-01',
        amount: '10.00',
        invoice: 'OLD-2',
      }),
    ],
    payment_allocations: [
      row('payment_allocations', { payment: 'P-1', invoice: 'OLD-1', line: '1', amount: '714.00' }),
    ],
  });
}

const byKey = (book: Book) =>
  Object.fromEntries(
    Object.entries(book).map(([table, rows]) => [
      table,
      [...rows].map((r) => JSON.stringify(Object.fromEntries(Object.entries(r).sort()))).sort(),
    ]),
  );

describe('a book in the database', () => {
  it('counts every row as added, then as same, and comes out as it went in', async () => {
    const { db } = connection;
    const first = await importBook(db, history(), { importId: 'one', actor: ANN });
    expect(first.accounts).toEqual({ added: 2, changed: 0, same: 0 });
    expect(first.invoices).toEqual({ added: 5, changed: 0, same: 0 });
    const again = await importBook(db, history(), { importId: 'two', actor: ANN });
    for (const [table, counts] of Object.entries(again))
      expect([table, counts.added, counts.changed]).toEqual([table, 0, 0]);
    const exported = await exportBook(db);
    expect(byKey(exported)).toEqual(byKey(history()));
    const third = await importBook(db, exported, { importId: 'three', actor: ANN });
    for (const counts of Object.values(third)) expect(counts.added + counts.changed).toBe(0);
  });

  it('opens lines and balances with what was paid, and books them balanced', async () => {
    const { db } = connection;
    const old = await getInvoice(db, 'OLD-1');
    expect(old?.invoice.balanceMinor).toBe(119_000 - 71_400);
    expect(old?.lines.map(({ openMinor, taxMinor }) => [openMinor, taxMinor])).toEqual([
      [0, 11_400],
      [47_600, 7_600],
    ]);
    expect((await getInvoice(db, 'OLD-2'))?.invoice.balanceMinor).toBe(5000 - 1000 - 2000);
    expect((await getInvoice(db, 'OLDCN-1'))?.invoice).toMatchObject({
      balanceMinor: 0,
      state: 'paid',
    });
    expect((await getInvoice(db, 'OLD-3'))?.invoice.state).toBe('void');
    expect((await getPayment(db, 'P-1'))?.unappliedMinor).toBe(8600);
    expect(
      (await openInvoices(db, { clock: null, account: 'A-1', currency: 'USD' })).map(
        ({ invoice }) => invoice,
      ),
    ).toEqual(['OLD-1', 'OLD-2']);
    expect(await verifyLedger(db)).toEqual([]);
    const deferred = (await trialBalance(db)).find(
      ({ ledgerAccount }) => ledgerAccount === 'deferred-revenue',
    );
    // 61 of 365 days are left on the cut-over: 60000 − round(60000 × 304/365).
    expect(deferred?.balanceMinor).toBe(-(60_000 - 49_973));
  });

  it('refuses a row that contradicts an issued document, and writes nothing of that book', async () => {
    const { db } = connection;
    const book = history();
    const changed = {
      ...book,
      accounts: book.accounts.map((account) => ({ ...account, name: 'Changed' })),
      invoices: book.invoices.map((r) => (r.invoice === 'OLD-1' ? { ...r, total: '1.00' } : r)),
    };
    await expect(importBook(db, changed, { importId: 'bad', actor: ANN })).rejects.toMatchObject({
      code: 'issued-document-changed',
    });
    expect((await exportBook(db)).accounts[0]?.name).toBe('Customer A-1');
  });

  it('changes facts, and a dry run writes nothing', async () => {
    const { db } = connection;
    const book = history();
    const changed = {
      ...book,
      accounts: book.accounts.map((a) => (a.account === 'A-2' ? { ...a, name: 'New name' } : a)),
    };
    const dry = await importBook(db, changed, { importId: 'dry', actor: ANN, dryRun: true });
    expect(dry.accounts).toEqual({ added: 0, changed: 1, same: 1 });
    expect((await exportBook(db)).accounts[1]?.name).toBe('Customer A-2');
  });

  it('loads one contract with its account alone, and what it moved to', async () => {
    const { db } = connection;
    const one = await loadBook(db, { contracts: ['C-1'] });
    expect(one.accounts.map(({ account }) => account)).toEqual(['A-1']);
    expect(one.invoices.every(({ account }) => account === 'A-1')).toBe(true);
    await addAmendment(
      db,
      row('amendments', {
        amendment: 'M-1',
        subcontract: 'S-1',
        kind: 'move',
        value: 'C-2',
        effective: '2027-01-01',
      }),
    );
    const both = await loadBook(db, { contracts: ['C-2'] });
    expect(both.contracts.map(({ contract }) => contract).sort()).toEqual(['C-1', 'C-2']);
    expect(both.subcontracts).toHaveLength(2);
  });
});
