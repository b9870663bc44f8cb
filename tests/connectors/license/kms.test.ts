/** A key service that signs for us, against a local server that answers as Vault's transit engine is documented to. */
import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createOwnIssuer } from '../../../connectors/license/own/issuer.ts';
import { createVaultTransit, type KeyService } from '../../../connectors/license/own/kms.ts';
import { verifyLicense } from '../../../connectors/license/own/verification.ts';
import type { LicenseClaims } from '../../../domain/licenses/claims.ts';
import { closeServer, openHttpServer } from '../../infrastructure/local-server.ts';

const TOKEN = 'hvs.secret-token';
const claims: LicenseClaims = {
  account: 'A-1',
  product: 'CAD',
  edition: 'standard',
  seats: 5,
  validFrom: '2027-01-01',
  validThrough: '2027-12-31',
  kind: 'full',
};
const order = { license: 'license:S-1', claims, format: 'key' } as const;

let versions: { privateKey: KeyObject; publicKey: KeyObject }[];
let fault: { status: number; body: string } | null;
let type: string;
let requests: string[];
let server: Server;
let keyUrl: string;
let service: KeyService;
let now: number;

async function answer(
  request: IncomingMessage,
): Promise<{ status: number; body: object | string }> {
  let text = '';
  for await (const chunk of request) text += chunk;
  requests.push(`${request.method} ${request.url}`);
  if (fault !== null) return fault;
  if (request.headers['x-vault-token'] !== TOKEN)
    return { status: 403, body: { errors: ['permission denied'] } };
  if (request.method === 'GET' && request.url === '/v1/transit/keys/licenses') {
    const raw = (key: KeyObject) => key.export({ format: 'der', type: 'spki' }).subarray(-32);
    const keys = versions.map(({ publicKey }, index) => [
      String(index + 1),
      { public_key: raw(publicKey).toString('base64') },
    ]);
    const data = { type, latest_version: versions.length, keys: Object.fromEntries(keys) };
    return { status: 200, body: { data } };
  }
  if (request.method === 'POST' && request.url === '/v1/transit/sign/licenses') {
    const { input }: { input: string } = JSON.parse(text);
    const latest = versions.at(-1);
    if (latest === undefined) return { status: 404, body: { errors: [] } };
    const signature = sign(null, Buffer.from(input, 'base64'), latest.privateKey);
    const told = `vault:v${versions.length}:${signature.toString('base64')}`;
    return { status: 200, body: { data: { signature: told } } };
  }
  return { status: 404, body: { errors: ['no handler for route'] } };
}

beforeAll(async () => {
  server = createServer((request, response) => {
    void answer(request).then(({ status, body }) =>
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)),
    );
  });
  keyUrl = `${await openHttpServer(server)}/v1/transit/keys/licenses`;
});
afterAll(() => closeServer(server));
const connected = (token = TOKEN) =>
  createVaultTransit({ keyUrl, token, timeoutSeconds: 60, now: () => now });
beforeEach(() => {
  versions = [generateKeyPairSync('ed25519')];
  [fault, type, requests, now] = [null, 'ed25519', [], 0];
  service = connected();
});

it('signs what our own verification and any other accept, and holds no private key', async () => {
  const issued = await createOwnIssuer(service.sign).issue(order);
  const key = issued.result === 'ok' ? issued.value.key : '';
  const publicKeys = await service.publicKeys();
  expect(verifyLicense(key, { publicKeys, on: '2027-06-01' })).toMatchObject({ code: 'valid' });
  const signature = await service.sign('text');
  const [current] = publicKeys;
  expect(current && verify(null, Buffer.from('text'), current, signature)).toBe(true);
});

it('accepts every version of the key, the newest first, and asks anew after some minutes', async () => {
  const before = await createOwnIssuer(service.sign).issue(order);
  await service.publicKeys();
  versions.push(generateKeyPairSync('ed25519'));
  expect(await service.publicKeys()).toHaveLength(1);
  expect(requests.filter((request) => request.startsWith('GET'))).toHaveLength(1);
  now = 301_000;
  const publicKeys = await service.publicKeys();
  expect(publicKeys.map((key) => key.equals(versions[1]?.publicKey as KeyObject))).toEqual([
    true,
    false,
  ]);
  const old = before.result === 'ok' ? before.value.key : '';
  expect(verifyLicense(old, { publicKeys, on: '2027-06-01' }).code).toBe('valid');
});

it.each([
  [503, '{"errors":["Vault is sealed"]}', { result: 'unknown' }],
  [200, '<html>', { result: 'unknown' }],
  [429, '{"errors":["rate limited"]}', { result: 'unknown' }],
  [200, '{"data":{"signature":"vault:v1:AAAA"}}', { result: 'rejected' }],
  [404, '{"errors":[]}', { result: 'rejected', code: 'signing-key-unusable' }],
])('answers %i %s as what it is', async (status, body, expected) => {
  fault = { status, body };
  expect(await createOwnIssuer(service.sign).issue(order)).toMatchObject(expected);
});

it('tells a wrong token without showing it, and a key of another type', async () => {
  const answered = await createOwnIssuer(connected('hvs.wrong').sign).issue(order);
  expect(answered).toMatchObject({
    result: 'rejected',
    message: expect.stringContaining('permission denied'),
  });
  expect(JSON.stringify(answered)).not.toContain('hvs.wrong');
  type = 'aes256-gcm96';
  await expect(service.publicKeys()).rejects.toThrow('no key of type ed25519');
});

it('takes silence for an unknown answer', async () => {
  const nowhere = createVaultTransit({
    keyUrl: 'http://127.0.0.1:1/v1/transit/keys/licenses',
    token: TOKEN,
    timeoutSeconds: 2,
    now: () => 0,
  });
  expect(await createOwnIssuer(nowhere.sign).issue(order)).toMatchObject({
    result: 'unknown',
    message: expect.stringContaining('did not answer'),
  });
});
