/** The parts that `perennial start` runs: how each is started, when it is ready, how and when it is stopped. */
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import type { TemporalConnectionOptions } from '../../connectors/configuration.ts';
import { databaseVersion } from '../../db/administration.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/messages.ts';
import { clusterCommand, clusterUrl, type PostgresCluster } from './embedded-postgres.ts';
import { nodeArguments } from './node-arguments.ts';
import { projectFolder } from './package-folder.ts';
import { isListening } from './ports.ts';
import type { PartSpec } from './supervisor.ts';
import { devServerArguments } from './temporal-binary.ts';

/** All grace together stays below the 30 seconds within which everything has stopped. */
const GRACE_MS = { api: 5_000, worker: 10_000, temporal: 5_000, mail: 2_000, postgres: 5_000 };

export function postgresPart(cluster: PostgresCluster, port: number): PartSpec {
  const { command, args, user } = clusterCommand(cluster, port);
  return {
    name: 'Postgres',
    command,
    args,
    user,
    env: { LC_ALL: 'C' },
    workingFolder: '/',
    channel: false,
    probe: async () => {
      await databaseVersion(clusterUrl(cluster, port, 'postgres'));
    },
    readyLimitMs: 180_000,
    stopSignal: 'SIGINT',
    graceMs: GRACE_MS.postgres,
    stopRank: 5,
  };
}

/** Throws where the Temporal server does not answer for the namespace. */
export async function probeTemporal(
  options: TemporalConnectionOptions,
  namespace: string,
  limitMs = 2_000,
): Promise<string> {
  const connection = await Connection.connect({ ...options, connectTimeout: limitMs });
  try {
    return await connection.withDeadline(Date.now() + limitMs, async () => {
      await connection.workflowService.describeNamespace({ namespace });
      const info = await connection.workflowService.getSystemInfo({});
      return info.serverVersion;
    });
  } finally {
    await connection.close();
  }
}

export function temporalPart(
  binary: string,
  ports: { temporal: number; temporalUi: number },
  dataFolder: string,
): PartSpec {
  const args = devServerArguments({
    port: ports.temporal,
    uiPort: ports.temporalUi,
    databaseFile: join(dataFolder, 'temporal.db'),
    searchAttributes: SEARCH_ATTRIBUTES,
  });
  return {
    name: 'Temporal',
    // Its database file is for this user alone; the shell is replaced by the server.
    command: '/bin/sh',
    args: ['-c', 'umask 077; exec "$0" "$@"', binary, ...args],
    workingFolder: dataFolder,
    channel: false,
    probe: async () => {
      await probeTemporal({ address: `127.0.0.1:${ports.temporal}` }, 'default');
      if (!(await isListening(ports.temporalUi))) throw new Error('its pages do not answer yet');
    },
    readyLimitMs: 180_000,
    stopSignal: 'SIGINT',
    graceMs: GRACE_MS.temporal,
    stopRank: 3,
  };
}

function ownPart(
  name: string,
  script: string,
  scriptArguments: readonly string[],
  env: PartSpec['env'],
  order: { graceMs: number; stopRank: number },
): PartSpec {
  return {
    name,
    command: process.execPath,
    args: nodeArguments(join(projectFolder, script), ...scriptArguments),
    ...(env ? { env } : {}),
    workingFolder: projectFolder,
    channel: true,
    readyLimitMs: 240_000,
    stopSignal: 'SIGTERM',
    ...order,
  };
}

export function mailPart(ports: { smtp: number; mailPage: number }, dataFolder: string): PartSpec {
  const given = [String(ports.smtp), String(ports.mailPage), join(dataFolder, 'mail')];
  const order = { graceMs: GRACE_MS.mail, stopRank: 4 };
  return ownPart('Mail', 'cli/start/mail-catcher.ts', given, {}, order);
}

export const WORKER_SCRIPT = 'worker/main.ts';
export const API_SCRIPT = 'api/main.ts';

export function workerPart(env: PartSpec['env']): PartSpec {
  return ownPart('Worker', WORKER_SCRIPT, [], env, { graceMs: GRACE_MS.worker, stopRank: 2 });
}

export function apiPart(env: PartSpec['env']): PartSpec {
  return ownPart('API', API_SCRIPT, [], env, { graceMs: GRACE_MS.api, stopRank: 1 });
}
