/**
 * License keys at rest: sealed with AES-256-GCM under a key that follows from the installation's secret, so that who reads
 * the database, a backup or an export of it can use none of them. What is kept beside (fingerprint, last characters) tells
 * keys apart and opens nothing.
 */
import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import { inspectLicense } from './own/verification.ts';

export interface KeyVault {
  seal(key: string): string;
  /** @throws SealedElsewhereError where it was sealed under another secret */
  open(sealed: string): string;
}

/** A stored key that this installation's secret does not open; the message says what to do. */
export class SealedElsewhereError extends Error {
  override readonly name = 'SealedElsewhereError';
}

/** What is stored of a key. */
export interface StoredKey {
  readonly key: string;
  readonly fingerprint: string;
  readonly keyEnd: string;
}

const PREFIX = 'sealed:1:';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const END_CHARACTERS = 6;

/** @param secret 32 bytes: `derivedKey(configuration, 'license-keys')` */
export function createKeyVault(secret: Buffer): KeyVault {
  return { seal: (key) => seal(key, secret), open: (sealed) => open(sealed, secret) };
}

export function isSealed(stored: string): boolean {
  return stored.startsWith(PREFIX);
}

/** A key as it is stored: sealed, with what finds it again. */
export function storedKey(vault: KeyVault, key: string): StoredKey {
  return { key: vault.seal(key), ...marksOf(key) };
}

/** The fingerprint of the signed claims, or of the key's text where it is none of our own form. */
export function marksOf(key: string): Omit<StoredKey, 'key'> {
  const fingerprint = inspectLicense(key, null)?.fingerprint ?? hash('sha256', key, 'hex');
  return { fingerprint, keyEnd: key.slice(-END_CHARACTERS) };
}

function seal(key: string, secret: Buffer): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, secret, iv, { authTagLength: TAG_BYTES });
  const content = Buffer.concat([
    iv,
    cipher.update(key, 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return PREFIX + content.toString('base64url');
}

function open(sealed: string, secret: Buffer): string {
  // From before keys were sealed; the worker seals these when it starts.
  if (!isSealed(sealed)) return sealed;
  const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
  const iv = bytes.subarray(0, IV_BYTES);
  const decipher = createDecipheriv(CIPHER, secret, iv, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const content = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES));
    return Buffer.concat([content, decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new SealedElsewhereError(
      'This license key was sealed under another PERENNIAL_SECRET: start with that secret, or reissue the license ' +
        '(perennial license reissue), which signs the same key again.',
      { cause },
    );
  }
}
