/**
 * The licenses of examples/verify-license/vectors.json, made again from their orders with the
 * published test key of
 * RFC 8032 (7.1, TEST 1), so that the file is never edited by hand. A change here is a change of
 * the format.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { signLicense } from '../../../connectors/license/own/issuer.ts';
import type { VerificationCode } from '../../../connectors/license/own/verification.ts';
import type { LicenseClaims } from '../../../domain/licenses/claims.ts';

const PKCS8_ED25519 = '302e020100300506032b657004220420';
const RFC_8032_SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';

export interface VectorCase {
  readonly name: string;
  readonly license: string;
  readonly licenseKey?: string;
  readonly on: string;
  readonly code: VerificationCode;
  readonly claims: LicenseClaims | null;
}

export interface Vectors {
  readonly about: string;
  readonly publicKey: string;
  readonly cases: readonly VectorCase[];
}

const claims: LicenseClaims = {
  account: 'ACME',
  product: 'CAD',
  edition: 'Professional',
  seats: 25,
  validFrom: '2027-02-28',
  validThrough: '2028-02-27',
  kind: 'full',
};

export function makeVectors(): Vectors {
  const der = Buffer.from(PKCS8_ED25519 + RFC_8032_SEED, 'hex');
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  const umlauts: LicenseClaims = {
    ...claims,
    account: 'Müller & Söhne',
    kind: 'temporary',
    features: ['api', 'sso'],
  };
  const { key } = signLicense(claims, 'key', privateKey);
  const file = signLicense(claims, 'file', privateKey).file ?? '';
  const sealed = signLicense(umlauts, 'encrypted-file', privateKey);
  const sealedFile = sealed.file ?? '';
  const [content = '', signature = ''] = key.slice('key/'.length).split('.');
  const forged = Buffer.from(JSON.stringify({ ...claims, seats: 2500 })).toString('base64url');
  const on = '2027-06-15';
  const refused = (name: string, license: string, code: VerificationCode): VectorCase => ({
    name,
    license,
    on,
    code,
    claims: null,
  });
  return {
    about:
      'Licenses signed with the test key of RFC 8032, 7.1, TEST 1, and what checking each must give.',
    publicKey,
    cases: [
      { name: 'key', license: key, on, code: 'valid', claims },
      { name: 'key on its first day', license: key, on: '2027-02-28', code: 'valid', claims },
      { name: 'key on its last day', license: key, on: '2028-02-27', code: 'valid', claims },
      { name: 'key a day early', license: key, on: '2027-02-27', code: 'not-yet-valid', claims },
      { name: 'key a day late', license: key, on: '2028-02-28', code: 'expired', claims },
      {
        name: 'key wrapped by a mail',
        license: ` ${key.slice(0, 70)}\r\n${key.slice(70)}\n`,
        on,
        code: 'valid',
        claims,
      },
      refused('key with more seats written into it', `key/${forged}.${signature}`, 'bad-signature'),
      refused('key with another signature', `key/${content}.${'A'.repeat(86)}`, 'bad-signature'),
      refused('key cut short', key.slice(0, -4), 'bad-signature'),
      refused('key without a signature', `key/${content}`, 'malformed'),
      { name: 'file', license: file, on, code: 'valid', claims },
      {
        name: 'file with Windows line ends',
        license: file.replaceAll('\n', '\r\n'),
        on,
        code: 'valid',
        claims,
      },
      { name: 'file a day late', license: file, on: '2028-02-28', code: 'expired', claims },
      refused('file cut short', file.slice(0, -30), 'malformed'),
      {
        name: 'encrypted file',
        license: sealedFile,
        licenseKey: sealed.key,
        on,
        code: 'valid',
        claims: umlauts,
      },
      refused('encrypted file without its key', sealedFile, 'malformed'),
      { ...refused('encrypted file with another key', sealedFile, 'malformed'), licenseKey: key },
    ],
  };
}
