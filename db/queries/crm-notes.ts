/** Notes of the built-in CRM. */
import { desc, eq } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { crmNotes } from '../schema.ts';

export type CrmNote = typeof crmNotes.$inferSelect;

/** Writes a note once: the same key again does nothing. */
export async function addCrmNote(
  db: Db,
  note: Omit<CrmNote, 'createdAt'>,
): Promise<{ isNew: boolean }> {
  const rows = await db.insert(crmNotes).values(note).onConflictDoNothing().returning();
  return { isNew: rows.length > 0 };
}

/** Newest first. */
export function crmNotesOf(db: Db, account: string): Promise<CrmNote[]> {
  return db
    .select()
    .from(crmNotes)
    .where(eq(crmNotes.account, account))
    .orderBy(desc(crmNotes.notedOn), desc(crmNotes.createdAt));
}
