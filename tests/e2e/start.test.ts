/**
 * `perennial start` as a user runs it: real parts, in a data folder of its own. One story: a first start, what is refused
 * beside it, Ctrl-C, a second start that goes on, and ends that nobody planned.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { isRunning, type ProcessIdentity, waitForEnd } from '../../cli/start/process-identity.ts';
import type { PartsRecord } from '../../cli/start/run-record.ts';
import { createDatabaseUnlessPresent, databaseVersion } from '../../db/administration.ts';
import { eventually } from '../infrastructure/eventually.ts';

const PROJECT = dirname(dirname(import.meta.dirname));
const BIN = join(PROJECT, 'cli', 'bin.mjs');
const FOLDER = mkdtempSync(join(tmpdir(), 'perennial-start-'));
// User postgres must reach it where the tests run as root.
chmodSync(FOLDER, 0o755);
const DATA = join(FOLDER, 'data');
const READY_LIMIT_MS = 420_000;

/** The variables that would make a developer's own servers part of the test are left out. */
function environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, PERENNIAL_DATA: DATA, ...extra };
  for (const name of ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'SMTP_URL', 'PORT', 'NODE_ENV'])
    if (extra[name] === undefined) delete env[name];
  return env;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output(): string;
}

const begun: Running[] = [];

function run(command: string, args: string[], env: NodeJS.ProcessEnv): Running {
  const child = spawn(command, args, {
    cwd: PROJECT,
    detached: true,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  child.stderr.on('data', (chunk) => (text += chunk));
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  const running = { child, ended, output: () => text };
  begun.push(running);
  return running;
}

async function untilReady(running: Running): Promise<void> {
  const endsAt = performance.now() + READY_LIMIT_MS;
  let over = false;
  void running.ended.then(() => {
    over = true;
  });
  while (!/^Perennial is ready$/m.test(running.output())) {
    if (over || performance.now() > endsAt)
      throw new Error(`It did not become ready:\n${running.output()}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function startAndWait(extra: Record<string, string> = {}): Promise<Running> {
  const running = run(process.execPath, [BIN, 'start'], environment(extra));
  await untilReady(running);
  return running;
}

/** All that runs now besides the supervisor: the guard and the parts. */
function companions(): ProcessIdentity[] {
  const record = JSON.parse(readFileSync(join(DATA, 'parts.json'), 'utf8')) as PartsRecord;
  return [record.guard, ...record.parts];
}

const read = (name: string) => JSON.parse(readFileSync(join(DATA, name), 'utf8'));

async function interrupt(running: Running): Promise<void> {
  process.kill(-(running.child.pid as number), 'SIGINT');
  await running.ended;
}

function listen(port: number): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => done(server));
  });
}

/** A test that failed half-way leaves nothing for the next one to stumble over. */
afterEach(async () => {
  for (const { child, ended } of begun.splice(0)) {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      process.kill(-child.pid, 'SIGTERM');
    await ended;
  }
});

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

describe('perennial start', () => {
  it('names a variable that cannot be used, what it found and what it accepts', async () => {
    const running = run(
      process.execPath,
      [BIN, 'start'],
      environment({ DATABASE_URL: 'mysql://me:hidden@host/db', PORT: 'many' }),
    );
    expect(await running.ended).toBe(2);
    expect(running.output()).toContain('DATABASE_URL is "mysql://me:***@host/db"; accepted is');
    expect(running.output()).toContain('PORT is "many"; accepted is a whole number');
    expect(running.output()).not.toContain('hidden');
  });

  it('starts by npm, says where, refuses a second one, and ends whole on Ctrl-C', async () => {
    const running = run('npm', ['start'], environment());
    await untilReady(running);
    const urls = running.output().match(/^http:\/\/127\.0\.0\.1:\d+\S*$/gm) ?? [];
    expect(urls.length).toBeGreaterThanOrEqual(4);
    for (const url of urls) {
      const answer = await fetch(url);
      await answer.body?.cancel();
      expect([url, answer.status < 400]).toEqual([url, true]);
    }
    expect(running.output()).not.toContain('\u001b[');
    for (const name of ['secrets.json', 'environment.json', 'temporal.db'])
      expect([name, statSync(join(DATA, name)).mode & 0o077]).toEqual([name, 0]);
    await createDatabaseUnlessPresent(read('environment.json').DATABASE_URL, 'kept');

    const second = run(process.execPath, [BIN, 'start'], environment());
    expect(await second.ended).toBe(4);
    expect(second.output()).toContain('already');

    const before = companions();
    expect(before.length).toBe(6);
    await interrupt(running);
    expect(before.filter(isRunning)).toEqual([]);
    expect(running.output()).toContain('Everything has stopped');
  });

  it('goes on where the last one stopped, and survives being killed', async () => {
    const ports = read('ports.json');
    const running = await startAndWait();
    expect(read('ports.json')).toEqual(ports);
    const url = new URL(read('environment.json').DATABASE_URL);
    url.pathname = '/kept';
    expect(await databaseVersion(url.href)).toMatch(/^18\./);

    const doctor = run(process.execPath, [BIN, 'doctor', '--json'], environment());
    expect([await doctor.ended, doctor.output()]).toEqual([
      0,
      expect.stringContaining('"ok": true'),
    ]);

    // Nothing in the process can notice this; the guard does.
    const before = companions();
    running.child.kill('SIGKILL');
    for (const identity of before) expect(await waitForEnd(identity, 30_000)).toBe(true);
  });

  it('clears up after one that was killed together with its guard; a taken port is left alone', async () => {
    const first = await startAndWait();
    const left = companions();
    process.kill((left[0] as ProcessIdentity).pid, 'SIGKILL');
    first.child.kill('SIGKILL');
    await first.ended;
    const parts = left.slice(1);
    expect(parts.some(isRunning)).toBe(true);

    const smtp: number = read('ports.json').smtp;
    const running = await startAndWait();
    expect(parts.filter(isRunning)).toEqual([]);
    await interrupt(running);

    const other = await listen(smtp);
    try {
      const again = await startAndWait();
      expect(read('ports.json').smtp).not.toBe(smtp);
      await interrupt(again);
      const refused = run(process.execPath, [BIN, 'start'], environment({ PORT: String(smtp) }));
      expect(await refused.ended).toBe(1);
      expect(refused.output()).toContain(`PORT is ${smtp}`);
    } finally {
      other.close();
    }
  });

  it('starts a part again that has ended, and says so', async () => {
    const running = await startAndWait();
    const { parts } = JSON.parse(readFileSync(join(DATA, 'parts.json'), 'utf8')) as PartsRecord;
    const worker = parts.find((part) => part.name === 'Worker');
    process.kill((worker as ProcessIdentity).pid, 'SIGKILL');
    await eventually('a worker that runs again', async () =>
      running.output().includes('Worker runs again'),
    );
    expect(running.output()).toContain('Worker was ended by SIGKILL');
    await interrupt(running);
  });
});
