/** Licenses over HTTP: software that asks about its key, how a license came about, and the customer's own record. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  CorrectionView,
  LicensePage,
  LicenseView,
  Problem,
  Today,
} from '../../../api/types.ts';
import { signLicense } from '../../../connectors/license/own/issuer.ts';
import {
  acceptedKeys,
  currentKeyId,
  ensureFirstPair,
  keyRing,
  rotate,
} from '../../../connectors/license/own/key-ring.ts';
import { readRevocations } from '../../../connectors/license/own/revocations.ts';
import { readPrivateKey } from '../../../connectors/license/own/signing-key.ts';
import { verifyLicense } from '../../../connectors/license/own/verification.ts';
import { storedKey } from '../../../connectors/license/vault.ts';
import { publicLinks } from '../../../connectors/mail/links.ts';
import {
  crmNotesOf,
  exportBook,
  getFact,
  putFact,
  saveLicense,
  setLicenseState,
} from '../../../db/index.ts';
import { CONFIGURATION, VAULT } from '../../api/fixture.ts';
import { forgedLink, row, type Scene, scene, smallBook } from './fixture.ts';

const folder = join(mkdtempSync(join(tmpdir(), 'ring-')), 'license-keys');
const TODAY = '2026-06-10';
let at: Scene;
beforeAll(async () => {
  ensureFirstPair(folder, Buffer.alloc(32, 9));
  const book = smallBook();
  const contact = { account: 'A-1', email: 'ann@kunde.example', name: 'Ann' };
  at = await scene(
    { licenseKeys: keyRing(folder), now: () => new Date(`${TODAY}T10:00:00Z`) },
    { ...book, contacts: [row('contacts', contact)] },
  );
});
afterAll(async () => {
  await at?.close();
  rmSync(join(folder, '..'), { recursive: true });
});

async function license(
  name: string,
  kind: 'full' | 'temporary',
  [validFrom, validThrough]: readonly [string, string],
  supersedes: readonly string[] = [],
): Promise<string> {
  const claims = { account: 'A-1', product: 'CAD', edition: 'standard', seats: 1 };
  const dated = { ...claims, validFrom, validThrough, kind };
  const pem = readFileSync(join(folder, `${currentKeyId(folder)}.private.pem`), 'utf8');
  const { key } = signLicense(dated, 'key', readPrivateKey(pem));
  const facts = { license: name, account: 'A-1', contract: 'C-1', subcontract: 'S-1', sku: 'CAD' };
  const stored = storedKey(VAULT, key);
  const rest = { edition: 'standard', seats: 1, kind, validFrom, validThrough, ...stored };
  const saved = { ...facts, ...rest, cause: 'paid manual:1', issuedOn: TODAY };
  await saveLicense(at.db, saved, { supersedes });
  return key;
}
const post = async (url: string, payload: object, headers: Record<string, string> = {}) =>
  at.app.inject({ method: 'POST', url: `/api/v1${url}`, payload, headers });
const check = async (key: string) => (await post('/public/licenses/check', { key })).json();
const successor = async (key: string) => post('/public/licenses/successor', { key });

describe('software that asks about its key', () => {
  it('is told whether it is valid, and gets what took its place', async () => {
    const full = await license('L-full', 'full', ['2026-01-01', '2026-12-31']);
    expect(await check(`  ${full.slice(0, 30)}\n${full.slice(30)} `)).toMatchObject({
      valid: true,
      code: 'valid',
      successorAvailable: false,
    });
    expect((await successor(full)).json<Problem>()).toMatchObject({ code: 'not-found' });

    // The payment was taken back: the replacement ends earlier, so the old key no longer counts.
    const temporary = await license(
      'L-temp',
      'temporary',
      ['2026-01-01', '2026-07-10'],
      ['L-full'],
    );
    expect(await check(full)).toMatchObject({
      valid: false,
      code: 'revoked',
      successorAvailable: true,
    });
    expect((await successor(full)).json()).toMatchObject({ key: temporary, kind: 'temporary' });

    // Paid again: equal claims are an equal key, and it is good again.
    const again = await license('L-full-2', 'full', ['2026-01-01', '2026-12-31'], ['L-temp']);
    expect(again).toBe(full);
    expect(await check(full)).toMatchObject({ valid: true, successorAvailable: false });
    expect(await check(temporary)).toMatchObject({ valid: true, successorAvailable: true });
  });

  it('learns nothing with a key that is not ours', async () => {
    expect(await check('key/abc.def')).toMatchObject({ valid: false, successorAvailable: false });
    expect((await successor('key/abc.def')).json<Problem>()).toMatchObject({
      status: 422,
      code: 'license-unknown',
    });
    expect((await post('/public/licenses/check', {})).statusCode).toBe(400);
  });

  it('finds all public keys and a signed list of what was switched off', async () => {
    const unpaid = await license('L-unpaid', 'full', ['2026-02-01', '2026-11-30']);
    await setLicenseState(at.db, 'L-unpaid', 'suspended', { cause: 'unpaid', on: '2026-06-01' });
    rotate(folder);
    const { keys } = (await at.app.inject({ url: '/api/v1/public/licenses/public-keys' })).json();
    expect(keys.map((one: { current: boolean }) => one.current)).toEqual([true, false]);
    const list = await at.app.inject({ url: '/api/v1/public/licenses/revocations' });
    const publicKeys = acceptedKeys(folder).map(({ publicKey }) => publicKey);
    const reading = readRevocations(list.body, publicKeys);
    if (!reading.ok) throw new Error(reading.message);
    const { revocations } = reading;
    const code = (key: string, on: string) =>
      verifyLicense(key, { publicKeys, on, revocations }).code;
    expect([code(unpaid, '2026-05-31'), code(unpaid, TODAY)]).toEqual(['valid', 'revoked']);
    expect(await check(unpaid)).toMatchObject({ valid: false, code: 'revoked' });
  });

  it('is slowed down', async () => {
    const slow = await scene({ configuration: { licenseChecksPerMinute: 2 } });
    try {
      const ask = () =>
        slow.app.inject({
          method: 'POST',
          url: '/api/v1/public/licenses/check',
          payload: { key: 'x' },
        });
      const codes = [await ask(), await ask(), await ask()].map(({ statusCode }) => statusCode);
      expect(codes).toEqual([200, 200, 429]);
    } finally {
      await slow.close();
    }
  });
});

describe('the record of keys', () => {
  it('holds none of them readable: not in the rows, a backup or the book that is exported', async () => {
    const key = await license('L-sealed', 'full', ['2026-03-01', '2027-02-28']);
    const [, signature = ''] = key.split('.');
    for (const rows of [
      await at.db.execute('select * from license_keys'),
      await at.db.execute('select * from licenses'),
      await at.db.execute('select * from license_transitions'),
      [await exportBook(at.db)],
    ]) {
      const text = JSON.stringify(rows);
      expect(text).toContain('L-sealed');
      expect(text.includes(signature) || text.includes(key.slice(0, 40))).toBe(false);
    }
    const headers = at.people.support.bearer;
    const list = await at.app.inject({ url: '/api/v1/licenses?account=A-1', headers });
    expect(list.body).toContain(`…${key.slice(-6)}`);
    expect(list.body).not.toContain(signature);
    const shown = await at.app.inject({ url: '/api/v1/licenses/L-sealed/key', headers });
    expect(shown.json()).toEqual({ license: 'L-sealed', key });
    const viewer = at.people.viewer.bearer;
    const refused = await at.app.inject({ url: '/api/v1/licenses/L-sealed/key', headers: viewer });
    expect(refused.statusCode).toBe(403);
  });

  it('ends a key by what became of its successors', async () => {
    const dates = ['2026-01-02', '2026-12-30'] as const;
    const first = await license('L-a', 'full', dates);
    await license('L-b', 'full', ['2026-01-02', '2026-12-31'], ['L-a']);
    expect(await check(first)).toMatchObject({ code: 'valid' });
    await setLicenseState(at.db, 'L-b', 'suspended', { cause: 'unpaid', on: '2026-06-05' });
    expect(await check(first)).toMatchObject({ code: 'revoked' });
  });
});

describe('an evaluation', () => {
  const order = { account: 'A-1', sku: 'CAD', through: '2026-07-10', reason: 'a trade fair' };
  const ask = (body: object, headers = at.people.support.bearer) =>
    post('/licenses/evaluations', body, headers);

  it('is issued by a person, recorded, and its key handed over once', async () => {
    const made = await ask({ ...order, seats: 3 });
    expect(made.statusCode).toBe(200);
    const { license: number, key } = made.json<{ license: string; key: string }>();
    expect(await check(key)).toMatchObject({ valid: true, validThrough: '2026-07-10' });
    const headers = at.people.support.bearer;
    const page = await at.app.inject({ url: `/api/v1/licenses/${number}`, headers });
    expect(page.json<LicensePage>()).toMatchObject({ kind: 'evaluation', seats: '3' });
    expect(page.json<LicensePage>().transitions).toMatchObject([
      { action: 'issue', cause: 'evaluation-requested', note: 'a trade fair' },
    ]);
    const [note] = await crmNotesOf(at.db, 'A-1');
    expect(note?.body).toContain('3 × CAD');
    expect(note?.body).not.toContain('key/');
  });

  it('has an end within its limit, a known account and product, and a role that may', async () => {
    for (const through of ['2026-06-09', '2026-12-31'])
      expect((await ask({ ...order, through })).json<Problem>().code).toBe('invalid-input');
    expect((await ask({ ...order, account: 'A-none' })).statusCode).toBe(404);
    expect((await ask({ ...order, sku: 'none' })).statusCode).toBe(404);
    expect((await ask({ ...order, seats: 0 })).statusCode).toBe(400);
    expect((await ask(order, at.people.viewer.bearer)).statusCode).toBe(403);
  });
});

describe('people', () => {
  it('of support have a key sent again or replaced; a viewer does not', async () => {
    at.processes.answer = { license: 'L-full' };
    const url = '/licenses/L-full/reissue';
    const body = { leaked: true, reason: 'posted in a forum' };
    const done = await post(url, body, at.people.support.bearer);
    expect(done.json()).toEqual({ license: 'L-full' });
    expect(at.processes.asked.at(-1)).toMatchObject({
      what: 'reissue',
      args: [{ ...body, license: 'L-full' }, { role: 'support' }],
    });
    expect((await post(url, body, at.people.viewer.bearer)).statusCode).toBe(403);
    expect((await post(url, { leaked: true }, at.people.support.bearer)).statusCode).toBe(400);
    const none = await post('/licenses/L-none/reissue', body, at.people.support.bearer);
    expect(none.statusCode).toBe(404);
  });

  it('see how a license came to where it is', async () => {
    const headers = at.people.support.bearer;
    const list = await at.app.inject({ url: '/api/v1/licenses?account=A-1', headers });
    expect(list.statusCode).toBe(200);
    const answer = await at.app.inject({ url: '/api/v1/licenses/L-full', headers });
    expect(
      answer.json<LicensePage>().transitions.map(({ on, action, actor, replacedBy }) => ({
        on,
        action,
        actor,
        replacedBy,
      })),
    ).toEqual([
      { on: TODAY, action: 'issue', actor: 'Perennial', replacedBy: null },
      { on: TODAY, action: 'supersede', actor: 'Perennial', replacedBy: 'L-temp' },
    ]);
  });

  it('see licenses that an import brought beside ours, each once', async () => {
    const old = row('licenses', { license: 'L-elsewhere', account: 'A-1', subcontract: 'S-1' });
    const dated = { sku: 'CAD', seats: '2', validFrom: '2025-01-01', validThrough: '2025-12-31' };
    await putFact(at.db, 'licenses', { ...old, ...dated, kind: 'full', state: 'superseded' });
    const shown = { license: 'L-elsewhere', contract: 'C-1', seats: '2', state: 'superseded' };
    for (const path of ['/accounts/A-1', '/contracts/C-1']) {
      const { licenses } = (await at.as('viewer', 'GET', path)).json<{ licenses: LicenseView[] }>();
      const names = licenses.map(({ license }) => license);
      expect(names, path).toContain('L-full');
      expect(new Set(names).size, path).toBe(names.length);
      expect(licenses.at(-1), path).toMatchObject({ ...shown, ...dated, issuedOn: null });
    }
  });
  it('of support grant grace; a viewer does not', async () => {
    const body = { through: '2026-08-01', reason: 'their bank is slow' };
    at.processes.answer = { through: '2026-08-01' };
    const granted = await post('/contracts/C-1/grace', body, at.people.support.bearer);
    expect(granted.json()).toEqual({ through: '2026-08-01' });
    expect(at.processes.asked.at(-1)).toMatchObject({
      what: 'grantGrace',
      args: [{ ...body, subcontract: null }, { role: 'support' }],
    });
    expect((await post('/contracts/C-1/grace', body, at.people.viewer.bearer)).statusCode).toBe(
      403,
    );
  });
});

describe("the customer's own record", () => {
  const url = publicLinks('', CONFIGURATION.linkKey).account('A-1');
  const SCRIPT = '<script>alert(1)</script>';
  const propose = (fields: Record<string, string>, to = url) =>
    at.app.inject({
      method: 'POST',
      url: to,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(fields).toString(),
    });

  it('opens with its link alone and shows licenses, invoices and contacts', async () => {
    const page = await at.app.inject({ url });
    expect(page.statusCode).toBe(200);
    for (const words of ['Kunde &amp; Co', 'INV-OLD-1', 'S-1', 'ann@kunde.example'])
      expect(page.body).toContain(words);
    expect(page.body).not.toContain('key/');
    expect((await at.app.inject({ url: forgedLink(url) })).statusCode).toBe(404);
    const pay = publicLinks('', CONFIGURATION.linkKey)
      .payInvoice('A-1')
      .replace('/pay/', '/portal/');
    expect((await at.app.inject({ url: pay })).statusCode).toBe(404);
  });

  it('takes a correction as a proposal, shows a script in it as text, and writes it when accepted', async () => {
    const sent = await propose({
      'account.city': SCRIPT,
      'account.taxId': 'DE999',
      'account.paymentTerms': 'net 365',
      'contact.0.phone': '+49 30 1',
      remark: `please ${SCRIPT}`,
    });
    expect(sent.statusCode).toBe(303);
    const page = await at.app.inject({ url });
    expect(page.body).not.toContain('<script');
    expect(page.body).toContain('&lt;script&gt;');
    expect(await getFact(at.db, 'accounts', { account: 'A-1' })).toMatchObject({ taxId: null });

    const headers = at.people.support.bearer;
    const list = await at.app.inject({
      url: '/api/v1/corrections?state=waiting&sort=-proposedOn&limit=50',
      headers,
    });
    const today = await at.app.inject({ url: '/api/v1/reports/today', headers });
    expect(today.json<Today>().decisions).toContainEqual(
      expect.objectContaining({ kind: 'correction', mayDecide: true }),
    );
    const [waiting] = list.json<{ items: CorrectionView[] }>().items;
    expect(waiting?.changes.map(({ column, to }) => [column, to])).toEqual([
      ['city', SCRIPT],
      ['taxId', 'DE999'],
      ['phone', '+49 30 1'],
    ]);
    const path = `/corrections/${waiting?.correction}`;
    expect((await post(`${path}/accept`, {}, at.people.viewer.bearer)).statusCode).toBe(403);
    expect((await post(`${path}/accept`, {}, headers)).json()).toMatchObject({ state: 'accepted' });
    expect(await getFact(at.db, 'accounts', { account: 'A-1' })).toMatchObject({
      taxId: 'DE999',
      paymentTerms: null,
    });
    const contact = { account: 'A-1', email: 'ann@kunde.example' };
    expect(await getFact(at.db, 'contacts', contact)).toMatchObject({ phone: '+49 30 1' });
    const [note] = await crmNotesOf(at.db, 'A-1');
    expect(note?.body).toContain('taxId: (empty) → DE999');
    expect(
      (await post(`${path}/refuse`, { reason: 'as it was' }, headers)).json<Problem>().code,
    ).toBe('already-decided');
  });

  it('refuses what is no value of the record, another site’s form, and too many at once', async () => {
    expect((await propose({ 'account.country': 'Germany' })).statusCode).toBe(400);
    const foreign = await at.app.inject({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'https://evil.example',
      },
      payload: 'remark=hello',
    });
    expect(foreign.statusCode).toBe(403);
    for (let nth = 0; nth < 10; nth += 1) await propose({ remark: `wish ${nth}` });
    expect((await propose({ remark: 'one more' })).statusCode).toBe(429);
  });
});
