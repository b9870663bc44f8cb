/**
 * A backup: one gzipped tar of a data folder that nobody runs, its database cluster and Temporal's histories included, so
 * that a restore goes on exactly where it was. First in it stands a manifest, which says whom it fits.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import {
  chmod,
  chown,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
} from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import tar from 'tar-fs';
import tarStream from 'tar-stream';
import type { PostgresUser } from '../start/embedded-postgres.ts';

/** What a backup says of itself. `postgres`: the cluster's major version; `machine`: `linux-x64`. */
export interface Manifest {
  readonly perennialBackup: 1;
  readonly version: string;
  readonly postgres: string | null;
  readonly machine: string;
  readonly madeAt: string;
  readonly bytes: number;
}

/** The two folders of an instance; the cluster may lie where user postgres reaches it. Null: the database is another's. */
export interface InstanceFolders {
  readonly dataFolder: string;
  readonly clusterFolder: string | null;
}

/** Made anew by each start, or worth nothing elsewhere. */
const LEFT_OUT = new Set([
  'bundles',
  'environment.json',
  'logs',
  'parts.json',
  'postgres',
  'start.lock',
]);
const MANIFEST = 'manifest.json';

const topOf = (root: string, path: string) => path.slice(root.length + 1).split(/[\\/]/)[0] ?? '';

async function sizeOf(folder: string, leftOut: ReadonlySet<string>): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const sizes = entries
    .filter(({ name }) => !leftOut.has(name))
    .map(async (entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? sizeOf(path, new Set()) : (await stat(path)).size;
    });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** The size of what a backup of these folders holds, in bytes, before it is packed. */
export async function instanceBytes(folders: InstanceFolders): Promise<number> {
  const data = await sizeOf(folders.dataFolder, LEFT_OUT);
  const cluster =
    folders.clusterFolder === null ? 0 : await sizeOf(folders.clusterFolder, new Set());
  return data + cluster;
}

/** Bytes that are free where the file or folder is, or would be. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/**
 * Writes a backup of an instance that is stopped. The file appears when it is whole, and only its owner may read it: it
 * holds the keys that sign licenses.
 * @throws whatever the file system says; nothing is left behind then.
 */
export async function writeBackup(
  file: string,
  folders: InstanceFolders,
  manifest: Manifest,
): Promise<void> {
  const part = `${file}.part`;
  const packed = tarStream.pack();
  packed.entry({ name: MANIFEST, mode: 0o600 }, JSON.stringify(manifest, null, 2));
  const { dataFolder, clusterFolder } = folders;
  const pack = (root: string, prefix: string, ignore: (path: string) => boolean, last: boolean) =>
    new Promise<void>((done, fail) => {
      tar
        .pack(root, {
          pack: packed,
          ignore,
          map: (header) => ({ ...header, name: `${prefix}/${header.name}` }),
          finalize: last,
          finish: () => done(),
        })
        .once('error', fail);
    });
  const reading = (async () => {
    const leftOut = (path: string) => path !== dataFolder && LEFT_OUT.has(topOf(dataFolder, path));
    await pack(dataFolder, 'data', leftOut, clusterFolder === null);
    if (clusterFolder !== null)
      await pack(clusterFolder, 'cluster', (path) => path.endsWith('postmaster.pid'), true);
  })();
  try {
    const target = createWriteStream(part, { mode: 0o600 });
    await Promise.all([pipeline(packed, createGzip({ level: 1 }), target), reading]);
    await syncFile(part);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  await handle.sync();
  await handle.close();
}

/** A file that is no backup, or not all of one. */
export class DamagedBackup extends Error {
  override readonly name = 'DamagedBackup';
}

const damaged = (file: string, cause?: unknown) =>
  new DamagedBackup(
    `${file} is no backup of Perennial, or it is cut short or damaged. Nothing was restored.`,
    { cause },
  );

/** What a backup says of itself, without unpacking the rest. @throws DamagedBackup */
export async function readManifest(file: string): Promise<Manifest> {
  const stream = createReadStream(file);
  const unpacked = tarStream.extract();
  // An error in any of them destroys the last, whose reader below hears of it.
  const reading = pipeline(stream, createGunzip(), unpacked).catch((error: unknown) => {
    unpacked.destroy(error as Error);
  });
  try {
    for await (const entry of unpacked) {
      if (entry.header.name !== MANIFEST || (entry.header.size ?? 0) > 10_000) break;
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      const manifest = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Manifest;
      if (manifest.perennialBackup === 1) return manifest;
      break;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    throw damaged(file, error);
  } finally {
    stream.destroy();
    await reading;
  }
  throw damaged(file);
}

/**
 * Unpacks one part of a backup into a folder that does not exist yet; it appears when all of the file has been read and
 * its checksum is right.
 * @param owner who gets the files; null: whoever runs this.
 * @throws DamagedBackup, or whatever the file system says; nothing is left behind then.
 */
export async function unpackBackup(
  file: string,
  part: 'data' | 'cluster',
  folder: string,
  owner: PostgresUser | null,
): Promise<void> {
  const making = `${folder}.restoring`;
  await rm(making, { recursive: true, force: true });
  try {
    await mkdir(making, { recursive: true, mode: 0o700 });
    await unpackInto(file, part, making, owner);
    await chmod(making, 0o700);
    if (owner !== null) await chown(making, owner.uid, owner.gid);
    await rename(making, folder);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    throw error;
  }
}

/** Every entry below `data/` or `cluster/`; tar-fs keeps all of them inside the folder. */
async function unpackInto(
  file: string,
  part: 'data' | 'cluster',
  folder: string,
  owner: PostgresUser | null,
): Promise<void> {
  const wanted = new WeakSet<object>();
  const extract = tar.extract(folder, {
    map: (header) => {
      const entry = {
        ...header,
        name: header.name.slice(part.length + 1),
        uid: owner?.uid ?? process.getuid?.() ?? 0,
        gid: owner?.gid ?? process.getgid?.() ?? 0,
      };
      const plain = header.type === 'file' || header.type === 'directory';
      if (plain && header.name.startsWith(`${part}/`)) wanted.add(entry);
      return entry;
    },
    ignore: (_path, header) => header === undefined || !wanted.has(header),
  });
  // An entry that is passed over when the file breaks off has nobody else who hears of it; the pipeline says it aloud.
  extract.on('entry', (_header, entry) => entry.on('error', () => {}));
  try {
    await pipeline(createReadStream(file), createGunzip(), extract);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && /^(ENOSPC|EACCES|EPERM|EROFS|ENOENT|EDQUOT)$/.test(code)) throw error;
    throw damaged(file, error);
  }
}

/** The major version of the cluster in a folder, or null where there is none. */
export async function clusterVersion(folder: string): Promise<string | null> {
  try {
    return (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
