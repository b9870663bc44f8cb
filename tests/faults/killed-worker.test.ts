/**
 * The worker is killed between an effect and its being recorded: after a document was numbered, and after a mail server
 * took a mail. What another worker then does must leave one number, one ledger entry and one mail.
 */
import type { ChildProcess } from 'node:child_process';
import { sql } from 'drizzle-orm';
import { afterEach, expect, it } from 'vitest';
import { getEntry, invoicesOfAccount, listRunItems, mailsOf } from '../../db/index.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { ended } from '../infrastructure/worker-process.ts';
import { allIssuedAndMailedOnce } from './once.ts';
import { createPlant, type Plant } from './plant.ts';

let plant: Plant | undefined;
afterEach(async () => {
  await plant?.end();
  plant = undefined;
});

async function kill(worker: ChildProcess): Promise<void> {
  worker.kill('SIGKILL');
  await ended(worker);
}

const invoiceMails = async ({ database }: Plant) =>
  (await mailsOf(database.db, { account: 'A-1' })).filter(({ kind }) => kind === 'invoice');

it('numbers each document once and books it once when killed while issuing', async () => {
  plant = await createPlant({ contracts: 3 });
  const { database, run } = plant;
  const { db } = database;
  const first = await plant.startWorker();
  // Issuing notes each document in the contract's timeline: held up there, it has numbered one and recorded nothing.
  await db.transaction(async (tx) => {
    await tx.execute(sql`lock table timeline_events in exclusive mode`);
    await plant?.approve();
    await eventually('a number', async () => (await invoicesOfAccount(db, 'A-1')).length > 0);
    await kill(first);
  });
  const [numbered, ...others] = await invoicesOfAccount(db, 'A-1');
  expect(others).toEqual([]);
  await plant.startWorker();
  await allIssuedAndMailedOnce(plant);
  const invoices = await invoicesOfAccount(db, 'A-1');
  expect(invoices.map(({ invoice }) => invoice).sort()).toEqual(
    ['1', '2', '3'].map((n) => (numbered?.invoice ?? '').replace(/1$/, n)),
  );
  for (const { documentKey, totalMinor } of invoices) {
    const { postings } = await getEntry(db, `issued:${documentKey}`);
    const owed = postings.filter(({ ledgerAccount }) => ledgerAccount === 'receivable');
    expect(owed.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(totalMinor);
  }
  const items = await listRunItems(db, run, { kinds: ['invoice'], documents: false });
  expect(items.map(({ state }) => state)).toEqual(['issued', 'issued', 'issued']);
});

it('sends a mail whose taking was never heard of again as the same mail, and records it once', async () => {
  let victim: ChildProcess | null = null;
  plant = await createPlant({
    mail: {
      answers: () => {
        if (victim === null) return true;
        // The mail is taken; whoever sent it never hears so.
        victim.kill('SIGKILL');
        victim = null;
        return false;
      },
    },
  });
  victim = await plant.startWorker();
  expect(await plant.needsAttention('C-1001')).toBeNull();
  await plant.approve();
  await eventually('the kill', async () => victim === null);
  const second = await plant.startWorker();
  const sent = await eventually(
    'the mail on record',
    async () => {
      const mails = await invoiceMails(plant as Plant);
      return mails.some(({ state }) => state === 'sent') ? mails : null;
    },
    120_000,
  );
  expect(sent).toHaveLength(1);
  const received = plant.sink.mails.map(({ messageId }) => messageId);
  expect(new Set(received)).toEqual(new Set([sent[0]?.messageId]));
  second.kill('SIGTERM');
  expect(await ended(second)).toBe(0);
});
