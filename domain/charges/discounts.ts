/** Dated discounts: the contract's percentage and promotions (billing rules §5). Percentages multiply, exactly. */
import type { BookIndex } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import { addDays, type CivilDate } from '../dates/dates.ts';
import {
  compare,
  type Fraction,
  fraction,
  hundredth,
  isZero,
  ONE,
  signOf,
  subtract,
  ZERO,
} from '../money/decimal.ts';
import { Refusal } from '../refusal.ts';

export interface DatedDiscount {
  /** Percent off; zero for a promotion of an amount only. */
  readonly percent: Fraction;
  readonly from: CivilDate | null;
  /** The first day without it; null is open. */
  readonly to: CivilDate | null;
}

export interface Promotion extends DatedDiscount {
  readonly name: string;
  /** Off once a period, not prorated, in the major unit; zero for a percentage only. */
  readonly amount: Fraction;
}

const HUNDRED = fraction(100);

/**
 * A discount in percent.
 * @throws Refusal `discount-invalid` below 0 or above 100.
 */
export function percentOf(text: string, what: string): Fraction {
  const percent = fraction(text);
  if (signOf(percent) < 0 || compare(percent, HUNDRED) > 0)
    throw new Refusal(
      'discount-invalid',
      `${what} has a discount of ${text} %; it must be 0 to 100`,
    );
  return percent;
}

/** 1 − percent/100. */
export function remaining(percent: Fraction): Fraction {
  return isZero(percent) ? ONE : subtract(ONE, hundredth(percent));
}

export function inForce(discount: DatedDiscount, on: CivilDate): boolean {
  return (
    (discount.from === null || discount.from <= on) && (discount.to === null || on < discount.to)
  );
}

export function contractDiscount(contract: Row<'contracts'>): DatedDiscount | null {
  if (contract.discountPercent === null) return null;
  return {
    percent: percentOf(contract.discountPercent, `contract ${contract.contract}`),
    from: contract.discountFrom,
    to: contract.discountTo === null ? null : addDays(contract.discountTo, 1),
  };
}

/**
 * The promotion of a subcontract; null where it has none or the promotion is for other SKUs.
 * @throws Refusal where the promotion is unknown or takes off an amount in another currency.
 */
export function promotionOf(
  index: BookIndex,
  name: string | null,
  sku: string,
  currency: string,
): Promotion | null {
  if (name === null) return null;
  const promotion = index.promotions.get(name);
  if (promotion === undefined)
    throw new Refusal(
      'promotion-unknown',
      `the book has no promotion ${name}; add it to promotions`,
    );
  if (promotion.skus !== null && promotion.skus.length > 0 && !promotion.skus.includes(sku))
    return null;
  if (promotion.amount !== null && promotion.currency !== null && promotion.currency !== currency)
    throw new Refusal(
      'promotion-currency',
      `promotion ${promotion.promotion} takes off an amount in ${promotion.currency}, the contract is in ${currency}`,
    );
  return {
    name: promotion.promotion,
    percent: percentOf(promotion.percent ?? '0', `promotion ${promotion.promotion}`),
    amount: promotion.amount === null ? ZERO : fraction(promotion.amount),
    from: promotion.validFrom,
    to: promotion.validTo === null ? null : addDays(promotion.validTo, 1),
  };
}
