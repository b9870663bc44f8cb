/**
 * Whatever happens to invoices and payments, in whatever order: the books agree with what is issued, owed, unearned and
 * paid. The other side of each sum is kept here, beside the database.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  allocationsOfPayment,
  applyAllocation,
  assertPaymentInvariant,
  balancesByAccount,
  type Connection,
  connect,
  type Db,
  getInvoice,
  getPayment,
  importBook,
  invoicesOfAccount,
  issueSingle,
  recognizeRevenue,
  recordPayment,
  refundUnapplied,
  reversePayment,
  trialBalance,
  verifyAudit,
  verifyLedger,
  writeOffInvoice,
} from '../../../db/index.ts';
import { endOfMonth } from '../../../domain/dates/dates.ts';
import { earnedThrough } from '../../../domain/ledger/earned-revenue.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { ANN, document, line, sampleBook } from './sample-facts.ts';

const MONTHS = ['2027-01', '2027-02', '2027-07', '2027-12'];

let connection: Connection;
beforeAll(async () => {
  connection = connect(await createTestDatabase());
  await importBook(connection.db, sampleBook(), { importId: 'one', actor: ANN });
});
afterAll(() => connection?.close());

/** What this test knows by itself. Amounts in minor units. */
interface Known {
  readonly invoices: { readonly invoice: string; readonly nets: readonly number[] }[];
  readonly payments: { readonly payment: string; readonly amountMinor: number }[];
  /** By invoice; a line that is not here is unearned. */
  readonly earned: Map<string, number>;
  readonly writtenOff: Set<string>;
  month: number;
  made: number;
}

type Step =
  | { readonly kind: 'issue'; readonly nets: readonly number[] }
  | { readonly kind: 'pay'; readonly amountMinor: number }
  | { readonly kind: 'allocate' | 'refund' | 'reverse' | 'writeOff'; readonly pick: number }
  | { readonly kind: 'earn' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('issue' as const),
    nets: fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({
    kind: fc.constant('pay' as const),
    amountMinor: fc.integer({ min: 1, max: 300_000 }),
  }),
  fc.record({
    kind: fc.constantFrom(
      'allocate' as const,
      'allocate' as const,
      'refund' as const,
      'reverse' as const,
      'writeOff' as const,
    ),
    pick: fc.nat({ max: 20 }),
  }),
  fc.record({ kind: fc.constant('earn' as const) }),
);

const picked = <T>(items: readonly T[], pick: number): T | undefined =>
  items[pick % Math.max(1, items.length)];

async function issue(db: Db, known: Known, nets: readonly number[]): Promise<void> {
  known.made += 1;
  const lines = nets.map((net, at) => line({ net, subcontract: `S-1${at === 0 ? '' : 'B'}` }));
  const { invoice } = await issueSingle(db, {
    documentKey: `invoice:ADDS-${known.made}:2026-11`,
    type: 'invoice',
    document: document({ subject: `ADDS-${known.made}`, lines }),
    issuedOn: '2026-11-15',
  });
  known.invoices.push({ invoice: invoice.invoice, nets });
}

async function pay(db: Db, known: Known, amountMinor: number): Promise<void> {
  known.made += 1;
  const payment = `manual:adds-${known.made}`;
  const row = { payment, account: 'A-1', receivedOn: '2026-11-20', amountMinor, currency: 'USD' };
  await recordPayment(db, row);
  known.payments.push({ payment, amountMinor });
}

/** As much as there is, to the first open invoice. */
async function allocate(db: Db, known: Known, pick: number): Promise<void> {
  const payment = picked(known.payments, pick)?.payment;
  const rest = payment === undefined ? 0 : ((await getPayment(db, payment))?.unappliedMinor ?? 0);
  const open = (await invoicesOfAccount(db, 'A-1')).find(({ balanceMinor }) => balanceMinor > 0);
  if (payment === undefined || open === undefined || rest === 0) return;
  const amount = Math.min(rest, open.balanceMinor);
  const allocations = [{ invoice: open.invoice, line: null, amount }];
  await applyAllocation(db, { payment, on: '2026-11-20', rule: 'person', allocations });
}

async function refund(db: Db, known: Known, pick: number): Promise<void> {
  const payment = picked(known.payments, pick)?.payment;
  const rest = payment === undefined ? 0 : ((await getPayment(db, payment))?.unappliedMinor ?? 0);
  if (payment === undefined || rest === 0) return;
  known.made += 1;
  const how = { on: '2026-12-01', key: `r${known.made}`, reason: 'overpaid', actor: ANN };
  await refundUnapplied(db, { payment, amountMinor: Math.ceil(rest / 2), ...how });
}

/** Returned by the bank: not where part of it was paid back already. */
async function reverse(db: Db, known: Known, pick: number): Promise<void> {
  const payment = picked(known.payments, pick)?.payment;
  const row = payment === undefined ? null : await getPayment(db, payment);
  if (row === null || row.refundedMinor > 0 || row.state === 'returned') return;
  const how = { event: `evt-${row.payment}`, on: '2026-12-02', reason: 'returned' };
  await reversePayment(db, { payment: row.payment, ...how, state: 'returned' });
}

/** Only what was never paid: all of it is gone then, and nothing is deferred any more. */
async function writeOff(db: Db, known: Known, pick: number): Promise<void> {
  const invoice = picked(known.invoices, pick)?.invoice;
  const row = invoice === undefined ? undefined : (await getInvoice(db, invoice))?.invoice;
  if (row === undefined || row.balanceMinor !== row.totalMinor || row.totalMinor === 0) return;
  // Before any of it is earned: what is then deferred goes with it.
  if (known.month > 0) return;
  const how = { on: '2026-12-20', taxRelief: true, reason: 'insolvent', actor: ANN };
  await writeOffInvoice(db, { invoice: row.invoice, ...how });
  known.writtenOff.add(row.invoice);
}

async function earn(db: Db, known: Known): Promise<void> {
  const month = MONTHS[known.month];
  if (month === undefined) return;
  known.month += 1;
  await recognizeRevenue(db, { month });
  const through = endOfMonth(`${month}-01`);
  const period = { periodStart: '2027-01-01', periodEnd: '2027-12-31', on: '2026-11-15' };
  for (const { invoice, nets } of known.invoices) {
    const parts = nets.map((net) => earnedThrough({ net, ...period }, through));
    known.earned.set(
      invoice,
      parts.reduce((sum, part) => sum + part, 0),
    );
  }
}

async function take(db: Db, known: Known, one: Step): Promise<void> {
  if (one.kind === 'issue') await issue(db, known, one.nets);
  else if (one.kind === 'pay') await pay(db, known, one.amountMinor);
  else if (one.kind === 'allocate') await allocate(db, known, one.pick);
  else if (one.kind === 'refund') await refund(db, known, one.pick);
  else if (one.kind === 'reverse') await reverse(db, known, one.pick);
  else if (one.kind === 'writeOff') await writeOff(db, known, one.pick);
  else await earn(db, known);
}

const balanceOf = async (db: Db, ledgerAccount: string) =>
  (await balancesByAccount(db, ledgerAccount, { account: 'A-1' }))[0]?.balanceMinor ?? 0;

async function demandSums(db: Db, known: Known): Promise<void> {
  const all = await trialBalance(db);
  expect(all.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0)).toBe(0);
  const invoices = await invoicesOfAccount(db, 'A-1');
  const open = invoices.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0);
  expect(await balanceOf(db, 'receivable')).toBe(open);
  let unearned = 0;
  for (const { invoice, nets } of known.invoices)
    if (!known.writtenOff.has(invoice))
      unearned += nets.reduce((sum, net) => sum + net, 0) - (known.earned.get(invoice) ?? 0);
  expect(await balanceOf(db, 'deferred-revenue')).toBe(0 - unearned);
  for (const { payment, amountMinor } of known.payments) {
    const row = await getPayment(db, payment);
    const allocated = (await allocationsOfPayment(db, payment)).reduce(
      (sum, one) => sum + one.amountMinor,
      0,
    );
    expect(allocated + (row?.unappliedMinor ?? 0) + (row?.refundedMinor ?? 0)).toBe(amountMinor);
  }
  expect(await assertPaymentInvariant(db)).toBeLessThanOrEqual(1);
  expect(await verifyLedger(db)).toEqual([]);
}

it('adds up after every step of many histories', async () => {
  const { db } = connection;
  const known: Known = {
    invoices: [],
    payments: [],
    earned: new Map(),
    writtenOff: new Set(),
    month: 0,
    made: 0,
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
      for (const one of steps) {
        await take(db, known, one);
        await demandSums(db, known);
      }
    }),
    // One company lives through all of them: a failing history can not be told apart from those before it.
    { numRuns: 8, endOnFailure: true },
  );
  expect(known.invoices.length).toBeGreaterThan(0);
  expect(known.payments.length).toBeGreaterThan(0);
  await earn(db, known);
  await demandSums(db, known);
  expect((await verifyAudit(db)).ok).toBe(true);
});
