import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../cli/main.ts';
import { longInvoice } from '../../documents/samples.ts';

// The layout engine and the XML writer load for seconds on a busy machine.

const DOC = {
  contract: 'C-1',
  account: 'A-1',
  currency: 'EUR',
  issueDate: '2026-11-15',
  dueDate: '2026-12-15',
  lines: [
    {
      subcontract: 'S-1',
      sku: 'X',
      kind: 'recurring',
      description: 'Maintenance',
      periodStart: '2027-01-01',
      periodEnd: '2027-12-31',
      quantity: '4',
      unitPrice: '100',
      discountPercent: null,
      net: 40000,
      taxCategory: 'S',
      taxRate: '20',
      caughtUp: null,
      explanation: 'x',
    },
  ],
  net: 40000,
  tax: 8000,
  total: 48000,
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-render-'));
  await writeFile(join(folder, 'doc.json'), JSON.stringify(DOC));
  await writeFile(join(folder, 'whole.json'), JSON.stringify(longInvoice()));
  await writeFile(join(folder, 'wrong.json'), JSON.stringify({ ...DOC, total: 1 }));
  await writeFile(join(folder, 'broken.json'), '{');
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function run(...args: string[]) {
  const said = { out: '', err: '' };
  const code = await main(['invoice', 'render', ...args], {
    stdout: { write: (text: string) => (said.out += text) },
    stderr: { write: (text: string) => (said.err += text) },
    env: { INIT_CWD: folder },
    workingDirectory: '/',
  });
  return { code, ...said };
}

describe('invoice render', () => {
  it.each([
    ['pdf', '%PDF-'],
    ['html', '<!doctype html>'],
    ['ubl', '<?xml'],
    ['cii', '<?xml'],
    ['facturx', '%PDF-'],
  ])('writes %s, from a preview and from a whole document', async (format, start) => {
    for (const input of ['doc.json', 'whole.json']) {
      const { code, out } = await run(
        input,
        '--format',
        format,
        '--out',
        `out/${input}.${format}`,
        '--json',
      );
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        format,
        out: join(folder, `out/${input}.${format}`),
      });
      const written = await readFile(join(folder, `out/${input}.${format}`), 'utf8');
      expect(written.slice(0, start.length)).toBe(start);
    }
  });

  it('says what stands in for what a draft lacks', async () => {
    const { err } = await run('doc.json', '--format', 'ubl', '--out', 'a.xml', '--json');
    expect(err).toContain('draft: seller.legalName is not given');
  });

  it('answers wrong input with exit 2 and the path', async () => {
    expect(await run('wrong.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining('total: is 1'),
    });
    expect(await run('broken.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining('is not JSON'),
    });
    expect(await run('absent.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining('absent.json'),
    });
    expect(await run('doc.json', '--format', 'docx')).toMatchObject({ code: 2 });
  });

  it('writes nothing on a dry run', async () => {
    const { code, out } = await run('doc.json', '--out', 'never.pdf', '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('would write');
    await expect(readFile(join(folder, 'never.pdf'))).rejects.toThrow('ENOENT');
  });
});
