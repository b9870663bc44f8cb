/** Files of exactly what a list shows: the rows that are filtered, in the order and with the columns that are shown. */
import { decimalText } from '../words/money.ts';
import type { Column } from './table.tsx';

type Cell = string | number | null;

/** Money becomes two columns, the amount as a decimal with a point and its currency, so that a sheet can add it. */
export function fileRows<T>(columns: readonly Column<T>[], rows: readonly T[]): Cell[][] {
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

function save(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement('a'), { href: url, download: fileName });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function saveCsv(name: string, rows: readonly (readonly Cell[])[]): void {
  // The byte-order mark lets spreadsheets read umlauts.
  save(new Blob([`\ufeff${csvText(rows)}`], { type: 'text/csv' }), `${name}.csv`);
}

export async function saveXlsx(name: string, rows: readonly (readonly Cell[])[]): Promise<void> {
  const { default: writeXlsx } = await import('write-excel-file/browser');
  const [head = [], ...body] = rows;
  const sheet = [
    head.map((cell) => ({ value: String(cell ?? ''), fontWeight: 'bold' as const })),
    ...body.map((row) =>
      row.map((cell) => {
        if (cell === null || cell === '') return null;
        const isNumber = typeof cell === 'number' || /^-?\d{1,12}(\.\d{1,3})?$/.test(cell);
        return isNumber ? { value: Number(cell), type: Number } : { value: cell, type: String };
      }),
    ),
  ];
  await writeXlsx(sheet).toFile(`${name}.xlsx`);
}
