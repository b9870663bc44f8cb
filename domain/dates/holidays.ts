/**
 * An entity's public holidays: the policy `holidays`, dated data like any other (billing rules §4: mail of a run leaves on a
 * business day). Days between blanks, commas or semicolons: `2027-03-26` is that day alone, `12-25` the day of every year.
 * `weekend=fri+sat` says which days of the week nobody works, where they are not Saturday and Sunday; `weekend=none` that all
 * are worked.
 */
import { Refusal } from '../refusal.ts';
import { addDays, type CivilDate, isCivilDate, parts, weekday } from './dates.ts';

const DAY_OF_EVERY_YEAR = /^\d{2}-\d{2}$/;
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const WEEKEND = /^weekend=(none|[a-z]{3}(?:\+[a-z]{3})*)$/;
/** Saturday and Sunday, as {@link weekday} counts. */
const USUAL_WEEKEND: readonly number[] = [6, 7];

function wordsOf(text: string | null): string[] {
  return (text ?? '').split(/[\s,;]+/).filter((one) => one !== '');
}

/** The days of the week on which the seller does not work; at least one day is left. */
function weekendOf(text: string | null): readonly number[] {
  const said = wordsOf(text).findLast((word) => word.startsWith('weekend='));
  if (said === undefined) return USUAL_WEEKEND;
  const names = WEEKEND.exec(said)?.[1] ?? '';
  const days = names === 'none' ? [] : names.split('+').map((name) => WEEKDAYS.indexOf(name) + 1);
  if (!WEEKEND.test(said) || days.includes(0) || new Set(days).size > 6)
    throw new Refusal(
      'policy-invalid',
      `policy holidays: "${said}" is no weekend; write weekend=fri+sat, or weekend=none`,
    );
  return days;
}

/**
 * The holidays that matter for what happens from a day on: those named, and the yearly ones of that year and the next.
 * @param text null or empty: none beside weekends
 * @throws Refusal `policy-invalid` with what would be accepted.
 */
export function holidaysFrom(text: string | null, from: CivilDate): ReadonlySet<CivilDate> {
  const days = new Set<CivilDate>();
  const { year } = parts(from);
  weekendOf(text);
  for (const word of wordsOf(text).filter((one) => !one.startsWith('weekend='))) {
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
  const closed = holidaysFrom(holidays, day);
  const weekend = weekendOf(holidays);
  let next = day;
  while (weekend.includes(weekday(next)) || closed.has(next)) next = addDays(next, 1);
  return next;
}
