import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createKeygenIssuer,
  type KeygenOptions,
} from '../../../connectors/license/keygen/issuer.ts';
import { keygenId } from '../../../connectors/license/keygen/transform.ts';
import { createOwnIssuer } from '../../../connectors/license/own/issuer.ts';
import { generateKeyPair, readPrivateKey } from '../../../connectors/license/own/signing-key.ts';
import type { LicenseIssuer } from '../../../connectors/license/port.ts';
import { closeServer, openHttpServer } from '../../infrastructure/local-server.ts';
import { describeIssuer, order } from './contract.ts';
import { ACCOUNT, KeygenServer, TOKEN } from './keygen-server.ts';

let server: KeygenServer;
let options: KeygenOptions;
let issuer: LicenseIssuer;
const id = keygenId(order.license);

async function connected(): Promise<LicenseIssuer> {
  options = {
    origin: await server.start(),
    keygenAccount: ACCOUNT,
    token: TOKEN,
    version: '1.7',
    timeoutSeconds: 60,
    policies: { CAD: 'policy-cad', 'CAD/Enterprise': 'policy-enterprise' },
    seatLimit: 'maxMachines',
    now: () => new Date('2027-12-30T23:59:59Z'),
  };
  return createKeygenIssuer(options);
}

beforeEach(() => {
  server = new KeygenServer();
});
afterEach(() => server.stop());

describeIssuer('our own', async () => {
  await connected();
  return createOwnIssuer(readPrivateKey(generateKeyPair().privatePem));
});
describeIssuer('Keygen', connected);

describe('Keygen', () => {
  beforeEach(async () => {
    issuer = await connected();
  });

  it('is given an absolute expiry, seats and what no attribute of its own says', async () => {
    await issuer.issue(order);
    expect(server.licenses.get(id)).toMatchObject({
      policy: 'policy-cad',
      attributes: {
        name: 'license:C-1042/1',
        expiry: '2027-12-31T23:59:59Z',
        maxMachines: 25,
        metadata: { account: 'ACME', validFrom: '2027-01-01', kind: 'full' },
      },
    });
    const next = { ...order, claims: { ...order.claims, validThrough: '2028-12-31', seats: 30 } };
    await issuer.issue(next);
    await issuer.issue(next);
    expect(server.licenses.size).toBe(1);
    expect(server.licenses.get(id)?.attributes).toMatchObject({
      expiry: '2028-12-31T23:59:59Z',
      maxMachines: 30,
    });
    expect(server.requests.join()).not.toContain('renew');
  });

  it('moves to the policy of another edition', async () => {
    await issuer.issue(order);
    await issuer.issue({ ...order, claims: { ...order.claims, edition: 'Enterprise' } });
    expect(server.licenses.get(id)?.policy).toBe('policy-enterprise');
  });

  it('lets a suspended license run again when it is issued anew', async () => {
    await issuer.issue(order);
    await issuer.suspend(order.license);
    expect(server.licenses.get(id)?.attributes.suspended).toBe(true);
    await issuer.issue(order);
    expect(server.licenses.get(id)?.attributes.suspended).toBe(false);
  });

  it('a license made without our hearing of it is found, not made again', async () => {
    server.faults.push({ status: 404 }, 'silence-after-effect');
    expect(await issuer.issue(order)).toMatchObject({ result: 'unknown', retryAfterSeconds: null });
    expect(server.licenses.size).toBe(1);
    expect(await issuer.issue(order)).toMatchObject({ result: 'ok', value: { reference: id } });
    expect(server.requests.filter((request) => request.startsWith('POST'))).toHaveLength(1);
  });

  it('a license that another attempt made in between is taken over', async () => {
    server.meanwhile = () =>
      server.licenses.set(id, {
        attributes: { key: 'KEY-OTHER', suspended: false, expiry: null },
        policy: 'policy-cad',
      });
    expect(await issuer.issue(order)).toMatchObject({ result: 'ok', value: { key: 'KEY-OTHER' } });
    expect(server.licenses.get(id)?.attributes.expiry).toBe('2027-12-31T23:59:59Z');
  });

  it('a file lives as long as the license', async () => {
    const answer = await issuer.issue({ ...order, format: 'encrypted-file' });
    const file = answer.result === 'ok' ? (answer.value.file ?? '') : '';
    const content = JSON.parse(Buffer.from(file.split('\n')[1] ?? '', 'base64').toString());
    expect(content).toMatchObject({ ttl: 86_400, alg: 'aes-256-gcm+ed25519' });
  });

  it.each([
    [429, { 'Retry-After': '17' }, { result: 'unknown', retryAfterSeconds: 17 }],
    [503, {}, { result: 'unknown', retryAfterSeconds: null }],
    [200, {}, { result: 'unknown' }],
    [401, {}, { result: 'rejected', code: 'not-authorized' }],
    [422, {}, { result: 'rejected', code: 'refused' }],
  ])('answers %i as what it is', async (status, headers, expected) => {
    server.faults.push({ status, headers, body: '<html>' });
    expect(await issuer.issue(order)).toMatchObject(expected);
  });

  it('a wrong token is told without being shown', async () => {
    const answer = await createKeygenIssuer({ ...options, token: 'secret-token' }).issue(order);
    expect(answer).toMatchObject({ result: 'rejected', code: 'not-authorized' });
    expect(JSON.stringify(answer)).not.toContain('secret-token');
  });

  it('an edition without a policy, and a license that is not there, are for a person', async () => {
    const claims = { ...order.claims, product: 'CAM' };
    expect(await issuer.issue({ ...order, claims })).toMatchObject({ code: 'product-unmapped' });
    expect(await issuer.suspend('license:none')).toMatchObject({
      result: 'rejected',
      code: 'not-found',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('silence is an unknown answer', async () => {
    const silent = createServer();
    const origin = await openHttpServer(silent);
    const slow = createKeygenIssuer({ ...options, origin, timeoutSeconds: 0.2 });
    expect(await slow.suspend(order.license)).toMatchObject({ result: 'unknown' });
    await closeServer(silent);
  });
});
