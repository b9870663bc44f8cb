/**
 * Books as one zip archive: unpacked into a folder with every limit that a stranger's archive needs, and packed from files.
 * Format: PKWARE APPNOTE 4.3, read by yauzl, written by fflate.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Zip, ZipDeflate } from 'fflate';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { errorWords } from '../../domain/error-words.ts';
import { BookInputError } from './problems.ts';

/** What an archive may unpack to: a million rows of CSV stay below it. */
export const ARCHIVE_LIMIT_BYTES = 512 * 1024 * 1024;
const ENTRIES_LIMIT = 500;
/** Text packs to a tenth; a thousandth is a bomb. Small files may be all spaces. */
const RATIO_LIMIT = 200;
const RATIO_FROM_BYTES = 1024 * 1024;

/** What a book's archive may hold; anything else is told by name. */
const TAKEN: ReadonlySet<string> = new Set(['.csv', '.tsv', '.xlsx']);
const MACROS: ReadonlySet<string> = new Set(['.xlsm', '.xltm', '.xlsb', '.bin']);

/**
 * Unpacks the tables of a zip archive into a folder, flat: a folder inside the archive is left away.
 * @returns the names of the files written, and of those left out.
 * @throws BookInputError where the archive is cut off, damaged, protected, a bomb, or holds names that lead elsewhere; then
 * nothing of it is left in the folder.
 */
export async function unpackArchive(
  path: string,
  dir: string,
): Promise<{ readonly files: readonly string[]; readonly leftOut: readonly string[] }> {
  const name = basename(path);
  const archive = await opened(path, name);
  const files: string[] = [];
  const leftOut: string[] = [];
  let leftBytes = ARCHIVE_LIMIT_BYTES;
  try {
    if (archive.entryCount > ENTRIES_LIMIT)
      throw new BookInputError(
        `${name} holds ${archive.entryCount} files; a book has one file per table`,
      );
    await mkdir(dir, { recursive: true });
    for await (const entry of archive.eachEntry()) {
      const file = fileOf(entry, name);
      if (file === null) {
        if (!entry.fileName.endsWith('/') && !isClutter(entry.fileName))
          leftOut.push(entry.fileName);
        continue;
      }
      if (files.includes(file))
        throw new BookInputError(`${name} holds ${file} twice, in two folders; keep one of them`);
      files.push(file);
      leftBytes -= await unpackEntry(archive, entry, join(dir, file), leftBytes, name);
    }
  } catch (error) {
    for (const file of files) await rm(join(dir, file), { force: true });
    throw asBroken(name, error);
  } finally {
    archive.close();
  }
  if (files.length === 0)
    throw new BookInputError(`${name} holds no CSV file and no .xlsx workbook`);
  return { files, leftOut };
}

async function opened(path: string, name: string): Promise<ZipFile> {
  try {
    return await openPromise(path, { autoClose: false });
  } catch (error) {
    throw asBroken(name, error);
  }
}

/** yauzl's own words name what is wrong with the archive; ours say what to do about it. */
function asBroken(name: string, error: unknown): unknown {
  if (error instanceof BookInputError) return error;
  const words = errorWords(error);
  if (/relative path|absolute path|invalid characters/i.test(words))
    return new BookInputError(
      `${name} holds a file whose name leads out of the archive, and nothing of it was taken; ` +
        'pack the tables again, by themselves',
      { cause: error },
    );
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    if (/^E[A-Z]+$/.test(error.code)) return error;
  }
  return new BookInputError(
    `${name} can not be unpacked: it is cut off, damaged or no zip archive (${words}); ` +
      'pack it again, or upload the tables one by one',
    { cause: error },
  );
}

/** What computers pack beside the files of their people. */
const isClutter = (entry: string): boolean =>
  entry.startsWith('__MACOSX/') ||
  basename(entry).startsWith('.') ||
  basename(entry) === 'Thumbs.db';

/** The name under which an entry is unpacked; null for folders and what is no table. */
function fileOf(entry: Entry, archive: string): string | null {
  if (entry.fileName.endsWith('/') || isClutter(entry.fileName)) return null;
  const file = basename(entry.fileName);
  const extension = extname(file).toLowerCase();
  if (entry.isEncrypted())
    throw new BookInputError(`${archive} is protected by a password; pack it without one`);
  if (MACROS.has(extension))
    throw new BookInputError(`${archive} holds ${file}, which may hold macros; save it as .xlsx`);
  if (extension === '.zip')
    throw new BookInputError(
      `${archive} holds another archive, ${file}; pack the tables themselves`,
    );
  return TAKEN.has(extension) ? file : null;
}

/** Unpacks one entry while it counts: what the archive says about sizes is not to be trusted. */
async function unpackEntry(
  archive: ZipFile,
  entry: Entry,
  target: string,
  limitBytes: number,
  name: string,
): Promise<number> {
  let bytes = 0;
  const stream = await archive.openReadStreamPromise(entry);
  const counted = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      bytes += chunk.length;
      const ratio = bytes / Math.max(1, entry.compressedSize);
      if (bytes > limitBytes || (bytes > RATIO_FROM_BYTES && ratio > RATIO_LIMIT))
        throw new BookInputError(
          `${name} unpacks to far more than a book holds (${basename(target)}), and nothing of it ` +
            'was taken; upload the tables one by one',
        );
      yield chunk;
    }
  };
  await pipeline(stream, counted, createWriteStream(target, { flags: 'wx' }));
  return bytes;
}

export interface PackedFile {
  readonly name: string;
  /** The file's text in pieces, so that a large table is never one string. */
  readonly pieces: Iterable<string> | AsyncIterable<string>;
}

/** Packs files into a zip archive, piece by piece. */
export async function* packArchive(files: readonly PackedFile[]): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, chunk) => {
    if (error !== null) failure = error;
    else ready.push(chunk);
  });
  const encoder = new TextEncoder();
  function* packed() {
    if (failure !== null) throw failure;
    yield* ready.splice(0);
  }
  for (const { name, pieces } of files) {
    const entry = new ZipDeflate(name, { level: 6 });
    zip.add(entry);
    for await (const piece of pieces) {
      entry.push(encoder.encode(piece), false);
      yield* packed();
    }
    entry.push(new Uint8Array(0), true);
  }
  zip.end();
  yield* packed();
}
