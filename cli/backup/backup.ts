/** `perennial backup [FILE]`: all of an instance that is stopped, in one file. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { readSettings } from '../../connectors/configuration.ts';
import { configured } from '../configured.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { findCluster } from '../start/embedded-postgres.ts';
import { readLock } from '../start/file-lock.ts';
import { clusterPlace, keepSecrets } from '../start/instance.ts';
import { projectFolder } from '../start/package-folder.ts';
import { isRunning } from '../start/process-identity.ts';
import { clearLeftovers, lockFile } from '../start/run-record.ts';
import {
  clusterVersion,
  freeBytes,
  type InstanceFolders,
  instanceBytes,
  type Manifest,
  writeBackup,
} from './archive.ts';

export function register(command: Command, context: CommandContext): void {
  command
    .argument('[file]', 'where to write it', `perennial-${today()}.tar.gz`)
    .addHelpText(
      'after',
      '\nStop Perennial first (Ctrl-C). The file holds customers, books and signing keys: keep it as safe as these.',
    )
    .action(async (given: string) => {
      const file = context.path(given);
      const folders = await stoppedInstance(context);
      const manifest = await describe(folders);
      if (context.options.dryRun) {
        context.output.answer({ file, ...manifest }, () => `Would write ${words(file, manifest)}`);
        return;
      }
      // Databases pack to less than half.
      await demandRoom(file, manifest.bytes / 2);
      await writeBackup(file, folders, manifest);
      context.output.answer({ file, ...manifest }, () => `Written: ${words(file, manifest)}`);
    });
}

const today = () => new Date().toISOString().slice(0, 10);
const megabytes = (bytes: number) => `${Math.ceil(bytes / 1_000_000)} MB`;

function words(file: string, { bytes, postgres }: Manifest): string {
  const database =
    postgres === null
      ? ' The database of DATABASE_URL is not in it: back it up by its own means.'
      : '';
  return `${file}, ${megabytes(bytes)} before packing.${database}`;
}

/** The data folder that the environment names. */
export function dataFolderOf(context: CommandContext): string {
  return resolve(configured(() => readSettings(context.env)).PERENNIAL_DATA);
}

/** @throws CommandError where Perennial runs in the folder. */
export async function demandStopped(dataFolder: string): Promise<void> {
  const lock = await readLock(lockFile(dataFolder));
  if (lock === null || !isRunning(lock.holder)) return;
  throw new CommandError(
    `Perennial runs in ${dataFolder} (process ${lock.holder.pid}). Stop it with Ctrl-C, then do this again.`,
    EXIT.refused,
  );
}

async function stoppedInstance(context: CommandContext): Promise<InstanceFolders> {
  const dataFolder = dataFolderOf(context);
  await demandStopped(dataFolder);
  if (!existsSync(join(dataFolder, 'secrets.json')))
    throw new CommandError(
      `There is no instance of Perennial in ${dataFolder}. Name its folder with PERENNIAL_DATA.`,
      EXIT.input,
    );
  await clearLeftovers(dataFolder, context.output.say);
  if (readSettings(context.env).DATABASE_URL !== undefined)
    return { dataFolder, clusterFolder: null };
  const secrets = await keepSecrets(dataFolder);
  const cluster = await findCluster(clusterPlace(dataFolder, secrets, context.output.say));
  return { dataFolder, clusterFolder: cluster.dataFolder };
}

async function describe(folders: InstanceFolders): Promise<Manifest> {
  const { version } = JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const { clusterFolder } = folders;
  const postgres = clusterFolder === null ? null : await clusterVersion(clusterFolder);
  if (clusterFolder !== null && postgres === null)
    throw new CommandError(
      `There is no database in ${clusterFolder}; start Perennial once before backing it up.`,
      EXIT.input,
    );
  return {
    perennialBackup: 1,
    version,
    postgres,
    machine: `${process.platform}-${process.arch}`,
    madeAt: new Date().toISOString(),
    bytes: await instanceBytes(folders),
  };
}

/** A full disk is said before, not after. @throws CommandError */
export async function demandRoom(path: string, bytes: number): Promise<void> {
  const free = await freeBytes(dirname(path));
  if (free >= bytes) return;
  throw new CommandError(
    `There are ${megabytes(free)} free for ${path}, and ${megabytes(bytes)} may be needed. Make room, or name another place.`,
  );
}
