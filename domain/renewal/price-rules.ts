/**
 * What the next term costs (billing rules §9): the same, a fixed percentage more, by an index, the
 * list's, negotiated.
 */
import { addMonths, type CivilDate, monthOf } from '../dates/dates.ts';
import {
  add,
  compare,
  divide,
  type Fraction,
  fraction,
  MAX_DECIMALS,
  multiply,
  ONE,
  ratio,
  signOf,
  subtract,
  toDecimal,
} from '../money/decimal.ts';
import { exponentOf } from '../money/money.ts';
import { Refusal } from '../refusal.ts';

export type PriceRule =
  | { readonly rule: 'none' }
  | { readonly rule: 'percent'; readonly percent: string }
  | {
      readonly rule: 'index';
      readonly index: string;
      /** The least and the most change in percent; null is unbounded. */
      readonly floor: string | null;
      readonly cap: string | null;
    }
  | { readonly rule: 'list' };

export interface IndexValue {
  /** YYYY-MM */
  readonly month: string;
  readonly value: string;
}

/** A rule worked out for a contract's next term: the factor that every price takes, in words. */
export type PriceChange =
  | { readonly kind: 'factor'; readonly factor: Fraction; readonly words: string }
  | { readonly kind: 'list'; readonly words: string };

/**
 * @param values of the rule's index; what lies after `asOf` does not count
 * @param months of the term, so that the index is compared over as long a time (at least a year)
 */
export function priceChange(
  rule: PriceRule,
  values: readonly IndexValue[],
  months: number,
  asOf: CivilDate,
): PriceChange {
  switch (rule.rule) {
    case 'none':
      return { kind: 'factor', factor: ONE, words: 'same price' };
    case 'percent': {
      const percent = fraction(rule.percent);
      return { kind: 'factor', factor: factorOf(percent), words: `${signed(percent)} % as agreed` };
    }
    case 'list':
      return { kind: 'list', words: 'price list' };
    case 'index':
      return indexChange(rule, values, Math.max(12, months), asOf);
  }
}

/**
 * @throws Refusal `index-missing` where a month is not there: a missing value is never no change.
 */
function indexChange(
  rule: Extract<PriceRule, { rule: 'index' }>,
  values: readonly IndexValue[],
  months: number,
  asOf: CivilDate,
): PriceChange {
  const latest = values
    .filter(({ month }) => month <= monthOf(asOf))
    .reduce<IndexValue | null>((a, b) => (a === null || b.month > a.month ? b : a), null);
  const oldest = monthOf(addMonths(asOf, -12));
  if (latest === null || latest.month < oldest)
    throw missing(`index ${rule.index} has no value from ${oldest} to ${monthOf(asOf)}`);
  const baseMonth = monthOf(addMonths(`${latest.month}-01`, -months));
  const base = values.find(({ month }) => month === baseMonth);
  if (base === undefined || signOf(fraction(base.value)) <= 0)
    throw missing(
      `index ${rule.index} has no value for ${baseMonth}, to compare ${latest.month} with`,
    );
  const quotient = divide(fraction(latest.value), fraction(base.value));
  const change = multiply(subtract(quotient, ONE), ratio(100, 1));
  const bounded = clamp(change, rule);
  const bound = compare(bounded, change) === 0 ? '' : `, bounded to ${signed(bounded)} %`;
  const words =
    `index ${rule.index}: ${latest.value} (${latest.month}) ÷ ${base.value} (${base.month}) = ` +
    `${signed(change)} %${bound}`;
  return { kind: 'factor', factor: factorOf(bounded), words };
}

function missing(what: string): Refusal {
  return new Refusal('index-missing', `${what}; add the value, or negotiate the price`);
}

function clamp(
  change: Fraction,
  { floor, cap }: { readonly floor: string | null; readonly cap: string | null },
): Fraction {
  const low = floor === null ? null : fraction(floor);
  const high = cap === null ? null : fraction(cap);
  if (low !== null && high !== null && compare(low, high) > 0)
    throw new Refusal('price-rule-invalid', `the floor of ${floor} % is above the cap of ${cap} %`);
  if (low !== null && compare(change, low) < 0) return low;
  return high !== null && compare(change, high) > 0 ? high : change;
}

function factorOf(percent: Fraction): Fraction {
  return add(ONE, multiply(percent, ratio(1, 100)));
}

function signed(percent: Fraction): string {
  return `${signOf(percent) >= 0 ? '+' : ''}${toDecimal(percent, 2)}`;
}

/**
 * A unit price after a factor, rounded once, to as many decimals as it was agreed in, at least the
 * currency's: 33.33 and 3 % is 34.33, and 0.0125 keeps four. The same price stays to the last
 * decimal.
 */
export function raisedUnitPrice(old: Fraction, factor: Fraction, currency: string): Fraction {
  const written = toDecimal(old).split('.')[1]?.length ?? 0;
  const decimals =
    compare(factor, ONE) === 0 ? MAX_DECIMALS : Math.max(exponentOf(currency), written);
  return fraction(toDecimal(multiply(old, factor), decimals));
}
