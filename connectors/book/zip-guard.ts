/**
 * Looks through a zip archive before anything unpacks it: an .xlsx is one, and a few kilobytes of
 * it can unpack to gigabytes, or place one cell where the grid between would fill the memory.
 * Format: PKWARE APPNOTE 4.3.
 */
import { createInflateRaw } from 'node:zlib';
import { BookInputError } from './problems.ts';

/**
 * What an archive may unpack to in all. A sheet of 50,000 rows and 40 columns stays below a third
 * of this.
 */
export const UNPACKED_LIMIT_BYTES = 256 * 1024 * 1024;
const ENTRIES_LIMIT = 2000;
/** Rows and columns that a sheet may address, empty ones included. */
const GRID_ROWS_LIMIT = 200_000;
const GRID_COLUMN_LETTERS = 2; // up to column ZZ, 702 of them

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;

interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly packedBytes: number;
  readonly offset: number;
}

/** What the look through the archive found out. */
export interface WorkbookParts {
  readonly names: readonly string[];
  /** Addresses (D5) of cells whose formula failed, by the name of the sheet's part. */
  readonly failedCells: ReadonlyMap<string, ReadonlySet<string>>;
  /** The parts that say which sheet is which part, as XML. */
  readonly directory: ReadonlyMap<string, string>;
}

const SHEET = /^xl\/worksheets\/[^/]+\.xml$/i;
/** The list of sheets and the list of parts that it points into. */
export const WORKBOOK_PART = 'xl/workbook.xml';
export const RELATIONS_PART = 'xl/_rels/workbook.xml.rels';
const DIRECTORY_LIMIT_CHARS = 4 * 1024 * 1024;

/** @throws BookInputError where the archive is broken or too large unpacked. */
export async function guardWorkbookArchive(archive: Buffer): Promise<WorkbookParts> {
  const entries = readDirectory(archive);
  refuseHiddenParts(archive, entries);
  const failedCells = new Map<string, Set<string>>();
  const directory = new Map<string, string>();
  let leftBytes = UNPACKED_LIMIT_BYTES;
  for (const entry of entries) {
    let scan: PartScan | null = null;
    if (SHEET.test(entry.name)) {
      const failed = new Set<string>();
      failedCells.set(entry.name, failed);
      scan = createGridScan(failed);
    } else if (entry.name === WORKBOOK_PART || entry.name === RELATIONS_PART) {
      scan = (chunk) => {
        const text = (directory.get(entry.name) ?? '') + chunk.toString('latin1');
        if (text.length > DIRECTORY_LIMIT_CHARS) throw broken(`${entry.name} is too large`);
        directory.set(entry.name, text);
      };
    }
    leftBytes -= await unpackedBytes(archive, entry, leftBytes, scan);
  }
  return { names: entries.map((entry) => entry.name), failedCells, directory };
}

function broken(what: string): BookInputError {
  return new BookInputError(`the workbook is damaged (${what}); open it and save it again`);
}

function readDirectory(archive: Buffer): ZipEntry[] {
  const end = findEnd(archive);
  const count = archive.readUInt16LE(end + 10);
  if (count > ENTRIES_LIMIT) throw new BookInputError('the workbook has too many parts to be one');
  const entries: ZipEntry[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== DIRECTORY_ENTRY)
      throw broken('its directory of parts cannot be read');
    const nameBytes = archive.readUInt16LE(at + 28);
    entries.push({
      name: archive.toString('utf8', at + 46, at + 46 + nameBytes),
      method: archive.readUInt16LE(at + 10),
      packedBytes: archive.readUInt32LE(at + 20),
      offset: archive.readUInt32LE(at + 42),
    });
    at += 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}

/** The optional record after a part that was packed as it streamed. */
const DESCRIPTOR_LIMIT_BYTES = 24;

/**
 * A reader may go from part to part instead of through the directory: what the directory does not
 * list, or lists twice, would pass unseen.
 */
function refuseHiddenParts(archive: Buffer, entries: readonly ZipEntry[]): void {
  if (new Set(entries.map(({ name }) => name)).size < entries.length)
    throw broken('it lists a part twice');
  const byOffset = [...entries].sort((a, b) => a.offset - b.offset);
  let expected = 0;
  for (const entry of byOffset) {
    if (entry.offset < expected || entry.offset > expected + DESCRIPTOR_LIMIT_BYTES)
      throw broken('it has parts that its directory does not list');
    expected = contentStart(archive, entry) + entry.packedBytes;
  }
  const directoryAt = archive.readUInt32LE(findEnd(archive) + 16);
  if (directoryAt < expected || directoryAt > expected + DESCRIPTOR_LIMIT_BYTES)
    throw broken('it has parts that its directory does not list');
}

function contentStart(archive: Buffer, { name, offset }: ZipEntry): number {
  if (offset + 30 > archive.length || archive.readUInt32LE(offset) !== LOCAL_HEADER)
    throw broken(`its part ${name} cannot be found`);
  return offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
}

/** The end record sits in the last 64 KiB, before an optional comment. */
function findEnd(archive: Buffer): number {
  const first = Math.max(0, archive.length - 22 - 0xffff);
  for (let at = archive.length - 22; at >= first; at -= 1)
    if (archive.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  throw broken('it is no zip archive, or is cut off');
}

type PartScan = (chunk: Buffer) => void;

/**
 * Unpacks an entry without keeping it, and counts; what the directory says about sizes is not to be
 * trusted.
 */
async function unpackedBytes(
  archive: Buffer,
  entry: ZipEntry,
  limitBytes: number,
  scan: PartScan | null,
): Promise<number> {
  const start = contentStart(archive, entry);
  const packed = archive.subarray(start, start + entry.packedBytes);
  if (entry.method === 0) {
    scan?.(packed);
    return counted(packed.length, limitBytes);
  }
  if (entry.method !== 8) throw broken(`its part ${entry.name} is packed in an unknown way`);
  const inflate = createInflateRaw();
  let bytes = 0;
  try {
    inflate.end(packed);
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      bytes = counted(bytes + chunk.length, limitBytes);
      scan?.(chunk);
    }
  } catch (error) {
    if (error instanceof BookInputError) throw error;
    throw new BookInputError(broken(`its part ${entry.name} cannot be unpacked`).message, {
      cause: error,
    });
  } finally {
    inflate.destroy();
  }
  return bytes;
}

function counted(bytes: number, limitBytes: number): number {
  if (bytes <= limitBytes) return bytes;
  const limit = UNPACKED_LIMIT_BYTES / 1024 / 1024;
  throw new BookInputError(
    `the workbook unpacks to more than ${limit} MB; use a folder of CSV files instead`,
  );
}

const CARRIED_CHARS = 256; // longer than any cell's opening tag
const CELL_FAILED = /<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]+\d+)"/g;

/**
 * Reads cell addresses as they pass (`r="AB12"`), also where one lies across two chunks, and
 * notes failed formulas, which the workbook reader would give as empty cells.
 */
function createGridScan(failed: Set<string>): PartScan {
  let carried = '';
  return (chunk) => {
    const text = carried + chunk.toString('latin1');
    for (const [, letters = '', row = ''] of text.matchAll(/\br="([A-Z]*)(\d+)"/g)) {
      if (letters.length <= GRID_COLUMN_LETTERS && Number(row) <= GRID_ROWS_LIMIT) continue;
      throw new BookInputError(
        `a sheet of the workbook has a cell at ${letters}${row}, far outside any table; ` +
          'delete the empty rows and columns around the tables',
      );
    }
    for (const [, address = ''] of text.matchAll(CELL_FAILED)) failed.add(address);
    carried = text.slice(-CARRIED_CHARS);
  };
}
