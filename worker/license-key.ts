/** The key that signs licenses: the given file's, or one that follows from the installation's secret, the same for all workers. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Configuration, derivedKey } from '../connectors/configuration.ts';
import { readPrivateKey } from '../connectors/license/own/signing-key.ts';

/** PKCS 8 around a raw Ed25519 seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

export function licensePrivateKey(configuration: Configuration): KeyObject {
  const file = configuration.LICENSE_PRIVATE_KEY_FILE;
  if (file !== undefined) return readPrivateKey(readFileSync(file, 'utf8'));
  const seed = derivedKey(configuration, 'license');
  const key = Buffer.concat([PKCS8_PREFIX, seed]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}
