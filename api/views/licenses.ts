/** How a license came to where it is, with people by their names. */
import type { Db, LicenseTransition } from '../../db/index.ts';
import type { LicenseTransitionView } from '../types.ts';
import { namesOf } from './people.ts';

/** What rules do by themselves is noted under this name. */
const BY_ITSELF = 'perennial';

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
