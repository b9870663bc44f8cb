/** One-off charges: license, goods, fee; once, without proration (billing rules §3). */
import type { BookIndex } from '../book/book-index.ts';
import type { CivilDate } from '../dates/dates.ts';
import { ZERO } from '../money/decimal.ts';
import { type Charge, rounded } from './charge.ts';
import type { ContractTerms } from './contract-terms.ts';
import { contractDiscount, inForce, promotionOf } from './discounts.ts';
import type { BillingPeriod } from './periods.ts';
import { agreedPrice, amountOf, discounted, listPrice } from './pricing.ts';
import type { Ownership, SubcontractHistory, TermState } from './subcontract-history.ts';

/**
 * The one charge of a one-off subcontract, or none. Price and discount are those of its start; a later change of quantity
 * changes what is owed, a later removal takes back nothing (it was delivered) unless it is marked as a correction.
 */
export function oneOffCharges(
  index: BookIndex,
  terms: ContractTerms,
  history: SubcontractHistory,
  ownership: Ownership,
  period: BillingPeriod,
  runOn: CivilDate,
): Charge[] {
  if (ownership.from > runOn) return [];
  const [first] = ownership.states;
  const last = latestBy(ownership.states, runOn);
  if (first === undefined || last === undefined || isTakenBack(ownership.states, runOn)) return [];
  const price =
    first.price === null
      ? listPrice(index, terms.row.priceList, history.row.sku, terms.currency, period.start)
      : agreedPrice(first.price);
  const contract = contractDiscount(terms.row);
  const promotion = promotionOf(index, history.row.promotion, history.row.sku, terms.currency);
  const promoted = promotion !== null && inForce(promotion, ownership.from) ? promotion : null;
  const contractPercent =
    contract !== null && inForce(contract, ownership.from) ? contract.percent : ZERO;
  const { exact, off } = discounted(
    amountOf(price, last.quantity),
    [first.discount, contractPercent, promoted?.percent ?? ZERO],
    promoted?.amount ?? ZERO,
  );
  const amountMinor = rounded(exact, terms.currency);
  if (amountMinor === 0) return [];
  return [
    {
      component: 'one-off',
      subcontract: history.row.subcontract,
      sku: history.row.sku,
      periodStart: period.start,
      from: ownership.from,
      to: ownership.to,
      quantity: last.quantity,
      price,
      months: null,
      share: null,
      lineDiscount: first.discount,
      contractDiscount: contractPercent,
      promotion: promoted === null ? null : { name: promoted.name, percent: promoted.percent, off },
      exact,
      amountMinor,
    },
  ];
}

function latestBy(states: readonly TermState[], on: CivilDate): TermState | undefined {
  return states.filter((state) => state.from <= on).at(-1);
}

/** Removed before it ever began, or removed by a correction. */
function isTakenBack(states: readonly TermState[], on: CivilDate): boolean {
  const last = latestBy(states, on);
  return last !== undefined && !last.active && (last.correction || last === states[0]);
}
