/** Tables of figures as an .xlsx workbook: amounts are numbers there, so that a spreadsheet can sum them. */

import { escapedForSheet } from '../../connectors/book/write.ts';
import { exponentOf, formatMinor } from '../../domain/money/money.ts';

export type FigureCell =
  | string
  | number
  | null
  | { readonly minor: number; readonly currency: string };
export interface FigureSheet {
  readonly name: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly FigureCell[])[];
}

function cellOf(cell: FigureCell) {
  if (cell === null || cell === '') return null;
  if (typeof cell === 'string') return { value: escapedForSheet(cell), type: String };
  if (typeof cell === 'number') return { value: cell, type: Number };
  const { minor, currency } = cell;
  const digits = exponentOf(currency);
  // A spreadsheet keeps numbers as binary floats whatever is written: this is the figure for reading, not the record.
  return {
    value: Number(formatMinor(minor, currency)),
    type: Number,
    format: digits === 0 ? '#,##0' : `#,##0.${'0'.repeat(digits)}`,
  };
}

export async function figureWorkbook(sheets: readonly FigureSheet[]): Promise<Buffer> {
  const { default: writeExcelFile } = await import('write-excel-file/node');
  return writeExcelFile(
    sheets.map(({ name, header, rows }) => ({
      sheet: name,
      data: [
        header.map((value) => ({ value, type: String, fontWeight: 'bold' as const })),
        ...rows.map((cells) => cells.map(cellOf)),
      ],
      stickyRowsCount: 1,
    })),
  ).toBuffer();
}
