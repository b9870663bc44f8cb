/** What is shown before it is done: it carries a hash of itself, and only exactly that is done. */
import { canonicalJson, sha256 } from '../db/canonical-json.ts';
import { ProblemError } from './problems.ts';

/** What was shown, with the hash that comes back with the decision. */
export function withShownHash<T extends object>(shown: T): T & { readonly shownHash: string } {
  return { ...shown, shownHash: sha256(canonicalJson(shown)) };
}

/**
 * @param now what would be shown now, computed anew
 * @throws ProblemError `numbers-changed` where it is not what was shown
 */
export function checkShown(now: { readonly shownHash: string }, shownHash: string): void {
  if (now.shownHash !== shownHash)
    throw new ProblemError(
      'numbers-changed',
      'The books have changed since it was shown: look again.',
    );
}
