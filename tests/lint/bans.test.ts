/** Each ban of biome.json bites: on code that breaks it, in the folder it guards, and not on code that keeps to it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PROJECT = dirname(dirname(import.meta.dirname));
const BIOME = join(PROJECT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');

let folder = '';

/** The project's own rules over a folder of their own: the checkout is not touched. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'perennial-lint-'));
  const { $schema, vcs, ...rules } = JSON.parse(readFileSync(join(PROJECT, 'biome.json'), 'utf8'));
  expect([typeof $schema, typeof vcs]).toEqual(['string', 'object']);
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(rules));
  cpSync(join(PROJECT, 'tests', 'lint'), join(folder, 'tests', 'lint'), {
    recursive: true,
    filter: (path) => !path.endsWith('.ts'),
  });
  execFileSync(process.execPath, [BIOME, '--version']);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Diagnostic {
  readonly category: string;
  readonly severity: string;
}

/** The errors of one file, by category, without the rules that have nothing to do with bans. */
function errorsOf(file: string, code: string): string[] {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, code);
  const { stdout } = spawnSync(
    process.execPath,
    [BIOME, 'lint', '--reporter=json', '--max-diagnostics=none', file],
    { cwd: folder, encoding: 'utf8' },
  );
  rmSync(path);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ category }) => category.replace('lint/style/', ''))
    .filter((category) => category === 'plugin' || category === 'noRestrictedImports');
}

const importing = (from: string) => `import { x } from '${from}';\nexport const y = [x];\n`;

describe('directions of imports', () => {
  it.each([
    ['domain/a/b.ts', '../../db/index.ts'],
    ['domain/a/b.ts', '../../workflows/ids.ts'],
    ['domain/a/b.ts', 'zod'],
    ['domain/a/b.ts', 'node:fs'],
    ['workflows/a.ts', '../db/index.ts'],
    ['workflows/a.ts', '../activities/steps.ts'],
    ['workflows/a.ts', 'zod'],
    ['workflows/a.ts', '@temporalio/activity'],
    ['documents/a.ts', '../db/index.ts'],
    ['documents/a/b.ts', '../../connectors/mail/port.ts'],
    ['connectors/a/b.ts', '../../db/index.ts'],
    ['connectors/a/b.ts', '../../workflows/contract.ts'],
    ['db/a.ts', '../connectors/configuration.ts'],
    ['db/queries/a.ts', '../../workflows/messages.ts'],
    ['activities/a.ts', '../api/app.ts'],
    ['activities/a.ts', '../workflows/contract.ts'],
    ['worker/a.ts', '../api/app.ts'],
    ['worker/a.ts', '../cli/main.ts'],
    ['api/a/b.ts', '../../workflows/contract.ts'],
    ['api/a/b.ts', '../../activities/steps.ts'],
    ['cli/a/b.ts', '../../worker/main.ts'],
    ['cli/a/b.ts', '../../workflows/invoice.ts'],
    ['cli/a/b.ts', '../../api/app.ts'],
    ['cli/a.ts', '../api/app.ts'],
    ['cli/a.ts', '../workflows/contract.ts'],
    ['web/src/a.ts', '../../domain/money/money.ts'],
    ['web/src/a.ts', '../../api/app.ts'],
    ['api/a.ts', '../tests/infrastructure/servers.ts'],
  ])('%s must not import %s', (file, from) => {
    expect(errorsOf(file, importing(from))).toEqual(['noRestrictedImports']);
  });

  it.each([
    ['domain/a/b.ts', '../money/money.ts'],
    ['domain/a/b.ts', './c.ts'],
    ['workflows/a.ts', '../domain/dates/dates.ts'],
    ['workflows/a.ts', '@temporalio/workflow'],
    ['connectors/a/b.ts', '../../workflows/ids.ts'],
    ['activities/a.ts', '../workflows/messages.ts'],
    ['activities/a.ts', '../db/index.ts'],
    ['worker/a.ts', '../workflows/contract.ts'],
    ['api/a/b.ts', '../../workflows/messages.ts'],
    ['cli/a/b.ts', '../../connectors/book/source.ts'],
    ['cli/a/b.ts', '../api/client.ts'],
    ['cli/a.ts', '../workflows/messages.ts'],
    ['web/src/a.ts', '../../api/types.ts'],
  ])('%s may import %s', (file, from) => {
    expect(errorsOf(file, importing(from))).toEqual([]);
  });
});

describe('binary floating point in the domain', () => {
  it.each([
    'parseFloat(text)',
    'Number.parseFloat(text)',
    'value.toFixed(2)',
    'Math.round(value)',
    'Math.floor(value)',
    'Math.ceil(value)',
    'amountMinor * value',
    'value / unitPrice',
    'line.net / value',
  ])('%s is refused', (expression) => {
    const code = `export const y = (text, value, amountMinor, unitPrice, line) => ${expression};\n`;
    expect(errorsOf('domain/charges/a.ts', code)).toEqual(['plugin']);
  });

  it('lets integers of dates be, and sums', () => {
    const code = 'export const y = (months, totalMinor) => [months * 12, totalMinor + 1];\n';
    expect(errorsOf('domain/charges/a.ts', code)).toEqual([]);
    expect(errorsOf('domain/dates/a.ts', 'export const y = (a) => Math.floor(a / 7);\n')).toEqual(
      [],
    );
  });
});

describe('clocks', () => {
  it.each([
    ['domain/dates/a.ts', 'Date.now()'],
    ['domain/a.ts', 'new Date()'],
    ['domain/a.ts', "new Intl.DateTimeFormat('en').format()"],
    ['workflows/a.ts', 'new Date()'],
    ['workflows/a.ts', "new Intl.DateTimeFormat('en').format()"],
    ['workflows/a.ts', 'Temporal.Now.plainDateISO()'],
  ])('%s does not ask the time by %s', (file, expression) => {
    expect(errorsOf(file, `export const y = () => ${expression};\n`)).toEqual(['plugin']);
  });

  it('lets dates be made from what is given', () => {
    expect(errorsOf('domain/a.ts', 'export const y = (ms) => new Date(ms);\n')).toEqual([]);
    const formatted = "export const y = (day) => new Intl.DateTimeFormat('en').format(day);\n";
    expect(errorsOf('workflows/a.ts', formatted)).toEqual([]);
  });
});
