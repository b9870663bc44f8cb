/** What belongs to one data folder and stays over restarts: its secrets and the ports it used. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterPlace } from './embedded-postgres.ts';
import { choosePort, isFree } from './ports.ts';

export interface Secrets {
  /** Names the folders outside the data folder that belong to it. */
  readonly instance: string;
  readonly postgresPassword: string;
  /** PERENNIAL_SECRET where none is given. */
  readonly secret: string;
}

async function readJson<T>(file: string): Promise<T | null> {
  let content: string;
  try {
    content = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return JSON.parse(content) as T;
  } catch (error) {
    throw new Error(`${file} is damaged. Restore it from a backup, or remove it to begin anew.`, {
      cause: error,
    });
  }
}

/** Writes a file that only this user may read, in one step. */
export async function writePrivate(file: string, value: unknown): Promise<void> {
  const beside = `${file}.${process.pid}`;
  await writeFile(beside, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  await rename(beside, file);
}

/** The data folder's secrets, made on the first start. */
export async function keepSecrets(dataFolder: string): Promise<Secrets> {
  // Where we are root, user postgres must be able to pass through, but not to look around.
  await mkdir(dataFolder, { recursive: true });
  await chmod(dataFolder, process.getuid?.() === 0 ? 0o711 : 0o700);
  await mkdir(join(dataFolder, 'mail'), { recursive: true, mode: 0o700 });
  const file = join(dataFolder, 'secrets.json');
  const kept = await readJson<Secrets>(file);
  if (kept !== null) return kept;
  const made = {
    instance: randomBytes(6).toString('hex'),
    postgresPassword: randomBytes(24).toString('base64url'),
    secret: randomBytes(32).toString('base64url'),
  };
  await writePrivate(file, made);
  return made;
}

/** Where the instance's database is, or goes; elsewhere where user postgres cannot enter the data folder. */
export function clusterPlace(
  dataFolder: string,
  secrets: Secrets,
  say: (line: string) => void,
): ClusterPlace {
  return {
    dataFolder: join(dataFolder, 'postgres'),
    reachableFolder: join('/var/cache/perennial', secrets.instance),
    password: secrets.postgresPassword,
    say,
  };
}

export const USUAL_PORTS = {
  postgres: 5432,
  temporal: 7233,
  temporalUi: 8233,
  smtp: 1025,
  mailPage: 1080,
  workerMetrics: 9464,
  api: 3000,
} as const;
export type PortName = keyof typeof USUAL_PORTS;
export type Ports = Readonly<Record<PortName, number>>;

/**
 * A port for each part: the one of last time where it is free, else the usual one, else any. One that a person asked for
 * (PORT) is theirs or nobody's.
 */
export async function keepPorts(dataFolder: string, askedApiPort: number | null): Promise<Ports> {
  const file = join(dataFolder, 'ports.json');
  const last = (await readJson<Partial<Record<PortName, number>>>(file)) ?? {};
  const taken = new Set<number>();
  const ports: Partial<Record<PortName, number>> = {};
  if (askedApiPort) {
    if (!(await isFree(askedApiPort)))
      throw new Error(
        `PORT is ${askedApiPort}, and something else listens there already. Stop it, give another PORT, ` +
          'or leave PORT unset to have a free one chosen.',
      );
    ports.api = askedApiPort;
    taken.add(askedApiPort);
  }
  for (const name of Object.keys(USUAL_PORTS) as PortName[]) {
    if (ports[name] !== undefined) continue;
    const wishes = [last[name], USUAL_PORTS[name]].filter((port) => port !== undefined);
    const port = await choosePort(wishes, taken);
    ports[name] = port;
    taken.add(port);
  }
  await writePrivate(file, ports);
  return ports as Ports;
}
