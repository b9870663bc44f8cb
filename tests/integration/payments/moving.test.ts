/** Allocations that come back: undone until their day is closed, moved later, and any sequence of it all (billing rules §7). */
import fc from 'fast-check';
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
  getInvoice,
  getPayment,
  importBook,
  listPayers,
  type NewPayment,
  recordPayment,
  reopenDays,
  verifyLedger,
} from '../../../db/index.ts';
import type { Book, Row } from '../../../domain/book/tables.ts';
import type { PaymentSteps } from '../../../workflows/steps.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { row, smallBook } from '../api/fixture.ts';

const ADMIN = { user: 'ada', role: 'admin' };
const PERSON = { user: 'mira', role: 'biller' };
const RECEIVED_ON = '2026-02-10';
const TODAY = '2026-03-02';

/** Two customers; each invoice has two lines of 60.00 and 59.00 for subcontracts S-1 and S-2. */
function bookOf(invoices: number): Book {
  const base = smallBook();
  const [invoice] = base.invoices;
  const [line] = base.invoice_lines;
  const numbers = Array.from({ length: invoices }, (_, n) => n + 1);
  const accountOf = (n: number) => (n % 2 === 0 ? 'A-2' : 'A-1');
  return {
    ...base,
    accounts: [
      ...base.accounts,
      row('accounts', {
        ...(base.accounts[0] as Row<'accounts'>),
        account: 'A-2',
        name: 'Zwei AG',
      }),
    ],
    subcontracts: [
      ...base.subcontracts,
      row('subcontracts', {
        ...(base.subcontracts[0] as Row<'subcontracts'>),
        subcontract: 'S-2',
      }),
    ],
    invoices: numbers.map((n) =>
      row('invoices', {
        ...(invoice as Row<'invoices'>),
        invoice: `INV-${String(n).padStart(4, '0')}`,
        account: accountOf(n),
      }),
    ),
    invoice_lines: numbers.flatMap((n) =>
      [1, 2].map((at) =>
        row('invoice_lines', {
          ...(line as Row<'invoice_lines'>),
          invoice: `INV-${String(n).padStart(4, '0')}`,
          line: String(at),
          subcontract: `S-${at}`,
          net: at === 1 ? '50.42' : '49.58',
          tax: at === 1 ? '9.58' : '9.42',
        }),
      ),
    ),
  };
}

let connection: Connection;
let steps: PaymentSteps;
let made = 0;
beforeAll(async () => {
  connection = connect(await createTestDatabase(), { max: 4 });
  await importBook(connection.db, bookOf(24), { importId: 'test', actor: ADMIN });
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
    });
    expect(await listPayers(connection.db, 'A-1')).toEqual([]);
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

describe('any sequence of pay, split, move, undo, return and refund', () => {
  const INVOICES = Array.from({ length: 14 }, (_, n) => `INV-${String(n + 11).padStart(4, '0')}`);
  type Step =
    | { do: 'pay'; amount: number; named: number | null }
    | { do: 'decide' | 'move'; payment: number; to: [number, number][] }
    | { do: 'undo' | 'return' | 'refund'; payment: number };
  const to = fc.array(fc.tuple(fc.nat(13), fc.integer({ min: 1, max: 11_900 })), {
    minLength: 1,
    maxLength: 3,
  }) as fc.Arbitrary<[number, number][]>;
  const steps$: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      do: fc.constant('pay' as const),
      amount: fc.constantFrom(11_900, 6000, 23_800, 500, 30_000),
      named: fc.option(fc.nat(13)),
    }),
    fc.record({ do: fc.constantFrom('decide' as const, 'move' as const), payment: fc.nat(9), to }),
    fc.record({
      do: fc.constantFrom('undo' as const, 'return' as const, 'refund' as const),
      payment: fc.nat(9),
    }),
  );

  /** Refusals are answers too; what may not happen is a broken law. */
  const tried = (work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      if (!(error instanceof Error) || !('type' in error || 'code' in error)) throw error;
    });

  it('keeps Σ allocations + credit + refunds = Σ payments and the books in step', async () => {
    let run = 0;
    const sequence = fc.array(steps$, { minLength: 3, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(sequence, async (sequenceOfSteps) => {
        const payments: string[] = [];
        const pick = (at: number) => payments[at % payments.length];
        for (const [index, step] of sequenceOfSteps.entries()) {
          run += 1;
          if (step.do === 'pay') {
            const reference = step.named === null ? '' : (INVOICES[step.named] ?? '');
            payments.push(await received({ amountMinor: step.amount, reference }));
            continue;
          }
          const payment = pick(step.payment);
          if (payment === undefined) continue;
          await tried(carryOut(step, payment, `${run}:${index}`));
        }
        await booksAgree();
        // What a sequence paid is given back, so that the next finds open invoices.
        for (const [index, payment] of payments.entries())
          await steps.reversePayment({ ...back(payment), event: `end:${run}:${index}` });
        for (const invoice of INVOICES) expect(await openOf(invoice)).toBe(11_900);
      }),
      { numRuns: 12 },
    );
    await booksAgree();
  });

  const back = (payment: string) => ({
    payment,
    on: TODAY,
    amountMinor: 1_000_000,
    reason: 'returned by the bank',
  });
  function carryOut(step: Exclude<Step, { do: 'pay' }>, payment: string, event: string) {
    switch (step.do) {
      case 'decide':
      case 'move': {
        const lines = step.to.map(([at, amount]): [string, null, number] => [
          INVOICES[at] ?? '',
          null,
          amount,
        ]);
        const decided = decision(payment, lines);
        return step.do === 'decide'
          ? steps.allocatePayment(decided)
          : steps.movePayment({ ...decided, from: null });
      }
      case 'undo':
        return steps.movePayment({ ...decision(payment, []), from: null });
      case 'return':
        return steps.reversePayment({ ...back(payment), event });
      case 'refund':
        return refund(payment, event);
    }
  }
  async function refund(payment: string, key: string) {
    const left = (await getPayment(connection.db, payment))?.unappliedMinor ?? 0;
    const args = { payment, amountMinor: Math.ceil(left / 2), reason: 'asked', actor: PERSON };
    await steps.refundPayment({ ...args, today: TODAY, key });
  }
});
