import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOwnIssuer, signLicense } from '../../../connectors/license/own/issuer.ts';
import {
  fingerprintOf,
  readRevocations,
  signingRevocations,
} from '../../../connectors/license/own/revocations.ts';
import { signedNear } from '../../../connectors/license/own/signing.ts';
import {
  generateKeyPair,
  keyIdOf,
  readPrivateKey,
  readPublicKey,
  SigningKeyError,
  signText,
} from '../../../connectors/license/own/signing-key.ts';
import {
  inspectLicense,
  type VerificationTerms,
  verifyLicense,
} from '../../../connectors/license/own/verification.ts';
import { canonicalClaims, type LicenseClaims } from '../../../domain/licenses/claims.ts';

const pair = generateKeyPair();
const privateKey = readPrivateKey(pair.privatePem);
const publicKey = readPublicKey(pair.publicPem);
const stranger = readPublicKey(generateKeyPair().publicPem);

const claims: LicenseClaims = {
  account: 'Ümläut & Söhne',
  product: 'CAD',
  edition: 'Professional',
  seats: 25,
  validFrom: '2026-01-01',
  validThrough: '2026-12-31',
  kind: 'full',
};
const on = '2026-06-15';
const check = (text: string, more: Partial<VerificationTerms> = {}) =>
  verifyLicense(text, { publicKeys: [publicKey], on, ...more });

const { key } = signLicense(claims, 'key', privateKey);
const file = signLicense(claims, 'file', privateKey).file ?? '';
const sealed = signLicense(claims, 'encrypted-file', privateKey).file ?? '';

const signRevocations = (list: Parameters<typeof signingRevocations>[0], key: typeof privateKey) =>
  signedNear(signingRevocations(list, '2026-06-15'), key);

/** A key around any content, signed as ours are. */
function signedKey(content: string | Uint8Array): string {
  const signed = `key/${Buffer.from(content).toString('base64url')}`;
  return `${signed}.${signText(signed, privateKey).toString('base64url')}`;
}

type Members = Record<string, unknown>;

/** A file whose envelope was changed after signing. */
function withEnvelope(text: string, change: (envelope: Members) => Members): string {
  const body = text.split('\n').slice(1, -2).join('');
  const envelope = JSON.parse(Buffer.from(body, 'base64').toString()) as Members;
  const changed = Buffer.from(JSON.stringify(change(envelope))).toString('base64');
  return `-----BEGIN LICENSE FILE-----\n${changed}\n-----END LICENSE FILE-----\n`;
}

describe('a key', () => {
  it('has the published shape, without padding, and is the same each time', () => {
    expect(key).toMatch(/^key\/[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/);
    expect(signLicense({ ...claims }, 'key', privateKey).key).toBe(key);
    const [content = ''] = key.slice(4).split('.');
    expect(JSON.parse(Buffer.from(content, 'base64url').toString())).toEqual(claims);
  });

  it('is valid on its first and last day, and says what it is outside of them', () => {
    expect(check(key)).toMatchObject({ valid: true, code: 'valid', claims });
    expect(check(key, { on: '2026-01-01' }).code).toBe('valid');
    expect(check(key, { on: '2026-12-31' }).code).toBe('valid');
    expect(check(key, { on: '2025-12-31' })).toMatchObject({
      valid: false,
      code: 'not-yet-valid',
      claims,
    });
    expect(check(key, { on: '2027-01-01' })).toMatchObject({
      valid: false,
      code: 'expired',
      claims,
    });
  });

  it('survives being pasted with blanks and line breaks', () => {
    const wrapped = `  ${key.slice(0, 50)}\r\n ${key.slice(50, 100)}\n${key.slice(100)}\n\n`;
    expect(check(wrapped).code).toBe('valid');
  });

  it('is refused under another public key, and accepted while both are in use', () => {
    expect(check(key, { publicKeys: [stranger] })).toMatchObject({
      code: 'bad-signature',
      claims: null,
    });
    expect(check(key, { publicKeys: [stranger, publicKey] }).code).toBe('valid');
    expect(check(key, { publicKeys: [] }).code).toBe('bad-signature');
  });

  it('with more seats written into it is refused', () => {
    const [, signature] = key.slice(4).split('.');
    const more = Buffer.from(canonicalClaims({ ...claims, seats: 2500 })).toString('base64url');
    expect(check(`key/${more}.${signature}`)).toMatchObject({
      valid: false,
      code: 'bad-signature',
      claims: null,
    });
  });

  it.each<[string, string, string]>([
    ['no signature', key.slice(0, key.indexOf('.')), 'malformed'],
    ['an empty signature', key.slice(0, key.indexOf('.') + 1), 'malformed'],
    ['no content', `key/${key.slice(key.indexOf('.'))}`, 'malformed'],
    ['three parts', `${key}.x`, 'malformed'],
    ['padding', `${key}==`, 'malformed'],
    ['another alphabet', key.replace('.', '+.'), 'malformed'],
    ['a cut signature', key.slice(0, -7), 'bad-signature'],
    ['nothing', 'key/', 'malformed'],
    ['signed text that is no JSON', signedKey('not json'), 'malformed'],
    ['signed bytes that are no UTF-8', signedKey(Uint8Array.of(0xff, 0xfe)), 'malformed'],
    ['signed JSON that is no license', signedKey('{"account":"ACME"}'), 'malformed'],
    ['a signed array', signedKey('[]'), 'malformed'],
    ['a signed null', signedKey('null'), 'malformed'],
    ['seats that are a text', signedKey(JSON.stringify({ ...claims, seats: '25' })), 'malformed'],
  ])('with %s is refused', (_, given, code) => {
    expect(check(given)).toMatchObject({ valid: false, code, claims: null });
  });

  it('law: no change of one character leaves it valid', () => {
    const characters =
      'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=/+~'.split('');
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: key.length - 1 }),
        fc.constantFrom(...characters),
        (at, character) => {
          if (key[at] === character) return;
          const changed = key.slice(0, at) + character + key.slice(at + 1);
          expect(['bad-signature', 'malformed']).toContain(check(changed).code);
        },
      ),
      { numRuns: 300 },
    );
    const last = key.slice(0, -1);
    const accepted = characters.filter((character) => check(last + character).valid);
    expect(accepted).toEqual([key.at(-1)]);
  });
});

describe('a license file', () => {
  it('is armoured, in standard base64, and the same each time', () => {
    expect(file).toMatch(
      /^-----BEGIN LICENSE FILE-----\n[A-Za-z0-9+/=\n]+\n-----END LICENSE FILE-----\n$/,
    );
    expect(signLicense(claims, 'file', privateKey).file).toBe(file);
    expect(signLicense(claims, 'encrypted-file', privateKey).file).toBe(sealed);
    expect(check(file)).toMatchObject({ valid: true, claims });
  });

  it('survives other line ends, blanks around it and a byte-order mark', () => {
    expect(check(`\uFEFF\r\n${file.replaceAll('\n', '\r\n')}\r\n\r\n`).code).toBe('valid');
  });

  it('encrypted opens with its key, pasted as it may be, and with no other', () => {
    expect(sealed).not.toContain(Buffer.from(claims.account).toString('base64').slice(0, 8));
    expect(check(sealed, { licenseKey: `${key}\n` })).toMatchObject({ valid: true, claims });
    expect(check(sealed)).toMatchObject({ valid: false, code: 'malformed', claims: null });
    expect(check(sealed, { licenseKey: `${key}x` })).toMatchObject({
      code: 'malformed',
      claims: null,
    });
    expect(check(sealed).message).toContain('license key');
    expect(check(sealed, { licenseKey: key, publicKeys: [stranger] }).code).toBe('bad-signature');
  });

  it.each<[string, string, string]>([
    [
      'changed content',
      withEnvelope(file, (e) => ({
        ...e,
        enc: Buffer.from(canonicalClaims({ ...claims, seats: 99 })).toString('base64'),
      })),
      'bad-signature',
    ],
    [
      'a foreign signature',
      withEnvelope(file, (e) => ({ ...e, sig: Buffer.alloc(64).toString('base64') })),
      'bad-signature',
    ],
    ['a short signature', withEnvelope(file, (e) => ({ ...e, sig: 'AAAA' })), 'bad-signature'],
    [
      'a signature that is no base64',
      withEnvelope(file, (e) => ({ ...e, sig: '***' })),
      'malformed',
    ],
    ['no signature', withEnvelope(file, ({ sig, ...e }) => e), 'malformed'],
    ['an unknown algorithm', withEnvelope(file, (e) => ({ ...e, alg: 'none' })), 'malformed'],
    [
      'the other algorithm',
      withEnvelope(file, (e) => ({ ...e, alg: 'aes-256-gcm+ed25519' })),
      'malformed',
    ],
    [
      'an envelope of another type',
      withEnvelope(file, () => ({ enc: 1, sig: [], alg: null })),
      'malformed',
    ],
    ['its end cut off', file.slice(0, -40), 'malformed'],
    ['its middle cut out', `${file.slice(0, 100)}${file.slice(161)}`, 'bad-signature'],
    ['another block', file.replaceAll('LICENSE FILE', 'CERTIFICATE'), 'malformed'],
    ['nothing', '', 'malformed'],
    ['an empty block', '-----BEGIN LICENSE FILE-----\n-----END LICENSE FILE-----', 'malformed'],
  ])('with %s is refused', (_, given, code) => {
    expect(check(given, { licenseKey: key })).toMatchObject({ valid: false, code, claims: null });
  });
});

describe('revocation', () => {
  const fingerprint = fingerprintOf(Buffer.from(canonicalClaims(claims)));
  const revoked = { fingerprint, state: 'revoked', on: '2026-06-15' } as const;

  it('stops key and files from its day on, before the dates are looked at', () => {
    const revocations = [revoked];
    expect(check(key, { revocations })).toMatchObject({ valid: false, code: 'revoked', claims });
    expect(check(file, { revocations }).code).toBe('revoked');
    expect(check(sealed, { revocations, licenseKey: key }).code).toBe('revoked');
    expect(check(key, { revocations, on: '2026-06-14' }).code).toBe('valid');
    expect(check(key, { revocations, on: '2027-06-14' }).code).toBe('revoked');
  });

  it('leaves the replacement alone', () => {
    const next = signLicense({ ...claims, validThrough: '2027-12-31' }, 'key', privateKey).key;
    expect(check(next, { revocations: [revoked] }).code).toBe('valid');
  });

  it('travels in a signed list that is refused when changed, foreign or something else', () => {
    const list = signRevocations([revoked], privateKey);
    expect(readRevocations(list, [publicKey])).toEqual({
      ok: true,
      revocations: [revoked],
      issuedOn: '2026-06-15',
    });
    expect(readRevocations(list, [stranger])).toMatchObject({ ok: false, code: 'bad-signature' });
    expect(readRevocations(list.slice(0, -30), [publicKey])).toMatchObject({ code: 'malformed' });
    expect(readRevocations(file, [publicKey])).toMatchObject({ code: 'malformed' });
    const relabelled = file.replaceAll('LICENSE FILE', 'REVOCATION LIST');
    expect(readRevocations(relabelled, [publicKey])).toMatchObject({ code: 'bad-signature' });
  });

  it('law: the list does not depend on the order it was made in', () => {
    const entry = fc.record({
      fingerprint: fc.stringMatching(/^[0-9a-f]{64}$/),
      state: fc.constantFrom('revoked' as const, 'suspended' as const),
      on: fc.constantFrom('2026-01-01', '2026-02-28'),
    });
    const unique = fc.uniqueArray(entry, { selector: (e) => e.fingerprint, maxLength: 6 });
    fc.assert(
      fc.property(unique, (entries) => {
        const list = signRevocations(entries, privateKey);
        expect(signRevocations(entries.toReversed(), privateKey)).toBe(list);
      }),
      { numRuns: 30 },
    );
  });
});

describe('inspection', () => {
  it('shows the content of a key and of files, and proves nothing', () => {
    const forged = `key/${Buffer.from('{"seats":99}').toString('base64url')}.AAAA`;
    expect(inspectLicense(forged, null)).toMatchObject({ form: 'key', content: { seats: 99 } });
    expect(inspectLicense(file, null)).toMatchObject({ form: 'file', content: claims });
    expect(inspectLicense(sealed, key)).toMatchObject({ form: 'encrypted-file', content: claims });
    expect(inspectLicense(sealed, null)).toEqual({
      form: 'encrypted-file',
      content: null,
      fingerprint: null,
    });
    expect(inspectLicense('key/***', null)).toBeNull();
    expect(inspectLicense('hello', null)).toBeNull();
  });
});

describe('key pairs', () => {
  it('are PKCS 8 and SPKI, and both halves bear one id', () => {
    expect(pair.privatePem).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(pair.publicPem).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    expect([keyIdOf(privateKey), keyIdOf(publicKey)]).toEqual([pair.keyId, pair.keyId]);
  });

  it('of another algorithm, the wrong half, or no key at all are refused without being quoted', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const rsaPublic = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(() => readPublicKey(rsaPublic)).toThrow(/rsa/);
    expect(() => readPublicKey(pair.privatePem)).toThrow(/private key/);
    expect(() => readPrivateKey(pair.publicPem)).toThrow(SigningKeyError);
    expect(() => readPrivateKey('secret words')).toThrow(
      expect.not.stringContaining('secret words'),
    );
  });
});

describe('our own issuer', () => {
  const issuer = createOwnIssuer(privateKey);
  const order = { license: 'license:C-1042/1', claims, format: 'encrypted-file' } as const;

  it('gives the same license for the same order', async () => {
    const answer = await issuer.issue(order);
    expect(answer).toMatchObject({ result: 'ok', value: { license: order.license, key } });
    expect(await issuer.issue(order)).toEqual(answer);
  });

  it('rejects claims that no license may carry', async () => {
    const wrong = { ...order, claims: { ...claims, seats: 0 } };
    expect(await issuer.issue(wrong)).toMatchObject({ result: 'rejected', code: 'claims-invalid' });
  });

  it('leaves switching off to the list', async () => {
    const value = { license: 'L', enforcedBy: 'revocation-list' };
    expect(await issuer.suspend('L')).toEqual({ result: 'ok', value });
    expect(await issuer.suspend('L')).toEqual({ result: 'ok', value });
  });
});
