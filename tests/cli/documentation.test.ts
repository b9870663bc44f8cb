/** What README and docs tell people to type or to set is there. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands.ts';
import { variableNames } from '../../connectors/configuration.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
].map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }));

const known = new Set(
  COMMANDS.map(({ noun, verb }) => (noun === undefined ? verb : `${noun} ${verb}`)),
);

describe.each(pages)('$name', ({ name, text }) => {
  it('names commands that there are', () => {
    for (const [, first = '', second = ''] of text.matchAll(
      /perennial -- ([a-z]+)(?: ([a-z-]+))?/g,
    )) {
      const found = known.has(first) || known.has(`${first} ${second}`);
      expect(found, `${first} ${second}`).toBe(true);
    }
  });

  it('links files that there are', () => {
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      const file = join(ROOT, name, '..', target);
      expect(() => readdirSync(join(file, '..')), target).not.toThrow();
      expect(readdirSync(join(file, '..')), target).toContain(file.split('/').at(-1));
    }
  });
});

it('tells operators of every variable, and of none that is not read', () => {
  const text = pages.find(({ name }) => name.endsWith('operating.md'))?.text ?? '';
  const table = text.slice(text.indexOf('| variable |'), text.indexOf('A variable that cannot'));
  const told = [...table.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, variable]) => variable).sort();
  expect(told).toEqual([...variableNames].sort());
});
