/**
 * `perennial demo --all` as a user runs it, the story's facts by `--json`: it starts a product whose database, Temporal and mail server
 * are others' (DATABASE_URL, TEMPORAL_ADDRESS, SMTP_URL), as in a company that has them. dashboard.test.ts starts its own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Step } from '../../cli/demo/narrator.ts';
import type { Statement } from '../../cli/demo/statement.ts';
import { isRunning, type ProcessIdentity } from '../../cli/start/process-identity.ts';
import { type MailSink, startMailSink } from '../infrastructure/mail-sink.ts';
import { createEmptyDatabase, devServerAddress } from '../infrastructure/servers.ts';

const PROJECT = dirname(dirname(import.meta.dirname));
const BIN = join(PROJECT, 'cli', 'bin.mjs');
const FOLDER = mkdtempSync(join(tmpdir(), 'perennial-demo-'));
// User postgres must reach it where the tests run as root.
chmodSync(FOLDER, 0o755);
const DATA = join(FOLDER, 'data');

interface Told {
  readonly dashboard: string;
  readonly docs: string;
  readonly steps: readonly Step[];
  readonly statement: Statement;
}

let databaseUrl: string;
let temporalAddress: string;
let mailSink: MailSink;

/** A developer's own servers and keys are not part of the test. */
function environment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PERENNIAL_DATA: DATA,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    SMTP_URL: mailSink.url,
  };
  for (const name of ['PORT', 'NODE_ENV', 'PERENNIAL_URL', 'PERENNIAL_API_KEY']) delete env[name];
  return env;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output(): string;
  errors(): string;
}

function run(...args: string[]): Running {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: PROJECT,
    detached: true,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  const ended = new Promise<number | null>((done) => child.once('close', done));
  return { child, ended, output: () => output, errors: () => errors };
}

let product: Running;
let told: Told;

const stepsOf = (what: string) => told.steps.filter((step) => step.what === what);

function one(what: string): Step {
  const [step, second] = stepsOf(what);
  if (step === undefined || second !== undefined)
    throw new Error(`there are ${stepsOf(what).length} steps ${what}, not one`);
  return step;
}

beforeAll(async () => {
  mailSink = await startMailSink();
  databaseUrl = await createEmptyDatabase();
  temporalAddress = await devServerAddress();
  product = run('demo', '--all', '--json');
  const over = product.ended.then(() => true);
  // One document, once the year is over; the product runs on.
  while (!product.output().trimEnd().endsWith('\n}')) {
    const pause = new Promise<false>((done) => setTimeout(() => done(false), 200));
    if (await Promise.race([over, pause]))
      throw new Error(`The demo failed:\n${product.output()}\n${product.errors()}`);
  }
  told = JSON.parse(product.output());
});

afterAll(async () => {
  if (product?.child.pid !== undefined && product.child.exitCode === null)
    process.kill(-product.child.pid, 'SIGINT');
  await product?.ended;
  await mailSink?.close();
  rmSync(FOLDER, { recursive: true, force: true });
});

describe('the sample year', () => {
  it('is lived on the servers that the environment names, and on none of its own', async () => {
    expect(product.errors()).toMatch(new RegExp(`Temporal \\S+ at ${temporalAddress} is used`));
    expect(readdirSync(DATA)).not.toContain('postgres');
    const database = postgres(databaseUrl, { max: 1 });
    const [count] =
      await database`select count(*)::int as invoices from invoices where invoice like 'DEMO-%'`;
    await database.end();
    expect(count?.invoices).toBeGreaterThan(0);
    const invoices = mailSink.mails.filter(({ attachments }) =>
      attachments.some(({ contentType }) => contentType === 'application/pdf'),
    );
    expect(invoices.length).toBeGreaterThanOrEqual(Number(one('mails-sent').facts.sent));
  });

  it('issues what two people agreed on, without the contract that was left out', () => {
    const { approver, issued, failed } = one('run-approved').facts;
    expect(approver).toBe('Ann Approver');
    expect(Number(issued)).toBeGreaterThan(5);
    expect(failed).toBe(0);
    expect(one('mails-sent').facts.sent).toBe(issued);
    const [next] = stepsOf('monthly-run');
    expect(next?.facts.caughtUp).toEqual([one('contract-excluded').facts.contract]);
    expect(stepsOf('monthly-run')).toHaveLength(11);
    for (const step of stepsOf('monthly-run')) expect(step.facts.failed).toBe(0);
  });

  it('reminds the late payer in order', () => {
    const subjects = stepsOf('reminder').map(({ facts }) => String(facts.subject));
    expect(subjects.map((subject) => subject.split(':')[0])).toEqual([
      'Reminder',
      'Second reminder',
      'Final notice',
    ]);
  });

  it('renews exactly the keys of what was paid for', () => {
    const { covered, subcontracts, renewed } = one('partial-payment').facts;
    expect(one('grace').facts.temporary).toEqual(expect.arrayContaining(subcontracts as string[]));
    expect([...(renewed as string[])].sort()).toEqual([...(covered as string[])].sort());
    expect((covered as string[]).length).toBeLessThan((subcontracts as string[]).length);
    const all = one('late-payer-pays').facts.renewed as string[];
    expect([...all].sort()).toEqual([...(subcontracts as string[])].sort());
  });

  it('takes one payment for two invoices, and renews whoever accepts', () => {
    const { invoices, rule } = one('one-payment-two-invoices').facts;
    expect(invoices).toHaveLength(2);
    expect(rule).toBe('reference');
    expect(stepsOf('renewal-accepted').length).toBeGreaterThan(0);
    expect(told.statement.renewals).toBe(stepsOf('renewal-accepted').length);
  });

  it('ends with even books', () => {
    const { trialBalance, differences, totals, licenses } = told.statement;
    expect(trialBalance?.length).toBeGreaterThan(0);
    for (const { sumMinor } of trialBalance ?? []) expect(sumMinor).toBe(0);
    expect(differences).toBe(0);
    for (const { invoicedMinor } of totals) expect(invoicedMinor).toBeGreaterThan(0);
    expect(licenses.full).toBeGreaterThan(0);
    expect(licenses.temporary).toBeGreaterThan(0);
  });

  it('links pages that are there, and is thrown away whole', async () => {
    const page = await fetch(one('run-approved').links['Bill run'] ?? '');
    expect(page.status).toBeLessThan(400);
    await page.body?.cancel();
    const gone = run('demo', '--remove', '--json');
    expect(await gone.ended).toBe(0);
    expect(JSON.parse(gone.output())).toEqual({ clock: 'DEMO', removed: true });
    const clocks = run('clock', 'show', '--json');
    expect(await clocks.ended).toBe(0);
    expect(JSON.parse(clocks.output())).toEqual({ items: [] });
  });

  it('is tried first without doing it, and refuses a cast too small for the story', async () => {
    const dry = run('demo', '--all', '--customers', 'all', '--dry-run', '--json');
    expect([await dry.ended, JSON.parse(dry.output())]).toEqual([
      0,
      {
        dryRun: true,
        would: expect.stringMatching(/^start everything .* a year of all customers/),
      },
    ]);
    const few = run('demo', '--customers', '3');
    expect([await few.ended, few.errors()]).toEqual([2, expect.stringContaining('Give 4 or more')]);
  });

  it('says where to look, runs on, and ends whole on Ctrl-C', async () => {
    const pages = [told.dashboard, told.docs];
    for (const url of pages) {
      const page = await fetch(url);
      expect([url, page.status]).toEqual([url, 200]);
      await page.body?.cancel();
    }
    const { parts, guard } = JSON.parse(readFileSync(join(DATA, 'parts.json'), 'utf8'));
    const companions: ProcessIdentity[] = [guard, ...parts];
    expect(companions.filter(isRunning)).toHaveLength(3);
    process.kill(-Number(product.child.pid), 'SIGINT');
    expect(await product.ended).toBe(0);
    expect(companions.filter(isRunning)).toEqual([]);
    expect(product.errors()).toContain('Everything has stopped');
  });
});
