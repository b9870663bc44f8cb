/** Imports of the contract book as pages show them. */
import type { ImportRecord } from '../../db/index.ts';
import type { ImportView } from '../types.ts';

export const importView = (row: ImportRecord): ImportView => ({
  id: row.id,
  source: row.source,
  rows: row.rows,
  importedBy: row.importedBy,
  importedAt: new Date(row.importedAt).toISOString(),
  undoneAt: row.undoneAt === null ? null : new Date(row.undoneAt).toISOString(),
  undoneBy: row.undoneBy,
});
