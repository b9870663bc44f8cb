import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../cli/main.ts';
import { longInvoice, PREVIEW_DOCUMENT } from '../../documents/samples.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-render-'));
  await writeFile(join(folder, 'doc.json'), JSON.stringify(PREVIEW_DOCUMENT));
  await writeFile(join(folder, 'whole.json'), JSON.stringify(longInvoice()));
  await writeFile(join(folder, 'wrong.json'), JSON.stringify({ ...PREVIEW_DOCUMENT, total: 1 }));
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
