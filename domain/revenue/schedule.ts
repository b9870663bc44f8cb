/** When a line's net is earned: straight-line by day, month by month, never in a closed month (billing rules §10). */
import { addMonths, type CivilDate, endOfMonth, later, monthOf } from '../dates/dates.ts';
import { type EarningLine, earnedThrough } from '../ledger/earned-revenue.ts';

export interface EarnedInMonth {
  /** YYYY-MM */
  readonly month: string;
  /** Minor units. */
  readonly amount: number;
}

/**
 * The months of a line's net, in order; they sum to it. What belongs to months before `openFrom` (YYYY-MM), which are
 * closed, is earned in that month.
 */
export function revenueSchedule(line: EarningLine, openFrom: string): EarnedInMonth[] {
  const spread =
    line.periodStart !== null && line.periodEnd !== null && line.periodEnd >= line.periodStart;
  const last = later(monthEnd(openFrom), spread ? (line.periodEnd ?? line.on) : line.on);
  const schedule: EarnedInMonth[] = [];
  let before = 0;
  for (let day = monthEnd(openFrom); ; day = endOfMonth(addMonths(`${monthOf(day)}-01`, 1))) {
    const earned = earnedThrough(line, day);
    if (earned !== before) schedule.push({ month: monthOf(day), amount: earned - before });
    before = earned;
    if (day >= last) return schedule;
  }
}

function monthEnd(month: string): CivilDate {
  return endOfMonth(`${month}-01`);
}
