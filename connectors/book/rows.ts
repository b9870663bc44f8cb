/**
 * From a header and cells to rows of a table. Driven by the tables' description in
 * domain/book/tables.ts.
 */
import {
  BOOK_TABLES,
  type ColumnSpec,
  camel,
  type Row,
  type TableName,
  type TableSpec,
} from '../../domain/book/tables.ts';
import { type CellValue, readCell } from './cells.ts';
import { namesIn, type RowNames } from './damage.ts';
import type { BookError } from './problems.ts';

/** One column of a file, as its header tells. */
type PlannedColumn =
  | {
      readonly known: string;
      readonly field: string;
      readonly spec: ColumnSpec;
      readonly prose: boolean;
    }
  | { readonly custom: string }
  | { readonly blank: true };

/** How the cells of one file become rows. */
export interface RowPlan {
  readonly table: TableName;
  readonly file: string;
  readonly columns: readonly PlannedColumn[];
  /** The fields of the key columns. */
  readonly keyFields: readonly string[];
  /** Columns of the table that the file does not have, with what they read as. */
  readonly absent: readonly { readonly field: string; readonly value: CellValue }[];
  /** Required columns that the file does not have: no row of it can be good. */
  readonly missing: readonly string[];
  /** Headers that the book does not know. */
  readonly customHeaders: readonly string[];
}

/**
 * A row that can be used, or what keeps it from it. `keys` are the cells of the key columns, null
 * where one is unusable.
 */
export interface ReadRow<T extends TableName> {
  readonly row: number;
  readonly value: Row<T> | null;
  readonly keys: readonly string[] | null;
  readonly errors: readonly BookError[];
  /** Of a row that can not be used: the contract, subcontract and invoice that its cells name. */
  readonly names?: RowNames | null;
}

/**
 * Free text, in which outer spaces and line breaks are the author's; in all other known columns
 * they are accidents.
 */
const PROSE: ReadonlySet<string> = new Set(['description', 'subject', 'text', 'reference']);

export function tableSpec(table: TableName): TableSpec {
  return BOOK_TABLES[table];
}

/** A header or file name as it is compared: case, spaces, dashes and underscores do not count. */
export function normalizedName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/** Reads a header row. The errors are about the header itself: what is twice, what is missing. */
export function planRows(
  table: TableName,
  file: string,
  header: readonly string[],
): { readonly plan: RowPlan; readonly errors: readonly BookError[] } {
  const spec = tableSpec(table);
  const known = new Map(Object.keys(spec.columns).map((name) => [normalizedName(name), name]));
  const errors: BookError[] = [];
  const seen = new Set<string>();
  const columns = header.map((written): PlannedColumn => {
    if (written.trim() === '') return { blank: true };
    const name = known.get(normalizedName(written));
    const identity = name ?? written;
    if (seen.has(identity)) {
      const message = `the column ${identity} is there twice; keep one of them`;
      errors.push({ file, row: 1, column: identity, value: written, message });
      return { blank: true };
    }
    seen.add(identity);
    const column = name === undefined ? undefined : spec.columns[name];
    if (name === undefined || column === undefined) return { custom: written };
    return { known: name, field: camel(name), spec: column, prose: PROSE.has(name) };
  });
  const unseen = Object.entries(spec.columns).filter(([name]) => !seen.has(name));
  const missing = unseen.filter(([, column]) => column.required).map(([name]) => name);
  for (const column of missing) {
    const message = `the required column ${column} is missing; add it to the header`;
    errors.push({ file, row: 1, column, value: null, message });
  }
  const absent = unseen
    .filter(([, column]) => !column.required)
    .map(([name, column]) => ({ field: camel(name), value: defaultOf(column) }));
  const customHeaders = columns.flatMap((column) => ('custom' in column ? [column.custom] : []));
  const keyFields = spec.key.map(camel);
  return { plan: { table, file, columns, keyFields, absent, missing, customHeaders }, errors };
}

function defaultOf(column: ColumnSpec): CellValue {
  const reading = readCell(column, '');
  if (!reading.ok) throw new Error('a column without a required value always reads as something');
  return reading.value;
}

/** Reads one row of cells; null where all of them are blank, as spreadsheets leave behind. */
export function readRow<T extends TableName>(
  plan: RowPlan,
  row: number,
  cells: readonly string[],
): ReadRow<T> | null {
  if (cells.every((cell) => cell.trim() === '')) return null;
  const extra = cells.slice(plan.columns.length).find((cell) => cell.trim() !== '');
  if (cells.length < plan.columns.length || extra !== undefined) {
    const message =
      `the row has ${cells.length} cells where the header has ${plan.columns.length}; ` +
      'check its delimiters and quotes';
    const error = { file: plan.file, row, column: null, value: extra ?? null, message };
    return { row, value: null, keys: null, errors: [error], names: namesOf(plan, cells) };
  }
  const { fields, errors } = readCells(plan, row, cells);
  for (const { field, value } of plan.absent) fields[field] = value;
  const keys = keysOf(plan.keyFields, fields);
  if (errors.length > 0 || plan.missing.length > 0)
    return { row, value: null, keys, errors, names: namesOf(plan, cells) };
  // The columns were read as their description says, from which the row type follows too.
  return { row, value: fields as unknown as Row<T>, keys, errors };
}

/** By position: a row with too many or too few cells mostly has its first ones where they belong. */
function namesOf(plan: RowPlan, cells: readonly string[]): RowNames | null {
  return namesIn(plan.table, (name) => {
    const at = plan.columns.findIndex((column) => 'known' in column && column.known === name);
    const cell = cells[at]?.trim() ?? '';
    return cell === '' ? null : cell;
  });
}

type Fields = Record<string, CellValue | Readonly<Record<string, string>>>;

function readCells(plan: RowPlan, row: number, cells: readonly string[]) {
  const { file } = plan;
  const fields: Fields = {};
  const errors: BookError[] = [];
  let custom: [string, string][] | null = null;
  for (let at = 0; at < plan.columns.length; at += 1) {
    const column = plan.columns[at];
    const written = cells[at] ?? '';
    if (column === undefined) continue;
    if ('known' in column) {
      const reading = readCell(column.spec, written);
      if (reading.ok)
        fields[column.field] = column.prose && reading.value !== null ? written : reading.value;
      else
        errors.push({ file, row, column: column.known, value: written, message: reading.message });
    } else if ('custom' in column) {
      custom ??= [];
      if (written !== '') custom.push([column.custom, written]);
    } else if (written.trim() !== '') {
      const message = `cell ${at + 1} has a value but its column has no usable header`;
      errors.push({ file, row, column: null, value: written, message });
    }
  }
  fields.custom = custom === null ? {} : Object.fromEntries(custom);
  return { fields, errors };
}

/**
 * The key of a row as text, so that rows can be told apart even where another cell of them is bad.
 */
function keysOf(keyFields: readonly string[], fields: Fields): string[] | null {
  const keys: string[] = [];
  for (const field of keyFields) {
    const value = fields[field];
    if (value === undefined) return null;
    keys.push(value === null ? '' : String(value));
  }
  return keys;
}
