/** Books for tests: rows from the columns that matter to a story, everything else as an empty field would read. */
import {
  BOOK_TABLES,
  type Book,
  type ColumnSpec,
  camel,
  emptyBook,
  type Row,
  type TableName,
} from '../../domain/book/tables.ts';

type Given = { readonly [T in TableName]?: readonly Partial<Row<T>>[] };

function emptyRow(table: TableName): Record<string, unknown> {
  const row: Record<string, unknown> = { custom: {} };
  for (const [name, spec] of Object.entries<ColumnSpec>(BOOK_TABLES[table].columns)) {
    const fallback = spec.kind === 'boolean' && spec.default !== undefined ? false : spec.default;
    row[camel(name)] = fallback ?? null;
  }
  return row;
}

/** A book of the given rows, defaults filled in as the reader would. */
export function bookOf(given: Given): Book {
  const tables = Object.entries(given).map(([table, rows]) => [
    table,
    (rows ?? []).map((row) => ({ ...emptyRow(table as TableName), ...row })),
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
