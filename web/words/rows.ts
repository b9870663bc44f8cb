/** Files of exactly what a list shows: the rows that are filtered, in the order and with the columns that are shown. */
import type { Money } from '../../api/types.ts';
import { decimalText } from './money.ts';

/** What a column writes into a file. */
export interface FileColumn<T> {
  readonly label: string;
  readonly value: (row: T) => string | number | null;
  readonly money?: (row: T) => Money | null;
}
export type Cell = string | number | null;

/** Money becomes two columns, the amount as a decimal with a point and its currency, so that a sheet can add it. */
export function fileRows<T>(columns: readonly FileColumn<T>[], rows: readonly T[]): Cell[][] {
  const head = columns.flatMap(({ label, money }) =>
    money === undefined ? [label] : [label, `${label} currency`],
  );
  const body = rows.map((row) =>
    columns.flatMap(({ value, money }): Cell[] => {
      if (money === undefined) return [value(row)];
      const found = money(row);
      return found === null ? [null, null] : [decimalText(found), found.currency];
    }),
  );
  return [head, ...body];
}

/** RFC 4180. Text that a spreadsheet would run as a formula is led by an apostrophe. */
export function csvText(rows: readonly (readonly Cell[])[]): string {
  const field = (cell: Cell): string => {
    const text = cell === null ? '' : String(cell);
    const safe = /^[=+@\t\r]|^-(?![\d.]+$)/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `${rows.map((row) => row.map(field).join(',')).join('\r\n')}\r\n`;
}
