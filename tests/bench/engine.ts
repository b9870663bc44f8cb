/**
 * How fast a whole run is computed: against a naive loop in floats over the same facts, and for ten times the contracts.
 * Both are ratios, so that they mean the same on any machine. Alone: `npm run bench -- --only engine`.
 *
 * What is measured is `previewBillRun` from the rows of a book to its answer: look-ups, histories, charges, what was billed,
 * tax, documents, and the derivation of each line. The loop of floats comes to the same lines and held finds and the same
 * totals but for the cents that floats lose, which is asserted before anything is timed. Each size is measured in processes
 * of its own, in seconds of the processor, garbage collection on the same thread: what else the machine does counts little.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { previewBillRun } from '../../domain/bill-run/preview.ts';
import type { Book } from '../../domain/book/tables.ts';
import { companyOf, RUN } from './bench-company.ts';
import { floatLoop } from './float-loop.ts';
import type { Measured, Section } from './section.ts';

/** Goals of the engine: at least, and at most. */
const LEAST_OF_FLOAT_LOOP = 0.2;
const MOST_FOR_TENFOLD = 10.5;
const CONTRACTS = 500;
const TIMES = 3;
const WARM_UP_ROUNDS = 3;
const ROUNDS = 30;
const TENFOLD_ROUNDS = 3;

interface Timing {
  /** Lines of documents and held finds: what both sides computed. */
  readonly charges: number;
  readonly engineSeconds: number;
  readonly floatSeconds: number;
}

const sumOf = <T>(items: readonly T[], of: (item: T) => number) =>
  items.reduce((sum, item) => sum + of(item), 0);

/** @throws Error where the two do not bill the same lines and the same money, but for one cent in a thousand lines. */
function chargesOfBoth(book: Book): number {
  const { invoices, creditNotes, held, setAside } = previewBillRun(book, { run: RUN });
  const documents = [...invoices, ...creditNotes];
  const naive = floatLoop(book, RUN);
  const lines = sumOf(documents, (document) => document.lines.length);
  const compared = [
    ['lines', lines, sumOf(naive.documents, (document) => document.lines.length), 0],
    ['held finds', held.length, naive.held, 0],
    ['set aside', setAside.length, 0, 0],
    ['net', sumOf(documents, ({ net }) => net), sumOf(naive.documents, ({ net }) => net * 100), 1],
    ['tax', sumOf(documents, ({ tax }) => tax), sumOf(naive.documents, ({ tax }) => tax * 100), 1],
    ['held net', sumOf(held, ({ net }) => net), naive.heldNet * 100, 1],
  ] as const;
  for (const [what, engine, loop, centsPerThousand] of compared)
    if (Math.abs(engine - loop) > (centsPerThousand * lines) / 1000 + 0.01)
      throw new Error(`not the same facts: ${what} is ${engine} to the engine, ${loop} in floats`);
  return lines + held.length;
}

/** Seconds of the processor that some work took. */
function processorSeconds(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

/**
 * The average of some rounds of each, in turns, so that both meet the same disturbances; not the quickest, which would be one
 * that left its garbage to the next. Rounds before, for the compiler, do not count.
 */
function timed(contracts: number, rounds: number): Timing {
  const book = companyOf(contracts);
  const charges = chargesOfBoth(book);
  let [engine, naive] = [0, 0];
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    const engineSeconds = processorSeconds(() => previewBillRun(book, { run: RUN }));
    const floatSeconds = processorSeconds(() => floatLoop(book, RUN));
    if (round < 0) continue;
    engine += engineSeconds;
    naive += floatSeconds;
  }
  return { charges, engineSeconds: engine / rounds, floatSeconds: naive / rounds };
}

const SELF = fileURLToPath(import.meta.url);

async function inAProcess(contracts: number, rounds: number): Promise<Timing> {
  const args = ['--single-threaded-gc', '--import', 'tsx', SELF, `${contracts}`, `${rounds}`];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Timing;
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function measure(): Promise<Measured> {
  const [small, large]: [Timing[], Timing[]] = [[], []];
  for (let time = 0; time < TIMES; time += 1) {
    small.push(await inAProcess(CONTRACTS, ROUNDS));
    large.push(await inAProcess(10 * CONTRACTS, TENFOLD_ROUNDS));
  }
  const engineToFloatLoop = median(small.map((one) => one.floatSeconds / one.engineSeconds));
  const tenfoldContracts = median(
    large.map((one, at) => one.engineSeconds / (small[at]?.engineSeconds ?? Number.NaN)),
  );
  const broken = [];
  if (!(engineToFloatLoop >= LEAST_OF_FLOAT_LOOP))
    broken.push(`less than ${LEAST_OF_FLOAT_LOOP} of the loop of floats`);
  if (!(tenfoldContracts <= MOST_FOR_TENFOLD))
    broken.push(`more than ${MOST_FOR_TENFOLD} times as long for ten times the contracts`);
  return {
    ratios: { engineToFloatLoop, tenfoldContracts },
    figures: {
      contracts: CONTRACTS,
      charges: small[0]?.charges ?? 0,
      chargesPerSecond: median(small.map((one) => one.charges / one.engineSeconds)),
      floatChargesPerSecond: median(small.map((one) => one.charges / one.floatSeconds)),
      chargesPerSecondTenfold: median(large.map((one) => one.charges / one.engineSeconds)),
    },
    broken,
  };
}

export const engine: Section = {
  name: 'engine',
  what: `charges a second ÷ those of a loop of floats (goal ${LEAST_OF_FLOAT_LOOP} or more), time for ten times the contracts (goal ${MOST_FOR_TENFOLD} or less)`,
  measure,
};

if (process.argv[1] === SELF) {
  const [contracts, rounds] = process.argv.slice(2).map(Number);
  console.log(JSON.stringify(timed(contracts ?? CONTRACTS, rounds ?? ROUNDS)));
}
