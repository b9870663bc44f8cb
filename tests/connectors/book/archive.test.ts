/** Zip archives: what a book packs to and from, and what strangers send. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packArchive, unpackArchive } from '../../../connectors/book/archive.ts';
import { BookInputError } from '../../../connectors/book/problems.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-archive-'));
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
async function archived(content: Uint8Array, name = 'book.zip'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}
const unpacked = async (content: Uint8Array) =>
  unpackArchive(await archived(content), join(folder, 'out'));
const refusal = async (content: Uint8Array): Promise<string> => {
  const error = await unpacked(content).then(
    () => null,
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(BookInputError);
  return (error as BookInputError).message;
};

describe('an archive', () => {
  it('comes back as it was packed', async () => {
    const pieces: Uint8Array[] = [];
    const files = [
      { name: 'accounts.csv', pieces: ['account,name\r\n', '1,Müller\r\n'] },
      { name: 'empty.csv', pieces: [] },
    ];
    for await (const piece of packArchive(files)) pieces.push(piece);
    const { files: names } = await unpacked(Buffer.concat(pieces));
    expect(names).toEqual(['accounts.csv', 'empty.csv']);
    expect(await readFile(join(folder, 'out/accounts.csv'), 'utf8')).toBe(
      'account,name\r\n1,Müller\r\n',
    );
  });

  it('is taken flat out of its folder, without what computers pack beside', async () => {
    const { files, leftOut } = await unpacked(
      zipSync({
        'book/accounts.csv': bytes('account,name\n'),
        'book/read me.pdf': bytes('%PDF'),
        '__MACOSX/book/._accounts.csv': bytes('x'),
      }),
    );
    expect([files, leftOut]).toEqual([['accounts.csv'], ['book/read me.pdf']]);
  });

  it('that leads out of itself is refused, and nothing is written', async () => {
    const words = await refusal(
      zipSync({ '../../evil.csv': bytes('x'), 'accounts.csv': bytes('y') }),
    );
    expect(words).toMatch(/leads out of the archive/);
    expect(await readdir(folder)).not.toContain('evil.csv');
    expect(await refusal(zipSync({ '/etc/evil.csv': bytes('x') }))).toMatch(/leads out/);
  });

  it('that is a bomb is refused while it unpacks, whatever size it states', async () => {
    const bomb = Buffer.from(zipSync({ 'accounts.csv': new Uint8Array(8 * 1024 * 1024) }));
    expect(await refusal(bomb)).toMatch(/far more than a book holds/);
    const directory = bomb.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
    bomb.writeUInt32LE(10, directory + 24);
    expect(await refusal(bomb)).toMatch(/can not be unpacked/);
  });

  it('that is cut off, or none at all, is told so', async () => {
    const whole = zipSync({ 'accounts.csv': bytes('account,name\n'.repeat(500)) });
    expect(await refusal(whole.subarray(0, whole.length - 40))).toMatch(/cut off, damaged/);
    expect(await refusal(bytes('account,name'))).toMatch(/no zip archive/);
    const broken = Buffer.from(whole);
    broken.fill(0xff, 45, 60);
    expect(await refusal(broken)).toMatch(/can not be unpacked/);
  });

  it('with macros, archives inside, twice the same table or none is told what to do', async () => {
    expect(await refusal(zipSync({ 'book.xlsm': bytes('x') }))).toMatch(/macros; save it as .xlsx/);
    expect(await refusal(zipSync({ 'xl/vbaProject.bin': bytes('x') }))).toMatch(/macros/);
    expect(await refusal(zipSync({ 'b.zip': bytes('x') }))).toMatch(/another archive/);
    expect(
      await refusal(zipSync({ 'a/accounts.csv': bytes('x'), 'b/accounts.csv': bytes('x') })),
    ).toMatch(/twice/);
    expect(await refusal(zipSync({ 'readme.txt': bytes('x') }))).toMatch(/no CSV file/);
  });
});
