/** Approved service time, charged in arrears by the date of approval (billing rules §3). */
import type { Explanation } from '../bill-run/document.ts';
import type { Row } from '../book/tables.ts';
import { addMonths, type CivilDate, monthOf } from '../dates/dates.ts';
import { fraction, multiply, normalizeDecimal } from '../money/decimal.ts';
import { formatMinor, toMinor } from '../money/money.ts';
import type { BillingBook } from './unbilled.ts';

export interface ServiceDifference {
  readonly entry: Row<'timesheets'>;
  readonly currency: string;
  readonly amountMinor: number;
  readonly held: boolean;
  readonly dueMonth: string | null;
  readonly explanation: Explanation;
}

/** Whether an entry is charged on a day: billable, approved by then, and not before the cut-over. */
export function isChargeable(
  entry: Row<'timesheets'>,
  asOf: CivilDate,
  billFrom: CivilDate | null,
): boolean {
  if (entry.billable === false || entry.approvedOn === null || entry.approvedOn > asOf)
    return false;
  return billFrom === null || entry.approvedOn >= billFrom;
}

/** hours × rate, rounded once. */
export function serviceAmount(entry: Row<'timesheets'>, currency: string): number {
  return toMinor(multiply(fraction(entry.hours), fraction(entry.rate)), currency);
}

/** Whether an issued line bills the entry by a day; what was credited in full is unbilled again (§1). */
export function isEntryBilled(book: BillingBook, entry: string, asOf: CivilDate): boolean {
  const lines = book.billed.ofEntry.get(entry)?.filter((line) => line.issuedOn <= asOf) ?? [];
  return lines.reduce((sum, line) => sum + line.netMinor, 0) !== 0;
}

/** The entries of a contract (or of an account without one) that a run would bill. */
export function serviceDifferences(
  book: BillingBook,
  entries: readonly Row<'timesheets'>[],
  context: {
    readonly currency: string;
    readonly billFrom: CivilDate | null;
    readonly oldFindMonths: number;
    readonly runOn: CivilDate;
  },
): ServiceDifference[] {
  const { runOn, billFrom } = context;
  const oldest = addMonths(runOn, -context.oldFindMonths);
  const previousRun = addMonths(runOn, -1);
  return [...entries]
    .sort((a, b) => (a.date === b.date ? (a.entry < b.entry ? -1 : 1) : a.date < b.date ? -1 : 1))
    .filter(
      (entry) => isChargeable(entry, runOn, billFrom) && !isEntryBilled(book, entry.entry, runOn),
    )
    .map((entry) => {
      const currency = entry.currency ?? context.currency;
      const amountMinor = serviceAmount(entry, currency);
      const approvedOn = entry.approvedOn ?? entry.date;
      const wasDue = approvedOn <= previousRun && !isEntryBilled(book, entry.entry, previousRun);
      return {
        entry,
        currency,
        amountMinor,
        held: approvedOn < oldest,
        dueMonth: wasDue ? dueMonthOf(approvedOn, runOn) : null,
        explanation: explain(entry, currency, amountMinor),
      };
    })
    .filter((difference) => difference.amountMinor !== 0);
}

/** The month of the first run on or after the approval. */
function dueMonthOf(approvedOn: CivilDate, runOn: CivilDate): string {
  const sameMonth = `${approvedOn.slice(0, 8)}${runOn.slice(8)}`;
  return approvedOn <= sameMonth
    ? monthOf(approvedOn)
    : monthOf(addMonths(`${monthOf(approvedOn)}-01`, 1));
}

function explain(entry: Row<'timesheets'>, currency: string, amountMinor: number): Explanation {
  const hours = normalizeDecimal(entry.hours);
  const rate = normalizeDecimal(entry.rate);
  return {
    rule: 'service time in arrears, billing rules §3',
    words: `${hours} hours on ${entry.date}, approved on ${entry.approvedOn ?? ''}`,
    inputs: { hours, rate, date: entry.date, approvedOn: entry.approvedOn ?? '' },
    arithmetic: `${hours} × ${rate} = ${formatMinor(amountMinor, currency)} ${currency}`,
  };
}
