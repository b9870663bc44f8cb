/** A small company on the dev server with the worker as a process of its own, which a test may kill. */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { loadConfiguration } from '../../connectors/configuration.ts';
import { connectTemporal } from '../../connectors/temporal/client.ts';
import { startBillRun } from '../../connectors/temporal/lifecycles.ts';
import { connect, type Connection as Database, getRun, importBook } from '../../db/index.ts';
import { addDays, addMonths } from '../../domain/dates/dates.ts';
import { billRunWorkflowId, contractWorkflowId } from '../../workflows/ids.ts';
import {
  contractStateQuery,
  runApprove,
  runProgress,
  runSubmit,
} from '../../workflows/messages.ts';
import { sharedBundlePath } from '../infrastructure/engines.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { type MailSink, type MailSinkOptions, startMailSink } from '../infrastructure/mail-sink.ts';
import { openFolder } from '../infrastructure/open-folder.ts';
import { createTestDatabase, devServerAddress } from '../infrastructure/servers.ts';
import { ended, startWorkerProcess, workerEnvironment } from '../infrastructure/worker-process.ts';
import { acme } from '../stories/companies.ts';
import { CHECKER, MAKER } from '../stories/world.ts';

/** This month's run and terms that begin in its second month after: billed by it, and by no earlier one. */
const MONTH = new Date().toISOString().slice(0, 7);
const START = addMonths(`${MONTH}-01`, 2);

/** Before a worker that did not come up is begun anew. */
const PAUSE_MS = 500;

export interface Plant {
  readonly database: Database;
  readonly client: Client;
  readonly sink: MailSink;
  readonly run: string;
  readonly contracts: readonly string[];
  startWorker(): Promise<ChildProcess>;
  /** The worker begins contracts after it is ready: whether this one waits for a person, once it lives. */
  needsAttention(contract: string): Promise<string | null>;
  /** Computes, submits and approves the month's run; its documents are being issued when this returns. */
  approve(): Promise<void>;
  issued(): Promise<void>;
  end(): Promise<void>;
}

export interface PlantOptions {
  readonly contracts?: number;
  /** Customers that the contracts are dealt out among; default one. */
  readonly accounts?: number;
  /** Default: a database of the shared server. */
  readonly databaseUrl?: string;
  readonly mail?: MailSinkOptions;
}

/** The dev server is shared: what this company's processes would still do must not meet the next one. */
export async function ownNamespace(address: string, name = 'plant'): Promise<string> {
  const namespace = `${name}-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  const workflowExecutionRetentionPeriod = msToTs('1 day');
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod,
  });
  await connection.close();
  return namespace;
}

export async function createPlant(options: PlantOptions = {}): Promise<Plant> {
  const dataFolder = openFolder('faults');
  // Its workers find the workflows bundled, as on a warm start.
  const bundle = await sharedBundlePath();
  await mkdir(join(dataFolder, 'bundles'));
  await copyFile(bundle, join(dataFolder, 'bundles', basename(bundle)));
  const databaseUrl = options.databaseUrl ?? (await createTestDatabase());
  const temporalAddress = await devServerAddress();
  const sink = await startMailSink(options.mail);
  const namespace = await ownNamespace(temporalAddress);
  const env = {
    ...workerEnvironment({ databaseUrl, temporalAddress, smtpUrl: sink.url, dataFolder }),
    TEMPORAL_NAMESPACE: namespace,
  };
  const database = connect(databaseUrl, { max: 4 });
  const { db } = database;
  const { contracts = 1, accounts = 1 } = options;
  // In real time and on any day: this seller's mail leaves on weekends too.
  const term = { start: START, end: addDays(addMonths(START, 36), -1) };
  const book = acme({ ...term, contracts, accounts, holidays: 'weekend=none' });
  await importBook(db, book, { importId: 'faults', actor: MAKER });
  const temporal = await connectTemporal(loadConfiguration(env));
  const { client } = temporal;
  const workers: ChildProcess[] = [];
  let over = false;
  /**
   * A worker that ends by itself is started again, as by the product's supervisor: the database's driver may throw out of a
   * timer when its server vanishes, and going on after that would not be safe. Who is killed is not. Nor does one come up
   * while the database is away: it is begun anew, as there.
   */
  const startWorker = async () => {
    const child = await startWorkerProcess(env);
    workers.push(child);
    if (over) child.kill('SIGKILL');
    child.once('exit', (code) => {
      if (code !== null) void startAgain();
    });
    return child;
  };
  const startAgain = async () => {
    while (!over)
      try {
        await startWorker();
        return;
      } catch {
        // It says why on its own output; what a test waits for tells whether one ever came up.
        await new Promise((done) => setTimeout(done, PAUSE_MS));
      }
  };
  const run = MONTH;
  return {
    database,
    client,
    sink,
    run,
    contracts: book.contracts.map(({ contract }) => contract),
    startWorker,
    needsAttention: async (contract) => {
      const handle = client.workflow.getHandle(contractWorkflowId(contract));
      const state = await eventually(`contract ${contract}`, () =>
        handle.query(contractStateQuery).catch((error: unknown) => {
          if (error instanceof WorkflowNotFoundError) return null;
          throw error;
        }),
      );
      return state.needsAttention;
    },
    approve: async () => {
      await startBillRun(client, { run, runOn: `${run}-15`, clock: null, startedBy: MAKER });
      const handle = client.workflow.getHandle(billRunWorkflowId(run));
      const inReview = async () => (await handle.query(runProgress)).state === 'in review';
      await eventually('a run in review', inReview);
      const { shownHash } = await handle.executeUpdate(runSubmit, { args: [MAKER] });
      await handle.executeUpdate(runApprove, { args: [{ shownHash }, CHECKER] });
    },
    issued: async () => {
      await eventually('an issued run', async () => (await getRun(db, run))?.state === 'issued');
    },
    end: async () => {
      over = true;
      for (const child of workers) child.kill('SIGKILL');
      await Promise.all(workers.map(ended));
      await temporal.close();
      await database.close();
      await sink.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
