/**
 * Where the Temporal command line comes from: TEMPORAL_CLI, `temporal` on the PATH, this user's cache, the SDK's own
 * download, a build from source with Go. Got once, it stays in the cache for every checkout of this user.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unansweredWords } from '../../connectors/http-answers.ts';
import { cacheFolder } from './cache-folder.ts';
import { releaseLock, takeLock } from './file-lock.ts';
import { nodeArguments } from './node-arguments.ts';

/** Later tags carry replace directives and cannot be installed by `go install`. */
export const TEMPORAL_CLI_VERSION = 'v1.5.1';
const SOURCE = `github.com/temporalio/cli/cmd/temporal@${TEMPORAL_CLI_VERSION}`;
const REACH_LIMIT_MS = 20_000;
const DOWNLOAD_LIMIT_MS = 300_000;
const BUILD_LIMIT_MS = 1_800_000;

type Say = (line: string) => void;

/** What a caller who may be stopped in the middle gives along. */
export interface Stoppable {
  readonly stopping?: AbortSignal;
  /** Told of every child, which leads a process group of its own. */
  readonly onChild?: (name: string, child: ChildProcess) => void;
}

export function cachedTemporal(): string {
  const name = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
  return cacheFolder('temporal', TEMPORAL_CLI_VERSION, name);
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** A `temporal` that is on this machine already, or null; `from` says in words where it was found. */
export async function findTemporal(): Promise<{ path: string; from: string } | null> {
  const given = process.env.TEMPORAL_CLI;
  if (given) {
    if (await isExecutable(given)) return { path: given, from: 'TEMPORAL_CLI' };
    throw new Error(
      `TEMPORAL_CLI is ${JSON.stringify(given)}, which is no file that can be run. ` +
        'Give the path of the temporal command line, or leave it unset.',
    );
  }
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, 'temporal');
    if (await isExecutable(path)) return { path, from: 'PATH' };
  }
  const cached = cachedTemporal();
  return (await isExecutable(cached)) ? { path: cached, from: 'cache' } : null;
}

/** The path of a `temporal` that can be run, got where there is none yet; tells what takes long. */
export async function obtainTemporal(say: Say, stoppable: Stoppable = {}): Promise<string> {
  const found = await findTemporal();
  if (found !== null) return found.path;
  const lock = `${cachedTemporal()}.lock`;
  await waitForLock(lock, say, stoppable);
  try {
    const meanwhile = await findTemporal();
    if (meanwhile !== null) return meanwhile.path;
    return await fetchOrBuild(say, stoppable);
  } finally {
    await releaseLock(lock);
  }
}

async function waitForLock(lock: string, say: Say, { stopping }: Stoppable): Promise<void> {
  let told = false;
  for (;;) {
    stopping?.throwIfAborted();
    const answer = await takeLock(lock);
    if (answer === 'taken') return;
    if (!told) say(`Waiting for process ${answer.heldBy.pid}, which is getting Temporal already`);
    told = true;
    await new Promise((done) => setTimeout(done, 1_000));
  }
}

async function fetchOrBuild(say: Say, stoppable: Stoppable): Promise<string> {
  const target = cachedTemporal();
  const making = join(cacheFolder('temporal'), `making-${process.pid}`);
  await mkdir(making, { recursive: true });
  try {
    say('Temporal is not on this machine yet: trying its download');
    const downloaded = await download(making, stoppable);
    if ('path' in downloaded) {
      await adopt(downloaded.path, target);
      return target;
    }
    say(`The download did not work (${downloaded.cause}); building Temporal from source`);
    await adopt(await build(making, say, stoppable), target);
    return target;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** Puts the file under its name in one step, so that nobody ever runs half of it. */
async function adopt(file: string, target: string): Promise<void> {
  const beside = `${target}.${process.pid}`;
  await copyFile(file, beside);
  await chmod(beside, 0o755);
  await rename(beside, target);
}

/** The SDK's own download, in a process of its own that can be stopped when the network does not answer. */
async function download(
  folder: string,
  stoppable: Stoppable,
): Promise<{ path: string } | { cause: string }> {
  try {
    const url = `https://temporal.download/cli/${TEMPORAL_CLI_VERSION}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(REACH_LIMIT_MS) });
    await answer.body?.cancel();
  } catch (error) {
    return { cause: `temporal.download cannot be reached: ${unansweredWords(error)}` };
  }
  const script = fileURLToPath(new URL('temporal-download.ts', import.meta.url));
  const result = await output(
    process.execPath,
    nodeArguments(script, TEMPORAL_CLI_VERSION, folder),
    { env: {}, limitMs: DOWNLOAD_LIMIT_MS, stoppable },
  );
  const name = (await readdir(folder)).find((entry) => entry.startsWith('temporal'));
  if (result.code === 0 && name !== undefined) return { path: join(folder, name) };
  return { cause: result.text.trim().split('\n').at(-1) ?? `code ${result.code}` };
}

/** `go install`, which takes four to five minutes on two cores; a line every ten seconds says that it goes on. */
async function build(folder: string, say: Say, stoppable: Stoppable): Promise<string> {
  if (spawnSync('go', ['version']).status !== 0)
    throw new Error(
      'Temporal is missing: it is not on the PATH, its download cannot be reached, and there is no Go to build it. ' +
        'Install the Temporal command line (https://docs.temporal.io/cli), or Go 1.24 or later, ' +
        'or set TEMPORAL_ADDRESS to a Temporal server of yours.',
    );
  say(
    `Building Temporal ${TEMPORAL_CLI_VERSION} with Go: once on this machine, about five minutes`,
  );
  const beganAt = performance.now();
  let packages = 0;
  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - beganAt) / 1000);
    say(`Building Temporal: ${packages} packages compiled, ${seconds} s`);
  }, 10_000);
  try {
    const args = ['install', '-v', '-ldflags', '-s -w', SOURCE];
    const result = await output('go', args, {
      env: { GOBIN: folder },
      limitMs: BUILD_LIMIT_MS,
      stoppable,
      onChunk: (chunk) => {
        packages += chunk.split('\n').length - 1;
      },
    });
    if (result.code !== 0)
      throw new Error(`go ${args.join(' ')} failed:\n${result.text.trim().slice(-2_000)}`);
    return join(folder, 'temporal');
  } finally {
    clearInterval(progress);
  }
}

interface OutputOptions {
  readonly env: Record<string, string>;
  readonly limitMs: number;
  readonly stoppable: Stoppable;
  readonly onChunk?: (chunk: string) => void;
}

/** Runs a command in a process group of its own, which is ended whole when time is up or all is stopped. */
function output(
  command: string,
  args: string[],
  { env, limitMs, stoppable, onChunk }: OutputOptions,
): Promise<{ code: number | null; text: string }> {
  const { stopping, onChild } = stoppable;
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onChild?.(command, child);
    const end = () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    };
    const limit = setTimeout(end, limitMs);
    stopping?.addEventListener('abort', end, { once: true });
    let text = '';
    const take = (chunk: Buffer) => {
      text += chunk;
      onChunk?.(chunk.toString());
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', fail);
    child.on('close', (code) => {
      clearTimeout(limit);
      stopping?.removeEventListener('abort', end);
      if (stopping?.aborted) fail(stopping.reason);
      else done({ code, text });
    });
  });
}

export interface DevServer {
  readonly port: number;
  readonly uiPort: number | null;
  readonly databaseFile: string;
  readonly searchAttributes: Readonly<Record<string, string>>;
}

/** The arguments of Temporal's dev server, on 127.0.0.1 alone; its file is kept in write-ahead mode, which is faster. */
export function devServerArguments(server: DevServer): string[] {
  const page = server.uiPort === null ? ['--headless'] : ['--ui-port', String(server.uiPort)];
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(server.port)],
    ...page,
    ...['--db-filename', server.databaseFile],
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'],
    ...['--log-level', 'warn', '--color', 'never'],
    ...Object.entries(server.searchAttributes).flatMap(([name, type]) => [
      '--search-attribute',
      `${name}=${type}`,
    ]),
  ];
}
