/** Licenses follow the money: dated stories of grace and of a payment that is taken back. */
import { afterEach, expect, it } from 'vitest';
import {
  reversePayment,
  startPayment,
  updatePayment,
} from '../../connectors/temporal/lifecycles.ts';
import {
  crmNotesOf,
  getContractState,
  getLicense,
  getPayment,
  licensesOf,
  licensesSwitchedOff,
  licenseTransitionsOf,
  recordPayment,
  timelineOf,
} from '../../db/index.ts';
import { contractWorkflowId, renewalKey } from '../../workflows/ids.ts';
import {
  contractDecideRenewal,
  contractGrantGrace,
  contractReissue,
  paymentAllocate,
  paymentExchange,
} from '../../workflows/messages.ts';
import { useTimeSkipping } from '../infrastructure/engines.ts';
import { beginTerm, billMonth, invoiceOf, receive } from './telling.ts';
import type { World } from './world.ts';

const SUPPORT = { user: 'sue@seller.example', role: 'support' };
const CONTRACT = 'C-1001';

// The time-skipping server knows no second world: each story has a server of its own.
const timeSkipping = useTimeSkipping('test');
let world: World | undefined;
afterEach(async () => {
  await world?.end();
  world = undefined;
});

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
  const begun = await beginTerm(timeSkipping(context), 2, { subcontracts: 1 });
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

it('is full at once where money was there before the invoice: a payment that waits and kept credit', async (context) => {
  const begun = await beginTerm(timeSkipping(context), 2, { subcontracts: 1 });
  ({ world } = begun);
  const { year } = begun;
  const { db, client } = world;
  const on = `${year}-02-01`;
  // 10 × 120.00 and 19 % are 1,428.00, of which a part comes early and the rest is credit.
  const early = async (
    payment: string,
    amountMinor: number,
    { currency = 'EUR', reference }: { currency?: string; reference: string },
  ) => {
    const row = { account: 'A-1', receivedOn: on, currency, amountMinor, reference };
    await recordPayment(db, { payment, ...row });
    await startPayment(client, { payment, clock: null });
    await begun.world.eventually('a case', async () => {
      return (await getPayment(db, payment))?.state === 'review';
    });
  };
  await early('bank:1', 100_000, { reference: `next year of ${CONTRACT}` });
  await early('bank:2', 54_000, { currency: 'USD', reference: 'thanks' });
  const second = { payment: 'bank:2', clock: null };
  const from = { currency: 'USD', amountMinor: 54_000 };
  const to = { currency: 'EUR', amountMinor: 50_000 };
  const count = { from, to, reason: 'at 1.08' };
  const counted = await updatePayment(client, second, paymentExchange, [count, SUPPORT], 'count');
  expect(counted).toEqual(to);
  const keep = { lines: [], reason: 'they ordered' };
  await updatePayment(client, second, paymentAllocate, [keep, SUPPORT], 'keep');
  await billMonth(world, `${year}-02`);
  await licensed(world, `full ${year}-04-01 to ${year + 1}-03-31`);
  const { balanceMinor, state } = await invoiceOf(world, CONTRACT);
  expect([balanceMinor, state]).toEqual([0, 'paid']);
  const left = await Promise.all(['bank:1', 'bank:2'].map((one) => getPayment(db, one)));
  expect(left.reduce((sum, row) => sum + (row?.unappliedMinor ?? 0), 0)).toBe(150_000 - 142_800);
});

it('goes back to temporary when a payment is taken back, tells a person, and is full once paid again', async (context) => {
  const begun = await beginTerm(timeSkipping(context), 2, { subcontracts: 1 });
  ({ world } = begun);
  const { year } = begun;
  const { db, client, mails } = world;
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
  // Whoever looks after the account gets a mail of their own: what happened, and no key.
  const told = await world.eventually('a mail to the account’s owner', async () =>
    mails.find(({ to }) => JSON.stringify(to).includes('owner@seller.example')),
  );
  expect(told.subject).toBe('Needs attention: A payment of Acme Engineering AG was taken back');
  expect(told.text).toContain(`https://billing.seller.example/contracts/${CONTRACT}`);
  expect(told.text).not.toContain('key/');
  await pay(world, 'bank:2', `${year}-06-20`);
  await licensed(world, full);
  expect(await licensesSwitchedOff(db, `${year}-06-20`)).toEqual([]);
  await leak(world, `${year}-06-20`);
  await keepsKeysOut(world);
});

/** A key that leaked: another of the same dates takes its place, and the leaked one is on the list. */
async function leak(story: World, today: string): Promise<void> {
  const { db, client, mails } = story;
  const [before] = (await licensesOf(db, { contract: CONTRACT })).filter(
    ({ state }) => state === 'enabled',
  );
  if (before === undefined) throw new Error('there is no license');
  const handle = client.workflow.getHandle(contractWorkflowId(CONTRACT));
  const reissue = (license: string, leaked: boolean) =>
    handle.executeUpdate(contractReissue, {
      args: [{ license, leaked, reason: 'posted in a forum' }, SUPPORT],
    });
  const lost = await reissue(before.license, false);
  expect(lost.license).toBe(before.license);
  const key = story.deps.vault.open(before.key);
  await story.eventually('the same key by mail again', async () => {
    const carrying = mails.filter(({ text }) => text?.includes(key));
    return carrying.length >= 2;
  });
  const { license } = await reissue(before.license, true);
  const after = await getLicense(db, license);
  const dates = { kind: 'full', validFrom: before.validFrom, validThrough: before.validThrough };
  expect(after).toMatchObject({ ...dates, state: 'enabled', issueNumber: 2 });
  expect(after?.fingerprint).not.toBe(before.fingerprint);
  const off = await licensesSwitchedOff(db, today);
  expect(off.map(({ fingerprint }) => fingerprint)).toEqual([before.fingerprint]);
  expect((await licenseTransitionsOf(db, before.license)).at(-1)).toMatchObject({
    action: 'revoke',
    cause: 'compromised',
    actor: SUPPORT.user,
    note: 'posted in a forum',
    replacedBy: license,
  });
  await expect(reissue(before.license, true)).rejects.toMatchObject({
    cause: { type: 'license-not-current' },
  });
  const fresh = story.deps.vault.open(after?.key ?? '');
  await story.eventually('the new key by mail', async () =>
    mails.some(({ text }) => text?.includes(fresh)),
  );
}

/** No key in a history, the timeline, the audit trail, the CRM or the record: mails to the customer alone carry them. */
async function keepsKeysOut({ db, client, deps }: World): Promise<void> {
  const rows = await licensesOf(db, { contract: CONTRACT });
  const signatures = rows.map(({ key }) => deps.vault.open(key).split('.')[1] ?? '');
  expect(signatures.length).toBeGreaterThan(3);
  const history = await client.workflow.getHandle(contractWorkflowId(CONTRACT)).fetchHistory();
  const payloads: string[] = [];
  const collect = (value: unknown): void => {
    if (value instanceof Uint8Array) payloads.push(Buffer.from(value).toString('utf8'));
    else if (typeof value === 'string') payloads.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  collect(history.events);
  const told = JSON.stringify([
    payloads,
    await timelineOf(db, { contract: CONTRACT }),
    await crmNotesOf(db, 'A-1'),
    await db.execute('select * from audit_events'),
    await db.execute('select * from mails'),
    await db.execute('select * from effects'),
    rows,
  ]);
  // It does hold what a history is searched for, so a key in it would be found.
  for (const { license } of rows.slice(0, 2)) expect(told).toContain(license);
  for (const signature of signatures) expect(told.includes(signature)).toBe(false);
}

it('renews a year that began on 29 February through 27 February, and so on, by the calendar', async (context) => {
  const env = timeSkipping(context);
  const now = new Date(await env.currentTimeMs()).getUTCFullYear();
  const leap = [2, 3, 4, 5, 6, 7, 8, 9].map((n) => now + n).find((one) => one % 4 === 0) ?? 0;
  const term = { start: `${leap}-02-29`, end: `${leap + 1}-02-27`, subcontracts: 1 };
  ({ world } = await beginTerm(env, 1, term));
  await world.until(`${leap - 1}-12-14`);
  await billMonth(world, `${leap - 1}-12`);
  await pay(world, 'bank:1', `${leap - 1}-12-20`);
  await licensed(world, `full ${leap}-02-29 to ${leap + 1}-02-27`);
  await world.until(`${leap}-12-05`);
  const renewal = renewalKey(CONTRACT, `${leap + 1}-02-28`);
  const handle = world.client.workflow.getHandle(contractWorkflowId(CONTRACT));
  const answer = { renewal, decision: 'accept', on: `${leap}-12-06`, reason: null } as const;
  await handle.executeUpdate(contractDecideRenewal, { args: [answer, SUPPORT] });
  await world.until(`${leap}-12-14`);
  await billMonth(world, `${leap}-12`);
  await pay(world, 'bank:2', `${leap}-12-20`);
  await licensed(world, `full ${leap}-02-29 to ${leap + 2}-02-27`);
});
