/**
 * Writes a contract book, as a folder of CSV files or as an .xlsx workbook. What was read comes
 * back: the same rows in the same order, custom columns included; a default that the file left
 * empty is written out. Source: docs/rules/contract-book.md.
 */

import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
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
  const tables = TABLE_NAMES.filter(
    (table) => book[table].length > 0 || REQUIRED_TABLES.includes(table),
  );
  await mkdir(dir, { recursive: true });
  if (options.format === 'xlsx') return [await writeWorkbook(book, tables, dir)];
  const files: string[] = [];
  for (const table of tables) files.push(await writeCsv(book, table, dir));
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

async function writeCsv(book: Book, table: TableName, dir: string): Promise<string> {
  const path = join(dir, `${table}.csv`);
  const rows = rowsOf(book, table);
  const layout = layoutOf(table, rows);
  await whole(path, (partial) =>
    pipeline(Readable.from(csvChunks(layout, rows)), createWriteStream(partial)),
  );
  return path;
}

function* csvChunks(layout: Layout, rows: readonly AnyRow[]): Generator<string> {
  yield csv([layout.header]);
  for (let start = 0; start < rows.length; start += BATCH_ROWS)
    yield csv(rows.slice(start, start + BATCH_ROWS).map((row) => layout.cells(row)));
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

/** All cells are text: a number cell would turn "10.50" and "007" into other values. */
async function writeWorkbook(
  book: Book,
  tables: readonly TableName[],
  dir: string,
): Promise<string> {
  const { default: writeExcelFile } = await import('write-excel-file/node');
  const sheets = tables.map((table) => {
    const rows = rowsOf(book, table);
    if (rows.length > XLSX_ROW_LIMIT)
      throw new BookInputError(
        `${table} has ${rows.length} rows; a workbook may have ${XLSX_ROW_LIMIT}, write CSV files`,
      );
    const layout = layoutOf(table, rows);
    const text = (value: string) =>
      value === '' ? null : { value: escapedForSheet(value), type: String };
    return {
      sheet: table,
      data: [layout.header, ...rows.map((row) => layout.cells(row))].map((cells) =>
        cells.map(text),
      ),
      stickyRowsCount: 1,
    };
  });
  const path = join(dir, WORKBOOK_NAME);
  await whole(path, (partial) => writeExcelFile(sheets).toFile(partial));
  return path;
}
