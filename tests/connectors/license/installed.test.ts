/** Which key signs in an installation, and how keys are stored there. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Configuration, readSettings } from '../../../connectors/configuration.ts';
import {
  installedIssuer,
  installedKeys,
  installedVault,
} from '../../../connectors/license/installed.ts';
import { rotate } from '../../../connectors/license/own/key-ring.ts';
import { generateKeyPair } from '../../../connectors/license/own/signing-key.ts';
import { verifyLicense } from '../../../connectors/license/own/verification.ts';
import { createKeyVault, isSealed, marksOf, storedKey } from '../../../connectors/license/vault.ts';
import type { LicenseClaims } from '../../../domain/licenses/claims.ts';

const SECRET = 'a secret of more than thirty-two characters';
const pair = generateKeyPair();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perennial-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const configured = (given: Record<string, string> = {}) =>
  readSettings({
    PERENNIAL_DATA: folder,
    PERENNIAL_SECRET: SECRET,
    ...given,
  }) as Configuration;
const claims: LicenseClaims = {
  account: 'A-1',
  product: 'CAD',
  edition: 'standard',
  seats: 5,
  validFrom: '2027-01-01',
  validThrough: '2027-12-31',
  kind: 'full',
};
async function issued(given: Record<string, string>) {
  const answer = await installedIssuer(configured(given)).issue({
    license: 'license:S-1',
    claims,
    format: 'key',
  });
  if (answer.result !== 'ok') return answer.message;
  const accepted = await installedKeys(configured(given)).accepted();
  const publicKeys = accepted.map(({ publicKey }) => publicKey);
  return {
    code: verifyLicense(answer.value.key, { publicKeys, on: '2027-06-01' }).code,
    keyIds: accepted.map(({ keyId }) => keyId),
  };
}

describe('the key that signs', () => {
  it('is of the data folder’s ring where nothing else is given', async () => {
    expect(await issued({})).toMatchObject({ code: 'valid' });
  });

  it.each([
    ['PEM', pair.privatePem],
    ['PEM with written line breaks', pair.privatePem.replaceAll('\n', '\\n')],
    ['base64', Buffer.from(pair.privatePem).toString('base64')],
  ])('is a secret of the environment, as %s', async (_, LICENSE_PRIVATE_KEY) => {
    const answer = await issued({ LICENSE_PRIVATE_KEY });
    expect(answer).toEqual({ code: 'valid', keyIds: [pair.keyId] });
  });

  it('is a file that its owner alone reads; what the ring accepts stays accepted', async () => {
    const ring = join(folder, 'license-keys');
    const earlier = rotate(ring);
    const file = join(folder, 'private.pem');
    writeFileSync(file, pair.privatePem, { mode: 0o600 });
    const given = { LICENSE_PRIVATE_KEY_FILE: file };
    expect(await issued(given)).toEqual({ code: 'valid', keyIds: [pair.keyId, earlier] });
    for (const mode of [0o640, 0o604, 0o644, 0o660]) {
      chmodSync(file, mode);
      expect(await issued(given)).toContain('chmod 600');
    }
  });

  it('is one only, and usable; faults name the variable and never show a secret', async () => {
    const both = { LICENSE_PRIVATE_KEY: pair.privatePem, LICENSE_KMS_URL: 'http://127.0.0.1/v1/k' };
    expect(() => installedKeys(configured(both))).toThrow('only one can sign licenses');
    const alone = { LICENSE_KMS_URL: 'http://127.0.0.1/v1/transit/keys/k' };
    expect(() => installedKeys(configured(alone))).toThrow('LICENSE_KMS_TOKEN');
    const wrong = { LICENSE_PRIVATE_KEY: 'no key but a secret' };
    expect(() => installedKeys(configured(wrong))).toThrow('LICENSE_PRIVATE_KEY');
    expect(() => installedKeys(configured(wrong))).toThrow(
      expect.not.stringContaining('no key but'),
    );
  });
});

describe('Keygen as the issuer', () => {
  const keygen = { KEYGEN_ACCOUNT: 'acme', KEYGEN_TOKEN: 'prod-x' };
  it('is chosen by its account, and says what is missing', () => {
    expect(installedIssuer(configured()).system).toBe('own');
    const whole = { ...keygen, KEYGEN_POLICIES: 'CAD=policy-cad,CAD/Pro=policy-pro' };
    expect(installedIssuer(configured(whole)).system).toBe('keygen');
    expect(() => installedIssuer(configured(keygen))).toThrow('KEYGEN_POLICIES');
    expect(() => installedIssuer(configured({ KEYGEN_ACCOUNT: 'acme' }))).toThrow('KEYGEN_TOKEN');
    expect(() => configured({ ...keygen, KEYGEN_POLICIES: 'CAD' })).toThrow('product=policy');
  });
});

describe('stored keys', () => {
  const vault = installedVault({ PERENNIAL_SECRET: SECRET });

  it('are sealed, differ each time, and open with the installation’s secret alone', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 600 }), (key) => {
        const [one, other] = [vault.seal(key), vault.seal(key)];
        expect(isSealed(one) && one !== other).toBe(true);
        expect(key.length < 8 || !one.includes(key)).toBe(true);
        expect(vault.open(one)).toBe(key);
        expect(() => createKeyVault(Buffer.alloc(32, 1)).open(one)).toThrow('PERENNIAL_SECRET');
      }),
    );
  });

  it('are refused where somebody changed them', () => {
    const sealed = vault.seal('key/abc.def');
    const at = sealed.length - 5;
    const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
    expect(() => vault.open(changed)).toThrow('license reissue');
  });

  it('from before are read as they stand, until the worker seals them', () => {
    expect(vault.open('key/abc.def')).toBe('key/abc.def');
  });

  it('are found again by what they say, whichever pair signed them', () => {
    const key = `key/${Buffer.from('{"a":1}').toString('base64url')}.AAAA`;
    const other = `key/${Buffer.from('{"a":1}').toString('base64url')}.BBBB`;
    expect(marksOf(key).fingerprint).toBe(marksOf(other).fingerprint);
    expect(marksOf('KEYGEN-1').fingerprint).not.toBe(marksOf('KEYGEN-2').fingerprint);
    expect(storedKey(vault, key)).toMatchObject({ keyEnd: key.slice(-6) });
  });
});
