/**
 * How software checks its license offline: copy this file, ship public.pem with the software.
 * Node.js only, no packages. The page for it is docs/check-licenses.md; vectors.json beside this
 * folder holds licenses and what they must give.
 */
import { createDecipheriv, createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

export interface License {
  readonly account: string;
  readonly product: string;
  readonly edition: string;
  readonly seats: number;
  readonly validFrom: string;
  readonly validThrough: string;
  readonly kind: 'full' | 'temporary' | 'evaluation';
  readonly features?: readonly string[];
  /** The covered asset it is for. */
  readonly subcontract?: string;
  /** From 2 on, where an earlier key of it leaked. */
  readonly issue?: number;
}

export type Check =
  | { readonly code: 'valid' | 'expired' | 'not-yet-valid'; readonly license: License }
  | { readonly code: 'bad-signature' | 'malformed' };

/**
 * @param text the key (`key/…`), or the content of a license file
 * @param publicKeys public.pem, and during a key rotation the previous one too
 * @param today YYYY-MM-DD; the first and the last day of a license are within it
 * @param licenseKey opens an encrypted license file
 */
export function checkLicense(
  text: string,
  publicKeys: readonly string[],
  today: string,
  licenseKey?: string,
): Check {
  const keys = publicKeys.map((pem) => createPublicKey(pem));
  const opened = text.trim().startsWith('key/')
    ? openKey(text, keys)
    : openFile(text, keys, licenseKey);
  if (typeof opened === 'string') return { code: opened };
  let license: License;
  try {
    license = JSON.parse(opened.toString('utf8')) as License;
  } catch {
    return { code: 'malformed' };
  }
  if (today < license.validFrom) return { code: 'not-yet-valid', license };
  return { code: today > license.validThrough ? 'expired' : 'valid', license };
}

/**
 * Whether a key is on a signed revocation list (GET …/public/licenses/revocations) by a day.
 * @throws Error where the list was changed, cut, or signed by somebody else
 */
export function isRevoked(
  key: string,
  list: string,
  publicKeys: readonly string[],
  today: string,
): boolean {
  const block =
    /^\s*-----BEGIN REVOCATION LIST-----([\w+/=\s]+)-----END REVOCATION LIST-----\s*$/.exec(list);
  const envelope = JSON.parse(Buffer.from(block?.[1] ?? '', 'base64').toString('utf8') || '{}') as {
    enc?: string;
    sig?: string;
  };
  const { enc = '', sig = '' } = envelope;
  const keys = publicKeys.map((pem) => createPublicKey(pem));
  if (!signed(`revocations/${enc}`, Buffer.from(sig, 'base64'), keys))
    throw new Error('this revocation list is not whole, or not ours');
  const content = key.replace(/\s+/g, '').slice('key/'.length).split('.')[0] ?? '';
  const fingerprint = createHash('sha256').update(Buffer.from(content, 'base64url')).digest('hex');
  const { revocations } = JSON.parse(Buffer.from(enc, 'base64').toString('utf8')) as {
    revocations: { fingerprint: string; on: string }[];
  };
  return revocations.some((one) => one.fingerprint === fingerprint && one.on <= today);
}

/**
 * The day to check for where a clock may have been set back: never before the latest day seen. Keep the answer beside the
 * key, and give it as `remembered` (null at first) the next time.
 */
export function trustedDay(today: string, remembered: string | null): string {
  return remembered !== null && remembered > today ? remembered : today;
}

type Opened = Buffer | 'bad-signature' | 'malformed';

function openKey(text: string, keys: readonly KeyObject[]): Opened {
  const match = /^key\/([\w-]+)\.([\w-]+)$/.exec(text.replace(/\s+/g, ''));
  if (match === null) return 'malformed';
  const [, content = '', signature = ''] = match;
  const bytes = Buffer.from(signature, 'base64url');
  const spelling = bytes.toString('base64url') === signature; // one signature has one spelling
  if (!spelling || !signed(`key/${content}`, bytes, keys)) return 'bad-signature';
  return Buffer.from(content, 'base64url');
}

function openFile(text: string, keys: readonly KeyObject[], licenseKey?: string): Opened {
  const block = /^\s*-----BEGIN LICENSE FILE-----([\w+/=\s]+)-----END LICENSE FILE-----\s*$/.exec(
    text,
  );
  let envelope: { enc?: unknown; sig?: unknown; alg?: unknown };
  try {
    envelope = JSON.parse(Buffer.from(block?.[1] ?? '', 'base64').toString('utf8'));
  } catch {
    return 'malformed';
  }
  const { enc, sig, alg } = envelope;
  if (typeof enc !== 'string' || typeof sig !== 'string') return 'malformed';
  if (!signed(`license/${enc}`, Buffer.from(sig, 'base64'), keys)) return 'bad-signature';
  if (alg === 'base64+ed25519') return Buffer.from(enc, 'base64');
  if (alg !== 'aes-256-gcm+ed25519' || licenseKey === undefined) return 'malformed';
  const [ciphertext, iv, tag] = enc.split('.').map((part) => Buffer.from(part, 'base64'));
  if (!ciphertext || !iv || !tag) return 'malformed';
  try {
    const aesKey = createHash('sha256').update(licenseKey.trim()).digest();
    const decipher = createDecipheriv('aes-256-gcm', aesKey, iv, { authTagLength: 16 });
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch {
    return 'malformed'; // another license key than the file was issued with
  }
}

function signed(text: string, signature: Buffer, keys: readonly KeyObject[]): boolean {
  return keys.some((key) => verify(null, Buffer.from(text), key, signature));
}
