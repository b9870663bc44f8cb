/** HubSpot over its published API, against a small one of our own (hubspot-server.ts). */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHubSpotCrm } from '../../../connectors/crm/hubspot/crm.ts';
import { countryCode, countryName } from '../../../connectors/crm/hubspot/records.ts';
import type { AccountNote, Crm } from '../../../connectors/crm/port.ts';
import type { PageAt, ReadPages } from '../../../connectors/outside-system.ts';
import { HubSpotServer, TOKEN } from './hubspot-server.ts';

let server: HubSpotServer;
let kept: AccountNote[];
let origin: string;
beforeEach(async () => {
  server = new HubSpotServer();
  origin = await server.start();
  kept = [];
});
afterEach(() => server.stop());

const IDS: Readonly<Record<string, string>> = { 'A-1': '101' };
function crm(more: { token?: string; own?: { taxId?: string; email?: string } } = {}): Crm {
  const { token = TOKEN, own = {} } = more;
  return createHubSpotCrm({
    ...{ origin, token, own, timeoutSeconds: 60, searchEveryMs: 0 },
    idOf: async (account) => IDS[account] ?? null,
    keepNote: async (note) => kept.push(note),
  });
}
const reader = (of = crm()) => {
  if (of.reader === undefined) throw new Error('it reads');
  return of.reader;
};
const corrections = (of = crm()) => {
  if (of.corrections === undefined) throw new Error('it corrects');
  return of.corrections;
};

const FIRST: PageAt = { cursor: null, changedSince: null, from: null };
async function all<R>(read: ReadPages<R>, at: Partial<PageAt> = {}): Promise<R[]> {
  const rows: R[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await read({ ...FIRST, ...at, cursor });
    if (page.result !== 'ok') throw new Error(page.message);
    rows.push(...page.records);
    if (page.next === null) return rows;
    cursor = page.next;
  }
}

describe('companies', () => {
  it('are read by their ids, page beyond page, with the address of their page', async () => {
    for (let id = 1; id <= 250; id += 1) server.put('companies', String(id), { name: `No ${id}` });
    const read = await all(reader().customers);
    expect(read.map(({ id }) => Number(id))).toEqual([...Array(250).keys()].map((at) => at + 1));
    expect(read[6]?.url).toBe('https://app-eu1.hubspot.com/contacts/4711/record/0-2/7');
    expect(server.requests).toEqual([
      'GET /account-info/v3/details',
      ...Array(3).fill('POST /crm/v3/objects/companies/search'),
    ]);
  });

  it('have countries as codes, and tax id and mail only where properties are named for them', async () => {
    const told = {
      name: 'Müller',
      address: 'Am Kai 1',
      city: 'Kiel',
      zip: '24103',
      country: 'Germany',
    };
    server.put('companies', '101', { ...told, vat: 'DE136695976', billing_mail: ' ' });
    const plain = { id: '101', name: 'Müller', addressLine1: 'Am Kai 1', city: 'Kiel' };
    const [without] = await all(reader().customers);
    expect(without).toMatchObject({ ...plain, postalCode: '24103', country: 'DE', email: null });
    expect(without).not.toHaveProperty('taxId');
    const own = { taxId: 'vat', email: 'billing_mail' };
    const [withThem] = await all(reader(crm({ own })).customers);
    expect(withThem).toMatchObject({ taxId: 'DE136695976', email: null });
  });

  it('are asked for what changed since an instant', async () => {
    const at = Date.parse('2026-11-20T00:00:00Z');
    server.put('companies', '1', { name: 'before' }, at - 1);
    server.put('companies', '2', { name: 'after' }, at);
    const since = { changedSince: new Date(at).toISOString() };
    expect((await all(reader().customers, since)).map(({ name }) => name)).toEqual(['after']);
  });

  it.each([
    ['Germany', 'DE'],
    ['united states', 'US'],
    ['UK', 'GB'],
    ['fr', 'FR'],
    ['Deutschland', 'DE'],
    ['Middle-earth', null],
    ['QQ', null],
    [null, null],
  ])('of %s are in %s', (text, code) => {
    expect(countryCode(text)).toBe(code);
    if (code !== null) expect(countryCode(countryName(code))).toBe(code);
  });
});

describe('deals', () => {
  it('tell stage, day in the portal’s zone, customer and amount in minor units', async () => {
    const won = {
      hs_is_closed: 'true',
      hs_is_closed_won: 'true',
      hs_primary_associated_company: '101',
    };
    // Half past eleven at night in London is the next day in Berlin.
    server.put('deals', '1', { ...won, amount: '1234.5', closedate: '2026-10-01T22:30:00Z' });
    server.put('deals', '2', { hs_is_closed: 'true', amount: '7', deal_currency_code: 'JPY' });
    server.put('deals', '3', {
      hs_is_closed: 'false',
      amount: '12.345',
      closedate: '2027-01-01T00:00:00Z',
    });
    const read = await all(reader().deals);
    expect(read.map(({ url: _, ...deal }) => deal)).toEqual([
      {
        ...{ id: '1', customer: '101', stage: 'closed_won', closedOn: '2026-10-02' },
        ...{ currency: 'EUR', amountMinor: 123_450 },
      },
      {
        ...{ id: '2', customer: null, stage: 'closed_lost', closedOn: null },
        ...{ currency: 'JPY', amountMinor: 7 },
      },
      {
        ...{ id: '3', customer: null, stage: 'open', closedOn: null },
        ...{ currency: null, amountMinor: null },
      },
    ]);
    expect((await all(reader().deals, { from: '2026-11-01' })).map(({ id }) => id)).toEqual(['3']);
  });
});

describe('a correction', () => {
  const asked = {
    id: '101',
    changes: { city: 'Kiel', country: 'DE' },
    expected: { city: 'Elsewhere', country: null },
  };

  it('reads, writes and reads again; done already, it writes nothing', async () => {
    server.put('companies', '101', { name: 'Müller', city: 'Elsewhere', country: null });
    const answer = await corrections().correctCustomer(asked);
    expect(answer).toMatchObject({ result: 'ok', customer: { city: 'Kiel', country: 'DE' } });
    expect(server.companies.get('101')?.properties).toMatchObject({
      city: 'Kiel',
      country: 'Germany',
      name: 'Müller',
    });
    expect((await corrections().correctCustomer(asked)).result).toBe('ok');
    expect(server.requests.filter((request) => request.startsWith('PATCH'))).toHaveLength(1);
  });

  it('is refused where somebody changed the record meanwhile', async () => {
    server.put('companies', '101', { city: 'Lübeck', country: null });
    const answer = await corrections().correctCustomer(asked);
    expect(answer).toMatchObject({ result: 'changed', customer: { city: 'Lübeck' } });
    expect(server.companies.get('101')?.properties.city).toBe('Lübeck');
  });

  it('that took effect in silence is done the next time', async () => {
    server.put('companies', '101', { city: 'Elsewhere', country: null });
    const of = corrections();
    await of.readCustomer('101');
    server.meanwhile = () => server.faults.push({ status: 500 });
    expect((await of.correctCustomer(asked)).result).toBe('unknown');
    server.faults.push({ status: 503 });
    expect((await of.correctCustomer(asked)).result).toBe('unknown');
    expect((await of.correctCustomer(asked)).result).toBe('ok');
    server.put('companies', '101', { city: 'Elsewhere', country: null });
    // The read is answered, the write takes effect without an answer.
    server.meanwhile = () => {
      server.meanwhile = () => server.faults.push('silence-after-effect');
    };
    const first = await of.correctCustomer(asked);
    expect([first.result, server.companies.get('101')?.properties.city]).toEqual([
      'unknown',
      'Kiel',
    ]);
    expect((await of.correctCustomer(asked)).result).toBe('ok');
  });

  it('of a company that is gone, or of a field that is not kept there, is refused', async () => {
    expect(await corrections().correctCustomer(asked)).toMatchObject({
      result: 'rejected',
      message: expect.stringContaining('101'),
    });
    expect(await corrections().readCustomer('101')).toEqual({ result: 'ok', record: null });
    server.put('companies', '101', {});
    const mail = { id: '101', changes: { email: 'a@b.example' }, expected: { email: null } };
    expect(await corrections().correctCustomer(mail)).toMatchObject({
      result: 'rejected',
      message: 'HubSpot keeps no email: name a property for it.',
    });
  });
});

describe('a note', () => {
  const note: AccountNote = {
    ...{ key: 'finding-fix:F-1:crm', account: 'A-1', contract: 'C-1' },
    ...{ subject: 'Price < list', body: 'Ask & tell', notedOn: '2026-11-20' },
  };

  it('is written once, at the company, however often it is sent', async () => {
    const of = crm();
    const first = await of.addNote(note);
    expect(await of.addNote(note)).toEqual(first);
    // Another worker knows nothing of the first one's property.
    expect(await crm().addNote(note)).toEqual(first);
    expect(server.noteProperties.get('perennial_key')).toMatchObject({
      hasUniqueValue: true,
      groupName: 'engagement',
    });
    const [[key, written] = []] = [...server.notes];
    expect([server.notes.size, key, [...(written?.companies ?? [])]]).toEqual([
      1,
      note.key,
      ['101'],
    ]);
    expect(written?.body).toContain('<strong>Price &lt; list</strong></p><p>Ask &amp; tell</p>');
  });

  it('of an account without an id there stays here', async () => {
    const answer = await crm().addNote({ ...note, account: 'A-2' });
    expect([answer.result, kept.map(({ account }) => account), server.requests]).toEqual([
      'ok',
      ['A-2'],
      [],
    ]);
  });
});

describe('what goes wrong', () => {
  it.each([
    [{ status: 429, body: { policyName: 'TEN_SECONDLY_ROLLING' } }, 10],
    [{ status: 429, body: { policyName: 'SECONDLY' } }, 1],
    [{ status: 429, body: { policyName: 'DAILY' } }, 3600],
    [{ status: 429, headers: { 'Retry-After': '7' } }, 7],
    [{ status: 502 }, undefined],
  ])('%j leaves it unknown, for %s seconds', async (fault, seconds) => {
    server.faults.push(fault);
    const answer = await reader().customers(FIRST);
    expect(answer).toMatchObject({ result: 'unknown' });
    expect('retryAfterSeconds' in answer ? answer.retryAfterSeconds : undefined).toBe(seconds);
  });

  it('a wrong token is told with what to do, and never shown', async () => {
    const answer = await crm({ token: 'pat-secret' }).reach?.();
    expect(answer).toMatchObject({
      result: 'rejected',
      message: expect.stringContaining('HUBSPOT_TOKEN'),
    });
    expect(JSON.stringify(answer)).not.toContain('pat-secret');
  });

  it('an answer that is none is told by its field', async () => {
    server.faults.push({ status: 200, body: { portalId: 'x' } });
    expect(await reader().customers(FIRST)).toMatchObject({
      result: 'rejected',
      message: expect.stringContaining('portalId'),
    });
  });

  it('silence is unknown; what is reached says so', async () => {
    expect(await crm().reach?.()).toEqual({
      result: 'ok',
      words: 'HubSpot portal 4711 at app-eu1.hubspot.com',
    });
    const of = crm();
    await server.stop();
    expect(await of.reach?.()).toMatchObject({ result: 'unknown' });
    await server.start();
  });
});
