/** A disk without room, as the operating system and Postgres tell it. */

const CODES: ReadonlySet<string> = new Set([
  'ENOSPC', // of this machine's files
  'EDQUOT',
  '53100', // disk_full, of the database's
]);
const WORDS = /No space left on device|disk full|database or disk is full/i;

/** Which disk it is, in words for a person; null where an error is about something else. */
export function diskFull(error: unknown): string | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 6; depth += 1) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : '';
    if (CODES.has(code) || WORDS.test(at.message)) {
      const whose = /^E/.test(code) ? 'The disk' : 'The database’s disk';
      return `${whose} is full. Make room, then do this again; what was there before is untouched.`;
    }
    at = at.cause;
  }
  return null;
}
