/** `perennial` as its users run it: processes of the checkout, on a data folder of the test's own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { USUAL_PORTS } from '../../cli/start/instance.ts';
import { anyFreePort } from '../../cli/start/ports.ts';
import { eventually } from './eventually.ts';
import { endWithRun } from './servers.ts';

export const PROJECT = dirname(dirname(import.meta.dirname));
const BIN = join(PROJECT, 'cli', 'bin.mjs');
const READY_LIMIT_MS = 420_000;

/** A developer's own servers, keys and place are no part of a test. */
const NOT_OURS = [
  ...['DATABASE_URL', 'TEMPORAL_ADDRESS', 'SMTP_URL', 'PORT', 'NODE_ENV', 'INIT_CWD'],
  ...['PERENNIAL_URL', 'PERENNIAL_API_KEY'],
];

/** Has the instance of this data folder begin on ports that nobody uses: others may be about to take the usual ones. */
export async function giveFreePorts(data: string): Promise<void> {
  const ports: Record<string, number> = {};
  for (const name of Object.keys(USUAL_PORTS)) {
    let port = await anyFreePort();
    while (Object.values(ports).includes(port)) port = await anyFreePort();
    ports[name] = port;
  }
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'ports.json'), JSON.stringify(ports));
}

export interface Running {
  readonly child: ChildProcess;
  /** Once it has ended and said all: its exit code, null where a signal ended it. */
  readonly ended: Promise<number | null>;
  stdout(): string;
  stderr(): string;
  /** Both, as a terminal shows them. */
  said(): string;
}

export interface RunOptions {
  /** What its user has set; nothing else of a developer's own environment that matters to it is left. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** By `npm start`, as the README says, in place of `perennial start`. */
  readonly npm?: boolean;
}

/** `perennial …` in a terminal of its own: what stops its group stops no test. */
export function perennial(
  data: string,
  args: readonly string[],
  { env: given = {}, cwd = PROJECT, npm = false }: RunOptions = {},
): Running {
  const env: NodeJS.ProcessEnv = { ...process.env, PERENNIAL_DATA: data };
  for (const name of NOT_OURS) delete env[name];
  const [command, first] = npm ? ['npm', []] : [process.execPath, [BIN]];
  const child = spawn(command, [...first, ...args], {
    cwd,
    detached: true,
    env: { ...env, ...given },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '', both: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      text[name] += chunk;
      text.both += chunk;
    });
  const ended = new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  return {
    child,
    ended,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    said: () => text.both,
  };
}

/** Of `perennial start` or what includes it. @throws Error with what it said where it ends before it is ready. */
export async function untilReady(running: Running): Promise<Running> {
  const { child, ended, said } = running;
  let over = false;
  const end = () => {
    over = true;
  };
  ended.then(end, end);
  try {
    await endWithRun(child.pid as number);
    const ready = async () => {
      if (over) throw new Error('It ended.');
      return /^Perennial is ready$/m.test(said());
    };
    await eventually('Perennial is ready', ready, READY_LIMIT_MS);
  } catch (error) {
    throw new Error(`It did not become ready:\n${said()}`, { cause: error });
  }
  return running;
}

/** What Ctrl-C in its terminal does. @returns its exit code. */
export function interrupt({ child, ended }: Running): Promise<number | null> {
  process.kill(-(child.pid as number), 'SIGINT');
  return ended;
}

/** Ends it, where it has not ended. */
export async function end({ child, ended }: Running): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
    process.kill(-child.pid, 'SIGTERM');
  await ended;
}
