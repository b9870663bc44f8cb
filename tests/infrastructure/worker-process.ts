/** The worker as the process that it is in production, so that it can be killed, measured and started again. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { YOUNG_SPACE } from '../../cli/start/node-arguments.ts';

const WORKER = fileURLToPath(new URL('../../worker/main.ts', import.meta.url));
const PATIENCE_MS = 240_000;

export interface WorkerPlace {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly smtpUrl: string;
  /** Where its bundle is kept. */
  readonly dataFolder: string;
}

/** All that a worker is told, and nothing of the developer's own environment. */
export function workerEnvironment(place: WorkerPlace): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TZ: 'UTC',
    DATABASE_URL: place.databaseUrl,
    TEMPORAL_ADDRESS: place.temporalAddress,
    SMTP_URL: place.smtpUrl,
    PERENNIAL_SECRET: 'a secret of this test alone, long enough',
    PERENNIAL_DATA: place.dataFolder,
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'error',
  };
}

/** Forks a worker and waits until it says that it is ready. `imports` are loaded into it before its own code. */
export async function startWorkerProcess(
  env: NodeJS.ProcessEnv,
  imports: readonly string[] = [],
): Promise<ChildProcess> {
  const loaded = [import.meta.resolve('tsx'), ...imports].flatMap((url) => ['--import', url]);
  const child = fork(WORKER, [], {
    execArgv: [YOUNG_SPACE, ...loaded],
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((done, fail) => {
      // tsx tells its parent of every file that it loads.
      child.on('message', (message) => {
        if (typeof message === 'object' && 'ready' in message) done();
      });
      child.once('exit', (code) => fail(new Error(`the worker ended with ${code}`)));
      const late = () => fail(new Error('the worker did not become ready'));
      timer = setTimeout(late, PATIENCE_MS);
    });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return child;
}

/** Its exit code; null where a signal ended it. */
export function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((done) => child.once('exit', (code) => done(code)));
}
