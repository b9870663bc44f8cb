/** Prices: the agreed one, or the list's with its tiers (billing rules §5). All exact, in the major unit. */
import type { BookIndex } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import type { CivilDate } from '../dates/dates.ts';
import {
  add,
  compare,
  type Fraction,
  fraction,
  isZero,
  multiply,
  normalizeDecimal,
  ONE,
  signOf,
  subtract,
  ZERO,
} from '../money/decimal.ts';
import { Refusal } from '../refusal.ts';
import { remaining } from './discounts.ts';

export interface Tier {
  /** The quantity from which the tier's price is reached. */
  readonly from: Fraction;
  readonly unitPrice: Fraction;
}

/** How a quantity is priced. */
export interface Price {
  readonly source: 'agreed' | 'list';
  readonly tiers: readonly Tier[];
  readonly model: 'volume' | 'graduated';
  readonly taxInclusive: boolean;
}

/** A price that was agreed for the subcontract: one tier, tax exclusive. */
export function agreedPrice(unitPrice: Fraction): Price {
  return {
    source: 'agreed',
    tiers: [{ from: ZERO, unitPrice }],
    model: 'volume',
    taxInclusive: false,
  };
}

/**
 * The list price in force on a day (of the period's start: it never cuts a period). Of two rows for one tier the later
 * `valid_from` wins.
 * @throws Refusal `missing-price`; a missing price is never zero.
 */
export function listPrice(
  index: BookIndex,
  priceList: string | null,
  sku: string,
  currency: string,
  on: CivilDate,
): Price {
  const list = priceList ?? 'default';
  const rows = index.prices.get(list)?.get(sku)?.get(currency) ?? [];
  const price = priceIn(rows, on);
  if (price === null)
    throw new Refusal(
      'missing-price',
      `price list ${list} has no price for ${sku} in ${currency} on ${on}; add one, or a unit_price to the subcontract`,
    );
  return price;
}

type PriceRows = readonly Row<'prices'>[];

/** What rows of one list, SKU and currency say on a day, once it was asked for: a company's periods share few starts. */
const PRICES = new WeakMap<PriceRows, Map<CivilDate, Price | null>>();

function priceIn(rows: PriceRows, on: CivilDate): Price | null {
  let known = PRICES.get(rows);
  if (known === undefined) {
    known = new Map();
    PRICES.set(rows, known);
  }
  let price = known.get(on);
  if (price === undefined) {
    price = priceOn(rows, on);
    known.set(on, price);
  }
  return price;
}

function priceOn(all: PriceRows, on: CivilDate): Price | null {
  const inForce = new Map<string, Row<'prices'>>();
  for (const row of all) {
    if ((row.validFrom ?? '') > on || (row.validTo !== null && row.validTo < on)) continue;
    const tier = normalizeDecimal(row.minQuantity ?? '0');
    const other = inForce.get(tier);
    if (other === undefined || (other.validFrom ?? '') < (row.validFrom ?? ''))
      inForce.set(tier, row);
  }
  const rows = [...inForce.values()];
  if (rows.length === 0) return null;
  const tiers = rows
    .map((row) => ({ from: fraction(row.minQuantity ?? '0'), unitPrice: fraction(row.unitPrice) }))
    .sort((a, b) => compare(a.from, b.from));
  return {
    source: 'list',
    tiers,
    model: rows.some((row) => row.tier === 'graduated') ? 'graduated' : 'volume',
    taxInclusive: rows.some((row) => row.tax === 'inclusive'),
  };
}

/** A first tier "from 1" prices fractions of the first unit too. */
function startsAtZero(tier: Tier): boolean {
  return compare(tier.from, ONE) <= 0;
}

/**
 * The exact amount of a quantity for one year (recurring) or once.
 * Volume: all units at the reached price. Graduated: each unit at its own, the n-th unit at the price reached by n.
 */
export function amountOf(price: Price, quantity: Fraction): Fraction {
  if (isZero(quantity)) return ZERO;
  const [lowest] = price.tiers;
  if (lowest === undefined || !(startsAtZero(lowest) || compare(lowest.from, quantity) <= 0))
    throw new Refusal('missing-price', 'no tier of the price list covers so small a quantity');
  return price.model === 'volume'
    ? multiply(quantity, reachedPrice(price.tiers, quantity))
    : graduatedAmount(price.tiers, quantity);
}

function reachedPrice(tiers: readonly Tier[], quantity: Fraction): Fraction {
  let reached = tiers[0]?.unitPrice ?? ZERO;
  for (const tier of tiers) if (compare(tier.from, quantity) <= 0) reached = tier.unitPrice;
  return reached;
}

function graduatedAmount(tiers: readonly Tier[], quantity: Fraction): Fraction {
  let amount = ZERO;
  for (const [position, tier] of tiers.entries()) {
    const next = tiers[position + 1];
    const begin = position === 0 ? ZERO : unitsBefore(tier);
    const until = next === undefined ? quantity : unitsBefore(next);
    const end = compare(until, quantity) < 0 ? until : quantity;
    if (compare(end, begin) > 0)
      amount = add(amount, multiply(subtract(end, begin), tier.unitPrice));
  }
  return amount;
}

/** Units below a tier that starts with its n-th unit: n − 1. */
function unitsBefore(tier: Tier): Fraction {
  const before = subtract(tier.from, ONE);
  return signOf(before) < 0 ? ZERO : before;
}

/**
 * An exact amount after percentages, one after the other, and an amount off, which never takes more than there is (§5).
 * `off` is what of the amount off was granted.
 */
export function discounted(
  amount: Fraction,
  percents: readonly Fraction[],
  amountOff: Fraction,
): { readonly exact: Fraction; readonly off: Fraction } {
  let left = amount;
  for (const percent of percents) if (!isZero(percent)) left = multiply(left, remaining(percent));
  if (isZero(amountOff) || signOf(left) <= 0) return { exact: left, off: ZERO };
  const off = compare(amountOff, left) <= 0 ? amountOff : left;
  return { exact: subtract(left, off), off };
}
