/**
 * Who issues licenses in this installation and with which key, as its configuration says: a key management service
 * (LICENSE_KMS_URL), a secret of the environment (LICENSE_PRIVATE_KEY), a file (LICENSE_PRIVATE_KEY_FILE), else the key ring
 * of the data folder; and instead of our own signer, Keygen (KEYGEN_ACCOUNT).
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Configuration, ConfigurationError, derivedKey } from '../configuration.ts';
import { createKeygenIssuer } from './keygen/issuer.ts';
import { createOwnIssuer } from './own/issuer.ts';
import {
  ensureFirstPair,
  keyRing,
  type LicenseKeys,
  licenseKeyFolder,
  privateKeyFile,
  withRing,
} from './own/key-ring.ts';
import { createVaultTransit } from './own/kms.ts';
import { readPrivateKey, SigningKeyError, signText } from './own/signing-key.ts';
import type { LicenseIssuer } from './port.ts';
import { createKeyVault, type KeyVault } from './vault.ts';

export type LicenseConfiguration = Pick<
  Configuration,
  | 'PERENNIAL_DATA'
  | 'PERENNIAL_SECRET'
  | 'LICENSE_PRIVATE_KEY'
  | 'LICENSE_PRIVATE_KEY_FILE'
  | 'LICENSE_KMS_URL'
  | 'LICENSE_KMS_TOKEN'
  | 'KEYGEN_URL'
  | 'KEYGEN_ACCOUNT'
  | 'KEYGEN_TOKEN'
  | 'KEYGEN_POLICIES'
  | 'KEYGEN_SEATS'
>;

const TIMEOUT_SECONDS = 10;
/** The version of Keygen's API that the connector was written against. */
const KEYGEN_VERSION = '1.7';

/** @throws ConfigurationError where two signers are given, or half of one */
export function installedKeys(configuration: LicenseConfiguration): LicenseKeys {
  const folder = licenseKeyFolder(configuration.PERENNIAL_DATA);
  const { LICENSE_KMS_URL, LICENSE_KMS_TOKEN } = configuration;
  const { LICENSE_PRIVATE_KEY, LICENSE_PRIVATE_KEY_FILE } = configuration;
  oneSignerOnly(configuration);
  if (LICENSE_KMS_URL !== undefined) {
    if (LICENSE_KMS_TOKEN === undefined)
      throw fault('LICENSE_KMS_TOKEN', 'is not set, but LICENSE_KMS_URL needs it.');
    const kms = {
      keyUrl: LICENSE_KMS_URL,
      token: LICENSE_KMS_TOKEN,
      timeoutSeconds: TIMEOUT_SECONDS,
    };
    return withRing(folder, createVaultTransit({ ...kms, now: Date.now }));
  }
  if (LICENSE_PRIVATE_KEY !== undefined) {
    const key = secretKey(LICENSE_PRIVATE_KEY);
    return withRing(
      folder,
      held(() => key),
    );
  }
  if (LICENSE_PRIVATE_KEY_FILE !== undefined)
    return withRing(
      folder,
      held(() => privateKeyFile(LICENSE_PRIVATE_KEY_FILE)),
    );
  ensureFirstPair(folder, derivedKey(configuration, 'license'));
  return keyRing(folder);
}

/** A private key that this process holds; a file is read at each use, so that a new one needs no restart. */
function held(privateKey: () => KeyObject) {
  return {
    sign: async (text: string) => signText(text, privateKey()),
    publicKeys: async () => [createPublicKey(privateKey())],
  };
}

/** PEM as it stands, or in one line of base64, which environments carry more easily. */
function secretKey(given: string): KeyObject {
  const pem = given.includes('-----BEGIN') ? given : Buffer.from(given, 'base64').toString('utf8');
  try {
    return readPrivateKey(pem.replaceAll('\\n', '\n'));
  } catch (cause) {
    if (!(cause instanceof SigningKeyError)) throw cause;
    throw fault(
      'LICENSE_PRIVATE_KEY',
      'is no Ed25519 private key (PKCS 8, PEM, or that in base64).',
    );
  }
}

/** What may sign instead of the ring of the data folder; one of them at most. */
export const SIGNERS = [
  'LICENSE_KMS_URL',
  'LICENSE_PRIVATE_KEY',
  'LICENSE_PRIVATE_KEY_FILE',
] as const;

function oneSignerOnly(configuration: LicenseConfiguration): void {
  const given = SIGNERS.filter((name) => configuration[name] !== undefined);
  const [first, second] = given;
  if (first !== undefined && second !== undefined)
    throw fault(second, `is set, and ${first} too: only one can sign licenses.`);
}

function fault(variable: keyof LicenseConfiguration, words: string): ConfigurationError {
  return new ConfigurationError([{ variable, message: `${variable} ${words}` }]);
}

/** Our own signer, or Keygen where an account there is given. @throws ConfigurationError */
export function installedIssuer(configuration: LicenseConfiguration): LicenseIssuer {
  const { KEYGEN_URL, KEYGEN_ACCOUNT, KEYGEN_TOKEN, KEYGEN_POLICIES, KEYGEN_SEATS } = configuration;
  if (KEYGEN_ACCOUNT === undefined) return createOwnIssuer(installedKeys(configuration).sign);
  if (KEYGEN_TOKEN === undefined)
    throw fault('KEYGEN_TOKEN', 'is not set, but KEYGEN_ACCOUNT needs it.');
  if (KEYGEN_POLICIES === undefined)
    throw fault('KEYGEN_POLICIES', 'is not set: which policy of Keygen is for which product?');
  return createKeygenIssuer({
    origin: KEYGEN_URL,
    keygenAccount: KEYGEN_ACCOUNT,
    token: KEYGEN_TOKEN,
    version: KEYGEN_VERSION,
    timeoutSeconds: TIMEOUT_SECONDS,
    policies: Object.fromEntries(
      KEYGEN_POLICIES.split(',').map((pair) => {
        const at = pair.lastIndexOf('=');
        return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
      }),
    ),
    seatLimit: KEYGEN_SEATS === 'users' ? 'maxUsers' : 'maxMachines',
    now: () => new Date(),
  });
}

export function installedVault(configuration: { PERENNIAL_SECRET: string }): KeyVault {
  return createKeyVault(derivedKey(configuration, 'license-keys'));
}
