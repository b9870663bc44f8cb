/**
 * A warm start, from the command to the line that says it is ready, against the sum of its parts started alone, one after
 * the other, with the processes' own way of being ready. Parts that start beside each other win what the rest costs.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findCluster } from '../../cli/start/embedded-postgres.ts';
import { clusterPlace, keepPorts, keepSecrets } from '../../cli/start/instance.ts';
import {
  apiPart,
  mailPart,
  postgresPart,
  temporalPart,
  workerPart,
} from '../../cli/start/parts.ts';
import { recordFile } from '../../cli/start/run-record.ts';
import { Supervisor } from '../../cli/start/supervisor.ts';
import { obtainTemporal } from '../../cli/start/temporal-binary.ts';
import { environmentFile } from '../../connectors/configuration.ts';
import { type Section, secondsOf } from './section.ts';
import { startInstance, withDataFolder } from './started-instance.ts';

const MOST = 1.2;
const TIMES = 3;
const silent = () => {};

/** What worker and API are told, which is there while an instance runs. */
type Told = Readonly<Record<string, string>>;

/** Seconds until ready of each part by itself; those that others stand on are running by then. */
async function aloneSeconds(dataFolder: string, told: Told): Promise<Record<string, number>> {
  const ports = await keepPorts(dataFolder, null);
  const cluster = await findCluster(
    clusterPlace(dataFolder, await keepSecrets(dataFolder), silent),
  );
  const supervisor = await Supervisor.create({
    logFolder: join(dataFolder, 'logs'),
    recordFile: recordFile(dataFolder),
    say: silent,
  });
  try {
    const env = { ...told, TZ: 'UTC' };
    const specs = [
      postgresPart(cluster, ports.postgres),
      temporalPart(await obtainTemporal(silent), ports, dataFolder),
      mailPart(ports, dataFolder),
      workerPart(env),
      apiPart(env),
    ];
    const seconds: Record<string, number> = {};
    for (const spec of specs) seconds[spec.name] = await secondsOf(() => supervisor.start(spec));
    return seconds;
  } finally {
    await supervisor.stop();
  }
}

const sumOf = (seconds: Record<string, number>) =>
  Object.values(seconds).reduce((sum, part) => sum + part, 0);

export const startUp: Section = {
  name: 'start-up',
  what: 'a warm start to ready, against its parts started alone, one after the other',
  measure: () =>
    withDataFolder(async (dataFolder) => {
      let whole = Number.POSITIVE_INFINITY;
      let parts: Record<string, number> | null = null;
      // The first start makes databases and is no warm one.
      await (await startInstance(dataFolder)).stop();
      for (let round = 0; round < TIMES; round += 1) {
        const instance = await startInstance(dataFolder);
        const told = JSON.parse(await readFile(environmentFile(dataFolder), 'utf8')) as Told;
        await instance.stop();
        whole = Math.min(whole, instance.startSeconds);
        const alone = await aloneSeconds(dataFolder, told);
        if (parts === null || sumOf(alone) < sumOf(parts)) parts = alone;
      }
      const alone = parts ?? {};
      const ratio = whole / sumOf(alone);
      const named = Object.entries(alone).map(
        ([name, s]) => [`${name} alone, seconds`, s] as const,
      );
      return {
        ratios: { 'start to ready ÷ parts alone': ratio },
        figures: { 'warm start, seconds': whole, ...Object.fromEntries(named) },
        broken: ratio > MOST ? [`a start takes more than ${MOST} times its parts`] : [],
      };
    }),
};
