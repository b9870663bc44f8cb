/**
 * Checks a contract book of a million rows of one table and prints how long it took and the most
 * memory that the process held. Usage: `node --import tsx tests/bench/book-memory.ts [table]
 * [rows]`; the tables are those of WRITERS. Exits 1 above the 300 MB that
 * docs/rules/contract-book.md promises.
 */
import { spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const LIMIT_MB = 300;
const BASE: Readonly<Record<string, string>> = {
  accounts:
    'account,name,currency,billing_email,address_line1,city,country\nA-1,Acme,EUR,a@example.com,Weg 1,Bonn,DE\n',
  products: 'sku,name,kind\nM-1,Maintenance,maintenance\nU-1,Calls,usage\n',
  contracts: 'contract,account,start,end\nC-1,A-1,2026-01-01,2026-12-31\n',
  subcontracts: 'subcontract,contract,sku,quantity,unit_price\nS-1,C-1,M-1,2,100.00\n',
  invoices:
    'invoice,account,issued,contract,net,tax,total\nI-1,A-1,2026-01-15,C-1,1.00,0.19,1.19\n',
};

/** Header and the n-th row. */
const WRITERS: Readonly<Record<string, readonly [string, (n: number) => string]>> = {
  accounts: [
    'account,name,currency,billing_email,address_line1,city,country',
    (n) => `A-${n},Customer ${n},EUR,mail${n}@example.com,Street ${n},Berlin,DE`,
  ],
  subcontracts: [
    'subcontract,contract,sku,quantity,unit_price,serial,start,end',
    (n) => `S-${n},C-1,M-1,${(n % 50) + 1},100.00,SN-${n},2026-01-01,2026-12-31`,
  ],
  invoices: [
    'invoice,account,issued,contract,net,tax,total,balance',
    (n) => `I-${n},A-1,2026-01-15,C-1,100.00,19.00,119.00,119.00`,
  ],
  invoice_lines: [
    'invoice,line,subcontract,sku,description,quantity,unit_price,period_start,period_end,net,tax',
    (n) => `I-1,${n},S-1,M-1,"Maintenance, année ${n}",1,1.00,2026-01-01,2026-12-31,1.00,0.19`,
  ],
  usage: [
    'event,subcontract,metric,quantity,at',
    (n) => `E-${n},S-1,U-1,${n % 9},2026-03-01T00:00:00Z`,
  ],
  faulty: ['subcontract,contract,sku,quantity,unit_price', (n) => `S-${n},C-${n},M-1,"1,5",100.00`],
};

function* lines(header: string, row: (n: number) => string, count: number): Generator<string> {
  yield `${header}\n`;
  for (let start = 1; start <= count; start += 1000) {
    const batch = Math.min(1000, count - start + 1);
    yield `${Array.from({ length: batch }, (_, at) => row(start + at)).join('\n')}\n`;
  }
}

async function writeLargeBook(dir: string, table: string, count: number): Promise<void> {
  for (const [name, content] of Object.entries(BASE))
    await writeFile(join(dir, `${name}.csv`), content);
  const writer = WRITERS[table];
  if (writer === undefined) throw new Error(`no such table: ${table}`);
  const file = join(dir, `${table === 'faulty' ? 'subcontracts' : table}.csv`);
  await pipeline(Readable.from(lines(...writer, count)), createWriteStream(file));
}

const [table = 'invoice_lines', rows = '1000000'] = process.argv.slice(2);
const dir = await mkdtemp(join(tmpdir(), 'perennial-book-'));
try {
  await writeLargeBook(dir, table, Number(rows));
  const bin = fileURLToPath(new URL('../../cli/bin.mjs', import.meta.url));
  const started = performance.now();
  const child = spawnSync(
    process.execPath,
    ['--import', new URL('./print-memory.mjs', import.meta.url).href, bin, 'book', 'check', dir],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const peakMb = Number(/peak (\d+) MB/.exec(child.stderr)?.[1] ?? Number.NaN);
  console.log(
    `${table}: ${rows} rows, exit ${child.status}, ${seconds} s, peak ${peakMb} MB resident`,
  );
  if (!(peakMb <= LIMIT_MB)) process.exitCode = 1;
} finally {
  await rm(dir, { recursive: true });
}
