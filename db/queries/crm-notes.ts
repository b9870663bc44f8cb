/** Notes of the built-in CRM. */

import type { Db } from '../connect.ts';
import type { crmNotes } from '../schema.ts';

export type CrmNote = typeof crmNotes.$inferSelect;
/** Writes a note once: the same key again does nothing. */
export declare function addCrmNote(
  db: Db,
  note: Omit<CrmNote, 'createdAt'>,
): Promise<{ isNew: boolean }>;
export declare function crmNotesOf(db: Db, account: string): Promise<CrmNote[]>;
