/** `perennial restore FILE`: an instance as a backup holds it, into a data folder that is not there yet. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { findCluster, packagedPostgresMajor } from '../start/embedded-postgres.ts';
import { clusterPlace, keepSecrets, writePrivate } from '../start/instance.ts';
import { DamagedBackup, type Manifest, readManifest, unpackBackup } from './archive.ts';
import { dataFolderOf, demandRoom, demandStopped } from './backup.ts';

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<file>', 'a file that `perennial backup` has written')
    .addHelpText(
      'after',
      '\nIt goes into PERENNIAL_DATA (default .perennial), which must not exist yet. Run the original or the copy, never both:\n' +
        'each would bill and write mails.',
    )
    .action(async (given: string) => {
      const file = context.path(given);
      const dataFolder = dataFolderOf(context);
      try {
        const manifest = await readManifest(file);
        await demandFit(manifest);
        await demandEmpty(dataFolder);
        if (context.options.dryRun) {
          context.output.answer({ dataFolder, ...manifest }, () => said('Would be', manifest));
          return;
        }
        await mkdir(dirname(dataFolder), { recursive: true });
        await demandRoom(dataFolder, manifest.bytes);
        await restore(context, file, dataFolder, manifest);
        context.output.answer({ dataFolder, ...manifest }, () => said('Is', manifest));
      } catch (error) {
        if (error instanceof DamagedBackup) throw new CommandError(error.message, EXIT.input);
        if ((error as NodeJS.ErrnoException).code === 'ENOENT')
          throw new CommandError(`There is no file ${file}.`, EXIT.input, { cause: error });
        throw error;
      }
    });
}

const said = (is: string, { madeAt, version }: Manifest) =>
  `${is} restored as it was at ${madeAt} (Perennial ${version}). Run npm start to go on from there.`;

async function demandFit({ machine, postgres }: Manifest): Promise<void> {
  const here = `${process.platform}-${process.arch}`;
  if (machine !== here)
    throw new CommandError(
      `The backup was made on ${machine} and its database cannot run on ${here}.`,
      EXIT.refused,
    );
  const major = await packagedPostgresMajor();
  if (postgres !== null && postgres !== major)
    throw new CommandError(
      `The backup's database is of Postgres ${postgres}, and this Perennial brings ${major}. Restore it with the version of Perennial that made it.`,
      EXIT.refused,
    );
}

async function demandEmpty(dataFolder: string): Promise<void> {
  await demandStopped(dataFolder);
  const entries = await readdir(dataFolder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.length === 0) return;
  throw new CommandError(
    `${dataFolder} holds an instance already. Move it away first, or name another folder with PERENNIAL_DATA.`,
    EXIT.refused,
  );
}

async function restore(
  context: CommandContext,
  file: string,
  dataFolder: string,
  manifest: Manifest,
): Promise<void> {
  await rmdir(dataFolder).catch(() => {});
  await unpackBackup(file, 'data', dataFolder, null);
  try {
    // Where we are root, user postgres must be able to pass through, but not to look around.
    await chmod(dataFolder, process.getuid?.() === 0 ? 0o711 : 0o700);
    // Folders outside the data folder are named by the instance: a copy shares none with its original.
    const secrets = {
      ...(await keepSecrets(dataFolder)),
      instance: randomBytes(6).toString('hex'),
    };
    await writePrivate(join(dataFolder, 'secrets.json'), secrets);
    if (manifest.postgres === null) return;
    const cluster = await findCluster(clusterPlace(dataFolder, secrets, context.output.say));
    await unpackBackup(file, 'cluster', cluster.dataFolder, cluster.user);
  } catch (error) {
    await rm(dataFolder, { recursive: true, force: true });
    throw error;
  }
}
