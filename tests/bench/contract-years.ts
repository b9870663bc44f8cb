/**
 * Contract years lived per second on the dev server (a rehearsal: billed, mailed, paid, licensed), against processes of
 * the same shape whose steps do nothing: the part of the time that is the engine's own.
 */
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { startContract, startPayment } from '../../connectors/temporal/lifecycles.ts';
import { advanceRehearsal } from '../../connectors/temporal/test-clock.ts';
import {
  advanceClock,
  copyAccounts,
  createClock,
  getClock,
  getRun,
  invoicesOfContract,
  licensesOf,
  recordPayment,
} from '../../db/index.ts';
import { devServerAddress } from '../infrastructure/servers.ts';
import { billableActions } from '../stories/billable-actions.ts';
import { acme } from '../stories/companies.ts';
import { CHECKER, createWorld, MAKER, type World } from '../stories/world.ts';
import { emptyLife, type Shape, signalled, updated } from './empty-life/workflow.ts';
import { type Section, secondsOf } from './section.ts';

const CONTRACTS = 16;
const CLOCK = 'BENCH';
const QUEUE = 'bench-empty';
/** As many processes at a time as a rehearsal asks. */
const AT_A_TIME = 8;

async function advance({ db, client }: World, to: string): Promise<void> {
  const record = {
    today: async () => (await getClock(db, CLOCK))?.today ?? '',
    moveTo: async (day: string) => {
      await advanceClock(db, CLOCK, day);
    },
    runState: async (run: string) => (await getRun(db, run))?.state ?? null,
  };
  const deciders = { maker: MAKER, checker: CHECKER };
  const { arrived } = await advanceRehearsal(client, CLOCK, record, to, { deciders });
  if (!arrived) throw new Error(`the rehearsal did not get to ${to}`);
}

/** All contracts are billed on the 15th of February, pay on the 20th, and live to the end of the year. */
async function liveYear(world: World, contracts: readonly string[]): Promise<void> {
  const { db, client } = world;
  for (const contract of contracts) await startContract(client, { contract, clock: CLOCK });
  await advance(world, '2027-02-20');
  for (const contract of contracts)
    for (const { invoice, account, totalMinor } of await invoicesOfContract(db, contract)) {
      const payment = `manual:${invoice}`;
      const money = { amountMinor: totalMinor, currency: 'EUR', reference: invoice };
      await recordPayment(db, { payment, account, receivedOn: '2027-02-20', ...money });
      await startPayment(client, { payment, clock: CLOCK });
    }
  await advance(world, '2028-01-31');
}

/** What each process of the year did, for its empty double. */
async function shapesOf(client: Client): Promise<Shape[]> {
  const shapes: Shape[] = [];
  for await (const { workflowId, runId } of client.workflow.list({
    query: `TestClock = '${CLOCK}'`,
  })) {
    const { byKind } = billableActions(
      await client.workflow.getHandle(workflowId, runId).fetchHistory(),
    );
    shapes.push({
      signals: byKind.signal ?? 0,
      updates: byKind.update ?? 0,
      activities: byKind.activity ?? 0,
      localTasks: byKind['local activities'] ?? 0,
    });
  }
  return shapes;
}

async function liveEmpty(client: Client, shape: Shape, n: number): Promise<void> {
  const handle = await client.workflow.start(emptyLife, {
    taskQueue: QUEUE,
    workflowId: `bench-empty:${n}`,
    args: [shape],
  });
  for (let sent = 0; sent < shape.signals; sent += 1) await handle.signal(signalled);
  for (let sent = 0; sent < shape.updates; sent += 1) await handle.executeUpdate(updated);
  await handle.result();
}

async function emptySeconds(
  env: TestWorkflowEnvironment,
  shapes: readonly Shape[],
): Promise<number> {
  const workflowsPath = fileURLToPath(new URL('empty-life/workflow.ts', import.meta.url));
  const logger = new DefaultLogger('ERROR');
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: QUEUE,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }),
    activities: { nothing: async () => {} },
    shutdownGraceTime: '2s',
  });
  return worker.runUntil(() =>
    secondsOf(async () => {
      for (let at = 0; at < shapes.length; at += AT_A_TIME)
        await Promise.all(
          shapes.slice(at, at + AT_A_TIME).map((shape, n) => liveEmpty(env.client, shape, at + n)),
        );
    }),
  );
}

export const contractYears: Section = {
  name: 'contract-years',
  what: 'contract years lived per second, against the same processes with empty steps',
  measure: async () => {
    const address = await devServerAddress();
    const env = await TestWorkflowEnvironment.createFromExistingServer({ address });
    const book = acme({ start: '2027-04-01', end: '2030-03-31', contracts: CONTRACTS });
    const world = await createWorld(env, book);
    const { db, client } = world;
    let yearSeconds: number;
    let paid = 0;
    let shapes: Shape[];
    try {
      await createClock(db, { clock: CLOCK, today: '2027-02-01' });
      const copy = { clock: CLOCK, prefix: 'BENCH-', accounts: ['A-1'] };
      const { contracts } = await copyAccounts(db, copy);
      yearSeconds = await secondsOf(() => liveYear(world, contracts));
      for (const contract of contracts)
        paid += (await licensesOf(db, { contract })).some(({ kind }) => kind === 'full') ? 1 : 0;
      shapes = await shapesOf(client);
    } finally {
      await world.end();
    }
    const engineSeconds = await emptySeconds(env, shapes);
    await env.teardown();
    return {
      ratios: { fullPerEmpty: engineSeconds / yearSeconds },
      figures: {
        contractYears: CONTRACTS,
        processes: shapes.length,
        contractYearsPerSecond: CONTRACTS / yearSeconds,
        emptyContractYearsPerSecond: CONTRACTS / engineSeconds,
      },
      broken: paid === CONTRACTS ? [] : [`${paid} of ${CONTRACTS} contracts got their licenses`],
    };
  },
};
