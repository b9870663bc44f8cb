/**
 * Steps that do nothing but answer. While years are lived, what each step answers is kept, and which processes it starts or
 * tells through the engine; the same processes can then live the same years again on these answers alone. What is left is
 * the time of the engine and of the processes themselves.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { CivilDate } from '../../domain/dates/dates.ts';
import type { Steps } from '../../workflows/steps.ts';

type Step = (args: object) => Promise<unknown>;
/** What a step asks of the engine. */
type Call = 'start' | 'signalWithStart';
type Told = readonly [Call, readonly unknown[]];
type Caller = Readonly<Record<Call, (...args: readonly unknown[]) => Promise<unknown>>>;

interface Given {
  readonly on: CivilDate;
  readonly answer: unknown;
  readonly told: readonly Told[];
}

const callerOf = ({ workflow }: Client): Caller => {
  const { start, signalWithStart } = workflow as unknown as Caller;
  return { start: start.bind(workflow), signalWithStart: signalWithStart.bind(workflow) };
};

/** Who asks what. The moment of asking (`at`) is another in each life. */
function questionOf(name: string, args: object): string {
  const { at: _, ...asked } = args as { readonly at?: unknown };
  const { workflowExecution } = activityInfo();
  return JSON.stringify([workflowExecution?.workflowId, name, asked]);
}

/**
 * The answer to a question that is asked for the nth time (from 0) on a day: the nth of that day, or its last one. A process
 * that is not waited for may ask a day sooner or later than it did: then it is what held before, or came first.
 */
function answerOn(given: readonly Given[], today: CivilDate, nth: number): Given | undefined {
  const onDay = given.filter(({ on }) => on === today);
  return onDay[nth] ?? onDay.at(-1) ?? given.findLast(({ on }) => on < today) ?? given[0];
}

export class RecordedSteps {
  readonly #names: string[] = [];
  readonly #given = new Map<string, Given[]>();
  readonly #telling = new AsyncLocalStorage<Told[]>();

  /** The same steps; what they answer is kept. */
  recording(steps: Steps, today: () => CivilDate): Steps {
    this.#names.push(...Object.keys(steps));
    return this.#eachStep((name) => async (args) => {
      const question = questionOf(name, args);
      const on = today();
      const told: Told[] = [];
      const step = steps[name as keyof Steps] as Step;
      const answer = await this.#telling.run(told, () => step(args));
      const before = this.#given.get(question) ?? [];
      this.#given.set(question, [...before, { on, answer, told }]);
      return answer;
    });
  }

  /** The same client for steps that are recorded: what they start and tell is kept. */
  listening(client: Client): Client {
    const caller = callerOf(client);
    const noting =
      (call: Call) =>
      (...args: readonly unknown[]) => {
        this.#telling.getStore()?.push([call, args]);
        return caller[call](...args);
      };
    const noted = { start: noting('start'), signalWithStart: noting('signalWithStart') };
    const workflow = Object.assign(Object.create(client.workflow), noted);
    return Object.assign(Object.create(client), { workflow });
  }

  /**
   * Steps of the same names that start and tell what was started and told, and answer what was answered.
   * @throws Error where something is asked that nobody asked while it was recorded
   */
  answering(client: Client, today: () => CivilDate): Steps {
    const caller = callerOf(client);
    const asked = new Map<string, number>();
    return this.#eachStep((name) => async (args) => {
      const question = questionOf(name, args);
      const on = today();
      const nth = asked.get(on + question) ?? 0;
      asked.set(on + question, nth + 1);
      const given = answerOn(this.#given.get(question) ?? [], on, nth);
      if (given === undefined) throw new Error(`nobody asked in the recorded life: ${question}`);
      const { answer, told } = given;
      for (const [call, sent] of told) await caller[call](...sent);
      return answer;
    });
  }

  #eachStep(make: (name: string) => Step): Steps {
    return Object.fromEntries(this.#names.map((name) => [name, make(name)])) as unknown as Steps;
  }
}
