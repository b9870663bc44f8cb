/** The day of the whole installation. */
import { type Db, factRows } from '../db/index.ts';
import type { CivilDate } from '../domain/dates/dates.ts';
import { civilDateIn } from '../domain/dates/time-zones.ts';

/** The day of an instant (RFC 3339) in the time zone of the first seller, as on every page. */
export async function todayAt(db: Db, at: string): Promise<CivilDate> {
  const sellers = await factRows(db, 'entities');
  const [first] = sellers.sort((a, b) => (a.entity < b.entity ? -1 : 1));
  return civilDateIn(at, first?.timeZone ?? 'UTC');
}
