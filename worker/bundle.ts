/** The workflows' bundle, made once for each content: a warm start reads it from the data folder. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const WORKFLOWS = fileURLToPath(new URL('../workflows/index.ts', import.meta.url));
/** What the bundle is made from: workflow code, and the rules that it imports. */
const SOURCES = ['../workflows', '../domain', '../connectors/temporal'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);
const FAILURE_CONVERTER = fileURLToPath(
  new URL('../connectors/temporal/failure-converter.ts', import.meta.url),
);

/** SHA-256 over the sources' names and contents and the SDK's version. */
async function contentHash(): Promise<string> {
  const hash = createHash('sha256');
  const { version } = createRequire(import.meta.url)('@temporalio/worker/package.json') as {
    version: string;
  };
  hash.update(version);
  for (const folder of SOURCES) {
    const names = await readdir(folder, { recursive: true });
    for (const name of names.filter((one) => one.endsWith('.ts')).sort())
      hash.update(`\0${name}\0`).update(await readFile(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** The path of a bundle of today's workflow code. Written under another name first, so that it is whole or absent. */
export async function workflowBundlePath(dataFolder: string): Promise<string> {
  const path = join(dataFolder, 'bundles', `workflows-${await contentHash()}.js`);
  if ((await stat(path).catch(() => null)) !== null) return path;
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    failureConverterPath: FAILURE_CONVERTER,
    // Without state of its own, and most of what a new workflow would load: loaded once for all.
    preloadModules: ['temporal-polyfill'],
    logger: new DefaultLogger('ERROR'),
  });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, code);
  await rename(`${path}.${process.pid}`, path);
  return path;
}
