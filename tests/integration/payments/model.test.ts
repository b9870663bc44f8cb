/**
 * Money against a model (fast-check commands): pay, split, move, undo, refund, give back in part, charge back, count in another
 * currency and back, tell an event again, close a day. After each step every payment's allocations, credit and refunds sum to
 * it, every invoice owes what is not allocated, the bank holds what came, and the books agree.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Kept, partsToTakeBack } from '../../../activities/partial-returns.ts';
import {
  allocationsOfPayment,
  closeDay,
  getPayment,
  reopenDays,
  trialBalance,
} from '../../../db/index.ts';
import {
  ADMIN,
  GROSS_MINOR,
  type InvoicedBook,
  invoicedBook,
  invoiceNumber,
  PERSON,
  RECEIVED_ON,
  TODAY,
} from './book.ts';

const NUMBERS = [1, 2, 3, 4].map(invoiceNumber);

let book: InvoicedBook;
let made = 0;
beforeAll(async () => {
  book = await invoicedBook(NUMBERS.length);
});
afterAll(() => book?.close());

/** What must be so, without a word on how: the money of each payment, and what was given back of it. */
interface Model {
  payments: ModelPayment[];
  closed: boolean;
  /** What the bank held before, by currency: it is what then came and was not given back besides. */
  readonly bank: ReadonlyMap<string, number>;
}
interface ModelPayment {
  readonly key: string;
  /** As it counts now, and as it came where that was otherwise. */
  amount: number;
  currency: string;
  came: { readonly amount: number; readonly currency: string } | null;
  readonly returned: Map<string, number>;
  over: boolean;
}
type Real = undefined;

const givenBack = (returned: ReadonlyMap<string, number>) =>
  [...returned.values()].reduce((sum, amount) => sum + amount, 0);

async function bankHolds(): Promise<Map<string, number>> {
  const rows = await trialBalance(book.db);
  const bank = rows.filter(({ ledgerAccount }) => ledgerAccount === 'bank');
  return new Map(bank.map(({ currency, balanceMinor }) => [currency, balanceMinor]));
}

async function checkBank({ payments, bank }: Readonly<Model>): Promise<void> {
  const held = new Map(bank);
  const add = (currency: string, amount: number) =>
    held.set(currency, (held.get(currency) ?? 0) + amount);
  for (const { amount, currency, came, returned, over } of payments) {
    if (over) continue;
    add(came?.currency ?? currency, came?.amount ?? amount);
    add(currency, 0 - givenBack(returned));
  }
  const now = await bankHolds();
  for (const currency of ['EUR', 'USD'])
    expect([currency, now.get(currency) ?? 0]).toEqual([currency, held.get(currency) ?? 0]);
}

async function check(model: Readonly<Model>): Promise<void> {
  const { db } = book;
  await checkBank(model);
  const allocated = new Map<string, number>();
  for (const { key, amount, currency, returned, over } of model.payments) {
    const payment = await getPayment(db, key);
    expect(payment).toMatchObject({ amountMinor: amount, currency });
    const rows = await allocationsOfPayment(db, key);
    for (const { invoice, amountMinor } of rows)
      allocated.set(invoice, (allocated.get(invoice) ?? 0) + amountMinor);
    const split = rows.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    const refunded = payment?.refundedMinor ?? -1;
    expect(split + (payment?.unappliedMinor ?? 0) + refunded).toBe(amount);
    expect(refunded).toBe(over ? amount : givenBack(returned));
  }
  for (const invoice of NUMBERS)
    expect(await book.openOf(invoice)).toBe(GROSS_MINOR - (allocated.get(invoice) ?? 0));
  await book.booksAgree();
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
  readonly currency: string;
  constructor(amount: number, at: number | null, currency: string) {
    super();
    this.amount = amount;
    this.currency = currency;
    this.reference = at === null ? '' : (NUMBERS[at] ?? '');
  }
  async act(model: Model): Promise<void> {
    const { amount, currency, reference } = this;
    const key = await book.received({ amountMinor: amount, currency, reference });
    model.payments.push({ key, amount, currency, came: null, returned: new Map(), over: false });
  }
  override toString(): string {
    return `pay(${this.amount} ${this.currency}, ${this.reference})`;
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
      this.moves
        ? book.steps.movePayment({ ...args, from: null })
        : book.steps.allocatePayment(args),
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
    const { key, amount, came, returned } = payment;
    const last = [...returned].at(-1);
    const known = this.again && last !== undefined ? last : null;
    made += 1;
    const amountMinor =
      known?.[1] ?? Math.max(1, Math.floor(((came?.amount ?? amount) * this.percent) / 100));
    const event = known?.[0] ?? `re_${made}`;
    const back = { payment: key, event, on: TODAY, amountMinor, reason: 'refunded at Stripe' };
    // Of what counts as another currency no part is taken back by itself.
    const isParted = came !== null && (amountMinor !== came.amount || returned.size > 0);
    const isGone = payment.over || givenBack(returned) === amount;
    const isRefused = isParted && known === null && !isGone;
    expect(await refusable(book.steps.reversePayment(back))).toBe(!isRefused);
    if (isRefused || isGone) return;
    if (known !== null || payment.over) return;
    if (came !== null || amountMinor >= amount - givenBack(returned)) payment.over = true;
    else returned.set(event, amountMinor);
  }
  override toString(): string {
    return `${this.again ? 'tell again' : 'give back'}(${this.at}, ${this.percent} %)`;
  }
}

/** All of it counts as so many percent in the other currency; where it does already, as what came. */
class Exchange extends OnPayment {
  readonly percent: number;
  constructor(at: number, percent: number) {
    super(at);
    this.percent = percent;
  }
  async act(model: Model): Promise<void> {
    const payment = this.paymentOf(model);
    const { key, amount, currency, came } = payment;
    const to = came ?? {
      amount: Math.max(1, Math.floor((amount * this.percent) / 100)),
      currency: currency === 'EUR' ? 'USD' : 'EUR',
    };
    const isDone = await refusable(
      book.steps.exchangePayment({
        payment: key,
        from: { currency, amountMinor: amount },
        to: { currency: to.currency, amountMinor: to.amount },
        reason: 'at the rate of the day',
        actor: PERSON,
      }),
    );
    if (!isDone) return;
    payment.came = came === null ? { amount, currency } : null;
    payment.amount = to.amount;
    payment.currency = to.currency;
  }
  override toString(): string {
    return `exchange(${this.at}, ${this.percent} %)`;
  }
}

class Refund extends OnPayment {
  async act(model: Model): Promise<void> {
    const payment = this.paymentOf(model);
    const left = (await getPayment(book.db, payment.key))?.unappliedMinor ?? 0;
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
    if (!(await refusable(book.steps.refundPayment({ ...args, key })))) return;
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
      await reopenDays(book.db, { entity, from: RECEIVED_ON, actor: ADMIN, reason: 'typo' });
    else await closeDay(book.db, { entity, day: RECEIVED_ON, actor: PERSON, reason: 'evening' });
    model.closed = !model.closed;
  }
  override toString(): string {
    return 'close or open the day';
  }
}

const at = fc.nat(7);
const invoiceAt = fc.nat(NUMBERS.length - 1);
const amount = fc.integer({ min: 1, max: GROSS_MINOR });
const commands = fc.commands(
  [
    fc
      .tuple(
        fc.constantFrom(GROSS_MINOR, 2 * GROSS_MINOR, 6000, 30_000, 1),
        fc.option(invoiceAt),
        fc.constantFrom('EUR', 'EUR', 'USD'),
      )
      .map(([sum, named, currency]) => new Pay(sum, named, currency)),
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
    fc
      .tuple(at, fc.constantFrom(93, 100, 108))
      .map(([payment, percent]) => new Exchange(payment, percent)),
    fc.constant(new Close()),
  ],
  { maxCommands: 14 },
);

/** What nobody can know a part of is taken off its invoices by a person. */
async function takeBack({ key, amount, came, returned }: ModelPayment): Promise<void> {
  if (came !== null && returned.size > 0) {
    const all = { payment: key, from: null, lines: [], reason: 'end', actor: PERSON };
    await refusable(book.steps.movePayment({ ...all, today: TODAY, clock: null }));
    return;
  }
  await book.steps.reversePayment({
    payment: key,
    event: `end:${key}`,
    on: TODAY,
    amountMinor: came?.amount ?? amount,
    reason: 'returned',
  });
}

it('every sequence of commands leaves each cent accounted for', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      const model: Model = { payments: [], closed: false, bank: await bankHolds() };
      await fc.asyncModelRun(() => ({ model, real: undefined }), sequence);
      // The next sequence begins with open invoices and an open day.
      if (model.closed)
        await reopenDays(book.db, {
          entity: 'ACME',
          from: RECEIVED_ON,
          actor: ADMIN,
          reason: 'end',
        });
      for (const payment of model.payments) await takeBack(payment);
      for (const invoice of NUMBERS) expect(await book.openOf(invoice)).toBe(GROSS_MINOR);
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 12) },
  );
});

it('what comes back of allocations is what is missing, the latest first, and no more', () => {
  const allocated = fc.array(
    fc.record({
      invoice: fc.constantFrom(...NUMBERS),
      amountMinor: fc.integer({ min: 1, max: GROSS_MINOR }),
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
