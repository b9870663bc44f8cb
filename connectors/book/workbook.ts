/**
 * Reads a contract book from an .xlsx workbook, a sheet per table. Source:
 * docs/rules/contract-book.md.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import readExcelFile, { type CellValue } from 'read-excel-file/node';
import type { ColumnKind, TableName } from '../../domain/book/tables.ts';
import { XLSX_ROW_LIMIT } from '../../domain/book/tables.ts';
import { errorWords } from '../../domain/error-words.ts';
import type { RawRecord } from './csv-records.ts';
import { kindUnder, mappingOf } from './mapping.ts';
import { type BookError, BookInputError } from './problems.ts';
import {
  assigned,
  type BookSource,
  type FileSource,
  mappedTable,
  type OpenOptions,
  type TableSource,
} from './source.ts';
import {
  guardWorkbookArchive,
  RELATIONS_PART,
  WORKBOOK_PART,
  type WorkbookParts,
} from './zip-guard.ts';

/** An .xlsx file larger than this is no workbook of 50,000 rows. */
export const WORKBOOK_LIMIT_BYTES = 100 * 1024 * 1024;
const BATCH_ROWS = 1000;

/**
 * @throws BookInputError where the file is no .xlsx workbook, holds macros, is damaged or too
 * large.
 */
export async function openWorkbook(
  path: string,
  sizeBytes: number,
  options: OpenOptions = {},
): Promise<BookSource> {
  if (sizeBytes > WORKBOOK_LIMIT_BYTES)
    throw new BookInputError(
      `${path} is larger than ${WORKBOOK_LIMIT_BYTES / 1024 / 1024} MB; use a folder of CSV files`,
    );
  const archive = await readFile(path);
  refuseOtherFormats(path, archive);
  const parts = await guardWorkbookArchive(archive);
  if (parts.names.some((part) => /vbaProject\.bin$/i.test(part)))
    throw new BookInputError(`${path} holds macros; save it as .xlsx without macros`);
  const sheets = await readSheets(path, archive);
  const failed = failedCellsBySheet(parts);
  const name = basename(path);
  const tables = new Map<TableName, TableSource>();
  const errors: BookError[] = [];
  const warnings: BookError[] = [];
  const unnamed: FileSource[] = [];
  for (const { sheet, data } of sheets) {
    const file = `${name}#${sheet}`;
    const whole = { file, row: null, column: null, value: sheet };
    const table = assigned(options, file, sheet);
    if (table === null || table === 'left-out') {
      if (data.length === 0) continue;
      if (table === null) warnings.push({ ...whole, message: NOT_A_TABLE });
      unnamed.push({ file, records: () => sheetRecords(() => 'text', data, failed.get(sheet)) });
    } else if (tables.has(table)) {
      errors.push({ ...whole, message: `is a second sheet for the table ${table}; keep one` });
    } else if (data.length - 1 > XLSX_ROW_LIMIT) {
      const rows = data.length - 1;
      const message = `has ${rows} rows; a sheet may have ${XLSX_ROW_LIMIT}, use CSV files`;
      errors.push({ ...whole, message });
    } else {
      const mapping = mappingOf(options.mapping ?? null, file);
      const kindOf = (header: string) => kindUnder(table, mapping, header);
      const records = () => sheetRecords(kindOf, data, failed.get(sheet));
      tables.set(table, mappedTable(table, { file, records }, options));
    }
  }
  return { tables, unnamed, errors, warnings };
}

const NOT_A_TABLE = 'is not a table of the contract book; the sheet is left out';
const OLE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);

function refuseOtherFormats(path: string, content: Buffer): void {
  if (content.subarray(0, 4).equals(OLE))
    throw new BookInputError(
      `${path} is an old .xls workbook or protected by a password; save it as .xlsx without one`,
    );
  if (content.subarray(0, 2).toString('latin1') !== 'PK')
    throw new BookInputError(`${path} is not an .xlsx workbook; save it as .xlsx`);
}

async function readSheets(path: string, archive: Buffer) {
  try {
    return await readExcelFile<string>(archive, { trim: false, parseNumber: (text) => text });
  } catch (cause) {
    const reason = errorWords(cause);
    throw new BookInputError(`${path} cannot be read as a workbook: ${reason}`, { cause });
  }
}

/** A sheet as the records that a CSV file would give. */
async function* sheetRecords(
  kindOf: (header: string) => ColumnKind,
  data: readonly (readonly (CellValue | null)[])[],
  failed: FailedCells | undefined,
): AsyncGenerator<readonly RawRecord[]> {
  const header = (data[0] ?? []).map((cell) => cellText(cell, 'text'));
  const kindAt = header.map(kindOf);
  for (let start = 0; start < data.length; start += BATCH_ROWS) {
    yield data.slice(start, start + BATCH_ROWS).map((cells, index) => {
      const row = start + index + 1;
      const cell = failed?.get(row);
      if (cell !== undefined)
        return { row, cells: [], problem: { cell, value: null, message: FORMULA_FAILED } };
      const texts = header.map((_, at) => cellText(cells[at] ?? null, kindAt[at] ?? 'text'));
      return { row, cells: row === 1 ? header : texts };
    });
  }
}

const FORMULA_FAILED = 'holds a formula that fails (such as #REF! or #N/A); put a value there';

/** The first failed formula of each row of a sheet: row (from 1) → column index (from 0). */
type FailedCells = ReadonlyMap<number, number>;

/** Finds out which part is which sheet, where any formula failed at all. */
function failedCellsBySheet(parts: WorkbookParts): ReadonlyMap<string, FailedCells> {
  const bySheet = new Map<string, FailedCells>();
  if ([...parts.failedCells.values()].every((cells) => cells.size === 0)) return bySheet;
  const targets = new Map<string, string>();
  for (const { Id, Target } of tagsOf(parts.directory.get(RELATIONS_PART), 'Relationship'))
    targets.set(Id ?? '', Target?.startsWith('/') ? Target.slice(1) : `xl/${Target}`);
  for (const sheet of tagsOf(parts.directory.get(WORKBOOK_PART), 'sheet')) {
    const cells = parts.failedCells.get(targets.get(sheet['r:id'] ?? '') ?? '');
    if (cells !== undefined) bySheet.set(sheet.name ?? '', firstFailures(cells));
  }
  return bySheet;
}

function firstFailures(addresses: ReadonlySet<string>): FailedCells {
  const rows = new Map<number, number>();
  for (const address of addresses) {
    const letters = address.replace(/\d+/, '');
    const row = Number(address.slice(letters.length));
    let column = 0;
    for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
    rows.set(row, Math.min(rows.get(row) ?? Number.POSITIVE_INFINITY, column - 1));
  }
  return rows;
}

/** The attributes of all elements of a name, wherever they stand. */
function tagsOf(xml: string | undefined, name: string): readonly Record<string, string>[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    isArray: (tag) => tag === name,
  });
  const text = Buffer.from(xml ?? '', 'latin1').toString('utf8');
  const found: Record<string, string>[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [tag, child] of Object.entries(node)) {
      if (tag === name && Array.isArray(child)) found.push(...child);
      else walk(child);
    }
  };
  walk(parser.parse(text));
  return found;
}

/**
 * A cell in the form that the book writes: a spreadsheet's date as YYYY-MM-DD, a number with a
 * point.
 */
export function cellText(cell: CellValue | string | null, kind: ColumnKind): string {
  if (cell === null) return '';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  if (typeof cell === 'number') return String(cell);
  if (cell instanceof Date) return dateText(cell, kind);
  return String(cell);
}

function dateText(cell: Date, kind: ColumnKind): string {
  if (Number.isNaN(cell.getTime())) return '#DATE';
  // Serial dates are fractions of a day; a time of day comes out a few milliseconds off.
  const seconds = Math.round(cell.getTime() / 1000);
  const instant = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
  const date = instant.slice(0, 10);
  if (kind === 'month') return date.slice(0, 7);
  if (kind === 'monthDay') return date.slice(5);
  return kind === 'timestamp' || seconds % 86_400 !== 0 ? instant : date;
}
