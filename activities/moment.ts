/** The day a step happens on: the test clock's where there is one, else the instant's in the seller's time zone. */
import { type Db, factRows, getClock } from '../db/index.ts';
import type { CivilDate } from '../domain/dates/dates.ts';
import { civilDateIn } from '../domain/dates/time-zones.ts';
import type { Moment } from '../workflows/steps.ts';
import { stepFailed } from './failures.ts';

export async function dayOf(db: Db, { at, clock }: Moment, timeZone: string): Promise<CivilDate> {
  if (clock === null) return civilDateIn(at, timeZone);
  const row = await getClock(db, clock);
  if (row === null)
    throw stepFailed(`The test clock ${clock} is gone: end what still lives on it.`);
  return row.today;
}

/** The same by selling entity, each in its own time zone; UTC for one that is not known (billing rules §3). */
export async function dayOfSellers(db: Db, moment: Moment): Promise<(entity: string) => CivilDate> {
  const days = new Map<string, CivilDate>();
  for (const { entity, timeZone } of await factRows(db, 'entities'))
    days.set(entity, await dayOf(db, moment, timeZone ?? 'UTC'));
  const elsewhere = await dayOf(db, moment, 'UTC');
  return (entity) => days.get(entity) ?? elsewhere;
}
