/**
 * Previews a book of a million subcontracts (a fifth as many contracts, each billed for the year before), its rows in order
 * and shuffled: how long it takes and the most memory that the process held, all of it, threads included. Alone, and of
 * another size: `node --import tsx tests/bench/preview-memory.ts [subcontracts] [sorted|shuffled]`. Broken above 400 MB, or
 * where the sums are not what they must be.
 */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { Section } from './section.ts';

const LIMIT_MB = 400;
const SUBCONTRACTS_A_CONTRACT = 5;
const CONTRACTS_AN_ACCOUNT = 4;

const SUBCONTRACTS = 1_000_000;
const ORDERS = ['sorted', 'shuffled'] as const;
type Order = (typeof ORDERS)[number];

/** Shuffled: steps of a number that shares no factor with the count visit every row once, far from its neighbours. */
function* numbers(count: number, order: Order): Generator<number> {
  let step = order === 'shuffled' ? Math.floor(count * 0.618) : 1;
  while (gcd(step, count) !== 1) step += 1;
  for (let at = 0, n = 0; at < count; at += 1, n = (n + step) % count) yield n;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function* lines(
  header: string,
  order: Iterable<number>,
  row: (n: number) => string,
): Generator<string> {
  yield `${header}\n`;
  let batch = '';
  for (const n of order) {
    batch += `${row(n)}\n`;
    if (batch.length < 64 * 1024) continue;
    yield batch;
    batch = '';
  }
  yield batch;
}

const contractOf = (n: number) => `C-${Math.floor(n / SUBCONTRACTS_A_CONTRACT)}`;

/** @returns the bytes of CSV that it wrote. */
async function writeLargeBook(dir: string, subcontracts: number, order: Order): Promise<number> {
  const contracts = Math.ceil(subcontracts / SUBCONTRACTS_A_CONTRACT);
  const accounts = Math.ceil(contracts / CONTRACTS_AN_ACCOUNT);
  const write = (table: string, header: string, count: number, row: (n: number) => string) =>
    pipeline(
      Readable.from(lines(header, numbers(count, order), row)),
      createWriteStream(join(dir, `${table}.csv`)),
    );
  await writeFile(join(dir, 'products.csv'), 'sku,name,kind\nM-1,Maintenance,maintenance\n');
  await writeFile(join(dir, 'taxes.csv'), 'country,category,rate\nDE,S,19\n');
  await write(
    'accounts',
    'account,name,currency,billing_email,address_line1,city,country',
    accounts,
    (n) => `A-${n},Customer ${n},EUR,mail${n}@example.com,Street ${n},Berlin,DE`,
  );
  await write(
    'contracts',
    'contract,account,start,end,grouping',
    contracts,
    (n) =>
      `C-${n},A-${Math.floor(n / CONTRACTS_AN_ACCOUNT)},2026-01-01,2028-12-31,${n % 8 < 4 ? 'account' : ''}`,
  );
  await write(
    'subcontracts',
    'subcontract,contract,sku,quantity,unit_price,serial',
    subcontracts,
    (n) => `S-${n},${contractOf(n)},M-1,2,100.00,SN-${n}`,
  );
  await write(
    'amendments',
    'amendment,subcontract,kind,value,effective,recorded',
    Math.floor(subcontracts / 10),
    (n) => `AM-${n},S-${n * 10},add,1,2026-07-02,2026-06-20`,
  );
  await write(
    'invoices',
    'invoice,account,issued,contract,net,tax,total,balance',
    contracts,
    (n) =>
      `I-${n},A-${Math.floor(n / CONTRACTS_AN_ACCOUNT)},2025-12-15,C-${n},1000.00,190.00,1190.00,1190.00`,
  );
  await write(
    'invoice_lines',
    'invoice,line,subcontract,sku,period_start,period_end,net,tax',
    subcontracts,
    (n) =>
      `I-${Math.floor(n / SUBCONTRACTS_A_CONTRACT)},${n % SUBCONTRACTS_A_CONTRACT},S-${n},M-1,2026-01-01,2026-12-31,200.00,38.00`,
  );
  let bytes = 0;
  for (const table of [
    'accounts',
    'contracts',
    'subcontracts',
    'amendments',
    'invoices',
    'invoice_lines',
  ])
    bytes += (await stat(join(dir, `${table}.csv`))).size;
  return bytes;
}

/** Runs the command and counts what it prints, without keeping it. */
async function preview(dir: string) {
  const bin = fileURLToPath(new URL('../../cli/bin.mjs', import.meta.url));
  const memory = new URL('./print-memory.mjs', import.meta.url).href;
  const args = [
    '--import',
    memory,
    bin,
    'book',
    'preview',
    dir,
    '--run',
    '2026-11-15',
    '--json',
    '--in-parts',
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [bytes, tail, talk] = [0, '', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    tail = (tail + chunk.toString('utf8')).slice(-2000);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    talk = (talk + chunk.toString('utf8')).slice(-2000);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const control = /"control":(\{.*?\}\})/.exec(tail)?.[1] ?? '{}';
  return {
    code,
    bytes,
    control,
    talk,
    peakMb: Number(/peak (\d+) MB/.exec(talk)?.[1] ?? Number.NaN),
  };
}

interface LargePreview {
  readonly csvMb: number;
  readonly answerMb: number;
  readonly seconds: number;
  readonly peakMb: number;
  readonly broken: readonly string[];
}

async function previewLargeBook(subcontracts: number, order: Order): Promise<LargePreview> {
  const dir = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
  try {
    const csvBytes = await writeLargeBook(dir, subcontracts, order);
    const begun = performance.now();
    const { code, bytes, control, talk, peakMb } = await preview(dir);
    const seconds = (performance.now() - begun) / 1000;
    // Next year for all (2 × 100), one more unit on a tenth of them next year, and since 2 July this year (183 of 365 days).
    const tenth = Math.floor(subcontracts / 10);
    const expected = subcontracts * 20_000 + tenth * 10_000 + tenth * 5_014;
    const due = (JSON.parse(control) as Record<string, { due: number }>).EUR?.due;
    const broken = [];
    if (code !== 0) broken.push(`${order}: ended with ${code}: ${talk}`);
    if (due !== expected) broken.push(`${order}: due is ${due}, not ${expected}`);
    if (!(peakMb <= LIMIT_MB)) broken.push(`${order}: ${peakMb} MB resident, over ${LIMIT_MB}`);
    return { csvMb: csvBytes / 1e6, answerMb: bytes / 1e6, seconds, peakMb, broken };
  } finally {
    await rm(dir, { recursive: true });
  }
}

export const previewMemory: Section = {
  name: 'preview-memory',
  what: `a preview of ${SUBCONTRACTS} subcontracts as a stream: peak memory ÷ ${LIMIT_MB} MB (goal 1 or less)`,
  measure: async () => {
    const ratios: Record<string, number> = {};
    const figures: Record<string, number> = { subcontracts: SUBCONTRACTS };
    const broken: string[] = [];
    for (const order of ORDERS) {
      const measured = await previewLargeBook(SUBCONTRACTS, order);
      ratios[`${order}PeakPerBudget`] = measured.peakMb / LIMIT_MB;
      figures[`${order}PeakMb`] = measured.peakMb;
      figures[`${order}Seconds`] = measured.seconds;
      figures[`${order}SubcontractsPerSecond`] = SUBCONTRACTS / measured.seconds;
      figures.csvMb = measured.csvMb;
      figures.answerMb = measured.answerMb;
      broken.push(...measured.broken);
    }
    return { ratios, figures, broken };
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [size = String(SUBCONTRACTS), asked = 'sorted'] = process.argv.slice(2);
  const order = ORDERS.find((one) => one === asked);
  if (order === undefined) throw new Error(`there is no order ${asked}`);
  const measured = await previewLargeBook(Number(size), order);
  console.log(JSON.stringify({ subcontracts: Number(size), order, ...measured }, null, 2));
  if (measured.broken.length > 0) process.exitCode = 1;
}
