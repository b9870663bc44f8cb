/** The steps of a bill run: compute, decide, submit, approve, issue (billing rules §4). */
import { Context } from '@temporalio/activity';
import { lookOverBooks } from '../connectors/temporal/lifecycles.ts';
import {
  agreeOneOffs,
  approveByPolicy,
  approveRun,
  createRun,
  type Db,
  databaseNow,
  decideItem,
  getRun,
  heldDifference,
  issueDocument,
  listRunItems,
  loadBook,
  markItemFailed,
  refuseRun,
  runItemsToIssue,
  runProgress,
  saveComputedRun,
  setRunState,
  submitRun,
  timeZoneFor,
  withdrawRun,
} from '../db/index.ts';
import { type PreviewOptions, previewBillRun } from '../domain/bill-run/preview.ts';
import { errorWords } from '../domain/error-words.ts';
import { creditNoteKey, invoiceKey } from '../workflows/ids.ts';
import type { Actor, RunOnly } from '../workflows/messages.ts';
import type { BillRunSteps, Moment } from '../workflows/steps.ts';
import { decideHeldItem, holdElsewhereBilled } from './bill-run-held.ts';
import type { Deps } from './deps.ts';
import { beginLife } from './document-life.ts';
import { refused } from './failures.ts';
import { reconcileBooks } from './finding-steps.ts';
import { dayOf, dayOfSellers } from './moment.ts';
import { validatedVatNumbers } from './vat-numbers.ts';

/** Issued side by side at most; each part holds a database connection while it numbers. */
const PARTS_MOST = 8;
const ITEMS_A_PART = 25;
const ENGINE: Actor = { user: 'perennial', role: 'service' };

async function openRun(
  { db }: Deps,
  args: Parameters<BillRunSteps['openRun']>[0],
): Promise<{ today: string; timeZone: string }> {
  const { run, runOn, clock, startedBy } = args;
  await createRun(db, { run, runOn, clock, startedBy });
  // Of the run's own days, as on every page. Documents bear the day of who sells.
  const timeZone = await timeZoneFor(db, {});
  return { today: await dayOf(db, args, timeZone), timeZone };
}

/** What the run is for, as the preview asks for it: one difference, all of a contract, or an account's own service time. */
function asked(only: RunOnly | undefined): Pick<PreviewOptions, 'only' | 'contract' | 'serviceOf'> {
  if (only === undefined) return {};
  const { contract, account, subject, periodStart } = only;
  const difference =
    subject === null || periodStart === null ? {} : { only: { subject, periodStart } };
  if (contract !== null) return { ...difference, contract };
  const isService = subject === null && account !== null;
  return isService ? { serviceOf: account } : difference;
}

/** A month's run reads the whole book; one of a contract, or of an account's own, what belongs to it. */
function readFor(db: Db, clock: string | null, only: RunOnly | undefined) {
  if (only === undefined || only.subject !== null) return loadBook(db, { clock });
  const { contract, account } = only;
  if (contract !== null) return loadBook(db, { clock, contracts: [contract] });
  return loadBook(db, { clock, accounts: account === null ? [] : [account] });
}

/** Computes from the book and stores the items; contracts whose billing is held are held in the run, with the reason. */
async function computeRun(
  deps: Deps,
  { run, runOn, clock, only, startedBy }: Parameters<BillRunSteps['computeRun']>[0],
): Promise<{ due: number }> {
  const { db } = deps;
  // Before a month's run the books are compared: what is wrong stands in its review.
  if (clock === null && only === undefined) {
    const onProgress = (doing: string) => Context.current().heartbeat(doing);
    await reconcileBooks(deps, { cause: 'bill-run', onProgress });
  }
  if (only !== undefined && only.contract !== null)
    await agreeOneOffs(db, {
      ...{ run, contract: only.contract, on: runOn, items: only.items ?? [] },
      ...{ actor: startedBy ?? ENGINE, reason: only.reason ?? null },
    });
  const readAt = await databaseNow(db);
  const book = await readFor(db, clock, only);
  Context.current().heartbeat('the book is loaded');
  const vatValidations = await validatedVatNumbers(deps, book, {
    runOn,
    rehearsal: clock !== null,
    onProgress: (vatNumber) => Context.current().heartbeat(vatNumber),
  });
  const preview = previewBillRun(book, {
    ...{ run: runOn, vatValidations, toIssue: true },
    ...asked(only),
  });
  Context.current().heartbeat('the run is computed');
  const keys = { invoice: invoiceKey, creditNote: creditNoteKey };
  await saveComputedRun(db, run, preview, keys, readAt);
  const held = new Set(
    book.contracts.filter(({ status }) => status === 'suspended').map(({ contract }) => contract),
  );
  const kinds = ['invoice', 'credit_note'] as const;
  for (const item of await listRunItems(db, run, { kinds, documents: false })) {
    if (item.contract === null || !held.has(item.contract) || item.decision !== 'include') continue;
    const reason = `Billing of contract ${item.contract} is held by a person.`;
    await decideItem(db, { run, item: item.item, decision: 'hold', reason, actor: ENGINE });
  }
  const offCycle = only === undefined || only.subject !== null;
  await holdElsewhereBilled(db, run, { offCycle, actor: ENGINE });
  return { due: (await runProgress(db, run)).due };
}

async function partsToIssue(
  { db }: Deps,
  { run }: Parameters<BillRunSteps['partsToIssue']>[0],
): Promise<{ parts: number }> {
  await setRunState(db, run, 'issuing');
  const { length } = await runItemsToIssue(db, run);
  return { parts: Math.max(1, Math.min(PARTS_MOST, Math.ceil(length / ITEMS_A_PART))) };
}

/** An item belongs to the same part on every attempt, whatever was issued meanwhile. */
function partOf(item: string, parts: number): number {
  let sum = 0;
  for (const char of item) sum = (sum * 31 + char.charCodeAt(0)) % 1_000_003;
  return sum % parts;
}

/**
 * Issues the items of one part one by one. Numbering is idempotent by document key, starting and telling are too, so an
 * attempt that was cut short is simply done again; a failing item is recorded and left behind.
 */
async function issuePart(
  deps: Deps,
  args: Parameters<BillRunSteps['issuePart']>[0],
): Promise<void> {
  const { db } = deps;
  const { run, part, parts, clock } = args;
  const todayOf = await dayOfSellers(db, args);
  const items = await listRunItems(db, run, {
    kinds: ['invoice', 'credit_note'],
    documents: false,
  });
  const mine = items.filter(
    ({ item, decision, state }) =>
      decision === 'include' && state !== 'left_out' && partOf(item, parts) === part,
  );
  for (const { item } of mine) {
    Context.current().heartbeat(item);
    try {
      const { invoice } = await issueDocument(db, { run, item, issuedOn: todayOf, orLater: true });
      await beginLife(deps, invoice, { clock, today: todayOf(invoice.entity) });
    } catch (error) {
      const failure = errorWords(error);
      if (isTransient(error)) throw error;
      await markItemFailed(db, { run, item, failure });
    }
  }
}

/** What another attempt may mend: the database or the engine could not be reached. All else belongs to the item. */
function isTransient(error: unknown): boolean {
  const codes = ['ECONNREFUSED', 'ECONNRESET', 'CONNECTION_CLOSED', 'CONNECTION_ENDED', '57P01'];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; depth += 1) {
    if ('code' in at && (codes.includes(String(at.code)) || at.code === 14 || at.code === 4))
      return true;
    at = at.cause;
  }
  return false;
}

async function finishRun(
  { db, client }: Deps,
  { run, clock }: Parameters<BillRunSteps['finishRun']>[0] & Moment,
): Promise<{ issued: number; failed: number }> {
  await setRunState(db, run, 'issued');
  // What it billed is no finding any more; a rehearsal has none.
  if (clock === null) await lookOverBooks(client, 'after-action');
  const { issued, failed } = await runProgress(db, run);
  return { issued, failed };
}

export function billRunSteps(deps: Deps): BillRunSteps {
  const { db } = deps;
  return {
    openRun: (args) => openRun(deps, args),
    computeRun: (args) => computeRun(deps, args),
    decideItem: async (args) => {
      if (heldDifference(args.item) === null) await decideItem(db, args);
      else await decideHeldItem(deps, args);
    },
    submitRun: async ({ run, actor }) => {
      const { shownHash } = await submitRun(db, { run, actor });
      return { shownHash, due: (await runProgress(db, run)).due };
    },
    approveRun: async (args) => {
      const before = await getRun(db, args.run);
      if (before === null) throw refused('run-not-submitted', `There is no run ${args.run}.`);
      await approveRun(db, args);
    },
    approveByPolicy: async ({ run }) => {
      const { approved } = await approveByPolicy(db, run);
      return { approved };
    },
    refuseRun: async (args) => {
      await refuseRun(db, args);
    },
    withdrawRun: async (args) => {
      await withdrawRun(db, args);
    },
    partsToIssue: (args) => partsToIssue(deps, args),
    issuePart: (args) => issuePart(deps, args),
    finishRun: (args) => finishRun(deps, args),
    failRun: async ({ run, cause }) => {
      await setRunState(db, run, 'failed', cause);
    },
  };
}
