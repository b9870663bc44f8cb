/** Allocations that come back: undone until their day is closed, moved later (billing rules §7). Sequences: model.test.ts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  allocationsOfPayment,
  closeDay,
  exportBook,
  getInvoice,
  getPayment,
  listPayers,
  type NewPayment,
  reopenDays,
  trialBalance,
  unappliedCredit,
} from '../../../db/index.ts';
import { findingsOf } from '../../../domain/findings/find.ts';
import { ADMIN, type InvoicedBook, invoicedBook, PERSON, RECEIVED_ON, TODAY } from './book.ts';

let book: InvoicedBook;
beforeAll(async () => {
  book = await invoicedBook(10);
});
afterAll(() => book?.close());

const received = (rest: Partial<NewPayment>) => book.received({ account: null, ...rest });
const decision = (payment: string, lines: [string, string | null, number][]) => ({
  payment,
  lines: lines.map(([invoice, line, amountMinor]) => ({ invoice, line, amountMinor })),
  reason: 'as the customer said',
  actor: PERSON,
  today: TODAY,
  clock: null,
});

describe('an allocation', () => {
  it('is undone exactly: invoices open, subcontracts uncovered, the payer forgotten, the money with a person', async () => {
    const payment = await received({ bankAccount: 'DE89370400440532013000' });
    await book.steps.allocatePayment(decision(payment, [['INV-0001', null, 11_900]]));
    expect(await listPayers(book.db, 'A-1')).toHaveLength(1);
    const { allocated, on, reopened } = await book.steps.movePayment({
      ...decision(payment, []),
      from: null,
    });
    expect({ allocated, on }).toEqual({ allocated: 0, on: RECEIVED_ON });
    expect(reopened).toEqual([
      { invoice: 'INV-0001', contract: 'C-1', subcontracts: ['S-1', 'S-2'] },
    ]);
    expect(await book.openOf('INV-0001')).toBe(11_900);
    expect(await getPayment(book.db, payment)).toMatchObject({
      state: 'review',
      unappliedMinor: 11_900,
      matchedBy: null,
      account: null,
    });
    expect(await listPayers(book.db, 'A-1')).toEqual([]);
    expect((await unappliedCredit(book.db, 'A-1')).EUR ?? 0).toBe(0);
    // Undone a second time, after somebody else's invoice, it is nobody's again too.
    await book.steps.allocatePayment(decision(payment, [['INV-0002', null, 100]]));
    expect((await getPayment(book.db, payment))?.account).toBe('A-2');
    await book.steps.movePayment({ ...decision(payment, []), from: null });
    expect((await getPayment(book.db, payment))?.account).toBeNull();
    await book.booksAgree();
  });

  it('of credit that a person had kept is undone to that customer’s credit, not to nobody’s', async () => {
    const payment = await received({});
    await book.steps.allocatePayment({ ...decision(payment, []), account: 'A-2' });
    await book.steps.allocatePayment(decision(payment, [['INV-0002', null, 100]]));
    await book.steps.movePayment({ ...decision(payment, []), from: null });
    expect((await getPayment(book.db, payment))?.account).toBe('A-2');
    await book.booksAgree();
  });

  it('moves to another account’s lines in one step; what stays covered is not told as taken back', async () => {
    const payment = await received({ reference: 'INV-0003' });
    const moved = await book.steps.movePayment({
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
    expect(await book.openOf('INV-0003')).toBe(5900);
    expect(await book.openOf('INV-0002')).toBe(6000);
    expect(await getPayment(book.db, payment)).toMatchObject({
      state: 'allocated',
      matchedBy: 'person',
      unappliedMinor: 0,
    });
    await book.booksAgree();
  });

  it('settles an invoice with what others kept: tax withheld is a receivable, bank fees a cost; taken back exactly', async () => {
    const balances = async () =>
      Object.fromEntries(
        (await trialBalance(book.db)).map((row) => [row.ledgerAccount, row.balanceMinor]),
      );
    const before = await balances();
    const payment = await received({ amountMinor: 10_000 });
    const { lines, ...rest } = decision(payment, [['INV-0006', null, 10_000]]);
    const kept = { withheldMinor: 1785, bankFeeMinor: 115 };
    await book.steps.allocatePayment({
      ...rest,
      lines: lines.map((line) => ({ ...line, ...kept })),
    });
    const { invoice } = (await getInvoice(book.db, 'INV-0006')) ?? {};
    expect(invoice).toMatchObject({ state: 'paid', balanceMinor: 0 });
    const after = await balances();
    expect(after['tax-withheld']).toBe(1785);
    expect(after['bank-fees']).toBe(115);
    await book.booksAgree();
    const { findings } = findingsOf(await exportBook(book.db), TODAY);
    const about = findings.filter(({ evidence }) => evidence.invoice === 'INV-0006');
    expect(about.map(({ rule }) => rule)).not.toContain('allocation-differs');
    const event = { event: 'evt:kept', on: TODAY, amountMinor: 10_000, reason: 'returned' };
    const { reopened } = await book.steps.reversePayment({ payment, ...event });
    expect(reopened.map((one) => one.invoice)).toEqual(['INV-0006']);
    expect(await book.openOf('INV-0006')).toBe(11_900);
    expect(await balances()).toEqual({ ...before, 'tax-withheld': 0, 'bank-fees': 0 });
    await book.booksAgree();
  });

  it('that would say more than is open of an invoice is refused', async () => {
    const payment = await received({ amountMinor: 10_000 });
    const { lines, ...rest } = decision(payment, [['INV-0008', null, 10_000]]);
    const over = lines.map((line) => ({ ...line, withheldMinor: 1901 }));
    await expect(book.steps.allocatePayment({ ...rest, lines: over })).rejects.toThrow(/1900|1901/);
    expect(await book.openOf('INV-0008')).toBe(11_900);
    await book.booksAgree();
  });

  it('that would not fit leaves all as it was', async () => {
    const payment = await received({ reference: 'INV-0005' });
    const tooMuch = decision(payment, [['INV-0004', '1', 11_900]]);
    await expect(book.steps.movePayment({ ...tooMuch, from: null })).rejects.toThrow(
      /more than the/,
    );
    expect(await book.openOf('INV-0005')).toBe(0);
    expect(await allocationsOfPayment(book.db, payment)).toHaveLength(2);
    await book.booksAgree();
  });

  it('is kept as credit of whom a person says, and of nobody unknown', async () => {
    const payment = await received({ amountMinor: 77 });
    await expect(book.steps.allocatePayment(decision(payment, []))).rejects.toThrow(/whose credit/);
    await book.steps.allocatePayment({ ...decision(payment, []), account: 'A-2' });
    expect(await getPayment(book.db, payment)).toMatchObject({
      account: 'A-2',
      state: 'allocated',
      unappliedMinor: 77,
    });
    await book.booksAgree();
  });

  it('of a closed day is not undone, but moved; once the day is open again it is undone', async () => {
    const payment = await received({ reference: 'INV-0007' });
    const entity = 'ACME';
    const close = { entity, actor: PERSON, reason: 'evening' };
    await closeDay(book.db, { ...close, day: RECEIVED_ON });
    const undo = { ...decision(payment, []), from: null };
    await expect(book.steps.movePayment(undo)).rejects.toMatchObject({ code: 'period-closed' });
    const elsewhere = decision(payment, [['INV-0009', null, 11_900]]);
    const moved = await book.steps.movePayment({ ...elsewhere, from: null });
    expect(moved.on).toBe(TODAY);
    expect(await book.openOf('INV-0007')).toBe(11_900);
    await reopenDays(book.db, { entity, from: RECEIVED_ON, actor: ADMIN, reason: 'typo' });
    expect((await book.steps.movePayment(undo)).on).toBe(TODAY);
    await book.booksAgree();
  });
});
