import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createOwnIssuer } from '../../../connectors/license/own/issuer.ts';
import {
  acceptedKeys,
  currentKeyId,
  ensureFirstPair,
  keyRing,
  retire,
  rotate,
} from '../../../connectors/license/own/key-ring.ts';
import { verifyLicense } from '../../../connectors/license/own/verification.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'ring-')), 'license-keys');
  ensureFirstPair(folder, Buffer.alloc(32, 5));
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const claims = (seats: number) => ({
  account: 'A-1',
  product: 'CAD',
  edition: 'standard',
  seats,
  validFrom: '2027-01-01',
  validThrough: '2027-12-31',
  kind: 'full' as const,
});
async function issue(seats = 5) {
  const issuer = createOwnIssuer(keyRing(folder).sign);
  return issuer.issue({ license: 'license:S-1', claims: claims(seats), format: 'key' });
}
async function keyOf(seats = 5): Promise<string> {
  const answer = await issue(seats);
  if (answer.result !== 'ok') throw new Error(JSON.stringify(answer));
  return answer.value.key;
}
function codeOf(key: string) {
  const publicKeys = acceptedKeys(folder).map(({ publicKey }) => publicKey);
  return verifyLicense(key, { publicKeys, on: '2027-06-01' }).code;
}

it('makes the same first pair in every process, in files that only their owner reads', () => {
  const first = currentKeyId(folder);
  ensureFirstPair(folder, Buffer.alloc(32, 6));
  expect(currentKeyId(folder)).toBe(first);
  expect(statSync(join(folder, `${first}.private.pem`)).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

it('signs with the new pair after a rotation, without a restart, and still accepts the old', async () => {
  const issuer = createOwnIssuer(keyRing(folder).sign);
  const order = { license: 'license:S-1', claims: claims(5), format: 'key' } as const;
  const before = await issuer.issue(order);
  const old = acceptedKeys(folder)[0]?.keyId ?? '';
  const current = rotate(folder);
  const after = await issuer.issue(order);
  if (before.result !== 'ok' || after.result !== 'ok') throw new Error('both are issued');
  expect(after.value.key).not.toBe(before.value.key);
  expect([codeOf(before.value.key), codeOf(after.value.key)]).toEqual(['valid', 'valid']);
  expect(acceptedKeys(folder).map(({ keyId, isCurrent }) => [keyId, isCurrent])).toEqual([
    [current, true],
    [old, false],
  ]);
  retire(folder, old);
  expect([codeOf(before.value.key), codeOf(after.value.key)]).toEqual(['bad-signature', 'valid']);
  expect(() => retire(folder, current)).toThrow('rotate first');
});

it('goes on after a lost private key: refused in words, then a new pair, the old keys still good', async () => {
  const old = await keyOf();
  rmSync(join(folder, `${currentKeyId(folder)}.private.pem`));
  ensureFirstPair(folder, Buffer.alloc(32, 5));
  expect(await issue()).toMatchObject({
    result: 'rejected',
    code: 'signing-key-unusable',
    message: expect.stringContaining('perennial license rotate'),
  });
  expect(codeOf(old)).toBe('valid');
  rotate(folder);
  expect(codeOf(await keyOf(6))).toBe('valid');
  expect(codeOf(old)).toBe('valid');
});

it('does not sign with a private key that others can read', async () => {
  chmodSync(join(folder, `${currentKeyId(folder)}.private.pem`), 0o644);
  expect(await issue()).toMatchObject({
    result: 'rejected',
    message: expect.stringContaining('chmod 600'),
  });
});
