/**
 * What every long-lived workflow here shares: an inbox that handlers fill and main drains, tasks that park instead of
 * failing, and the answer to a test clock. State is one plain JSON object, carried over continue-as-new; the tickets of
 * updates are not carried, because continue-as-new waits until every handler has answered.
 */
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  type UpdateDefinition,
} from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  isCancellation,
  log,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import {
  type Actor,
  clockAdvance,
  clockMoved,
  type RefusalCode,
  resolveParked,
} from './messages.ts';

export const NEEDS_ATTENTION = defineSearchAttributeKey('NeedsAttention', SearchAttributeType.BOOL);
export const BILLING_STATE = defineSearchAttributeKey('BillingState', SearchAttributeType.KEYWORD);

/** One thing to do; its key names it once, its words say what it is to people. */
export interface Task {
  readonly key: string;
  readonly words: string;
}

export interface Parked<T extends Task> {
  readonly task: T;
  readonly cause: string;
}

/** The part of carried state that this module keeps. */
export interface LifeState<M, T extends Task> {
  schemaVersion: 1;
  inbox: (M | Resolution)[];
  tasks: T[];
  parked: Parked<T>[];
  /** Keys of what was done or skipped, so that facts not yet re-read do not call for it again. Emptied once a year. */
  settledKeys: string[];
}

interface Resolution {
  readonly kind: 'resolve';
  readonly ticket: number;
  readonly how: 'retry' | 'skip';
  readonly reason: string;
  readonly actor: Actor;
}

type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string };

export function newLifeState<M, T extends Task>(): LifeState<M, T> {
  return { schemaVersion: 1, inbox: [], tasks: [], parked: [], settledKeys: [] };
}

/** A refusal that ends an update, never the workflow: its type is the code that the API maps. */
export function refusal(code: RefusalCode, message: string): ApplicationFailure {
  return ApplicationFailure.create({ message, type: code, nonRetryable: true });
}

/** Registers an update with its synchronous validator, which sees the message's first argument and throws refusals. */
export function onUpdate<R, A extends unknown[]>(
  definition: UpdateDefinition<R, A>,
  handler: (...args: NoInfer<A>) => Promise<NoInfer<R>>,
  validator?: (input: NoInfer<A>[0]) => void,
): void {
  const options = validator === undefined ? {} : { validator: (...args: A) => validator(args[0]) };
  setHandler<R, A, UpdateDefinition<R, A>>(definition, handler, options);
}

/** The cause of a failed step in words; a cancellation is rethrown, because it is not a step's failure. */
export function causeOf(error: unknown): { code: string; message: string } {
  if (isCancellation(error)) throw error;
  // A local activity's refusal arrives as it was thrown, an activity's inside an ActivityFailure.
  if (error instanceof ApplicationFailure)
    return { code: error.type ?? 'step-failed', message: error.message };
  if (!(error instanceof ActivityFailure)) throw error;
  const cause = error.cause;
  if (cause instanceof ApplicationFailure)
    return { code: cause.type ?? 'step-failed', message: cause.message };
  return { code: 'step-failed', message: cause?.message ?? error.message };
}

export class Life<M extends { readonly kind: string }, T extends Task> {
  readonly state: LifeState<M, T>;
  private readonly answers = new Map<number, Answer>();
  private readonly record: (cause: string | null, key: string) => Promise<void>;
  private tickets = 0;
  private clockAsked = 0;
  private clockAnswered = 0;
  private nextOn: string | null = null;
  private nudged = false;
  private finished = false;
  private readonly running = new Set<string>();
  private readonly isSlow: (task: T) => boolean;

  /** @param record writes (or with null clears) "needs attention" where people look for it. */
  constructor(
    state: LifeState<M, T>,
    record: (cause: string | null, key: string) => Promise<void>,
    isSlow: (task: T) => boolean,
  ) {
    this.state = state;
    this.isSlow = isSlow;
    this.record = record;
    this.listen();
  }

  /** Handlers that every life has. Registered in the constructor, so before anything is awaited. */
  private listen(): void {
    setHandler(clockMoved, () => {
      this.nudged = true;
    });
    onUpdate(clockAdvance, async () => {
      this.clockAsked += 1;
      this.nudged = true;
      const ticket = this.clockAsked;
      await condition(() => this.clockAnswered >= ticket);
      return {
        nextOn: this.nextOn,
        needsAttention: this.state.parked[0]?.cause ?? null,
      };
    });
    onUpdate(
      resolveParked,
      async (input, actor) => {
        await this.ask((ticket) => ({ kind: 'resolve', ticket, ...input, actor }));
      },
      (input) => {
        if (this.state.parked.length === 0)
          throw refusal('nothing-parked', 'Nothing is waiting for a person here.');
        if (input.how !== 'retry' && input.how !== 'skip')
          throw refusal('invalid-input', 'Choose retry or skip.');
      },
    );
  }

  /** Puts a message into the inbox: all that a signal handler does. */
  tell(message: M): void {
    this.state.inbox.push(message);
  }

  /** Puts a question into the inbox and waits until main has answered it: all that an update handler does. */
  async ask<R>(make: (ticket: number) => M | Resolution): Promise<R> {
    this.tickets += 1;
    const ticket = this.tickets;
    this.state.inbox.push(make(ticket));
    await condition(() => this.answers.has(ticket));
    const answer = this.answers.get(ticket);
    this.answers.delete(ticket);
    if (answer === undefined) throw refusal('invalid-input', 'The question was lost; ask again.');
    if (!answer.ok)
      throw ApplicationFailure.create({
        message: answer.message,
        type: answer.code,
        nonRetryable: true,
      });
    return answer.value as R;
  }

  /** Answers a question with what a step returns, or with its refusal. */
  async answer(ticket: number, step: () => Promise<unknown>): Promise<boolean> {
    try {
      const value = await step();
      this.answers.set(ticket, { ok: true, value });
      return true;
    } catch (error) {
      const { code, message } = causeOf(error);
      this.answers.set(ticket, { ok: false, code, message });
      return false;
    }
  }

  refuse(ticket: number, code: RefusalCode, message: string): void {
    this.answers.set(ticket, { ok: false, code, message });
  }

  /** Drains the inbox in the order of arrival. Messages that arrive meanwhile are drained too. */
  async drain(handle: (message: M) => Promise<void>): Promise<boolean> {
    let any = false;
    for (let message = this.state.inbox.shift(); message; message = this.state.inbox.shift()) {
      any = true;
      if (message.kind === 'resolve') await this.resolve(message as Resolution);
      else await handle(message as M);
    }
    return any;
  }

  /** Adds a task once: not while it is to do, parked, or settled already. */
  add(task: T): boolean {
    const { tasks, parked, settledKeys } = this.state;
    const known =
      tasks.some(({ key }) => key === task.key) ||
      this.running.has(task.key) ||
      parked.some((one) => one.task.key === task.key) ||
      settledKeys.includes(task.key);
    if (!known) tasks.push(task);
    return !known;
  }

  isKnown(key: string): boolean {
    const { parked, settledKeys } = this.state;
    return (
      this.running.has(key) ||
      parked.some((one) => one.task.key === key) ||
      settledKeys.includes(key)
    );
  }

  /** It is to do, being done, or waits for a person. */
  isPending(key: string): boolean {
    const { tasks, parked } = this.state;
    return (
      this.running.has(key) ||
      tasks.some((one) => one.key === key) ||
      parked.some((one) => one.task.key === key)
    );
  }

  /**
   * Does the tasks in order; one that can not go on is parked with its cause and does not stop the next. A slow one (it
   * waits for a system outside) runs in the background, so that messages are heard meanwhile.
   * @returns whether the facts may have changed, as the performer says.
   */
  async perform(run: (task: T) => Promise<{ changed: boolean }>): Promise<boolean> {
    let changed = false;
    for (let task = this.state.tasks[0]; task; task = this.state.tasks[0]) {
      this.state.tasks.shift();
      if (this.isSlow(task)) this.launch(task, run);
      else changed = (await this.attempt(task, run)) || changed;
    }
    return changed;
  }

  private async attempt(
    task: T,
    run: (task: T) => Promise<{ changed: boolean }>,
  ): Promise<boolean> {
    try {
      const { changed } = await run(task);
      this.state.settledKeys.push(task.key);
      return changed;
    } catch (error) {
      await this.park(task, causeOf(error).message);
      return false;
    }
  }

  private launch(task: T, run: (task: T) => Promise<{ changed: boolean }>): void {
    this.running.add(task.key);
    this.attempt(task, run).then(
      () => this.landed(task),
      () => this.landed(task), // a cancellation, which main meets by itself
    );
  }

  private landed(task: T): void {
    this.running.delete(task.key);
    this.finished = true;
  }

  /** Something runs in the background: neither the time to rest nor to continue as new. */
  get busy(): boolean {
    return this.running.size > 0;
  }

  async park(task: T, cause: string): Promise<void> {
    const words = `${task.words}: ${cause}`;
    log.warn('a step waits for a person', { task: task.key, cause });
    this.state.parked.push({ task, cause: words });
    upsertSearchAttributes([{ key: NEEDS_ATTENTION, value: true }]);
    await this.noteAttention(words, task.key);
  }

  /** What is noted for people must not stop the process: the search attribute and the state say it too. */
  private async noteAttention(cause: string | null, key: string): Promise<void> {
    try {
      await this.record(cause, key);
    } catch (error) {
      log.error('could not note that a step waits', { key, cause: causeOf(error).message });
    }
  }

  private async resolve({ ticket, how, reason, actor }: Resolution): Promise<void> {
    const parked = this.state.parked.splice(0);
    for (const { task } of parked) {
      if (how === 'retry') this.state.tasks.push(task);
      else this.state.settledKeys.push(task.key);
    }
    log.info('parked steps were resolved', { how, reason, by: actor.user });
    upsertSearchAttributes([{ key: NEEDS_ATTENTION, value: false }]);
    await this.noteAttention(null, parked.map(({ task }) => task.key).join(' '));
    this.answers.set(ticket, { ok: true, value: undefined });
  }

  get attention(): string | null {
    return this.state.parked[0]?.cause ?? null;
  }

  /** Call at the start of a round: what is asked of the clock from here on belongs to the next round. */
  beginRound(): number {
    this.nudged = false;
    this.finished = false;
    return this.clockAsked;
  }

  /** Call when a round found nothing more to do: who moved the clock hears when the next step is due. */
  rest(asked: number, nextOn: string | null): void {
    this.nextOn = nextOn;
    this.clockAnswered = asked;
  }

  /** A message waits: the facts must be read again. */
  woken = (): boolean => this.state.inbox.length > 0 || this.nudged;

  /** A message waits, or something that ran in the background has ended. */
  stirred = (): boolean => this.woken() || this.finished;
}
