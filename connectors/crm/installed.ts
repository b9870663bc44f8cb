/** Which CRM this installation writes to and compares with, as its configuration says; our own notes where none is given. */
import { createBuiltInCrm } from './built-in/crm.ts';
import type { AccountNote, Crm } from './port.ts';

/** @param write stores a note of the built-in CRM, once a key */
export function installedCrm(write: (note: AccountNote) => Promise<unknown>): Crm {
  return createBuiltInCrm(write);
}
