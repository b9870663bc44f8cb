/**
 * The product as its users start it: `npm start` in a data folder of its own with the sample company, the printed sign-in
 * links, and a real browser for each person.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { openFolder } from '../infrastructure/open-folder.ts';
import {
  end,
  giveFreePorts,
  interrupt,
  perennial,
  type Running,
  untilReady,
} from '../infrastructure/perennial.ts';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
/** A page on a busy machine: long enough to be no chance, short enough to end. */
const PAGE_LIMIT_MS = 120_000;

/** The month that a run is computed for. */
export const RUN_MONTH = new Date().toISOString().slice(0, 7);

export interface CommandAnswer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Product {
  readonly data: string;
  /** What the pages said that nobody should see: errors of scripts, refused loads, files from elsewhere. */
  readonly complaints: string[] = [];
  private readonly folder = openFolder('e2e');
  private running: Running | null = null;
  private browser: Browser | null = null;
  private readonly people = new Map<string, Page>();

  constructor() {
    this.data = join(this.folder, 'data');
  }

  /** Answers when it has said that it is ready, and a browser stands by. */
  async start(): Promise<void> {
    if (!existsSync(CHROMIUM))
      throw new Error(`No browser at ${CHROMIUM}: install chromium, or name one in CHROMIUM_PATH.`);
    await giveFreePorts(this.data);
    this.running = perennial(this.data, ['start'], { npm: true });
    await untilReady(this.running);
    this.browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
        ...['--disable-component-update', '--disable-sync'],
      ],
    });
  }

  /** What it has said in its terminal. */
  said(): string {
    return this.running?.said() ?? '';
  }

  /** An address that the start has printed, without a slash at its end. */
  printed(label: string): string {
    const found = new RegExp(`^${label}:\\s+(\\S+)`, 'm').exec(this.said())?.[1];
    if (found === undefined) throw new Error(`${label} was not printed:\n${this.said()}`);
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
    this.people.set(role, page);
    return page;
  }

  /** The browser of whoever has signed in as this. */
  person(role: string): Page {
    const page = this.people.get(role);
    if (page === undefined) throw new Error(`Nobody has signed in as ${role}.`);
    return page;
  }

  /** Opens a page of the dashboard and waits for its title. */
  async open(page: Page, path: string, title: string | RegExp): Promise<void> {
    await page.goto(`${this.dashboard}${path}`);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
  }

  /** `perennial …` in another terminal on the same machine. */
  async command(...args: string[]): Promise<CommandAnswer> {
    const { ended, stdout, stderr } = perennial(this.data, args);
    return { code: await ended, stdout: stdout(), stderr: stderr() };
  }

  /** What Ctrl-C in its terminal does. */
  async interrupt(): Promise<void> {
    if (this.running === null) throw new Error('start comes first');
    await interrupt(this.running);
  }

  /** Ends what is left and removes the folder. */
  async clear(): Promise<void> {
    await this.browser?.close();
    if (this.running !== null) await end(this.running);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The one of browser.test.ts. */
export const product = new Product();
