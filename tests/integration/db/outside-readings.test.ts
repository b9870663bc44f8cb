/** What accounting and CRM hold: read page by page, resumed, brought as exports; and what of it is compared. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  beginOutsideReading,
  type Connection,
  completeOutsideReading,
  connect,
  EXPORT_SYSTEM,
  failOutsideReading,
  importBook,
  keepConnectedSystems,
  keepOutsideCustomer,
  keepOutsideExport,
  keepOutsidePage,
  listFindingChecks,
  type OutsideList,
  openFindings,
  outsideSources,
  outsideStandings,
  reconcile,
} from '../../../db/index.ts';
import type { OutsideCustomer, OutsideDocument } from '../../../domain/findings/outside.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { smallBook } from '../api/fixture.ts';
import { connectedTo } from '../api/outside.ts';

let connection: Connection;
/** Each test has a system of its own, so that none meets the readings of another. */
let system: string;
let systems = 0;
const ADA = { user: 'ada', role: 'admin' };

beforeAll(async () => {
  connection = connect(await createTestDatabase(), { max: 4 });
  await importBook(connection.db, smallBook(), { importId: 'first', actor: ADA });
});
afterAll(() => connection?.close());
beforeEach(async () => {
  systems += 1;
  system = `books${systems}`;
  await keepConnectedSystems(connection.db, { accounting: connectedTo(system), crm: null });
});

const customer = (id: string, rest: Partial<OutsideCustomer> = {}): OutsideCustomer => ({
  ...{ id, name: `Customer ${id}`, addressLine1: null, city: null, postalCode: null },
  ...{ country: null, taxId: null, email: null, url: `https://books.example/${id}`, ...rest },
});
const document = (number: string): OutsideDocument => ({
  ...{ id: `D-${number}`, number, customer: null, type: 'invoice', issuedOn: '2026-01-15' },
  ...{ currency: 'EUR', totalMinor: 100, url: null },
});

function begin(key: string, on: string, more: { incremental?: boolean; fromDay?: string } = {}) {
  const { incremental = false, fromDay = null } = more;
  const at = new Date(`${on}T02:00:00Z`);
  return beginOutsideReading(connection.db, {
    ...{ key: `${system}:${key}`, source: 'accounting', system, incremental, fromDay },
    ...{ asOf: on, at },
  });
}
type Reading = Awaited<ReturnType<typeof begin>>;
const keep = (reading: Reading, list: OutsideList, records: readonly { id: string }[]) =>
  keepOutsidePage(connection.db, reading, { list, records, place: null, at: new Date() });
async function readAll(key: string, on: string, ids: readonly string[], more = {}) {
  const reading = await begin(key, on, more);
  await keep(
    reading,
    'customers',
    ids.map((id) => customer(id)),
  );
  return completeOutsideReading(connection.db, reading, new Date(`${on}T02:10:00Z`));
}
const accounting = async () => (await outsideSources(connection.db)).accounting;
const ids = async () => (await accounting()).records?.customers.map(({ id }) => id);

describe('a reading', () => {
  it('is compared once it is complete, and not before', async () => {
    expect(await accounting()).toEqual({
      ...{ records: null, checkedOn: null },
      reason: `${system} was not read yet`,
    });
    const reading = await begin('1', '2026-11-20', { fromDay: '2026-01-01' });
    await keep(reading, 'customers', [customer('b'), customer('a', { name: 'first' })]);
    await keep(reading, 'customers', [customer('a', { name: 'again' })]);
    await keep(reading, 'documents', [document('INV-1')]);
    expect((await accounting()).records).toBeNull();
    await completeOutsideReading(connection.db, reading, new Date());
    const { records, checkedOn, reason } = await accounting();
    expect({ checkedOn, reason }).toEqual({ checkedOn: '2026-11-20', reason: null });
    expect(records?.since).toBe('2026-01-01');
    expect(records?.customers.map(({ id, name }) => [id, name])).toEqual([
      ['a', 'again'],
      ['b', 'Customer b'],
    ]);
    expect(records?.documents).toEqual([document('INV-1')]);
  });

  it('goes on behind its last page where it broke off', async () => {
    const { db } = connection;
    const reading = await begin('1', '2026-11-20');
    const place = { list: 'documents', cursor: 'page-2' };
    const page = { list: 'customers', records: [customer('a')], at: new Date() } as const;
    await keepOutsidePage(db, reading, { ...page, place });
    const again = await begin('1', '2026-11-20');
    expect([again.id, again.place, again.recordCount]).toEqual([reading.id, place, 1]);
  });

  it('of all forgets what is there no more; one of changes keeps it, for a week', async () => {
    await readAll('1', '2026-11-01', ['a', 'b', 'c'], { incremental: true });
    const changes = await begin('2', '2026-11-02', { incremental: true });
    // Ten minutes before the last one began: clocks of two systems differ.
    expect(changes.changedSince?.toISOString()).toBe('2026-11-01T01:50:00.000Z');
    await keep(changes, 'customers', [customer('d')]);
    await completeOutsideReading(connection.db, changes, new Date('2026-11-02T02:01:00Z'));
    expect(await ids()).toEqual(['a', 'b', 'c', 'd']);
    const next = await begin('3', '2026-11-03', { incremental: true });
    expect(next.changedSince?.toISOString()).toBe('2026-11-02T01:50:00.000Z');
    // Another first day asks for documents that were never read.
    const more = { incremental: true, fromDay: '2025-01-01' };
    expect((await begin('4', '2026-11-03', more)).changedSince).toBeNull();
    expect((await begin('5', '2026-11-09', { incremental: true })).changedSince).toBeNull();
    await readAll('6', '2026-11-10', ['a', 'd'], { incremental: true });
    expect(await ids()).toEqual(['a', 'd']);
  });

  it('that failed leaves nothing compared, with the day of the last one that was', async () => {
    const { db } = connection;
    await readAll('1', '2026-11-20', ['a']);
    const at = new Date('2026-11-21T02:00:00Z');
    const failed = {
      key: `${system}:2`,
      source: 'accounting',
      system,
      asOf: '2026-11-21',
    } as const;
    await failOutsideReading(db, { ...failed, at, reason: 'HTTP 503' });
    expect(await accounting()).toEqual({
      ...{ records: null, checkedOn: '2026-11-20' },
      reason: `${system} could not be read: HTTP 503`,
    });
    // No look compared with it yet; it was read all the same.
    await reconcile(db, { asOf: '2026-11-21', cause: 'nightly' });
    const check = (await listFindingChecks(db)).find(
      ({ comparison }) => comparison === 'invoice-missing-in-accounting',
    );
    expect(check).toMatchObject({ checkedOn: '2026-11-20', cause: expect.stringMatching('503') });
    // One that came to its end stays as it ended.
    const done = await readAll('3', '2026-11-22', ['a']);
    await failOutsideReading(db, { ...failed, key: done.key, at, reason: 'too late' });
    expect(await ids()).toEqual(['a']);
    const [standing] = await outsideStandings(db);
    expect(standing).toMatchObject({ system, failed: null, complete: { asOf: '2026-11-22' } });
  });

  it('takes one customer that was read again after a correction', async () => {
    const { db } = connection;
    const again = { source: 'accounting', system, at: new Date() } as const;
    await keepOutsideCustomer(db, { ...again, customer: customer('a') });
    expect((await accounting()).records).toBeNull();
    await readAll('1', '2026-11-20', ['a', 'b']);
    await keepOutsideCustomer(db, { ...again, customer: customer('a', { city: 'Kiel' }) });
    expect((await accounting()).records?.customers.map(({ city }) => city)).toEqual(['Kiel', null]);
  });
});

describe('a look over the books', () => {
  it('finds what differs, keeps it while the system is not reached, and closes it when it is mended', async () => {
    const { db } = connection;
    const missing = async () =>
      (await openFindings(db)).filter(({ rule }) => rule === 'customer-missing-in-accounting');
    await readAll('1', '2026-11-20', ['a']);
    await reconcile(db, { asOf: '2026-11-20', cause: 'nightly' });
    const [found] = await missing();
    expect(found).toMatchObject({ account: 'A-1' });
    const at = new Date('2026-11-21T02:00:00Z');
    const tonight = {
      key: `${system}:2`,
      source: 'accounting',
      system,
      asOf: '2026-11-21',
    } as const;
    await failOutsideReading(db, { ...tonight, at, reason: 'HTTP 503' });
    await reconcile(db, { asOf: '2026-11-21', cause: 'nightly' });
    expect((await missing()).map(({ number }) => number)).toEqual([found?.number]);
    const check = (await listFindingChecks(db)).find(
      ({ comparison }) => comparison === 'customer-missing-in-accounting',
    );
    expect(check).toMatchObject({ checkedOn: '2026-11-20', cause: expect.stringMatching('503') });
    const reading = await begin('3', '2026-11-22');
    const [ours] = smallBook().accounts;
    await keep(reading, 'customers', [customer('9', { name: ours?.name ?? '' })]);
    await completeOutsideReading(db, reading, new Date());
    await reconcile(db, { asOf: '2026-11-22', cause: 'nightly' });
    expect(await missing()).toEqual([]);
  });
});

describe('an export', () => {
  const bring = (fileName: string, checkedOn: string | null, names: readonly string[]) =>
    keepOutsideExport(connection.db, {
      ...{ fileName, today: '2026-11-22', at: new Date(), actor: ADA },
      records: {
        crm: {
          ...{ checkedOn, reason: null },
          records: { since: null, customers: names.map((id) => customer(id)), deals: [] },
        },
      },
    });

  it('is compared in place of the one before it, and is as old as it says', async () => {
    await bring('first.json', '2026-11-18', ['a', 'b']);
    const [kept] = await bring('second.json', '2026-11-20', ['b']);
    expect(kept).toMatchObject({ system: EXPORT_SYSTEM, state: 'complete', recordCount: 1 });
    const { crm } = await outsideSources(connection.db);
    expect([crm.checkedOn, crm.records?.customers.map(({ id }) => id)]).toEqual([
      '2026-11-20',
      ['b'],
    ]);
    await expect(bring('old.json', '2026-11-19', ['a'])).rejects.toMatchObject({
      code: 'state-conflict',
      message: expect.stringContaining('second.json of 2026-11-20 is here already'),
    });
    await expect(bring('soon.json', '2026-11-23', ['a'])).rejects.toMatchObject({
      code: 'invalid-input',
    });
    await bring('of-today.json', null, ['c']);
    expect((await outsideSources(connection.db)).crm.checkedOn).toBe('2026-11-22');
  });

  it('is refused where it tells nothing, or where a connection reads that system', async () => {
    const { db } = connection;
    const given = { fileName: 'x.json', today: '2026-11-22', at: new Date(), actor: ADA };
    await expect(keepOutsideExport(db, { ...given, records: {} })).rejects.toMatchObject({
      code: 'invalid-input',
    });
    const unread = { records: null, checkedOn: null, reason: 'the server was down' };
    await expect(
      keepOutsideExport(db, { ...given, records: { crm: unread } }),
    ).rejects.toMatchObject({ code: 'invalid-input' });
    const read = { since: null, customers: [], documents: [], payments: [] };
    const books = { records: read, checkedOn: null, reason: null };
    await expect(
      keepOutsideExport(db, { ...given, records: { accounting: books } }),
    ).rejects.toMatchObject({ code: 'state-conflict', message: expect.stringContaining(system) });
  });
});
