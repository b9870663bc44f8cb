/** Opens a contract book, whatever it is kept in, as a stream of records per table. */
import { constants, createReadStream } from 'node:fs';
import { access, open, readdir, stat } from 'node:fs/promises';
import { extname, join, parse } from 'node:path';
import { TABLE_NAMES, type TableName } from '../../domain/book/tables.ts';
import { type RawRecord, RecordCutter } from './csv-records.ts';
import { type BookMapping, mappedRecords, mappingOf, type RowCorrections } from './mapping.ts';
import { type BookError, BookInputError } from './problems.ts';
import { normalizedName, tableSpec } from './rows.ts';

export interface FileSource {
  /** How messages name the file. */
  readonly file: string;
  /** Batches of records from the first on, the header included; can be called more than once. */
  records(): AsyncIterable<readonly RawRecord[]>;
}

export interface TableSource extends FileSource {
  readonly table: TableName;
}

export interface BookSource {
  readonly tables: ReadonlyMap<TableName, TableSource>;
  /** Files and sheets that are no table of the book, as far as their names tell. */
  readonly unnamed: readonly FileSource[];
  /** What is wrong with the files as such. */
  readonly errors: readonly BookError[];
  readonly warnings: readonly BookError[];
}

const TABLES_BY_NAME = new Map(TABLE_NAMES.map((name) => [normalizedName(name), name]));

/**
 * The table that a file or sheet is named after; case, spaces, dashes and underscores do not count.
 */
export function tableNamed(name: string): TableName | null {
  return TABLES_BY_NAME.get(normalizedName(name)) ?? null;
}

/** How files of another program are read, and what a person corrected in them. */
export interface OpenOptions {
  readonly mapping?: BookMapping | null;
  readonly corrections?: RowCorrections;
}

/** What we write beside the tables: how to fill them in, and what is still wrong with them. */
export const NOTES_NAME = 'perennial-notes';
export const ERRORS_NAME = 'perennial-errors';
const OURS: ReadonlySet<string> = new Set([NOTES_NAME, ERRORS_NAME].map(normalizedName));

/** Which table a file is, by its mapping or else by its name; `left-out` where the mapping says so. */
export function assigned(
  { mapping = null }: OpenOptions,
  file: string,
  name: string,
): TableName | 'left-out' | null {
  const found = mappingOf(mapping, file);
  if (found !== null) return found.table ?? 'left-out';
  return OURS.has(normalizedName(name)) ? 'left-out' : tableNamed(name);
}

/** A file's records as the book has them. */
export function mappedTable(
  table: TableName,
  { file, records }: FileSource,
  { mapping = null, corrections = {} }: OpenOptions,
): TableSource {
  const found = mappingOf(mapping, file);
  const corrected = corrections[table];
  if (found === null && corrected === undefined) return { table, file, records };
  return { table, file, records: () => mappedRecords(records(), table, found, corrected) };
}

/**
 * Opens a folder of CSV files or an .xlsx workbook.
 * @throws BookInputError where there is no book: nothing there, no permission, another format.
 */
export async function openBook(path: string, options: OpenOptions = {}): Promise<BookSource> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return await openFolder(path, options);
    if (!found.isFile()) throw new BookInputError(`${path} is neither a folder nor a file`);
    await access(path, constants.R_OK);
    return await openFile(path, found.size, options);
  } catch (error) {
    throw asInputError(path, error);
  }
}

async function openFile(
  path: string,
  sizeBytes: number,
  options: OpenOptions,
): Promise<BookSource> {
  const extension = extname(path).toLowerCase();
  if (extension === '.xlsx') {
    const { openWorkbook } = await import('./workbook.ts');
    return openWorkbook(path, sizeBytes, options);
  }
  if (extension === '.zip')
    throw new BookInputError(
      `${path} is an archive; unpack it and give the folder, or upload it on the Import page`,
    );
  if (extension === '.xlsm' || extension === '.xltm' || extension === '.xlsb')
    throw new BookInputError(`${path} may hold macros; save the workbook as .xlsx`);
  if (extension === '.xls')
    throw new BookInputError(`${path} is an old .xls workbook; save it as .xlsx`);
  if (extension === '.csv' || extension === '.tsv')
    throw new BookInputError(`${path} is one table; give the folder that holds all of the book`);
  throw new BookInputError(
    `${path} is no contract book; give a folder of CSV files or an .xlsx workbook`,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is nothing at',
  ENOTDIR: 'there is nothing at',
  EACCES: 'there is no permission to read',
  EPERM: 'there is no permission to read',
  ENAMETOOLONG: 'the name is too long:',
  ELOOP: 'symbolic links go in a circle at',
};

/** A failure of the file system in words; anything else goes on as it is. */
function asInputError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const reason = code === undefined ? undefined : REASONS[code];
  if (reason === undefined) return error;
  return new BookInputError(`${reason} ${path}`, { cause: error });
}

async function openFolder(path: string, options: OpenOptions): Promise<BookSource> {
  const tables = new Map<TableName, TableSource>();
  const unnamed: FileSource[] = [];
  const errors: BookError[] = [];
  const warnings: BookError[] = [];
  const entries = await readdir(path, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const file = entry.name;
    const { name, ext } = parse(file);
    if (entry.isDirectory() || name.startsWith('.') || !/^\.(csv|tsv)$/i.test(ext)) continue;
    const whole = { file, row: null, column: null, value: null };
    const table = assigned(options, file, name);
    if (table === null || table === 'left-out') {
      const message = `is not a table of the contract book (${TABLE_NAMES.join(', ')}); left out`;
      if (table === null) warnings.push({ ...whole, message });
      const shape = await sniff(join(path, file), null);
      if (typeof shape !== 'string') unnamed.push(csvFile(file, join(path, file), shape));
    } else if (tables.has(table)) {
      const message = `is a second file for the table ${table} beside ${tables.get(table)?.file}`;
      errors.push({ ...whole, message: `${message}; keep one` });
    } else {
      const sniffed = await sniff(join(path, file), table);
      if (typeof sniffed === 'string') errors.push({ ...whole, message: sniffed });
      else tables.set(table, mappedTable(table, csvFile(file, join(path, file), sniffed), options));
    }
  }
  return { tables, unnamed, errors, warnings };
}

interface CsvShape {
  readonly delimiter: string;
  readonly startByte: number;
}

const HEAD_BYTES = 64 * 1024;

/**
 * Looks at the start of a file for its encoding and delimiter. @returns what is wrong in words
 * where it is no CSV.
 */
async function sniff(path: string, table: TableName | null): Promise<CsvShape | string> {
  const handle = await open(path).catch((error) => {
    throw asInputError(path, error);
  });
  let head: Buffer;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    head = buffer.subarray(0, bytesRead);
  } catch (error) {
    throw asInputError(path, error);
  } finally {
    await handle.close();
  }
  if (head.length === 0) return 'is empty; its first row must name the columns';
  const mark = head.subarray(0, 3).toString('latin1');
  if (mark.startsWith('\xff\xfe') || mark.startsWith('\xfe\xff') || looksLikeUtf16(head))
    return 'is UTF-16; save it again as "CSV UTF-8"';
  if (mark.startsWith('PK') || head.includes(0)) return 'is no text; save the table as "CSV UTF-8"';
  const startByte = mark === '\xef\xbb\xbf' ? 3 : 0;
  return { delimiter: detectDelimiter(head.toString('latin1', startByte), table), startByte };
}

/** Plain text in UTF-16 has a zero in every other byte, also without a byte-order mark. */
function looksLikeUtf16(head: Buffer): boolean {
  const sample = head.subarray(0, 512);
  let zeros = 0;
  for (const byte of sample) if (byte === 0) zeros += 1;
  return zeros * 3 >= sample.length;
}

/**
 * The delimiter whose header names the most columns of the table, then the one that gives the most
 * cells.
 */
export function detectDelimiter(head: string, table: TableName | null): string {
  const columns = table === null ? [] : Object.keys(tableSpec(table).columns);
  const known = new Set(columns.map(normalizedName));
  let best = { delimiter: ',', matches: -1, cells: 0 };
  for (const delimiter of [',', ';', '\t']) {
    const [header] = new RecordCutter(delimiter).feed(head, true);
    const cells = header?.cells ?? [];
    const matches = cells.filter((cell) => known.has(normalizedName(cell))).length;
    if (matches > best.matches || (matches === best.matches && cells.length > best.cells))
      best = { delimiter, matches, cells: cells.length };
  }
  return best.delimiter;
}

function csvFile(file: string, path: string, shape: CsvShape): FileSource {
  return { file, records: () => csvRecords(path, shape) };
}

async function* csvRecords(path: string, shape: CsvShape): AsyncGenerator<readonly RawRecord[]> {
  const cutter = new RecordCutter(shape.delimiter);
  const stream = createReadStream(path, { start: shape.startByte, highWaterMark: 256 * 1024 });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>)
      yield cutter.feed(chunk.toString('latin1'), false);
    yield cutter.feed('', true);
  } catch (error) {
    throw asInputError(path, error);
  }
}
