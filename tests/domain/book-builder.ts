/** Books for tests: rows from the columns that matter to a story, everything else as an empty field would read. */
import { rowOf } from '../../domain/book/blank-row.ts';
import { type Book, emptyBook, type Row, type TableName } from '../../domain/book/tables.ts';

type Given = { readonly [T in TableName]?: readonly Partial<Row<T>>[] };

/** A book of the given rows, defaults filled in as the reader would. */
export function bookOf(given: Given): Book {
  const tables = Object.entries(given).map(([table, rows]) => [
    table,
    (rows ?? []).map((row) => rowOf(table as TableName, row)),
  ]);
  return { ...emptyBook(), ...Object.fromEntries(tables) } as Book;
}

/** One account, one product of each kind, and whatever a story adds. */
export function company(given: Given): Book {
  return bookOf({
    accounts: [{ account: 'A-1', name: 'Acme', currency: 'EUR', country: 'DE' }],
    products: [
      { sku: 'MNT', name: 'CAD Maintenance', kind: 'maintenance' },
      { sku: 'LIC', name: 'CAD License', kind: 'license' },
      { sku: 'API', name: 'API calls', kind: 'usage' },
    ],
    ...given,
  });
}

/** The contract of most stories: C-1 of A-1, in 2026. */
export const contract = (row: Partial<Row<'contracts'>> = {}): Partial<Row<'contracts'>> => ({
  contract: 'C-1',
  account: 'A-1',
  start: '2026-01-01',
  end: '2026-12-31',
  ...row,
});

/** Its subcontract: ten of MNT at 100, a year. */
export const subcontract = (
  row: Partial<Row<'subcontracts'>> = {},
): Partial<Row<'subcontracts'>> => ({
  subcontract: 'S-1',
  contract: 'C-1',
  sku: 'MNT',
  quantity: '10',
  unitPrice: '100',
  ...row,
});

/** A change of it; what changes and when is the story's. */
export const amendment = (row: Partial<Row<'amendments'>>): Partial<Row<'amendments'>> => ({
  amendment: 'AM-1',
  subcontract: 'S-1',
  ...row,
});
