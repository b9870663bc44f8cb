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
import { signingEncryptedFile, signingFile } from './license-file.ts';
import { signingKey } from './license-key.ts';
import { fingerprintOf } from './revocations.ts';
import { type Signing, signedBy, signedNear, type TextSigner } from './signing.ts';
import { SignerSilentError, SigningKeyError, signText } from './signing-key.ts';

export interface SignedLicense {
  readonly key: string;
  /** Null where a key alone was asked for. */
  readonly file: string | null;
  readonly fingerprint: string;
}

function* signingLicense(claims: LicenseClaims, format: LicenseFormat): Signing<SignedLicense> {
  const payload = Buffer.from(canonicalClaims(claims), 'utf8');
  const key = yield* signingKey(payload);
  const fingerprint = fingerprintOf(payload);
  if (format === 'key') return { key, file: null, fingerprint };
  const file =
    format === 'file' ? yield* signingFile(payload) : yield* signingEncryptedFile(payload, key);
  return { key, file, fingerprint };
}

/** A key, and the file where one is asked for. Claims must have been read by {@link readClaims}. */
export function signLicense(
  claims: LicenseClaims,
  format: LicenseFormat,
  privateKey: KeyObject,
): SignedLicense {
  return signedNear(signingLicense(claims, format), privateKey);
}

/** @param signer the private key, or who signs each text, so that a rotation needs no restart */
export function createOwnIssuer(signer: KeyObject | TextSigner): LicenseIssuer {
  const sign: TextSigner =
    typeof signer === 'function' ? signer : async (text) => signText(text, signer);
  const listed = (license: string): Promise<LicenseAnswer<Enforcement>> =>
    Promise.resolve({ result: 'ok', value: { license, enforcedBy: 'revocation-list' } });
  return {
    system: 'own',
    issue: (order) => issue(order, sign),
    suspend: listed,
    reinstate: listed,
    revoke: listed,
  };
}

/** A private key that is missing or unsafe is for a person: the words say what to do. */
async function issue(order: LicenseOrder, sign: TextSigner): Promise<LicenseAnswer<IssuedLicense>> {
  const reading = readClaims(order.claims);
  if (!reading.ok) {
    const message = reading.problems.map((p) => `${p.claim} ${p.message}`).join('; ');
    return { result: 'rejected', code: 'claims-invalid', message };
  }
  try {
    const signing = signingLicense(reading.claims, order.format);
    const { key, file, fingerprint } = await signedBy(signing, sign);
    return { result: 'ok', value: { license: order.license, key, file, reference: fingerprint } };
  } catch (error) {
    if (error instanceof SignerSilentError)
      return { result: 'unknown', message: error.message, retryAfterSeconds: null };
    if (!(error instanceof SigningKeyError)) throw error;
    return { result: 'rejected', code: 'signing-key-unusable', message: error.message };
  }
}
