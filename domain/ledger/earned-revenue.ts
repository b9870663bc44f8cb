/** The earned part of a line, straight-line by day (billing rules §10). */
import { type CivilDate, daysBetween } from '../dates/dates.ts';
import { ratio, roundHalfAway } from '../money/decimal.ts';
import { safeMinor } from '../money/money.ts';

/** A line as its revenue is earned: over its period, or at once on `on` where it has none. */
export interface EarningLine {
  readonly net: number;
  readonly periodStart: CivilDate | null;
  /** Inclusive. */
  readonly periodEnd: CivilDate | null;
  /** The day on which a line without a period is earned: delivery or issue. */
  readonly on: CivilDate;
}

/** What of a line's net is earned through a day (inclusive), in minor units; the last day takes the exact rest. */
export function earnedThrough(line: EarningLine, through: CivilDate): number {
  const { net, periodStart, periodEnd, on } = line;
  if (periodStart === null || periodEnd === null || periodEnd < periodStart)
    return through >= on ? net : 0;
  if (through < periodStart) return 0;
  if (through >= periodEnd) return net;
  const days = daysBetween(periodStart, periodEnd) + 1;
  const passed = daysBetween(periodStart, through) + 1;
  return safeMinor(roundHalfAway(ratio(BigInt(net) * BigInt(passed), days)));
}
