/**
 * What to do about the license there is, given the license there should be (billing rules §8): keep
 * it, replace it, or end it. Dates are absolute, so asking twice replaces once.
 */
import type { CivilDate } from '../dates/dates.ts';
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

/** What a license gives besides its dates. What is absent on either side is not compared. */
export interface Grant {
  /** What the subcontract's quantity allows today. */
  readonly seats: number;
  readonly edition?: string;
  readonly features?: readonly string[];
  readonly holder?: string;
}

export type LicenseDecision =
  | { readonly action: 'keep' }
  | { readonly action: 'issue'; readonly due: DueLicense; readonly supersedes: string | null }
  /** Nothing is due although the license still runs: switch it off. */
  | { readonly action: 'end'; readonly license: string };

/**
 * @param current the subcontract's latest license, null where it never had one
 * @param due from licenseDue
 * @param grant what it has to give
 * @param cause why the question is asked
 */
export function replacement(
  current: License | null,
  due: DueLicense | null,
  grant: Grant,
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
  if (!serves(current, due, grant, cause))
    return { action: 'issue', due, supersedes: current.license };
  return moved(current, grant) ?? { action: 'keep' };
}

/** A subcontract that moved takes its license along: the same dates under the new contract. */
function moved(current: License, grant: Grant): LicenseDecision | null {
  const { license, kind, validFrom, validThrough, holder, state } = current;
  const same = holder === undefined || grant.holder === undefined || holder === grant.holder;
  if (same || state !== 'enabled' || kind === 'evaluation') return null;
  const cause = kind === 'full' ? 'paid' : 'not-invoiced';
  return { action: 'issue', due: { kind, validFrom, validThrough, cause }, supersedes: license };
}

/**
 * Whether the current license already gives what is due, or more than a mere extension may take
 * away.
 */
function serves(current: License, due: DueLicense, grant: Grant, cause: LicenseCause): boolean {
  const covers = current.validFrom <= due.validFrom && current.validThrough >= due.validThrough;
  // A person's grant switches on again what the reminders' last step switched off.
  if (current.state === 'suspended')
    return due.kind === 'temporary' && due.cause !== 'granted' && covers;
  if (cause === 'compromised') return false;
  const same = current.kind === due.kind && grants(current, grant);
  const exact = same && covers && current.validThrough === due.validThrough;
  if (exact) return true;
  if (SHORTENING.has(cause)) return false;
  const downgrade = current.kind === 'full' && due.kind === 'temporary';
  return (same || downgrade) && covers;
}

function grants(current: License, { seats, edition, features }: Grant): boolean {
  const like = <T>(one: T | undefined, other: T | undefined) =>
    one === undefined || other === undefined || one === other;
  const listed = (names: readonly string[] | undefined) => names && [...names].sort().join(' ');
  return (
    current.seats === seats &&
    like(current.edition, edition) &&
    like(listed(current.features), listed(features))
  );
}
