/**
 * What tests build or fetch once into this user's cache: programs of others, whole or not at all, and in words what is missing
 * where that can not be done here.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const FETCH_MS = 300_000;

/** Runs a program to its end. @returns what it failed for, or null. */
export function run(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): string | null {
  const done = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: FETCH_MS,
    env: { ...process.env, ...env },
  });
  return done.status === 0
    ? null
    : `${command}: ${done.stderr || done.error?.message}`.slice(0, 500);
}

/** Makes a folder of the cache once, whole or not at all. @returns what is missing, or null. */
export async function onceInCache(
  folder: string,
  make: (into: string) => string | null,
): Promise<string | null> {
  if (await stat(folder).catch(() => null)) return null;
  const making = `${folder}.${process.pid}`;
  try {
    await mkdir(making, { recursive: true });
    const missing = make(making);
    if (missing === null) await rename(making, folder).catch(() => undefined);
    return missing;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** A virtual environment with packages from the index. @returns what is missing, or null. */
export function pythonPackages(into: string, packages: readonly string[]): string | null {
  return (
    run('python3', ['-m', 'venv', '--copies', into]) ??
    run(join(into, 'bin', 'python'), ['-m', 'pip', 'install', '-q', ...packages])
  );
}
