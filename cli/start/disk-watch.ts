/** Tells at the terminal that the disk is full while all parts still run, and that there is room again. */
import { setTimeout as wait } from 'node:timers/promises';
import { diskWarning } from '../../connectors/disk-room.ts';

const LOOK_EVERY_MS = 10_000;

export interface DiskWatch {
  readonly folder: string;
  readonly say: (line: string) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly everyMs?: number;
}

/** Each change is said once. */
export async function watchDisk({
  folder,
  say,
  signal,
  everyMs = LOOK_EVERY_MS,
}: DiskWatch): Promise<void> {
  let isFull = false;
  while (!signal.aborted) {
    const warning = await diskWarning(folder);
    if (warning !== null && !isFull) say(warning);
    if (warning === null && isFull) say('The disk has room again: what waited goes on.');
    isFull = warning !== null;
    await wait(everyMs, null, { signal, ref: false }).catch(() => null);
  }
}
