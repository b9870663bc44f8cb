/** Noisy scans of remittance advices, made from a seed: what of them is read right, and that nothing is read wrong. */
import { expect, it } from 'vitest';
import { readPaper } from '../../../connectors/papers/paper-text.ts';
import { type Remittance, readRemittance } from '../../../domain/papers/remittance.ts';
import { pdfOf, type Scan, scans } from './scans.ts';

/** One of each kind of noise; more for a longer look: `SCANS=20`. */
const COUNT = Number(process.env.SCANS ?? 5);
const SEED = 20261123;
const READING_MS = 240_000;

function judge({ lines }: Scan, read: Remittance) {
  const amountOf = new Map(lines.map(({ invoice, amountMinor }) => [invoice, amountMinor]));
  const told = read.lines.filter(
    ({ invoice, amountMinor }) => amountMinor !== null && amountOf.has(invoice),
  );
  const right = told.filter((line) => amountOf.get(line.invoice) === line.amountMinor).length;
  return { right, wrong: told.length - right, whole: right === lines.length };
}

it('are read at least to 92 %, none of their amounts wrongly', {
  timeout: READING_MS,
}, async () => {
  const made = scans(SEED, COUNT);
  const progress: string[] = [];
  const { text, readBy } = await readPaper(pdfOf(made), {
    timeMs: READING_MS,
    onProgress: ({ page, pages }) => progress.push(`${page}/${pages}`),
  });
  expect(readBy).toBe('ocr');
  expect(progress).toEqual(made.map((_, at) => `${at + 1}/${made.length}`));
  // Another open invoice is known too, as in life: nothing names it.
  const other = { invoice: 'INV-2026-09999', amountMinor: 4711 };
  const known = [...made.flatMap((scan) => scan.lines), other].map(({ invoice, amountMinor }) => ({
    invoice,
    currency: 'EUR',
    balance: amountMinor,
  }));
  const read = readRemittance(text, known);
  expect(read.lines.map(({ invoice }) => invoice)).not.toContain(other.invoice);
  const judged = made.map((scan) => ({ ...judge(scan, read), scan }));
  const lines = made.reduce((sum, scan) => sum + scan.lines.length, 0);
  const right = judged.reduce((sum, one) => sum + one.right, 0);
  const noises = [...new Set(made.map(({ noise }) => noise))].map((noise) => {
    const mine = judged.filter(({ scan }) => scan.noise === noise);
    return `${noise} ${mine.filter(({ whole }) => whole).length} of ${mine.length}`;
  });
  console.log(
    `scans: ${made.length}, lines right ${right} of ${lines} (${((100 * right) / lines).toFixed(1)} %), wrong ${judged.reduce((sum, one) => sum + one.wrong, 0)}; whole: ${noises.join(', ')}`,
  );
  for (const { wrong, scan } of judged) expect([scan.noise, wrong]).toEqual([scan.noise, 0]);
  expect(right / lines).toBeGreaterThanOrEqual(0.92);
});
