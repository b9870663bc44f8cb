/**
 * `perennial start`: everything on one machine, on 127.0.0.1, with its data in one folder. What the environment names
 * (DATABASE_URL, TEMPORAL_ADDRESS, SMTP_URL) is used instead of the embedded part.
 */
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  type Configuration,
  type Environment,
  environmentFile,
  loadConfiguration,
  readSettings,
  type Settings,
  temporalConnectionOptions,
} from '../../connectors/configuration.ts';
import { createDatabaseUnlessPresent, databaseVersion } from '../../db/administration.ts';
import { migrate } from '../../db/migrate.ts';
import { CommandError, EXIT } from '../context.ts';
import { watchDisk } from './disk-watch.ts';
import { clusterUrl, prepareCluster } from './embedded-postgres.ts';
import { firstStartLines } from './first-start.ts';
import {
  clusterPlace,
  keepPorts,
  keepSecrets,
  type Ports,
  type Secrets,
  writePrivate,
} from './instance.ts';
import { packageFolder, projectFolder } from './package-folder.ts';
import {
  apiPart,
  mailPart,
  postgresPart,
  probeTemporal,
  temporalPart,
  workerPart,
} from './parts.ts';
import { isListening } from './ports.ts';
import { claim, clearLeftovers, recordFile, release } from './run-record.ts';
import { Supervisor } from './supervisor.ts';
import { obtainTemporal } from './temporal-binary.ts';
import { webBuildState } from './web-build.ts';

export interface Started {
  readonly configuration: Configuration;
  readonly dashboardUrl: string;
  readonly docsUrl: string;
  readonly temporalUiUrl: string | null;
  readonly mailPageUrl: string | null;
  /** What the first start has to say: sign-in links. Empty on later starts. */
  readonly firstStart: readonly string[];
  /** Stops every part in order. */
  stop(): Promise<void>;
}

type Say = (line: string) => void;

interface Setting {
  readonly settings: Settings;
  readonly env: Environment;
  readonly dataFolder: string;
  readonly secrets: Secrets;
  readonly ports: Ports;
  readonly supervisor: Supervisor;
  readonly say: Say;
  readonly empty: boolean;
}

/**
 * Starts everything and answers when all of it is ready. `onSupervisor` is called as soon as there is something to stop.
 * `empty`: a first start brings no sample company.
 * @throws CommandError where another start runs in the folder, ConfigurationError where a variable cannot be used.
 */
export async function start(
  env: Environment,
  say: Say,
  onSupervisor: (stop: () => Promise<void>) => void,
  { empty = false }: { readonly empty?: boolean } = {},
): Promise<Started> {
  const settings = readSettings(env);
  const dataFolder = resolve(settings.PERENNIAL_DATA);
  const secrets = await keepSecrets(dataFolder);
  await claimFolder(dataFolder);
  try {
    await rm(environmentFile(dataFolder), { force: true });
    await clearLeftovers(dataFolder, say);
    const ports = await keepPorts(dataFolder, env.PORT ? settings.PORT : null);
    const supervisor = await Supervisor.create({
      logFolder: join(dataFolder, 'logs'),
      recordFile: recordFile(dataFolder),
      say,
    });
    const stop = () => stopAll(supervisor, dataFolder);
    onSupervisor(stop);
    try {
      const setting = { settings, env, dataFolder, secrets, ports, supervisor, say, empty };
      const started = await bringUp(setting);
      void watchDisk({ folder: dataFolder, say, signal: supervisor.stopping });
      return { ...started, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  } catch (error) {
    await release(dataFolder);
    throw error;
  }
}

async function claimFolder(dataFolder: string): Promise<void> {
  const answer = await claim(dataFolder);
  if (answer === 'taken') return;
  throw new CommandError(
    `Perennial runs in ${dataFolder} already (process ${answer.heldBy.pid}). Stop it first, ` +
      'or give this one a folder of its own with PERENNIAL_DATA.',
    EXIT.refused,
  );
}

async function stopAll(supervisor: Supervisor, dataFolder: string): Promise<void> {
  await supervisor.stop();
  await rm(environmentFile(dataFolder), { force: true });
  await release(dataFolder);
}

async function bringUp(setting: Setting): Promise<Omit<Started, 'stop'>> {
  const { dataFolder, supervisor, say } = setting;
  const environment = { ...(await backing(setting)), ...frontage(setting) };
  const configuration = loadConfiguration({ ...setting.env, ...environment });
  await writePrivate(environmentFile(dataFolder), environment);
  const firstStart = await firstStartLines(configuration, say, setting.empty);
  supervisor.stopping.throwIfAborted();
  const env = { ...environment, TZ: 'UTC' };
  await Promise.all([
    timed(say, 'The worker runs', () => supervisor.start(workerPart(env))),
    timed(say, 'The API runs', () => supervisor.start(apiPart(env))),
  ]);
  const publicUrl = configuration.PUBLIC_URL ?? `http://127.0.0.1:${configuration.PORT}`;
  return {
    configuration,
    dashboardUrl: `${publicUrl}/`,
    docsUrl: `${publicUrl}/docs`,
    temporalUiUrl: configuration.TEMPORAL_UI_URL ?? null,
    mailPageUrl: configuration.MAIL_PAGE_URL ?? null,
    firstStart,
  };
}

/** What worker and API stand on, all at once: database with its schema, Temporal, mail, the dashboard's files. */
async function backing(setting: Setting): Promise<Record<string, string>> {
  const [database, temporal, mail] = await Promise.all([
    startDatabase(setting),
    startTemporal(setting),
    startMail(setting),
    buildDashboard(setting),
  ]);
  return { ...database, ...temporal, ...mail };
}

/** What the processes tell others about themselves. */
function frontage({ settings, env, dataFolder, secrets, ports }: Setting): Record<string, string> {
  return {
    HOST: settings.HOST,
    PORT: String(ports.api),
    PUBLIC_URL: settings.PUBLIC_URL ?? `http://127.0.0.1:${ports.api}`,
    PERENNIAL_SECRET: settings.PERENNIAL_SECRET ?? secrets.secret,
    PERENNIAL_DATA: dataFolder,
    WORKER_METRICS_ADDRESS: env.WORKER_METRICS_ADDRESS || `127.0.0.1:${ports.workerMetrics}`,
  };
}

async function startDatabase(setting: Setting): Promise<Record<string, string>> {
  const { settings, dataFolder, secrets, ports, supervisor, say } = setting;
  let url = settings.DATABASE_URL;
  if (url === undefined) {
    const cluster = await prepareCluster(clusterPlace(dataFolder, secrets, say));
    await timed(say, 'Postgres runs', () =>
      supervisor.start(postgresPart(cluster, ports.postgres)),
    );
    await createDatabaseUnlessPresent(clusterUrl(cluster, ports.postgres, 'postgres'), 'perennial');
    url = clusterUrl(cluster, ports.postgres, 'perennial');
  } else {
    const version = await reached('DATABASE_URL', () => databaseVersion(url as string));
    say(`Postgres ${version} at ${new URL(url).host} is used`);
  }
  await timed(say, 'The database has the present schema', () => migrate(url as string));
  return { DATABASE_URL: url };
}

async function startTemporal(setting: Setting): Promise<Record<string, string>> {
  const { settings, dataFolder, ports, supervisor, say } = setting;
  const address = settings.TEMPORAL_ADDRESS;
  if (address !== undefined) {
    const options = temporalConnectionOptions({ ...settings, TEMPORAL_ADDRESS: address });
    const version = await reached('TEMPORAL_ADDRESS', () =>
      probeTemporal(options, settings.TEMPORAL_NAMESPACE, 10_000),
    );
    say(`Temporal ${version} at ${address} is used`);
    return { TEMPORAL_ADDRESS: address };
  }
  const binary = await obtainTemporal(say, {
    stopping: supervisor.stopping,
    onChild: (name, child) => void supervisor.track(name, child),
  });
  // A file that was being made when all was killed would be refused for ever; nothing was in it yet.
  const made = join(dataFolder, 'temporal.made');
  if (!existsSync(made))
    for (const suffix of ['', '-wal', '-shm'])
      await rm(join(dataFolder, `temporal.db${suffix}`), { force: true });
  await timed(say, 'Temporal runs', () =>
    supervisor.start(temporalPart(binary, ports, dataFolder)),
  );
  await writeFile(made, '');
  return {
    TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
    // The dev server has this one namespace, without TLS, whatever is set for a server elsewhere.
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_TLS: 'false',
    TEMPORAL_UI_URL: settings.TEMPORAL_UI_URL ?? `http://127.0.0.1:${ports.temporalUi}`,
  };
}

async function startMail(setting: Setting): Promise<Record<string, string>> {
  const { settings, dataFolder, ports, supervisor, say } = setting;
  if (settings.SMTP_URL !== undefined) {
    const { hostname, port, protocol } = new URL(settings.SMTP_URL);
    const number = Number(port || (protocol === 'smtps:' ? 465 : 587));
    if (!(await isListening(number, hostname, 5_000)))
      throw new Error(
        `SMTP_URL names ${hostname}:${number}, where nothing answers. Start the mail server, correct SMTP_URL, ` +
          'or leave it unset to have mails caught here.',
      );
    say(`The mail server at ${hostname}:${number} is used`);
    return { SMTP_URL: settings.SMTP_URL };
  }
  await timed(say, 'The mail catcher runs', () => supervisor.start(mailPart(ports, dataFolder)));
  return {
    SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
    MAIL_PAGE_URL: `http://127.0.0.1:${ports.mailPage}`,
  };
}

async function buildDashboard({ supervisor, say }: Setting): Promise<void> {
  if (webBuildState(projectFolder) !== 'stale') return;
  say('Building the dashboard');
  const vite = join(packageFolder('vite'), 'bin', 'vite.js');
  const args = [vite, 'build', '--config', 'web/vite.config.ts'];
  await timed(say, 'The dashboard is built', () =>
    supervisor.run('Web build', process.execPath, args, projectFolder),
  );
}

async function reached(variable: string, probe: () => Promise<string>): Promise<string> {
  try {
    return await probe();
  } catch (error) {
    const cause = error instanceof Error ? error.message || String(error) : String(error);
    throw new Error(
      `What ${variable} names does not answer (${cause}). Start it, correct ${variable}, ` +
        'or leave it unset to have an embedded one.',
      { cause: error },
    );
  }
}

async function timed<T>(say: Say, done: string, work: () => Promise<T>): Promise<T> {
  const beganAt = performance.now();
  const answer = await work();
  say(`${done} (${((performance.now() - beganAt) / 1000).toFixed(1)} s)`);
  return answer;
}
