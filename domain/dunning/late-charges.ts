/**
 * Interest and fees for being late (billing rules §6): off unless agreed, simple, exact, rounded
 * once for the interest and once for the fee. Never on a late charge itself.
 */
import { addDays, addMonths, type CivilDate, daysBetween, earlier } from '../dates/dates.ts';
import {
  add,
  type Fraction,
  fraction,
  multiply,
  ratio,
  roundHalfAway,
  ZERO,
} from '../money/decimal.ts';
import { exponentOf, formatMinor, parseMinor, safeMinor } from '../money/money.ts';
import { Refusal } from '../refusal.ts';
import { GERMAN_BASE_RATES, STATUTORY_TERMS } from './statutory-rates.ts';

/** A rate in percent from a day on. */
export interface DatedRate {
  readonly validFrom: CivilDate;
  readonly percent: string;
}

export interface LateChargeTerms {
  /** Null where only a fee is agreed. */
  readonly interest: {
    /** By validFrom; the latest on or before a day holds on it. */
    readonly rates: readonly DatedRate[];
    readonly per: 'year' | 'month';
    /** daily: actual/365. started-month: every month begun counts whole, where that was agreed. */
    readonly counting: 'daily' | 'started-month';
  } | null;
  readonly fee:
    | { readonly kind: 'flat'; readonly amountMinor: number; readonly currency: string }
    | { readonly kind: 'percent'; readonly percent: string }
    | null;
  /** Interest and fee together stay at or below it, over the invoice's whole life. */
  readonly cap:
    | { readonly kind: 'flat'; readonly amountMinor: number; readonly currency: string }
    | { readonly kind: 'percent'; readonly percent: string }
    | null;
}

/** The overdue gross from a day on, after the payments and credits of that day. */
export interface OverdueBalance {
  readonly from: CivilDate;
  readonly amountMinor: number;
}

export interface LateChargeFacts {
  readonly currency: string;
  readonly dueOn: CivilDate;
  /**
   * Undisputed open gross, oldest first; the last before the due date holds on it. A single payment
   * on time leaves one entry.
   */
  readonly balances: readonly OverdueBalance[];
  /** What earlier late charges of this invoice took. */
  readonly charged: {
    readonly through: CivilDate;
    readonly interestMinor: number;
    readonly feeMinor: number;
  } | null;
}

export interface LateCharge {
  readonly interestMinor: number;
  readonly feeMinor: number;
  readonly totalMinor: number;
  /** The days, or started months, that the interest is for. */
  readonly units: number;
  readonly through: CivilDate;
  /** The arithmetic, for the document's explanation. */
  readonly words: string;
}

/**
 * The late charge of one invoice up to a day, less what was charged before, so that several charges
 * sum to what one at the end would be; null where there is none. The day after the due date is the
 * first day of interest, `asOf` the last. 100.00, 15 days, 10 % a year, fee 10: interest 0.41, fee
 * 10.00; with the invoice 110.41.
 */
export function lateCharge(
  facts: LateChargeFacts,
  terms: LateChargeTerms,
  asOf: CivilDate,
): LateCharge | null {
  if (asOf <= (facts.charged?.through ?? facts.dueOn) || asOf <= facts.dueOn) return null;
  const baseMinor = balanceOn(facts, addDays(facts.dueOn, 1));
  const { amount, units, words } = interestOf(facts, terms, asOf);
  const before = facts.charged?.interestMinor ?? 0;
  const dueInterestMinor = Math.max(0, safeMinor(roundHalfAway(amount)) - before);
  const dueFeeMinor = facts.charged === null ? feeOf(facts, terms, baseMinor) : 0;
  const room = roomUnderCap(facts, terms, baseMinor);
  const feeMinor = Math.min(dueFeeMinor, room);
  const interestMinor = Math.min(dueInterestMinor, room - feeMinor);
  const totalMinor = interestMinor + feeMinor;
  if (totalMinor <= 0) return null;
  const explained = [
    interestMinor === 0 ? '' : words,
    before === 0 ? '' : `less ${formatMinor(before, facts.currency)} charged before`,
    feeMinor === 0 ? '' : `fee ${formatMinor(feeMinor, facts.currency)}`,
    totalMinor < dueInterestMinor + dueFeeMinor ? 'up to the cap agreed' : '',
  ].filter((part) => part !== '');
  return { interestMinor, feeMinor, totalMinor, units, through: asOf, words: explained.join('; ') };
}

interface Interest {
  /** Exact, in minor units. */
  readonly amount: Fraction;
  readonly units: number;
  readonly words: string;
}

function interestOf(
  facts: LateChargeFacts,
  { interest }: LateChargeTerms,
  through: CivilDate,
): Interest {
  if (interest === null) return { amount: ZERO, units: 0, words: '' };
  return interest.counting === 'daily'
    ? dailyInterest(facts, interest, through)
    : monthlyInterest(facts, interest, through);
}

type InterestTerms = NonNullable<LateChargeTerms['interest']>;

/**
 * Actual/365, cut wherever the balance or the rate changes; a monthly rate is twelve of them a
 * year.
 */
function dailyInterest(
  facts: LateChargeFacts,
  interest: InterestTerms,
  through: CivilDate,
): Interest {
  let amount = ZERO;
  const words: string[] = [];
  for (const [first, last] of stretches(facts, interest, through)) {
    const days = daysBetween(first, last) + 1;
    const balanceMinor = balanceOn(facts, first);
    if (balanceMinor <= 0) continue;
    const percent = rateOn(interest.rates, first);
    const yearly =
      interest.per === 'year' ? fraction(percent) : multiply(fraction(percent), ratio(12, 1));
    const share = multiply(yearly, ratio(days, 36_500));
    amount = add(amount, multiply(ratio(balanceMinor, 1), share));
    const sum = formatMinor(balanceMinor, facts.currency);
    words.push(`${sum} × ${percent} % a ${interest.per} × ${days} days`);
  }
  return { amount, units: daysBetween(facts.dueOn, through), words: words.join(' + ') };
}

/** Every month begun since the due date counts whole, at the balance and rate of its first day. */
function monthlyInterest(
  facts: LateChargeFacts,
  interest: InterestTerms,
  through: CivilDate,
): Interest {
  let amount = ZERO;
  const words: string[] = [];
  const months = startedMonths(facts.dueOn, through);
  for (let month = 0; month < months; month += 1) {
    const first = addDays(addMonths(facts.dueOn, month), 1);
    const balanceMinor = balanceOn(facts, first);
    if (balanceMinor <= 0) continue;
    const percent = rateOn(interest.rates, first);
    const monthly = multiply(fraction(percent), ratio(1, interest.per === 'year' ? 1200 : 100));
    amount = add(amount, multiply(ratio(balanceMinor, 1), monthly));
    words.push(
      `${formatMinor(balanceMinor, facts.currency)} × ${percent} % a ${interest.per}, month ${month + 1}`,
    );
  }
  return { amount, units: months, words: words.join(' + ') };
}

function startedMonths(dueOn: CivilDate, on: CivilDate): number {
  let months = 0;
  while (addMonths(dueOn, months) < on) months += 1;
  return months;
}

/**
 * Inclusive stretches of days from the day after the due date, within which neither balance nor
 * rate changes.
 */
function stretches(
  facts: LateChargeFacts,
  interest: InterestTerms,
  last: CivilDate,
): [CivilDate, CivilDate][] {
  const first = addDays(facts.dueOn, 1);
  const changes = [
    ...facts.balances.map(({ from }) => from),
    ...interest.rates.map(({ validFrom }) => validFrom),
  ].filter((day) => day > first && day <= last);
  const starts = [first, ...new Set(changes)].sort();
  return starts.map((start, index) => {
    const next = starts[index + 1];
    return [start, next === undefined ? last : earlier(last, addDays(next, -1))];
  });
}

function balanceOn({ balances }: LateChargeFacts, on: CivilDate): number {
  return balances.findLast(({ from }) => from <= on)?.amountMinor ?? balances[0]?.amountMinor ?? 0;
}

/**
 * @throws Refusal `late-charge-rate` where no rate is known for the day: it is never taken as zero.
 */
export function rateOn(rates: readonly DatedRate[], on: CivilDate): string {
  const rate = rates
    .filter(({ validFrom }) => validFrom <= on)
    .reduce<DatedRate | null>(
      (latest, next) => (latest === null || next.validFrom >= latest.validFrom ? next : latest),
      null,
    );
  if (rate === null)
    throw new Refusal('late-charge-rate', `no rate of interest is known for ${on}; add one`);
  return rate.percent;
}

function feeOf({ currency }: LateChargeFacts, { fee }: LateChargeTerms, baseMinor: number): number {
  if (fee === null) return 0;
  return fee.kind === 'flat' ? inCurrency(fee, currency, 'fee') : percentOf(baseMinor, fee.percent);
}

function roomUnderCap(facts: LateChargeFacts, { cap }: LateChargeTerms, baseMinor: number): number {
  if (cap === null) return Number.MAX_SAFE_INTEGER;
  const limit =
    cap.kind === 'flat'
      ? inCurrency(cap, facts.currency, 'cap')
      : percentOf(baseMinor, cap.percent);
  const before = (facts.charged?.interestMinor ?? 0) + (facts.charged?.feeMinor ?? 0);
  return Math.max(0, limit - before);
}

function percentOf(baseMinor: number, percent: string): number {
  return safeMinor(
    roundHalfAway(multiply(multiply(fraction(percent), ratio(1, 100)), ratio(baseMinor, 1))),
  );
}

function inCurrency(
  amount: { readonly amountMinor: number; readonly currency: string },
  currency: string,
  what: string,
): number {
  if (amount.currency === currency) return amount.amountMinor;
  const reason = `the ${what} is agreed in ${amount.currency}, the invoice is in ${currency}; agree one in ${currency}`;
  throw new Refusal('late-charge-currency', `late charge: ${reason}`);
}

const RATE = /^(\d{1,3}(?:\.\d{1,6})?)\s*%\s*(?:per|a|an)\s+(started\s+)?(year|month)$/;
const AMOUNT = /^(fee|cap)\s+(\d{1,9}(?:\.\d{1,6})?)\s*(%)?$/;
/** Days before any that bills: a rate without a date holds always. */
const ALWAYS = '0001-01-01';

/**
 * What a contract's late_charge column or the policy of the same name agrees: parts between commas
 * or semicolons: `10 % a year`, `1.5 % per month`, `1 % per started month`, `fee 10`, `fee 2 %`,
 * `cap 50`, or a preset's name. Empty, `no`, `none` and `off` agree on nothing: null.
 * @param baseRates the central bank's, for presets; the company's own data where ours has grown old
 * @throws Refusal `policy-invalid` where a part is none of these.
 */
export function parseLateCharge(
  text: string,
  currency: string,
  baseRates: readonly DatedRate[] = GERMAN_BASE_RATES,
): LateChargeTerms | null {
  const written = text.trim().toLowerCase();
  if (['', 'no', 'none', 'off', 'false', '0'].includes(written)) return null;
  const preset = STATUTORY_TERMS.get(written);
  if (preset !== undefined) return preset(baseRates);
  let terms: LateChargeTerms = { interest: null, fee: null, cap: null };
  for (const part of written.split(/[,;]/).map((piece) => piece.trim()))
    terms = { ...terms, ...readPart(part, currency) };
  return terms;
}

function readPart(part: string, currency: string): Partial<LateChargeTerms> {
  const rate = RATE.exec(part);
  if (rate?.[1] !== undefined) {
    const rates = [{ validFrom: ALWAYS, percent: rate[1] }];
    const per = rate[3] === 'month' ? 'month' : 'year';
    return {
      interest: { rates, per, counting: rate[2] === undefined ? 'daily' : 'started-month' },
    };
  }
  const amount = AMOUNT.exec(part);
  if (amount?.[2] === undefined)
    throw new Refusal(
      'policy-invalid',
      `late charge: "${part}" is none of: 10 % a year, 1 % per started month, fee 10, fee 2 %, cap 50, ` +
        `${[...STATUTORY_TERMS.keys()].join(', ')}, none`,
    );
  const value =
    amount[3] === '%'
      ? ({ kind: 'percent', percent: amount[2] } as const)
      : ({ kind: 'flat', amountMinor: minorOf(amount[2], currency), currency } as const);
  return amount[1] === 'fee' ? { fee: value } : { cap: value };
}

function minorOf(major: string, currency: string): number {
  const decimals = major.split('.')[1]?.length ?? 0;
  if (decimals > exponentOf(currency))
    throw new Refusal('policy-invalid', `late charge: ${major} has more decimals than ${currency}`);
  return parseMinor(major, currency);
}
