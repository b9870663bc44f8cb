/** What happens by the calendar: the schedules as the product makes them, on the real engine, with a real worker. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Deps } from '../../activities/deps.ts';
import { findingSteps } from '../../activities/finding-steps.ts';
import { createBuiltInAccounting } from '../../connectors/accounting/built-in/accounting.ts';
import { createBuiltInCrm } from '../../connectors/crm/built-in/crm.ts';
import {
  connect,
  type Connection as Database,
  importBook,
  lastFindingPass,
} from '../../db/index.ts';
import { applySchedules } from '../../worker/schedule.ts';
import { RECONCILIATION_ID, RECONCILIATION_SCHEDULE_ID, TASK_QUEUES } from '../../workflows/ids.ts';
import { sharedBundlePath } from '../infrastructure/engines.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { createTestDatabase, devServerAddress } from '../infrastructure/servers.ts';
import { smallBook } from './api/fixture.ts';

/** Nothing is connected: the night has nothing to read, and looks. */
const NONE_CONNECTED: Pick<Deps, 'accounting' | 'crm'> = {
  accounting: createBuiltInAccounting(),
  crm: createBuiltInCrm(async () => null),
};

let database: Database;
let connection: Connection;
let client: Client;
const namespace = `schedule-${randomUUID()}`;

beforeAll(async () => {
  database = connect(await createTestDatabase(), { max: 4 });
  const actor = { user: 'ada', role: 'admin' };
  await importBook(database.db, smallBook(), { importId: 'test', actor });
  // The dev server is shared: a schedule of a namespace of its own meets no other test's worker.
  connection = await Connection.connect({ address: await devServerAddress() });
  const workflowExecutionRetentionPeriod = msToTs('1 day');
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod,
  });
  client = new Client({ connection, namespace });
});
afterAll(async () => {
  for await (const { scheduleId } of client.schedule.list())
    await client.schedule.getHandle(scheduleId).delete();
  await connection?.close();
  await database?.close();
});

it('looks over the books at two in the night, in the seller’s time zone, and records the look', async () => {
  await applySchedules(client, 'Europe/Berlin');
  // Every start of a worker applies them again.
  await applySchedules(client, 'Europe/Berlin');
  const schedule = client.schedule.getHandle(RECONCILIATION_SCHEDULE_ID);
  const { info, state, action } = await schedule.describe();
  expect(state.paused).toBe(false);
  expect(action).toMatchObject({ workflowId: RECONCILIATION_ID, taskQueue: TASK_QUEUES.billing });
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', timeStyle: 'short' });
  expect(new Set(info.nextActionTimes.map((at) => clock.format(at)))).toEqual(new Set(['02:00']));
  expect(info.nextActionTimes.length).toBeGreaterThan(1);

  const native = await NativeConnection.connect({ address: await devServerAddress() });
  const worker = await Worker.create({
    ...{ connection: native, namespace, taskQueue: TASK_QUEUES.billing },
    workflowBundle: { codePath: await sharedBundlePath() },
    activities: findingSteps(
      { ...NONE_CONNECTED, db: database.db, client } as unknown as Deps,
      {} as Parameters<typeof findingSteps>[1],
    ),
  });
  try {
    await worker.runUntil(async () => {
      expect(await lastFindingPass(database.db)).toBeNull();
      await schedule.trigger();
      const pass = await eventually('a nightly look', () => lastFindingPass(database.db));
      expect(pass).toMatchObject({ cause: 'nightly' });
      await eventually('its end', async () => {
        const [last] = (await schedule.describe()).info.recentActions;
        if (last === undefined) return false;
        const { workflowId, firstExecutionRunId } = last.action.workflow;
        expect(workflowId.startsWith(RECONCILIATION_ID)).toBe(true);
        const run = client.workflow.getHandle(workflowId, firstExecutionRunId);
        return (await run.describe()).status.name === 'COMPLETED';
      });
    });
  } finally {
    await native.close();
  }
});
