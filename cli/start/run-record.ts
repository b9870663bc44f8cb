/**
 * What a start notes in the data folder: who runs here (a lock), and which parts it has started, so that a later start can
 * clear up after one that was killed together with its guard.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readLock, releaseLock, takeLock } from './file-lock.ts';
import { type GuardedProcess, stopInOrder } from './guard.ts';
import { isRunning, type ProcessIdentity, waitForEnd } from './process-identity.ts';

export interface PartsRecord {
  readonly guard: ProcessIdentity;
  /** In the order in which they are to be stopped. */
  readonly parts: readonly GuardedProcess[];
}

export const lockFile = (dataFolder: string) => join(dataFolder, 'start.lock');
export const recordFile = (dataFolder: string) => join(dataFolder, 'parts.json');

/** The guard needs as long as all parts' grace together at most. */
const GUARD_LIMIT_MS = 40_000;

/** Claims the folder for this process, or answers the process that runs here already. */
export function claim(dataFolder: string): Promise<{ heldBy: ProcessIdentity } | 'taken'> {
  return takeLock(lockFile(dataFolder));
}

/** Whether a start runs in the folder. */
export async function runsIn(dataFolder: string): Promise<boolean> {
  const lock = await readLock(lockFile(dataFolder));
  return lock !== null && isRunning(lock.holder);
}

export async function release(dataFolder: string): Promise<void> {
  await rm(recordFile(dataFolder), { force: true });
  await releaseLock(lockFile(dataFolder));
}

async function readRecord(dataFolder: string): Promise<PartsRecord | null> {
  try {
    return JSON.parse(await readFile(recordFile(dataFolder), 'utf8')) as PartsRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError)
      return null;
    throw error;
  }
}

/** Stops what an earlier start has left running here, each process only if it is still the one that was noted. */
export async function clearLeftovers(
  dataFolder: string,
  say: (line: string) => void,
): Promise<void> {
  const record = await readRecord(dataFolder);
  if (record === null) return;
  if (isRunning(record.guard)) {
    say('An earlier start ended without stopping its parts; waiting for them to stop');
    await waitForEnd(record.guard, GUARD_LIMIT_MS);
  }
  const left = record.parts.filter(isRunning);
  if (left.length > 0)
    say(`Stopping what an earlier start left: ${left.map((p) => p.name).join(', ')}`);
  await stopInOrder(left, say);
  await rm(recordFile(dataFolder), { force: true });
}
