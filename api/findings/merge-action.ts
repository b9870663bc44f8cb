/** Two customers of our record that are one: the fix of `customer-duplicated`, by way of a second person. */
import { z } from 'zod';
import { findingName } from '../../db/index.ts';
import { mergePreview, mergeSummary } from '../account-merge.ts';
import { askSecondPerson } from '../approvals.ts';
import { ProblemError } from '../problems.ts';
import type { FindingField } from '../types.ts';
import { accountNames } from '../views/parties.ts';
import { type Case, field, type Input, type Plan, parsed, textOf } from './plan.ts';

/** The two accounts, the earlier one first. */
function pairOf({ row }: Case): readonly [string, string] {
  const [twin, record] = [textOf(row, 'twin'), textOf(row, 'record')];
  if (twin === null || record === null)
    throw new ProblemError('state-conflict', 'This finding does not name two customers.');
  return [twin, record];
}

export async function mergeFields(found: Case): Promise<FindingField[]> {
  const pair = pairOf(found);
  const nameOf = await accountNames(found.context.db, pair);
  return [
    field('into', 'Which one stays', 'choice', {
      initial: pair[0],
      choices: pair.map((account) => ({
        value: account,
        label: `${nameOf(account).name} (${account})`,
      })),
    }),
  ];
}

export async function mergePlan(found: Case, input: Input): Promise<Plan> {
  const pair = pairOf(found);
  const { into } = parsed(z.strictObject({ into: z.enum(pair) }), input);
  const account = into === pair[0] ? pair[1] : pair[0];
  const preview = await mergePreview(found.context, { account, into });
  const { words, changes, needsApproval } = preview;
  return {
    words,
    changes,
    needsApproval,
    carryOut: async (context, { actor, reason, request }) => {
      const summary = `${mergeSummary(preview)}, for ${findingName(found.row.number)}`;
      const asking = { maker: actor, request };
      const { approval, state } = await askSecondPerson(context, asking, {
        ...{ action: 'account.merge', subject: account, input: { into, reason }, summary },
      });
      const waits = state === 'waiting';
      return {
        kind: 'merge-asked',
        words: waits ? `${mergeSummary(preview)}: a second person decides.` : mergeSummary(preview),
        link: waits ? `/approvals/${encodeURIComponent(approval)}` : `/accounts/${into}`,
        waitsForApproval: waits,
      };
    },
  };
}
