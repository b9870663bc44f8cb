/**
 * Writes a contract book, as a folder of CSV files or as an .xlsx workbook. What was read comes
 * back: the same rows in the same order, custom columns included; a default that the file left
 * empty is written out. Source: docs/rules/contract-book.md.
 */

import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify/sync';
import {
  type Book,
  camel,
  REQUIRED_TABLES,
  TABLE_NAMES,
  type TableName,
  XLSX_ROW_LIMIT,
} from '../../domain/book/tables.ts';
import type { PackedFile } from './archive.ts';
import { type CellValue, writeCell } from './cells.ts';
import { BookInputError } from './problems.ts';
import { tableSpec } from './rows.ts';

export type BookFormat = 'csv' | 'xlsx';

/** The name of the workbook inside the folder that a book is written to. */
export const WORKBOOK_NAME = 'book.xlsx';
const BATCH_ROWS = 500;

/**
 * Writes a book into a folder, which is made where it is missing. Files are complete when they
 * appear; tables that are empty and not required are not written.
 * @returns the paths of the files written.
 * @throws BookInputError where a table has more rows than a workbook may have.
 */
export async function writeBook(
  book: Book,
  dir: string,
  options: { readonly format: BookFormat },
): Promise<readonly string[]> {
  return writeSheets(bookSheets(book), dir, options);
}

/** The same for sheets, whatever is on them. */
export async function writeSheets(
  sheets: readonly Sheet[],
  dir: string,
  options: { readonly format: BookFormat },
): Promise<readonly string[]> {
  await mkdir(dir, { recursive: true });
  if (options.format === 'xlsx') return [await writeWorkbook(sheets, dir)];
  const files: string[] = [];
  for (const sheet of sheets) files.push(await writeCsv(sheet, dir));
  return files;
}

/** A row of a table as the writer sees it: fields by camelCase name. */
type AnyRow = Readonly<Record<string, CellValue>> & {
  readonly custom: Readonly<Record<string, string>>;
};

interface Layout {
  readonly header: readonly string[];
  cells(row: AnyRow): string[];
}

/**
 * The columns that a table needs: required ones, those with a value somewhere, then the custom
 * ones.
 */
function layoutOf(table: TableName, rows: readonly AnyRow[]): Layout {
  const columns = Object.entries(tableSpec(table).columns)
    .map(([name, spec]) => ({ name, field: camel(name), required: spec.required === true }))
    .filter(
      ({ field, required }) => required || rows.some((row) => writeCell(row[field] ?? null) !== ''),
    );
  const custom = [...new Set(rows.flatMap((row) => Object.keys(row.custom)))];
  return {
    header: [...columns.map(({ name }) => name), ...custom],
    cells: (row) => [
      ...columns.map(({ field }) => writeCell(row[field] ?? null)),
      ...custom.map(
        (header) => (Object.hasOwn(row.custom, header) ? row.custom[header] : '') ?? '',
      ),
    ],
  };
}

function rowsOf(book: Book, table: TableName): readonly AnyRow[] {
  // Every row of every table has this shape (domain/book/tables.ts).
  return book[table] as unknown as readonly AnyRow[];
}

/** A table as it is written: cells as text, the header apart. */
export interface Sheet {
  readonly name: string;
  readonly header: readonly string[];
  readonly rows: Iterable<readonly string[]> | AsyncIterable<readonly string[]>;
}

/** The tables of a book that have rows, and the required ones. */
export function bookSheets(book: Book): Sheet[] {
  return writtenTables(book).map((table) => {
    const rows = rowsOf(book, table);
    const layout = layoutOf(table, rows);
    return { name: table, header: layout.header, rows: cellsOf(layout, rows) };
  });
}

function writtenTables(book: Book): TableName[] {
  return TABLE_NAMES.filter((table) => book[table].length > 0 || REQUIRED_TABLES.includes(table));
}

/** Can be gone through more than once. */
function cellsOf(layout: Layout, rows: readonly AnyRow[]): Iterable<readonly string[]> {
  return {
    *[Symbol.iterator]() {
      for (const row of rows) yield layout.cells(row);
    },
  };
}

/** Sheets as CSV files, in pieces of some hundred rows: for an archive, or a file each. */
export function csvFiles(sheets: readonly Sheet[]): PackedFile[] {
  return sheets.map((sheet) => ({ name: `${sheet.name}.csv`, pieces: csvPieces(sheet) }));
}

async function* csvPieces({ header, rows }: Sheet): AsyncGenerator<string> {
  let batch: (readonly string[])[] = [header];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH_ROWS) continue;
    yield csv(batch);
    batch = [];
  }
  if (batch.length > 0) yield csv(batch);
}

async function writeCsv(sheet: Sheet, dir: string): Promise<string> {
  const path = join(dir, `${sheet.name}.csv`);
  await whole(path, (partial) =>
    pipeline(Readable.from(csvPieces(sheet)), createWriteStream(partial)),
  );
  return path;
}

/** Quotes what RFC 4180 asks for, and outer spaces, which some programs would drop. */
function csv(records: readonly (readonly string[])[]): string {
  return stringify(
    records.map((record) => [...record]),
    { record_delimiter: '\r\n', quoted_match: /[\r\n]|^\s|\s$/ },
  );
}

/** Writes beside the target and renames, so that a file is there whole or not at all. */
async function whole(path: string, write: (partial: string) => Promise<void>): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await write(partial);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * Text as a sheet stores it: ECMA-376 (ST_Xstring) writes a character as _xHHHH_ where XML would
 * change it (a carriage return) or where the text itself looks like that. Names that every
 * JavaScript object has are escaped too: the writer looks texts up in a plain object and would
 * find, say, its `constructor` there.
 */
export function escapedForSheet(text: string): string {
  const escaped = text.replace(/_(?=x[0-9A-Fa-f]{4}_)|\r/g, escapedCharacter);
  return escaped in Object.prototype ? escaped.replace(/^./, escapedCharacter) : escaped;
}

function escapedCharacter(character: string): string {
  return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
}

async function writeWorkbook(sheets: readonly Sheet[], dir: string): Promise<string> {
  const path = join(dir, WORKBOOK_NAME);
  const content = await workbookOf(sheets);
  await whole(path, (partial) => writeFile(partial, content));
  return path;
}

/**
 * Sheets as an .xlsx workbook. All cells are text: a number cell would turn "10.50" and "007" into other values.
 * @throws BookInputError where a table has more rows than a workbook may have.
 */
export async function workbookOf(sheets: readonly Sheet[]): Promise<Buffer> {
  const { default: writeExcelFile } = await import('write-excel-file/node');
  const text = (value: string) =>
    value === '' ? null : { value: escapedForSheet(value), type: String };
  const written = [];
  for (const { name, header, rows } of sheets) {
    const data = [header.map(text)];
    for await (const cells of rows) {
      data.push(cells.map(text));
      if (data.length - 1 > XLSX_ROW_LIMIT)
        throw new BookInputError(
          `${name} has more than ${XLSX_ROW_LIMIT} rows, which is all that a workbook may have; ` +
            'write CSV files',
        );
    }
    written.push({ sheet: name, data, stickyRowsCount: 1 });
  }
  return writeExcelFile(written).toBuffer();
}
