/**
 * Whether a key that is out there still counts (billing rules §8): what became of the license that took its place, and of the
 * one after that. A key can not be called back, so one that says more than its subcontract has now is on the revocation list.
 */
import type { CivilDate } from '../dates/dates.ts';
import type { LicenseState } from './lifecycle.ts';

export interface ChainLink {
  readonly license: string;
  readonly state: LicenseState;
  readonly validThrough: CivilDate;
  readonly supersededBy: string | null;
}

export interface Ending {
  readonly state: 'suspended' | 'revoked';
  /** Whose last transition switched it off: its own, or that of what it was replaced by in the end. */
  readonly by: string;
}

/**
 * @param find the license of a number; undefined where there is none
 * @returns null while the key counts: its license is in force, or what replaced it reaches at least as far and is in force
 */
export function endingOf(
  link: ChainLink,
  find: (license: string) => ChainLink | undefined,
): Ending | null {
  if (link.state === 'revoked') return { state: 'revoked', by: link.license };
  const seen = new Set<string>();
  let last = link;
  // A leaked one was revoked and replaced: what it had replaced itself did not leak.
  while (last.supersededBy !== null && !seen.has(last.license)) {
    seen.add(last.license);
    const next = find(last.supersededBy);
    if (next === undefined) break;
    last = next;
  }
  if (last.state === 'suspended' || last.state === 'revoked')
    return { state: last.state, by: last.license };
  return last.validThrough < link.validThrough ? { state: 'revoked', by: last.license } : null;
}
