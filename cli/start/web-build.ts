/** Whether the dashboard's static files are older than their sources. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const NOT_SOURCES = new Set(['dist', 'node_modules']);

function newestMs(path: string): number {
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.mtimeMs;
  const names = readdirSync(path).filter((name) => !NOT_SOURCES.has(name));
  return Math.max(0, ...names.map((name) => newestMs(join(path, name))));
}

/** `absent` where there are no sources: an installation that carries only the built files, or none. */
export function webBuildState(project: string): 'fresh' | 'stale' | 'absent' {
  const web = join(project, 'web');
  if (!existsSync(join(web, 'vite.config.ts'))) return 'absent';
  const built = statSync(join(web, 'dist', 'index.html'), { throwIfNoEntry: false });
  if (built === undefined) return 'stale';
  const newest = Math.max(newestMs(web), newestMs(join(project, 'package-lock.json')));
  return newest > built.mtimeMs ? 'stale' : 'fresh';
}
