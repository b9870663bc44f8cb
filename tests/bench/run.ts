/**
 * `npm run bench [-- --only NAME …]`: measures, prints ratios of this one run, and writes bench/results.json. Servers are
 * those of the tests, started when a section first asks for one. Ends with 1 where a promise is broken.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import setup from '../infrastructure/global-setup.ts';
import { actions } from './actions.ts';
import { billRun } from './bill-run.ts';
import { bookImport } from './book-import.ts';
import { contractYears } from './contract-years.ts';
import { engine } from './engine.ts';
import { findings } from './findings.ts';
import { licenses } from './licenses.ts';
import { matching } from './matching.ts';
import { previewMemory } from './preview-memory.ts';
import { processMemory } from './process-memory.ts';
import type { Measured, Section } from './section.ts';
import { startUp } from './start-up.ts';
import { webhookToLicense } from './webhook-to-license.ts';
import { workflowMemory } from './workflow-memory.ts';

const SECTIONS: readonly Section[] = [
  engine,
  previewMemory,
  licenses,
  matching,
  findings,
  actions,
  billRun,
  bookImport,
  contractYears,
  webhookToLicense,
  workflowMemory,
  processMemory,
  startUp,
];
const RESULTS = fileURLToPath(new URL('../../bench/results.json', import.meta.url));

function chosen(): readonly Section[] {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
  const names = SECTIONS.map(({ name }) => name);
  for (const name of values.only ?? [])
    if (!names.includes(name)) {
      console.error(`There is no section ${name}; there are ${names.join(', ')}.`);
      process.exit(2);
    }
  return SECTIONS.filter(({ name }) => values.only?.includes(name) ?? true);
}

const rounded = (value: number | string) =>
  typeof value === 'string' ? value : Number(value.toPrecision(4));

function print({ name, what }: Section, { ratios, figures, broken = [] }: Measured): void {
  console.log(`\n${name}: ${what}`);
  for (const [label, value] of Object.entries(ratios))
    console.log(`  ${label.padEnd(34)} ${rounded(value)}`);
  for (const [label, value] of Object.entries(figures))
    console.log(`    ${label.padEnd(32)} ${rounded(value)}`);
  for (const words of broken) console.log(`  BROKEN: ${words}`);
}

async function measure(section: Section): Promise<Measured & { readonly seconds: number }> {
  const begun = performance.now();
  const secondsSince = () => Math.round((performance.now() - begun) / 1000);
  try {
    return { ...(await section.measure()), seconds: secondsSince() };
  } catch (error) {
    // One section that cannot be measured hides no other; it is told and counts as broken.
    console.error(error);
    const words = `not measured: ${error instanceof Error ? error.message : String(error)}`;
    return { ratios: {}, figures: {}, broken: [words], seconds: secondsSince() };
  }
}

async function main(): Promise<void> {
  const sections = chosen();
  const tearDown = await setup({
    provide: (_name, url) => {
      process.env.PERENNIAL_TEST_SERVERS = url;
    },
  });
  const results: Record<string, unknown> = {};
  try {
    for (const section of sections) {
      const measured = await measure(section);
      print(section, measured);
      results[section.name] = measured;
      if ((measured.broken ?? []).length > 0) process.exitCode = 1;
    }
  } finally {
    await tearDown();
  }
  const machine = { cores: availableParallelism(), node: process.version };
  await mkdir(new URL('../../bench/', import.meta.url), { recursive: true });
  await writeFile(RESULTS, `${JSON.stringify({ machine, sections: results }, null, 2)}\n`);
  console.log(`\nWritten to ${RESULTS}`);
}

await main();
process.exit();
