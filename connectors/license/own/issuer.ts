/**
 * Perennial's own issuer: signs, and holds no state. The record of what was issued is the database;
 * switching off reaches software through the signed revocation list that is made from that record.
 */
import type { KeyObject } from 'node:crypto';
import {
  canonicalClaims,
  type LicenseClaims,
  readClaims,
} from '../../../domain/licenses/claims.ts';
import type {
  Enforcement,
  IssuedLicense,
  LicenseAnswer,
  LicenseFormat,
  LicenseIssuer,
  LicenseOrder,
} from '../port.ts';
import { signEncryptedFile, signFile } from './license-file.ts';
import { signKey } from './license-key.ts';
import { fingerprintOf } from './revocations.ts';
import { SigningKeyError } from './signing-key.ts';

/** A key, and the file where one is asked for. Claims must have been read by {@link readClaims}. */
export function signLicense(
  claims: LicenseClaims,
  format: LicenseFormat,
  privateKey: KeyObject,
): { readonly key: string; readonly file: string | null; readonly fingerprint: string } {
  const key = signKey(claims, privateKey);
  const fingerprint = fingerprintOf(Buffer.from(canonicalClaims(claims), 'utf8'));
  if (format === 'key') return { key, file: null, fingerprint };
  const file =
    format === 'file' ? signFile(claims, privateKey) : signEncryptedFile(claims, key, privateKey);
  return { key, file, fingerprint };
}

/** @param key the private key, or where it is read from at each issue, so that a rotation needs no restart */
export function createOwnIssuer(key: KeyObject | (() => KeyObject)): LicenseIssuer {
  const listed = (license: string): Promise<LicenseAnswer<Enforcement>> =>
    Promise.resolve({ result: 'ok', value: { license, enforcedBy: 'revocation-list' } });
  return {
    system: 'own',
    issue: (order) => Promise.resolve(issueWith(order, key)),
    suspend: listed,
    reinstate: listed,
    revoke: listed,
  };
}

/** A private key that is missing or unsafe is for a person: the words say what to do. */
function issueWith(
  order: LicenseOrder,
  key: KeyObject | (() => KeyObject),
): LicenseAnswer<IssuedLicense> {
  let privateKey: KeyObject;
  try {
    privateKey = typeof key === 'function' ? key() : key;
  } catch (error) {
    if (!(error instanceof SigningKeyError)) throw error;
    return { result: 'rejected', code: 'signing-key-unusable', message: error.message };
  }
  return issue(order, privateKey);
}

function issue(order: LicenseOrder, privateKey: KeyObject): LicenseAnswer<IssuedLicense> {
  const reading = readClaims(order.claims);
  if (!reading.ok) {
    const message = reading.problems.map((p) => `${p.claim} ${p.message}`).join('; ');
    return { result: 'rejected', code: 'claims-invalid', message };
  }
  const { key, file, fingerprint } = signLicense(reading.claims, order.format, privateKey);
  return { result: 'ok', value: { license: order.license, key, file, reference: fingerprint } };
}
