/** Money in: once per event, split over lines, always adding up, and taken back exactly. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  allocationsOfPayment,
  applyAllocation,
  assertPaymentInvariant,
  type Connection,
  connect,
  getInvoice,
  importBook,
  issueSingle,
  openInvoices,
  receivables,
  recordPayment,
  refundUnapplied,
  reversePayment,
  setPaymentAccount,
  statementMovements,
  storeInboxEvent,
  trialBalance,
  unappliedCredit,
  verifyLedger,
  writeOffInvoice,
} from '../../../db/index.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { ANN, document, line, sampleBook } from './sample-facts.ts';

let connection: Connection;
let made = 0;
beforeAll(async () => {
  connection = connect(await createTestDatabase());
  await importBook(connection.db, sampleBook(), { importId: 'one', actor: ANN });
});
afterAll(() => connection?.close());

/** An invoice of C-1 with a line for S-1 and one for S-1B. */
async function issue(nets: readonly number[] = [100_000, 50_000]): Promise<string> {
  made += 1;
  const lines = nets.map((net, index) =>
    line({ net, subcontract: `S-1${index === 0 ? '' : 'B'}` }),
  );
  const { invoice } = await issueSingle(connection.db, {
    documentKey: `invoice:I-${made}:2026-11`,
    type: 'invoice',
    document: document({ subject: `I-${made}`, lines, paymentTerms: '2/10 net 30' }),
    issuedOn: '2026-11-15',
  });
  return invoice.invoice;
}

async function pay(amountMinor: number): Promise<string> {
  made += 1;
  const { payment } = await recordPayment(connection.db, {
    payment: `manual:${made}`,
    account: 'A-1',
    receivedOn: '2026-11-20',
    amountMinor,
    currency: 'USD',
  });
  return payment.payment;
}

describe('the inbox', () => {
  it('stores one event that arrives a hundred times as one', async () => {
    const event = { provider: 'stripe', eventId: 'evt_1', kind: 'paid', payload: { a: 1 } };
    const results = await Promise.all(
      Array.from({ length: 100 }, () => storeInboxEvent(connection.db, event)),
    );
    expect(results.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(results.map(({ id }) => id)).size).toBe(1);
  });
});

describe('an allocation', () => {
  it('covers subcontracts as their lines are paid, the invoice when all are', async () => {
    const { db } = connection;
    const invoice = await issue();
    const payment = await pay(200_000);
    const first = await applyAllocation(db, {
      payment,
      on: '2026-11-20',
      rule: 'explicit',
      allocations: [{ invoice, line: '1', amount: 119_000 }],
    });
    expect(first.invoices[0]).toMatchObject({ state: 'partially_paid', balanceMinor: 59_500 });
    expect(first.coverage).toEqual([
      {
        contract: 'C-1',
        invoice,
        covered: [{ subcontract: 'S-1', paidThrough: '2027-12-31' }],
        whole: false,
      },
    ]);
    const second = await applyAllocation(db, {
      payment,
      on: '2026-11-21',
      rule: 'person',
      allocations: [{ invoice, line: null, amount: 59_500 }],
    });
    expect(second.coverage[0]).toMatchObject({ whole: true });
    expect(second.invoices[0]).toMatchObject({ state: 'paid', balanceMinor: 0 });
    expect(second.payment.unappliedMinor).toBe(200_000 - 178_500);
    await expect(
      applyAllocation(db, {
        payment,
        on: '2026-11-21',
        rule: 'person',
        allocations: [{ invoice, line: '1', amount: 1 }],
      }),
    ).rejects.toMatchObject({ code: 'allocation-exceeds' });
    const reversed = await reversePayment(db, {
      payment,
      event: 'evt_r',
      on: '2026-12-01',
      reason: 'returned',
      state: 'returned',
    });
    expect(reversed.reopened).toEqual([
      { contract: 'C-1', invoice, documentKey: expect.any(String), subcontracts: ['S-1', 'S-1B'] },
    ]);
    expect((await getInvoice(db, invoice))?.invoice).toMatchObject({
      state: 'issued',
      balanceMinor: 178_500,
    });
    expect(
      (
        await reversePayment(db, {
          payment,
          event: 'evt_r',
          on: '2026-12-01',
          reason: 'again',
          state: 'returned',
        })
      ).alreadyReversed,
    ).toBe(true);
    expect(await verifyLedger(db)).toEqual([]);
    // As of the day between, the money was still here.
    const asOf = async (day: string) =>
      (await receivables(db, { asOf: day, account: 'A-1' }))[0]?.total ?? 0;
    expect((await asOf('2026-12-02')) - (await asOf('2026-11-25'))).toBe(178_500);
  });

  it('takes an early-payment discount off lines and tax, and a shortfall to bad debt', async () => {
    const { db } = connection;
    const invoice = await issue();
    const [open] = (
      await openInvoices(db, { clock: null, account: 'A-1', currency: 'USD' })
    ).filter((one) => one.invoice === invoice);
    expect(open?.discount).toEqual({ percent: '2', until: '2026-11-25' });
    const payment = await pay(174_920);
    const result = await applyAllocation(db, {
      payment,
      on: '2026-11-20',
      rule: 'exact',
      allocations: [
        { invoice, line: '1', amount: 116_610 },
        { invoice, line: '2', amount: 58_310 },
      ],
      discountTaken: [{ invoice, amount: 3570 }],
      writtenOff: [{ invoice, amount: 10 }],
    });
    expect(result.invoices[0]).toMatchObject({ state: 'paid', balanceMinor: 0 });
    expect(result.coverage[0]?.whole).toBe(true);
    const balances = new Map(
      (await trialBalance(db)).map((row) => [row.ledgerAccount, row.balanceMinor]),
    );
    expect(balances.get('discount-allowed')).toBe(3000);
    expect(balances.get('bad-debt')).toBe(10);
    expect(await verifyLedger(db)).toEqual([]);
  });

  it('keeps what is left as credit, which a person refunds once', async () => {
    const { db } = connection;
    const payment = await pay(500);
    const before = (await unappliedCredit(db, 'A-1')).USD ?? 0;
    const refund = {
      payment,
      amountMinor: 200,
      on: '2026-11-22',
      key: 'r1',
      reason: 'asked',
      actor: ANN,
    };
    await refundUnapplied(db, refund);
    expect(await refundUnapplied(db, refund)).toMatchObject({
      unappliedMinor: 300,
      refundedMinor: 200,
    });
    expect((await unappliedCredit(db, 'A-1')).USD).toBe(before - 200);
    await expect(
      refundUnapplied(db, { ...refund, key: 'r2', amountMinor: 301 }),
    ).rejects.toMatchObject({ code: 'allocation-exceeds' });
  });

  it('writes off unearned revenue first', async () => {
    const { db } = connection;
    const invoice = await issue();
    await writeOffInvoice(db, {
      invoice,
      on: '2027-02-01',
      taxRelief: true,
      reason: 'insolvent',
      actor: ANN,
    });
    expect((await getInvoice(db, invoice))?.invoice).toMatchObject({
      state: 'written_off',
      balanceMinor: 0,
    });
    expect(await verifyLedger(db)).toEqual([]);
  });

  it('adds up whatever is allocated, reversed and refunded, in any order', async () => {
    const { db } = connection;
    const step = fc.record({
      kind: fc.constantFrom('allocate', 'allocate', 'reverse', 'refund'),
      payment: fc.nat(2),
      invoice: fc.nat(1),
      line: fc.constantFrom('1', '2', null),
      amount: fc.integer({ min: 1, max: 90_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
        const documents = [await issue([20_000, 333]), await issue([1, 70_000])];
        const received = [await pay(30_000), await pay(100_000), await pay(7)];
        for (const [index, { kind, payment, invoice, line: to, amount }] of steps.entries()) {
          const key = received[payment] ?? '';
          const work =
            kind === 'allocate'
              ? applyAllocation(db, {
                  payment: key,
                  on: '2026-11-20',
                  rule: 'person',
                  allocations: [{ invoice: documents[invoice] ?? '', line: to, amount }],
                })
              : kind === 'reverse'
                ? reversePayment(db, {
                    payment: key,
                    event: `e${index}`,
                    on: '2026-11-21',
                    reason: 'back',
                    state: 'returned',
                  })
                : refundUnapplied(db, {
                    payment: key,
                    amountMinor: amount,
                    on: '2026-11-21',
                    key: `${index}`,
                    reason: 'back',
                    actor: null,
                  });
          await work.catch((error: unknown) => {
            if (!(error instanceof Error) || !('code' in error)) throw error;
            expect(['allocation-exceeds', 'payment-settled']).toContain(error.code);
          });
        }
        await assertPaymentInvariant(db);
        expect(await verifyLedger(db)).toEqual([]);
        for (const number of documents) {
          const found = await getInvoice(db, number);
          const open = found?.lines.reduce((sum, { openMinor }) => sum + openMinor, 0);
          expect(open).toBe(found?.invoice.balanceMinor);
          expect(found?.lines.every(({ openMinor }) => openMinor >= 0)).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('moves from customer to customer and back, in the books too', async () => {
    const { db } = connection;
    const credit = async () => [
      (await unappliedCredit(db, 'A-1')).USD ?? 0,
      (await unappliedCredit(db, 'A-2')).USD ?? 0,
    ];
    const payment = await pay(700);
    const [first = 0, second = 0] = await credit();
    for (const account of ['A-2', 'A-1', 'A-2', 'A-2']) {
      await setPaymentAccount(db, payment, account);
      const moved = account === 'A-2' ? 700 : 0;
      expect(await credit()).toEqual([first - moved, second + moved]);
      expect(await verifyLedger(db)).toEqual([]);
    }
  });

  it('survives two allocations of the same money at once', async () => {
    const { db } = connection;
    const [one, two] = [await issue([10_000]), await issue([10_000])];
    const payment = await pay(11_900);
    const results = await Promise.allSettled(
      [one, two].map((invoice) =>
        applyAllocation(db, {
          payment,
          on: '2026-11-20',
          rule: 'person',
          allocations: [{ invoice, line: null, amount: 11_900 }],
        }),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await allocationsOfPayment(db, payment)).toHaveLength(1);
  });

  it('has a statement whose opening and movements sum to its closing', async () => {
    const { db } = connection;
    const [sums] = await statementMovements(db, {
      account: 'A-1',
      from: '2026-11-18',
      to: '2027-12-31',
    });
    const moved = sums?.movements.reduce((sum, { amountMinor }) => sum + amountMinor, 0) ?? 0;
    expect((sums?.openingMinor ?? 0) + moved).toBe(sums?.closingMinor);
    const [open] = await receivables(db, { asOf: '2027-12-31', account: 'A-1' });
    expect(sums?.closingMinor).toBe((open?.total ?? 0) - (open?.unapplied ?? 0));
  });
});
