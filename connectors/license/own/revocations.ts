/**
 * What was switched off before its last day, as a signed list that software reads beside the key.
 * It is made from the record each time and carries no state of its own: a reinstated license is
 * simply no longer on it.
 */
import { hash, type KeyObject } from 'node:crypto';
import { type CivilDate, isCivilDate } from '../../../domain/dates/dates.ts';
import { armour, fromBase64, jsonOf, unarmour } from './encoding.ts';
import { PLAIN, readEnvelope, signingEnvelope } from './license-file.ts';
import { BAD_SIGNATURE } from './license-key.ts';
import type { Signing } from './signing.ts';
import { isSignedBy } from './signing-key.ts';

const LABEL = 'REVOCATION LIST';
const PREFIX = 'revocations/';

export interface Revocation {
  /** See {@link fingerprintOf}. */
  readonly fingerprint: string;
  readonly state: 'suspended' | 'revoked';
  /** The first day without the right. */
  readonly on: CivilDate;
}

export interface RevocationList {
  readonly revocations: readonly Revocation[];
  /** Null in a list from before lists said it. */
  readonly issuedOn: CivilDate | null;
}

export type RevocationsReading =
  | ({ readonly ok: true } & RevocationList)
  | { readonly ok: false; readonly code: 'bad-signature' | 'malformed'; readonly message: string };

/** The SHA-256 of the signed claims, in hexadecimal: the same for a key and the files beside it. */
export function fingerprintOf(payload: Uint8Array): string {
  return hash('sha256', payload, 'hex');
}

/**
 * One entry a fingerprint, sorted, so that the same revocations give the same list.
 * @param issuedOn the day it was made: a clock that shows an earlier day is wrong
 */
export function* signingRevocations(
  revocations: readonly Revocation[],
  issuedOn: CivilDate,
): Signing<string> {
  const sorted = revocations
    .map(({ fingerprint, state, on }) => ({ fingerprint, state, on }))
    .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : a.fingerprint > b.fingerprint ? 1 : 0));
  const content = JSON.stringify({ issuedOn, revocations: sorted });
  const enc = Buffer.from(content, 'utf8').toString('base64');
  return armour(LABEL, yield* signingEnvelope(PREFIX, enc, PLAIN));
}

export function readRevocations(
  text: string,
  publicKeys: readonly KeyObject[],
): RevocationsReading {
  const envelope = readEnvelope(unarmour(LABEL, text));
  if (envelope === null || envelope.alg !== PLAIN)
    return { ok: false, code: 'malformed', message: `not a whole ${LABEL} block` };
  const signature = { encoded: envelope.sig, alphabet: 'base64' } as const;
  if (!isSignedBy(PREFIX + envelope.enc, signature, publicKeys))
    return { ok: false, code: 'bad-signature', message: BAD_SIGNATURE };
  const content = jsonOf(fromBase64(envelope.enc) ?? Buffer.alloc(0));
  const revocations = listOf(content);
  if (revocations === null)
    return {
      ok: false,
      code: 'malformed',
      message: 'the list holds entries that are no revocations',
    };
  return { ok: true, revocations, issuedOn: issuedOnOf(content) };
}

function issuedOnOf(content: unknown): CivilDate | null {
  const { issuedOn }: { issuedOn?: unknown } = content as object;
  return typeof issuedOn === 'string' && isCivilDate(issuedOn) ? issuedOn : null;
}

function listOf(content: unknown): readonly Revocation[] | null {
  if (typeof content !== 'object' || content === null) return null;
  const { revocations }: { revocations?: unknown } = content;
  return Array.isArray(revocations) && revocations.every(isRevocation) ? revocations : null;
}

function isRevocation(value: unknown): value is Revocation {
  if (typeof value !== 'object' || value === null) return false;
  const entry: { fingerprint?: unknown; state?: unknown; on?: unknown } = value;
  return (
    typeof entry.fingerprint === 'string' &&
    /^[0-9a-f]{64}$/.test(entry.fingerprint) &&
    (entry.state === 'suspended' || entry.state === 'revoked') &&
    typeof entry.on === 'string' &&
    isCivilDate(entry.on)
  );
}
