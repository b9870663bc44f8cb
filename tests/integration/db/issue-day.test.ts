/** A document bears the civil day of the entity that sells, on whichever side of midnight that is (billing rules §3). */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dayOfSellers, todayAt } from '../../../activities/moment.ts';
import { todayOf } from '../../../api/views/parties.ts';
import {
  approveRun,
  type Connection,
  connect,
  createClock,
  createRun,
  importBook,
  issueDocument,
  runItemsToIssue,
  saveComputedRun,
  submitRun,
} from '../../../db/index.ts';
import type { Row } from '../../../domain/book/tables.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { ANN, BOB, document, KEYS, preview, sampleBook } from './sample-facts.ts';

let connection: Connection;
beforeAll(async () => {
  connection = connect(await createTestDatabase(), { max: 4 });
  const book = sampleBook();
  const [american] = book.entities as Row<'entities'>[];
  const entities = [
    { ...american, entity: 'US', timeZone: 'America/Chicago' },
    { ...american, entity: 'DE', timeZone: 'Europe/Berlin', invoiceSeries: 'DE-' },
  ] as Row<'entities'>[];
  await importBook(connection.db, { ...book, entities }, { importId: 'one', actor: ANN });
});
afterAll(() => connection?.close());

it('is the 22nd in Chicago and the 23rd in Berlin, in one run', async () => {
  const { db } = connection;
  const run = '2026-11';
  await createRun(db, { run, runOn: '2026-11-15', clock: null, startedBy: ANN });
  const documents = ['US', 'DE'].map((entity) => document({ subject: `C-${entity}`, entity }));
  await saveComputedRun(db, run, preview(documents), KEYS);
  const { shownHash } = await submitRun(db, { run, actor: ANN });
  await approveRun(db, { run, shownHash, actor: BOB });
  const issuedOn = await dayOfSellers(db, { at: '2026-11-23T04:00:00Z', clock: null });
  expect(issuedOn('nobody')).toBe('2026-11-23');
  const issued = new Map<string, string>();
  for (const item of await runItemsToIssue(db, run)) {
    const { invoice } = await issueDocument(db, { run, item, issuedOn });
    issued.set(invoice.entity, invoice.issuedOn);
  }
  expect(issued).toEqual(
    new Map([
      ['US', '2026-11-22'],
      ['DE', '2026-11-23'],
    ]),
  );
});

it('is the 22nd for the whole house, whose first entity of the book is in Chicago', async () => {
  const at = '2026-11-23T04:00:00Z';
  expect(await todayAt(connection.db, at)).toBe('2026-11-22');
  expect(await todayOf(connection.db, new Date(at))).toBe('2026-11-22');
});

it('is the test clock’s day for every entity of a rehearsal', async () => {
  const { db } = connection;
  await createClock(db, { clock: 'DEMO', today: '2027-03-01' });
  const day = await dayOfSellers(db, { at: '2026-11-23T04:00:00Z', clock: 'DEMO' });
  expect(['US', 'DE', 'nobody'].map(day)).toEqual(['2027-03-01', '2027-03-01', '2027-03-01']);
  await expect(dayOfSellers(db, { at: '2026-11-23T04:00:00Z', clock: 'GONE' })).rejects.toThrow(
    'The test clock GONE is gone',
  );
});
