/**
 * What tests may ask for: a database of their own, Temporal's dev server, its time-skipping server. Each is started when
 * first asked for, once a run (global-setup.ts), and gone after it.
 */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, beforeEach, inject, type TestContext } from 'vitest';

/** Programs that are no tests say in the environment where the servers are. */
const serversUrl = () => process.env.PERENNIAL_TEST_SERVERS ?? inject('serversUrl');

async function ask<T>(wish: string): Promise<T> {
  const answer = await fetch(`${serversUrl()}${wish}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`The servers for tests could not serve ${wish}: ${text}`);
  return JSON.parse(text) as T;
}

/** The URL of a new database with the present schema and no rows, which nobody else uses. */
export async function createTestDatabase(): Promise<string> {
  return (await ask<{ url: string }>('/database')).url;
}

/** The URL of a new database without any table, for tests of the migrations. */
export async function createEmptyDatabase(): Promise<string> {
  return (await ask<{ url: string }>('/empty-database')).url;
}

/** The address (`127.0.0.1:PORT`) of a dev server that all tests of a run share: choose task queues and ids of your own. */
export async function devServerAddress(): Promise<string> {
  return (await ask<{ address: string }>('/dev-server')).address;
}

/** A server that a test starts itself ends with the run at the latest, also where the test crashes. */
export async function endWithRun(pid: number): Promise<void> {
  await ask(`/watch?pid=${pid}`);
}

/** A time-skipping environment, which the caller tears down, or in words what this machine lacks for one. */
export type TimeSkippingAnswer =
  | { environment: TestWorkflowEnvironment; pid: number }
  | { missing: string };

/**
 * The SDK would start the server itself, and gives it five seconds, which a busy machine does not keep: the servers for
 * tests start it with patience, and the SDK starts a stand-in that does nothing.
 */
export async function createTimeSkipping(): Promise<TimeSkippingAnswer> {
  const answer = await ask<{ port: number; pid: number; standIn: string } | { missing: string }>(
    '/time-skipping',
  );
  if ('missing' in answer) return answer;
  const executable = { type: 'existing-path', path: answer.standIn } as const;
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable, port: answer.port },
  });
  return { environment, pid: answer.pid };
}

/**
 * A time-skipping server for each file, or each test of it, that calls this at its top; torn down after what the file's own
 * hooks end. What it answers gives a test its environment, or skips it with the reason.
 *
 *     const timeSkipping = useTimeSkipping('file');
 *     it('bills two years', async (context) => { const env = timeSkipping(context); … });
 */
export function useTimeSkipping(
  per: 'file' | 'test',
): (context: TestContext) => TestWorkflowEnvironment {
  let answer: TimeSkippingAnswer | undefined;
  const begin = async () => {
    answer = await createTimeSkipping();
  };
  const end = async () => {
    await tearDown(answer);
    answer = undefined;
  };
  if (per === 'file') {
    beforeAll(begin);
    afterAll(end);
  } else {
    beforeEach(begin);
    afterEach(end);
  }
  return (context) => {
    if (answer === undefined) throw new Error('The time-skipping server is asked for in a test.');
    return timeSkippingOrSkip(answer, context);
  };
}

/** The environment, or this test is skipped with the reason, which the run's summary repeats aloud. */
export function timeSkippingOrSkip(
  answer: TimeSkippingAnswer,
  context: TestContext,
): TestWorkflowEnvironment {
  if ('environment' in answer) return answer.environment;
  return skipAloud(context, `the time-skipping server needs ${answer.missing}`);
}

declare module 'vitest' {
  interface TaskMeta {
    skipReason?: string;
  }
}

/** Skips this test for want of something on this machine; the summary of `npm test` says the reason aloud. */
export function skipAloud(context: TestContext, reason: string): never {
  context.task.meta.skipReason = reason;
  return context.skip(reason);
}

export async function tearDown(answer: TimeSkippingAnswer | undefined): Promise<void> {
  if (answer === undefined || 'missing' in answer) return;
  await answer.environment.teardown();
  await ask(`/end?pid=${answer.pid}`);
}
