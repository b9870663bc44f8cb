/** The commands that work on the database: a book in and out, the ledger for hledger, the audit trail. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAccountsReceivable } from '../../../connectors/book/accounts-receivable.ts';
import { readBook } from '../../../connectors/book/read.ts';
import {
  type Connection,
  connect,
  firstImport,
  issueSingle,
  receivables,
  verifyLedger,
} from '../../../db/index.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { document } from './sample-facts.ts';

const run = promisify(execFile);
const SAMPLE = 'examples/accounts-receivable/accounts-receivable.csv';
let connection: Connection;
let url: string;
let folder: string;

beforeAll(async () => {
  url = await createTestDatabase();
  connection = connect(url);
  folder = await mkdtemp(join(tmpdir(), 'perennial-cli-'));
});
afterAll(async () => {
  await connection?.close();
  if (folder) await rm(folder, { recursive: true });
});

async function perennial(...words: string[]) {
  const env = { ...process.env, DATABASE_URL: url, INIT_CWD: folder };
  const { stdout } = await run(process.execPath, ['cli/bin.mjs', '--json', ...words], {
    env,
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout);
}

describe('the command line on a database', () => {
  it('holds the accounts-receivable sample: 2,466 settled invoices of 100 customers', async () => {
    const { db } = connection;
    const book = {
      importId: 'accounts-receivable',
      source: 'the sample',
      read: () => readAccountsReceivable(SAMPLE),
    };
    const lines: string[] = [];
    const { 'accounts-receivable': counts } = await firstImport(db, [book], (text) =>
      lines.push(text),
    );
    expect(counts?.invoices?.added).toBe(2466);
    expect(counts?.accounts?.added).toBe(100);
    expect(counts?.payment_allocations?.added).toBe(2466);
    expect(lines).toHaveLength(1);
    expect(await firstImport(db, [book])).toEqual({});
    expect(await receivables(db, { asOf: '2014-12-31' })).toEqual([]);
    // On a day in between, what was settled later was open.
    expect((await receivables(db, { asOf: '2013-01-31' })).length).toBeGreaterThan(10);
    expect(await verifyLedger(db)).toEqual([]);
  });

  it('exports a book, imports it again without a change, and verifies', async () => {
    const { db } = connection;
    for (const n of [1, 2])
      await issueSingle(db, {
        documentKey: `invoice:C-${n}:2026-11`,
        type: 'invoice',
        document: document({
          subject: `C-${n}`,
          contract: null,
          account: '0379-NEVHP',
          entity: 'IBM-sample',
          lines: document().lines.map((one) => ({ ...one, contract: null, subcontract: null })),
        }),
        issuedOn: '2026-11-15',
      });
    const exported = await perennial('book', 'export', 'book');
    expect(exported.tables.invoices).toBe(2468);
    expect((await readBook(join(folder, 'book'))).errors).toEqual([]);
    const dry = await perennial('--dry-run', 'book', 'import', 'book');
    expect(dry.written).toBe(false);
    const again = await perennial('book', 'import', 'book');
    for (const [table, { added, changed }] of Object.entries<{ added: number; changed: number }>(
      again.tables,
    ))
      expect([table, added, changed]).toEqual([table, 0, 0]);
    expect(await perennial('audit', 'verify')).toMatchObject({ ok: true, ledger: [] });
  });

  it('exports a journal that hledger finds in order', async (context) => {
    const { text } = await perennial('ledger', 'export', '--format', 'hledger');
    const journal = join(folder, 'books.journal');
    await writeFile(journal, text);
    if (!existsSync('/usr/bin/hledger')) return context.skip('this machine has no hledger');
    await run('hledger', ['check', '-f', journal]);
    const { stdout } = await run('hledger', [
      'balance',
      '-f',
      journal,
      'Assets:Receivable',
      '-O',
      'csv',
      '--layout',
      'bare',
    ]);
    expect(stdout).toContain('2380.00');
    await perennial('ledger', 'export', '--format', 'csv', '--out', 'books.csv');
    expect(await readFile(join(folder, 'books.csv'), 'utf8')).toMatch(/^entry,key,posted_on/);
    const beancount = await perennial('ledger', 'export', '--format', 'beancount');
    expect(beancount.text).toMatch(/open Assets:Receivable:IBM-sample:0379-NEVHP/);
  });
});
