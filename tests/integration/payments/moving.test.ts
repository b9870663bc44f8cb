/** Allocations that come back: undone until their day is closed, moved later (billing rules §7). Sequences: model.test.ts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deps } from '../../../activities/deps.ts';
import { paymentSteps } from '../../../activities/payment-steps.ts';
import { createBuiltInAccounting } from '../../../connectors/accounting/built-in/accounting.ts';
import {
  allocationsOfPayment,
  assertPaymentInvariant,
  type Connection,
  closeDay,
  connect,
  exportBook,
  getInvoice,
  getPayment,
  importBook,
  listPayers,
  type NewPayment,
  recordPayment,
  reopenDays,
  trialBalance,
  unappliedCredit,
  verifyLedger,
} from '../../../db/index.ts';
import { findingsOf } from '../../../domain/findings/find.ts';
import type { PaymentSteps } from '../../../workflows/steps.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { bookOfInvoices } from './book.ts';

const ADMIN = { user: 'ada', role: 'admin' };
const PERSON = { user: 'mira', role: 'biller' };
const RECEIVED_ON = '2026-02-10';
const TODAY = '2026-03-02';

let connection: Connection;
let steps: Omit<PaymentSteps, 'useCredit'>;
let made = 0;
beforeAll(async () => {
  connection = connect(await createTestDatabase(), { max: 4 });
  await importBook(connection.db, bookOfInvoices(10), { importId: 'test', actor: ADMIN });
  const accounting = createBuiltInAccounting();
  steps = paymentSteps({ db: connection.db, accounting } as Deps);
});
afterAll(() => connection?.close());

async function received(rest: Partial<NewPayment>): Promise<string> {
  made += 1;
  const { payment } = await recordPayment(connection.db, {
    payment: `manual:${made}`,
    account: null,
    receivedOn: RECEIVED_ON,
    amountMinor: 11_900,
    currency: 'EUR',
    ...rest,
  });
  await steps.matchPayment({ payment: payment.payment, today: TODAY, clock: null });
  return payment.payment;
}
const decision = (payment: string, lines: [string, string | null, number][]) => ({
  payment,
  lines: lines.map(([invoice, line, amountMinor]) => ({ invoice, line, amountMinor })),
  reason: 'as the customer said',
  actor: PERSON,
  today: TODAY,
  clock: null,
});
const openOf = async (invoice: string) =>
  (await getInvoice(connection.db, invoice))?.invoice.balanceMinor;
const booksAgree = async () => {
  expect(await verifyLedger(connection.db)).toEqual([]);
  await assertPaymentInvariant(connection.db);
};

describe('an allocation', () => {
  it('is undone exactly: invoices open, subcontracts uncovered, the payer forgotten, the money with a person', async () => {
    const payment = await received({ bankAccount: 'DE89370400440532013000' });
    await steps.allocatePayment(decision(payment, [['INV-0001', null, 11_900]]));
    expect(await listPayers(connection.db, 'A-1')).toHaveLength(1);
    const { allocated, on, reopened } = await steps.movePayment({
      ...decision(payment, []),
      from: null,
    });
    expect({ allocated, on }).toEqual({ allocated: 0, on: RECEIVED_ON });
    expect(reopened).toEqual([
      { invoice: 'INV-0001', contract: 'C-1', subcontracts: ['S-1', 'S-2'] },
    ]);
    expect(await openOf('INV-0001')).toBe(11_900);
    expect(await getPayment(connection.db, payment)).toMatchObject({
      state: 'review',
      unappliedMinor: 11_900,
      matchedBy: null,
      account: null,
    });
    expect(await listPayers(connection.db, 'A-1')).toEqual([]);
    expect((await unappliedCredit(connection.db, 'A-1')).EUR ?? 0).toBe(0);
    // Undone a second time, after somebody else's invoice, it is nobody's again too.
    await steps.allocatePayment(decision(payment, [['INV-0002', null, 100]]));
    expect((await getPayment(connection.db, payment))?.account).toBe('A-2');
    await steps.movePayment({ ...decision(payment, []), from: null });
    expect((await getPayment(connection.db, payment))?.account).toBeNull();
    await booksAgree();
  });

  it('of credit that a person had kept is undone to that customer’s credit, not to nobody’s', async () => {
    const payment = await received({});
    await steps.allocatePayment({ ...decision(payment, []), account: 'A-2' });
    await steps.allocatePayment(decision(payment, [['INV-0002', null, 100]]));
    await steps.movePayment({ ...decision(payment, []), from: null });
    expect((await getPayment(connection.db, payment))?.account).toBe('A-2');
    await booksAgree();
  });

  it('moves to another account’s lines in one step; what stays covered is not told as taken back', async () => {
    const payment = await received({ reference: 'INV-0003' });
    const moved = await steps.movePayment({
      ...decision(payment, [
        ['INV-0003', '1', 6000],
        ['INV-0002', '2', 5900],
      ]),
      from: ['INV-0003'],
    });
    expect(moved).toEqual({
      allocated: 11_900,
      on: TODAY,
      reopened: [{ invoice: 'INV-0003', contract: 'C-1', subcontracts: ['S-2'] }],
    });
    expect(await openOf('INV-0003')).toBe(5900);
    expect(await openOf('INV-0002')).toBe(6000);
    expect(await getPayment(connection.db, payment)).toMatchObject({
      state: 'allocated',
      matchedBy: 'person',
      unappliedMinor: 0,
    });
    await booksAgree();
  });

  it('settles an invoice with what others kept: tax withheld is a receivable, bank fees a cost; taken back exactly', async () => {
    const balances = async () =>
      Object.fromEntries(
        (await trialBalance(connection.db)).map((row) => [row.ledgerAccount, row.balanceMinor]),
      );
    const before = await balances();
    const payment = await received({ amountMinor: 10_000 });
    const { lines, ...rest } = decision(payment, [['INV-0006', null, 10_000]]);
    const kept = { withheldMinor: 1785, bankFeeMinor: 115 };
    await steps.allocatePayment({ ...rest, lines: lines.map((line) => ({ ...line, ...kept })) });
    const { invoice } = (await getInvoice(connection.db, 'INV-0006')) ?? {};
    expect(invoice).toMatchObject({ state: 'paid', balanceMinor: 0 });
    const after = await balances();
    expect(after['tax-withheld']).toBe(1785);
    expect(after['bank-fees']).toBe(115);
    await booksAgree();
    const { findings } = findingsOf(await exportBook(connection.db), TODAY);
    const about = findings.filter(({ evidence }) => evidence.invoice === 'INV-0006');
    expect(about.map(({ rule }) => rule)).not.toContain('allocation-differs');
    const event = { event: 'evt:kept', on: TODAY, amountMinor: 10_000, reason: 'returned' };
    const { reopened } = await steps.reversePayment({ payment, ...event });
    expect(reopened.map((one) => one.invoice)).toEqual(['INV-0006']);
    expect(await openOf('INV-0006')).toBe(11_900);
    expect(await balances()).toEqual({ ...before, 'tax-withheld': 0, 'bank-fees': 0 });
    await booksAgree();
  });

  it('that would say more than is open of an invoice is refused', async () => {
    const payment = await received({ amountMinor: 10_000 });
    const { lines, ...rest } = decision(payment, [['INV-0008', null, 10_000]]);
    const over = lines.map((line) => ({ ...line, withheldMinor: 1901 }));
    await expect(steps.allocatePayment({ ...rest, lines: over })).rejects.toThrow(/1900|1901/);
    expect(await openOf('INV-0008')).toBe(11_900);
    await booksAgree();
  });

  it('that would not fit leaves all as it was', async () => {
    const payment = await received({ reference: 'INV-0005' });
    const tooMuch = decision(payment, [['INV-0004', '1', 11_900]]);
    await expect(steps.movePayment({ ...tooMuch, from: null })).rejects.toThrow(/more than the/);
    expect(await openOf('INV-0005')).toBe(0);
    expect(await allocationsOfPayment(connection.db, payment)).toHaveLength(2);
    await booksAgree();
  });

  it('is kept as credit of whom a person says, and of nobody unknown', async () => {
    const payment = await received({ amountMinor: 77 });
    await expect(steps.allocatePayment(decision(payment, []))).rejects.toThrow(/whose credit/);
    await steps.allocatePayment({ ...decision(payment, []), account: 'A-2' });
    expect(await getPayment(connection.db, payment)).toMatchObject({
      account: 'A-2',
      state: 'allocated',
      unappliedMinor: 77,
    });
    await booksAgree();
  });

  it('of a closed day is not undone, but moved; once the day is open again it is undone', async () => {
    const payment = await received({ reference: 'INV-0007' });
    const entity = 'ACME';
    const close = { entity, actor: PERSON, reason: 'evening' };
    await closeDay(connection.db, { ...close, day: RECEIVED_ON });
    const undo = { ...decision(payment, []), from: null };
    await expect(steps.movePayment(undo)).rejects.toMatchObject({ code: 'period-closed' });
    const elsewhere = decision(payment, [['INV-0009', null, 11_900]]);
    const moved = await steps.movePayment({ ...elsewhere, from: null });
    expect(moved.on).toBe(TODAY);
    expect(await openOf('INV-0007')).toBe(11_900);
    await reopenDays(connection.db, { entity, from: RECEIVED_ON, actor: ADMIN, reason: 'typo' });
    expect((await steps.movePayment(undo)).on).toBe(TODAY);
    await booksAgree();
  });
});
