/** Folders of a test's own. */
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder in which also user postgres may work, as whom the database runs where we are root. */
export function openFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `perennial-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}
