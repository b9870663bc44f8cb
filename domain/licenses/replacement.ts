/**
 * What to do about the license there is, given the license there should be (billing rules §8): keep
 * it, replace it, or end it. Dates are absolute, so asking twice replaces once.
 */
import { type CivilDate, later } from '../dates/dates.ts';
import type { DueLicense } from './coverage.ts';
import type { License, LicenseCause } from './lifecycle.ts';

/** Causes that may end a license earlier than it said; every other replacement only extends. */
const SHORTENING: ReadonlySet<LicenseCause> = new Set<LicenseCause>([
  'payment-reversed',
  'terminated',
  'amended',
  'compromised',
  'decided',
]);

export type LicenseDecision =
  | { readonly action: 'keep' }
  | { readonly action: 'issue'; readonly due: DueLicense; readonly supersedes: string | null }
  /** Nothing is due although the license still runs: switch it off. */
  | { readonly action: 'end'; readonly license: string };

/**
 * @param current the subcontract's latest license, null where it never had one
 * @param due from licenseDue
 * @param seats what the subcontract's quantity allows today
 * @param cause why the question is asked
 */
export function replacement(
  current: License | null,
  due: DueLicense | null,
  seats: number,
  cause: LicenseCause,
  asOf: CivilDate,
): LicenseDecision {
  const live = current !== null && (current.state === 'enabled' || current.state === 'suspended');
  if (due === null) {
    const runs = live && current.state === 'enabled' && current.validThrough >= asOf;
    const ends = runs && !current.perpetual && SHORTENING.has(cause);
    return ends ? { action: 'end', license: current.license } : { action: 'keep' };
  }
  if (!live) return { action: 'issue', due, supersedes: null };
  if (serves(current, due, seats, cause)) return { action: 'keep' };
  // Equal claims give an equal key: after a leak the new one starts today, and the old one can be
  // revoked.
  const fresh = cause === 'compromised' ? { ...due, validFrom: later(due.validFrom, asOf) } : due;
  return { action: 'issue', due: fresh, supersedes: current.license };
}

/**
 * Whether the current license already gives what is due, or more than a mere extension may take
 * away.
 */
function serves(current: License, due: DueLicense, seats: number, cause: LicenseCause): boolean {
  const covers = current.validFrom <= due.validFrom && current.validThrough >= due.validThrough;
  // A person's grant switches on again what the reminders' last step switched off.
  if (current.state === 'suspended')
    return due.kind === 'temporary' && due.cause !== 'granted' && covers;
  if (cause === 'compromised') return false;
  const same = current.kind === due.kind && current.seats === seats;
  const exact = same && covers && current.validThrough === due.validThrough;
  if (exact) return true;
  if (SHORTENING.has(cause)) return false;
  const downgrade = current.kind === 'full' && due.kind === 'temporary';
  return (same || downgrade) && covers;
}
