/**
 * The short form: `key/<base64url of the claims>.<base64url of the signature over "key/" and the
 * first part>`, without padding; Keygen's published format for signed keys (ED25519_SIGN).
 */
import type { KeyObject } from 'node:crypto';
import { fromBase64Url, isBase64Url } from './encoding.ts';
import type { Signing } from './signing.ts';
import { isSignedBy } from './signing-key.ts';

export const KEY_PREFIX = 'key/';
const UNTIDY = /[\s\uFEFF\u200B]/;
const ALL_UNTIDY = /[\s\uFEFF\u200B]+/g;

/** The signed content of a key or file, or why there is none. `message` tells people what to do. */
export type Opened =
  | { readonly ok: true; readonly payload: Buffer }
  | { readonly ok: false; readonly code: 'bad-signature' | 'malformed'; readonly message: string };

/** A key or file taken apart before its signature is looked at. */
export function refuse(code: 'bad-signature' | 'malformed', message: string): Opened {
  return { ok: false, code, message };
}

export const BAD_SIGNATURE = 'no given public key made this signature, or the content was changed';

/** @param payload the canonical claims */
export function* signingKey(payload: Buffer): Signing<string> {
  const signed = KEY_PREFIX + payload.toString('base64url');
  const signature = yield signed;
  return `${signed}.${signature.toString('base64url')}`;
}

/**
 * A key as pasted from a mail: blanks and line breaks are not of the alphabet, so they carry
 * nothing.
 */
export function tidyKey(pasted: string): string {
  return UNTIDY.test(pasted) ? pasted.replace(ALL_UNTIDY, '') : pasted;
}

interface KeyParts {
  readonly payload: string;
  readonly signature: string;
}

/** The two parts of a key, null where it has not the shape of one. */
export function keyParts(pasted: string): KeyParts | null {
  const key = tidyKey(pasted);
  if (!key.startsWith(KEY_PREFIX)) return null;
  const [payload = '', signature = '', ...more] = key.slice(KEY_PREFIX.length).split('.');
  if (more.length > 0 || !isBase64Url(payload) || !isBase64Url(signature)) return null;
  return { payload, signature };
}

/** Checks the signature before anything of the content is looked at. */
export function openKey(pasted: string, publicKeys: readonly KeyObject[]): Opened {
  const parts = keyParts(pasted);
  if (parts === null)
    return refuse(
      'malformed',
      'not a license key: it reads key/CONTENT.SIGNATURE, base64url unpadded',
    );
  const signature = { encoded: parts.signature, alphabet: 'base64url' } as const;
  if (!isSignedBy(KEY_PREFIX + parts.payload, signature, publicKeys))
    return refuse('bad-signature', BAD_SIGNATURE);
  const payload = fromBase64Url(parts.payload);
  if (payload === null) return refuse('malformed', 'the content of the key is not base64url');
  return { ok: true, payload };
}
