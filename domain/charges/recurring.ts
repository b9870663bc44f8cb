/** Recurring charges of one subcontract in one billing period (billing rules §3, §5). */
import type { BookIndex } from '../book/book-index.ts';
import { type CivilDate, earlier, later } from '../dates/dates.ts';
import {
  compare,
  type Fraction,
  isZero,
  multiply,
  ratio,
  subtract,
  ZERO,
} from '../money/decimal.ts';
import { type Charge, rounded } from './charge.ts';
import { type ContractTerms, contractPolicy } from './contract-terms.ts';
import {
  contractDiscount,
  type DatedDiscount,
  inForce,
  type Promotion,
  promotionOf,
  remaining,
} from './discounts.ts';
import type { BillingPeriod } from './periods.ts';
import { agreedPrice, amountOf, discounted, listPrice, type Price } from './pricing.ts';
import { type DayRange, type Share, shares } from './proration.ts';
import type { Ownership, SubcontractHistory, TermState } from './subcontract-history.ts';

interface Segment extends DayRange {
  readonly state: TermState;
}

/**
 * The charges of every segment that a subcontract has in a period on one contract; the segment of zero is not listed.
 * The period decides: a segment that takes effect later in it is charged with it (§1).
 */
export function recurringCharges(
  index: BookIndex,
  terms: ContractTerms,
  history: SubcontractHistory,
  ownership: Ownership,
  period: BillingPeriod,
): Charge[] {
  const from = later(ownership.from, period.start);
  const to = earlier(ownership.to, period.cycleEnd);
  if (from >= to) return [];
  const priced = pricer(index, terms, history.row.sku, period.start);
  const standing = statesInPeriod(ownership.states, from, to);
  const reductions = contractPolicy(index, terms, 'reductions', period.start);
  const agreed = reductions === 'next-period' ? holdHighest(standing, priced) : standing;
  // A quantity of zero covers nothing: it must not take a month or a whole period from what follows.
  const active = agreed.filter(({ state }) => state.active && !isZero(state.quantity));
  if (active.length === 0) return [];
  const discounts = discountsOf(index, terms, history);
  const cut =
    discounts.cuts.length === 0
      ? active
      : active.flatMap((segment) => cutAt(segment, discounts.cuts));
  const policy = contractPolicy(index, terms, 'proration', period.start);
  const prorated = shares(policy, terms.cycle, period, cut);
  return chargeSegments(terms, history, period, cut, prorated, priced, discounts);
}

type Pricer = (state: TermState) => Price;

/** The list price is looked up once a period, and only where it is needed: a missing one must not refuse agreed prices. */
function pricer(index: BookIndex, terms: ContractTerms, sku: string, on: CivilDate): Pricer {
  let list: Price | null = null;
  return (state) => {
    if (state.price !== null) return agreedPrice(state.price);
    list ??= listPrice(index, terms.row.priceList, sku, terms.currency, on);
    return list;
  };
}

function statesInPeriod(states: readonly TermState[], from: CivilDate, to: CivilDate): Segment[] {
  const segments: Segment[] = [];
  let position = 0;
  for (const state of states) {
    position += 1;
    const next = states[position];
    const begin = later(state.from, from);
    const end = next === undefined ? to : earlier(next.from, to);
    if (begin < end) segments.push({ from: begin, to: end, state });
  }
  return segments;
}

/**
 * Reductions that wait for the next billing period: within a period the highest agreed so far stands, and only a
 * correction lowers it (§3). A reduction that waits does not cut.
 */
function holdHighest(segments: readonly Segment[], priced: Pricer): Segment[] {
  const held: Segment[] = [];
  for (const segment of segments) {
    const last = held.at(-1);
    if (last === undefined) {
      held.push(segment);
      continue;
    }
    let state = last.state;
    for (const agreed of [...segment.state.replaced, segment.state])
      if (agreed.correction || !isReduction(agreed, state, priced)) state = agreed;
    if (sameTerms(state, last.state)) held[held.length - 1] = { ...last, to: segment.to };
    else held.push({ ...segment, state });
  }
  return held;
}

function isReduction(agreed: TermState, standing: TermState, priced: Pricer): boolean {
  return compare(yearly(agreed, priced), yearly(standing, priced)) < 0;
}

function yearly(state: TermState, priced: Pricer): Fraction {
  if (!state.active || isZero(state.quantity)) return ZERO;
  return multiply(amountOf(priced(state), state.quantity), remaining(state.discount));
}

function sameTerms(a: TermState, b: TermState): boolean {
  const samePrice =
    a.price === null || b.price === null ? a.price === b.price : compare(a.price, b.price) === 0;
  return (
    a.active === b.active &&
    samePrice &&
    compare(a.quantity, b.quantity) === 0 &&
    compare(a.discount, b.discount) === 0
  );
}

interface Discounts {
  readonly contract: DatedDiscount | null;
  readonly promotion: Promotion | null;
  /** Days on which one of them begins or ends. */
  readonly cuts: readonly CivilDate[];
}

const NO_DISCOUNTS: Discounts = { contract: null, promotion: null, cuts: [] };

function discountsOf(
  index: BookIndex,
  terms: ContractTerms,
  history: SubcontractHistory,
): Discounts {
  if (terms.row.discountPercent === null && history.row.promotion === null) return NO_DISCOUNTS;
  const contract = contractDiscount(terms.row);
  const promotion = promotionOf(index, history.row.promotion, history.row.sku, terms.currency);
  const cuts: CivilDate[] = [];
  for (const day of [contract?.from, contract?.to, promotion?.from, promotion?.to])
    if (day !== null && day !== undefined) cuts.push(day);
  return { contract, promotion, cuts: cuts.length > 1 ? cuts.sort() : cuts };
}

/** Discounts and promotions are dated: the first day and the day after the last cut segments (§5). */
function cutAt(segment: Segment, days: readonly CivilDate[]): Segment[] {
  const pieces: Segment[] = [];
  let from = segment.from;
  for (const day of days) {
    if (day <= from || day >= segment.to) continue;
    pieces.push({ ...segment, from, to: day });
    from = day;
  }
  pieces.push({ ...segment, from });
  return pieces;
}

function chargeSegments(
  terms: ContractTerms,
  history: SubcontractHistory,
  period: BillingPeriod,
  segments: readonly Segment[],
  prorated: readonly Share[],
  priced: Pricer,
  discounts: Discounts,
): Charge[] {
  const months = ratio(terms.cycle.months, 12);
  // The amount off is granted once a period: what the first segment can not bear goes on to the next.
  let promotionLeft = discounts.promotion?.amount ?? ZERO;
  const charges: Charge[] = [];
  for (const [position, segment] of segments.entries()) {
    const share = prorated[position];
    if (share === undefined || isZero(share.factor)) continue;
    const price = priced(segment.state);
    const percent = percentages(segment, discounts);
    const full = multiply(multiply(amountOf(price, segment.state.quantity), months), share.factor);
    const { exact, off } = discounted(
      full,
      [percent.line, percent.contract, percent.promotion],
      percent.promoted ? promotionLeft : ZERO,
    );
    promotionLeft = subtract(promotionLeft, off);
    const amountMinor = rounded(exact, terms.currency);
    if (amountMinor === 0) continue;
    charges.push({
      component: 'recurring',
      subcontract: history.row.subcontract,
      sku: history.row.sku,
      periodStart: period.start,
      from: segment.from,
      to: segment.to,
      quantity: segment.state.quantity,
      price,
      months: terms.cycle.months,
      share,
      lineDiscount: percent.line,
      contractDiscount: percent.contract,
      promotion:
        percent.promoted && discounts.promotion !== null
          ? { name: discounts.promotion.name, percent: percent.promotion, off }
          : null,
      exact,
      amountMinor,
    });
  }
  return charges;
}

function percentages(segment: Segment, discounts: Discounts) {
  const { contract, promotion } = discounts;
  const promoted = promotion !== null && inForce(promotion, segment.from);
  return {
    line: segment.state.discount,
    contract: contract !== null && inForce(contract, segment.from) ? contract.percent : ZERO,
    promotion: promoted ? promotion.percent : ZERO,
    promoted,
  };
}

/**
 * A full period's price of a subcontract on a day, after discounts, not prorated; zero while it is not active.
 * Findings and renewals speak of it ("a year's price").
 */
export function fullPeriodPrice(
  index: BookIndex,
  terms: ContractTerms,
  history: SubcontractHistory,
  on: CivilDate,
  options: { readonly quantity?: Fraction; readonly months?: number } = {},
): number {
  const state = stateOn(history, terms.row.contract, on);
  if (state === null || !state.active) return 0;
  const quantity = options.quantity ?? state.quantity;
  if (isZero(quantity)) return 0;
  const { contract, promotion } = discountsOf(index, terms, history);
  const price = pricer(index, terms, history.row.sku, on)(state);
  const months = options.months ?? terms.cycle.months;
  const percents = [
    state.discount,
    contract !== null && inForce(contract, on) ? contract.percent : ZERO,
    promotion !== null && inForce(promotion, on) ? promotion.percent : ZERO,
  ];
  const full = multiply(amountOf(price, quantity), ratio(months, 12));
  return rounded(
    percents.reduce((amount, percent) => multiply(amount, remaining(percent)), full),
    terms.currency,
  );
}

/** What holds for a subcontract on a contract on a day; null where the contract does not cover it then. */
export function stateOn(
  history: SubcontractHistory,
  contract: string,
  on: CivilDate,
): TermState | null {
  for (const ownership of history.ownerships) {
    if (ownership.contract !== contract || on < ownership.from || on >= ownership.to) continue;
    let found: TermState | null = null;
    for (const state of ownership.states) if (state.from <= on) found = state;
    return found;
  }
  return null;
}
