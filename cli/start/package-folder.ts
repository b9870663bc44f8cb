/** Where a dependency lies on the disk, also one whose package.json names no entry that could be resolved. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's (or the installed package's) own root. */
export const projectFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The folder of an installed package, looked for as node would. */
export function packageFolder(name: string): string {
  const places = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const place of places)
    if (existsSync(join(place, name, 'package.json'))) return join(place, name);
  throw new Error(`The package ${name} is not installed. Run npm ci.`);
}
