/** The real engine without a worker, and the API as the process that it is. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { firstStart, operatorKeyFile } from '../../../api/first-start.ts';
import { ProblemError } from '../../../api/problems.ts';
import { type Processes, temporalProcesses } from '../../../api/processes.ts';
import { main } from '../../../cli/main.ts';
import { readBook } from '../../../connectors/book/read.ts';
import { type Configuration, loadConfiguration } from '../../../connectors/configuration.ts';
import { connectTemporal, type TemporalClient } from '../../../connectors/temporal/client.ts';
import { connect, exportBook, listUsers } from '../../../db/index.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { monthOf } from '../../../domain/dates/dates.ts';
import { contractHold, paymentAllocate, runSubmit } from '../../../workflows/messages.ts';
import { createTestDatabase, devServerAddress } from '../../infrastructure/servers.ts';

let configuration: Configuration;
let temporal: TemporalClient;
let processes: Processes;
let folder: string;
let env: Record<string, string>;
const name = `API-${process.pid}`;
const biller = { user: 'U-1', role: 'biller' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-api-'));
  env = {
    DATABASE_URL: await createTestDatabase(),
    TEMPORAL_ADDRESS: await devServerAddress(),
    SMTP_URL: 'smtp://127.0.0.1:1',
    PERENNIAL_SECRET: 'a secret of thirty-two characters!',
    PERENNIAL_DATA: folder,
    LOG_LEVEL: 'error',
    PORT: '0',
  };
  configuration = loadConfiguration(env);
  temporal = await connectTemporal(configuration);
  processes = temporalProcesses(temporal.client, 1_500);
});
afterAll(async () => {
  for (const id of [`contract:${name}`, `payment:test:${name}`])
    await temporal?.client.workflow.getHandle(id).terminate('the test is over');
  await temporal?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('processes without a worker', () => {
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof ProblemError ? error.code : String(error)),
    );
  it('answer within the deadline that nobody works', async () => {
    const contract = { contract: name, clock: null };
    const party = { account: 'A-1', entity: null };
    const held = processes.updateContract(
      contract,
      party,
      contractHold,
      [{ reason: 'x' }, biller],
      'r-1',
    );
    expect(await codeOf(held)).toBe('worker-unavailable');
    const payment = { payment: `test:${name}`, clock: null };
    const input = { lines: [], reason: 'x' };
    const allocated = processes.updatePayment(payment, paymentAllocate, [input, biller], 'r-2');
    expect(await codeOf(allocated)).toBe('worker-unavailable');
  });
  it('tell apart what does not run', async () => {
    const submitted = processes.update('bill-run:1999-01', runSubmit, [biller], 'r-3');
    expect(await codeOf(submitted)).toBe('state-conflict');
    await processes.check();
  });
});

describe('the first start', () => {
  it('makes people with links that work once, a private key file and the sample company', async () => {
    const { db, close } = connect(env.DATABASE_URL ?? '', { max: 2 });
    try {
      const said: string[] = [];
      const begin = () => firstStart({ db, configuration, say: (line) => said.push(line) });
      const lines = await begin();
      expect(lines).toHaveLength(3);
      for (const line of lines)
        expect(line).toMatch(/http:\/\/127\.0\.0\.1:\d+\/sign-in\/[\w-]{40,}$/);
      expect((await listUsers(db)).map(({ role }) => role).sort()).toEqual([
        'admin',
        'approver',
        'biller',
      ]);
      const file = operatorKeyFile(folder);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect((await readFile(file, 'utf8')).trim().length).toBeGreaterThan(30);
      expect(said.join()).toMatch(/sample company/);
      expect(await begin()).toEqual([]);
      const again = { db, configuration, say: (line: string) => said.push(line), empty: true };
      expect(await firstStart(again)).toEqual([]);
      expect(said.at(-1)).toMatch(/--empty leaves it as it is.*book remove-sample/);
    } finally {
      await close();
    }
  });

  it('begins with nothing where that is asked for', async () => {
    const { db, close } = connect(await createTestDatabase(), { max: 2 });
    try {
      const said: string[] = [];
      const say = (line: string) => said.push(line);
      const elsewhere = { ...configuration, PERENNIAL_DATA: join(folder, 'empty') };
      const lines = await firstStart({ db, configuration: elsewhere, say, empty: true });
      expect(lines).toHaveLength(3);
      expect(said).toEqual([]);
      expect(Object.values(await exportBook(db)).flat()).toEqual([]);
    } finally {
      await close();
    }
  });
});

/** A contract of a book that this month's run bills, whatever the day. */
async function dueThisMonth(path: string): Promise<{ contract: string; run: string }> {
  const { book, damaged } = await readBook(path);
  const run = `${monthOf(new Date().toISOString())}-15`;
  const { invoices } = previewBillRun(book, { run, damaged });
  const contract = invoices.find((invoice) => invoice.contract !== null)?.contract ?? null;
  if (contract === null) throw new Error(`the run of ${run} bills nothing`);
  return { contract, run };
}

describe('the API as a process', () => {
  let child: ChildProcess | null = null;
  afterEach(() => {
    child?.kill('SIGKILL');
  });

  it('says when it is ready, serves the command line, and stops with its parent', async () => {
    child = spawn(process.execPath, ['--import', 'tsx', 'api/main.ts'], {
      env: { ...process.env, ...env, PUBLIC_URL: '', NODE_OPTIONS: '' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const ready = await new Promise<{ ready: boolean; url: string }>((resolve, reject) => {
      child?.once('message', (message) => resolve(message as { ready: boolean; url: string }));
      child?.once('exit', (code) => reject(new Error(`the API ended with ${code}`)));
    });
    expect(ready.ready).toBe(true);
    for (const path of ['/health', '/ready', '/docs', '/openapi.json', '/'])
      expect((await fetch(`${ready.url}${path}`)).status, path).toBe(200);

    const perennial = async (...argv: string[]) => {
      let out = '';
      let err = '';
      const code = await main([...argv, '--json'], {
        stdout: { write: (text: string) => (out += text) },
        stderr: { write: (text: string) => (err += text) },
        env: {
          DATABASE_URL: env.DATABASE_URL,
          PERENNIAL_DATA: folder,
          PERENNIAL_URL: ready.url,
          PERENNIAL_SECRET: env.PERENNIAL_SECRET,
        },
        workingDirectory: folder,
      });
      return {
        code,
        err,
        answer: out === '' ? null : (JSON.parse(out) as Record<string, unknown>),
      };
    };
    const contracts = await perennial('contract', 'list', '--limit', '5');
    expect([contracts.code, contracts.err]).toEqual([0, '']);
    expect(contracts.answer?.items).toHaveLength(5);
    const absent = await perennial('contract', 'show', 'C-NONE');
    expect([absent.code, absent.err]).toEqual([2, expect.stringContaining('not-found')]);
    const exported = join(folder, 'exported');
    expect((await perennial('book', 'export', exported)).code).toBe(0);
    const { contract, run } = await dueThisMonth(exported);
    const explained = await perennial('explain', contract, '--run', run);
    expect(explained.answer?.lines).not.toEqual([]);
    expect(explained).toEqual(
      await perennial('explain', contract, '--run', run, '--book', exported),
    );
    expect((await perennial('explain', 'C-NONE', '--run', run)).code).toBe(2);
    expect((await perennial('invoice', 'list', '--overdue')).code).toBe(0);
    expect((await perennial('clock', 'show')).answer).toEqual({ items: [] });
    const sample = await perennial('book', 'remove-sample', '--dry-run');
    expect(sample.answer).toMatchObject({ present: true, obstacles: [], written: false });
    const made = await perennial('key', 'create', 'test', '--user', 'approver@perennial.example');
    expect(made.answer).toMatchObject({ name: 'test' });
    expect((await perennial('key', 'revoke', String(made.answer?.id))).code).toBe(0);
    const event = [
      'webhook',
      'trigger',
      'payment_intent.succeeded',
      '--id',
      'evt_cli',
      '--payment',
      'pi_cli',
    ];
    expect((await perennial(...event)).answer?.answer).toEqual({
      received: true,
      outcome: 'processed',
    });
    expect((await perennial(...event)).answer?.answer).toEqual({
      received: true,
      outcome: 'duplicate',
    });
    await temporal.client.workflow.getHandle('payment:stripe:pi_cli').terminate('the test is over');

    const ended = new Promise<number | null>((resolve) => child?.once('exit', resolve));
    child.disconnect();
    expect(await ended).toBe(0);
  });
});
