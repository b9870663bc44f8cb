/** Rendered papers by key (`invoice:C-1042:2027-01:pdf`). */

import type { Db } from '../connect.ts';
import type { documents } from '../schema.ts';

export type StoredDocument = typeof documents.$inferSelect;
/** Keeps the first rendering of a key for ever; the same key again gives the first one (`isNew: false`). */
export declare function storeDocument(
  db: Db,
  document: { key: string; fileName: string; mediaType: string; content: Uint8Array },
): Promise<{ key: string; sha256: string; isNew: boolean }>;
export declare function getDocument(db: Db, key: string): Promise<StoredDocument | null>;
/** Keys that start so, without contents. */
export declare function listDocuments(
  db: Db,
  keyPrefix: string,
): Promise<Omit<StoredDocument, 'content'>[]>;
