/**
 * A book that is too large for memory, cut into parts that can be computed one after the other with the same answer as the
 * whole (connections.ts). Good rows go to files of a folder of our own, one a part; what every part needs (products, prices,
 * taxes…) stays in memory. Two streamed passes, whatever the order of rows: one connects, one checks and writes.
 */
import { appendFileSync, closeSync, existsSync, openSync, readSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Book,
  CATALOGUE_TABLES,
  camel,
  emptyBook,
  TABLE_NAMES,
  type TableName,
} from '../../domain/book/tables.ts';
import { type Connections, connectionsOf, type Noun } from './connections.ts';
import { Damage, type DamagedRow } from './damage.ts';
import { IntColumn, KeyIndex } from './key-index.ts';
import type { BookError } from './problems.ts';
import { inspect, namesOfRow, type RowSink, type TakenOutRow } from './read.ts';
import { tableSpec } from './rows.ts';
import { openBook } from './source.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Read by a bill run for every contract. */
const SHARED: ReadonlySet<TableName> = new Set(['entities', ...CATALOGUE_TABLES]);

/** By which of its columns a row finds its part. */
const HOMES: Readonly<Partial<Record<TableName, readonly [Noun, string]>>> = {
  contracts: ['contract', 'contract'],
  subcontracts: ['subcontract', 'subcontract'],
  amendments: ['subcontract', 'subcontract'],
  usage: ['entry', 'event'],
  timesheets: ['entry', 'entry'],
  invoices: ['invoice', 'invoice'],
  invoice_lines: ['invoice', 'invoice'],
};

/** The fields of a table's rows, custom columns last, and a row of which nothing is given; in the order of the tables. */
const LAYOUTS = TABLE_NAMES.map((table) => {
  const fields = Object.keys(tableSpec(table).columns).map(camel);
  const blank = { ...Object.fromEntries(fields.map((field) => [field, null])), custom: {} };
  return { fields: [...fields, 'custom'], blank };
});

const BUFFER_CHARS = 16 * 1024;
const MOST_PARTS = 1024;
/** A part of this much CSV, with its answer, needs some 40 MB in memory. */
const PART_BYTES = 400_000;

/**
 * Lines of text on their way to a file. It is opened for a moment at a time: there may be more of them than open files.
 * There is none before there is a line.
 */
export class LineFile {
  readonly path: string;
  #lines: string[] = [];
  #chars = 0;

  constructor(path: string) {
    this.path = path;
  }

  write(line: string): void {
    this.#lines.push(line);
    this.#chars += line.length;
    if (this.#chars >= BUFFER_CHARS) this.flush();
  }

  /** Writes what is kept in memory. */
  flush(): void {
    if (this.#lines.length === 0) return;
    appendFileSync(this.path, `${this.#lines.join('\n')}\n`, { mode: 0o600 });
    this.#lines = [];
    this.#chars = 0;
  }
}

/** The lines of a file, a chunk at a time; closed in between for the same reason. None where there is no file. */
export function* linesOf(path: string, chunkBytes = BUFFER_CHARS): Generator<string> {
  if (!existsSync(path)) return;
  let position = 0;
  let rest: Buffer = Buffer.alloc(0);
  for (;;) {
    const chunk = chunkOf(path, position, chunkBytes);
    if (chunk.length === 0) return;
    position += chunk.length;
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, from)) {
      yield data.toString('utf8', from, end);
      from = end + 1;
    }
    rest = data.subarray(from);
  }
}

function chunkOf(path: string, position: number, bytes: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(bytes);
    return chunk.subarray(0, readSync(file, chunk, 0, chunk.length, position));
  } finally {
    closeSync(file);
  }
}

export interface BookPart {
  readonly book: Book;
  readonly damaged: ReadonlyMap<string, string>;
}

export interface DivideOptions {
  /** How many parts to cut the book into; by default as many as its size asks for. */
  readonly parts?: number;
  /** Only the part of this contract is kept. */
  readonly contract?: string;
}

/** Bytes of CSV in the tables of a folder; 0 for anything else. */
export async function csvBytes(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isDirectory()) return 0;
  let bytes = 0;
  for (const { file } of (await openBook(path)).tables.values())
    bytes += (await stat(join(path, file))).size;
  return bytes;
}

/**
 * Cuts a folder of CSV files into parts. The caller closes the book, which removes its files.
 * @throws BookInputError where the path holds no book at all.
 */
export async function divideBook(path: string, options: DivideOptions = {}): Promise<DividedBook> {
  const source = await openBook(path);
  const bytes = await csvBytes(path);
  const wanted = options.parts ?? Math.ceil(bytes / PART_BYTES);
  const count = Math.min(MOST_PARTS, Math.max(1, wanted));
  const folder = await mkdtemp(join(tmpdir(), 'perennial-book-'));
  const connections = await connectionsOf(source);
  const writer = new PartWriter(folder, count, connections, options.contract ?? null);
  try {
    const { errors, truncated } = await inspect(source, writer);
    writer.finish();
    return new DividedBook(folder, count, writer, errors, errors.length + truncated.errors);
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
}

/** Sorts rows into parts while they are checked. */
class PartWriter implements RowSink {
  readonly kept = new Map<TableName, Map<number, unknown>>();
  readonly shared = new Map<TableName, unknown[]>();
  readonly dropped = new Map<TableName, Set<number>>();
  readonly files = new Map<TableName, string>();
  readonly #connections: Connections;
  readonly #only: number | null;
  readonly #parts: LineFile[];
  /** Accounts and their policies go wherever a contract, document or service time of theirs went. */
  readonly #accountRows: LineFile;
  readonly #accounts = new KeyIndex();
  readonly #firstPart = new IntColumn(-1);
  readonly #moreParts = new Map<number, Set<number>>();

  constructor(folder: string, count: number, connections: Connections, contract: string | null) {
    this.#parts = Array.from(
      { length: count },
      (_, at) => new LineFile(join(folder, `part-${at}`)),
    );
    this.#accountRows = new LineFile(join(folder, 'accounts'));
    this.#connections = connections;
    this.#only = contract === null ? null : this.partOf('contract', contract);
  }

  partOf(noun: Noun, name: string): number {
    const group = this.#connections.groupOf(noun, name);
    return (Math.imul(group, 2654435761) >>> 0) % this.#parts.length;
  }

  good(table: TableName, row: number, value: unknown): void {
    const fields = value as Fields;
    if (SHARED.has(table) || (table === 'policies' && fields.scope === 'entity'))
      this.#share(table, value);
    else if (table === 'accounts') this.#accountRows.write(encoded(table, row, fields));
    else if (table === 'policies' && fields.scope === 'account')
      this.#accountRows.write(encoded(table, row, fields));
    else if (table === 'policies')
      this.#write(this.partOf('contract', String(fields.id)), encoded(table, row, fields));
    else {
      const home = HOMES[table];
      if (home === undefined) return;
      const part = this.partOf(home[0], String(fields[home[1]]));
      this.#write(part, encoded(table, row, fields));
      for (const account of [fields.account, fields.billTo])
        if (typeof account === 'string') this.#accountIn(account, part);
    }
  }

  leftOut(row: DamagedRow): void {
    this.#write(this.#partOfNames(row.names), `D${JSON.stringify(row)}`);
  }

  takenOut({ table, row, file }: TakenOutRow): void {
    const rows = this.dropped.get(table) ?? new Set();
    this.dropped.set(table, rows.add(row));
    this.files.set(table, file);
  }

  #partOfNames({ contract, subcontract, invoice }: DamagedRow['names']): number {
    if (contract !== null) return this.partOf('contract', contract);
    if (subcontract !== null) return this.partOf('subcontract', subcontract);
    return invoice === null ? 0 : this.partOf('invoice', invoice);
  }

  #share(table: TableName, value: unknown): void {
    const rows = this.shared.get(table);
    // A copy: a row's texts are slices that would keep whole chunks of the file in memory.
    const owned: unknown = JSON.parse(JSON.stringify(value));
    if (rows === undefined) this.shared.set(table, [owned]);
    else rows.push(owned);
  }

  #write(part: number, line: string): void {
    if (this.#only === null || part === this.#only) this.#parts[part]?.write(line);
  }

  #accountIn(account: string, part: number): void {
    const { id } = this.#accounts.add(account);
    const first = this.#firstPart.get(id);
    if (first < 0) this.#firstPart.set(id, part);
    else if (first !== part) {
      const more = this.#moreParts.get(id) ?? new Set();
      this.#moreParts.set(id, more.add(part));
    }
  }

  /** Hands out the accounts, now that it is known who needs them. */
  finish(): void {
    this.#accountRows.flush();
    for (const line of linesOf(this.#accountRows.path)) {
      const { table, value } = decoded(line);
      const id = this.#accounts.find(String(table === 'accounts' ? value.account : value.id));
      if (id < 0) continue;
      this.#write(this.#firstPart.get(id), line);
      for (const part of this.#moreParts.get(id) ?? []) this.#write(part, line);
    }
    for (const file of this.#parts) file.flush();
  }
}

/** A row as its table's number, its own number, and the places and values of the fields that are given: most are not. */
function encoded(table: TableName, row: number, fields: Fields): string {
  const at = TABLE_NAMES.indexOf(table);
  const given: unknown[] = [];
  LAYOUTS[at]?.fields.forEach((field, place) => {
    const value = fields[field] ?? null;
    if (value !== null && !(field === 'custom' && isEmpty(value))) given.push(place, value);
  });
  return `${at} ${row} ${JSON.stringify(given)}`;
}

function isEmpty(custom: unknown): boolean {
  return Object.keys(custom as object).length === 0;
}

function decoded(line: string): { table: TableName; row: number; value: Fields } {
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  const at = Number(line.slice(0, first));
  const [table, layout] = [TABLE_NAMES[at], LAYOUTS[at]];
  if (table === undefined || layout === undefined)
    throw new Error(`no table in a row of a divided book: ${line.slice(0, 40)}`);
  const given = JSON.parse(line.slice(second + 1)) as unknown[];
  // A copy of a row without anything has the shape of all rows of its table from the start.
  const value: Record<string, unknown> = { ...layout.blank };
  for (let place = 0; place < given.length; place += 2)
    value[layout.fields[given[place] as number] ?? ''] = given[place + 1];
  return { table, row: Number(line.slice(first + 1, second)), value };
}

/** A book in parts, on disk until it is closed. */
export class DividedBook {
  readonly count: number;
  readonly errors: readonly BookError[];
  /** All errors, also those beyond the ones listed. */
  readonly errorCount: number;
  /** The folder of the parts; answers may be kept in it, and go with it. */
  readonly folder: string;
  readonly #writer: PartWriter;

  constructor(
    folder: string,
    count: number,
    writer: PartWriter,
    errors: readonly BookError[],
    errorCount: number,
  ) {
    this.folder = folder;
    this.count = count;
    this.#writer = writer;
    this.errors = errors;
    this.errorCount = errorCount;
  }

  /** The number of the part that holds a contract. */
  partOf(contract: string): number {
    return this.#writer.partOf('contract', contract);
  }

  /** Whether the book has a contract, be it a faulty one. */
  has(contract: string): boolean {
    const { book, damaged } = this.part(this.partOf(contract));
    return damaged.has(contract) || book.contracts.some((row) => row.contract === contract);
  }

  /** One part as a book of its own, with the contracts that rows left out have damaged. */
  part(number: number): BookPart {
    const rows = new Map<TableName, unknown[]>();
    for (const [table, shared] of this.#writer.shared) rows.set(table, [...shared]);
    const damage = new Damage();
    for (const line of linesOf(join(this.folder, `part-${number}`), PART_BYTES)) {
      if (line.startsWith('D')) {
        damage.add(JSON.parse(line.slice(1)) as DamagedRow);
        continue;
      }
      const { table, row, value } = decoded(line);
      if (this.#writer.dropped.get(table)?.has(row) === true) {
        const names = namesOfRow(table, value);
        const file = this.#writer.files.get(table) ?? table;
        if (names !== null) damage.add({ table, file, row, names });
        continue;
      }
      const list = rows.get(table);
      if (list === undefined) rows.set(table, [value]);
      else list.push(value);
    }
    // Rows were read with their table's description before they were written.
    const book = { ...emptyBook(), ...Object.fromEntries(rows) } as Book;
    return { book, damaged: damage.contracts(book, this.errors) };
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
