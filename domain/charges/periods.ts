/** Billing periods of a contract, anchored on its anchor date (billing rules §3). Half-open: `end` is the first day after. */
import { addMonths, type CivilDate, later, monthNumber } from '../dates/dates.ts';

/** What a contract's periods follow from. */
export interface Cycle {
  readonly anchor: CivilDate;
  /** Months of one period: 1, 3, 6, 12, 12·y. */
  readonly months: number;
  /** The contract's start: no period begins earlier. */
  readonly contractStart: CivilDate;
  /** Periods that were asked for before, by number: each subcontract of a contract asks for the same ones. */
  readonly known: Map<number, BillingPeriod>;
}

export interface BillingPeriod {
  /** The period's number, counted from the anchor; may be negative. */
  readonly number: number;
  /** The later of the cycle's start and the contract's start. */
  readonly start: CivilDate;
  /** The whole, unclamped cycle that prorating divides by. */
  readonly cycleStart: CivilDate;
  readonly cycleEnd: CivilDate;
}

const FREQUENCIES: Readonly<Record<string, number>> = {
  monthly: 1,
  quarterly: 3,
  semiannual: 6,
  annual: 12,
};

/** Months of a billing frequency ("quarterly", "3 years"); null where the text is no frequency. */
export function frequencyMonths(frequency: string): number | null {
  const known = FREQUENCIES[frequency.trim().toLowerCase()];
  if (known !== undefined) return known;
  const years = /^(\d{1,2})\s*years?$/i.exec(frequency.trim());
  const count = Number(years?.[1] ?? 0);
  return count > 0 ? 12 * count : null;
}

export function cycleOf(anchor: CivilDate, months: number, contractStart: CivilDate): Cycle {
  return { anchor, months, contractStart, known: new Map() };
}

export function periodByNumber(cycle: Cycle, number: number): BillingPeriod {
  let period = cycle.known.get(number);
  if (period === undefined) {
    const cycleStart = addMonths(cycle.anchor, number * cycle.months);
    period = {
      number,
      start: later(cycleStart, cycle.contractStart),
      cycleStart,
      cycleEnd: addMonths(cycle.anchor, (number + 1) * cycle.months),
    };
    cycle.known.set(number, period);
  }
  return period;
}

/** The period whose cycle contains a day. */
export function periodContaining(cycle: Cycle, day: CivilDate): BillingPeriod {
  const monthsApart = monthNumber(day) - monthNumber(cycle.anchor);
  const offset = ((monthsApart % cycle.months) + cycle.months) % cycle.months;
  let period = periodByNumber(cycle, (monthsApart - offset) / cycle.months);
  // Month ends clamp, so the estimate by months may be one period off.
  while (period.cycleStart > day) period = periodByNumber(cycle, period.number - 1);
  while (period.cycleEnd <= day) period = periodByNumber(cycle, period.number + 1);
  return period;
}
