/** Money that was there before its invoice: what of it pays by itself, and what is left to a person (billing rules §7). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  allocationsOfPayment,
  getPayment,
  importBook,
  keepAsCredit,
  type NewPayment,
  paymentsUsableFor,
  requestApproval,
  storeInboxEvent,
} from '../../../db/index.ts';
import {
  ADMIN,
  bookOfInvoices,
  GROSS_MINOR,
  type InvoicedBook,
  invoicedBook,
  invoiceNumber,
  PERSON,
  RECEIVED_ON,
  TODAY,
} from './book.ts';

let book: InvoicedBook;
let invoices = 2;
beforeAll(async () => {
  book = await invoicedBook(invoices);
});
afterAll(() => book?.close());

const came = (rest: Partial<NewPayment>) => book.received(rest, RECEIVED_ON);
/** The next two invoices, of. */
async function issued(): Promise<[string, string]> {
  invoices += 2;
  await importBook(book.db, bookOfInvoices(invoices), {
    importId: `${invoices}`,
    actor: ADMIN,
  });
  return [invoiceNumber(invoices - 1), invoiceNumber(invoices)];
}
const use = (payment: string, invoice: string) =>
  book.steps.useCredit({ payment, invoice, on: TODAY, clock: null });
const stateOf = async (payment: string) => {
  const row = await getPayment(book.db, payment);
  return [row?.state, row?.unappliedMinor, row?.matchedBy];
};
const usableFor = (invoice: string) => paymentsUsableFor(book.db, invoice, { unknownPayers: true });

describe('credit of an account', () => {
  it('pays the next invoice, as far as it goes, once', async () => {
    const payment = await came({ amountMinor: GROSS_MINOR + 7000, reference: 'INV-0001' });
    expect(await stateOf(payment)).toEqual(['allocated', 7000, 'reference']);
    const [own, other] = await issued();
    expect(await usableFor(own)).toEqual([payment]);
    expect(await usableFor(other)).toEqual([]);
    const plan = await use(payment, own);
    expect(plan.affected.map(({ invoice }) => invoice)).toEqual([own]);
    expect(await book.openOf(own)).toBe(GROSS_MINOR - 7000);
    expect(await stateOf(payment)).toEqual(['allocated', 0, 'credit']);
    expect((await use(payment, own)).affected).toEqual([]);
    const rows = await allocationsOfPayment(book.db, payment);
    expect(rows.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(GROSS_MINOR + 7000);
    await book.booksAgree();
  });

  it('of several payments pays together no more than the balance, the rest stays credit', async () => {
    const payments = await Promise.all(
      [5000, 5000, 5000].map((amountMinor) => came({ amountMinor, account: 'A-2' })),
    );
    for (const payment of payments) await keepAsCredit(book.db, { payment, matching: {} });
    const [, own] = await issued();
    expect([...(await usableFor(own))].sort()).toEqual([...payments].sort());
    await Promise.all(payments.map((payment) => use(payment, own)));
    expect(await book.openOf(own)).toBe(0);
    const left = await Promise.all(payments.map(async (one) => (await stateOf(one))[1] as number));
    expect(left.reduce((sum, one) => sum + one, 0)).toBe(15_000 - GROSS_MINOR);
    await book.booksAgree();
  });

  it('that somebody asked to give back is left alone', async () => {
    const payment = await came({ amountMinor: 300 });
    await keepAsCredit(book.db, { payment, matching: {} });
    await requestApproval(book.db, {
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
    const named = invoiceNumber(invoices + 1);
    const known = await came({ amountMinor: GROSS_MINOR - 1, reference: named });
    const unknown = await came({ account: null, amountMinor: GROSS_MINOR });
    // Another open invoice has that balance too: nothing says which of them is meant.
    expect((await stateOf(known))[0]).toBe('review');
    const [own] = await issued();
    expect(own).toBe(named);
    expect(await usableFor(own)).toEqual(expect.arrayContaining([known, unknown]));
    await use(known, own);
    expect(await stateOf(known)).toEqual(['allocated', 0, 'reference']);
    expect(await book.openOf(own)).toBe(1);
    await book.booksAgree();
  });

  it('is seen again by a person with what fits now, where two invoices do', async () => {
    const payment = await came({ account: null, amountMinor: GROSS_MINOR });
    const before = (await getPayment(book.db, payment))?.matching;
    const [own] = await issued();
    expect((await use(payment, own)).affected).toEqual([]);
    expect((await stateOf(payment))[0]).toBe('review');
    const after = (await getPayment(book.db, payment))?.matching;
    expect(JSON.stringify(after)).toContain(own);
    expect(JSON.stringify(before)).not.toContain(own);
  });

  it('is left alone where a person took it back, and where the bank has yet to say whose it is', async () => {
    const undone = await came({ amountMinor: GROSS_MINOR, account: 'A-1', reference: 'INV-0002' });
    const lines = [{ invoice: 'INV-0002', line: null, amountMinor: GROSS_MINOR }];
    const decision = { lines, reason: 'x', actor: PERSON, today: TODAY, clock: null };
    await book.steps.allocatePayment({ payment: undone, ...decision });
    await book.steps.movePayment({ payment: undone, from: null, ...decision, lines: [] });
    const batch = await came({ payment: 'bank:DE1:B-1', account: null, amountMinor: GROSS_MINOR });
    await storeInboxEvent(book.db, {
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
    await book.booksAgree();
  });
});
