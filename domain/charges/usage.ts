/** Metered usage above what is included, charged in arrears (billing rules §3). */
import type { BookIndex } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import type { CivilDate } from '../dates/dates.ts';
import { civilDateIn } from '../dates/time-zones.ts';
import { add, compare, type Fraction, fraction, subtract, ZERO } from '../money/decimal.ts';
import { policyOf } from '../policies/policies.ts';
import { type Charge, rounded } from './charge.ts';
import type { ContractTerms } from './contract-terms.ts';
import { contractDiscount, inForce, type Promotion, promotionOf } from './discounts.ts';
import type { BillingPeriod } from './periods.ts';
import { agreedPrice, amountOf, discounted, listPrice, type Price } from './pricing.ts';
import { soldOn } from './seller.ts';
import {
  isKnown,
  type Knowledge,
  ownerOn,
  type SubcontractHistory,
  type TermState,
} from './subcontract-history.ts';

interface Metered {
  readonly event: Row<'usage'>;
  readonly on: CivilDate;
}

/** Civil dates of events by time zone: a run asks for the same ones again for every period. */
const DAYS = new WeakMap<Row<'usage'>, { readonly zone: string; readonly on: CivilDate }>();

function dayOf(event: Row<'usage'>, zone: string): CivilDate {
  const known = DAYS.get(event);
  if (known?.zone === zone) return known.on;
  const on = civilDateIn(event.at, zone);
  DAYS.set(event, { zone, on });
  return on;
}

/** The zone in which a due day is decided: the entity's, or the account's by policy (§3). */
function zoneOf(index: BookIndex, terms: ContractTerms, asOf: CivilDate): string {
  const own = policyOf(index, terms.scope, 'time_zone', asOf) === 'account';
  return (own ? terms.billingAccount.timeZone : null) ?? soldOn(index, terms, asOf).timeZone;
}

/** The usage events of a subcontract that count up to a day, each with its civil date in the seller's time zone. */
export function meteredBy(
  index: BookIndex,
  terms: ContractTerms,
  subcontract: string,
  knowledge: Knowledge,
): Metered[] {
  const events = index.usageOf.get(subcontract) ?? [];
  const zone = zoneOf(index, terms, knowledge.asOf);
  return events
    .map((event) => ({ event, on: dayOf(event, zone) }))
    .filter(({ on }) => on <= knowledge.asOf && isKnown(knowledge, null, on))
    .sort((a, b) =>
      a.on === b.on ? (a.event.event < b.event.event ? -1 : 1) : a.on < b.on ? -1 : 1,
    );
}

/**
 * The charges of each metric with usage above the included quantity of the period, its tiers counted on that excess. After
 * a move, an event is charged by the contract that the subcontract was on that day. A period in which the contract covers
 * nothing of the subcontract is no billing period of it.
 */
export function usageCharges(
  index: BookIndex,
  terms: ContractTerms,
  history: SubcontractHistory,
  period: BillingPeriod,
  knowledge: Knowledge,
): Charge[] {
  const { row } = history;
  const { contract } = terms.row;
  const covered = history.ownerships.some(
    (stay) =>
      stay.contract === contract && stay.from < period.cycleEnd && stay.to > period.cycleStart,
  );
  if (!covered) return [];
  const inPeriod = meteredBy(index, terms, row.subcontract, knowledge).filter(
    ({ on }) =>
      on >= period.start && on < period.cycleEnd && ownerOn(history, row, on) === contract,
  );
  const metrics = [...new Set(inPeriod.map(({ event }) => event.metric))].sort();
  return metrics.flatMap((metric) => {
    const events = inPeriod.filter(({ event }) => event.metric === metric);
    return metricCharges({ index, terms, history, period, metric, events });
  });
}

interface MetricContext {
  readonly index: BookIndex;
  readonly terms: ContractTerms;
  readonly history: SubcontractHistory;
  readonly period: BillingPeriod;
  readonly metric: string;
  /** In order of their days. */
  readonly events: readonly Metered[];
}

/** What holds for usage from a day on, until the next one. */
interface Stretch {
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly price: Price;
  readonly lineDiscount: Fraction;
  readonly contractDiscount: Fraction;
  readonly promotion: Promotion | null;
}

/**
 * The excess over the included quantity grows event by event; each stretch of unchanged terms is charged what the excess
 * grew in it, so that tiers count over the whole period.
 */
function metricCharges(context: MetricContext): Charge[] {
  const { terms, history, period, metric, events } = context;
  const { row } = history;
  const included = row.includedQuantity === null ? ZERO : fraction(row.includedQuantity);
  let quantity = ZERO;
  let before = ZERO;
  let left: Fraction | null = null;
  const charges: Charge[] = [];
  for (const stretch of stretchesOf(context)) {
    const within = events.filter(({ on }) => on >= stretch.from && on < stretch.to);
    if (within.length === 0) continue;
    quantity = within.reduce((sum, { event }) => add(sum, fraction(event.quantity)), quantity);
    const after = above(quantity, included);
    const { price, lineDiscount, contractDiscount: contractPercent, promotion } = stretch;
    const grown = subtract(amountOf(price, after), amountOf(price, before));
    left ??= promotion?.amount ?? null;
    const { exact, off } = discounted(
      grown,
      [lineDiscount, contractPercent, promotion?.percent ?? ZERO],
      promotion === null ? ZERO : (left ?? ZERO),
    );
    if (left !== null) left = subtract(left, off);
    const excess = subtract(after, before);
    before = after;
    const amountMinor = rounded(exact, terms.currency);
    if (amountMinor === 0) continue;
    charges.push({
      component: 'usage',
      subcontract: row.subcontract,
      sku: metric,
      periodStart: period.start,
      from: stretch.from,
      to: stretch.to,
      quantity: excess,
      price,
      months: null,
      share: null,
      lineDiscount,
      contractDiscount: contractPercent,
      promotion:
        promotion === null ? null : { name: promotion.name, percent: promotion.percent, off },
      exact,
      amountMinor,
      metered: { quantity, included, events: within.map(({ event }) => event.event) },
    });
  }
  return charges;
}

function above(quantity: Fraction, included: Fraction): Fraction {
  return compare(quantity, included) <= 0 ? ZERO : subtract(quantity, included);
}

/** The period cut where the agreed price or a discount changes; a list price never cuts (§5). */
function stretchesOf(context: MetricContext): Stretch[] {
  const { index, terms, history, period, metric } = context;
  const { row } = history;
  // The subcontract's own price and promotion are those of its own product; another metric has the price list's.
  const own = metric === row.sku;
  const states = own
    ? history.ownerships.filter((o) => o.contract === terms.row.contract).flatMap((o) => o.states)
    : [];
  const contract = contractDiscount(terms.row);
  const promotion = own ? promotionOf(index, row.promotion, row.sku, terms.currency) : null;
  const cuts = [contract?.from, contract?.to, promotion?.from, promotion?.to]
    .concat(priceChanges(states))
    .filter((day): day is CivilDate => day !== null && day !== undefined)
    .filter((day) => day > period.start && day < period.cycleEnd);
  const days = [...new Set([period.start, ...cuts])].sort();
  let list: Price | null = null;
  return days.map((from, position) => {
    const state = states.filter((candidate) => candidate.from <= from).at(-1) ?? states[0];
    const agreed = state?.price ?? null;
    if (agreed === null)
      list ??= listPrice(index, terms.row.priceList, metric, terms.currency, period.start);
    return {
      from,
      to: days[position + 1] ?? period.cycleEnd,
      price: agreed === null ? (list as Price) : agreedPrice(agreed),
      lineDiscount: state?.discount ?? ZERO,
      contractDiscount: contract !== null && inForce(contract, from) ? contract.percent : ZERO,
      promotion: promotion !== null && inForce(promotion, from) ? promotion : null,
    };
  });
}

/** The days on which the price or the line discount changes; the quantity of seats does not touch usage. */
function priceChanges(states: readonly TermState[]): CivilDate[] {
  const days: CivilDate[] = [];
  for (const [position, state] of states.entries()) {
    const last = states[position - 1];
    if (last === undefined) continue;
    const samePrice =
      last.price === null || state.price === null
        ? last.price === state.price
        : compare(last.price, state.price) === 0;
    if (!samePrice || compare(last.discount, state.discount) !== 0) days.push(state.from);
  }
  return days;
}
