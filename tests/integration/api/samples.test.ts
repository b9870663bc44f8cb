/** The samples of a first start taken out: nothing of them is left, what is one's own stays, and what forbids it is said. */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RemovedSamples, SampleState, Today } from '../../../api/types.ts';
import {
  addCrmNote,
  addTimelineEvent,
  beginMail,
  createClock,
  createRun,
  type Db,
  exportBook,
  getRun,
  importBook,
  openFindings,
  putFact,
  reconcile,
  recordPayment,
  removeClock,
  removeSamples,
  SAMPLE_IMPORTS,
  saveComputedRun,
  saveLicense,
  saveRenewal,
  setContractState,
  submitRun,
  trialBalance,
  verifyAudit,
  withEffect,
} from '../../../db/index.ts';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { type Book, emptyBook } from '../../../domain/book/tables.ts';
import { creditNoteKey, invoiceKey } from '../../../workflows/ids.ts';
import { row, type Scene, scene, smallBook } from './fixture.ts';

const ACTOR = { user: 'test', role: 'admin' } as const;
const RUN = '2026-12';
/** Names that only the sample has, in rows and in keys. */
const ITS_NAMES = ['A-1', 'C-1', 'S-1', 'INV-OLD-1', 'ACME', 'CAD', 'L-1'];
/** What keeps that it was, and what names what was asked. */
const MEMORIES = ['audit_events', 'imports', 'idempotency_keys'];

/** A company of one's own beside it, with names that begin as the sample's do. */
function ownBook(): Book {
  const sample = smallBook();
  return {
    ...emptyBook(),
    entities: sample.entities.map((one) => ({ ...one, entity: 'OWN', invoiceSeries: 'OWN' })),
    accounts: sample.accounts.map((one) => ({ ...one, account: 'A-10', entity: 'OWN' })),
    products: [row('products', { sku: 'CADDY', name: 'Caddy', kind: 'maintenance' })],
    contracts: sample.contracts.map((one) => ({
      ...one,
      contract: 'C-10',
      account: 'A-10',
      entity: 'OWN',
    })),
    subcontracts: sample.subcontracts.map((one) => ({
      ...one,
      subcontract: 'S-10',
      contract: 'C-10',
      sku: 'CADDY',
    })),
  };
}

let at: Scene;
beforeAll(async () => {
  at = await scene({ now: () => new Date('2026-12-10T12:00:00Z') });
  await importBook(at.db, smallBook(), { importId: SAMPLE_IMPORTS.company, actor: ACTOR });
});
afterAll(() => at?.close());

async function state(): Promise<SampleState> {
  const answer = await at.as('biller', 'GET', '/imports/samples');
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

/** What the product does about customers by itself, in rows and in keys. */
async function live(db: Db, end = ''): Promise<void> {
  const [account, contract] = [`A-1${end}`, `C-1${end}`];
  await saveRenewal(db, {
    renewal: `renewal:${contract}:2028-01-01`,
    contract,
    account,
    termStart: '2028-01-01',
    termEnd: '2028-12-31',
    currency: 'EUR',
    valueMinor: 100,
    previousValueMinor: 100,
    agreement: {},
  });
  await saveLicense(db, {
    license: `L-1${end}`,
    account,
    contract,
    subcontract: `S-1${end}`,
    sku: end === '' ? 'CAD' : 'CADDY',
    edition: 'standard',
    features: [],
    seats: 1,
    kind: 'temporary',
    validFrom: '2026-12-01',
    validThrough: '2027-01-31',
    key: 'sealed',
    fingerprint: `f${end}`,
    keyEnd: 'aaaa',
    issueNumber: 1,
    cause: 'grace',
    issuedOn: '2026-12-01',
  });
  const key = `${contract}:2026-12-01`;
  await beginMail(db, {
    key: `mail:${key}`,
    kind: 'renewal',
    account,
    contract,
    invoice: null,
    recipients: ['x@example.com'],
    subject: 'Renewal',
    messageId: `<${key}>`,
    sentOn: '2026-12-01',
  });
  const noted = { key: `note:${key}`, account, contract, subject: 'Renewal', body: '' };
  await addCrmNote(db, { ...noted, notedOn: '2026-12-01' });
  await addTimelineEvent(db, {
    key: `renewal:${key}`,
    account,
    contract,
    happenedOn: '2026-12-01',
    kind: 'renewal',
    words: 'Drawn up',
  });
  const next = { nextStep: null, nextStepOn: null };
  await setContractState(db, { contract, state: 'active', words: 'Waiting', ...next });
  await withEffect(
    db,
    { key: `renewal:${key}:mail`, system: 'mail', inputHash: 'h' },
    async () => ({
      state: 'ok',
      result: null,
    }),
  );
}

async function compute(run: string): Promise<void> {
  await createRun(at.db, { run, runOn: `${run}-15`, clock: null, startedBy: null });
  const preview = previewBillRun(await exportBook(at.db), { run: `${run}-15` });
  const keys = { invoice: invoiceKey, creditNote: creditNoteKey };
  await saveComputedRun(at.db, run, preview, keys);
}

/** Every table of the record, each row as one text. */
async function textsOfAll(): Promise<[table: string, text: string][]> {
  const tables = await at.db.execute<{ name: string }>(sql`
    select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE'`);
  const found: [string, string][] = [];
  for (const { name } of tables) {
    const rows = await at.db.execute<{ text: string }>(
      sql`select to_jsonb(t)::text as text from ${sql.identifier(name)} t`,
    );
    for (const { text } of rows) found.push([name, text]);
  }
  return found;
}

describe('the sample company', () => {
  it('is told of on Today and on the Import page while it is there', async () => {
    expect(await state()).toEqual({ present: true, accounts: 1, contracts: 1, obstacles: [] });
    const today = (await at.as('biller', 'GET', '/reports/today')).json<Today>();
    expect(today.isSample).toBe(true);
  });

  it('stays while something rests on it, which is said and changes nothing', async () => {
    const before = await exportBook(at.db);
    const refused = async (words: RegExp) => {
      const { obstacles } = await state();
      expect(obstacles.join(' ')).toMatch(words);
      const ended = at.processes.asked.length;
      const answer = await at.as('biller', 'POST', '/imports/samples/remove', {});
      expect(answer.statusCode, answer.body).toBe(409);
      expect(answer.json()).toMatchObject({ code: 'import-in-use' });
      expect(answer.json().detail).toMatch(words);
      expect(at.processes.asked).toHaveLength(ended);
      expect(await exportBook(at.db)).toEqual(before);
    };
    await createClock(at.db, { clock: 'TRY', today: '2026-12-01' });
    await refused(/Rehearsals run with copies of it.*TRY/);
    await removeClock(at.db, 'TRY');

    await compute(RUN);
    await submitRun(at.db, { run: RUN, actor: { user: 'maker', role: 'biller' } });
    await refused(/A bill run that was computed with it waits or goes out: 2026-12/);
    await at.db.execute(sql`update bill_runs set state = 'in_review' where run = ${RUN}`);
    expect((await state()).obstacles).toEqual([]);

    await at.db
      .transaction(async (tx) => {
        await recordPayment(tx, {
        payment: 'manual:1', account: 'A-1', receivedOn: '2026-12-02', amountMinor: 100,
        currency: 'EUR', method: 'bank', reference: '', payer: null, bankAccount: null,
      }); // biome-ignore format: one payment
        await expect(removeSamples(tx, { actor: ACTOR, reason: 'no' })).rejects.toThrow(
          /Invoices or payments came to its customers: manual:1/,
        );
        throw new Error('taken back');
      })
      .catch((error: Error) => expect(error.message).toBe('taken back'));

    await at.db
      .transaction(async (tx) => {
        const own = { ...ownBook(), products: [...ownBook().products, ...smallBook().products] };
        await importBook(tx, own, { importId: 'own', source: 'own.xlsx', actor: ACTOR });
        await expect(removeSamples(tx, { actor: ACTOR, reason: 'no' })).rejects.toThrow(
          /Books were imported that share rows with it.*own\.xlsx/,
        );
        throw new Error('taken back');
      })
      .catch((error: Error) => expect(error.message).toBe('taken back'));

    await at.db
      .transaction(async (tx) => {
        const own = ownBook();
        const named = {
          ...own,
          subcontracts: own.subcontracts.map((one) => ({ ...one, sku: 'CAD' })),
        };
        await importBook(tx, named, { importId: 'own', actor: ACTOR });
        await expect(removeSamples(tx, { actor: ACTOR, reason: 'no' })).rejects.toThrow(
          /Rows of subcontracts name products of it: CAD/,
        );
        throw new Error('taken back');
      })
      .catch((error: Error) => expect(error.message).toBe('taken back'));
  });

  it('may be removed by those alone who may import', async () => {
    const answer = await at.as('viewer', 'POST', '/imports/samples/remove', {});
    expect(answer.statusCode).toBe(403);
    expect((await state()).present).toBe(true);
  });

  it('leaves without a trace of itself, and what is one’s own stays as it was', async () => {
    const { db } = at;
    await importBook(db, ownBook(), { importId: 'own', source: 'own.xlsx', actor: ACTOR });
    await live(db);
    await live(db, '0');
    const sampleOnes = { account: 'A-1', email: 'late@example.com', role: 'technical' } as const;
    await putFact(db, 'contacts', row('contacts', { ...sampleOnes, name: 'Late', receives: [] }));
    await reconcile(db, { asOf: '2026-12-10', cause: 'import' });
    await compute(RUN);
    const found = (await openFindings(db)).map(({ account }) => account);
    expect(found).toContain('A-1');
    expect(found).toContain('A-10');
    const ownRows = (await textsOfAll()).filter(
      ([table, text]) => /[AC]-10"/.test(text) && !['bill_run_items', ...MEMORIES].includes(table),
    );

    const answer = await at.as('biller', 'POST', '/imports/samples/remove', {});
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.json<RemovedSamples>()).toMatchObject({ contracts: 1, runs: [RUN] });
    const ended = at.processes.asked.filter(({ what }) => what === 'end');
    expect(ended).toHaveLength(2);
    for (const { args } of ended) expect(args).toEqual(['contract:C-1', `bill-run:${RUN}`]);

    const left = await textsOfAll();
    for (const name of ITS_NAMES) {
      const naming = left.filter(
        ([table, text]) =>
          !MEMORIES.includes(table) && new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text),
      );
      expect(naming, name).toEqual([]);
    }
    for (const [table, text] of ownRows) expect(left).toContainEqual([table, text]);
    expect(await getRun(db, RUN)).toBeNull();
    expect(await trialBalance(db, {})).toEqual([]);
    expect((await openFindings(db)).map(({ account }) => account)).not.toContain('A-1');
    expect((await verifyAudit(db)).ok).toBe(true);
    const audited = await db.execute<{ action: string; actor: string; reason: string }>(
      sql`select action, actor, reason from audit_events order by seq desc limit 1`,
    );
    expect(audited[0]).toEqual({
      action: 'sample.remove',
      actor: at.people.biller.id,
      reason: 'to begin with our own data',
    });
  });

  it('is gone for good: there is nothing to remove, and its month is computed anew', async () => {
    expect(await state()).toEqual({ present: false, accounts: 0, contracts: 0, obstacles: [] });
    const again = await at.as('biller', 'POST', '/imports/samples/remove', {});
    expect(again.statusCode).toBe(404);
    await compute(RUN);
    expect((await getRun(at.db, RUN))?.state).toBe('in_review');
  });
});
