/**
 * Checks a key or a license file offline: shape, signature, content, revocation, dates; in this
 * order.
 */
import type { KeyObject } from 'node:crypto';
import type { CivilDate } from '../../../domain/dates/dates.ts';
import { type LicenseClaims, readClaims, validityOn } from '../../../domain/licenses/claims.ts';
import { fromBase64Url, jsonOf } from './encoding.ts';
import { contentOf, ENCRYPTED, fileEnvelope, openFile } from './license-file.ts';
import { KEY_PREFIX, keyParts, type Opened, openKey, tidyKey } from './license-key.ts';
import { fingerprintOf, type Revocation } from './revocations.ts';

export const VERIFICATION_CODES = [
  'valid',
  'expired',
  'not-yet-valid',
  'bad-signature',
  'malformed',
  'revoked',
] as const;
export type VerificationCode = (typeof VERIFICATION_CODES)[number];

export interface Verification {
  readonly valid: boolean;
  readonly code: VerificationCode;
  /** What the license says; null unless its signature holds and it can be read. */
  readonly claims: LicenseClaims | null;
  /** One sentence for people. */
  readonly message: string;
}

export interface VerificationTerms {
  /** All that are accepted: the current one, and during a rotation the previous one too. */
  readonly publicKeys: readonly KeyObject[];
  readonly on: CivilDate;
  /** For encrypted files. */
  readonly licenseKey?: string;
  /** From a signed list that the caller has checked. */
  readonly revocations?: readonly Revocation[];
}

/** Whether a text is a key rather than a file's content or path. */
export function isKey(text: string): boolean {
  return tidyKey(text).startsWith(KEY_PREFIX);
}

/** @param text a key, or the content of a license file, or of a file that holds a key */
export function verifyLicense(text: string, terms: VerificationTerms): Verification {
  const opened = openLicense(text, terms);
  if (!opened.ok) return { valid: false, code: opened.code, claims: null, message: opened.message };
  const reading = readClaims(jsonOf(opened.payload));
  if (!reading.ok) {
    const wrong = reading.problems.map(({ claim, message }) => `${claim} ${message}`).join('; ');
    return { valid: false, code: 'malformed', claims: null, message: `signed, but ${wrong}` };
  }
  const { claims } = reading;
  const off = revocationOf(opened.payload, terms);
  if (off !== undefined)
    return { valid: false, code: 'revoked', claims, message: `${off.state} since ${off.on}` };
  const code = validityOn(claims, terms.on);
  return { valid: code === 'valid', code, claims, message: inWords(code, claims, terms.on) };
}

/** The signed bytes of a key or file, after its signature. */
export function openLicense(
  text: string,
  terms: Pick<VerificationTerms, 'publicKeys' | 'licenseKey'>,
): Opened {
  return isKey(text)
    ? openKey(text, terms.publicKeys)
    : openFile(text, terms.publicKeys, terms.licenseKey ?? null);
}

export interface Inspection {
  readonly form: 'key' | 'file' | 'encrypted-file';
  /** What it says about itself. Nothing is proven: that takes the public key. */
  readonly content: unknown;
  readonly fingerprint: string | null;
}

/**
 * What a key or file says, without checking any signature; null where it has not even the shape of
 * one.
 */
export function inspectLicense(text: string, licenseKey: string | null): Inspection | null {
  if (isKey(text)) {
    const bytes = fromBase64Url(keyParts(text)?.payload ?? '');
    return bytes === null ? null : shown('key', bytes);
  }
  const envelope = fileEnvelope(text);
  if (envelope === null) return null;
  const form = envelope.alg === ENCRYPTED ? 'encrypted-file' : 'file';
  const content = contentOf(envelope, licenseKey);
  return content.ok ? shown(form, content.payload) : { form, content: null, fingerprint: null };
}

function shown(form: Inspection['form'], payload: Buffer): Inspection | null {
  const content = jsonOf(payload);
  return content === undefined ? null : { form, content, fingerprint: fingerprintOf(payload) };
}

function revocationOf(payload: Buffer, { revocations = [], on }: VerificationTerms) {
  if (revocations.length === 0) return undefined;
  const fingerprint = fingerprintOf(payload);
  return revocations.find((entry) => entry.fingerprint === fingerprint && entry.on <= on);
}

function inWords(
  code: 'valid' | 'expired' | 'not-yet-valid',
  claims: LicenseClaims,
  on: CivilDate,
): string {
  if (code === 'valid') return `valid through ${claims.validThrough}`;
  if (code === 'expired') return `expired: valid through ${claims.validThrough}, checked for ${on}`;
  return `not valid yet: valid from ${claims.validFrom}, checked for ${on}`;
}
