/** Temporal's time-skipping server, and the workflows' bundle, for tests that run workers themselves. */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, beforeEach, type TestContext } from 'vitest';
import { workflowBundlePath } from '../../worker/bundle.ts';
import { ask, skipAloud } from './servers.ts';

/** Before any server is started: the runtime can be chosen once. Workflow task failures are told aloud. */
Runtime.install({ logger: new DefaultLogger('WARN') });

/** Today's workflow code as the product bundles it: made once a run, and by whoever asks meanwhile. */
export async function sharedBundlePath(): Promise<string> {
  const { folder } = await ask<{ folder: string }>('/folder');
  return workflowBundlePath(folder);
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

export async function tearDown(answer: TimeSkippingAnswer | undefined): Promise<void> {
  if (answer === undefined || 'missing' in answer) return;
  await answer.environment.teardown();
  await ask(`/end?pid=${answer.pid}`);
}
