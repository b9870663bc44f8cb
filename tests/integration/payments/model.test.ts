/**
 * Money against a model (fast-check commands): pay, split, move, undo, refund, give back in part, charge back, tell an event
 * again, close a day. After each step every payment's allocations, credit and refunds sum to it, every invoice owes what is not
 * allocated, and the books agree.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Deps } from '../../../activities/deps.ts';
import { type Kept, partsToTakeBack } from '../../../activities/partial-returns.ts';
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
  recordPayment,
  reopenDays,
  verifyLedger,
} from '../../../db/index.ts';
import type { PaymentSteps } from '../../../workflows/steps.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { bookOfInvoices } from './book.ts';

const ADMIN = { user: 'ada', role: 'admin' };
const PERSON = { user: 'mira', role: 'biller' };
const RECEIVED_ON = '2026-02-10';
const TODAY = '2026-03-02';
const GROSS = 11_900;
const NUMBERS = ['INV-0001', 'INV-0002', 'INV-0003', 'INV-0004'];

let connection: Connection;
let steps: Omit<PaymentSteps, 'useCredit'>;
let made = 0;
beforeAll(async () => {
  connection = connect(await createTestDatabase(), { max: 4 });
  const book = bookOfInvoices(NUMBERS.length);
  await importBook(connection.db, book, { importId: 'test', actor: ADMIN });
  steps = paymentSteps({ db: connection.db, accounting: createBuiltInAccounting() } as Deps);
});
afterAll(() => connection?.close());

/** What must be so, without a word on how: the money of each payment, and what was given back of it. */
interface Model {
  payments: { key: string; amount: number; returned: Map<string, number>; over: boolean }[];
  closed: boolean;
}
type Real = undefined;

const givenBack = (returned: ReadonlyMap<string, number>) =>
  [...returned.values()].reduce((sum, amount) => sum + amount, 0);

async function check(model: Readonly<Model>): Promise<void> {
  const { db } = connection;
  const allocated = new Map<string, number>();
  for (const { key, amount, returned, over } of model.payments) {
    const payment = await getPayment(db, key);
    const rows = await allocationsOfPayment(db, key);
    for (const { invoice, amountMinor } of rows)
      allocated.set(invoice, (allocated.get(invoice) ?? 0) + amountMinor);
    const split = rows.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    const refunded = payment?.refundedMinor ?? -1;
    expect(split + (payment?.unappliedMinor ?? 0) + refunded).toBe(amount);
    expect(refunded).toBe(over ? amount : givenBack(returned));
  }
  for (const invoice of NUMBERS)
    expect((await getInvoice(db, invoice))?.invoice.balanceMinor).toBe(
      GROSS - (allocated.get(invoice) ?? 0),
    );
  await assertPaymentInvariant(db);
  expect(await verifyLedger(db)).toEqual([]);
}

/** A rule may refuse; that is an answer, and changes nothing. */
async function refusable(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (!(error instanceof Error) || !('type' in error || 'code' in error)) throw error;
    return false;
  }
}

abstract class Command implements fc.AsyncCommand<Model, Real> {
  check(): boolean {
    return true;
  }
  async run(model: Model): Promise<void> {
    await this.act(model);
    await check(model);
  }
  protected abstract act(model: Model): Promise<void>;
  abstract toString(): string;
}

class Pay extends Command {
  readonly amount: number;
  readonly reference: string;
  constructor(amount: number, at: number | null) {
    super();
    this.amount = amount;
    this.reference = at === null ? '' : (NUMBERS[at] ?? '');
  }
  async act(model: Model): Promise<void> {
    made += 1;
    const key = `manual:${made}`;
    await recordPayment(connection.db, {
      payment: key,
      account: 'A-1',
      receivedOn: RECEIVED_ON,
      amountMinor: this.amount,
      currency: 'EUR',
      reference: this.reference,
    });
    await steps.matchPayment({ payment: key, today: TODAY, clock: null });
    model.payments.push({ key, amount: this.amount, returned: new Map(), over: false });
  }
  override toString(): string {
    return `pay(${this.amount}, ${this.reference})`;
  }
}

abstract class OnPayment extends Command {
  readonly at: number;
  constructor(at: number) {
    super();
    this.at = at;
  }
  override check(model?: Readonly<Model>): boolean {
    return (model?.payments.length ?? 0) > 0;
  }
  protected paymentOf(model: Model) {
    const found = model.payments[this.at % model.payments.length];
    if (found === undefined) throw new Error('there is no payment yet');
    return found;
  }
}

class Decide extends OnPayment {
  readonly moves: boolean;
  readonly to: readonly (readonly [number, number])[];
  constructor(at: number, moves: boolean, to: readonly (readonly [number, number])[]) {
    super(at);
    this.moves = moves;
    this.to = to;
  }
  async act(model: Model): Promise<void> {
    const { key } = this.paymentOf(model);
    const lines = this.to.map(([at, amountMinor]) => ({
      invoice: NUMBERS[at] ?? '',
      line: null,
      amountMinor,
    }));
    const args = { payment: key, lines, reason: 'asked', actor: PERSON, today: TODAY, clock: null };
    await refusable(
      this.moves ? steps.movePayment({ ...args, from: null }) : steps.allocatePayment(args),
    );
  }
  override toString(): string {
    return `${this.moves ? 'move' : 'split'}(${this.at}, ${JSON.stringify(this.to)})`;
  }
}

/** The provider gave some or all of it back; `again` tells the last event of the payment once more. */
class GiveBack extends OnPayment {
  readonly percent: number;
  readonly again: boolean;
  constructor(at: number, percent: number, again: boolean) {
    super(at);
    this.percent = percent;
    this.again = again;
  }
  async act(model: Model): Promise<void> {
    const payment = this.paymentOf(model);
    const { key, amount, returned } = payment;
    const last = [...returned].at(-1);
    const known = this.again && last !== undefined ? last : null;
    made += 1;
    const amountMinor = known?.[1] ?? Math.max(1, Math.floor((amount * this.percent) / 100));
    const event = known?.[0] ?? `re_${made}`;
    const back = { payment: key, event, on: TODAY, amountMinor, reason: 'refunded at Stripe' };
    await steps.reversePayment(back);
    if (known !== null || payment.over) return;
    if (amountMinor >= amount - givenBack(returned)) payment.over = true;
    else returned.set(event, amountMinor);
  }
  override toString(): string {
    return `${this.again ? 'tell again' : 'give back'}(${this.at}, ${this.percent} %)`;
  }
}

class Refund extends OnPayment {
  async act(model: Model): Promise<void> {
    const payment = this.paymentOf(model);
    const left = (await getPayment(connection.db, payment.key))?.unappliedMinor ?? 0;
    const amountMinor = Math.ceil(left / 2);
    made += 1;
    const key = `refund:${made}`;
    const args = {
      payment: payment.key,
      amountMinor,
      reason: 'asked',
      actor: PERSON,
      today: TODAY,
    };
    if (!(await refusable(steps.refundPayment({ ...args, key })))) return;
    if (!payment.over) payment.returned.set(key, amountMinor);
  }
  override toString(): string {
    return `refund(${this.at})`;
  }
}

class Close extends Command {
  async act(model: Model): Promise<void> {
    const entity = 'ACME';
    if (model.closed)
      await reopenDays(connection.db, { entity, from: RECEIVED_ON, actor: ADMIN, reason: 'typo' });
    else
      await closeDay(connection.db, { entity, day: RECEIVED_ON, actor: PERSON, reason: 'evening' });
    model.closed = !model.closed;
  }
  override toString(): string {
    return 'close or open the day';
  }
}

const at = fc.nat(7);
const invoiceAt = fc.nat(NUMBERS.length - 1);
const amount = fc.integer({ min: 1, max: GROSS });
const commands = fc.commands(
  [
    fc
      .tuple(fc.constantFrom(GROSS, 2 * GROSS, 6000, 30_000, 1), fc.option(invoiceAt))
      .map(([sum, named]) => new Pay(sum, named)),
    fc
      .tuple(
        at,
        fc.boolean(),
        // Moved to nothing, it is undone.
        fc.array(fc.tuple(invoiceAt, amount), { maxLength: 3 }),
      )
      .map(([payment, moves, to]) => new Decide(payment, moves, to)),
    fc
      .tuple(at, fc.constantFrom(1, 10, 50, 99, 100), fc.boolean())
      .map(([payment, percent, again]) => new GiveBack(payment, percent, again)),
    at.map((payment) => new Refund(payment)),
    fc.constant(new Close()),
  ],
  { maxCommands: 14 },
);

it('every sequence of commands leaves each cent accounted for', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      const model: Model = { payments: [], closed: false };
      await fc.asyncModelRun(() => ({ model, real: undefined }), sequence);
      // The next sequence begins with open invoices and an open day.
      for (const { key, amount: amountMinor } of model.payments)
        await steps.reversePayment({
          payment: key,
          event: `end:${key}`,
          on: TODAY,
          amountMinor,
          reason: 'returned',
        });
      if (model.closed)
        await reopenDays(connection.db, {
          entity: 'ACME',
          from: RECEIVED_ON,
          actor: ADMIN,
          reason: 'end',
        });
      for (const invoice of NUMBERS)
        expect((await getInvoice(connection.db, invoice))?.invoice.balanceMinor).toBe(GROSS);
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 12) },
  );
});

it('what comes back of allocations is what is missing, the latest first, and no more', () => {
  const allocated = fc.array(
    fc.record({
      invoice: fc.constantFrom(...NUMBERS),
      amountMinor: fc.integer({ min: 1, max: GROSS }),
    }),
    { minLength: 1, maxLength: 4 },
  ) as fc.Arbitrary<Kept[]>;
  fc.assert(
    fc.property(allocated, fc.nat(100), (lastFirst, percent) => {
      const all = lastFirst.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
      const missing = Math.max(1, Math.floor((all * percent) / 100));
      const { invoices, kept } = partsToTakeBack(lastFirst, missing);
      const taken = lastFirst.slice(0, invoices.length);
      const sum = (parts: readonly Kept[]) =>
        parts.reduce((total, one) => total + one.amountMinor, 0);
      expect(sum(taken) - sum(kept)).toBe(missing);
      expect(kept.length).toBeLessThanOrEqual(1);
    }),
  );
});
