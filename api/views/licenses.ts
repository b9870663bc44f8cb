/** How a license came to where it is, with people by their names. */
import { type KeyVault, SealedElsewhereError } from '../../connectors/license/vault.ts';
import type { Db, LicenseTransition } from '../../db/index.ts';
import { ProblemError } from '../problems.ts';
import type { LicenseTransitionView } from '../types.ts';
import { namesOf } from './people.ts';

/** What rules do by themselves is noted under this name. */
const BY_ITSELF = 'perennial';

/** A stored key as its holder has it. @throws ProblemError where this installation's secret does not open it */
export function openedKey(vault: KeyVault, stored: string): string {
  try {
    return vault.open(stored);
  } catch (error) {
    if (!(error instanceof SealedElsewhereError)) throw error;
    throw new ProblemError('not-configured', error.message, { cause: error });
  }
}

export async function transitionViews(
  db: Db,
  transitions: readonly LicenseTransition[],
): Promise<LicenseTransitionView[]> {
  const nameOf = await namesOf(db);
  return transitions.map((row) => ({
    on: row.happenedOn,
    at: row.createdAt.toISOString(),
    action: row.action,
    state: row.state,
    cause: row.cause,
    actor: row.actor === BY_ITSELF ? 'Perennial' : nameOf(row.actor).name,
    note: row.note,
    replacedBy: row.replacedBy,
  }));
}
