/** A payment in another currency than its invoice's: counted by a person, undone, taken back (billing rules §7). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bankBalance,
  exchangedFrom,
  getPayment,
  type NewPayment,
  paymentsTakenBack,
  restoreRefund,
  statementMovements,
  storeInboxEvent,
  trialBalance,
  unappliedCredit,
} from '../../../db/index.ts';
import {
  GROSS_MINOR,
  type InvoicedBook,
  invoicedBook,
  PERSON,
  RECEIVED_ON,
  TODAY,
} from './book.ts';

const CAME = { currency: 'USD', amountMinor: 12_852 };
const COUNTED = { currency: 'EUR', amountMinor: GROSS_MINOR };

let book: InvoicedBook;
beforeAll(async () => {
  book = await invoicedBook(12);
});
afterAll(() => book?.close());

const received = (rest: Partial<NewPayment> = {}) => book.received({ ...CAME, ...rest });
const why = { reason: 'at 1.08, ECB of the day', actor: PERSON };
const exchanged = (payment: string, from = CAME, to = COUNTED) =>
  book.steps.exchangePayment({ payment, from, to, ...why });
const allocated = (payment: string, invoice: string, amountMinor: number) =>
  book.steps.allocatePayment({
    payment,
    lines: [{ invoice, line: null, amountMinor }],
    ...{ ...why, today: TODAY, clock: null },
  });
const takenBack = (payment: string, amountMinor: number, reason = 'returned by the bank') =>
  book.steps.reversePayment({ payment, event: `evt-${payment}`, on: TODAY, amountMinor, reason });
const rowOf = (payment: string) => getPayment(book.db, payment);

/** The ledger account's balance a currency, of all entities; zeros are left out. */
async function balances(ledgerAccount: string): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const row of await trialBalance(book.db, {}))
    if (row.ledgerAccount === ledgerAccount)
      sums[row.currency] = (sums[row.currency] ?? 0) + row.balanceMinor;
  return Object.fromEntries(Object.entries(sums).filter(([, minor]) => minor !== 0));
}
const bookBalances = async () => ({
  bank: await balances('bank'),
  unapplied: await balances('unapplied-credit'),
  exchange: await balances('exchange'),
  receivable: await balances('receivable'),
});
async function booksAgree(): Promise<void> {
  await book.booksAgree();
  // No statement was read: all that the ledger's bank holds is told, each currency by itself.
  for (const { unexplainedMinor } of await bankBalance(book.db, { asOf: TODAY }))
    expect(unexplainedMinor).toBe(0);
}

describe('a payment in another currency', () => {
  it('counts as what a person says, pays, and comes back whole without a trace', async () => {
    const before = await bookBalances();
    const payment = await received({ reference: 'INV-0001' });
    expect(await rowOf(payment)).toMatchObject({ state: 'review', ...CAME });
    expect(await exchanged(payment)).toEqual(COUNTED);
    const row = await rowOf(payment);
    expect(row).toMatchObject({ state: 'review', unappliedMinor: 11_900, ...COUNTED });
    expect(row === null ? null : exchangedFrom(row)).toEqual(CAME);
    expect(row?.matching).toMatchObject({
      explanation:
        'A person decided: 128.52 USD counted as 119.00 EUR (1 EUR = 1.08 USD). What it pays is open.',
    });
    const counted = await bookBalances();
    expect((counted.bank.USD ?? 0) - (before.bank.USD ?? 0)).toBe(12_852);
    expect(counted.bank.EUR).toBe(before.bank.EUR);
    expect(counted.exchange).toEqual({ USD: -12_852, EUR: 11_900 });
    expect(counted.unapplied.USD).toBe(before.unapplied.USD);
    expect((counted.unapplied.EUR ?? 0) - (before.unapplied.EUR ?? 0)).toBe(-11_900);
    await allocated(payment, 'INV-0001', 11_900);
    expect(await book.openOf('INV-0001')).toBe(0);
    await booksAgree();
    await takenBack(payment, CAME.amountMinor);
    expect(await rowOf(payment)).toMatchObject({ state: 'returned', unappliedMinor: 0 });
    expect(await book.openOf('INV-0001')).toBe(11_900);
    expect(await bookBalances()).toEqual(before);
    await booksAgree();
  });

  it('of nobody known is the payer’s once it pays, and nobody owes or has anything of it once it is back', async () => {
    const before = await bookBalances();
    const payment = await received({ account: null });
    await exchanged(payment);
    await allocated(payment, 'INV-0007', 10_000);
    expect(await rowOf(payment)).toMatchObject({ account: 'A-1', unappliedMinor: 1_900 });
    await booksAgree();
    await takenBack(payment, CAME.amountMinor);
    expect(await bookBalances()).toEqual(before);
    expect((await unappliedCredit(book.db, 'A-1')).EUR ?? 0).toBe(0);
    await booksAgree();
  });

  it('is told on the statement in both currencies', async () => {
    const payment = await received({ account: 'A-2' });
    await exchanged(payment);
    const sums = await statementMovements(book.db, {
      account: 'A-2',
      from: RECEIVED_ON,
      to: TODAY,
    });
    const kinds = sums.map(({ currency, movements }) => [
      currency,
      movements.map(({ kind, number, amountMinor }) => [kind, number, amountMinor]),
    ]);
    expect(kinds).toEqual([
      ['EUR', [['exchange', payment, -11_900]]],
      [
        'USD',
        [
          ['payment', payment, -12_852],
          ['exchange', payment, 12_852],
        ],
      ],
    ]);
  });

  it('counts back as what came, exactly, while nothing is allocated', async () => {
    const payment = await received();
    const before = await bookBalances();
    await exchanged(payment);
    const other = { currency: 'USD', amountMinor: 12_851 };
    const gbp = { currency: 'GBP', amountMinor: 10_000 };
    for (const to of [other, gbp])
      await expect(exchanged(payment, COUNTED, to)).rejects.toMatchObject({
        code: 'currency-exchanged',
      });
    await exchanged(payment, COUNTED, CAME);
    const row = await rowOf(payment);
    expect(row).toMatchObject({ state: 'review', unappliedMinor: 12_852, ...CAME });
    expect(row === null ? null : exchangedFrom(row)).toBeNull();
    expect(await bookBalances()).toEqual(before);
    // And as something else after that, any number of times.
    await exchanged(payment, CAME, gbp);
    expect(await rowOf(payment)).toMatchObject({ unappliedMinor: 10_000, ...gbp });
    await booksAgree();
  });

  it('is refused where something of it is allocated, given back or otherwise than said', async () => {
    const payment = await received({ ...COUNTED, amountMinor: 20_000, reference: 'nothing' });
    await allocated(payment, 'INV-0003', 5_000);
    const from = { ...COUNTED, amountMinor: 20_000 };
    const refusal = (part: Promise<unknown>) =>
      part.then(
        () => 'done',
        ({ code }) => code,
      );
    expect(await refusal(exchanged(payment, from, CAME))).toBe('payment-settled');
    await book.steps.movePayment({
      ...{ payment, from: null, lines: [], today: TODAY, clock: null },
      ...why,
    });
    expect(await refusal(exchanged(payment, COUNTED, CAME))).toBe('invalid-input');
    expect(await refusal(exchanged(payment, from, COUNTED))).toBe('invalid-input');
    expect(await refusal(exchanged(payment, from, { ...CAME, amountMinor: 0 }))).toBe(
      'invalid-input',
    );
    expect(await refusal(exchanged(payment, from, CAME))).toBe('done');
    await takenBack(payment, from.amountMinor);
    expect(await refusal(exchanged(payment, CAME, from))).toBe('payment-settled');
    const refunded = await received();
    await book.steps.beginRefund(refundOf(refunded, 52, 'USD'));
    expect(await refusal(exchanged(refunded, { ...CAME }))).toBe('payment-settled');
    await booksAgree();
  });
});

const refundOf = (payment: string, amountMinor: number, currency: string) => ({
  ...{ payment, amountMinor, currency, key: `${payment}:refund:${amountMinor}` },
  ...{ ...why, today: TODAY, clock: null },
});

describe('what a bank or a provider tells of an exchanged payment', () => {
  it('in parts waits for a person, whole after a count back is taken back in parts too', async () => {
    const payment = await received();
    await exchanged(payment);
    // 119.00 is the whole of what it counts as, and no part that anybody here could know.
    for (const amountMinor of [2_852, 11_900])
      await expect(takenBack(payment, amountMinor, 'refunded at Stripe')).rejects.toThrow(
        /USD of it were taken back, but 128.52 USD counted as 119.00 EUR .*: a person decides/,
      );
    expect(await rowOf(payment)).toMatchObject({ state: 'review', ...COUNTED });
    await exchanged(payment, COUNTED, CAME);
    await takenBack(payment, 2_852, 'refunded at Stripe');
    expect(await rowOf(payment)).toMatchObject({ unappliedMinor: 10_000, refundedMinor: 2_852 });
    await booksAgree();
  });

  it('a part of which was paid out by hand waits for a person whole', async () => {
    const payment = await received();
    await exchanged(payment);
    await book.steps.beginRefund(refundOf(payment, 1_900, 'EUR'));
    expect(await rowOf(payment)).toMatchObject({ unappliedMinor: 10_000, refundedMinor: 1_900 });
    await expect(takenBack(payment, CAME.amountMinor)).rejects.toThrow(/a person decides/);
    await booksAgree();
  });

  it('finds it by what came', async () => {
    const event = 'exchanged-entry';
    const payload = { bookedOn: RECEIVED_ON, endToEndId: 'E2E-EXCHANGE' };
    await storeInboxEvent(book.db, {
      ...{ provider: 'bank', eventId: event, kind: 'bank.entry' },
      payload,
    });
    const payment = await received({ payment: `bank:${event}` });
    await exchanged(payment);
    const told = { bookedOn: TODAY, endToEndId: 'E2E-EXCHANGE', bankReference: null };
    const find = (amount: typeof CAME) =>
      paymentsTakenBack(book.db, { ...told, ...amount, payerIban: null });
    expect(await find(CAME)).toEqual([payment]);
    expect(await find(COUNTED)).toEqual([]);
    await takenBack(payment, CAME.amountMinor);
    await booksAgree();
  });

  it('that did not reach the payer after all is here again as it came', async () => {
    const payment = await received();
    await exchanged(payment);
    await takenBack(payment, CAME.amountMinor, 'refunded at Stripe');
    const before = await bookBalances();
    const failed = { payment, event: `evt-${payment}`, on: TODAY, reason: 'account closed' };
    await expect(restoreRefund(book.db, { ...failed, amountMinor: 100 })).rejects.toMatchObject({
      code: 'currency-exchanged',
    });
    const row = await restoreRefund(book.db, { ...failed, ...CAME });
    expect(row).toMatchObject({
      ...{ state: 'review', unappliedMinor: 12_852, refundedMinor: 0, ...CAME },
      exchangedFromMinor: null,
    });
    const after = await bookBalances();
    expect((after.bank.USD ?? 0) - (before.bank.USD ?? 0)).toBe(12_852);
    expect(after.bank.EUR).toBe(before.bank.EUR);
    await booksAgree();
  });
});

describe('a refund of an exchanged payment', () => {
  it('over Stripe is refused in words, by hand is of the currency that it was asked for in', async () => {
    const stripe = await received({ payment: 'stripe:pi_exchanged' });
    await exchanged(stripe);
    await expect(book.steps.beginRefund(refundOf(stripe, 100, 'EUR'))).rejects.toMatchObject({
      type: 'currency-exchanged',
      message: expect.stringContaining('Stripe can only give USD back'),
    });
    const transfer = await received();
    const { currency: _, ...unnamed } = refundOf(transfer, 100, 'USD');
    await exchanged(transfer);
    // Asked for before, in dollars; nobody approved to give 1.00 EUR.
    for (const args of [refundOf(transfer, 100, 'USD'), unnamed])
      await expect(book.steps.beginRefund(args)).rejects.toMatchObject({
        type: 'currency-exchanged',
      });
    await expect(book.steps.beginRefund(refundOf(transfer, 100, 'EUR'))).resolves.toMatchObject({
      state: 'refunded',
    });
    await booksAgree();
  });
});

it('is not posted in an accounting system at a rate that nobody there decided', async () => {
  const payment = await received();
  await exchanged(payment);
  await expect(book.steps.exportPayment({ payment, today: TODAY })).rejects.toThrow(
    /128.52 USD counted as 119.00 EUR .*: post it in accounting by hand/,
  );
});

it('came with lines of the other currency: all for one invoice is that still', async () => {
  const lines = [{ invoice: 'INV-0005', amount: CAME.amountMinor }];
  const payment = await received({ lines });
  await exchanged(payment);
  const row = await rowOf(payment);
  expect(row?.lines).toEqual(lines);
  await allocated(payment, 'INV-0005', 11_900);
  expect(await rowOf(payment)).toMatchObject({ state: 'allocated', unappliedMinor: 0 });
  await booksAgree();
});
