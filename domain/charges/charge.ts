/** A charge: what should be billed for one subcontract segment in one period (glossary), and how it explains itself. */
import type { Explanation } from '../bill-run/document.ts';
import { addDays, type CivilDate } from '../dates/dates.ts';
import { compare, type Fraction, isZero, toDecimal, ZERO } from '../money/decimal.ts';
import { formatMinor, toMinor } from '../money/money.ts';
import type { Price, Tier } from './pricing.ts';
import type { Share } from './proration.ts';

export type Component = 'recurring' | 'one-off' | 'usage';

export interface Charge {
  readonly component: Component;
  readonly subcontract: string;
  readonly sku: string;
  /** The billing period's start: with the subcontract, component and `from` it is the charge's key (§1). */
  readonly periodStart: CivilDate;
  /** The days that are paid for; half-open. */
  readonly from: CivilDate;
  readonly to: CivilDate;
  readonly quantity: Fraction;
  readonly price: Price;
  /** Months of the period over 12; null for what is charged once or metered. */
  readonly months: number | null;
  readonly share: Share | null;
  readonly lineDiscount: Fraction;
  readonly contractDiscount: Fraction;
  readonly promotion: {
    readonly name: string;
    readonly percent: Fraction;
    readonly off: Fraction;
  } | null;
  /** Exact, in the major unit, after all discounts. */
  readonly exact: Fraction;
  /** Rounded once, in minor units: net, or gross where the price list includes tax. */
  readonly amountMinor: number;
  /** Usage only: what was metered and what of it is included. */
  readonly metered?: {
    readonly quantity: Fraction;
    readonly included: Fraction;
    readonly events: readonly string[];
  };
}

export function isTaxInclusive(charge: Charge): boolean {
  return charge.price.taxInclusive;
}

/** The unit price that a line shows: the only or reached tier's; of a graduated price the first, its explanation has them all. */
export function shownUnitPrice(charge: Charge): string {
  const [only, second] = charge.price.tiers;
  if (only === undefined) return '0';
  if (second === undefined) return toDecimal(only.unitPrice);
  if (charge.price.model === 'volume')
    return toDecimal(reached(charge.price.tiers, charge.quantity));
  return toDecimal(only.unitPrice);
}

function reached(tiers: readonly Tier[], quantity: Fraction): Fraction {
  let price = tiers[0]?.unitPrice ?? ZERO;
  for (const tier of tiers) if (compare(quantity, tier.from) >= 0) price = tier.unitPrice;
  return price;
}

const RULES: Readonly<Record<Component, string>> = {
  recurring: 'recurring charge, billing rules §3',
  'one-off': 'one-off charge, billing rules §3',
  usage: 'usage above the included quantity, billing rules §3',
};

/** The derivation of a charge: its inputs and the arithmetic, in words and numbers. */
export function explainCharge(charge: Charge, currency: string, productName: string): Explanation {
  const quantity = toDecimal(charge.quantity);
  const unitPrice = shownUnitPrice(charge);
  const inputs: Record<string, string> = {
    quantity,
    unitPrice,
    priceSource: charge.price.source === 'agreed' ? 'agreed price' : 'price list',
    days: `${charge.from} to ${addDays(charge.to, -1)}`,
  };
  const factors = [tierWords(charge) ?? `${quantity} × ${unitPrice}`];
  if (charge.months !== null) {
    inputs.months = String(charge.months);
    if (charge.months !== 12) factors.push(`${charge.months}/12`);
  }
  if (charge.share !== null && charge.share.words !== '1') {
    inputs.share = charge.share.words;
    factors.push(charge.share.words);
  }
  discountFactor('lineDiscountPercent', charge.lineDiscount, inputs, factors);
  discountFactor('contractDiscountPercent', charge.contractDiscount, inputs, factors);
  let off = '';
  if (charge.promotion !== null) {
    inputs.promotion = charge.promotion.name;
    discountFactor('promotionPercent', charge.promotion.percent, inputs, factors);
    if (!isZero(charge.promotion.off)) off = ` − ${toDecimal(charge.promotion.off)}`;
  }
  if (charge.metered !== undefined) {
    inputs.metered = toDecimal(charge.metered.quantity);
    inputs.included = toDecimal(charge.metered.included);
  }
  const amount = formatMinor(charge.amountMinor, currency);
  return {
    rule: RULES[charge.component],
    words: `${productName}: ${quantity} at ${unitPrice} ${currency}, ${inputs.days}`,
    inputs,
    arithmetic: `${factors.join(' × ')}${off} = ${toDecimal(charge.exact)} → ${amount} ${currency}`,
  };
}

function tierWords(charge: Charge): string | null {
  if (charge.price.model !== 'graduated' || charge.price.tiers.length < 2) return null;
  const tiers = charge.price.tiers.map(
    (t) => `from ${toDecimal(t.from)}: ${toDecimal(t.unitPrice)}`,
  );
  return `[${toDecimal(charge.quantity)} graduated, ${tiers.join('; ')}]`;
}

function discountFactor(
  name: string,
  percent: Fraction,
  inputs: Record<string, string>,
  factors: string[],
): void {
  if (isZero(percent)) return;
  inputs[name] = toDecimal(percent);
  factors.push(`(1 − ${toDecimal(percent)} %)`);
}

/** Rounds an exact amount once, at the end of a charge (§2). */
export function rounded(exact: Fraction, currency: string): number {
  return toMinor(exact, currency);
}
