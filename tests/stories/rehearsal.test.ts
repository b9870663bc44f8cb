/** A year on a test clock, on the dev server as `perennial start` has it: nobody waits for real days. */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { startContract } from '../../connectors/temporal/lifecycles.ts';
import { advanceRehearsal } from '../../connectors/temporal/test-clock.ts';
import {
  advanceClock,
  copyAccounts,
  createClock,
  getClock,
  getRun,
  invoicesOfContract,
  licensesOf,
  mailsOf,
} from '../../db/index.ts';
import { devServerAddress } from '../infrastructure/servers.ts';
import { acme } from './companies.ts';
import { CHECKER, createWorld, MAKER } from './world.ts';

it('lives a year in order: bills, reminds, suspends, lapses', async () => {
  const address = await devServerAddress();
  const env = await TestWorkflowEnvironment.createFromExistingServer({ address });
  const world = await createWorld(env, acme({ start: '2027-04-01', end: '2028-03-31' }));
  const { db, client } = world;
  try {
    await createClock(db, { clock: 'DEMO', today: '2027-02-01' });
    const { contracts } = await copyAccounts(db, {
      clock: 'DEMO',
      prefix: 'DEMO-',
      accounts: ['A-1'],
    });
    for (const contract of contracts) await startContract(client, { contract, clock: 'DEMO' });
    const days: string[] = [];
    const record = {
      today: async () => (await getClock(db, 'DEMO'))?.today ?? '',
      moveTo: async (day: string) => {
        await advanceClock(db, 'DEMO', day);
      },
      runState: async (run: string) => (await getRun(db, run))?.state ?? null,
    };
    const advance = await advanceRehearsal(client, 'DEMO', record, '2028-05-15', {
      deciders: { maker: MAKER, checker: CHECKER },
      onDay: (day) => days.push(day),
    });
    expect(advance).toEqual({ today: '2028-05-15', arrived: true, waitsForRun: null });
    expect(days).toEqual([...days].sort());
    const invoices = await invoicesOfContract(db, 'DEMO-C-1001');
    expect(invoices.map(({ issuedOn, reminderStage }) => [issuedOn, reminderStage])).toEqual([
      ['2027-02-15', 6],
    ]);
    const sent = (await mailsOf(db, { account: 'DEMO-A-1' })).map(
      ({ kind, sentOn }) => `${sentOn} ${kind}`,
    );
    expect(sent.sort()).toMatchInlineSnapshot(`
      [
        "2027-02-15 invoice",
        "2027-03-10 reminder",
        "2027-03-18 reminder",
        "2027-03-31 key",
        "2027-04-01 reminder",
        "2027-04-16 reminder",
      ]
    `);
    const licenses = await licensesOf(db, { contract: 'DEMO-C-1001' });
    expect(licenses.map(({ kind, state }) => `${kind} ${state}`)).toMatchInlineSnapshot(`
      [
        "temporary suspended",
        "temporary suspended",
      ]
    `);
  } finally {
    await world.end();
    await env.teardown();
  }
});
