/**
 * billRun (`bill-run:2026-11`): one month's computation, review, approval and issue.
 *
 * | message     | kind   | why                                                                     |
 * |-------------|--------|-------------------------------------------------------------------------|
 * | exclude     | update | a person leaves an item out and wants to know that it is                 |
 * | include     | update | … or takes it in again                                                   |
 * | submit      | update | the maker is done: answers the hash of what was shown                    |
 * | approve     | update | a second person approves exactly that                                    |
 * | refuse      | update | … or sends it back                                                       |
 * | withdraw    | update | an off-cycle run is taken back before it is approved                     |
 * | recompute   | update | what was wrong in the book is corrected: the same run again              |
 * | clock       | signal | a rehearsal's day moved                                                  |
 * | resolve     | update | a person retries or skips what is parked                                 |
 * | clockAdvance| update | who moves a test clock wants to know when all of that day is done        |
 * | progress    | query  | for operators; the page reads the database                               |
 *
 * Four eyes, hashes and states are checked where they are stored, in one transaction; validators refuse early what can
 * not be right. Items are issued in parts side by side, each with its own result in the database: histories stay small.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  log,
  patched,
  setCurrentDetails,
  setHandler,
  startChild,
} from '@temporalio/workflow';
import { runDayOf } from '../domain/bill-run/run-day.ts';
import type { CivilDate } from '../domain/dates/dates.ts';
import { billRunWorkflowId, effectKey, isOffCycleRun, runName } from './ids.ts';
import { Life, newLifeState, onUpdate, refusal, type Task } from './life.ts';
import {
  type Actor,
  type BillRunArgs,
  runApprove,
  runExclude,
  runInclude,
  runProgress,
  runRecompute,
  runRefuse,
  runSubmit,
  runWithdraw,
} from './messages.ts';
import { batch, issuing, local } from './proxies.ts';
import { civilDateAt, instantNow } from './waiting.ts';

// ---------------------------------------------------------------- messages and state

interface Command {
  readonly ticket: number;
  readonly actor: Actor;
}
type Message =
  | (Command & {
      readonly kind: 'decide';
      readonly item: string;
      readonly decision: 'include' | 'exclude' | 'hold';
      readonly reason: string | null;
    })
  | (Command & { readonly kind: 'submit' })
  | (Command & { readonly kind: 'approve'; readonly shownHash: string })
  | (Command & { readonly kind: 'refuse' | 'withdraw'; readonly reason: string })
  | (Command & { readonly kind: 'recompute' });

type RunStage = 'computing' | 'in review' | 'submitted' | 'issuing' | 'issued' | 'withdrawn';

type RunTask = Task & ({ readonly kind: 'compute' } | { readonly kind: 'issue' });

// ---------------------------------------------------------------- main

export async function billRun(args: BillRunArgs): Promise<{ issued: number; failed: number }> {
  const process = new BillRunProcess(args);
  listen(process);
  return await process.live();
}

/** What the schedule starts: it names the month's run, so that the run's id is that of one started by hand. */
export async function scheduledBillRun({ timeZone }: { timeZone: string }): Promise<void> {
  const month = civilDateAt(Date.now(), timeZone).slice(0, 7);
  const run = runName(month, null);
  const args: BillRunArgs = { run, runOn: runDayOf(month), clock: null, startedBy: null };
  try {
    await startChild(billRun, {
      workflowId: billRunWorkflowId(run),
      args: [args],
      parentClosePolicy: 'ABANDON',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      staticSummary: `Bill run ${run}`,
    });
  } catch (error) {
    // A person was faster: the month has its run.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    log.info('the run was started already', { run });
  }
}

class BillRunProcess {
  readonly args: BillRunArgs;
  readonly life: Life<Message, RunTask>;
  stage: RunStage = 'computing';
  /** Hash of what was submitted, for validators; the database decides. */
  shownHash: string | null = null;
  due = 0;
  issued = 0;
  failed = 0;
  private today: CivilDate;

  constructor(args: BillRunArgs) {
    this.args = args;
    this.today = args.runOn;
    this.life = new Life(
      newLifeState<Message, RunTask>(),
      (cause, key) => local.recordAttention({ contracts: [], cause, key, today: this.today }),
      () => false,
    );
  }

  async live(): Promise<{ issued: number; failed: number }> {
    const { life, args } = this;
    const key = effectKey(billRunWorkflowId(args.run), 'compute');
    life.add({ kind: 'compute', key, words: 'Computation of the run' });
    for (;;) {
      const asked = life.beginRound();
      await life.perform((task) => this.perform(task));
      await life.drain((message) => this.take(message));
      if (life.state.tasks.length > 0 || life.woken()) continue;
      this.describe();
      life.rest(asked, null);
      if (this.stage === 'issued' || this.stage === 'withdrawn') {
        await condition(allHandlersFinished);
        if (!life.woken()) return { issued: this.issued, failed: this.failed };
      } else await condition(life.woken);
    }
  }

  private describe(): void {
    const { args, due, issued, failed, life } = this;
    const words: Record<RunStage, string> = {
      computing: 'is being computed',
      'in review': `waits for review: ${due} documents`,
      submitted: `waits for a second person: ${due} documents`,
      issuing: 'is being issued',
      issued: `is issued: ${issued} documents, ${failed} failed`,
      withdrawn: 'was withdrawn: nothing of it goes out',
    };
    const lines = [`Run ${args.run} ${words[this.stage]}`];
    if (life.attention !== null) lines.push(`**Needs attention:** ${life.attention}`);
    setCurrentDetails(lines.join('\n\n'));
  }

  private async perform(task: RunTask): Promise<{ changed: boolean }> {
    const { run, runOn, clock, startedBy, only } = this.args;
    if (task.kind === 'compute') {
      const at = instantNow();
      const { today } = await local.openRun({ run, runOn, startedBy, clock, at });
      this.today = today;
      const asked = { run, runOn, clock, ...(only === undefined ? {} : { only, startedBy }) };
      this.due = (await batch.computeRun(asked)).due;
      this.stage = 'in review';
      await this.askPolicy();
      return { changed: true };
    }
    await this.issue();
    return { changed: true };
  }

  private computeAgain(ticket: number): void {
    const { run } = this.args;
    this.stage = 'computing';
    const key = effectKey(billRunWorkflowId(run), `compute-${ticket}`);
    this.life.add({ kind: 'compute', key, words: 'Computation of the run' });
  }

  /** A run that a rule of the house approves needs no second person (2026-11-23: runs before that never asked). */
  private async askPolicy(): Promise<void> {
    if (!patched('approval-policy-2026-11-23')) return;
    const { run } = this.args;
    const { approved } = await local.approveByPolicy({ run });
    if (!approved) return;
    const key = effectKey(billRunWorkflowId(run), 'issue');
    this.life.add({ kind: 'issue', key, words: 'Issue of the run' });
    this.stage = 'issuing';
  }

  /** Parts go side by side; inside a part one item after another, so that a failing one never stops the rest. */
  private async issue(): Promise<void> {
    const { run, clock } = this.args;
    this.stage = 'issuing';
    const { parts } = await local.partsToIssue({ run });
    const one = (part: number) => issuing.issuePart({ run, part, parts, clock, at: instantNow() });
    await Promise.all(Array.from({ length: parts }, (_, part) => one(part)));
    const { issued, failed } = await local.finishRun({ run, clock, at: instantNow() });
    this.issued = issued;
    this.failed = failed;
    this.stage = 'issued';
  }

  private async take(message: Message): Promise<void> {
    const { run } = this.args;
    const { ticket, actor } = message;
    switch (message.kind) {
      case 'decide': {
        const { item, decision, reason } = message;
        const args = { run, item, decision, reason, actor };
        await this.life.answer(ticket, () => local.decideItem(args));
        return;
      }
      case 'submit':
        await this.life.answer(ticket, async () => {
          const { shownHash, due } = await local.submitRun({ run, actor });
          this.shownHash = shownHash;
          this.due = due;
          this.stage = 'submitted';
          return { shownHash };
        });
        await this.askPolicy();
        return;
      case 'recompute':
        if (await this.life.answer(ticket, async () => {})) this.computeAgain(ticket);
        return;
      case 'approve': {
        const { shownHash } = message;
        if (!(await this.life.answer(ticket, () => local.approveRun({ run, shownHash, actor }))))
          return;
        const key = effectKey(billRunWorkflowId(run), 'issue');
        this.life.add({ kind: 'issue', key, words: 'Issue of the run' });
        return;
      }
      case 'refuse': {
        const args = { run, reason: message.reason, actor };
        if (await this.life.answer(ticket, () => local.refuseRun(args))) this.stage = 'in review';
        return;
      }
      case 'withdraw': {
        const items = (this.args.only?.items ?? []).map(({ subcontract }) => subcontract);
        const args = { run, reason: message.reason, actor, items };
        if (await this.life.answer(ticket, () => local.withdrawRun(args))) this.stage = 'withdrawn';
        return;
      }
    }
  }
}

// ---------------------------------------------------------------- handlers

function listen(process: BillRunProcess): void {
  const { life } = process;
  // While it is computing, a message waits in the inbox: the record may say "in review" a moment before this process hears
  // it, and whether the message holds is decided by the record when the computation is done.
  const inReview = () => {
    if (process.stage !== 'in review' && process.stage !== 'computing')
      throw refusal('run-not-in-review', `The run is ${process.stage}, not in review.`);
  };
  const demandUndecided = () => {
    if (process.stage === 'withdrawn')
      throw refusal('already-decided', 'The run was withdrawn: nothing of it goes out.');
    if (process.stage === 'issuing' || process.stage === 'issued')
      throw refusal('already-decided', `The run is ${process.stage}: it was approved already.`);
  };
  const submitted = () => {
    demandUndecided();
    if (process.stage !== 'submitted')
      throw refusal('run-not-submitted', `The run is ${process.stage}: submit it first.`);
  };
  onUpdate(
    runExclude,
    ({ item, decision, reason }, actor) =>
      life.ask((ticket) => ({ kind: 'decide', ticket, item, decision, reason, actor })),
    ({ reason }) => {
      inReview();
      if (reason.trim() === '') throw refusal('invalid-input', 'Give a reason: it is kept.');
    },
  );
  onUpdate(
    runInclude,
    ({ item, reason }, actor) =>
      life.ask((ticket) => ({ kind: 'decide', ticket, item, decision: 'include', reason, actor })),
    inReview,
  );
  onUpdate(
    runSubmit,
    (actor) => life.ask((ticket) => ({ kind: 'submit', ticket, actor })),
    inReview,
  );
  onUpdate(
    runApprove,
    ({ shownHash }, actor) => life.ask((ticket) => ({ kind: 'approve', ticket, shownHash, actor })),
    ({ shownHash }) => {
      submitted();
      if (shownHash !== process.shownHash)
        throw refusal('numbers-changed', 'The numbers are not those that were shown; look again.');
    },
  );
  onUpdate(
    runRefuse,
    ({ reason }, actor) => life.ask((ticket) => ({ kind: 'refuse', ticket, reason, actor })),
    ({ reason }) => {
      submitted();
      if (reason.trim() === '') throw refusal('invalid-input', 'Say what is to be corrected.');
    },
  );
  onUpdate(
    runWithdraw,
    ({ reason }, actor) => life.ask((ticket) => ({ kind: 'withdraw', ticket, reason, actor })),
    ({ reason }) => {
      demandUndecided();
      if (!isOffCycleRun(process.args.run))
        throw refusal(
          'invalid-input',
          'A month’s run is not withdrawn: leave documents out of it.',
        );
      if (reason.trim() === '') throw refusal('invalid-input', 'Give a reason: it is kept.');
    },
  );
  onUpdate(
    runRecompute,
    (actor) => life.ask((ticket) => ({ kind: 'recompute', ticket, actor })),
    inReview,
  );
  setHandler(runProgress, () => ({
    state: process.stage,
    due: process.due,
    issued: process.issued,
    failed: process.failed,
  }));
}
