/** Metered usage above what is included, charged in arrears (billing rules §3). */
import type { BookIndex } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import type { CivilDate } from '../dates/dates.ts';
import { civilDateIn } from '../dates/time-zones.ts';
import { add, fraction, multiply, subtract, ZERO } from '../money/decimal.ts';
import { type Charge, rounded } from './charge.ts';
import type { ContractTerms } from './contract-terms.ts';
import { contractDiscount, inForce, remaining } from './discounts.ts';
import type { BillingPeriod } from './periods.ts';
import { agreedPrice, amountOf, listPrice } from './pricing.ts';
import { isKnown, type Knowledge, type SubcontractHistory } from './subcontract-history.ts';

interface Metered {
  readonly event: Row<'usage'>;
  readonly on: CivilDate;
}

/** The usage events of a subcontract that count up to a day, each with its civil date in the seller's time zone. */
export function meteredBy(
  index: BookIndex,
  terms: ContractTerms,
  subcontract: string,
  knowledge: Knowledge,
): Metered[] {
  const events = index.usageOf.get(subcontract) ?? [];
  return events
    .map((event) => ({ event, on: civilDateIn(event.at, terms.timeZone) }))
    .filter(({ on }) => on <= knowledge.asOf && isKnown(knowledge, null, on))
    .sort((a, b) =>
      a.on === b.on ? (a.event.event < b.event.event ? -1 : 1) : a.on < b.on ? -1 : 1,
    );
}

/** One charge for each metric with usage above the included quantity of the period, its tiers counted on that excess. */
export function usageCharges(
  index: BookIndex,
  terms: ContractTerms,
  history: SubcontractHistory,
  period: BillingPeriod,
  knowledge: Knowledge,
): Charge[] {
  const inPeriod = meteredBy(index, terms, history.row.subcontract, knowledge).filter(
    ({ on }) => on >= period.start && on < period.cycleEnd,
  );
  const metrics = [...new Set(inPeriod.map(({ event }) => event.metric))].sort();
  return metrics.flatMap((metric) => {
    const events = inPeriod.filter(({ event }) => event.metric === metric);
    return metricCharge(index, terms, history, period, metric, events);
  });
}

function metricCharge(
  index: BookIndex,
  terms: ContractTerms,
  history: SubcontractHistory,
  period: BillingPeriod,
  metric: string,
  events: readonly Metered[],
): Charge[] {
  const { row } = history;
  const quantity = events.reduce((sum, { event }) => add(sum, fraction(event.quantity)), ZERO);
  const included = row.includedQuantity === null ? ZERO : fraction(row.includedQuantity);
  const excess = subtract(quantity, included);
  const last = events.at(-1);
  if (excess.num <= 0n || last === undefined) return [];
  // The subcontract's own price is that of its own product; another metric has the price list's.
  const own = metric === row.sku;
  const price =
    own && row.unitPrice !== null
      ? agreedPrice(fraction(row.unitPrice))
      : listPrice(index, terms.row.priceList, metric, terms.currency, period.start);
  const lineDiscount = own && row.discountPercent !== null ? fraction(row.discountPercent) : ZERO;
  const contract = contractDiscount(terms.row);
  const contractPercent = contract !== null && inForce(contract, last.on) ? contract.percent : ZERO;
  const exact = multiply(
    multiply(amountOf(price, excess), remaining(lineDiscount)),
    remaining(contractPercent),
  );
  const amountMinor = rounded(exact, terms.currency);
  if (amountMinor === 0) return [];
  return [
    {
      component: 'usage',
      subcontract: row.subcontract,
      sku: metric,
      periodStart: period.start,
      from: period.start,
      to: period.cycleEnd,
      quantity: excess,
      price,
      months: null,
      share: null,
      lineDiscount,
      contractDiscount: contractPercent,
      promotion: null,
      exact,
      amountMinor,
      metered: { quantity, included, events: events.map(({ event }) => event.event) },
    },
  ];
}
