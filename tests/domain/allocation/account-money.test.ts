/** An account's money, step by step (docs/rules/billing-rules.md §7). */
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
  totals,
} from '../../../domain/allocation/account-money.ts';
import type { Allocation } from '../../../domain/allocation/case.ts';
import { codeOfA } from '../../refusals.ts';

const on = (invoice: string, amount: number, line = '1'): Allocation => ({
  invoice,
  line,
  subcontract: null,
  amount,
});
const empty = accountMoney('A-1', 'EUR');
const hundred = receive(empty, 'P-1', 100);
const codeOf = codeOfA(MoneyRefusal);
const sums = (money: AccountMoney) => Object.values(totals(money));

describe('money', () => {
  it('arrives unapplied, once, and only as a whole amount above zero', () => {
    expect(sums(hundred)).toEqual([100, 0, 100, 0]);
    expect(codeOf(() => receive(hundred, 'P-1', 5))).toBe('payment-exists');
    for (const amount of [0, -1, 1.5, Number.NaN, 2 ** 53])
      expect(codeOf(() => receive(empty, 'P-1', amount))).toBe('amount-invalid');
  });

  it('is applied up to the last unit, part by part', () => {
    const applied = apply(hundred, 'P-1', [on('I-1', 60), on('I-2', 40)]);
    expect(sums(applied)).toEqual([100, 100, 0, 0]);
    expect(codeOf(() => apply(hundred, 'P-1', [on('I-1', 101)]))).toBe('more-than-unapplied');
    expect(codeOf(() => apply(hundred, 'P-1', []))).toBe('amount-invalid');
    expect(codeOf(() => apply(hundred, 'P-2', [on('I-1', 1)]))).toBe('payment-unknown');
    const twice = apply(apply(hundred, 'P-1', [on('I-1', 30)]), 'P-1', [on('I-1', 20)]);
    expect(twice.payments[0]?.allocations).toEqual([on('I-1', 50)]);
  });

  it('is released as far as it was applied to that part', () => {
    const applied = apply(hundred, 'P-1', [on('I-1', 60), on('I-1', 40, '2')]);
    expect(sums(release(applied, 'P-1', [on('I-1', 60)]))).toEqual([100, 40, 60, 0]);
    expect(release(applied, 'P-1', [on('I-1', 25)]).payments[0]?.allocations).toEqual([
      on('I-1', 35),
      on('I-1', 40, '2'),
    ]);
    for (const wrong of [on('I-1', 61), on('I-2', 1), on('I-1', 41, '2'), on('I-1', -1)])
      expect(codeOf(() => release(applied, 'P-1', [wrong]))).toBe('more-than-allocated');
    // Two halves of one part count together.
    const halves = [on('I-1', 31), on('I-1', 30)];
    expect(codeOf(() => release(applied, 'P-1', halves))).toBe('more-than-allocated');
  });

  it('that a credit line used up is given back to it, as far as it gave', () => {
    const used = apply(hundred, 'P-1', [on('I-1', 110), on('I-1', -10, '2')]);
    expect(sums(release(used, 'P-1', [on('I-1', 110), on('I-1', -10, '2')]))).toEqual([
      100, 0, 100, 0,
    ]);
    for (const amount of [-11, 1])
      expect(codeOf(() => release(used, 'P-1', [on('I-1', amount, '2')]))).toBe(
        'more-than-allocated',
      );
    expect(codeOf(() => release(used, 'P-1', [on('I-1', 50), on('I-3', -5)]))).toBe(
      'more-than-allocated',
    );
    // The credit alone can not be given back: the payment would owe.
    expect(codeOf(() => release(used, 'P-1', [on('I-1', -10, '2')]))).toBe('more-than-unapplied');
    expect(sums(release(used, 'P-1', [on('I-1', 10), on('I-1', -10, '2')]))).toEqual([
      100, 100, 0, 0,
    ]);
  });

  it('moves from one invoice to another, both or nothing', () => {
    const applied = apply(hundred, 'P-1', [on('I-1', 100)]);
    const moved = move(applied, 'P-1', [on('I-1', 70)], [on('I-2', 70)]);
    expect(moved.payments[0]?.allocations).toEqual([on('I-1', 30), on('I-2', 70)]);
    expect(codeOf(() => move(applied, 'P-1', [on('I-1', 70)], [on('I-2', 71)]))).toBe(
      'more-than-unapplied',
    );
  });

  it('goes back to the customer as far as it is unapplied', () => {
    const applied = apply(hundred, 'P-1', [on('I-1', 60)]);
    expect(sums(refund(applied, 'P-1', 40))).toEqual([100, 60, 0, 40]);
    expect(codeOf(() => refund(applied, 'P-1', 41))).toBe('more-than-unapplied');
    expect(codeOf(() => refund(applied, 'P-1', 0))).toBe('amount-invalid');
  });

  it('that the bank takes back is gone, and its allocations are undone', () => {
    const applied = apply(hundred, 'P-1', [on('I-1', 60)]);
    const { money, reversals } = returnPayment(applied, 'P-1');
    expect(reversals).toEqual([on('I-1', -60)]);
    expect(sums(money)).toEqual([0, 0, 0, 0]);
    expect(returnPayment(hundred, 'P-1').reversals).toEqual([]);
    for (const step of [
      () => apply(money, 'P-1', [on('I-1', 1)]),
      () => refund(money, 'P-1', 1),
      () => returnPayment(money, 'P-1'),
    ])
      expect(codeOf(step)).toBe('payment-returned');
    const refunded = refund(applied, 'P-1', 1);
    expect(codeOf(() => returnPayment(refunded, 'P-1'))).toBe('payment-refunded');
  });

  it('that does not add up is never passed on', () => {
    const [first] = hundred.payments;
    if (first === undefined) throw new Error('there is a payment');
    const wrong = { ...hundred, payments: [{ ...first, unappliedMinor: 99 }] };
    expect(() => receive(wrong, 'P-2', 5)).toThrow('payment P-1: 99 placed of 100');
  });
});

it('adds allocations up per part, and leaves out what comes to zero', () => {
  expect(
    combine([on('I-1', 5), on('I-2', 3)], [on('I-1', -2), on('I-2', -3), on('I-1', 9, '2')]),
  ).toEqual([on('I-1', 3), on('I-1', 9, '2')]);
});
