/**
 * Living a rehearsal: a test clock goes from one day on which something is due to the next, and moves on only when every
 * process of its world has done what that day asked of it. Bill runs begin on their day as the schedule begins real ones.
 *
 * The record (the clock's row, the state of a run) comes through a port, because SQL is db/'s.
 */
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { runDayOnOrAfter } from '../../domain/bill-run/run-day.ts';
import { addDays, type CivilDate } from '../../domain/dates/dates.ts';
import { billRunWorkflowId, runName } from '../../workflows/ids.ts';
import {
  type Actor,
  clockAdvance,
  runApprove,
  runSubmit,
  WORKFLOW_TYPES,
} from '../../workflows/messages.ts';
import { startBillRun } from './lifecycles.ts';

export interface ClockRecord {
  today(): Promise<CivilDate>;
  /** Moves the clock's row; never back. */
  moveTo(day: CivilDate): Promise<void>;
  /** The state of a run's row; null where there is none. */
  runState(run: string): Promise<string | null>;
}

export interface AdvanceOptions {
  /** Who submits and who approves a rehearsal's runs; null stops at each run until people have decided it. */
  readonly deciders: { readonly maker: Actor; readonly checker: Actor } | null;
  /** Stops between two days once this much time has passed; asked again, it goes on from where it stands. */
  readonly atMostMs?: number;
  readonly onDay?: (today: CivilDate) => void;
}

export interface Advance {
  readonly today: CivilDate;
  readonly arrived: boolean;
  /** A run that waits for people; null where none does. */
  readonly waitsForRun: string | null;
}

const AT_A_TIME = 8;
/** How long the engine's list may take to name what a run has begun, and how often it is looked at. */
const LISTED_WITHIN_MS = 5_000;
const LOOK_AGAIN_MS = 20;
/** Payments tell invoices, invoices tell contracts: asked in this order, a day is done in one or two rounds. */
const ORDER = ['payment:', 'bill-run:', 'invoice:', 'late-charge:', 'credit-note:', 'contract:'];

function rank(workflowId: string): number {
  const at = ORDER.findIndex((prefix) => workflowId.startsWith(prefix));
  return at < 0 ? ORDER.length : at;
}

const isContract = (workflowId: string) => rank(workflowId) === ORDER.length - 1;
const livesOn = (clock: string) => `TestClock = '${clock.replaceAll("'", "''")}'`;

/** Ids of all running processes that live on a clock. Needs a server that lists (not the time-skipping one). */
export async function workflowsOnClock(client: Client, clock: string): Promise<string[]> {
  const ids: string[] = [];
  const query = `${livesOn(clock)} AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  return ids;
}

class Rehearsal {
  private readonly client: Client;
  private readonly clock: string;
  private readonly record: ClockRecord;
  private readonly options: AdvanceOptions;
  /** When each process has something to do next; a process that is not here was never asked. */
  private readonly nextOn = new Map<string, CivilDate | null>();
  /** Contracts that were asked after all that might have told them something on the day. */
  private readonly asked = new Set<string>();

  constructor(client: Client, clock: string, record: ClockRecord, options: AdvanceOptions) {
    this.client = client;
    this.clock = clock;
    this.record = record;
    this.options = options;
  }

  async advance(to: CivilDate): Promise<Advance> {
    const endsAt = performance.now() + (this.options.atMostMs ?? Number.POSITIVE_INFINITY);
    for (let today = await this.record.today(); ; ) {
      const waitsForRun = await this.liveDay(today);
      this.options.onDay?.(today);
      if (waitsForRun !== null) return { today, arrived: false, waitsForRun };
      if (today >= to) return { today, arrived: true, waitsForRun: null };
      if (performance.now() > endsAt) return { today, arrived: false, waitsForRun: null };
      today = this.nextDay(today, to);
      await this.record.moveTo(today);
    }
  }

  private nextDay(today: CivilDate, to: CivilDate): CivilDate {
    let next = to;
    for (const day of [...this.nextOn.values(), runDayOnOrAfter(addDays(today, 1))])
      if (day !== null && day > today && day < next) next = day;
    return next;
  }

  /** All that is due on a day, until nothing moves any more. */
  private async liveDay(today: CivilDate): Promise<string | null> {
    const waits = today === runDayOnOrAfter(today) ? await this.liveRun(today) : null;
    this.asked.clear();
    for (let round = 0; ; round += 1) {
      const running = await workflowsOnClock(this.client, this.clock);
      for (const id of this.nextOn.keys()) if (!running.includes(id)) this.nextOn.delete(id);
      const due = running.filter((id) => this.isDue(id, today, round > 0));
      if (due.length === 0) return waits;
      await this.ask(due, today);
      if (due.every(isContract)) return waits;
    }
  }

  /** New ones, those whose day has come, and after the first round the contracts that others may have told something. */
  private isDue(id: string, today: CivilDate, again: boolean): boolean {
    const next = this.nextOn.get(id);
    if (next === undefined) return true;
    if (again) return isContract(id) && !this.asked.has(id);
    return next !== null && next <= today;
  }

  /** Contracts come last, when all else is done: what they were told is told before they answer. */
  private async ask(ids: readonly string[], today: CivilDate): Promise<void> {
    const [contracts, others] = [ids.filter(isContract), ids.filter((id) => !isContract(id))];
    if (others.length > 0) this.asked.clear();
    for (const group of [others.sort((a, b) => rank(a) - rank(b)), contracts])
      for (let at = 0; at < group.length; at += AT_A_TIME) {
        const batch = group.slice(at, at + AT_A_TIME);
        const answers = batch.map(async (id) => [id, await this.askOne(id, today)] as const);
        for (const [id, nextOn] of await Promise.all(answers)) this.nextOn.set(id, nextOn);
      }
    for (const id of contracts) this.asked.add(id);
  }

  /** What is parked or still due by the same day is not asked for again on that day. */
  private async askOne(id: string, today: CivilDate): Promise<CivilDate | null> {
    try {
      const handle = this.client.workflow.getHandle(id);
      const { nextOn } = await handle.executeUpdate(clockAdvance, { args: [{ today }] });
      return nextOn !== null && nextOn <= today ? addDays(today, 1) : nextOn;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      // It ended, or continued as new, while it was asked: the next round asks its next run.
      if (error instanceof WorkflowUpdateFailedError) return today;
      throw error;
    }
  }

  /** The month's run: computed, and decided by those who may; or left for people. */
  private async liveRun(today: CivilDate): Promise<string | null> {
    const { client, clock, record, options } = this;
    const run = runName(today.slice(0, 7), clock);
    const handle = client.workflow.getHandle(billRunWorkflowId(run));
    if ((await record.runState(run)) === null) {
      const startedBy = options.deciders?.maker ?? null;
      try {
        await startBillRun(client, { run, runOn: today, clock, startedBy });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
      await handle.executeUpdate(clockAdvance, { args: [{ today }] });
    }
    const state = await record.runState(run);
    if (state !== 'in_review' && state !== 'submitted') return this.ended(handle.workflowId);
    if (options.deciders === null || state === 'submitted') return run;
    const { maker, checker } = options.deciders;
    const { shownHash } = await handle.executeUpdate(runSubmit, { args: [maker] });
    const before = await this.documentsBegun();
    await handle.executeUpdate(runApprove, { args: [{ shownHash }, checker] });
    const { issued } = (await handle.result()) as { issued: number };
    await this.untilListed(before + issued);
    return this.ended(handle.workflowId);
  }

  /** The engine lists what has ended a moment longer: it has nothing to do, and nobody is asked again because of it. */
  private ended(workflowId: string): null {
    this.nextOn.set(workflowId, null);
    return null;
  }

  /** How many documents' processes the engine's list names, those that have ended too. */
  private async documentsBegun(): Promise<number> {
    const query = `${livesOn(this.clock)} AND WorkflowType = '${WORKFLOW_TYPES.invoice}'`;
    return (await this.client.workflow.count(query)).count;
  }

  /** The engine lists what was begun a moment later: who is not listed would be asked on a later day. */
  private async untilListed(documents: number): Promise<void> {
    const endsAt = performance.now() + LISTED_WITHIN_MS;
    while ((await this.documentsBegun()) < documents && performance.now() < endsAt)
      await new Promise((done) => setTimeout(done, LOOK_AGAIN_MS));
  }
}

/**
 * Lives a rehearsal up to and including a day, in order.
 * @throws what the engine or the record throws; asked again, it goes on from the day on which it stopped.
 */
export async function advanceRehearsal(
  client: Client,
  clock: string,
  record: ClockRecord,
  to: CivilDate,
  options: AdvanceOptions,
): Promise<Advance> {
  return await new Rehearsal(client, clock, record, options).advance(to);
}
