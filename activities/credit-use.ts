/** What a payment does with an invoice that was issued after it came (billing rules §7). Who is asked: credit-offer.ts. */
import { type Payment, parkPayment, paymentsUsableFor, Refusal } from '../db/index.ts';
import { allocate } from '../domain/allocation/allocation.ts';
import type { AllocationAnswer, ExplicitAmount } from '../domain/allocation/case.ts';
import type { PaymentPlan, PaymentSteps } from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import {
  apply,
  openInvoicesAround,
  paymentOf,
  planOf,
  policyFor,
  received,
} from './payment-steps.ts';

/** How often another payment may take the same invoice's balance between reading it and paying it. */
const ATTEMPTS = 5;

type CreditUse = Parameters<PaymentSteps['useCredit']>[0];

export const creditSteps = (deps: Deps): Pick<PaymentSteps, 'useCredit'> => ({
  useCredit: (args) => useCredit(deps, args),
});

/** @returns the payment's plan, with the invoices that it reached by this alone */
async function useCredit(deps: Deps, args: CreditUse): Promise<PaymentPlan> {
  const { db } = deps;
  for (let attempt = 1; ; attempt += 1) {
    const row = await paymentOf(db, args.payment);
    const answer = await answerFor(deps, row, args);
    try {
      const rule = row.state === 'review' ? (answer?.rule ?? 'none') : 'credit';
      if (answer !== null) await apply(db, row, answer, { rule, on: args.on });
      const plan = await planOf(deps, await paymentOf(db, args.payment), args.on);
      const paid = new Set(answer?.allocations.map(({ invoice }) => invoice));
      const affected = plan.affected.filter(({ invoice }) => paid.has(invoice));
      return { ...plan, affected, receipt: plan.receipt === true && affected.length > 0 };
    } catch (error) {
      const isTaken = error instanceof Refusal && error.code === 'allocation-exceeds';
      if (!isTaken || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Null where it pays nothing of the invoice; a case that waits is then kept with what it was seen with now. */
async function answerFor(
  { db }: Deps,
  row: Payment,
  args: CreditUse,
): Promise<AllocationAnswer | null> {
  const usable = await paymentsUsableFor(db, args.invoice, { unknownPayers: args.clock === null });
  if (!usable.includes(row.payment)) return null;
  const isCredit = row.state === 'allocated';
  const left = row.unappliedMinor;
  const whole = await openInvoicesAround(
    db,
    isCredit ? { ...row, lines: [{ invoice: args.invoice, amount: left }] } : row,
    args.clock,
  );
  const balance = whole.find(({ invoice }) => invoice === args.invoice)?.balance ?? 0;
  if (balance <= 0) return null;
  const lines: ExplicitAmount[] = [{ invoice: args.invoice, amount: Math.min(left, balance) }];
  const answer = allocate({
    payment: { ...received(row), amount: left, ...(isCredit ? { lines } : {}) },
    policy: await policyFor(db, row.account, row.receivedOn),
    openInvoices: whole,
  });
  if (answer.decision === 'automatic')
    return answer.allocations.some(({ invoice }) => invoice === args.invoice) ? answer : null;
  if (!isCredit) await parkPayment(db, { payment: row.payment, matching: answer });
  return null;
}
