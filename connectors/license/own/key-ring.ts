/**
 * The key pairs of an installation, as files of one folder: `<key id>.private.pem` (mode 0600, folder 0700), `<key id>.public.pem`,
 * and `current`, which names the pair that signs. Every public key in it is accepted, so that a rotation leaves what is out
 * there valid; a retired one (`<key id>.retired.pem`) no longer is. Files are looked at with each use: a rotation needs no restart.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { TextSigner } from './signing.ts';
import {
  generateKeyPair,
  keyIdOf,
  readPrivateKey,
  readPublicKey,
  SigningKeyError,
  signText,
} from './signing-key.ts';

export interface AcceptedKey {
  readonly keyId: string;
  readonly publicPem: string;
  readonly publicKey: KeyObject;
  /** It signs what is issued now. */
  readonly isCurrent: boolean;
}

/** What processes need of the ring. */
export interface LicenseKeys {
  /** All that are accepted, the current one first. */
  accepted(): Promise<readonly AcceptedKey[]>;
  /**
   * Signs with the current one.
   * @throws SigningKeyError where the private key is missing or others can read it; the words say what to do
   */
  readonly sign: TextSigner;
}

/** PKCS 8 around a raw Ed25519 seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC = /^([0-9a-f]{16})\.public\.pem$/;
/** Permission bits of group and others. */
const OTHERS = 0o077;

const privateFile = (folder: string, keyId: string) => join(folder, `${keyId}.private.pem`);
const publicFile = (folder: string, keyId: string) => join(folder, `${keyId}.public.pem`);
const currentFile = (folder: string) => join(folder, 'current');

/** Whole or not at all, whoever reads meanwhile. */
function writeWhole(path: string, content: string, mode: number): void {
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, content, { mode, flag: 'w' });
  renameSync(draft, path);
}

function writePair(folder: string, pair: { keyId: string; privatePem: string; publicPem: string }) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeWhole(privateFile(folder, pair.keyId), pair.privatePem, 0o600);
  writeWhole(publicFile(folder, pair.keyId), pair.publicPem, 0o644);
  writeWhole(currentFile(folder), `${pair.keyId}\n`, 0o644);
}

export function currentKeyId(folder: string): string | null {
  if (!existsSync(currentFile(folder))) return null;
  const keyId = readFileSync(currentFile(folder), 'utf8').trim();
  return /^[0-9a-f]{16}$/.test(keyId) ? keyId : null;
}

/**
 * The first pair of an installation follows from its secret, so that processes that start at once make the same one; every
 * later one is random. Does nothing where a pair is there.
 */
export function ensureFirstPair(folder: string, seed: Buffer): void {
  if (currentKeyId(folder) !== null) return;
  const der = Buffer.concat([PKCS8_PREFIX, seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  writePair(folder, {
    keyId: keyIdOf(publicKey),
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  });
}

/** Makes a new pair that signs from now on; all others stay accepted. Answers its key id. */
export function rotate(folder: string): string {
  const pair = generateKeyPair();
  writePair(folder, pair);
  return pair.keyId;
}

/**
 * What it signed is refused from now on, and its private key is deleted.
 * @throws SigningKeyError where it is the current one, or unknown
 */
export function retire(folder: string, keyId: string): void {
  if (currentKeyId(folder) === keyId)
    throw new SigningKeyError(`${keyId} signs what is issued now; rotate first, then retire it`);
  if (!/^[0-9a-f]{16}$/.test(keyId) || !existsSync(publicFile(folder, keyId)))
    throw new SigningKeyError(`there is no accepted key ${keyId} in ${folder}`);
  renameSync(publicFile(folder, keyId), join(folder, `${keyId}.retired.pem`));
  rmSync(privateFile(folder, keyId), { force: true });
}

export function acceptedKeys(folder: string): AcceptedKey[] {
  if (!existsSync(folder)) return [];
  const current = currentKeyId(folder);
  return readdirSync(folder)
    .flatMap((name) => PUBLIC.exec(name)?.[1] ?? [])
    .map((keyId) => {
      const publicPem = readFileSync(publicFile(folder, keyId), 'utf8');
      const publicKey = readPublicKey(publicPem);
      return { keyId, publicPem, publicKey, isCurrent: keyId === current };
    })
    .sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || (a.keyId < b.keyId ? -1 : 1));
}

/**
 * The private key in a file that its owner alone reads.
 * @throws SigningKeyError where others can read it too, or it holds no such key
 */
export function privateKeyFile(path: string): KeyObject {
  const { mode, ino, size, mtimeMs, ctimeMs } = statSync(path);
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
    throw new SigningKeyError(
      `others can read ${path}, and whoever has it can issue licenses: chmod 600 it`,
    );
  const version = [ino, size, mtimeMs, ctimeMs].join(' ');
  const before = privateKeys.get(path);
  if (before?.version === version) return before.key;
  const key = readPrivateKey(readFileSync(path, 'utf8'));
  privateKeys.set(path, { version, key });
  return key;
}

/** Understanding a key takes ten times as long as signing with it, so each file is read once until it changes. */
const privateKeys = new Map<string, { readonly version: string; readonly key: KeyObject }>();

function currentPrivateKey(folder: string): KeyObject {
  const keyId = currentKeyId(folder);
  const path = keyId === null ? null : privateFile(folder, keyId);
  if (path === null || !existsSync(path))
    throw new SigningKeyError(
      `the private key that signs licenses (${keyId ?? 'none is named'}) is not in ${folder}: put its copy ` +
        'back, or make a new pair with `perennial license rotate` (docs/licenses.md, A lost private key)',
    );
  return privateKeyFile(path);
}

export const licenseKeyFolder = (dataFolder: string): string =>
  join(resolve(dataFolder), 'license-keys');

/** The keys of a ring's folder. */
export function keyRing(folder: string): LicenseKeys {
  return {
    accepted: async () => acceptedKeys(folder),
    sign: async (text) => signText(text, currentPrivateKey(folder)),
  };
}

/** A public key as it is told to verifiers. */
export function acceptedKey(publicKey: KeyObject, isCurrent: boolean): AcceptedKey {
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { keyId: keyIdOf(publicKey), publicPem, publicKey, isCurrent };
}

/** A signer that is not of the ring, before all that the ring's folder accepts. */
export function withRing(
  folder: string,
  signer: { readonly sign: TextSigner; publicKeys(): Promise<readonly KeyObject[]> },
): LicenseKeys {
  return {
    sign: signer.sign,
    accepted: async () => {
      const own = (await signer.publicKeys()).map((key, nth) => acceptedKey(key, nth === 0));
      const known = new Set(own.map(({ keyId }) => keyId));
      const others = acceptedKeys(folder).filter(({ keyId }) => !known.has(keyId));
      return [...own, ...others.map((one) => ({ ...one, isCurrent: false }))];
    },
  };
}
