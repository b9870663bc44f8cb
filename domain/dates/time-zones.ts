/** From instants to civil dates, in a named time zone. The only place in domain/ where time zones exist. */
import { Temporal } from 'temporal-polyfill';
import type { CivilDate } from './dates.ts';

/**
 * The civil date of an RFC 3339 instant in an IANA time zone; a plain date is its own answer.
 * @throws RangeError where the text is no instant or the zone is unknown: input is checked at the border.
 */
export function civilDateIn(instant: string, timeZone: string): CivilDate {
  if (instant.length === 10) return instant;
  return Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

/** The first instant of a civil date in a time zone, in milliseconds since the epoch (DST gaps move forward). */
export function startOfDayMs(date: CivilDate, timeZone: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime(timeZone).epochMilliseconds;
}
