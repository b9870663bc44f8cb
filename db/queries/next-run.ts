/** When the next bill run is. */
import { addMonths } from '../../domain/dates/dates.ts';
import type { Db } from '../connect.ts';
import { getRun } from './billing.ts';

const RUN_DAY = '15';

/** The day of the next run: this month's while it is not over, else the next month's. */
export async function nextRunDay(db: Db, today: string): Promise<string> {
  const thisMonth = await getRun(db, today.slice(0, 7));
  const passed = thisMonth?.state === 'issued' || today.slice(8) > RUN_DAY;
  return passed && thisMonth?.state !== 'in_review' && thisMonth?.state !== 'submitted'
    ? addMonths(`${today.slice(0, 7)}-${RUN_DAY}`, 1)
    : `${today.slice(0, 7)}-${RUN_DAY}`;
}
