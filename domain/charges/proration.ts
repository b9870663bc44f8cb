/** Proration policies: which share of a full period's price a segment bears (billing rules §3). */
import { addMonths, type CivilDate, dayNumber, daysBetween, later, parts } from '../dates/dates.ts';
import { type Fraction, ONE, ratio, ZERO } from '../money/decimal.ts';
import type { PolicyValue } from '../policies/policies.ts';
import type { BillingPeriod, Cycle } from './periods.ts';

export type Proration = PolicyValue<'proration'>;

/** A stretch of days; half-open. */
export interface DayRange {
  readonly from: CivilDate;
  readonly to: CivilDate;
}

export interface Share {
  readonly factor: Fraction;
  /** As people read it: "14/365", "3/12", "1". */
  readonly words: string;
}

/** 30E/360: every month has thirty days, the 31st counts as the 30th. */
export function days30E360(from: CivilDate, to: CivilDate): number {
  const serial = (date: CivilDate) => {
    const { year, month, day } = parts(date);
    return year * 360 + month * 30 + (day === 31 ? 30 : day);
  };
  return serial(to) - serial(from);
}

/**
 * The share of each active segment of one period, in their order. Segments do not overlap and lie within the period's
 * cycle; the denominator is always the whole cycle, unclamped by the term.
 */
export function shares(
  policy: Proration,
  cycle: Cycle,
  period: BillingPeriod,
  segments: readonly DayRange[],
): Share[] {
  switch (policy) {
    case 'daily':
      return segments.map(({ from, to }) =>
        share(daysBetween(from, to), daysBetween(period.cycleStart, period.cycleEnd)),
      );
    case 'thirty360':
      return segments.map(({ from, to }) =>
        share(days30E360(from, to), days30E360(period.cycleStart, period.cycleEnd)),
      );
    case 'none':
      return segments.map((_, position) => share(position === 0 ? 1 : 0, 1));
    case 'whole-months':
      return monthsOwned(cycle, period, segments).map((months) => share(months, cycle.months));
  }
}

function share(part: number, whole: number): Share {
  if (part === whole) return { factor: ONE, words: '1' };
  return part === 0
    ? { factor: ZERO, words: '0' }
    : { factor: ratio(part, whole), words: `${part}/${whole}` };
}

/** A month of the period belongs to the segment that is active on its first active day. */
function monthsOwned(cycle: Cycle, period: BillingPeriod, segments: readonly DayRange[]): number[] {
  const owned = segments.map(() => 0);
  for (let month = 0; month < cycle.months; month += 1) {
    const offset = period.number * cycle.months + month;
    const begin = addMonths(cycle.anchor, offset);
    const end = addMonths(cycle.anchor, offset + 1);
    let first = -1;
    let firstDay = Number.POSITIVE_INFINITY;
    for (const [position, segment] of segments.entries()) {
      const day = later(segment.from, begin);
      if (day < end && day < segment.to && dayNumber(day) < firstDay) {
        first = position;
        firstDay = dayNumber(day);
      }
    }
    if (first >= 0) owned[first] = (owned[first] ?? 0) + 1;
  }
  return owned;
}
