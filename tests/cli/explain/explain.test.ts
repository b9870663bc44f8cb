import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { main } from '../../../cli/main.ts';

const SAMPLE = fileURLToPath(new URL('../../../examples/sample-company', import.meta.url));

async function explain(contract: string, run = '2026-11-15') {
  let [words, talk] = ['', ''];
  const code = await main(['explain', contract, '--run', run, '--book', SAMPLE], {
    stdout: { write: (text) => (words += text) },
    stderr: { write: (text) => (talk += text) },
    env: {},
    workingDirectory: '/',
  });
  return { code, words, talk };
}

describe('perennial explain', () => {
  it.each([
    ['C-1001', 'a quarter of maintenance in advance, and usage that grew after it was billed'],
    ['C-1189', 'service time'],
    ['C-1140', 'what an earlier run should have billed'],
  ])(
    '%s: tells %s, word for word',
    async (contract) => {
      const told = readFileSync(new URL(`./${contract}.txt`, import.meta.url), 'utf8');
      expect(await explain(contract)).toEqual({ code: 0, words: told, talk: '' });
    },
    30_000,
  );

  it('says that a contract is set aside, and why', async () => {
    expect((await explain('C-1213', '2027-07-15')).words).toMatch(/^set aside \(missing-price\): /);
  });

  it('refuses a contract that the book does not have', async () => {
    const { code, talk } = await explain('C-0000');
    expect(code).toBe(2);
    expect(talk).toContain('the book has no contract C-0000');
  });
});
