/**
 * Which license a subcontract should have on a day (billing rules §6 grace, §7 a subcontract is
 * paid when all its lines are, §8 kinds). Absolute dates only: the same facts give the same
 * license, however often the question is asked.
 */
import { addDays, type CivilDate, daysBetween, earlier, later } from '../dates/dates.ts';
import type { LicenseKind } from './claims.ts';

/** Days of grace after the later of coverage end and due date (billing rules §6); a policy. */
export const DEFAULT_GRACE_DAYS = 30;
/** A temporary license that waits for an invoice is extended this many days before it ends. */
export const EXTEND_AHEAD_DAYS = 7;

/**
 * How the charges of one subcontract in one period stand:
 * - paid: all its lines are; zero and carried results count as paid once their run is approved
 *   (billing rules §4)
 * - open: invoiced; `promisedUntil` where the customer named a day that was accepted, `reopenedOn`
 *   where it was paid and the payment was taken back on that day
 * - unbilled: not invoiced yet
 */
export type PeriodStanding =
  | { readonly state: 'paid' }
  | {
      readonly state: 'open';
      readonly dueOn: CivilDate;
      readonly promisedUntil?: CivilDate;
      readonly reopenedOn?: CivilDate;
    }
  | { readonly state: 'unbilled' };

/** One billing period of a subcontract, clipped to its dates. `end` is inclusive. */
export interface CoveragePeriod {
  readonly start: CivilDate;
  readonly end: CivilDate;
  readonly standing: PeriodStanding;
}

/** What a person with the role support granted beyond the policy. */
export interface GraceGrant {
  readonly through: CivilDate;
  readonly reason: string;
}

export interface LicensePolicy {
  readonly graceDays: number;
}

export interface LicensedSubcontract {
  readonly subcontract: string;
  /** In the order of their starts, without overlap. */
  readonly periods: readonly CoveragePeriod[];
  /**
   * The last day after a termination that has been decided; null while the subcontract goes on or
   * lapses by itself.
   */
  readonly terminatedThrough: CivilDate | null;
  readonly grants: readonly GraceGrant[];
}

export type DueCause =
  | 'paid'
  | 'not-invoiced'
  | 'awaiting-payment'
  | 'promised'
  | 'granted'
  | 'term-ended';

/** The license that should be in force. */
export interface DueLicense {
  readonly kind: Exclude<LicenseKind, 'evaluation'>;
  readonly validFrom: CivilDate;
  readonly validThrough: CivilDate;
  readonly cause: DueCause;
}

/** The last day of grace: the later of coverage end and due date, plus the days of grace. */
export function graceThrough(
  coverageEnd: CivilDate,
  dueOn: CivilDate | null,
  graceDays: number,
): CivilDate {
  if (!Number.isSafeInteger(graceDays) || graceDays < 0)
    throw new RangeError(`days of grace must be a whole number, not ${graceDays}`);
  return addDays(dueOn === null ? coverageEnd : later(coverageEnd, dueOn), graceDays);
}

/**
 * The license due on a day, or null where the subcontract is not licensed then: it has not begun
 * and is not paid, or its grace is over.
 * - Paid for the day: a full license, from the start of that period to the end of the paid periods
 *   that follow without a hole. Before the first period and between two: the same for the next
 *   period, where that is paid.
 * - Not paid for the day: a temporary license from the start of the oldest unpaid period since the
 *   last paid one.
 * - After the last period, not terminated: a temporary license until the grace is over (billing
 *   rules §9, lapse).
 */
export function licenseDue(
  facts: LicensedSubcontract,
  policy: LicensePolicy,
  asOf: CivilDate,
): DueLicense | null {
  const index = facts.periods.findIndex(({ end }) => asOf <= end);
  if (index < 0) return afterLastPeriod(facts, policy, asOf);
  const period = facts.periods[index];
  if (period?.standing.state === 'paid') return full(facts.periods, index);
  return period === undefined || asOf < period.start ? null : temporary(facts, policy, asOf, index);
}

/** Licenses are made the day before they are needed: a new day must not begin without one. */
const AHEAD_DAYS = 1;

/**
 * The license to make on a day: the one due tomorrow, so that no day begins without; today's where nothing is due any more. Who
 * has none that counts today (they paid on the last day of a period) gets one that begins with today's.
 * @param coveredToday whether a license in force covers the day
 */
export function licenseNeeded(
  facts: LicensedSubcontract,
  policy: LicensePolicy,
  day: CivilDate,
  coveredToday: boolean,
): DueLicense | null {
  const next = licenseDue(facts, policy, addDays(day, AHEAD_DAYS));
  if (next !== null && (coveredToday || next.validFrom <= day)) return next;
  const now = licenseDue(facts, policy, day);
  return next === null || now === null ? (next ?? now) : { ...next, validFrom: now.validFrom };
}

/**
 * A full license from the start of a paid period to the end of the run of paid periods that it
 * begins.
 */
function full(periods: readonly CoveragePeriod[], index: number): DueLicense | null {
  const [first, ...rest] = periods.slice(index);
  if (first === undefined) return null;
  let validThrough = first.end;
  for (const period of rest) {
    if (period.standing.state !== 'paid' || period.start !== addDays(validThrough, 1)) break;
    validThrough = period.end;
  }
  return { kind: 'full', validFrom: first.start, validThrough, cause: 'paid' };
}

/**
 * The oldest unpaid period since the last paid one decides: a newer invoice does not renew an old
 * grace.
 */
function temporary(
  facts: LicensedSubcontract,
  policy: LicensePolicy,
  asOf: CivilDate,
  index: number,
): DueLicense | null {
  const grace = oldestGrace(facts, policy, asOf, index);
  return grace === null ? null : bounded(facts, grace, asOf);
}

function oldestGrace(
  facts: LicensedSubcontract,
  policy: LicensePolicy,
  asOf: CivilDate,
  index: number,
): (Grace & { readonly from: CivilDate }) | null {
  const known = facts.periods.slice(0, index + 1);
  const lastPaid = known.findLastIndex(({ standing }) => standing.state === 'paid');
  const oldest = known[lastPaid + 1];
  if (oldest === undefined) return null;
  const coverageEnd = addDays(oldest.start, -1);
  const { through, cause } = graceEnd(oldest.standing, coverageEnd, policy, asOf);
  return { from: oldest.start, through, cause };
}

interface Grace {
  readonly through: CivilDate;
  readonly cause: DueCause;
}

/** Where the grace of one unpaid period ends, and why it runs. */
function graceEnd(
  standing: PeriodStanding,
  coverageEnd: CivilDate,
  policy: LicensePolicy,
  asOf: CivilDate,
): Grace {
  if (standing.state !== 'open')
    return { through: extended(coverageEnd, policy.graceDays, asOf), cause: 'not-invoiced' };
  const { promisedUntil, reopenedOn } = standing;
  // Who had paid is not cut off on the day their bank takes it back: the days of grace begin anew.
  const asked = reopenedOn === undefined ? standing.dueOn : later(standing.dueOn, reopenedOn);
  const through = graceThrough(coverageEnd, asked, policy.graceDays);
  if (promisedUntil !== undefined && promisedUntil > through)
    return { through: promisedUntil, cause: 'promised' };
  return { through, cause: 'awaiting-payment' };
}

/**
 * While the invoice has not been issued the delay is ours: the grace runs on in whole steps, each
 * made {@link EXTEND_AHEAD_DAYS} before the last one ends. Steps, not days, so that a license is
 * not replaced daily.
 */
function extended(coverageEnd: CivilDate, graceDays: number, asOf: CivilDate): CivilDate {
  const first = graceThrough(coverageEnd, null, graceDays);
  const missingDays = daysBetween(first, asOf) + EXTEND_AHEAD_DAYS;
  if (graceDays === 0 || missingDays <= 0) return first;
  const partialDays = missingDays % graceDays;
  const steppedDays = partialDays === 0 ? missingDays : missingDays - partialDays + graceDays;
  return addDays(first, steppedDays);
}

/** After the last period: what is unpaid keeps its grace, what simply ended gets one. */
function afterLastPeriod(
  facts: LicensedSubcontract,
  policy: LicensePolicy,
  asOf: CivilDate,
): DueLicense | null {
  const last = facts.periods.at(-1);
  if (last === undefined) return null;
  if (last.standing.state !== 'paid')
    return temporary(facts, policy, asOf, facts.periods.length - 1);
  const through = graceThrough(last.end, null, policy.graceDays);
  return bounded(facts, { from: addDays(last.end, 1), through, cause: 'term-ended' }, asOf);
}

/** A grant reaches at most this many days past the grace that the rules give (billing rules §6); a policy. */
export const DEFAULT_GRACE_LIMIT_DAYS = 60;

export type GraceRefusal = 'grace-not-needed' | 'grace-limit' | 'contract-ended';

/**
 * Whether a person may grant grace through a day: something must be unpaid, the day must reach past what the rules give
 * anyway, and stay within the limit.
 * @param limitDays days past the end of the grace that the rules give without any grant
 */
export function graceRefusal(
  facts: LicensedSubcontract,
  policy: LicensePolicy,
  limitDays: number,
  grant: { readonly through: CivilDate; readonly asOf: CivilDate },
): { readonly code: GraceRefusal; readonly message: string } | null {
  const { through, asOf } = grant;
  const { subcontract } = facts;
  if (facts.terminatedThrough !== null && through > facts.terminatedThrough) {
    const message = `${subcontract} was terminated after ${facts.terminatedThrough}: no grace reaches past that.`;
    return { code: 'contract-ended', message };
  }
  const grace = rulesGrace(facts, policy, asOf);
  if (grace === null) {
    const message = `${subcontract} is paid or not begun on ${asOf}: there is nothing to bridge.`;
    return { code: 'grace-not-needed', message };
  }
  const already = facts.grants.map((one) => one.through).reduce<CivilDate>(later, grace.through);
  if (through <= already || through < asOf) {
    const message = `${subcontract} has grace through ${already} already: name a later day, from ${asOf} on.`;
    return { code: 'grace-not-needed', message };
  }
  const limit = addDays(grace.through, limitDays);
  if (through <= limit) return null;
  const message = `The limit for ${subcontract} is ${limit}: ${limitDays} days past its grace.`;
  return { code: 'grace-limit', message };
}

/** The grace of the rules alone, also where it is over; null where nothing is unpaid. */
function rulesGrace(
  facts: LicensedSubcontract,
  policy: LicensePolicy,
  asOf: CivilDate,
): Grace | null {
  const found = facts.periods.findIndex(({ end }) => asOf <= end);
  const index = found < 0 ? facts.periods.length - 1 : found;
  const period = facts.periods[index];
  if (period === undefined || asOf < period.start) return null;
  if (period.standing.state !== 'paid') return oldestGrace(facts, policy, asOf, index);
  if (found >= 0) return null;
  return { through: graceThrough(period.end, null, policy.graceDays), cause: 'term-ended' };
}

/** Applies what was granted and what was terminated, and answers null once even that is over. */
function bounded(
  facts: LicensedSubcontract,
  grace: Grace & { readonly from: CivilDate },
  asOf: CivilDate,
): DueLicense | null {
  const through = facts.grants
    .map((grant) => grant.through)
    .reduce<CivilDate>(later, grace.through);
  const limit = facts.terminatedThrough;
  const validThrough = limit === null ? through : earlier(through, limit);
  if (validThrough < asOf || validThrough < grace.from) return null;
  const cause = through > grace.through ? 'granted' : grace.cause;
  return { kind: 'temporary', validFrom: grace.from, validThrough, cause };
}
