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
