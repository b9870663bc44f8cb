/** When the next bill run is. */
import { runDayOf } from '../../domain/bill-run/run-day.ts';
import { addMonths, monthOf } from '../../domain/dates/dates.ts';
import type { Db } from '../connect.ts';
import { getRun } from './billing.ts';

/** The day of the next run: this month's while it is not over, else the next month's. */
export async function nextRunDay(db: Db, today: string): Promise<string> {
  const runOn = runDayOf(monthOf(today));
  const thisMonth = await getRun(db, monthOf(today));
  const passed = thisMonth?.state === 'issued' || today > runOn;
  return passed && thisMonth?.state !== 'in_review' && thisMonth?.state !== 'submitted'
    ? addMonths(runOn, 1)
    : runOn;
}
