/** A lock as a file that names its holder: a lock left by a process that ended is taken over. */
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';

/** Who holds a lock, with whatever the holder wrote beside its identity. */
export interface LockHolder {
  readonly holder: ProcessIdentity;
}

/** The content of a lock file; null where there is none or it cannot be read as one (a write cut short). */
export async function readLock<T extends LockHolder>(file: string): Promise<T | null> {
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as T;
    return typeof content.holder?.pid === 'number' ? content : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError)
      return null;
    throw error;
  }
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  const identity = identify(process.pid);
  if (identity === null) throw new Error('This process cannot be found in the process table.');
  return identity;
}

/**
 * Takes the lock, or answers the living process that holds it. The file is complete before it gets its name, and linking
 * fails where the name exists, so of two processes that try at once exactly one gets it.
 */
export async function takeLock(file: string): Promise<{ heldBy: ProcessIdentity } | 'taken'> {
  await mkdir(dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  await writeFile(mine, JSON.stringify({ holder: ownIdentity() }), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (await linkUnlessPresent(mine, file)) return 'taken';
      const current = await readLock(file);
      if (current !== null && isRunning(current.holder)) return { heldBy: current.holder };
      await removeStale(file);
    }
  } finally {
    await rm(mine, { force: true });
  }
  throw new Error(`The lock ${file} could not be taken. Remove the file if nothing is running.`);
}

async function linkUnlessPresent(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Renames first: of two processes that both saw a stale lock only one finds it to remove, and one that came late and
 * caught the other's new lock puts it back.
 */
async function removeStale(file: string): Promise<void> {
  const aside = `${file}.stale-${process.pid}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const caught = await readLock(aside);
  if (caught !== null && isRunning(caught.holder)) await linkUnlessPresent(aside, file);
  await rm(aside, { force: true });
}

/** Gives the lock back. */
export async function releaseLock(file: string): Promise<void> {
  await rm(file, { force: true });
}
