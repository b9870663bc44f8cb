/** The day a step happens on: the test clock's where there is one, else the instant's in the seller's time zone. */
import { type Db, factRows, getClock, timeZoneFor } from '../db/index.ts';
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

/**
 * The same by selling entity, each in its own time zone, UTC for one that is not known (billing rules §3); a test clock's
 * day for all of them.
 */
export async function dayOfSellers(db: Db, moment: Moment): Promise<(entity: string) => CivilDate> {
  const { at, clock } = moment;
  const elsewhere = await dayOf(db, moment, 'UTC');
  if (clock !== null) return () => elsewhere;
  const sellers = await factRows(db, 'entities');
  const days = new Map(
    sellers.map(({ entity, timeZone }) => [entity, civilDateIn(at, timeZone ?? 'UTC')]),
  );
  return (entity) => days.get(entity) ?? elsewhere;
}

/** The day of an instant (RFC 3339) for the whole installation, as on every page. */
export async function todayAt(db: Db, at: string): Promise<CivilDate> {
  return civilDateIn(at, await timeZoneFor(db, {}));
}
