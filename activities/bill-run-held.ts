/** A person's decision on an old find of a run: included, it is computed and becomes a document of the run. */
import {
  type Db,
  decideHeld,
  decideItem,
  documentsBesides,
  getRun,
  getRunItem,
  heldDifference,
  loadBook,
} from '../db/index.ts';
import type { BillDocument } from '../domain/bill-run/document.ts';
import { previewBillRun } from '../domain/bill-run/preview.ts';
import { creditNoteKey, invoiceKey } from '../workflows/ids.ts';
import type { Actor } from '../workflows/messages.ts';
import type { BillRunSteps } from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import { refused } from './failures.ts';
import { validatedVatNumbers } from './vat-numbers.ts';

type Decision = Parameters<BillRunSteps['decideItem']>[0];
type Needed = Pick<Deps, 'db' | 'vatNumbers'>;

/** Documents that bill the find as the books stand now. A find that can not be billed is refused with the reason. */
async function documentsFor(deps: Needed, { run, item }: Decision): Promise<BillDocument[]> {
  const { db } = deps;
  const [record, found] = [await getRun(db, run), await getRunItem(db, run, item)];
  const only = heldDifference(item);
  if (record === null || found === null || only === null)
    throw refused('run-item-unknown', `The run ${run} has no item ${item}.`);
  const { runOn, clock } = record;
  const { contract, account } = found;
  const ofContract = contract !== null && contract !== '';
  const book = await loadBook(db, {
    clock,
    ...(ofContract ? { contracts: [contract] } : account === null ? {} : { accounts: [account] }),
  });
  const asked = { runOn, rehearsal: clock !== null, onProgress: () => undefined };
  const vatValidations = await validatedVatNumbers(deps, book, asked);
  const preview = previewBillRun(book, {
    run: runOn,
    toIssue: true,
    only,
    vatValidations,
    ...(ofContract ? { contract } : {}),
  });
  const documents = [...preview.invoices, ...preview.creditNotes];
  if (documents.length > 0) return documents;
  const [aside] = preview.setAside;
  throw refused(
    'invalid-input',
    aside === undefined
      ? 'Nothing is left of this difference: it has been billed since. Leave it out.'
      : `It can not be billed as it stands: ${aside.reason}`,
  );
}

export async function decideHeldItem(deps: Needed, decision: Decision): Promise<void> {
  const documents = decision.decision === 'include' ? await documentsFor(deps, decision) : [];
  const keys = { invoice: invoiceKey, creditNote: creditNoteKey };
  await decideHeld(deps.db, { ...decision, documents, keys });
}

/**
 * Documents of contracts that another open run bills are held in this one, so that nothing is billed twice; the run after it
 * catches up what is left. A month's run gives way to those that people asked for off-cycle, and those to all.
 */
export async function holdElsewhereBilled(
  db: Db,
  run: string,
  { offCycle, actor }: { offCycle: boolean; actor: Actor },
): Promise<void> {
  for (const { item, other } of await documentsBesides(db, run, { offCycle })) {
    const reason = `Bill run ${other} bills something of the same contract; this waits for it.`;
    await decideItem(db, { run, item, decision: 'hold', reason, actor });
  }
}
