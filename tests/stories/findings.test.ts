/**
 * A finding's story: the books are looked over, what was never billed is billed by a decision of two people, and the next
 * look closes it by itself, with the money that it made. What leaves the house happens once and stands on the finding.
 */
import { expect, it } from 'vitest';
import { connectedSystemsOf } from '../../activities/index.ts';
import { createHubSpotCrm } from '../../connectors/crm/hubspot/crm.ts';
import {
  lookOverBooks,
  startBillRun,
  startFindingFix,
} from '../../connectors/temporal/lifecycles.ts';
import {
  addFindingQuestion,
  crmNotesOf,
  findingEventsOf,
  findingName,
  getFact,
  getFinding,
  invoicesOfContract,
  keepConnectedSystems,
  lastFindingPass,
  listFindingChecks,
  listRunItems,
  openFindings,
  outsideStandings,
} from '../../db/index.ts';
import { addDays, addMonths, startOfMonth } from '../../domain/dates/dates.ts';
import {
  billRunWorkflowId,
  findingFixId,
  findingQuestionKey,
  findingRunName,
  RECONCILIATION_ID,
  TASK_QUEUES,
} from '../../workflows/ids.ts';
import {
  type FindingFix,
  runApprove,
  runSubmit,
  WORKFLOW_TYPES,
} from '../../workflows/messages.ts';
import { HubSpotServer, TOKEN } from '../connectors/crm/hubspot-server.ts';
import { useTimeSkipping } from '../infrastructure/engines.ts';
import { acme } from './companies.ts';
import { bookOf, CHECKER, createWorld, MAKER, type World } from './world.ts';

const timeSkipping = useTimeSkipping('test');

/** Looks and waits until the look that was asked for has come to its end. */
async function look({ db, client, eventually }: World): Promise<void> {
  const before = (await lastFindingPass(db))?.id ?? 0;
  await lookOverBooks(client, 'demand');
  await eventually('a look', async () => ((await lastFindingPass(db))?.id ?? 0) > before);
  await client.workflow.getHandle(RECONCILIATION_ID).result();
}

const unbilled = async ({ db }: World) =>
  (await openFindings(db)).filter(({ rule }) => rule === 'unbilled');

async function fixed(world: World, finding: number, request: string, fix: FindingFix) {
  const { client } = world;
  const key = findingFixId(findingName(finding), request);
  const args = { key, finding, fix, actor: MAKER, reason: 'found by the look' };
  await startFindingFix(client, args);
  await startFindingFix(client, args);
  await client.workflow.getHandle(key).result();
  return key;
}

it('is found, billed by two people, and closes by itself', async (context) => {
  const env = timeSkipping(context);
  const today = new Date(await env.currentTimeMs()).toISOString().slice(0, 10);
  const start = addMonths(startOfMonth(today), -2);
  const end = addDays(addMonths(start, 12), -1);
  const license = { license: 'L-OLD', account: 'A-1', subcontract: 'C-1001/1', sku: 'CAD' };
  const book = bookOf({
    licenses: [
      {
        ...license,
        seats: '1',
        kind: 'full',
        state: 'suspended',
        validFrom: start,
        validThrough: end,
      },
    ],
  });
  const world = await createWorld(env, { ...acme({ start, end }), licenses: book.licenses });
  const { db, client, eventually } = world;
  try {
    await look(world);
    await world.saveHistory(RECONCILIATION_ID, 'reconciliation-looked');
    const [first, second] = await unbilled(world);
    if (first === undefined || second === undefined) throw new Error('two are found');
    expect([first.openMinor, second.openMinor]).toEqual([120_000, 120_000]);

    const name = findingName(first.number);
    const run = findingRunName(today.slice(0, 7), name);
    const subject = first.subcontract ?? '';
    const only = { contract: 'C-1001', account: 'A-1', subject, periodStart: start };
    await startBillRun(client, { run, runOn: today, clock: null, startedBy: MAKER, only });
    const handle = client.workflow.getHandle(billRunWorkflowId(run));
    // Asked while it is being computed: it waits for that.
    const { shownHash } = await handle.executeUpdate(runSubmit, { args: [MAKER] });
    expect(await listRunItems(db, run)).toMatchObject([
      { kind: 'invoice', netMinor: 120_000, contract: 'C-1001' },
    ]);
    await expect(
      handle.executeUpdate(runApprove, { args: [{ shownHash }, MAKER] }),
    ).rejects.toMatchObject({ cause: { type: 'own-run' } });
    await handle.executeUpdate(runApprove, { args: [{ shownHash }, CHECKER] });
    const [invoice] = await eventually('its invoice', async () => {
      const all = await invoicesOfContract(db, 'C-1001');
      return all.length > 0 ? all : null;
    });
    expect(invoice).toMatchObject({ netMinor: 120_000, run });

    await client.workflow.execute(WORKFLOW_TYPES.reconciliation, {
      taskQueue: TASK_QUEUES.billing,
      workflowId: 'reconciliation-of-the-night',
      args: [{ cause: 'nightly' }],
    });
    // Closed by this look, or by the one that the run's end asked for.
    expect(await getFinding(db, first.number)).toMatchObject({
      state: 'resolved',
      openMinor: 0,
      recoveredMinor: 120_000,
    });
    expect((await unbilled(world)).map(({ number }) => number)).toEqual([second.number]);

    const question = findingQuestionKey(findingName(second.number), 'r-1');
    const asked = { recipient: 'owner@seller.example', askedBy: MAKER.user, askedOn: today };
    const words = 'Was the second one agreed?';
    await addFindingQuestion(db, { question, finding: second.number, words, ...asked });
    await fixed(world, second.number, 'r-1', { kind: 'ask-owner', question });
    const mail = await eventually('the question', async () =>
      world.mails.find(({ subject: line }) => line?.includes('Never billed')),
    );
    expect(mail?.text).toContain(words);
    expect(mail?.text).toContain('/answer/');

    const note = { kind: 'note-in-crm', account: 'A-1', contract: 'C-1001' } as const;
    const key = await fixed(world, second.number, 'r-2', {
      ...{ ...note, subject: 'Check the order', body: 'Two are ordered, one is billed.' },
    });
    await world.saveHistory(key, 'finding-fix-noted');
    expect(
      (await crmNotesOf(db, 'A-1')).filter(({ subject: of }) => of === 'Check the order'),
    ).toHaveLength(1);

    const on = { kind: 'set-license', license: 'L-OLD', state: 'enabled', reason: 'paid' } as const;
    await fixed(world, second.number, 'r-3', on);
    expect((await getFact(db, 'licenses', { license: 'L-OLD' }))?.state).toBe('enabled');
    await fixed(world, second.number, 'r-4', { ...on, license: 'L-NONE' });
    const events = await findingEventsOf(db, second.number);
    expect(events.map(({ kind }) => kind)).toEqual([
      'found',
      'asked',
      'written-to-crm',
      'license-switched',
      'fix-failed',
    ]);
    expect(events.at(-1)?.reason).toContain('L-NONE');
    expect(await getFinding(db, second.number)).toMatchObject({ state: 'new', openMinor: 120_000 });
  } finally {
    await world.end();
  }
});

it('reads the CRM, corrects a customer there unless somebody else did, and tells what it can not reach', async (context) => {
  const env = timeSkipping(context);
  const today = new Date(await env.currentTimeMs()).toISOString().slice(0, 10);
  const start = addMonths(startOfMonth(today), -2);
  const book = acme({ start, end: addDays(addMonths(start, 12), -1) });
  const hubspot = new HubSpotServer();
  hubspot.pageRows = 100;
  const [customer] = book.accounts;
  const there = { name: customer?.name ?? null, city: 'Elsewhere' };
  for (let id = 101; id <= 220; id += 1)
    hubspot.put('companies', String(id), id === 117 ? { ...there } : { name: `Company ${id}` });
  const world = await createWorld(
    env,
    { ...book, accounts: book.accounts.map((row) => ({ ...row, crmId: '117', city: 'Kiel' })) },
    {
      crm: createHubSpotCrm({
        ...{ origin: await hubspot.start(), token: TOKEN, own: {} },
        ...{ timeoutSeconds: 5, searchEveryMs: 0 },
        idOf: async () => '117',
        keepNote: () => Promise.reject(new Error('every account has an id there')),
      }),
    },
  );
  const { db } = world;
  const differing = async () =>
    (await openFindings(db)).filter(({ rule }) => rule === 'customer-differs-in-crm');
  const standing = async () => (await outsideStandings(db)).find(({ source }) => source === 'crm');
  try {
    await keepConnectedSystems(db, connectedSystemsOf(world.deps));
    // The second page breaks off once, and is gone on with.
    hubspot.meanwhile = () => {
      hubspot.meanwhile = () => {
        hubspot.meanwhile = () =>
          hubspot.faults.push({ status: 429, body: { policyName: 'SECONDLY' } });
      };
    };
    await look(world);
    await world.saveHistory(RECONCILIATION_ID, 'reconciliation-read-systems');
    expect((await standing())?.complete).toMatchObject({ system: 'hubspot', recordCount: 120 });
    const searches = hubspot.requests.filter((request) => request.includes('companies/search'));
    expect(searches).toHaveLength(3);
    const [found] = await differing();
    if (found === undefined) throw new Error('one differs');
    expect(found.told.sides.found[0]?.url).toContain('/4711/record/0-2/117');
    expect(found.told.evidence).toMatchObject({ fields: ['city'] });

    const fix = { kind: 'correct-customer', source: 'crm', customer: '117' } as const;
    const changes = { city: 'Kiel' };
    hubspot.put('companies', '117', { ...there, city: 'Lübeck' });
    await fixed(world, found.number, 'c-1', { ...fix, changes, expected: { city: 'Elsewhere' } });
    expect(hubspot.companies.get('117')?.properties.city).toBe('Lübeck');
    const [still] = await differing();
    expect(still?.told.sides.found[0]?.fields.city).toBe('Lübeck');

    const key = await fixed(world, found.number, 'c-2', {
      ...fix,
      changes,
      expected: { city: 'Lübeck' },
    });
    await world.saveHistory(key, 'finding-fix-corrected');
    expect(hubspot.companies.get('117')?.properties.city).toBe('Kiel');
    expect(await getFinding(db, found.number)).toMatchObject({ state: 'resolved' });
    const events = await findingEventsOf(db, found.number);
    expect(events.map(({ kind }) => kind)).toEqual([
      'found',
      'fix-failed',
      'corrected-outside',
      'closed',
    ]);
    expect(events[1]?.reason).toContain('city is Lübeck, it was Elsewhere');
    expect(events[2]?.details).toMatchObject({ words: 'city: Lübeck → Kiel' });

    hubspot.put('companies', '117', there);
    await hubspot.stop();
    await look(world);
    expect((await standing())?.failed).toMatchObject({
      reason: expect.stringContaining('HubSpot'),
    });
    const check = (await listFindingChecks(db)).find(
      ({ comparison }) => comparison === 'customer-differs-in-crm',
    );
    expect(check).toMatchObject({ checkedOn: (await standing())?.complete?.asOf });
    expect(check?.cause).toContain('hubspot could not be read');
    expect(await differing()).toEqual([]);
  } finally {
    await world.end();
    await hubspot.stop();
  }
});
