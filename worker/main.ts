/**
 * The process that hosts workflows and activities: configuration, connections, three task queues, the schedule, then the
 * lifecycles that the facts call for, batch by batch. Stops on SIGTERM or when its parent is gone, finishing what it has begun.
 */
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { connectedSystemsOf, createActivities, type Deps } from '../activities/index.ts';
import { installedAccounting } from '../connectors/accounting/installed.ts';
import {
  type Configuration,
  codecKeys,
  derivedKey,
  loadConfiguration,
  temporalConnectionOptions,
} from '../connectors/configuration.ts';
import { installedCrm } from '../connectors/crm/installed.ts';
import { installedIssuer, installedVault } from '../connectors/license/installed.ts';
import { publicLinks } from '../connectors/mail/links.ts';
import { createSmtpMailer } from '../connectors/mail/smtp.ts';
import { createStripeCollector } from '../connectors/payments/stripe/collector.ts';
import { connectTemporal, type TemporalClient } from '../connectors/temporal/client.ts';
import { createDataConverter } from '../connectors/temporal/codec.ts';
import { lookOverBooks } from '../connectors/temporal/lifecycles.ts';
import { registerSearchAttributes } from '../connectors/temporal/search-attributes.ts';
import { createViesRegister } from '../connectors/vies/register.ts';
import {
  addCrmNote,
  type Connection,
  connect,
  crmIdOf,
  isLookDue,
  keepConnectedSystems,
  plainKeys,
  replaceStoredKey,
  timeZoneFor,
} from '../db/index.ts';
import { createRenderPool } from '../documents/render-pool.ts';
import { TASK_QUEUES } from '../workflows/ids.ts';
import { workflowBundlePath } from './bundle.ts';
import { createLog, installRuntime } from './log.ts';
import { applySchedules } from './schedule.ts';
import { startLifecycles } from './start-lifecycles.ts';
import { beginAfterImports } from './watch-imports.ts';

/** Workflows kept in memory: about 0.4 MB each. */
const MAX_CACHED_WORKFLOWS = 400;
/** Each reads the database; more of them at once only wait for one another, past the five seconds a task has. */
const MAX_WORKFLOW_TASKS = 16;
/** What `perennial start` allows before it kills, less a little. */
const GRACE = { shutdownGraceTime: '6 seconds', shutdownForceTime: '9 seconds' } as const;

function createDeps(
  configuration: Configuration,
  database: Connection,
  { client }: TemporalClient,
): Deps {
  const { db } = database;
  const { HOST, PORT, PUBLIC_URL } = configuration;
  const publicUrl = (PUBLIC_URL ?? `http://${HOST}:${PORT}`).replace(/\/+$/, '');
  return {
    db,
    client,
    mailer: createSmtpMailer({
      url: configuration.SMTP_URL,
      tokenKey: derivedKey(configuration, 'mail'),
      bounceAddress: configuration.MAIL_BOUNCE_ADDRESS,
    }),
    renderPool: createRenderPool({ size: 1 }),
    issuer: installedIssuer(configuration),
    vault: installedVault(configuration),
    crm: installedCrm(configuration, {
      keepNote: (note) => addCrmNote(db, note),
      idOf: (account) => crmIdOf(db, account),
    }),
    ...(configuration.COMPARE_FROM === undefined
      ? {}
      : { compareFrom: configuration.COMPARE_FROM }),
    accounting: installedAccounting(configuration),
    ...(configuration.STRIPE_SECRET_KEY === undefined
      ? {}
      : {
          collector: createStripeCollector(
            configuration.STRIPE_SECRET_KEY,
            configuration.STRIPE_API_URL,
          ),
        }),
    ...(configuration.VIES_URL === undefined
      ? {}
      : { vatNumbers: createViesRegister({ url: configuration.VIES_URL, timeoutSeconds: 10 }) }),
    links: publicLinks(publicUrl, derivedKey(configuration, 'link')),
    mailFrom: configuration.MAIL_FROM,
  };
}

/** Keys from before they were sealed. */
async function sealPlainKeys({ db, vault }: Deps): Promise<void> {
  for (const { license, key } of await plainKeys(db))
    await replaceStoredKey(db, license, { key: vault.seal(key) });
}

async function createWorkers(
  configuration: Configuration,
  deps: Deps,
): Promise<{ workers: Worker[]; connection: NativeConnection }> {
  const connection = await NativeConnection.connect(temporalConnectionOptions(configuration));
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace: configuration.TEMPORAL_NAMESPACE,
    dataConverter: createDataConverter(codecKeys(configuration)),
    activities: createActivities(deps),
    ...GRACE,
  };
  const codePath = await workflowBundlePath(configuration.PERENNIAL_DATA);
  const workers = [
    await Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.billing,
      workflowBundle: { codePath },
      maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
      maxConcurrentWorkflowTaskExecutions: MAX_WORKFLOW_TASKS,
      maxConcurrentActivityTaskExecutions: 8,
    }),
    await Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.documents,
      maxConcurrentActivityTaskExecutions: 2,
    }),
    await Worker.create({
      ...common,
      taskQueue: TASK_QUEUES.mail,
      maxConcurrentActivityTaskExecutions: 4,
    }),
  ];
  return { workers, connection };
}

/** What the facts call for is started while the worker serves already: a first start has hundreds of contracts. */
async function beginLifecycles(
  { db }: Connection,
  { client }: TemporalClient,
  log: Logger,
  signal: AbortSignal,
  isFirst: boolean,
): Promise<void> {
  const steps = new Set<number>();
  const onProgress = (begun: number, all: number) => {
    const tenth = Math.floor((10 * begun) / all);
    if (!steps.has(tenth)) log.info({ begun, all }, 'lifecycles are being started');
    steps.add(tenth);
  };
  // What came in, before this start or by an import, is compared at once and not first at night.
  if (!isFirst || (await isLookDue(db))) await lookOverBooks(client, 'import');
  const started = await startLifecycles(db, client, { signal, onProgress });
  log.info(started, 'lifecycles are running');
}

function untilStopped(workers: readonly Worker[]): AbortSignal {
  const stopping = new AbortController();
  const stop = () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    for (const worker of workers) worker.shutdown();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  process.on('disconnect', stop);
  return stopping.signal;
}

async function main(): Promise<void> {
  const configuration = loadConfiguration();
  const log = createLog(configuration.LOG_LEVEL);
  installRuntime(log, configuration.WORKER_METRICS_ADDRESS);
  const database = connect(configuration.DATABASE_URL, {
    max: configuration.DATABASE_POOL_SIZE,
    applicationName: 'perennial-worker',
  });
  const temporal = await connectTemporal(configuration);
  await registerSearchAttributes(temporal.client.connection, configuration.TEMPORAL_NAMESPACE);
  const deps = createDeps(configuration, database, temporal);
  await sealPlainKeys(deps);
  await keepConnectedSystems(database.db, connectedSystemsOf(deps));
  const { workers, connection } = await createWorkers(configuration, deps);
  const stopping = untilStopped(workers);
  const running = Promise.all(workers.map((worker) => worker.run()));
  const accountingPays = deps.accounting.seenPayments !== undefined;
  await applySchedules(temporal.client, await timeZoneFor(database.db, {}), accountingPays);
  process.send?.({ ready: true });
  log.info({ namespace: configuration.TEMPORAL_NAMESPACE }, 'the worker is ready');
  // A failure ends the process, as any other of a start does: what starts it again tries it again.
  let isFirst = true;
  const begun = beginAfterImports(database.db, {
    signal: stopping,
    begin: async () => {
      await beginLifecycles(database, temporal, log, stopping, isFirst);
      isFirst = false;
    },
    warn: (err) => log.warn({ err }, 'lifecycles of an import are not begun yet'),
  });
  await Promise.all([running, begun]);
  await deps.renderPool.close();
  deps.mailer.close();
  await connection.close();
  await temporal.close();
  await database.close();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
