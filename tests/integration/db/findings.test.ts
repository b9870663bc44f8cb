/** Findings in the record: one row a discrepancy, closing by themselves, never closing what was not compared. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  acceptFinding,
  addFindingQuestion,
  answerFindingQuestion,
  assignFinding,
  type Connection,
  connect,
  findingEventsOf,
  findingName,
  findingNumber,
  foundBetween,
  getFinding,
  importBook,
  listFindingChecks,
  openFindings,
  reconcile,
  verifyAudit,
} from '../../../db/index.ts';
import type { Book } from '../../../domain/book/tables.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { row, smallBook } from '../api/fixture.ts';
import { unreachable } from '../api/outside.ts';

let connection: Connection;
beforeAll(async () => {
  connection = connect(await createTestDatabase(), { max: 4 });
});
afterAll(() => connection.close());

const ANN = { user: 'ann', role: 'biller' };
const pass = (asOf: string) => reconcile(connection.db, { asOf, cause: 'demand' });
const bring = (book: Book, importId: string) =>
  importBook(connection.db, book, { importId, actor: ANN });
const found = async (rule: string) =>
  (await openFindings(connection.db)).filter((finding) => finding.rule === rule);
const one = async (rule: string) => {
  const [finding, ...others] = await found(rule);
  if (finding === undefined || others.length > 0) throw new Error(`not one ${rule}`);
  return finding;
};

/** The invoice of 2026 bills 60 of the 100 that are due. */
function billedTooLittle(net: string): Book {
  const book = smallBook();
  return {
    ...book,
    invoices: book.invoices.map((invoice) => ({ ...invoice, net, tax: '0.00', total: net })),
    invoice_lines: book.invoice_lines.map((line) => ({ ...line, net, tax: '0.00' })),
  };
}

describe('a pass over the books', () => {
  it('finds a discrepancy once, however often it looks', async () => {
    await bring(billedTooLittle('60.00'), 'first');
    const first = await pass('2026-11-20');
    const { number, openMinor, foundMinor, state } = await one('underbilled');
    expect({ openMinor, foundMinor, state }).toEqual({
      openMinor: 4000,
      foundMinor: 4000,
      state: 'new',
    });
    expect(first.newCount).toBe(first.seenCount);
    const again = await pass('2026-11-21');
    expect(again).toMatchObject({ seenCount: first.seenCount, newCount: 0, closedCount: 0 });
    expect((await one('underbilled')).number).toBe(number);
    expect((await one('underbilled')).lastSeenOn).toBe('2026-11-21');
    expect((await findingEventsOf(connection.db, number)).map(({ kind }) => kind)).toEqual([
      'found',
    ]);
    expect(findingNumber(findingName(number))).toBe(number);
  });

  it('takes part in two passes at once as in one', async () => {
    const before = (await openFindings(connection.db)).length;
    await Promise.all([pass('2026-11-21'), pass('2026-11-21'), pass('2026-11-21')]);
    expect((await openFindings(connection.db)).length).toBe(before);
  });

  it('keeps who looks after it, and lets it be until a day', async () => {
    const { number } = await one('underbilled');
    const on = '2026-11-21';
    const { db } = connection;
    await assignFinding(db, { number, owner: 'ann', reason: null, on, actor: ANN });
    expect(await getFinding(db, number)).toMatchObject({ state: 'assigned', owner: 'ann' });
    const why = { number, reason: 'the customer was promised this price', actor: ANN, on };
    await expect(acceptFinding(db, { ...why, until: '2026-11-20' })).rejects.toMatchObject({
      code: 'invalid-input',
    });
    await acceptFinding(db, { ...why, until: '2026-11-30' });
    await pass('2026-11-30');
    expect((await getFinding(db, number))?.state).toBe('accepted');
    await pass('2026-12-01');
    expect(await getFinding(db, number)).toMatchObject({ state: 'assigned', acceptedUntil: null });
    await expect(
      assignFinding(db, { number: 999_999, owner: 'ann', reason: null, on, actor: ANN }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  it('does not close what it could not compute, and closes the rest by itself', async () => {
    const { number } = await one('underbilled');
    const broken = billedTooLittle('60.00');
    const unreadable = broken.contracts.map((contract) => ({ ...contract, end: '2025-01-01' }));
    await bring({ ...broken, contracts: unreadable }, 'broken');
    await pass('2026-12-02');
    const state = (await getFinding(connection.db, number))?.state;
    expect([state, (await found('not-computable')).length]).toEqual(['assigned', 1]);
    await bring(billedTooLittle('60.00'), 'whole again');
    await pass('2026-12-03');
    expect(await found('not-computable')).toEqual([]);
    expect((await getFinding(connection.db, number))?.state).toBe('assigned');
  });

  it('says by how much a mended one was mended, and knows it when it comes back', async () => {
    const { db } = connection;
    const { number } = await one('underbilled');
    const invoice = { account: 'A-1', contract: 'C-1', type: 'invoice', status: 'issued' } as const;
    const more: Book = {
      ...billedTooLittle('60.00'),
      invoices: [
        ...billedTooLittle('60.00').invoices,
        row('invoices', {
          ...invoice,
          invoice: 'INV-2',
          entity: 'ACME',
          currency: 'EUR',
          issued: '2026-12-04',
          due: '2027-01-04',
          net: '40.00',
          tax: '0.00',
          total: '40.00',
          balance: '40.00',
        }),
      ],
      invoice_lines: [
        ...billedTooLittle('60.00').invoice_lines,
        row('invoice_lines', {
          invoice: 'INV-2',
          line: '1',
          subcontract: 'S-1',
          sku: 'CAD',
          periodStart: '2026-01-01',
          periodEnd: '2026-12-31',
          net: '40.00',
          tax: '0.00',
        }),
      ],
    };
    await bring(more, 'mended');
    await pass('2026-12-04');
    expect(await getFinding(db, number)).toMatchObject({
      state: 'resolved',
      openMinor: 0,
      recoveredMinor: 4000,
      resolvedOn: '2026-12-04',
    });
    const money = await foundBetween(db, { from: '2026-01-01', to: '2026-12-31' });
    expect(money.filter(({ rule }) => rule === 'underbilled')).toEqual([
      expect.objectContaining({ month: '2026-11', foundMinor: 4000, recoveredMinor: 0 }),
      expect.objectContaining({ month: '2026-12', foundMinor: 0, recoveredMinor: 4000, closed: 1 }),
    ]);
    await expect(
      assignFinding(db, { number, owner: 'ann', reason: null, on: '2026-12-04', actor: ANN }),
    ).rejects.toMatchObject({ code: 'already-decided' });
  });

  it('says of every comparison when it was made, or why it was not', async () => {
    const checks = new Map(
      (await listFindingChecks(connection.db)).map((check) => [check.comparison, check]),
    );
    expect(checks.get('unbilled')).toMatchObject({ checkedOn: '2026-12-04', cause: null });
    const book = ['unbilled', 'seats-over', 'payment-unallocated', 'order-without-contract'];
    for (const rule of book) expect([rule, checks.get(rule)?.cause]).toEqual([rule, null]);
  });

  it('keeps what another system told, while that system can not be reached', async () => {
    const { db } = connection;
    const told = await openFindings(db);
    await unreachable(db, '2026-12-04');
    const after = await reconcile(db, { asOf: '2026-12-05', cause: 'nightly' });
    expect(after.closedCount).toBe(0);
    expect((await openFindings(db)).length).toBe(told.length);
    const unmade = (await listFindingChecks(db)).filter(({ cause }) => cause !== null);
    for (const { comparison, cause } of unmade)
      expect([comparison, cause]).toEqual([
        comparison,
        'books could not be read: it does not answer',
      ]);
    expect(after.uncheckedCount).toBe(unmade.length);
  });
});

describe('a question to an account’s owner', () => {
  it('is asked once and answered once', async () => {
    const { db } = connection;
    const [finding] = await openFindings(db);
    if (finding === undefined) throw new Error('something is found');
    const asked = {
      question: 'question:1',
      finding: finding.number,
      recipient: 'owner@example.com',
      words: 'Is this right?',
      askedBy: 'ann',
      askedOn: '2026-12-04',
    };
    await addFindingQuestion(db, asked);
    expect(await addFindingQuestion(db, { ...asked, words: 'again' })).toMatchObject({
      words: 'Is this right?',
    });
    const answer = { question: 'question:1', answer: 'Yes, we agreed on it.', on: '2026-12-05' };
    await answerFindingQuestion(db, answer);
    await expect(answerFindingQuestion(db, answer)).rejects.toMatchObject({
      code: 'already-decided',
    });
    const events = await findingEventsOf(db, finding.number);
    expect(events.at(-1)).toMatchObject({ kind: 'answered', actor: 'owner@example.com' });
    expect((await verifyAudit(db)).ok).toBe(true);
  });
});
