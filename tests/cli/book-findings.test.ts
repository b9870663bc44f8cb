/** `book findings`: in words and as JSON, with what other systems hold or without it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../cli/main.ts';
import type { Findings } from '../../domain/findings/find.ts';

const SAMPLE = fileURLToPath(new URL('../../examples/sample-company', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-findings-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function findings(...more: string[]) {
  let [words, talk] = ['', ''];
  const code = await main(['book', 'findings', SAMPLE, '--as-of', '2026-11-22', ...more], {
    stdout: { write: (text) => (words += text) },
    stderr: { write: (text) => (talk += text) },
    env: {},
    workingDirectory: folder,
  });
  return { code, words, talk };
}

describe('book findings', () => {
  it('says what is wrong, what it is worth, and what was not checked', async () => {
    const { code, words } = await findings();
    expect(code).toBe(0);
    expect(words).toMatch(/^unbilled +A-\d+ +C-\d+ +S-\d+ +[\d.]+ +(USD|EUR) +Bill it/m);
    expect(words).toMatch(/\d+ findings; at stake: /);
    expect(words).toMatch(/^accounting not checked \(no records of accounting were given\): /m);
    expect(words).not.toContain('all fine');
  });

  it('compares accounting, CRM, mail and ledger where it is given what they hold', async () => {
    const { code, words } = await findings('--outside', join(SAMPLE, 'outside.json'), '--json');
    expect(code).toBe(0);
    const found = JSON.parse(words) as Findings;
    expect(found.checks.every(({ state }) => state === 'checked')).toBe(true);
    const posted = found.findings.find(({ rule }) => rule === 'invoice-differs-in-accounting');
    expect(posted).toMatchObject({
      amountMinor: -9000,
      sides: { agreed: [{ system: 'perennial' }], found: [{ system: 'accounting' }] },
      actions: expect.arrayContaining(['correctInAccounting']),
    });
  });

  it('says since when a system was not read', async () => {
    const path = join(folder, 'outside.json');
    const crm = { records: null, checkedOn: '2026-11-19', reason: 'it did not answer' };
    await writeFile(path, JSON.stringify({ crm }));
    const { words } = await findings('--outside', 'outside.json');
    expect(words).toContain('crm not checked since 2026-11-19 (it did not answer): ');
  });

  it('refuses a file that says what no system says', async () => {
    await writeFile(join(folder, 'wrong.json'), '{"mail": {"records": {"bounces": [{}]}}}');
    const { code, talk } = await findings('--outside', 'wrong.json');
    expect(code).toBe(2);
    expect(talk).toContain('wrong.json: ');
    expect(talk).toContain('address');
    expect((await findings('--outside', 'none.json')).code).toBe(2);
  });
});
