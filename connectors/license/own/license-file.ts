/**
 * The long form: an armoured block around the base64 of `{enc, sig, alg}`; `sig` signs "license/"
 * and `enc`. Plain (`base64+ed25519`): `enc` is the base64 of the claims. Encrypted
 * (`aes-256-gcm+ed25519`): `enc` is ciphertext, IV and tag, each base64, with dots between; the AES
 * key is the SHA-256 of the license key. Keygen's published format.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  type KeyObject,
} from 'node:crypto';
import { armour, fromBase64, isBase64, unarmour } from './encoding.ts';
import { BAD_SIGNATURE, type Opened, refuse, tidyKey } from './license-key.ts';
import type { Signing } from './signing.ts';
import { isSignedBy } from './signing-key.ts';

const LABEL = 'LICENSE FILE';
export const PLAIN = 'base64+ed25519';
export const ENCRYPTED = 'aes-256-gcm+ed25519';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The signed envelope inside the armour; revocation lists use it too. */
export interface Envelope {
  readonly enc: string;
  readonly sig: string;
  readonly alg: string;
}

/** The claims in a plain file; the same claims give the same file. */
export function* signingFile(payload: Buffer): Signing<string> {
  const enc = payload.toString('base64');
  return armour(LABEL, yield* signingEnvelope('license/', enc, PLAIN));
}

/**
 * The claims in a file that opens with the license key only; the same claims and key give the same
 * file.
 */
export function* signingEncryptedFile(payload: Buffer, licenseKey: string): Signing<string> {
  const enc = encrypt(payload.toString('utf8'), licenseKey);
  return armour(LABEL, yield* signingEnvelope('license/', enc, ENCRYPTED));
}

export function* signingEnvelope(prefix: string, enc: string, alg: string): Signing<Envelope> {
  const signature = yield prefix + enc;
  return { enc, sig: signature.toString('base64'), alg };
}

/** Reads what armour held as an envelope; null where it is none. */
export function readEnvelope(value: unknown): Envelope | null {
  if (typeof value !== 'object' || value === null) return null;
  const { enc, sig, alg }: { enc?: unknown; sig?: unknown; alg?: unknown } = value;
  const texts = typeof enc === 'string' && typeof sig === 'string' && typeof alg === 'string';
  return texts && enc !== '' ? { enc, sig, alg } : null;
}

/** The envelope of a license file, null where the text is none. Nothing in it is checked yet. */
export function fileEnvelope(text: string): Envelope | null {
  return readEnvelope(unarmour(LABEL, text));
}

/**
 * Checks the signature, then decodes or decrypts.
 * @param licenseKey needed for an encrypted file, ignored for a plain one
 */
export function openFile(
  text: string,
  publicKeys: readonly KeyObject[],
  licenseKey: string | null,
): Opened {
  const envelope = fileEnvelope(text);
  if (envelope === null)
    return refuse('malformed', `not a license file: no whole ${LABEL} block with enc, sig and alg`);
  if (!isBase64(envelope.sig)) return refuse('malformed', 'the signature is not base64');
  const signature = { encoded: envelope.sig, alphabet: 'base64' } as const;
  if (!isSignedBy(`license/${envelope.enc}`, signature, publicKeys))
    return refuse('bad-signature', BAD_SIGNATURE);
  return contentOf(envelope, licenseKey);
}

/** The content of an envelope whose signature the caller has checked. */
export function contentOf(envelope: Envelope, licenseKey: string | null): Opened {
  if (envelope.alg === ENCRYPTED) {
    if (licenseKey === null)
      return refuse('malformed', 'the file is encrypted: give the license key it was issued with');
    return decrypt(envelope.enc, licenseKey);
  }
  if (envelope.alg !== PLAIN)
    return refuse('malformed', `unknown algorithm; known are ${PLAIN} and ${ENCRYPTED}`);
  const payload = fromBase64(envelope.enc);
  return payload === null
    ? refuse('malformed', 'the content of the file is not base64')
    : { ok: true, payload };
}

function aesKey(licenseKey: string): Buffer {
  return createHash('sha256').update(tidyKey(licenseKey), 'utf8').digest();
}

/**
 * The IV comes from key and content, so equal content gives an equal file and no IV serves two
 * contents.
 */
function encrypt(content: string, licenseKey: string): string {
  const key = aesKey(licenseKey);
  const iv = createHmac('sha256', key)
    .update(`iv/${content}`, 'utf8')
    .digest()
    .subarray(0, IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  const ciphertext = Buffer.concat([cipher.update(content, 'utf8'), cipher.final()]);
  return [ciphertext, iv, cipher.getAuthTag()].map((part) => part.toString('base64')).join('.');
}

function decrypt(enc: string, licenseKey: string): Opened {
  const [ciphertext, iv, tag, ...more] = enc.split('.').map(fromBase64);
  if (!ciphertext || !iv || tag?.length !== TAG_BYTES || iv.length === 0 || more.length > 0)
    return refuse('malformed', 'an encrypted file holds ciphertext, IV and tag in base64');
  try {
    const decipher = createDecipheriv(CIPHER, aesKey(licenseKey), iv, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(tag);
    return { ok: true, payload: Buffer.concat([decipher.update(ciphertext), decipher.final()]) };
  } catch {
    // The tag did not fit: node says no more than that.
    return refuse('malformed', 'the file does not open with this license key');
  }
}
