import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AccountMoney,
  accountMoney,
  apply,
  combine,
  MoneyRefusal,
  move,
  receive,
  refund,
  release,
  returnPayment,
  reverse,
  totals,
} from '../../../domain/allocation/account-money.ts';
import { allocate } from '../../../domain/allocation/allocation.ts';
import type { Allocation, AllocationCase, OpenInvoice } from '../../../domain/allocation/case.ts';
import { mentionsIn } from '../../../domain/allocation/references.ts';
import { subsetsThatSum } from '../../../domain/allocation/subset.ts';
import { caseOf, invoice } from './cases.ts';

const openInvoice = (number: number): fc.Arbitrary<OpenInvoice> =>
  fc
    .record({
      account: fc.constantFrom('A-1', 'A-1', 'A-2'),
      contract: fc.constantFrom('C-1', 'C-2', null),
      currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'USD'),
      due: fc.constantFrom('2026-09-30', '2026-10-31', '2026-11-30'),
      costs: fc.constantFrom(0, 0, 40),
      interest: fc.constantFrom(0, 0, 7),
      percent: fc.constantFrom(null, '2', '3.5'),
      opens: fc.array(fc.integer({ min: -20, max: 300 }), { minLength: 1, maxLength: 4 }),
      disputed: fc.boolean(),
    })
    .map(({ opens, percent, disputed, ...rest }) =>
      invoice(`INV-${100 + number}`, 0, {
        ...rest,
        ...(percent === null ? {} : { discount: { percent, until: '2026-11-20' } }),
        lines: opens.map((open, at) => ({
          line: at + 1,
          subcontract: `S-${at}`,
          open,
          disputed: disputed && at === 0,
        })),
      }),
    );

const question: fc.Arbitrary<AllocationCase> = fc
  .record({
    open: fc
      .integer({ min: 0, max: 7 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => openInvoice(at)))),
    account: fc.constantFrom('A-1', 'A-2', null),
    mentions: fc.subarray(['INV-100', 'INV-101', 'inv 1O2', 'C-1', 'INV-777']),
    lines: fc.array(
      fc.record({
        invoice: fc.constantFrom('INV-100', 'INV-101'),
        line: fc.constantFrom(null, 1, 2, 'costs'),
        amount: fc.integer({ min: 1, max: 200 }),
      }),
      { maxLength: 2 },
    ),
    explicit: fc.boolean(),
    amount: fc.integer({ min: 1, max: 900 }),
    fitting: fc.subarray([0, 1, 2, 3]),
    policy: fc.record({
      oldestFirst: fc.boolean(),
      lineOrder: fc.constantFrom('in-order' as const, 'pro-rata' as const),
      tolerance: fc.constantFrom(0, 5),
      clearing: fc.constantFrom('principal-first' as const, 'costs-interest-principal' as const),
    }),
  })
  .map(({ open, account, mentions, lines, explicit, amount, fitting, policy }) => {
    const sum = fitting.reduce((total, at) => total + (open[at]?.balance ?? 0), 0);
    const payment = { account, reference: mentions.join(' '), ...(explicit ? { lines } : {}) };
    return caseOf(sum > 0 ? sum : amount, open, payment, policy);
  });

describe('allocate', () => {
  it('keeps Σ allocations + unapplied = payment and overpays nothing', () => {
    fc.assert(
      fc.property(question, (one) => {
        const answer = allocate(one);
        const of = (amounts: readonly { amount: number; invoice: string }[], number?: string) =>
          amounts
            .filter((entry) => number === undefined || entry.invoice === number)
            .reduce((sum, { amount }) => sum + amount, 0);
        expect(of(answer.allocations) + answer.unapplied).toBe(one.payment.amount);
        for (const open of one.openInvoices) {
          const closed =
            of(answer.allocations, open.invoice) +
            of(answer.discountTaken, open.invoice) +
            of(answer.writtenOff, open.invoice);
          expect(closed).toBeLessThanOrEqual(Math.max(open.balance, 0));
          if (closed > 0) expect(open.currency).toBe(one.payment.currency);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('answers the same whatever the order of the open invoices', () => {
    fc.assert(
      fc.property(question, fc.array(fc.nat(), { minLength: 7, maxLength: 7 }), (one, keys) => {
        const shuffled = one.openInvoices
          .map((open, at) => ({ open, key: keys[at] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ open }) => open);
        expect(allocate({ ...one, openInvoices: shuffled })).toEqual(allocate(one));
      }),
      { numRuns: 700 },
    );
  });

  it('pays other accounts’ invoices of a known payer only where explicit says so', () => {
    fc.assert(
      fc.property(question, (one) => {
        const answer = allocate(one);
        if (answer.rule === 'explicit' || one.payment.account === null) return;
        const accounts = new Map(one.openInvoices.map((open) => [open.invoice, open.account]));
        for (const { invoice: number } of answer.allocations)
          expect(accounts.get(number)).toBe(one.payment.account);
      }),
      { numRuns: 700 },
    );
  });
});

describe('subset search', () => {
  it('finds what trying every subset finds', () => {
    const balances = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 10 });
    fc.assert(
      fc.property(balances, fc.integer({ min: 1, max: 200 }), (given, target) => {
        let count = 0;
        for (let mask = 1; mask < 1 << given.length; mask += 1) {
          const chosen = given.filter((_, at) => (mask >> at) & 1);
          if (chosen.length > 1 && chosen.reduce((a, b) => a + b, 0) === target) count += 1;
        }
        const found = subsetsThatSum(target, given, 5000);
        expect(found.complete).toBe(true);
        expect(found.subsets.length).toBe(count);
        expect(new Set(found.subsets.map(String)).size).toBe(count);
      }),
    );
  });

  it('decides over 36 balances at once, and says so when there are more', () => {
    const many = Array.from({ length: 36 }, (_, at) => 1_000_003 * (at + 1) ** 5 + 17 * at ** 3);
    const target = (many[3] ?? 0) + (many[17] ?? 0) + (many[35] ?? 0);
    const found = subsetsThatSum(target, many, 2);
    expect(found.subsets).toContainEqual([3, 17, 35]);
    expect(subsetsThatSum(target, [...many, 999], 2).complete).toBe(false);
  });
});

describe('mentions', () => {
  it('finds a number however it is spaced, dashed, cased or zeroed', () => {
    const spelling = fc.array(fc.constantFrom('', ' ', '-', '–'), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(spelling, fc.boolean(), fc.boolean(), (gaps, lower, letters) => {
        const spaced = [...'INV2026007'].map((char, at) => char + (gaps[at] ?? '')).join('');
        const zeroed = letters ? spaced.replaceAll('0', 'O') : spaced;
        const text = `pay ${lower ? zeroed.toLowerCase() : zeroed}, thanks`;
        expect(mentionsIn(text, ['INV-2026-007'], []).invoices).toEqual(['INV-2026-007']);
      }),
    );
  });

  it('survives any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const found = mentionsIn(text, ['INV-1', '1001', text, ''], ['C-1', text]);
        expect(found.ambiguous.length).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

/** The model: plain numbers per payment, to which the real thing is compared after every step. */
interface Model {
  paid: Map<string, { amount: number; onInvoices: number; refunded: number }>;
}
interface Real {
  money: AccountMoney;
}

const on = (number: string, amount: number): Allocation => ({
  invoice: number,
  line: '1',
  subcontract: null,
  amount,
});

/** Runs a step on the real thing; a refusal must be foreseen by the model and leave the state alone. */
function step(real: Real, expected: string | null, run: () => AccountMoney): boolean {
  const before = real.money;
  try {
    real.money = run();
  } catch (error) {
    if (!(error instanceof MoneyRefusal)) throw error;
    expect(error.code).toBe(expected);
    expect(real.money).toBe(before);
    return false;
  }
  expect(expected).toBeNull();
  return true;
}

function compare(model: Model, real: Real): void {
  const sums = totals(real.money);
  expect(sums.allocatedMinor + sums.unappliedMinor + sums.refundedMinor).toBe(sums.paymentsMinor);
  const of = (value: (one: { amount: number; onInvoices: number; refunded: number }) => number) =>
    [...model.paid.values()].reduce((sum, one) => sum + value(one), 0);
  expect(sums.paymentsMinor).toBe(of((one) => one.amount));
  expect(sums.allocatedMinor).toBe(of((one) => one.onInvoices));
  expect(sums.refundedMinor).toBe(of((one) => one.refunded));
}

const command = (
  name: string,
  run: (model: Model, real: Real) => void,
): fc.Command<Model, Real> => ({
  check: () => true,
  run: (model, real) => {
    run(model, real);
    compare(model, real);
  },
  toString: () => name,
});

const payments = fc.constantFrom('P-1', 'P-2', 'P-3');
const amounts = fc.integer({ min: 1, max: 300 });
const numbers = fc.constantFrom('INV-1', 'INV-2');

const commands = [
  fc.tuple(payments, amounts).map(([payment, amount]) =>
    command(`receive ${payment} ${amount}`, (model, real) => {
      const known = real.money.payments.some((one) => one.payment === payment);
      if (step(real, known ? 'payment-exists' : null, () => receive(real.money, payment, amount)))
        model.paid.set(payment, { amount, onInvoices: 0, refunded: 0 });
    }),
  ),
  fc.tuple(payments, numbers, amounts).map(([payment, number, amount]) =>
    command(`apply ${payment} ${number} ${amount}`, (model, real) => {
      const one = model.paid.get(payment);
      const left = one === undefined ? 0 : one.amount - one.onInvoices - one.refunded;
      const expected = gone(model, real, payment) ?? (amount > left ? 'more-than-unapplied' : null);
      if (step(real, expected, () => apply(real.money, payment, [on(number, amount)])) && one)
        one.onInvoices += amount;
    }),
  ),
  fc.tuple(payments, amounts).map(([payment, amount]) =>
    command(`refund ${payment} ${amount}`, (model, real) => {
      const one = model.paid.get(payment);
      const left = one === undefined ? 0 : one.amount - one.onInvoices - one.refunded;
      const expected = gone(model, real, payment) ?? (amount > left ? 'more-than-unapplied' : null);
      if (step(real, expected, () => refund(real.money, payment, amount)) && one)
        one.refunded += amount;
    }),
  ),
  fc.tuple(payments, numbers, amounts).map(([payment, number, amount]) =>
    command(`move ${payment} ${number} ${amount}`, (model, real) => {
      const held = real.money.payments
        .find((one) => one.payment === payment)
        ?.allocations.find((one) => one.invoice === number)?.amount;
      const expected =
        gone(model, real, payment) ?? (amount > (held ?? 0) ? 'more-than-allocated' : null);
      const [from, to] = [[on(number, amount)], [on('INV-3', amount)]];
      step(real, expected, () => move(real.money, payment, from, to));
    }),
  ),
  fc.tuple(payments, numbers).map(([payment, number]) =>
    command(`release ${payment} ${number}`, (model, real) => {
      const one = model.paid.get(payment);
      const held = real.money.payments
        .find((paid) => paid.payment === payment)
        ?.allocations.filter((paid) => paid.invoice === number);
      if (one === undefined || held === undefined || held.length === 0) return;
      if (step(real, null, () => release(real.money, payment, held)))
        one.onInvoices -= held[0]?.amount ?? 0;
    }),
  ),
  payments.map((payment) =>
    command(`return ${payment}`, (model, real) => {
      const refunded = (model.paid.get(payment)?.refunded ?? 0) > 0;
      const before = real.money.payments.find((one) => one.payment === payment)?.allocations ?? [];
      const expected = gone(model, real, payment) ?? (refunded ? 'payment-refunded' : null);
      const done = step(real, expected, () => {
        const { money, reversals } = returnPayment(real.money, payment);
        expect(combine(before, reversals)).toEqual([]);
        return money;
      });
      if (done) model.paid.delete(payment);
    }),
  ),
];

/** Why a payment takes no step: it never came, or it was returned. */
function gone(model: Model, real: Real, payment: string): string | null {
  if (model.paid.has(payment)) return null;
  return real.money.payments.some((one) => one.payment === payment)
    ? 'payment-returned'
    : 'payment-unknown';
}

describe('the money of an account', () => {
  it('is always all accounted for, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(fc.commands(commands, { maxCommands: 40 }), (steps) => {
        fc.modelRun(
          () => ({ model: { paid: new Map() }, real: { money: accountMoney('A-1', 'EUR') } }),
          steps,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('reverses exactly, and twice is the first again', () => {
    const some = [on('INV-1', 100), { ...on('INV-1', -20), line: 'credit' }];
    expect(reverse(reverse(some))).toEqual(some);
    expect(combine(some, reverse(some))).toEqual([]);
  });
});
