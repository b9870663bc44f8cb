/**
 * The money of one account in one currency: what was received and where it is. Every step is a new state, and every state
 * keeps the law Σ allocations + unapplied credit + refunds = Σ payments (billing rules §7), payment by payment. A returned
 * payment counts for nothing: its amount and its allocations are both gone, exactly.
 */
import type { Allocation } from './case.ts';

export interface PaymentMoney {
  readonly payment: string;
  readonly amountMinor: number;
  /** What it pays now; one entry per part of an invoice. */
  readonly allocations: readonly Allocation[];
  readonly unappliedMinor: number;
  readonly refundedMinor: number;
  /** Returned by the bank or charged back: the money is gone. */
  readonly returned: boolean;
}

export interface AccountMoney {
  readonly account: string;
  readonly currency: string;
  readonly payments: readonly PaymentMoney[];
}

export type MoneyRefusalCode =
  | 'payment-unknown'
  | 'payment-exists'
  | 'payment-returned'
  | 'payment-refunded' // what was refunded cannot be returned as well
  | 'amount-invalid'
  | 'more-than-unapplied'
  | 'more-than-allocated';

/** A step that the account's money does not allow; the state is unchanged. */
export class MoneyRefusal extends Error {
  override readonly name = 'MoneyRefusal';
  readonly code: MoneyRefusalCode;
  constructor(code: MoneyRefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

const sumOf = (allocations: readonly Allocation[]) =>
  allocations.reduce((sum, { amount }) => sum + amount, 0);

/** The allocations that undo others exactly: same parts, opposite amounts. Reversing twice gives the first again. */
export function reverse(allocations: readonly Allocation[]): Allocation[] {
  return allocations.map((one) => ({ ...one, amount: 0 - one.amount }));
}

const partKey = ({ invoice, line }: Allocation) => JSON.stringify([invoice, String(line)]);

/** Allocations added up per part of an invoice; parts that come to zero are gone. Keeps the order of first appearance. */
export function combine(...lists: readonly (readonly Allocation[])[]): Allocation[] {
  const byPart = new Map<string, Allocation>();
  for (const one of lists.flat()) {
    const before = byPart.get(partKey(one));
    byPart.set(partKey(one), before ? { ...before, amount: before.amount + one.amount } : one);
  }
  return [...byPart.values()].filter(({ amount }) => amount !== 0);
}

export function accountMoney(account: string, currency: string): AccountMoney {
  return { account, currency, payments: [] };
}

function demandAmount(amountMinor: number): void {
  if (Number.isSafeInteger(amountMinor) && amountMinor > 0) return;
  throw new MoneyRefusal(
    'amount-invalid',
    `a whole number of minor units above zero, not ${amountMinor}`,
  );
}

/** Money arrives: all of it unapplied. */
export function receive(money: AccountMoney, payment: string, amountMinor: number): AccountMoney {
  demandAmount(amountMinor);
  if (money.payments.some((one) => one.payment === payment))
    throw new MoneyRefusal('payment-exists', `payment ${payment} is there already`);
  const received: PaymentMoney = {
    payment,
    amountMinor,
    allocations: [],
    unappliedMinor: amountMinor,
    refundedMinor: 0,
    returned: false,
  };
  return sound({ ...money, payments: [...money.payments, received] });
}

function change(
  money: AccountMoney,
  payment: string,
  step: (one: PaymentMoney) => PaymentMoney,
): AccountMoney {
  const found = money.payments.find((one) => one.payment === payment);
  if (found === undefined)
    throw new MoneyRefusal('payment-unknown', `no payment ${payment} of ${money.account}`);
  if (found.returned) throw new MoneyRefusal('payment-returned', `payment ${payment} was returned`);
  const payments = money.payments.map((one) => (one === found ? step(one) : one));
  return sound({ ...money, payments });
}

/** Puts unapplied money of a payment on invoices. */
export function apply(
  money: AccountMoney,
  payment: string,
  allocations: readonly Allocation[],
): AccountMoney {
  const total = sumOf(allocations);
  demandAmount(total);
  return change(money, payment, (one) => {
    if (total > one.unappliedMinor)
      throw new MoneyRefusal(
        'more-than-unapplied',
        `${total} is more than the ${one.unappliedMinor} unapplied of ${payment}`,
      );
    return {
      ...one,
      allocations: combine(one.allocations, allocations),
      unappliedMinor: one.unappliedMinor - total,
    };
  });
}

/** Takes allocations, or a part of them, back into unapplied credit. */
export function release(
  money: AccountMoney,
  payment: string,
  allocations: readonly Allocation[],
): AccountMoney {
  return change(money, payment, (one) => {
    const present = new Map(one.allocations.map((held) => [partKey(held), held.amount]));
    for (const taken of combine(allocations)) {
      const held = present.get(partKey(taken)) ?? 0;
      const within = taken.amount > 0 ? taken.amount <= held : held < 0 && taken.amount >= held;
      if (!within)
        throw new MoneyRefusal(
          'more-than-allocated',
          `${payment} has ${held} on ${taken.invoice} ${taken.line}, not ${taken.amount}`,
        );
    }
    const unappliedMinor = one.unappliedMinor + sumOf(allocations);
    if (unappliedMinor < 0)
      throw new MoneyRefusal('more-than-unapplied', `${payment} would owe ${-unappliedMinor}`);
    return { ...one, allocations: combine(one.allocations, reverse(allocations)), unappliedMinor };
  });
}

/** Moves money from some invoices to others; both or nothing. */
export function move(
  money: AccountMoney,
  payment: string,
  from: readonly Allocation[],
  to: readonly Allocation[],
): AccountMoney {
  return apply(release(money, payment, from), payment, to);
}

/** Gives unapplied money back to the customer. */
export function refund(money: AccountMoney, payment: string, amountMinor: number): AccountMoney {
  demandAmount(amountMinor);
  return change(money, payment, (one) => {
    if (amountMinor > one.unappliedMinor)
      throw new MoneyRefusal(
        'more-than-unapplied',
        `${amountMinor} is more than the ${one.unappliedMinor} unapplied of ${payment}`,
      );
    return {
      ...one,
      unappliedMinor: one.unappliedMinor - amountMinor,
      refundedMinor: one.refundedMinor + amountMinor,
    };
  });
}

/**
 * The bank takes the payment back (returned debit, chargeback): its allocations are reversed exactly.
 * @returns the new state and the reversing allocations, to be posted to the invoices
 */
export function returnPayment(
  money: AccountMoney,
  payment: string,
): { readonly money: AccountMoney; readonly reversals: readonly Allocation[] } {
  let reversals: Allocation[] = [];
  const after = change(money, payment, (one) => {
    if (one.refundedMinor > 0)
      throw new MoneyRefusal(
        'payment-refunded',
        `${one.refundedMinor} of ${payment} was refunded: a person settles what the bank takes back`,
      );
    reversals = reverse(one.allocations);
    return { ...one, allocations: [], unappliedMinor: 0, returned: true };
  });
  return { money: after, reversals };
}

/** The four sums of the law, in minor units. */
export function totals(money: AccountMoney): {
  paymentsMinor: number;
  allocatedMinor: number;
  unappliedMinor: number;
  refundedMinor: number;
} {
  const of = (value: (one: PaymentMoney) => number) =>
    money.payments.reduce((sum, one) => sum + value(one), 0);
  return {
    paymentsMinor: of((one) => (one.returned ? 0 : one.amountMinor)),
    allocatedMinor: of((one) => sumOf(one.allocations)),
    unappliedMinor: of((one) => one.unappliedMinor),
    refundedMinor: of((one) => one.refundedMinor),
  };
}

/** @throws Error where a payment's money is not all accounted for: a defect of this module, never of the input */
function sound(money: AccountMoney): AccountMoney {
  for (const one of money.payments) {
    const placed = sumOf(one.allocations) + one.unappliedMinor + one.refundedMinor;
    if (placed !== (one.returned ? 0 : one.amountMinor))
      throw new Error(`payment ${one.payment}: ${placed} placed of ${one.amountMinor}`);
  }
  return money;
}
