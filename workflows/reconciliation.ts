/**
 * reconciliation (`reconciliation`): looks over the books for findings: every night, after imports and fixes, on demand. One
 * at a time; whoever asks while it looks is served by the look that follows. At night and on demand accounting and CRM are
 * read before, where they are connected; between that, looks compare with what was read last.
 *
 * | message   | kind   | why                                                      |
 * |-----------|--------|----------------------------------------------------------|
 * | lookAgain | signal | something changed, or a person wants to see how it stands |
 *
 * findingFix (`finding-fix:F-17:…`): one action on a finding that leaves the house: a question by mail, a note or a corrected
 * customer in the CRM, a document, payment or customer in accounting, a license. Whatever comes of it stands on the finding; then the books are looked over again.
 */
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import {
  CancellationScope,
  condition,
  isCancellation,
  log,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { RECONCILIATION_ID, TASK_QUEUES } from './ids.ts';
import {
  type FindingFixArgs,
  type LookCause,
  lookAgain,
  type OutsideSource,
  type ReconciliationArgs,
} from './messages.ts';
import { local, mail, outside } from './proxies.ts';
import type { FindingSteps } from './steps.ts';
import { instantNow } from './waiting.ts';

/** The whole book is read and compared without a pause. */
const looking = proxyActivities<FindingSteps>({
  taskQueue: TASK_QUEUES.billing,
  startToCloseTimeout: '30 minutes',
  scheduleToCloseTimeout: '12 hours',
  heartbeatTimeout: '5 minutes',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
});

/** Page by page, with a sign of life after each. What fails is tried again for half an hour at night, while nobody waits. */
const ofReading = {
  taskQueue: TASK_QUEUES.billing,
  startToCloseTimeout: '3 hours',
  scheduleToCloseTimeout: '6 hours',
  heartbeatTimeout: '3 minutes',
} as const;
const patient = proxyActivities<FindingSteps>({
  ...ofReading,
  retry: { initialInterval: '5 seconds', maximumInterval: '2 minutes', maximumAttempts: 20 },
});
const prompt = proxyActivities<FindingSteps>({
  ...ofReading,
  retry: { initialInterval: '2 seconds', maximumInterval: '10 seconds', maximumAttempts: 3 },
});

/** Reads accounting and CRM; one that can not be read does not keep the other, nor the look, from being done. */
async function readSystems(cause: LookCause, ordinal: number): Promise<void> {
  const reading = cause === 'nightly' ? patient : prompt;
  const read = async (source: OutsideSource) => {
    const key = `${RECONCILIATION_ID}:${workflowInfo().runId}:${ordinal}:${source}`;
    const at = instantNow();
    try {
      await reading.readOutside({ source, key, at });
    } catch (error) {
      if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
      const reason = wordsOf(error, 'It did not answer, however often it was asked.');
      log.warn('an outside system could not be read', { source, reason });
      await local.noteUnread({ source, key, at: instantNow(), reason });
    }
  };
  await Promise.all([read('accounting'), read('crm')]);
}

export async function reconciliation({ cause }: ReconciliationArgs): Promise<void> {
  let asked: LookCause | null = cause;
  setHandler(lookAgain, ({ cause: by }) => {
    asked = by;
  });
  await condition(() => asked !== null);
  for (let ordinal = 1; asked !== null; ordinal += 1) {
    const by: LookCause = asked;
    asked = null;
    const isRead = by === 'nightly' || by === 'demand';
    if (isRead && patched('outside-systems-are-read')) await readSystems(by, ordinal);
    const looked = await looking.reconcileBooks({ cause: by, at: instantNow(), clock: null });
    setCurrentDetails(
      `Looked over the books: ${looked.seen} findings, ${looked.found} of them new, ` +
        `${looked.closed} closed, ${looked.unchecked} comparisons not made`,
    );
  }
}

export async function findingFix(args: FindingFixArgs): Promise<void> {
  let failure: string | null = null;
  try {
    await carryOut(args);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    failure = wordsOf(error);
    log.warn('a fix could not be carried out', { key: args.key, failure });
  }
  await CancellationScope.nonCancellable(() =>
    local.noteFix({ ...args, at: instantNow(), failure }),
  );
  await looking.reconcileBooks({ cause: 'after-action', at: instantNow(), clock: null });
}

async function carryOut(args: FindingFixArgs): Promise<void> {
  const timed = { ...args, at: instantNow() };
  switch (args.fix.kind) {
    case 'ask-owner':
      return await mail.sendFindingQuestion(timed);
    case 'refresh-licenses':
    case 'set-license': {
      const made = await outside.fixLicenses(timed);
      if (made === null || made.licenses.length === 0) return;
      return await mail.sendKeys({ ...made, invoice: null });
    }
    case 'note-in-crm':
    case 'post-in-accounting':
    case 'post-payment-in-accounting':
    case 'correct-customer':
    case 'post-customer-in-accounting':
      return await outside.writeBack(timed);
  }
}

/** What the step said; a step that never came to its end says that. */
function wordsOf(
  failure: ActivityFailure,
  without = 'It was tried for a day and did not succeed.',
): string {
  for (let at: unknown = failure.cause, depth = 0; at instanceof Error && depth < 5; depth += 1) {
    if (at instanceof ApplicationFailure) return at.message;
    at = at.cause;
  }
  return without;
}
