/**
 * Temporal's time-skipping server: years of timers in seconds. It is a Java program on Maven Central; its jars are fetched
 * once into this user's cache and wrapped into a script that the SDK takes for the server's binary.
 */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../cli/start/cache-folder.ts';

const VERSION = '1.38.0';
const POM = fileURLToPath(new URL('pom.xml', import.meta.url));

export type TimeSkipping = { path: string } | { missing: string };

/** `exec`, so that the process the SDK stops is the server itself and not a shell before it; its pid is noted first. */
function wrapper(jars: string): string {
  return `#!/bin/sh\n[ -z "$PERENNIAL_PID_FILE" ] || echo $$ > "$PERENNIAL_PID_FILE"\nexec java -XX:TieredStopAtLevel=1 -Xmx512m -cp '${jars}/*' io.temporal.testserver.TestServer "$@"\n`;
}

/** The path of the server's script, or in words what is missing on this machine. */
export async function obtainTimeSkipping(): Promise<TimeSkipping> {
  if (spawnSync('java', ['-version']).status !== 0) return { missing: 'Java (11 or later)' };
  const folder = cacheFolder('time-skipping', `${VERSION}-noted`);
  const path = join(folder, 'test-server');
  if (await stat(path).catch(() => null)) return { path };
  if (spawnSync('mvn', ['-version']).status !== 0) return { missing: 'Maven' };
  const making = `${folder}.${process.pid}`;
  try {
    await mkdir(making, { recursive: true });
    const fetched = spawnSync(
      'mvn',
      ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${making}/jars`],
      { encoding: 'utf8', timeout: 600_000 },
    );
    const jars = await readdir(join(making, 'jars')).catch(() => []);
    if (fetched.status !== 0 || jars.length === 0)
      return { missing: `the server's jars: ${fetched.stdout}${fetched.stderr}`.slice(0, 1_000) };
    await writeFile(join(making, 'test-server'), wrapper(join(folder, 'jars')));
    await chmod(join(making, 'test-server'), 0o755);
    await rm(folder, { recursive: true, force: true });
    await rename(making, folder);
    return { path };
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}
