/** Licenses follow the money: dated stories of grace and of a payment that is taken back. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { reversePayment } from '../../connectors/temporal/lifecycles.ts';
import {
  crmNotesOf,
  getContractState,
  licensesOf,
  licensesSwitchedOff,
  licenseTransitionsOf,
  timelineOf,
} from '../../db/index.ts';
import { contractWorkflowId } from '../../workflows/ids.ts';
import { contractGrantGrace } from '../../workflows/messages.ts';
import {
  createTimeSkipping,
  type TimeSkippingAnswer,
  tearDown,
  timeSkippingOrSkip,
} from '../infrastructure/servers.ts';
import { beginTerm, billMonth, invoiceOf, receive } from './telling.ts';
import type { World } from './world.ts';

const SUPPORT = { user: 'sue@seller.example', role: 'support' };
const CONTRACT = 'C-1001';

let time: TimeSkippingAnswer;
let world: World | undefined;
beforeAll(async () => {
  time = await createTimeSkipping();
});
afterEach(async () => {
  await world?.end();
  world = undefined;
  await tearDown(time);
  time = await createTimeSkipping();
});
afterAll(() => tearDown(time));

/** The license in force, once it is the one that the story says. */
async function licensed(story: World, what: string): Promise<void> {
  await story.eventually(what, async () => {
    const rows = await licensesOf(story.db, { contract: CONTRACT });
    const enabled = rows.filter(({ state }) => state === 'enabled');
    const words = enabled.map((row) => `${row.kind} ${row.validFrom} to ${row.validThrough}`);
    return words.length === 1 && words[0] === what;
  });
}

const pay = async (story: World, payment: string, on: string) => {
  const { invoice, balanceMinor } = await invoiceOf(story, CONTRACT);
  await receive(story, { payment, on, amountMinor: balanceMinor, reference: invoice });
};

it('lets nobody be cut off while billing is delayed, and longer where support says so', async (context) => {
  const begun = await beginTerm(timeSkippingOrSkip(time, context), 2, { subcontracts: 1 });
  ({ world } = begun);
  const { year } = begun;
  const { db, client } = world;
  // Nobody ran the bills: on the first day there is a temporary license, and it is extended.
  await world.until(`${year}-04-01`);
  await licensed(world, `temporary ${year}-04-01 to ${year}-04-30`);
  await world.until(`${year}-04-24`);
  await licensed(world, `temporary ${year}-04-01 to ${year}-05-30`);
  // Invoiced on 14 May, due on 13 June, so the grace ends on 13 July.
  await world.until(`${year}-05-14`);
  await billMonth(world, `${year}-05`);
  const { dueOn } = await invoiceOf(world, CONTRACT);
  expect(dueOn.slice(0, 7)).toBe(`${year}-06`);
  await world.until(`${year}-05-25`);
  const handle = client.workflow.getHandle(contractWorkflowId(CONTRACT));
  const grant = (through: string) =>
    handle.executeUpdate(contractGrantGrace, {
      args: [{ subcontract: null, through, reason: 'their merger takes time' }, SUPPORT],
    });
  await expect(grant(`${year}-12-31`)).rejects.toMatchObject({ cause: { type: 'grace-limit' } });
  await expect(grant(`${year}-06-01`)).rejects.toMatchObject({
    cause: { type: 'grace-not-needed' },
  });
  await grant(`${year}-08-20`);
  await licensed(world, `temporary ${year}-04-01 to ${year}-08-20`);
  const timeline = await timelineOf(db, { contract: CONTRACT });
  expect(timeline.map(({ words }) => words)).toContain(
    `Grace through ${year}-08-20 for what is unpaid: their merger takes time`,
  );
  await world.eventually('a note of it in the CRM', async () =>
    (await crmNotesOf(db, 'A-1')).some(({ body }) => body.includes('their merger takes time')),
  );
  const [granted] = await licensesOf(db, { contract: CONTRACT });
  expect(await licenseTransitionsOf(db, granted?.license ?? '')).toMatchObject([
    { action: 'issue', actor: SUPPORT.user, note: 'their merger takes time' },
  ]);
  // The reminders' last step does not switch off what a person granted; nothing extends it either.
  await world.until(`${year}-08-19`);
  await licensed(world, `temporary ${year}-04-01 to ${year}-08-20`);
  await world.until(`${year}-08-25`);
  await pay(world, 'bank:1', `${year}-08-26`);
  await licensed(world, `full ${year}-04-01 to ${year + 1}-03-31`);
});

it('goes back to temporary when a payment is taken back, and tells a person', async (context) => {
  const begun = await beginTerm(timeSkippingOrSkip(time, context), 2, { subcontracts: 1 });
  ({ world } = begun);
  const { year } = begun;
  const { db, client } = world;
  await billMonth(world, `${year}-02`);
  await world.until(`${year}-02-24`);
  await pay(world, 'bank:1', `${year}-02-25`);
  const full = `full ${year}-04-01 to ${year + 1}-03-31`;
  await licensed(world, full);
  const [first] = await licensesOf(db, { contract: CONTRACT });
  await world.until(`${year}-06-08`);
  const { totalMinor } = await invoiceOf(world, CONTRACT);
  await reversePayment(
    client,
    { payment: 'bank:1', clock: null },
    { event: 'evt_1', on: `${year}-06-09`, amountMinor: totalMinor, reason: 'charged back' },
  );
  await licensed(world, `temporary ${year}-04-01 to ${year}-07-09`);
  // The key that is out says more than is owed, so software finds it on the list.
  const off = await licensesSwitchedOff(db, `${year}-06-09`);
  expect(off).toEqual([{ fingerprint: first?.fingerprint, state: 'revoked', on: `${year}-06-09` }]);
  await world.eventually('a person to be told', async () =>
    (await getContractState(db, CONTRACT))?.needsAttention?.includes('was taken back'),
  );
});
