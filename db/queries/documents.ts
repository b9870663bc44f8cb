/** Rendered papers by key (`invoice:C-1042:2027-01:pdf`). */
import { asc, eq, getTableColumns, sql } from 'drizzle-orm';
import { sha256 } from '../canonical-json.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { documents } from '../schema.ts';

export type StoredDocument = typeof documents.$inferSelect;

/** Keeps the first rendering of a key for ever; the same key again gives the first one (`isNew: false`). */
export async function storeDocument(
  db: Db,
  document: { key: string; fileName: string; mediaType: string; content: Uint8Array },
): Promise<{ key: string; sha256: string; isNew: boolean }> {
  const content = Buffer.from(document.content);
  const hash = sha256(content);
  const added = await db
    .insert(documents)
    .values({ ...document, content, sha256: hash })
    .onConflictDoNothing()
    .returning({ key: documents.key });
  if (added.length > 0) return { key: document.key, sha256: hash, isNew: true };
  const rows = await db
    .select({ sha256: documents.sha256 })
    .from(documents)
    .where(eq(documents.key, document.key));
  return { key: document.key, sha256: oneRow(rows, document.key).sha256, isNew: false };
}

export async function getDocument(db: Db, key: string): Promise<StoredDocument | null> {
  const [row] = await db.select().from(documents).where(eq(documents.key, key));
  return row ?? null;
}

/** Keys that start so, without contents. */
export function listDocuments(
  db: Db,
  keyPrefix: string,
): Promise<Omit<StoredDocument, 'content'>[]> {
  const { content: _heavy, ...columns } = getTableColumns(documents);
  return db
    .select(columns)
    .from(documents)
    .where(sql`starts_with(${documents.key}, ${keyPrefix})`)
    .orderBy(asc(documents.key));
}
