/** What a company depends on goes away in the middle of a run: the run waits, and goes on once it is back. */
import { rm } from 'node:fs/promises';
import postgres from 'postgres';
import { afterEach, expect, it } from 'vitest';
import { invoicesOfAccount, mailsOf } from '../../db/index.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { startMailSink } from '../infrastructure/mail-sink.ts';
import { openFolder } from '../infrastructure/open-folder.ts';
import { startOwnPostgres } from '../infrastructure/own-postgres.ts';
import { allIssuedAndMailedOnce, sentMails } from './once.ts';
import { createPlant, type Plant } from './plant.ts';

const CONTRACTS = 12;

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function begin(databaseUrl?: string): Promise<Plant> {
  const plant = await createPlant({
    contracts: CONTRACTS,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  });
  cleanUp.push(plant.end);
  await plant.startWorker();
  // While it still begins lifecycles, a worker that loses the database ends and leaves them to the next one.
  await Promise.all(plant.contracts.map(plant.needsAttention));
  return plant;
}

it('survives a database that crashes while documents are being issued', async () => {
  const folder = openFolder('faults');
  cleanUp.push(() => rm(folder, { recursive: true, force: true }));
  const server = await startOwnPostgres(folder);
  cleanUp.push(server.crash);
  const plant = await begin(server.url);
  const { db } = plant.database;
  // Each document is noted in its contract's timeline: held up there, few have numbers when the database goes.
  const holder = postgres(server.url, { max: 1 });
  cleanUp.push(() => holder.end({ timeout: 0 }));
  await holder.unsafe('begin; lock table timeline_events in exclusive mode');
  await plant.approve();
  const before = await eventually('a first number', async () => {
    return (await invoicesOfAccount(db, 'A-1')).length;
  });
  await server.crash();
  await new Promise((done) => setTimeout(done, 3_000));
  await server.start();
  expect(before).toBeLessThan(CONTRACTS);
  await allIssuedAndMailedOnce(plant);
});

it('keeps mails for a mail server that is away, and sends each once it is back', async () => {
  const plant = await begin();
  const { port } = plant.sink;
  await plant.sink.close();
  await plant.approve();
  await plant.issued();
  expect(await invoicesOfAccount(plant.database.db, 'A-1')).toHaveLength(CONTRACTS);
  await eventually('a mail that was tried', async () => {
    const mails = await mailsOf(plant.database.db, { account: 'A-1' });
    return mails.some(({ state }) => state === 'unknown');
  });
  expect(await sentMails(plant)).toBe(0);
  const back = await startMailSink({ port });
  cleanUp.push(back.close);
  await eventually('all mails', async () => (await sentMails(plant)) === CONTRACTS);
  expect(back.mails).toHaveLength(CONTRACTS);
  expect(new Set(back.mails.map(({ messageId }) => messageId)).size).toBe(CONTRACTS);
});
