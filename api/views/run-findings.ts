/** Findings that stand in a run's review: what is wrong about the contracts and customers that it would bill. */
import { type BillRun, openFindings, type BillRunItem as StoredItem } from '../../db/index.ts';
import { BILLED_RULES } from '../../domain/findings/life.ts';
import type { ApiDependencies } from '../dependencies.ts';
import type { FindingSummary } from '../types.ts';
import { findingSummaries } from './findings.ts';

/** What the run itself bills or credits, holds or sets aside is no news in its review. */
const OWN: ReadonlySet<string> = new Set([...BILLED_RULES, 'not-computable']);

/** Most money first; none in a rehearsal, and none once the run is decided. */
export async function runFindings(
  context: Pick<ApiDependencies, 'db' | 'now'>,
  run: BillRun,
  items: readonly Pick<StoredItem, 'kind' | 'contract' | 'account'>[],
): Promise<FindingSummary[]> {
  if (run.clock !== null || !['in_review', 'submitted'].includes(run.state)) return [];
  const documents = items.filter(({ kind }) => kind === 'invoice' || kind === 'credit_note');
  const contracts = new Set(documents.map(({ contract }) => contract));
  const accounts = new Set(documents.map(({ account }) => account));
  const mine = (await openFindings(context.db)).filter(
    ({ rule, state, contract, account }) =>
      !OWN.has(rule) &&
      state !== 'accepted' &&
      (contract === null ? account !== null && accounts.has(account) : contracts.has(contract)),
  );
  return findingSummaries(context, mine);
}
