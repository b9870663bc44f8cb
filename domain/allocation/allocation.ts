/**
 * Which open invoices a payment pays (billing rules §7). Rules are asked in order; the first that is unambiguous decides,
 * a conflict ends in review, and nothing is guessed.
 */
import {
  type Allocation,
  type AllocationAnswer,
  type AllocationCase,
  type AllocationRule,
  checkCase,
  type InvoiceAmount,
  type OpenInvoice,
} from './case.ts';
import { type Outcome, perInvoice, type Reading, RULES } from './rules.ts';

const sumOf = (amounts: readonly { readonly amount: number }[]) =>
  amounts.reduce((sum, { amount }) => sum + amount, 0);

/**
 * Answers an allocation case. Pure: the same case gives the same answer, whatever the order of its open invoices.
 * @throws AllocationRefusal where the case itself cannot be (an amount of zero, a balance that does not add up, …)
 */
export function allocate(question: AllocationCase): AllocationAnswer {
  checkCase(question);
  for (const [rule, ask] of RULES) {
    const outcome = ask(question);
    if (outcome === null) continue;
    const answer =
      outcome.kind === 'match'
        ? automatic(question, rule, outcome.reading)
        : review(question, rule, outcome);
    assertSound(question, answer);
    return answer;
  }
  return reviewOf(question, nothingFits(question), []);
}

function automatic(
  { payment, policy, openInvoices }: AllocationCase,
  rule: AllocationRule,
  reading: Reading,
): AllocationAnswer {
  const { allocations, discountTaken } = reading;
  const unapplied = payment.amount - sumOf(allocations);
  const writtenOff = leftWithin(policy.tolerance, openInvoices, reading);
  return {
    decision: 'automatic',
    rule,
    allocations,
    discountTaken,
    writtenOff,
    unapplied,
    proposals: [],
    explanation: explain(payment, rule, reading, writtenOff, unapplied),
  };
}

/** What is left of the invoices that money reached, where it is within the tolerance. */
function leftWithin(
  tolerance: number,
  openInvoices: readonly OpenInvoice[],
  reading: Reading,
): InvoiceAmount[] {
  const balances = new Map(openInvoices.map(({ invoice, balance }) => [invoice, balance]));
  const discounts = new Map(reading.discountTaken.map((one) => [one.invoice, one.amount]));
  return perInvoice(reading)
    .map(({ invoice, amount }) => ({
      invoice,
      amount: (balances.get(invoice) ?? 0) - amount - (discounts.get(invoice) ?? 0),
    }))
    .filter(({ amount }) => amount > 0 && amount <= tolerance);
}

const listed = (amounts: readonly InvoiceAmount[]) =>
  amounts.map(({ invoice, amount }) => `${invoice} ${amount}`).join(', ');

function explain(
  { amount, currency, received }: AllocationCase['payment'],
  rule: AllocationRule,
  reading: Reading,
  writtenOff: readonly InvoiceAmount[],
  unapplied: number,
): string {
  const paid = perInvoice(reading);
  const sums = paid.map((one) => one.amount);
  return [
    `Rule ${rule}: ${amount} ${currency} (minor units) received ${received}; ${reading.why}.`,
    `Allocated: ${listed(paid)}; ${[...sums, unapplied].join(' + ')} = ${amount}, of which ${unapplied} unapplied.`,
    reading.discountTaken.length > 0 ? `Discount taken: ${listed(reading.discountTaken)}.` : '',
    writtenOff.length > 0 ? `Written off within the tolerance: ${listed(writtenOff)}.` : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function review(
  question: AllocationCase,
  rule: AllocationRule,
  outcome: Extract<Outcome, { kind: 'conflict' }>,
): AllocationAnswer {
  return reviewOf(question, `rule ${rule} found a conflict: ${outcome.why}`, outcome.proposals);
}

function reviewOf(
  { payment }: AllocationCase,
  why: string,
  proposals: AllocationAnswer['proposals'],
): AllocationAnswer {
  return {
    decision: 'review',
    rule: null,
    allocations: [],
    discountTaken: [],
    writtenOff: [],
    unapplied: payment.amount,
    proposals,
    explanation: `For a person: ${payment.amount} ${payment.currency} (minor units) received ${payment.received}; ${why}.`,
  };
}

function nothingFits({ payment, policy, openInvoices }: AllocationCase): string {
  if (payment.account === null)
    return 'no reference, no equal balance, and without a known payer nothing else is tried';
  const own = openInvoices.filter(({ account }) => account === payment.account);
  if (own.length === 0) return `${payment.account} has no open invoice`;
  if (!own.some(({ currency }) => currency === payment.currency))
    return `no open invoice of ${payment.account} is in ${payment.currency}`;
  return policy.oldestFirst
    ? `nothing of ${payment.account} can take the payment`
    : `no reference, equal balance or sum of balances fits, and the policy of ${payment.account} does not pay the oldest first`;
}

/**
 * The laws that every answer keeps, checked in production: allocations and unapplied are the payment; no part of an
 * invoice takes more than it has open, allocations, discount and write-off together never more than the balance.
 * @throws Error naming the broken law: a defect of this module, never of the input
 */
function assertSound(question: AllocationCase, answer: AllocationAnswer): void {
  const { payment, openInvoices } = question;
  const demand = (holds: boolean, law: string) => {
    if (!holds) throw new Error(`allocation broke its law: ${law}`);
  };
  demand(
    sumOf(answer.allocations) + answer.unapplied === payment.amount,
    'allocations + unapplied = payment',
  );
  demand(answer.unapplied >= 0, 'unapplied is not negative');
  const byNumber = new Map(openInvoices.map((invoice) => [invoice.invoice, invoice]));
  const seen = new Set<string>();
  for (const allocation of answer.allocations) {
    const key = JSON.stringify([allocation.invoice, String(allocation.line)]);
    demand(!seen.has(key), `one allocation per part: ${key}`);
    seen.add(key);
    const open = openOf(byNumber.get(allocation.invoice), allocation);
    const within =
      open >= 0 ? allocation.amount <= open && allocation.amount > 0 : allocation.amount === open;
    demand(within, `no part is overpaid: ${key}`);
  }
  for (const invoice of openInvoices) {
    const of = (amounts: readonly InvoiceAmount[] | readonly Allocation[]) =>
      sumOf(amounts.filter((one) => one.invoice === invoice.invoice));
    const closed = of(answer.allocations) + of(answer.discountTaken) + of(answer.writtenOff);
    demand(closed === 0 || closed <= invoice.balance, `${invoice.invoice} is not overpaid`);
  }
}

function openOf(invoice: OpenInvoice | undefined, { line }: Allocation): number {
  if (invoice === undefined) return 0;
  if (line === 'costs') return invoice.costs;
  if (line === 'interest') return invoice.interest;
  return invoice.lines.find((one) => String(one.line) === String(line))?.open ?? 0;
}
