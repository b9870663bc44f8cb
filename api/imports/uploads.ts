/**
 * Uploads of a contract book: files wait in a folder of their own until a person has mapped and corrected them and said yes.
 * The record is touched by the import alone, in one transaction; an upload that broke off leaves nothing.
 */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { unpackArchive } from '../../connectors/book/archive.ts';
import {
  type BookMapping,
  type FileMapping,
  type FileSample,
  guessMapping,
  type RowCorrections,
} from '../../connectors/book/mapping.ts';
import { BookInputError } from '../../connectors/book/problems.ts';
import { type BookReading, checkBook, readBook } from '../../connectors/book/read.ts';
import {
  type BookSource,
  ERRORS_NAME,
  type FileSource,
  openBook,
  type TableSource,
} from '../../connectors/book/source.ts';
import {
  type FoundValues,
  foundValues,
  withSuggestedValues,
} from '../../connectors/book/value-mapping.ts';
import type { Sheet } from '../../connectors/book/write.ts';
import { TABLE_NAMES, type TableName } from '../../domain/book/tables.ts';
import { ProblemError } from '../problems.ts';
import type { BookProblem, BookUpload } from '../types.ts';

/** All files of one upload together. A larger book goes by the command line, which streams it from the disk. */
export const UPLOAD_LIMIT_BYTES = 100 * 1024 * 1024;
export const FILES_MOST = 60;
const SAMPLE_ROWS = 20;
/** Uploads that nobody came back to. */
const KEPT_DAYS = 14;

const TOO_LARGE =
  `The upload is larger than ${UPLOAD_LIMIT_BYTES / 1024 / 1024} MB, and nothing of it was kept. Import a book of that size ` +
  'on the server with `perennial book import FOLDER`, which reads it from the disk.';

/** What is kept of an upload beside its files. */
interface State {
  readonly upload: string;
  readonly source: string;
  readonly uploadedBy: string;
  readonly uploadedAt: string;
  /** Grows with every change, so that what is imported is what was shown. */
  readonly version: number;
  readonly leftOut: readonly string[];
  readonly mappingName: string | null;
  readonly mapping: BookMapping;
  readonly samples: readonly FileSample[];
  /** What stands in columns that take a list of words, as the files write it. */
  readonly found: FoundValues;
  readonly corrections: RowCorrections;
  readonly check: Check;
  /** The import that came of it. */
  readonly importId: string | null;
}
interface Check {
  readonly tables: Readonly<Partial<Record<TableName, number>>>;
  readonly errors: readonly BookProblem[];
  readonly warnings: readonly BookProblem[];
  readonly errorCount: number;
  readonly warningCount: number;
}

export interface UploadedFile {
  readonly name: string;
  readonly content: Readable;
  /** Whether the stream was cut at the limit. */
  readonly isCut: () => boolean;
}

export interface Uploads {
  /** Takes files in, unpacks archives, guesses the mapping, checks the book. */
  take(
    files: AsyncIterable<UploadedFile>,
    by: { readonly user: string; readonly at: Date; readonly saved: SavedMapping | null },
  ): Promise<BookUpload>;
  /** More files to the same upload, or the same ones anew. */
  add(upload: string, files: AsyncIterable<UploadedFile>): Promise<BookUpload>;
  view(upload: string): Promise<BookUpload>;
  list(): Promise<BookUpload[]>;
  map(upload: string, mapping: BookMapping, name: string | null): Promise<BookUpload>;
  correct(
    upload: string,
    table: TableName,
    row: number,
    cells: Readonly<Record<string, string>> | null,
  ): Promise<BookUpload>;
  /** Problems with the rows they stand in, as they are now. */
  problems(upload: string, kind: 'errors' | 'warnings', from: number): Promise<BookProblem[]>;
  read(
    upload: string,
  ): Promise<BookReading & { readonly source: string; readonly version: number }>;
  /** The corrected tables, row by row as they came, and what is still wrong with them. */
  sheets(upload: string): Promise<readonly Sheet[]>;
  imported(upload: string, importId: string): Promise<void>;
  remove(upload: string): Promise<void>;
}

export interface SavedMapping {
  readonly name: string;
  readonly mapping: BookMapping;
}

const ID = /^[0-9a-f-]{36}$/;
const NO_SUCH = (upload: string) =>
  new ProblemError(
    'not-found',
    `There is no upload ${JSON.stringify(upload)}; those that nobody imported are kept for ${KEPT_DAYS} days.`,
  );

/** Uploads in a folder on the disk. One change of an upload at a time. */
export function createUploads(folder: string): Uploads {
  const turns = new Map<string, Promise<unknown>>();
  const place = (upload: string) => {
    if (!ID.test(upload)) throw NO_SUCH(upload);
    return join(folder, upload);
  };
  const inTurn = <T>(upload: string, work: () => Promise<T>): Promise<T> => {
    const before = turns.get(upload) ?? Promise.resolve();
    const mine = before.then(work, work);
    turns.set(upload, mine);
    return mine.finally(() => {
      if (turns.get(upload) === mine) turns.delete(upload);
    });
  };
  const load = async (upload: string): Promise<State> => {
    try {
      const text = await readFile(join(place(upload), 'upload.json'), 'utf8');
      return withValues(JSON.parse(text) as State);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw NO_SUCH(upload);
      throw error;
    }
  };
  const keep = async (state: State): Promise<void> => {
    const path = join(place(state.upload), 'upload.json');
    await writeFile(`${path}.partial`, JSON.stringify(state));
    await rename(`${path}.partial`, path);
  };
  const checked = async (state: Omit<State, 'check' | 'version'> & { version: number }) => {
    const source = await opened(place(state.upload), state.mapping, state.corrections);
    const { tables, errors, warnings, truncated } = await checkBook(source);
    const tableOf = new Map([...source.tables.values()].map((one) => [one.file, one.table]));
    const told = (problem: (typeof errors)[number]): BookProblem => ({
      ...problem,
      table: tableOf.get(problem.file) ?? null,
      cells: null,
    });
    const next: State = {
      ...state,
      version: state.version + 1,
      check: {
        tables,
        errors: errors.map(told),
        warnings: warnings.map(told),
        errorCount: errors.length + truncated.errors,
        warningCount: warnings.length + truncated.warnings,
      },
    };
    await keep(next);
    return viewOf(next);
  };
  const changed = (
    upload: string,
    change: (state: State) => Partial<State> | Promise<Partial<State>>,
  ) =>
    inTurn(upload, async () => {
      const state = await load(upload);
      if (state.importId !== null)
        throw new ProblemError(
          'state-conflict',
          'This upload was imported already; upload the files again to change something.',
        );
      return checked({ ...state, ...(await change(state)) });
    });

  return {
    async take(files, { user, at, saved }) {
      await removeOld(folder, at);
      const upload = randomUUID();
      try {
        const { names, leftOut } = await receive(files, join(place(upload), 'files'));
        const samples = await samplesOf(await opened(place(upload), null, {}));
        return await checked({
          upload,
          source: nameOf(names),
          uploadedBy: user,
          uploadedAt: at.toISOString(),
          version: 0,
          leftOut,
          mappingName: saved?.name ?? null,
          ...(await valued(
            place(upload),
            { files: samples.map((one) => guessMapping(one, saved?.mapping ?? null)) },
            true,
          )),
          samples,
          corrections: {},
          importId: null,
        });
      } catch (error) {
        await rm(place(upload), { recursive: true, force: true });
        throw asProblem(error);
      }
    },
    async add(upload, files) {
      const { mapping, leftOut, ...state } = await load(upload);
      const place2 = join(place(upload), `new-${randomUUID()}`);
      try {
        const received = await receive(files, place2);
        return await inTurn(upload, async () => {
          for (const file of await readdir(place2))
            await rename(join(place2, file), join(place(upload), 'files', file));
          const samples = await samplesOf(await opened(place(upload), null, {}));
          // A file that came anew has new rows: corrections of its old ones would land elsewhere.
          const fresh = new Set(received.names);
          const corrections = Object.fromEntries(
            Object.entries(state.corrections).filter(
              ([table]) => !mapping.files.some((one) => one.table === table && fresh.has(one.file)),
            ),
          );
          return checked({
            ...state,
            corrections,
            leftOut: [...leftOut, ...received.leftOut],
            samples,
            ...(await valued(
              place(upload),
              { files: samples.map((one) => guessMapping(one, mapping)) },
              true,
            )),
          });
        });
      } catch (error) {
        throw asProblem(error);
      } finally {
        await rm(place2, { recursive: true, force: true });
      }
    },
    view: async (upload) => viewOf(await load(upload)),
    async list() {
      const names = await readdir(folder).catch(() => []);
      const states = await Promise.all(
        names.filter((name) => ID.test(name)).map((name) => load(name).catch(() => null)),
      );
      return states
        .filter((state) => state !== null)
        .sort((a, b) => (a.uploadedAt < b.uploadedAt ? 1 : -1))
        .map(viewOf);
    },
    map: (upload, mapping, name) =>
      changed(upload, async (state) => ({
        ...(await valued(place(upload), mapping, false)),
        mappingName: name,
        corrections: withoutMoved(state, mapping),
      })).catch((error: unknown) => {
        throw asProblem(error);
      }),
    correct: (upload, table, row, cells) =>
      changed(upload, ({ corrections }) => ({
        corrections: {
          ...corrections,
          [table]: {
            ...corrections[table],
            [row]: cells === null ? null : { ...corrections[table]?.[row], ...cells },
          },
        },
      })),
    async problems(upload, kind, from) {
      const { check, mapping, corrections } = await load(upload);
      const page = check[kind].slice(from, from + PROBLEMS_PAGE);
      return withRows(await opened(place(upload), mapping, corrections), page);
    },
    async read(upload) {
      const { mapping, corrections, source, version } = await load(upload);
      const reading = await readBook(await opened(place(upload), mapping, corrections));
      return { ...reading, source, version };
    },
    async sheets(upload) {
      const { mapping, corrections, check } = await load(upload);
      const source = await opened(place(upload), mapping, corrections);
      const tables = await Promise.all([...source.tables.values()].map(sheetOf));
      return check.errorCount === 0 ? tables : [...tables, errorSheet(check)];
    },
    imported: (upload, importId) =>
      inTurn(upload, async () => keep({ ...(await load(upload)), importId })),
    async remove(upload) {
      await load(upload);
      await inTurn(upload, () => rm(place(upload), { recursive: true, force: true }));
    },
  };
}

export const PROBLEMS_PAGE = 100;

function viewOf({ samples, mapping, corrections, check, found, ...state }: State): BookUpload {
  const corrected = Object.values(corrections).reduce(
    (sum, rows) => sum + Object.keys(rows ?? {}).length,
    0,
  );
  return {
    ...state,
    tables: check.tables,
    errorCount: check.errorCount,
    warningCount: check.warningCount,
    correctedRows: corrected,
    files: samples.map(({ file, header, rows }) => {
      const mapped = mapping.files.find((one) => one.file === file);
      return {
        file,
        headers: header,
        sample: rows.slice(0, 3),
        table: mapped?.table ?? null,
        columns: mapped?.columns ?? {},
        dates: mapped?.dates ?? 'iso',
        decimals: mapped?.decimals ?? 'plain',
        values: mapped?.values ?? {},
        found: found[file] ?? [],
      };
    }),
  };
}

/** What is wrong with a file as such, as a problem that its uploader can act on. The folder's own path is left away. */
export function asProblem(error: unknown): unknown {
  if (!(error instanceof BookInputError)) return error;
  const words = error.message.replaceAll(/\/\S*\//g, '');
  return new ProblemError('upload-unusable', `${words[0]?.toUpperCase()}${words.slice(1)}.`, {
    cause: error,
  });
}

/** Writes what comes into a folder; archives are unpacked. Nothing stays of an upload that is refused. */
async function receive(
  files: AsyncIterable<UploadedFile>,
  dir: string,
): Promise<{ readonly names: readonly string[]; readonly leftOut: readonly string[] }> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const names: string[] = [];
  const leftOut: string[] = [];
  let leftBytes = UPLOAD_LIMIT_BYTES;
  for await (const { name, content, isCut } of files) {
    // A browser that sends a folder names the folder too; what counts is the file.
    const file = basename(name.replaceAll('\\', '/'));
    const extension = extname(file).toLowerCase();
    if (file.startsWith('.') || !/^\.(csv|tsv|xlsx|zip|xls\w?|xlt\w)$/.test(extension)) {
      leftOut.push(file);
      content.resume();
      continue;
    }
    if (names.includes(file)) throw new BookInputError(`${file} was sent twice; keep one of them`);
    const path = join(dir, file);
    let bytes = 0;
    await pipeline(
      content,
      async function* (source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          bytes += chunk.length;
          if (bytes > leftBytes) throw new ProblemError('body-too-large', TOO_LARGE);
          yield chunk;
        }
      },
      createWriteStream(path, { flags: 'wx', mode: 0o600 }),
    );
    if (isCut()) throw new ProblemError('body-too-large', TOO_LARGE);
    leftBytes -= bytes;
    if (bytes === 0) throw new BookInputError(`${file} is empty; upload it again`);
    if (extension === '.zip') {
      const unpacked = await unpackArchive(path, dir);
      await rm(path);
      names.push(...unpacked.files);
      leftOut.push(...unpacked.leftOut);
    } else names.push(file);
  }
  if (names.length === 0)
    throw new BookInputError(
      `there is no table in the upload${leftOut.length > 0 ? ` (${leftOut.join(', ')} is none)` : ''}; ` +
        'send CSV files, an .xlsx workbook, or a zip archive of them',
    );
  return { names, leftOut };
}

const nameOf = (files: readonly string[]): string =>
  files.length === 1 ? (files[0] ?? '') : `${files.length} files`;

/** A workbook by itself, or a folder of tables: two forms of a book are not mixed. */
async function opened(
  place: string,
  mapping: BookMapping | null,
  corrections: RowCorrections,
): Promise<BookSource> {
  const dir = join(place, 'files');
  const files = await readdir(dir);
  const workbooks = files.filter((file) => !/\.(csv|tsv)$/i.test(file));
  if (workbooks.length > 0 && files.length > 1)
    throw new BookInputError(
      `${workbooks.join(', ')} came together with other files; upload either one .xlsx workbook or CSV files`,
    );
  const [workbook] = workbooks;
  return openBook(workbook === undefined ? dir : join(dir, workbook), { mapping, corrections });
}

/** What waited since before values were mapped has none. */
function withValues(state: State): State {
  const { found = {}, mapping } = state as Partial<State> & Pick<State, 'mapping'>;
  const files = mapping.files.map((file) => ({
    ...file,
    values: (file as Partial<FileMapping>).values ?? {},
  }));
  return { ...state, found, mapping: { files } };
}

/** The values of the files, and the mapping with what is suggested for those that the book does not take. */
async function valued(
  place: string,
  mapping: BookMapping,
  again: boolean,
): Promise<{ readonly mapping: BookMapping; readonly found: FoundValues }> {
  const bare = { files: mapping.files.map((file) => ({ ...file, values: {} })) };
  const found = await foundValues(await opened(place, bare, {}), mapping);
  return { mapping: withSuggestedValues(mapping, found, again), found };
}

async function samplesOf(source: BookSource): Promise<FileSample[]> {
  const samples: FileSample[] = [];
  for (const one of [...source.tables.values(), ...source.unnamed])
    samples.push(await sampleOf(one));
  return samples.sort((a, b) => (a.file < b.file ? -1 : 1));
}

async function sampleOf({ file, records }: FileSource): Promise<FileSample> {
  const rows: (readonly string[])[] = [];
  for await (const batch of records()) {
    for (const { cells, problem } of batch)
      if (problem === undefined && cells.some((cell) => cell.trim() !== '')) rows.push(cells);
    if (rows.length > SAMPLE_ROWS) break;
  }
  const [header = [], ...data] = rows.slice(0, SAMPLE_ROWS + 1);
  return { file, header, rows: data };
}

/** Corrections hold for a table's rows: where another file becomes that table, they are somebody else's. */
function withoutMoved({ mapping, corrections }: State, next: BookMapping): RowCorrections {
  const fileOf = ({ files }: BookMapping, table: string) =>
    files.find((one) => one.table === table)?.file;
  return Object.fromEntries(
    Object.entries(corrections).filter(([table]) => fileOf(mapping, table) === fileOf(next, table)),
  );
}

/** Problems with the content of their rows, read from the tables that have one on this page. */
async function withRows(
  source: BookSource,
  problems: readonly BookProblem[],
): Promise<BookProblem[]> {
  const wanted = new Map<string, Map<number, Record<string, string> | null>>();
  for (const { file, row } of problems)
    if (row !== null && row > 1) {
      const rows = wanted.get(file) ?? new Map<number, Record<string, string> | null>();
      wanted.set(file, rows.set(row, null));
    }
  for (const table of source.tables.values()) {
    const rows = wanted.get(table.file);
    if (rows !== undefined) await fillRows(table, rows);
  }
  return problems.map((problem) => ({
    ...problem,
    cells: problem.row === null ? null : (wanted.get(problem.file)?.get(problem.row) ?? null),
  }));
}

async function fillRows(
  table: TableSource,
  rows: Map<number, Record<string, string> | null>,
): Promise<void> {
  let header: readonly string[] | null = null;
  let left = rows.size;
  for await (const batch of table.records())
    for (const { row, cells, problem } of batch) {
      if (header === null) {
        if (problem === undefined && cells.some((cell) => cell.trim() !== '')) header = cells;
        continue;
      }
      if (!rows.has(row)) continue;
      rows.set(row, Object.fromEntries(header.map((name, at) => [name, cells[at] ?? ''])));
      left -= 1;
      if (left === 0) return;
    }
}

async function sheetOf(table: TableSource): Promise<Sheet> {
  const { header } = await sampleOf(table);
  return {
    name: table.table,
    header,
    rows: (async function* () {
      let begun = false;
      for await (const batch of table.records())
        for (const { cells, problem } of batch) {
          const blank = problem === undefined && cells.every((cell) => cell.trim() === '');
          if (!begun) begun = !blank && problem === undefined;
          else if (problem === undefined && !blank) yield header.map((_, at) => cells[at] ?? '');
        }
    })(),
  };
}

function errorSheet({ errors }: Check): Sheet {
  return {
    name: ERRORS_NAME,
    header: ['file', 'row', 'column', 'value', 'message'],
    rows: errors.map(({ file, row, column, value, message }) => [
      file,
      row === null ? '' : String(row),
      column ?? '',
      value ?? '',
      message,
    ]),
  };
}

async function removeOld(folder: string, now: Date): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => ID.test(one))) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found !== null && now.getTime() - found.mtimeMs > KEPT_DAYS * 86_400_000)
      await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** A mapping as a person sends it: every file by name, tables and forms that exist. */
export function mappingFrom(files: readonly FileMapping[]): BookMapping {
  const tables = files.flatMap(({ table }) => (table === null ? [] : [table]));
  const twice = tables.find((table, at) => tables.indexOf(table) !== at);
  if (twice !== undefined)
    throw new ProblemError(
      'invalid-input',
      `Two files are mapped to ${twice}; leave one of them out, or put their rows into one file.`,
    );
  return { files };
}

export const isTable = (name: string): name is TableName =>
  (TABLE_NAMES as readonly string[]).includes(name);
