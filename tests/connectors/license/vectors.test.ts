import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPublicKey } from '../../../connectors/license/own/signing-key.ts';
import { verifyLicense } from '../../../connectors/license/own/verification.ts';
import { checkLicense } from '../../../examples/verify-license/typescript/verify-license.ts';
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
