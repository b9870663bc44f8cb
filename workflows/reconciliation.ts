/**
 * reconciliation (`reconciliation`): looks over the books for findings: every night, after imports and fixes, on demand. One
 * at a time; whoever asks while it looks is served by the look that follows.
 *
 * | message   | kind   | why                                                      |
 * |-----------|--------|----------------------------------------------------------|
 * | lookAgain | signal | something changed, or a person wants to see how it stands |
 *
 * findingFix (`finding-fix:F-17:…`): one action on a finding that leaves the house: a question by mail, a note in the CRM, a
 * document in accounting, a license. Whatever comes of it stands on the finding; then the books are looked over again.
 */
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import {
  CancellationScope,
  condition,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import { TASK_QUEUES } from './ids.ts';
import {
  type FindingFixArgs,
  type LookCause,
  lookAgain,
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

export async function reconciliation({ cause }: ReconciliationArgs): Promise<void> {
  let asked: LookCause | null = cause;
  setHandler(lookAgain, ({ cause: by }) => {
    asked = by;
  });
  await condition(() => asked !== null);
  while (asked !== null) {
    const by: LookCause = asked;
    asked = null;
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
      return await outside.writeBack(timed);
  }
}

/** What the step said; a step that never came to its end says that. */
function wordsOf(failure: ActivityFailure): string {
  for (let at: unknown = failure.cause, depth = 0; at instanceof Error && depth < 5; depth += 1) {
    if (at instanceof ApplicationFailure) return at.message;
    at = at.cause;
  }
  return 'It was tried for a day and did not succeed.';
}
