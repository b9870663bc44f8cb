/** The day that a month's run is for, and the run that a day waits for (billing rules §4). */
import { addMonths, type CivilDate, monthOf } from '../dates/dates.ts';

/** Of every month. */
export const RUN_DAY = 15;

/** @param month `YYYY-MM` */
export function runDayOf(month: string): CivilDate {
  return `${month}-${RUN_DAY}`;
}

/** The first run's day that is not before a day: its own month's, or the next month's. */
export function runDayOnOrAfter(day: CivilDate): CivilDate {
  const sameMonth = runDayOf(monthOf(day));
  return day <= sameMonth ? sameMonth : addMonths(sameMonth, 1);
}
