/** How much room a disk has left, and in words when it is too little to go on with. */
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Postgres writes ahead in pieces of 16 MB; below a few of them what must be written waits. */
const LITTLE_BYTES = 64_000_000;

/** The folder, or the nearest one above it that there is. */
export function nearestFolder(folder: string): string {
  return existsSync(folder) ? folder : nearestFolder(dirname(folder));
}

/** Bytes that are free on the disk of the folder, which need not exist yet. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(nearestFolder(folder));
  return bavail * bsize;
}

/** What to tell a person while the disk of the folder has next to no room; null while it has. */
export async function diskWarning(folder: string): Promise<string | null> {
  const free = await freeBytes(folder);
  if (free >= LITTLE_BYTES) return null;
  return (
    `The disk is full: ${Math.floor(free / 1_000_000)} MB are left where ${folder} is. What is to be written waits, ` +
    'and nothing is lost. Make room, and it goes on by itself.'
  );
}
