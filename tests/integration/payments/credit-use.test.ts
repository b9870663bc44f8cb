/** Money that was there before its invoice: what of it pays by itself, and what is left to a person (billing rules §7). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { creditSteps } from '../../../activities/credit-use.ts';
import type { Deps } from '../../../activities/deps.ts';
import { paymentSteps } from '../../../activities/payment-steps.ts';
import { createBuiltInAccounting } from '../../../connectors/accounting/built-in/accounting.ts';
import {
  allocationsOfPayment,
  assertPaymentInvariant,
  type Connection,
  connect,
  getInvoice,
  getPayment,
  importBook,
  keepAsCredit,
  type NewPayment,
  paymentsUsableFor,
  recordPayment,
  requestApproval,
  storeInboxEvent,
  verifyLedger,
} from '../../../db/index.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { bookOfInvoices } from './book.ts';

const ACTOR = { user: 'ada', role: 'admin' };
const PERSON = { user: 'mira', role: 'biller' };
const CAME_ON = '2026-02-10';
const ON = '2026-03-02';
/** What every invoice of the book comes to. */
const TOTAL = 11_900;

let connection: Connection;
let steps: ReturnType<typeof paymentSteps> & ReturnType<typeof creditSteps>;
let invoices = 2;
let made = 0;
beforeAll(async () => {
  connection = connect(await createTestDatabase(), { max: 4 });
  await importBook(connection.db, bookOfInvoices(invoices), { importId: 'first', actor: ACTOR });
  const deps = { db: connection.db, accounting: createBuiltInAccounting() } as Deps;
  steps = { ...paymentSteps(deps), ...creditSteps(deps) };
});
afterAll(() => connection?.close());

async function came(rest: Partial<NewPayment>): Promise<string> {
  made += 1;
  const { payment } = await recordPayment(connection.db, {
    payment: `manual:${made}`,
    account: 'A-1',
    receivedOn: CAME_ON,
    amountMinor: TOTAL,
    currency: 'EUR',
    ...rest,
  });
  await steps.matchPayment({ payment: payment.payment, today: CAME_ON, clock: null });
  return payment.payment;
}
/** The next two invoices, of. */
async function issued(): Promise<[string, string]> {
  invoices += 2;
  await importBook(connection.db, bookOfInvoices(invoices), {
    importId: `${invoices}`,
    actor: ACTOR,
  });
  const named = (n: number) => `INV-${String(n).padStart(4, '0')}`;
  return [named(invoices - 1), named(invoices)];
}
const use = (payment: string, invoice: string) =>
  steps.useCredit({ payment, invoice, on: ON, clock: null });
const openOf = async (invoice: string) =>
  (await getInvoice(connection.db, invoice))?.invoice.balanceMinor;
const stateOf = async (payment: string) => {
  const row = await getPayment(connection.db, payment);
  return [row?.state, row?.unappliedMinor, row?.matchedBy];
};
const usableFor = (invoice: string) =>
  paymentsUsableFor(connection.db, invoice, { unknownPayers: true });
const booksAgree = async () => {
  expect(await verifyLedger(connection.db)).toEqual([]);
  await assertPaymentInvariant(connection.db);
};

describe('credit of an account', () => {
  it('pays the next invoice, as far as it goes, once', async () => {
    const payment = await came({ amountMinor: TOTAL + 7000, reference: 'INV-0001' });
    expect(await stateOf(payment)).toEqual(['allocated', 7000, 'reference']);
    const [own, other] = await issued();
    expect(await usableFor(own)).toEqual([payment]);
    expect(await usableFor(other)).toEqual([]);
    const plan = await use(payment, own);
    expect(plan.affected.map(({ invoice }) => invoice)).toEqual([own]);
    expect(await openOf(own)).toBe(TOTAL - 7000);
    expect(await stateOf(payment)).toEqual(['allocated', 0, 'credit']);
    expect((await use(payment, own)).affected).toEqual([]);
    const rows = await allocationsOfPayment(connection.db, payment);
    expect(rows.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(TOTAL + 7000);
    await booksAgree();
  });

  it('of several payments pays together no more than the balance, the rest stays credit', async () => {
    const payments = await Promise.all(
      [5000, 5000, 5000].map((amountMinor) => came({ amountMinor, account: 'A-2' })),
    );
    for (const payment of payments) await keepAsCredit(connection.db, { payment, matching: {} });
    const [, own] = await issued();
    expect([...(await usableFor(own))].sort()).toEqual([...payments].sort());
    await Promise.all(payments.map((payment) => use(payment, own)));
    expect(await openOf(own)).toBe(0);
    const left = await Promise.all(payments.map(async (one) => (await stateOf(one))[1] as number));
    expect(left.reduce((sum, one) => sum + one, 0)).toBe(15_000 - TOTAL);
    await booksAgree();
  });

  it('that somebody asked to give back is left alone', async () => {
    const payment = await came({ amountMinor: 300 });
    await keepAsCredit(connection.db, { payment, matching: {} });
    await requestApproval(connection.db, {
      approval: `refund:${payment}`,
      subject: payment,
      action: 'payment.refund',
      maker: PERSON,
      shownHash: 'x',
      summary: 'Give 3.00 back',
    });
    const [own] = await issued();
    expect(await usableFor(own)).not.toContain(payment);
    expect((await use(payment, own)).affected).toEqual([]);
    expect(await stateOf(payment)).toEqual(['allocated', 300, 'person']);
  });
});

describe('a payment that waits', () => {
  it('pays the invoice that it names once that is issued, also where its payer is not known', async () => {
    const named = `INV-${String(invoices + 1).padStart(4, '0')}`;
    const known = await came({ amountMinor: TOTAL - 1, reference: named });
    const unknown = await came({ account: null, amountMinor: TOTAL });
    // Another open invoice has that balance too: nothing says which of them is meant.
    expect((await stateOf(known))[0]).toBe('review');
    const [own] = await issued();
    expect(own).toBe(named);
    expect(await usableFor(own)).toEqual(expect.arrayContaining([known, unknown]));
    await use(known, own);
    expect(await stateOf(known)).toEqual(['allocated', 0, 'reference']);
    expect(await openOf(own)).toBe(1);
    await booksAgree();
  });

  it('is seen again by a person with what fits now, where two invoices do', async () => {
    const payment = await came({ account: null, amountMinor: TOTAL });
    const before = (await getPayment(connection.db, payment))?.matching;
    const [own] = await issued();
    expect((await use(payment, own)).affected).toEqual([]);
    expect((await stateOf(payment))[0]).toBe('review');
    const after = (await getPayment(connection.db, payment))?.matching;
    expect(JSON.stringify(after)).toContain(own);
    expect(JSON.stringify(before)).not.toContain(own);
  });

  it('is left alone where a person took it back, and where the bank has yet to say whose it is', async () => {
    const undone = await came({ amountMinor: TOTAL, account: 'A-1', reference: 'INV-0002' });
    const lines = [{ invoice: 'INV-0002', line: null, amountMinor: TOTAL }];
    const decision = { lines, reason: 'x', actor: PERSON, today: ON, clock: null };
    await steps.allocatePayment({ payment: undone, ...decision });
    await steps.movePayment({ payment: undone, from: null, ...decision, lines: [] });
    const batch = await came({ payment: 'bank:DE1:B-1', account: null, amountMinor: TOTAL });
    await storeInboxEvent(connection.db, {
      provider: 'bank',
      eventId: 'DE1:B-1',
      kind: 'received',
      payload: { needsDetails: true },
    });
    const [own] = await issued();
    const usable = await usableFor(own);
    expect(usable).not.toContain(undone);
    expect(usable).not.toContain(batch);
    for (const payment of [undone, batch]) {
      await use(payment, own);
      expect((await stateOf(payment))[0]).toBe('review');
    }
    await booksAgree();
  });
});
