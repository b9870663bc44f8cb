/** A date given on the command line. */
import { InvalidArgumentError } from 'commander';
import { isCivilDate } from '../domain/dates/dates.ts';

/** @throws InvalidArgumentError (exit 2) where the text is no date of the calendar. */
export function dateOption(value: string): string {
  if (!isCivilDate(value))
    throw new InvalidArgumentError('it must be a date of the calendar, YYYY-MM-DD');
  return value;
}
