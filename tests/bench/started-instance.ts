/** An instance of one's own, started as a person starts it, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { eventually } from '../infrastructure/eventually.ts';
import { endWithRun } from '../infrastructure/servers.ts';
import { ended } from '../infrastructure/worker-process.ts';

const PROJECT = dirname(dirname(import.meta.dirname));
/** What a developer has of their own would otherwise be started against. */
const NOT_OURS = ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'SMTP_URL', 'PORT'];

export interface StartedInstance {
  readonly child: ChildProcess;
  /** From the start of the process to the line that says it is ready. */
  readonly startSeconds: number;
  stop(): Promise<void>;
}

/** `perennial start` in this data folder, ready. @throws Error with its output where it ends before. */
export async function startInstance(dataFolder: string): Promise<StartedInstance> {
  const env: NodeJS.ProcessEnv = { ...process.env, PERENNIAL_DATA: dataFolder };
  for (const name of NOT_OURS) delete env[name];
  const begun = performance.now();
  const child = spawn(process.execPath, [join(PROJECT, 'cli', 'bin.mjs'), 'start'], {
    cwd: PROJECT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = ended(child);
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
  };
  let text = '';
  const note = (chunk: Buffer) => {
    text += chunk;
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  try {
    await endWithRun(child.pid as number);
    await eventually('a start', async () => {
      if (child.exitCode !== null) throw new Error(`the start ended:\n${text}`);
      return /^Perennial is ready$/m.test(text);
    });
    return { child, startSeconds: (performance.now() - begun) / 1000, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Works with a new data folder, which is removed afterwards. User postgres must reach it where this runs as root. */
export async function withDataFolder<T>(work: (dataFolder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-start-'));
  await chmod(folder, 0o755);
  try {
    return await work(join(folder, 'data'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
