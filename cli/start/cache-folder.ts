/** The folder of this machine's user for what is built or downloaded once and used by every checkout. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `$XDG_CACHE_HOME/perennial`, else `~/.cache/perennial`. */
export function cacheFolder(...path: string[]): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'perennial', ...path);
}
