/** Accounting and CRM over HTTP: exports, their age, a test of the connection, a customer corrected there by one decision. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outsideFolder } from '../../../api/outside/folder.ts';
import type {
  FindingDetail,
  FindingPreview,
  FindingSummary,
  FindingsOverview,
  FindingsReport,
  OutsideReadingView,
  OutsideSystemView,
  Page,
  Problem,
  ReachView,
} from '../../../api/types.ts';
import { takeFiles } from '../../../api/watched-folder.ts';
import { createBuiltInAccounting } from '../../../connectors/accounting/built-in/accounting.ts';
import { createHubSpotCrm } from '../../../connectors/crm/hubspot/crm.ts';
import { readOutsideExport } from '../../../connectors/outside-export.ts';
import {
  beginOutsideReading,
  completeOutsideReading,
  keepConnectedSystems,
  keepOutsidePage,
  reconcile,
} from '../../../db/index.ts';
import { HubSpotServer, TOKEN } from '../../connectors/crm/hubspot-server.ts';
import { ok } from './answers.ts';
import { type Scene, scene, smallBook } from './fixture.ts';
import { connectedTo } from './outside.ts';

const TODAY = '2026-11-20';
const now = () => new Date(`${TODAY}T10:00:00Z`);
const hubspot = new HubSpotServer();
let at: Scene;

beforeAll(async () => {
  const crm = createHubSpotCrm({
    ...{ origin: await hubspot.start(), token: TOKEN, own: {} },
    ...{ timeoutSeconds: 5, searchEveryMs: 0 },
    idOf: async () => null,
    keepNote: async () => null,
  });
  const book = smallBook();
  const accounts = book.accounts.map((one) => ({ ...one, crmId: '117', city: 'Kiel' }));
  const outside = { accounting: createBuiltInAccounting(), crm };
  at = await scene({ now, outside }, { ...book, accounts });
});
afterAll(async () => {
  await at?.close();
  await hubspot.stop();
});

const read = <T>(path: string) => ok<T>(at.as('biller', 'GET', path), 200);
const systems = async () =>
  Object.fromEntries(
    (await read<{ items: OutsideSystemView[] }>('/connectors')).items.map((one) => [
      one.source,
      one,
    ]),
  );

function bring(fileName: string, content: unknown, role: 'biller' | 'viewer' = 'biller') {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return at.bring(role, `/imports/outside?fileName=${fileName}`, text);
}
const books = (checkedOn: string | null, customers: readonly object[] = []) => ({
  accounting: {
    ...{ checkedOn, reason: null },
    records: { since: null, customers, documents: [], payments: [] },
  },
});
const refusal = (answer: { statusCode: number; json: <T>() => T }) => {
  const { code, detail } = answer.json<Problem>();
  return [answer.statusCode, code, detail];
};

describe('an export', () => {
  it('is taken as a file, compared, and as old as it says', async () => {
    expect((await systems()).accounting).toMatchObject({
      system: 'export',
      asOf: null,
      isRead: false,
    });
    const answer = await bring('books.json', books('2026-11-10', [{ id: '9', name: 'Somebody' }]));
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.json<{ items: OutsideReadingView[] }>().items).toMatchObject([
      { source: 'accounting', state: 'complete', records: 1, askedBy: { name: 'The biller' } },
    ]);
    expect(at.processes.asked.at(-1)).toMatchObject({
      what: 'lookOverBooks',
      args: { cause: 'import' },
    });
    expect((await systems()).accounting).toMatchObject({
      ...{ asOf: '2026-11-10', ageDays: 10, records: 1, fileName: 'books.json', failed: null },
    });
    await reconcile(at.db, { asOf: TODAY, cause: 'import' });
    const { items } = await read<Page<FindingSummary>>(
      '/findings?rule=customer-missing-in-accounting',
    );
    expect(items).toHaveLength(1);
    const report = await read<FindingsReport>('/reports/findings');
    expect(report.findings.map(({ rule }) => rule)).toContain('customer-missing-in-accounting');
    expect(report.notChecked.map(({ source }) => source)).not.toContain('accounting');
    const overview = await read<FindingsOverview>('/findings/overview');
    expect(overview.systems).toEqual(Object.values(await systems()));
  });

  it('that can not be used is refused with what is wrong, and nothing changes', async () => {
    expect(refusal(await bring('x.json', '{'))).toEqual([
      422,
      'invalid-input',
      expect.stringContaining('x.json: it is no JSON'),
    ]);
    const wrong = { accounting: { checkedOn: '2026-13-01', reason: null, records: null } };
    expect(refusal(await bring('x.json', wrong))[2]).toContain('checkedOn');
    expect(refusal(await bring('old.json', books('2026-11-09')))).toEqual([
      ...[409, 'state-conflict'],
      expect.stringContaining('books.json of 2026-11-10 is here already'),
    ]);
    expect(refusal(await bring('mail.json', {}))[2]).toContain('neither accounting nor the CRM');
    expect((await bring('x.json', books(null), 'viewer')).statusCode).toBe(403);
    expect((await systems()).accounting).toMatchObject({ asOf: '2026-11-10' });
  });

  it('is taken from the watched folder, or moved aside with the reason', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perennial-outside-'));
    try {
      await writeFile(join(folder, 'a.json'), JSON.stringify(books('2026-11-19')));
      await writeFile(join(folder, 'b.json'), 'id;name');
      const warned: unknown[] = [];
      const warn = (error: unknown) => warned.push(error);
      const watched = outsideFolder({ folder, warn, db: at.db, processes: at.processes, now });
      expect(await takeFiles(watched, 0)).toEqual(['a.json', 'b.json']);
      expect(warned).toEqual([]);
      expect((await readdir(join(folder, 'done'))).sort()).toEqual([
        'a.json',
        'a.json.report.json',
      ]);
      const report = await readFile(join(folder, 'refused', 'b.json.report.json'), 'utf8');
      expect(JSON.parse(report)).toMatchObject({ code: 'invalid-input' });
      expect((await systems()).accounting).toMatchObject({
        asOf: '2026-11-19',
        fileName: 'a.json',
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('is described with an example that can be brought', async () => {
    const text = await readFile(new URL('../../../docs/connecting.md', import.meta.url), 'utf8');
    const example = /```json\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
    const { accounting, crm } = readOutsideExport(example);
    expect([accounting?.records?.documents.length, crm?.records?.deals.length]).toEqual([1, 1]);
  });
});

describe('a connection', () => {
  it('is asked whether it answers', async () => {
    const ask = (source: string) => at.as('biller', 'POST', `/connectors/${source}/test`);
    expect((await ask('crm')).json<ReachView>()).toEqual({
      ...{ source: 'crm', system: 'hubspot', isReached: true },
      words: 'HubSpot portal 4711 at app-eu1.hubspot.com',
    });
    hubspot.faults.push({ status: 503 });
    const away = (await ask('crm')).json<ReachView>();
    expect(away).toMatchObject({ isReached: false, words: expect.stringContaining('503') });
    hubspot.faults.push({ status: 401 });
    const refused = (await ask('crm')).json<ReachView>();
    expect(refused).toMatchObject({
      isReached: false,
      words: expect.stringContaining('HUBSPOT_TOKEN'),
    });
    expect(refusal(await ask('accounting')).slice(0, 2)).toEqual([409, 'state-conflict']);
    expect((await at.as('viewer', 'POST', '/connectors/crm/test')).statusCode).toBe(403);
  });

  it('reads, so that a customer who differs there is corrected by one decision', async () => {
    const { db } = at;
    await keepConnectedSystems(db, { accounting: null, crm: connectedTo('hubspot') });
    const head = { key: 'r-1', source: 'crm', system: 'hubspot', incremental: true } as const;
    const reading = await beginOutsideReading(db, {
      ...head,
      fromDay: null,
      asOf: TODAY,
      at: now(),
    });
    const url = 'https://app.hubspot.com/contacts/4711/record/0-2/117';
    const customer = {
      ...{ id: '117', name: 'Kunde & Co', addressLine1: null, city: 'Elsewhere' },
      ...{ postalCode: null, country: null, email: null, url },
    };
    const page = { list: 'customers', records: [customer], place: null, at: now() } as const;
    await keepOutsidePage(db, reading, page);
    await completeOutsideReading(db, reading, now());
    await reconcile(db, { asOf: TODAY, cause: 'nightly' });
    const { items } = await read<Page<FindingSummary>>('/findings?rule=customer-differs-in-crm');
    const finding = items[0]?.finding ?? '';
    const detail = await read<FindingDetail>(`/findings/${finding}`);
    expect(detail.found).toMatchObject([{ system: 'crm', id: '117', url }]);
    const action = detail.actions.find((one) => one.action === 'correctInCrm');
    expect(action).toMatchObject({ unavailable: null, fields: [], link: url });
    const path = `/findings/${finding}/actions/correctInCrm`;
    const preview = (
      await at.as('biller', 'POST', `${path}/preview`, { input: {} })
    ).json<FindingPreview>();
    expect(preview.changes).toEqual([
      { name: 'City in hubspot', before: 'Elsewhere', after: 'Kiel' },
    ]);
    const body = { input: {}, reason: 'they moved', shownHash: preview.shownHash };
    expect((await at.as('biller', 'POST', path, body)).statusCode).toBe(202);
    expect(at.processes.asked.at(-1)?.args).toMatchObject({
      fix: {
        ...{ kind: 'correct-customer', source: 'crm', customer: '117' },
        ...{ changes: { city: 'Kiel' }, expected: { city: 'Elsewhere' } },
      },
      reason: 'they moved',
    });
    // Our own record can follow theirs instead, and shows what they say.
    const own = detail.actions.find((one) => one.action === 'correctRecord');
    expect(own?.fields.find(({ name }) => name === 'city')?.hint).toBe('The CRM says Elsewhere');
    const other = { city: 'Elsewhere' };
    const ours = await at.as(
      'biller',
      'POST',
      `/findings/${finding}/actions/correctRecord/preview`,
      { input: other },
    );
    expect(ours.json<FindingPreview>().changes.at(-1)).toMatchObject({
      before: 'found',
      after: 'mended',
    });
    const deals = { crm: { checkedOn: null, reason: null, records: { customers: [], deals: [] } } };
    expect(refusal(await bring('crm.json', deals))[2]).toContain('is read from hubspot');
    const { items: readings } = await read<{ items: OutsideReadingView[] }>('/connectors/readings');
    expect(readings[0]).toMatchObject({ system: 'hubspot', isWhole: true, records: 1 });
  });
});
