/** The sample company taken out: its processes, then its record; what has to stay is looked after again. */
import {
  type Actor,
  contractFacts,
  removeSamples,
  sampleMembers,
  sampleState,
} from '../db/index.ts';
import { billRunWorkflowId, contractWorkflowId } from '../workflows/ids.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { RemovedSamples } from './types.ts';

const REASON = 'the sample company was removed';

/**
 * Processes end first, so that none writes about what goes, and once more afterwards: the worker may have begun one meanwhile.
 * @throws Refusal as `removeSamples` (db/queries/sample-removal.ts)
 */
export async function removeSampleCompany(
  { db, processes }: Pick<ApiDependencies, 'db' | 'processes'>,
  actor: Actor,
  reason: string,
): Promise<RemovedSamples> {
  const input = { actor, reason };
  const { present, obstacles } = await sampleState(db);
  if (!present || obstacles.length > 0) {
    // Refused in its own words, and nothing ends.
    const { removed } = await removeSamples(db, input);
    return { contracts: 0, runs: [], removed };
  }
  const { contracts, runs } = await sampleMembers(db);
  const ids = [...contracts.map(contractWorkflowId), ...runs.map(billRunWorkflowId)];
  await processes.end(ids, REASON);
  try {
    const { removed } = await removeSamples(db, input);
    await processes.end(ids, REASON);
    await processes.lookOverBooks('import');
    return { contracts: contracts.length, runs, removed };
  } catch (error) {
    await lookAfterAgain({ db, processes }, contracts);
    throw error;
  }
}

/** What came between: the contracts are still there, and somebody has to look after them. */
async function lookAfterAgain(
  { db, processes }: Pick<ApiDependencies, 'db' | 'processes'>,
  contracts: readonly string[],
): Promise<void> {
  for (const contract of contracts) {
    const facts = await contractFacts(db, contract);
    if (facts === null || facts.contract.status === 'draft') continue;
    const { account, entity } = facts.contract;
    await processes.startContract({ contract, clock: null }, { account, entity });
  }
}
