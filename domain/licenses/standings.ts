/**
 * How each billing period of a subcontract stands, from its history and its issued lines: what `licenseDue` reads. A period
 * that was billed before the cut-over is outside the books and counts as paid (billing rules §1).
 */
import type { ContractTerms } from '../charges/contract-terms.ts';
import { type BillingPeriod, periodByNumber, periodContaining } from '../charges/periods.ts';
import type { Ownership, SubcontractHistory } from '../charges/subcontract-history.ts';
import { addDays, type CivilDate, earlier, later } from '../dates/dates.ts';
import { ceiling, compare, fraction, isZero } from '../money/decimal.ts';
import type {
  CoveragePeriod,
  GraceGrant,
  LicensedSubcontract,
  PeriodStanding,
} from './coverage.ts';

/** An issued line as far as licenses care. Amounts in minor units. */
export interface LicenseLine {
  readonly subcontract: string;
  readonly periodStart: CivilDate;
  readonly netMinor: number;
  readonly openMinor: number;
  readonly dueOn: CivilDate;
  readonly promisedUntil: CivilDate | null;
  /** The day on which a payment of it was taken back; null where none was. */
  readonly reopenedOn: CivilDate | null;
}

/** The facts of one subcontract on one contract, with every period from its start to the one after `asOf`'s. */
export function licensedSubcontract(
  terms: ContractTerms,
  history: SubcontractHistory,
  lines: readonly LicenseLine[],
  asOf: CivilDate,
  grants: readonly GraceGrant[] = [],
): LicensedSubcontract {
  const { subcontract } = history.row;
  const own = lines.filter((line) => line.subcontract === subcontract);
  const periods = history.ownerships
    .filter(({ contract }) => contract === terms.row.contract)
    .flatMap((ownership) => periodsOf(terms, ownership, own, asOf));
  const terminated = terms.row.terminatedOn !== null || terms.row.status === 'terminated';
  return {
    subcontract,
    periods,
    terminatedThrough: terminated ? addDays(terms.end, -1) : null,
    grants,
  };
}

function periodsOf(
  terms: ContractTerms,
  ownership: Ownership,
  lines: readonly LicenseLine[],
  asOf: CivilDate,
): CoveragePeriod[] {
  const periods: CoveragePeriod[] = [];
  const last = earlier(lastActiveEnd(ownership), ownership.to);
  let period = periodContaining(terms.cycle, ownership.from);
  const horizon = periodByNumber(terms.cycle, periodContaining(terms.cycle, asOf).number + 1);
  while (period.cycleStart < last && period.number <= horizon.number) {
    const start = later(period.start, ownership.from);
    const end = addDays(earlier(period.cycleEnd, last), -1);
    if (start <= end)
      periods.push({ start, end, standing: standingOf(terms, ownership, period, lines) });
    period = periodByNumber(terms.cycle, period.number + 1);
  }
  return periods;
}

/** The first day after the last one on which anything is owned; a pause in between keeps the license. */
function lastActiveEnd({ states, to }: Ownership): CivilDate {
  const last = states.at(-1);
  return last === undefined || last.active ? to : last.from;
}

function standingOf(
  terms: ContractTerms,
  ownership: Ownership,
  period: BillingPeriod,
  lines: readonly LicenseLine[],
): PeriodStanding {
  const billed = lines.filter(
    ({ periodStart }) => periodStart >= period.cycleStart && periodStart < period.cycleEnd,
  );
  const open = billed.filter(({ openMinor }) => openMinor > 0);
  if (open.length > 0) {
    const dueOn = open.map((line) => line.dueOn).reduce(later);
    const promises = open.flatMap(({ promisedUntil }) => promisedUntil ?? []);
    const reopened = open.flatMap(({ reopenedOn }) => reopenedOn ?? []);
    return {
      state: 'open',
      dueOn,
      ...(promises.length === 0 ? {} : { promisedUntil: promises.reduce(later) }),
      ...(reopened.length === 0 ? {} : { reopenedOn: reopened.reduce(later) }),
    };
  }
  const net = billed.reduce((sum, { netMinor }) => sum + netMinor, 0);
  if (net > 0) return { state: 'paid' };
  const elsewhere = period.start < terms.billFrom;
  return elsewhere || isFree(ownership) ? { state: 'paid' } : { state: 'unbilled' };
}

/** Nothing is ever charged: the price is zero, or all of it is discounted. */
function isFree({ states }: Ownership): boolean {
  const whole = fraction('100');
  return states.every(
    ({ price, discount }) => (price !== null && isZero(price)) || compare(discount, whole) >= 0,
  );
}

/** Seats that a quantity allows on a day: the next whole number, at least one. */
export function seatsOn(history: SubcontractHistory, contract: string, day: CivilDate): number {
  const states = history.ownerships
    .filter((ownership) => ownership.contract === contract)
    .flatMap((ownership) => ownership.states);
  const held = states.filter(({ from }) => from <= day).at(-1) ?? states[0];
  return held === undefined ? 1 : Math.max(1, Number(ceiling(held.quantity)));
}
