/** Closed periods: nothing is posted into them; what belongs there goes to the first open day (billing rules §10). */
import { addDays, type CivilDate, endOfMonth, monthOf } from '../dates/dates.ts';

/** What is closed of an entity's books. */
export interface Closed {
  /** The last closed day, all days before it included; null where no day was closed. */
  readonly through: CivilDate | null;
  /** Months that were closed by name, `YYYY-MM`. */
  readonly months: ReadonlySet<string>;
}

/** The day itself where it is open, else the first open day after it. */
export function firstOpenDay(day: CivilDate, { through, months }: Closed): CivilDate {
  let open = through !== null && day <= through ? addDays(through, 1) : day;
  while (months.has(monthOf(open))) open = addDays(endOfMonth(open), 1);
  return open;
}
