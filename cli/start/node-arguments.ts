/** How a child process runs a TypeScript file of this checkout, whatever its working directory. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Room for what is soon garbage, in MB; node's own is 16. Rows, requests and payloads die young: with more room fewer of them are
 * copied while a customer waits, and a process that allocates little never takes it.
 */
export const YOUNG_SPACE = '--max-semi-space-size=64';

/** The arguments for node: the loader that translates TypeScript, then the script and its own arguments. */
export function nodeArguments(script: string, ...rest: string[]): string[] {
  const loader = createRequire(import.meta.url).resolve('tsx');
  return [YOUNG_SPACE, '--import', pathToFileURL(loader).href, script, ...rest];
}
