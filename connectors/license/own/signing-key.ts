/**
 * Ed25519 key pairs that sign licenses: PKCS 8 and SPKI in PEM, as every cryptographic library
 * reads them. A key id names a pair in messages and logs; verifiers need none, they try the few
 * public keys they hold.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { fromBase64, fromBase64Url } from './encoding.ts';

export interface KeyPair {
  /** PKCS 8, secret. */
  readonly privatePem: string;
  /** SPKI, to be shipped with the software. */
  readonly publicPem: string;
  readonly keyId: string;
}

/** A text that is no usable key; the message says what would be. */
export class SigningKeyError extends Error {
  override readonly name = 'SigningKeyError';
}

/** Whoever signs for us did not answer, or not usefully: asking again is right. */
export class SignerSilentError extends Error {
  override readonly name = 'SignerSilentError';
}

const SIGNATURE_BYTES = 64;

export function generateKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    keyId: keyIdOf(publicKey),
  };
}

/** The first 16 hexadecimal digits of the SHA-256 of the public key's SPKI bytes. */
export function keyIdOf(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 16);
}

/**
 * @throws SigningKeyError where the text is no Ed25519 private key in PKCS 8. Never quotes the
 * text.
 */
export function readPrivateKey(pem: string): KeyObject {
  return ed25519(() => createPrivateKey(pem), 'an Ed25519 private key (PKCS 8, PEM)');
}

/**
 * @throws SigningKeyError where the text is no Ed25519 public key in SPKI, also where it is the
 * private one.
 */
export function readPublicKey(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY'))
    throw new SigningKeyError('this is a private key; give the public key (public.pem) instead');
  return ed25519(() => createPublicKey(pem), 'an Ed25519 public key (SPKI, PEM)');
}

function ed25519(read: () => KeyObject, expected: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw new SigningKeyError(`the file does not hold ${expected}`, { cause });
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new SigningKeyError(`the key is of type ${key.asymmetricKeyType}, not ${expected}`);
  return key;
}

/**
 * The signature over a text. Ed25519 is deterministic: the same text and key give the same bytes.
 */
export function signText(text: string, privateKey: KeyObject): Buffer {
  return sign(null, Buffer.from(text, 'utf8'), privateKey);
}

/**
 * Whether one of the public keys made an encoded signature over a text; several during a key
 * rotation.
 */
export function isSignedBy(
  text: string,
  signature: { readonly encoded: string; readonly alphabet: 'base64' | 'base64url' },
  publicKeys: readonly KeyObject[],
): boolean {
  const { encoded, alphabet } = signature;
  const bytes = alphabet === 'base64' ? fromBase64(encoded) : fromBase64Url(encoded);
  if (bytes?.length !== SIGNATURE_BYTES) return false;
  const message = Buffer.from(text, 'utf8');
  return publicKeys.some((publicKey) => verify(null, message, publicKey, bytes));
}
