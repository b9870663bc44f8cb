import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { folder } from '../connectors/book/books.ts';

const BIN = fileURLToPath(new URL('../../cli/bin.mjs', import.meta.url));

function perennial(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawnSync(process.execPath, [BIN, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { code: child.status, stdout: child.stdout, stderr: child.stderr };
}

describe('perennial book check, as a process', () => {
  it('exits 0 on a clean book, resolved where the caller stands, with JSON alone on stdout', async () => {
    const dir = await folder();
    const name = dir.slice(dirname(dir).length + 1);
    const run = perennial(['book', 'check', name, '--json'], { INIT_CWD: dirname(dir) });
    expect(JSON.parse(run.stdout)).toMatchObject({ ok: true, errors: [], tables: { accounts: 1 } });
    expect(run.code).toBe(0);
  });

  it('exits 2 on a faulty book and names file, row and column to people', async () => {
    const run = perennial(['book', 'check', await folder({ prices: null })]);
    expect(run.stdout).toContain('subcontracts.csv row 2, unit_price');
    expect(run.code).toBe(2);
  });

  it('exits 2 where there is no book, and still answers', () => {
    const run = perennial(['--json', 'book', 'check', '/nowhere/at/all']);
    expect(JSON.parse(run.stdout)).toMatchObject({ ok: false, tables: {} });
    expect(run.code).toBe(2);
  });
});
