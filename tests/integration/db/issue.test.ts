/** Numbers without gaps, each document once, its tax and ledger exact, and never changed afterwards. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  approveRun,
  type Connection,
  connect,
  createRun,
  creditInvoice,
  decideItem,
  getInvoice,
  importBook,
  issueDocument,
  issueSingle,
  listRunItems,
  recognizeRevenue,
  runItemsToIssue,
  runProgress,
  saveComputedRun,
  submitRun,
  trialBalance,
  verifyLedger,
  voidInvoice,
} from '../../../db/index.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { ANN, BOB, document, KEYS, line, preview, sampleBook } from './sample-facts.ts';

let connection: Connection;
beforeAll(async () => {
  connection = connect(await createTestDatabase(), { max: 20 });
  await importBook(connection.db, sampleBook(), { importId: 'one', actor: ANN });
});
afterAll(() => connection?.close());

describe('a bill run', () => {
  it('issues a hundred at once without a gap, each exactly once', async () => {
    const { db } = connection;
    const run = '2026-11';
    await createRun(db, { run, runOn: '2026-11-15', clock: null, startedBy: ANN });
    const documents = Array.from({ length: 100 }, (_, index) =>
      document({ subject: `X-${index}` }),
    );
    await saveComputedRun(db, run, preview([...documents, document({ subject: 'X-0' })]), KEYS);
    await decideItem(db, {
      run,
      item: 'invoice:X-0:2026-11:2',
      decision: 'exclude',
      reason: 'twice',
      actor: ANN,
    });
    const { shownHash } = await submitRun(db, { run, actor: ANN });
    await expect(
      issueDocument(db, { run, item: 'invoice:X-1:2026-11', issuedOn: '2026-11-16' }),
    ).rejects.toMatchObject({ code: 'run-not-approved' });
    await expect(approveRun(db, { run, shownHash, actor: ANN })).rejects.toMatchObject({
      code: 'own-run',
    });
    await expect(approveRun(db, { run, shownHash: 'other', actor: BOB })).rejects.toMatchObject({
      code: 'numbers-changed',
    });
    await approveRun(db, { run, shownHash, actor: BOB });
    const items = await runItemsToIssue(db, run);
    expect(items).toHaveLength(100);
    // Each twice at the same time: one of them issues, the other gets its result.
    const results = await Promise.all(
      [...items, ...items].map((item) => issueDocument(db, { run, item, issuedOn: '2026-11-16' })),
    );
    expect(results.filter(({ alreadyIssued }) => !alreadyIssued)).toHaveLength(100);
    const numbers = [...new Set(results.map(({ invoice }) => invoice.invoice))].sort();
    expect(numbers).toHaveLength(100);
    expect(numbers[0]).toBe('INV-2026-00001');
    expect(numbers.at(-1)).toBe('INV-2026-00100');
    expect(await runProgress(db, run)).toMatchObject({
      due: 100,
      issued: 100,
      failed: 0,
      leftOut: 1,
    });
    expect(results[0]?.invoice).toMatchObject({
      dueOn: '2026-12-16',
      totalMinor: 119_000,
      paymentReference: expect.stringMatching(/^RF\d{2}INV2026/),
    });
    expect(await verifyLedger(db)).toEqual([]);
  });

  it('gives the number back when the transaction fails', async () => {
    const { db } = connection;
    const broken = document({ subject: 'Y', total: 1 });
    await expect(
      issueSingle(db, {
        documentKey: 'invoice:Y:2026-11',
        type: 'invoice',
        document: broken,
        issuedOn: '2026-11-16',
      }),
    ).rejects.toThrow(/does not add up/);
    await expect(
      db.transaction(async (tx) => {
        await issueSingle(tx, {
          documentKey: 'invoice:Z:2026-11',
          type: 'invoice',
          document: document({ subject: 'Z' }),
          issuedOn: '2026-11-16',
        });
        throw new Error('afterwards');
      }),
    ).rejects.toThrow('afterwards');
    const { invoice } = await issueSingle(db, {
      documentKey: 'invoice:Z:2026-11',
      type: 'invoice',
      document: document({ subject: 'Z' }),
      issuedOn: '2026-11-16',
    });
    expect(invoice.invoice).toBe('INV-2026-00101');
  });

  it('never goes back in time within a series', async () => {
    const { db } = connection;
    const early = {
      documentKey: 'invoice:E:2026-11',
      type: 'invoice' as const,
      document: document({ subject: 'E' }),
      issuedOn: '2026-11-15',
    };
    await expect(issueSingle(db, early)).rejects.toMatchObject({ code: 'issue-date-before-last' });
    const { invoice } = await issueSingle(db, { ...early, orLater: true });
    expect(invoice).toMatchObject({ issuedOn: '2026-11-16', dueOn: '2026-12-16' });
  });
});

describe('an issued document', () => {
  it('cannot be changed or deleted', async () => {
    const { db } = connection;
    const cause = (text: RegExp) => ({
      cause: expect.objectContaining({ message: expect.stringMatching(text) }),
    });
    await expect(
      db.execute(sql`update invoices set net_minor = 1, total_minor = tax_minor + 1`),
    ).rejects.toMatchObject(cause(/never changes/));
    await expect(db.execute(sql`delete from invoice_lines`)).rejects.toMatchObject(
      cause(/never deleted/),
    );
    await expect(db.execute(sql`update invoice_lines set description = 'x'`)).rejects.toMatchObject(
      cause(/only its open amount/),
    );
    await expect(
      db.execute(sql`update ledger_postings set amount_minor = 0`),
    ).rejects.toMatchObject(cause(/only grows/));
    await expect(db.execute(sql`delete from audit_events`)).rejects.toMatchObject(
      cause(/only grows/),
    );
  });

  it('is credited in parts that leave nothing over: 82.00 three times, then 81.98', async () => {
    const { db } = connection;
    const lines = [line({ net: 27_332, taxRate: '20', quantity: '4', unitPrice: '68.33' })];
    const taxes = [{ category: 'S', rate: '20', base: 27_332, tax: 5466, reason: null }];
    const { invoice } = await issueSingle(db, {
      documentKey: 'invoice:K:2026-11',
      type: 'invoice',
      issuedOn: '2026-11-16',
      document: document({ subject: 'K', lines, taxes, net: 27_332, tax: 5466, total: 32_798 }),
    });
    const totals: number[] = [];
    for (const part of [1, 2, 3, 4]) {
      const { creditNote } = await creditInvoice(db, {
        documentKey: `credit-note:K:2026-11:${part}`,
        invoice: invoice.invoice,
        issuedOn: '2026-11-17',
        reason: 'returned',
        actor: ANN,
        lines: part < 4 ? [{ line: '1', netMinor: 6833 }] : null,
      });
      totals.push(creditNote.totalMinor);
    }
    expect(totals).toEqual([-8200, -8200, -8200, -8198]);
    expect((await getInvoice(db, invoice.invoice))?.invoice).toMatchObject({
      balanceMinor: 0,
      state: 'credited',
    });
    await expect(
      creditInvoice(db, {
        documentKey: 'credit-note:K:x',
        invoice: invoice.invoice,
        issuedOn: '2026-11-17',
        reason: 'more',
        actor: ANN,
        lines: null,
      }),
    ).rejects.toMatchObject({ code: 'invoice-settled' });
    expect(await verifyLedger(db)).toEqual([]);
  });

  it('shares tax over lines so that they sum to the document', async () => {
    const { db } = connection;
    const lines = [line({ net: 333 }), line({ net: 333 }), line({ net: 334 })];
    const { invoice } = await issueSingle(db, {
      documentKey: 'invoice:T:2026-11',
      type: 'invoice',
      document: document({ subject: 'T', lines }),
      issuedOn: '2026-11-17',
    });
    const found = await getInvoice(db, invoice.invoice);
    expect(found?.lines.map(({ taxMinor }) => taxMinor)).toEqual([63, 63, 64]);
  });

  it('is voided only before it was sent', async () => {
    const { db } = connection;
    const { invoice } = await issueSingle(db, {
      documentKey: 'invoice:V:2026-11',
      type: 'invoice',
      document: document({ subject: 'V' }),
      issuedOn: '2026-11-17',
    });
    expect(
      await voidInvoice(db, {
        invoice: invoice.invoice,
        on: '2026-11-17',
        reason: 'wrong',
        actor: ANN,
      }),
    ).toMatchObject({ state: 'void', balanceMinor: 0 });
    expect(await verifyLedger(db)).toEqual([]);
  });

  it('is earned by day, each month once, and wholly at its end', async () => {
    const { db } = connection;
    const january = await recognizeRevenue(db, { month: '2027-01' });
    expect(january.entries).toBeGreaterThan(0);
    expect((await recognizeRevenue(db, { month: '2027-01' })).entries).toBe(0);
    await recognizeRevenue(db, { month: '2027-12' });
    const rows = await trialBalance(db);
    expect(
      rows.find(({ ledgerAccount }) => ledgerAccount === 'deferred-revenue')?.balanceMinor,
    ).toBe(0);
    expect(rows.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0)).toBe(0);
  });

  it('needs a balanced entry', async () => {
    const { db } = connection;
    const insert = db.transaction(async (tx) => {
      await tx.execute(
        sql`insert into ledger_entries (key, entity, posted_on, description) values ('x', 'US', '2026-11-17', 'x')`,
      );
      await tx.execute(sql`insert into ledger_postings (entry, ledger_account, currency, amount_minor)
        select id, 'bank', 'USD', 5 from ledger_entries where key = 'x'`);
    });
    await expect(insert).rejects.toThrow(/does not balance/);
  });
});

it('says of what is held or set aside whose it is, and in which currency', async () => {
  const { db } = connection;
  const run = '2031-01';
  await createRun(db, { run, runOn: '2031-01-15', clock: null, startedBy: ANN });
  const held = {
    contract: 'C-1',
    subcontract: 'S-1',
    periodStart: '2029-01-01',
    net: 120_00,
    reason: 'old',
  };
  const setAside = [
    { contract: 'C-2', code: 'price-missing', reason: 'give it a price' },
    { contract: 'C-UNKNOWN', code: 'contract-unknown', reason: 'add it' },
  ];
  await saveComputedRun(db, run, { ...preview([]), held: [held], setAside }, KEYS);
  const items = await listRunItems(db, run);
  const facts = items.map(({ contract, account, entity, currency, netMinor }) => [
    contract,
    account,
    entity,
    currency,
    netMinor,
  ]);
  expect(facts).toEqual([
    ['C-1', 'A-1', 'US', 'USD', 120_00],
    ['C-2', 'A-2', 'US', 'USD', 0],
    ['C-UNKNOWN', null, null, null, 0],
  ]);
});
