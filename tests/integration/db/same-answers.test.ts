/** The engine answers alike from a book's files and from the database that imported it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBook } from '../../../connectors/book/read.ts';
import { type Connection, connect, importBook, loadBook, verifyLedger } from '../../../db/index.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { ANN } from './sample-facts.ts';

let connection: Connection;
beforeAll(async () => {
  connection = connect(await createTestDatabase());
});
afterAll(() => connection?.close());

describe('the sample company', () => {
  it('previews the same bill run from its files and from the database', async () => {
    const { db } = connection;
    const { book } = await readBook('examples/sample-company');
    await importBook(db, book, { importId: 'sample-company', actor: ANN });
    const again = await importBook(db, book, { importId: 'again', actor: ANN });
    for (const [table, { added, changed }] of Object.entries(again))
      expect([table, added, changed]).toEqual([table, 0, 0]);
    expect(await verifyLedger(db)).toEqual([]);
    const run = '2026-11-15';
    const fromFiles = previewBillRun(book, { run });
    const fromDatabase = previewBillRun(await loadBook(db), { run });
    expect(fromFiles.invoices.length).toBeGreaterThan(10);
    expect(fromDatabase).toEqual(fromFiles);
    const [first] = fromFiles.invoices;
    const contract = first?.contract ?? '';
    const alone = previewBillRun(await loadBook(db, { contracts: [contract] }), { run, contract });
    expect(alone.invoices).toEqual(fromFiles.invoices.filter((one) => one.contract === contract));
  });
});
