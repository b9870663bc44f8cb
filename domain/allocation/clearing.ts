/**
 * Where inside the selected invoices money goes: against costs, interest and principal, and over an invoice's lines
 * (billing rules §7).
 */
import { fraction, multiply, ratio, roundHalfAway } from '../money/decimal.ts';
import { safeMinor, splitByLargestRemainder } from '../money/money.ts';
import {
  type Allocation,
  type AllocationPolicy,
  COSTS,
  INTEREST,
  type LineId,
  type LineOrder,
  type OpenInvoice,
  type OpenLine,
  principalOf,
} from './case.ts';

const sumOf = (amounts: readonly number[]) => amounts.reduce((sum, amount) => sum + amount, 0);

/**
 * The early-payment discount that a payment of this day earns on an invoice, in minor units: d % of the open lines,
 * rounded half away from zero; zero where none is agreed or its last day is over.
 */
export function earnedDiscount(invoice: OpenInvoice, received: string): number {
  const { discount } = invoice;
  const principal = principalOf(invoice);
  if (discount === undefined || received > discount.until || principal <= 0) return 0;
  const share = multiply(fraction(discount.percent), ratio(principal, 100));
  return safeMinor(roundHalfAway(share));
}

/** An invoice after its early-payment discount: each line less its share, by largest remainder. */
export function afterDiscount(invoice: OpenInvoice, discountMinor: number): OpenInvoice {
  if (discountMinor === 0) return invoice;
  const weights = invoice.lines.map((line) => Math.max(line.open, 0));
  const shares = splitByLargestRemainder(discountMinor, weights);
  const lines = invoice.lines.map((line, index) => ({
    ...line,
    open: line.open - (shares[index] ?? 0),
  }));
  return { ...invoice, lines, balance: invoice.balance - discountMinor };
}

/**
 * An amount over lines: credit lines are used up with it, then the undisputed lines, then the disputed ones, each in the
 * invoice's order or in proportion to what is open.
 * @returns one amount per line; their sum is the amount, which must not be more than the lines' sum.
 */
export function spreadOverLines(
  amount: number,
  lines: readonly Pick<OpenLine, 'open' | 'disputed'>[],
  order: LineOrder,
): number[] {
  if (amount === 0) return lines.map(() => 0);
  const paid = lines.map((line) => Math.min(line.open, 0));
  let left = amount - sumOf(paid);
  for (const disputed of [false, true]) {
    const tier = lines.map((line) =>
      line.open > 0 && (line.disputed ?? false) === disputed ? line.open : 0,
    );
    const take = Math.min(left, sumOf(tier));
    if (take === 0) continue;
    const shares = order === 'pro-rata' ? splitByLargestRemainder(take, tier) : fill(take, tier);
    for (const [index, share] of shares.entries()) paid[index] = (paid[index] ?? 0) + share;
    left -= take;
  }
  if (left !== 0) throw new RangeError(`${left} more than the lines have open`);
  return paid;
}

function fill(amount: number, capacities: readonly number[]): number[] {
  let left = amount;
  return capacities.map((capacity) => {
    const take = Math.min(left, capacity);
    left -= take;
    return take;
  });
}

const PHASES = {
  'principal-first': ['principal', COSTS, INTEREST],
  'costs-interest-principal': [COSTS, INTEREST, 'principal'],
} as const;

function phaseOpen(invoice: OpenInvoice, phase: 'principal' | 'costs' | 'interest'): number {
  return phase === 'principal' ? principalOf(invoice) : invoice[phase];
}

/**
 * Puts an amount on a selection of invoices. The order of clearing runs across the selection: with `principal-first` the
 * principal of every selected invoice, in the order given, comes before any costs; then come all costs, then all
 * interest.
 * @param invoices the selection, in the order in which it is to be paid
 * @returns the allocations, in the order of invoices and of their lines, and what the selection cannot take
 */
export function clear(
  amount: number,
  invoices: readonly OpenInvoice[],
  policy: Pick<AllocationPolicy, 'clearing' | 'lineOrder'>,
): { allocations: Allocation[]; left: number } {
  let left = amount;
  const taken = invoices.map(() => ({ principal: 0, costs: 0, interest: 0 }));
  for (const phase of PHASES[policy.clearing]) {
    for (const [index, invoice] of invoices.entries()) {
      const take = Math.min(left, phaseOpen(invoice, phase));
      const entry = taken[index];
      if (entry === undefined || take <= 0) continue;
      entry[phase] = take;
      left -= take;
    }
  }
  const allocations = invoices.flatMap((invoice, index) => {
    const { principal, costs, interest } = taken[index] ?? { principal: 0, costs: 0, interest: 0 };
    const overLines = spreadOverLines(principal, invoice.lines, policy.lineOrder);
    return [
      ...invoice.lines.map((line, at) =>
        part(invoice, line.line, line.subcontract ?? null, overLines[at] ?? 0),
      ),
      part(invoice, COSTS, null, costs),
      part(invoice, INTEREST, null, interest),
    ];
  });
  return { allocations: allocations.filter(({ amount: paid }) => paid !== 0), left };
}

function part(
  { invoice }: OpenInvoice,
  line: LineId,
  subcontract: string | null,
  amount: number,
): Allocation {
  return { invoice, line, subcontract, amount };
}
