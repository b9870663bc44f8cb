/**
 * Bringing a lapsed contract back (billing rules §9): the lapsed time is charged at the rate in
 * force in it, a fee on top where one is agreed, and the new term follows the old one without a
 * hole, or starts anew today.
 */
import { addDays, type CivilDate, daysBetween } from '../dates/dates.ts';
import {
  add,
  type Fraction,
  fraction,
  multiply,
  ratio,
  toDecimal,
  ZERO,
} from '../money/decimal.ts';
import { toMinor } from '../money/money.ts';
import { Refusal } from '../refusal.ts';
import { type NextTerm, type Term, termAfter } from './term.ts';

export interface LapsedSubcontract {
  readonly subcontract: string;
  /** A year's price after discounts at the rate in force on a day, exact, in the major unit. */
  readonly yearlyOn: (day: CivilDate) => Fraction;
}

export interface LapsedContract {
  readonly contract: string;
  readonly currency: string;
  /** The term that ended without renewal. */
  readonly term: Term;
  readonly anchor: CivilDate;
  /** The first day of the reinstatement. */
  readonly on: CivilDate;
  readonly subcontracts: readonly LapsedSubcontract[];
  /** Of what the lapsed time costs; the default policy is 0. */
  readonly feePercent: string;
  /**
   * follow-on: the new term starts the day after the old one. anew: it starts on the day of the
   * reinstatement.
   */
  readonly start: 'follow-on' | 'anew';
}

export interface BackCharge {
  readonly subcontract: string;
  readonly from: CivilDate;
  /** Inclusive. */
  readonly through: CivilDate;
  readonly netMinor: number;
  readonly words: string;
}

export interface Reinstatement {
  /** The term that covers the day of the reinstatement; billed like any other. */
  readonly term: NextTerm;
  /** What is charged beside it: whole lapsed terms (follow-on), or the lapsed days (anew). */
  readonly backCharges: readonly BackCharge[];
  readonly feeMinor: number;
}

/** @throws Refusal `not-lapsed` where the old term still runs: that is a renewal. */
export function reinstatement(facts: LapsedContract): Reinstatement {
  const { term: old, on, contract } = facts;
  if (on <= old.end)
    throw new Refusal('not-lapsed', `contract ${contract} runs until ${old.end}; renew it instead`);
  const cycles = lapsedCycles(facts);
  const running = cycles.at(-1) ?? termAfter(old, facts.anchor);
  const lapsedThrough = addDays(on, -1);
  const lapsed = cycles.flatMap((cycle) => chargesOf(facts, cycle, lapsedThrough));
  const cost = lapsed.reduce((sum, { exact }) => add(sum, exact), ZERO);
  const share = multiply(fraction(facts.feePercent), ratio(1, 100));
  const feeMinor = toMinor(multiply(cost, share), facts.currency);
  const billedWithTerm = (from: CivilDate) => facts.start === 'follow-on' && from >= running.start;
  const backCharges = lapsed
    .filter(({ from }) => !billedWithTerm(from))
    .map(({ exact: _, ...charge }) => charge);
  const months = running.months;
  const term =
    facts.start === 'follow-on'
      ? running
      : termAfter({ start: old.start, end: lapsedThrough }, on, months);
  return { term, backCharges, feeMinor };
}

/** The terms that would have followed, up to the one that holds the day of the reinstatement. */
function lapsedCycles({ term, anchor, on }: LapsedContract): NextTerm[] {
  const cycles: NextTerm[] = [];
  let next = termAfter(term, anchor);
  for (; next.start < on; next = termAfter(next, next.anchor, next.months)) cycles.push(next);
  return next.start === on ? [...cycles, next] : cycles;
}

interface ExactCharge extends BackCharge {
  readonly exact: Fraction;
}

/** One cycle's lapsed days of every subcontract, at the rate in force on the cycle's first day. */
function chargesOf(
  facts: LapsedContract,
  cycle: NextTerm,
  lapsedThrough: CivilDate,
): ExactCharge[] {
  const through = lapsedThrough < cycle.end ? lapsedThrough : cycle.end;
  const days = daysBetween(cycle.start, through) + 1;
  if (days <= 0) return [];
  const cycleDays = daysBetween(cycle.start, cycle.end) + 1;
  return facts.subcontracts.map(({ subcontract, yearlyOn }) => {
    const full = multiply(yearlyOn(cycle.start), ratio(cycle.months, 12));
    const exact = multiply(full, ratio(days, cycleDays));
    const words = `${toDecimal(full, 2)} for ${cycle.start} to ${cycle.end} × ${days}/${cycleDays} days`;
    return {
      subcontract,
      from: cycle.start,
      through,
      netMinor: toMinor(exact, facts.currency),
      words,
      exact,
    };
  });
}
