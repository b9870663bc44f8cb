/**
 * An entity's public holidays: the policy `holidays`, dated data like any other (billing rules §4: mail of a run leaves on a
 * business day). Days between blanks, commas or semicolons: `2027-03-26` is that day alone, `12-25` the day of every year.
 */
import { Refusal } from '../refusal.ts';
import { type CivilDate, isCivilDate, nextBusinessDay, parts } from './dates.ts';

const DAY_OF_EVERY_YEAR = /^\d{2}-\d{2}$/;

/**
 * The holidays that matter for what happens from a day on: those named, and the yearly ones of that year and the next.
 * @param text null or empty: none beside weekends
 * @throws Refusal `policy-invalid` with what would be accepted.
 */
export function holidaysFrom(text: string | null, from: CivilDate): ReadonlySet<CivilDate> {
  const days = new Set<CivilDate>();
  const { year } = parts(from);
  for (const word of (text ?? '').split(/[\s,;]+/).filter((one) => one !== '')) {
    const yearly = DAY_OF_EVERY_YEAR.test(word);
    // 02-29 is a day of leap years only; 2028 is one.
    if (!isCivilDate(yearly ? `2028-${word}` : word))
      throw new Refusal(
        'policy-invalid',
        `policy holidays: "${word}" is no day; write 2027-03-26, or 12-25 for every year`,
      );
    if (!yearly) days.add(word);
    else for (const of of [year, year + 1]) days.add(`${String(of).padStart(4, '0')}-${word}`);
  }
  return days;
}

/** The day itself where the seller works on it, else the next day on which it does. */
export function nextWorkingDay(day: CivilDate, holidays: string | null): CivilDate {
  return nextBusinessDay(day, holidaysFrom(holidays, day));
}
