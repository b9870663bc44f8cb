/**
 * `perennial start` as a user runs it: real parts, in a data folder of its own. One story: a first start, what is refused
 * beside it, Ctrl-C, a second start that goes on, and ends that nobody planned.
 */
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { isRunning, type ProcessIdentity, waitForEnd } from '../../cli/start/process-identity.ts';
import type { PartsRecord } from '../../cli/start/run-record.ts';
import { createDatabaseUnlessPresent, databaseVersion } from '../../db/administration.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { openFolder } from '../infrastructure/open-folder.ts';
import {
  end,
  interrupt,
  perennial,
  type Running,
  type RunOptions,
  untilReady,
} from '../infrastructure/perennial.ts';

const FOLDER = openFolder('start');
const DATA = join(FOLDER, 'data');

/** On any machine; what a Ctrl-C may take is measured elsewhere. */
const END_LIMIT_MS = 120_000;

const begun: Running[] = [];

function run(args: readonly string[], options: RunOptions = {}): Running {
  const running = perennial(DATA, args, options);
  begun.push(running);
  return running;
}
const startAndWait = () => untilReady(run(['start']));

/** All that runs now besides the supervisor: the guard and the parts. */
function companions(): (ProcessIdentity & { readonly name?: string })[] {
  const record = JSON.parse(readFileSync(join(DATA, 'parts.json'), 'utf8')) as PartsRecord;
  return [record.guard, ...record.parts];
}

const read = (name: string) => JSON.parse(readFileSync(join(DATA, name), 'utf8'));

function listen(port: number): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(port, '127.0.0.1', () => done(server));
  });
}

/** A test that failed half-way leaves nothing for the next one to stumble over. */
afterEach(async () => {
  for (const running of begun.splice(0)) await end(running);
});

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

describe('perennial start', () => {
  it('names a variable that cannot be used, what it found and what it accepts', async () => {
    const env = { DATABASE_URL: 'mysql://me:hidden@host/db', PORT: 'many' };
    const running = run(['start'], { env });
    expect(await running.ended).toBe(2);
    expect(running.said()).toContain('DATABASE_URL is "mysql://me:***@host/db"; accepted is');
    expect(running.said()).toContain('PORT is "many"; accepted is a whole number');
    expect(running.said()).not.toContain('hidden');
  });

  it('begins empty where that is asked, refuses a second one, and ends whole on Ctrl-C', async () => {
    const running = await untilReady(run(['start', '--empty']));
    await createDatabaseUnlessPresent(read('environment.json').DATABASE_URL, 'kept');

    const second = run(['start']);
    expect(await second.ended).toBe(4);
    expect(second.said()).toContain('already');

    const before = companions();
    await interrupt(running);
    expect(before.filter(isRunning)).toEqual([]);
  });

  it('goes on where the last one stopped, starts a part again that ended, and is killed whole', async () => {
    const ports = read('ports.json');
    const running = await startAndWait();
    expect(read('ports.json')).toEqual(ports);
    const url = new URL(read('environment.json').DATABASE_URL);
    url.pathname = '/kept';
    expect(await databaseVersion(url.href)).toMatch(/^18\./);

    const doctor = run(['doctor', '--json']);
    expect([await doctor.ended, doctor.said()]).toEqual([0, expect.stringContaining('"ok": true')]);

    const worker = companions().find(({ name }) => name === 'Worker');
    process.kill((worker as ProcessIdentity).pid, 'SIGKILL');
    await eventually('a worker that runs again', async () =>
      running.said().includes('Worker runs again'),
    );
    expect(running.said()).toContain('Worker was ended by SIGKILL');

    // Nothing in the process can notice this; the guard does.
    const before = companions();
    running.child.kill('SIGKILL');
    for (const identity of before) expect(await waitForEnd(identity, END_LIMIT_MS)).toBe(true);
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
      const refused = run(['start'], { env: { PORT: String(smtp) } });
      expect(await refused.ended).toBe(1);
      expect(refused.said()).toContain(`PORT is ${smtp}`);
    } finally {
      other.close();
    }
  });
});
