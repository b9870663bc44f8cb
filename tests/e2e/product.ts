/**
 * The product as its users start it: `npm start` in a data folder of its own with the sample company, the printed sign-in
 * links, and a real browser for each person.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

export const PROJECT = dirname(dirname(import.meta.dirname));
const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const READY_LIMIT_MS = 420_000;
/** A page on a busy machine: long enough to be no chance, short enough to end. */
const PAGE_LIMIT_MS = 120_000;

/** The month that a run is computed for. */
export const RUN_MONTH = new Date().toISOString().slice(0, 7);

/** A developer's own servers are not part of the tests. */
function environment(data: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, PERENNIAL_DATA: data };
  for (const name of ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'SMTP_URL', 'PORT', 'NODE_ENV'])
    delete env[name];
  return env;
}

export interface CommandAnswer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Product {
  readonly data: string;
  /** What the pages said that nobody should see: errors of scripts, refused loads, files from elsewhere. */
  readonly complaints: string[] = [];
  private readonly folder: string;
  private output = '';
  private child: ChildProcess | null = null;
  private ended: Promise<unknown> = Promise.resolve();
  private browser: Browser | null = null;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'perennial-e2e-'));
    // User postgres must be able to pass through where we are root.
    chmodSync(this.folder, 0o755);
    this.data = join(this.folder, 'data');
  }

  /** Answers when it has said that it is ready, and a browser stands by. */
  async start(): Promise<void> {
    if (!existsSync(CHROMIUM))
      throw new Error(`No browser at ${CHROMIUM}: install chromium, or name one in CHROMIUM_PATH.`);
    const child = spawn('npm', ['start'], {
      cwd: PROJECT,
      detached: true,
      env: environment(this.data),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    const take = (chunk: Buffer) => (this.output += String(chunk));
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    let over = false;
    this.ended = new Promise((done) =>
      child.once('close', (code) => {
        over = true;
        done(code);
      }),
    );
    const endsAt = performance.now() + READY_LIMIT_MS;
    while (!/^Perennial is ready$/m.test(this.output)) {
      if (over || performance.now() > endsAt)
        throw new Error(`It did not become ready:\n${this.output}`);
      await new Promise((done) => setTimeout(done, 200));
    }
    this.browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
        ...['--disable-component-update', '--disable-sync'],
      ],
    });
  }

  /** An address that the start has printed, without a slash at its end. */
  printed(label: string): string {
    const found = new RegExp(`^${label}:\\s+(\\S+)`, 'm').exec(this.output)?.[1];
    if (found === undefined) throw new Error(`${label} was not printed:\n${this.output}`);
    return found.replace(/\/$/, '');
  }

  get dashboard(): string {
    return this.printed('Dashboard');
  }

  private async newPage(): Promise<Page> {
    if (this.browser === null) throw new Error('start comes first');
    const context = await this.browser.newContext({
      locale: 'en-GB',
      viewport: { width: 1280, height: 860 },
    });
    context.setDefaultTimeout(PAGE_LIMIT_MS);
    return context.newPage();
  }

  /** A page of another program, in a browser of its own: its mistakes are not ours. */
  look(): Promise<Page> {
    return this.newPage();
  }

  /** Follows the link that the first start printed: a page with a button, whose POST uses it up. */
  async signIn(role: string): Promise<Page> {
    const { dashboard, complaints } = this;
    const page = await this.newPage();
    page.on('pageerror', (error) => complaints.push(`${role}: ${error.message}`));
    page.on('console', (message) => {
      // Browsers write down every answer of 4xx: a run that is just being started is looked for until it is there.
      const begun = message.location().url.includes(`/api/v1/bill-runs/${RUN_MONTH}`);
      if (message.type() === 'error' && !(begun && /\b404\b/.test(message.text())))
        complaints.push(`${role}: ${message.text()} ${message.location().url}`);
    });
    page.on('request', (request) => {
      const url = request.url();
      if (/^https?:/.test(url) && !url.startsWith(`${dashboard}/`))
        complaints.push(`${role}: loads ${url}`);
    });
    await page.goto(this.printed(`Sign in as ${role}`));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${dashboard}/`);
    return page;
  }

  /** Opens a page of the dashboard and waits for its title. */
  async open(page: Page, path: string, title: string | RegExp): Promise<void> {
    await page.goto(`${this.dashboard}${path}`);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
  }

  /** `perennial …` in another terminal on the same machine. */
  async command(...args: string[]): Promise<CommandAnswer> {
    const child = spawn(process.execPath, [join(PROJECT, 'cli', 'bin.mjs'), ...args], {
      cwd: PROJECT,
      env: environment(this.data),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const code = await new Promise<number | null>((done, fail) => {
      child.once('error', fail);
      child.once('close', done);
    });
    return { code, stdout, stderr };
  }

  /** What Ctrl-C in its terminal does. */
  async interrupt(): Promise<void> {
    if (this.child?.pid === undefined) throw new Error('start comes first');
    process.kill(-this.child.pid, 'SIGINT');
    await this.ended;
  }

  /** Ends what is left and removes the folder. */
  async clear(): Promise<void> {
    await this.browser?.close();
    const { child } = this;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGTERM');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
