/** The CRM of an installation that has none connected: notes in our own database, through the writer it is given. */
import type { AccountNote, Crm } from '../port.ts';

/** @param write stores a note once a key, as db/queries/crm-notes does. */
export function createBuiltInCrm(write: (note: AccountNote) => Promise<unknown>): Crm {
  return {
    system: 'built-in-crm',
    external: false,
    addNote: async (note) => {
      await write(note);
      return { result: 'ok', reference: note.key };
    },
  };
}
