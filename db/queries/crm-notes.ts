/** Notes of the built-in CRM. */
import { desc, eq } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { crmNotes } from '../schema.ts';
import { getFact } from './facts.ts';

export type CrmNote = typeof crmNotes.$inferSelect;

/** Writes a note once: the same key again does nothing. */
export async function addCrmNote(
  db: Db,
  note: Omit<CrmNote, 'createdAt'>,
): Promise<{ isNew: boolean }> {
  const rows = await db.insert(crmNotes).values(note).onConflictDoNothing().returning();
  return { isNew: rows.length > 0 };
}

/** What the CRM calls an account (`accounts.crm_id`); null where it is not known. */
export async function crmIdOf(db: Db, account: string): Promise<string | null> {
  return (await getFact(db, 'accounts', { account }))?.crmId ?? null;
}

/** Newest first. */
export function crmNotesOf(db: Db, account: string): Promise<CrmNote[]> {
  return db
    .select()
    .from(crmNotes)
    .where(eq(crmNotes.account, account))
    .orderBy(desc(crmNotes.notedOn), desc(crmNotes.createdAt));
}
