/** Saves the rows of a list as a file on the reader's machine. */
import { type Cell, csvText } from '../words/rows.ts';

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
