/**
 * `perennial demo --all` as a user runs it, the story's facts by `--json`: it starts a product whose database, Temporal and mail server
 * are others' (DATABASE_URL, TEMPORAL_ADDRESS, SMTP_URL), as in a company that has them. browser.test.ts starts its own.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Step } from '../../cli/demo/narrator.ts';
import type { Statement } from '../../cli/demo/statement.ts';
import { isRunning, type ProcessIdentity } from '../../cli/start/process-identity.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { type MailSink, startMailSink } from '../infrastructure/mail-sink.ts';
import { openFolder } from '../infrastructure/open-folder.ts';
import {
  end,
  giveFreePorts,
  interrupt,
  perennial,
  type Running,
} from '../infrastructure/perennial.ts';
import { createEmptyDatabase, devServerAddress } from '../infrastructure/servers.ts';

const FOLDER = openFolder('demo');
const DATA = join(FOLDER, 'data');

const YEAR_LIMIT_MS = 540_000;
/** Half as many as without the option: the story is about four of them. */
const CUSTOMERS = 6;

interface Told {
  readonly dashboard: string;
  readonly docs: string;
  readonly steps: readonly Step[];
  readonly statement: Statement;
}

let databaseUrl: string;
let temporalAddress: string;
let mailSink: MailSink;

const run = (...args: string[]) =>
  perennial(DATA, args, {
    env: {
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporalAddress,
      SMTP_URL: mailSink.url,
    },
  });

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
  await giveFreePorts(DATA);
  product = run('demo', '--all', '--customers', String(CUSTOMERS), '--json');
  let over = false;
  void product.ended.then(() => {
    over = true;
  });
  // One document, once the year is over; the product runs on.
  const isTold = async () => {
    if (over) throw new Error(`The demo failed:\n${product.said()}`);
    return product.stdout().trimEnd().endsWith('\n}');
  };
  await eventually('a year that is told', isTold, YEAR_LIMIT_MS);
  told = JSON.parse(product.stdout());
});

afterAll(async () => {
  if (product !== undefined) await end(product);
  await mailSink?.close();
  rmSync(FOLDER, { recursive: true, force: true });
});

describe('the sample year', () => {
  it('is lived on the servers that the environment names, and on none of its own', async () => {
    expect(product.stderr()).toMatch(new RegExp(`Temporal \\S+ at ${temporalAddress} is used`));
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
    // One who pays late, two that are paid together.
    expect(Number(issued)).toBeGreaterThanOrEqual(3);
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
    expect(JSON.parse(gone.stdout())).toEqual({ clock: 'DEMO', removed: true });
    const clocks = run('clock', 'show', '--json');
    expect(await clocks.ended).toBe(0);
    expect(JSON.parse(clocks.stdout())).toEqual({ items: [] });
  });

  it('is tried first without doing it, and refuses a cast too small for the story', async () => {
    const dry = run('demo', '--all', '--customers', 'all', '--dry-run', '--json');
    expect([await dry.ended, JSON.parse(dry.stdout())]).toEqual([
      0,
      {
        dryRun: true,
        would: expect.stringMatching(/^start everything .* a year of all customers/),
      },
    ]);
    const few = run('demo', '--customers', '3');
    expect([await few.ended, few.stderr()]).toEqual([2, expect.stringContaining('Give 4 or more')]);
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
    expect(await interrupt(product)).toBe(0);
    expect(companions.filter(isRunning)).toEqual([]);
    expect(product.stderr()).toContain('Everything has stopped');
  });
});
