/** Each ban of biome.json bites: on code that breaks it, in the folder it guards, and not on code that keeps to it. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const PROJECT = dirname(dirname(import.meta.dirname));
const BIOME = join(PROJECT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');

interface Diagnostic {
  readonly category: string;
  readonly severity: string;
  readonly location: { readonly path: string };
}

const files = new Map<string, string>();
let diagnostics: readonly Diagnostic[] = [];

/** The project's own rules over a folder of their own, all files in one look: the checkout is not touched. */
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-lint-'));
  try {
    const text = readFileSync(join(PROJECT, 'biome.json'), 'utf8');
    const { $schema, vcs, ...rules } = JSON.parse(text);
    expect([typeof $schema, typeof vcs]).toEqual(['string', 'object']);
    writeFileSync(join(folder, 'biome.json'), JSON.stringify(rules));
    cpSync(join(PROJECT, 'tests', 'lint'), join(folder, 'tests', 'lint'), {
      recursive: true,
      filter: (path) => !path.endsWith('.ts'),
    });
    for (const [path, code] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), code);
    }
    const asked = ['lint', '--reporter=json', '--max-diagnostics=none', ...files.keys()];
    const linted = spawnSync(process.execPath, [BIOME, ...asked], {
      cwd: folder,
      encoding: 'utf8',
    });
    const answer = JSON.parse(linted.stdout) as {
      diagnostics: Diagnostic[];
      summary: { changed: number; unchanged: number };
    };
    expect(answer.summary.changed + answer.summary.unchanged).toBe(files.size);
    diagnostics = answer.diagnostics;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What stands in a file of this name has these errors that have to do with bans. The file has a name of its own. */
function has(errors: readonly string[], name: string, file: string, code: string): void {
  const path = join(dirname(file), `${files.size}-${basename(file)}`);
  files.set(path, code);
  it(name, () => {
    const found = diagnostics
      .filter(({ location, severity }) => location.path === path && severity === 'error')
      .map(({ category }) => category.replace('lint/style/', ''))
      .filter((category) => category === 'plugin' || category === 'noRestrictedImports');
    expect(found).toEqual(errors);
  });
}

const importing = (from: string) => `import { x } from '${from}';\nexport const y = [x];\n`;

describe('directions of imports', () => {
  const REFUSED = [
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
  ] as const;
  for (const [file, from] of REFUSED)
    has(['noRestrictedImports'], `${file} must not import ${from}`, file, importing(from));

  const ALLOWED = [
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
  ] as const;
  for (const [file, from] of ALLOWED) has([], `${file} may import ${from}`, file, importing(from));
});

describe('binary floating point in the domain', () => {
  const CHARGES = 'domain/charges/a.ts';
  const REFUSED = [
    'parseFloat(text)',
    'Number.parseFloat(text)',
    'value.toFixed(2)',
    'Math.round(value)',
    'Math.floor(value)',
    'Math.ceil(value)',
    'amountMinor * value',
    'value / unitPrice',
    'line.net / value',
  ];
  for (const expression of REFUSED) {
    const code = `export const y = (text, value, amountMinor, unitPrice, line) => ${expression};\n`;
    has(['plugin'], `${expression} is refused`, CHARGES, code);
  }
  const sums = 'export const y = (months, totalMinor) => [months * 12, totalMinor + 1];\n';
  has([], 'lets sums be', CHARGES, sums);
  const days = 'export const y = (a) => Math.floor(a / 7);\n';
  has([], 'lets integers of dates be', 'domain/dates/a.ts', days);
});

describe('clocks', () => {
  const REFUSED = [
    ['domain/dates/a.ts', 'Date.now()'],
    ['domain/a.ts', 'new Date()'],
    ['domain/a.ts', "new Intl.DateTimeFormat('en').format()"],
    ['workflows/a.ts', 'new Date()'],
    ['workflows/a.ts', "new Intl.DateTimeFormat('en').format()"],
    ['workflows/a.ts', 'Temporal.Now.plainDateISO()'],
  ] as const;
  for (const [file, expression] of REFUSED) {
    const name = `${file} does not ask the time by ${expression}`;
    has(['plugin'], name, file, `export const y = () => ${expression};\n`);
  }
  has(
    [],
    'lets dates be made from what is given',
    'domain/a.ts',
    'export const y = (ms) => new Date(ms);\n',
  );
  const formatted = "export const y = (day) => new Intl.DateTimeFormat('en').format(day);\n";
  has([], 'lets a day that is given be formatted', 'workflows/a.ts', formatted);
});
