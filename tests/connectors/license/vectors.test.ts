import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { signLicense } from '../../../connectors/license/own/issuer.ts';
import { signingRevocations } from '../../../connectors/license/own/revocations.ts';
import { signedNear } from '../../../connectors/license/own/signing.ts';
import {
  generateKeyPair,
  readPrivateKey,
  readPublicKey,
} from '../../../connectors/license/own/signing-key.ts';
import { verifyLicense } from '../../../connectors/license/own/verification.ts';
import {
  checkLicense,
  isRevoked,
  trustedDay,
} from '../../../examples/verify-license/typescript/verify-license.ts';
import { makeVectors, type Vectors } from './vectors.ts';

const FILE = new URL('../../../examples/verify-license/vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors;
const publicKey = readPublicKey(vectors.publicKey);

describe('the published vectors', () => {
  it('are what we sign today, to the byte', () => {
    expect(vectors).toEqual(JSON.parse(JSON.stringify(makeVectors())));
  });

  it.each(vectors.cases)('$name: $code', ({ license, licenseKey, on, code, claims }) => {
    const terms = {
      publicKeys: [publicKey],
      on,
      ...(licenseKey === undefined ? {} : { licenseKey }),
    };
    expect(verifyLicense(license, terms)).toMatchObject({ code, claims, valid: code === 'valid' });
  });

  it.each(vectors.cases)(
    '$name, by the TypeScript example',
    ({ license, licenseKey, on, code, claims }) => {
      const check = checkLicense(license, [vectors.publicKey], on, licenseKey);
      expect(check).toEqual(claims === null ? { code } : { code, license: claims });
    },
  );
});

describe('the TypeScript example besides', () => {
  const pair = generateKeyPair();
  const privateKey = readPrivateKey(pair.privatePem);
  const [first] = vectors.cases.flatMap(({ claims }) => claims ?? []);
  if (first === undefined) throw new Error('the vectors hold claims');
  const signed = [1, 2].map((seats) => signLicense({ ...first, seats }, 'key', privateKey));
  const [off = signed[0], on = signed[1]] = signed;
  const entry = {
    fingerprint: off?.fingerprint ?? '',
    state: 'revoked',
    on: '2027-06-01',
  } as const;
  const list = signedNear(signingRevocations([entry], '2027-06-02'), privateKey);
  const revoked = (key: string, day: string, text = list) =>
    isRevoked(key, text, [pair.publicPem], day);

  it('reads the signed revocation list', () => {
    expect(revoked(off?.key ?? '', '2027-05-31')).toBe(false);
    expect(revoked(` ${off?.key}\n`, '2027-06-01')).toBe(true);
    expect(revoked(on?.key ?? '', '2027-06-01')).toBe(false);
    const cut = list.split('\n').toSpliced(2, 1).join('\n');
    expect(() => revoked(off?.key ?? '', '2027-06-01', cut)).toThrow();
    const other = [vectors.publicKey];
    expect(() => isRevoked(off?.key ?? '', list, other, '2027-06-01')).toThrow('not ours');
  });

  it('checks for the latest day it has seen, where the clock shows an earlier one', () => {
    expect(trustedDay('2027-06-01', null)).toBe('2027-06-01');
    expect(trustedDay('2026-01-01', '2027-06-01')).toBe('2027-06-01');
    expect(trustedDay('2027-06-02', '2027-06-01')).toBe('2027-06-02');
  });
});
