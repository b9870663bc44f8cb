/**
 * Temporal's time-skipping server: years of timers in seconds. It is a Java program on Maven Central; its jars are fetched
 * once into this user's cache.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../cli/start/cache-folder.ts';

const VERSION = '1.38.0';
const POM = fileURLToPath(new URL('pom.xml', import.meta.url));

/** Where the server's jars are, or in words what this machine lacks for them. */
export type TimeSkipping = { jars: string } | { missing: string };

/** The arguments of `java` that run the server on this port. */
export function timeSkippingArguments(jars: string, port: number): string[] {
  const memory = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m'];
  return [...memory, '-cp', `${jars}/*`, 'io.temporal.testserver.TestServer', String(port)];
}

/** The server's jars, fetched where they are not here yet. */
export async function obtainTimeSkipping(): Promise<TimeSkipping> {
  if (spawnSync('java', ['-version']).status !== 0) return { missing: 'Java (11 or later)' };
  const folder = cacheFolder('time-skipping', VERSION);
  const jars = join(folder, 'jars');
  if (await stat(jars).catch(() => null)) return { jars };
  if (spawnSync('mvn', ['-version']).status !== 0) return { missing: 'Maven' };
  const making = `${folder}.${process.pid}`;
  try {
    await mkdir(making, { recursive: true });
    const fetched = spawnSync(
      'mvn',
      ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${making}/jars`],
      { encoding: 'utf8', timeout: 600_000 },
    );
    const files = await readdir(join(making, 'jars')).catch(() => []);
    if (fetched.status !== 0 || files.length === 0)
      return { missing: `the server's jars: ${fetched.stdout}${fetched.stderr}`.slice(0, 1_000) };
    await rm(folder, { recursive: true, force: true });
    await rename(making, folder);
    return { jars };
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}
