/** How a child process runs a TypeScript file of this checkout, whatever its working directory. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The arguments for node: the loader that translates TypeScript, then the script and its own arguments. */
export function nodeArguments(script: string, ...rest: string[]): string[] {
  const loader = createRequire(import.meta.url).resolve('tsx');
  return ['--import', pathToFileURL(loader).href, script, ...rest];
}
