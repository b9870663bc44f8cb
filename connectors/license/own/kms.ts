/**
 * Signing where no process of ours holds the private key: a key management service is asked for each signature. The port is
 * {@link KeyService}; behind it stands HashiCorp Vault's transit engine (also OpenBao), whose `ed25519` keys sign plain
 * Ed25519: `POST /v1/MOUNT/sign/NAME {"input": base64}` answers `vault:vN:base64`, `GET /v1/MOUNT/keys/NAME` the public keys
 * of all versions, so that a rotation there leaves what is out valid.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { TextSigner } from './signing.ts';
import { SignerSilentError, SigningKeyError } from './signing-key.ts';

export interface KeyService {
  /** @throws SigningKeyError where it refuses, SignerSilentError where it gives no answer */
  readonly sign: TextSigner;
  /** All that it would verify with, the signing one first. */
  publicKeys(): Promise<readonly KeyObject[]>;
}

export interface VaultTransitOptions {
  /** `https://vault.example:8200/v1/transit/keys/licenses`: engine and key in one address. */
  readonly keyUrl: string;
  /** Never logged. */
  readonly token: string;
  readonly timeoutSeconds: number;
  /** Milliseconds; public keys are asked for again after {@link KEYS_KEPT_MS}. */
  readonly now: () => number;
}

/** The SPKI header before the 32 bytes of an Ed25519 public key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const KEYS_KEPT_MS = 300_000;

const signAnswer = z.object({ data: z.object({ signature: z.string() }) });
const keyAnswer = z.object({
  data: z.object({
    type: z.string(),
    latest_version: z.number(),
    keys: z.record(z.string(), z.object({ public_key: z.string() })),
  }),
});
const errorAnswer = z.object({ errors: z.array(z.string()) });

export function createVaultTransit(options: VaultTransitOptions): KeyService {
  let kept: { readonly keys: readonly KeyObject[]; readonly at: number } | null = null;
  return {
    sign: (text) => sign(options, text),
    publicKeys: async () => {
      const now = options.now();
      if (kept === null || now - kept.at > KEYS_KEPT_MS)
        kept = { keys: await readKeys(options), at: now };
      return kept.keys;
    },
  };
}

async function sign(options: VaultTransitOptions, text: string): Promise<Buffer> {
  const url = options.keyUrl.replace(/\/keys\/([^/]+)\/?$/, '/sign/$1');
  const input = Buffer.from(text, 'utf8').toString('base64');
  const answer = signAnswer.safeParse(await ask(options, url, { input }));
  const encoded = /^vault:v\d+:([A-Za-z0-9+/]+=*)$/.exec(answer.data?.data.signature ?? '')?.[1];
  const signature = Buffer.from(encoded ?? '', 'base64');
  if (signature.length !== SIGNATURE_BYTES)
    throw new SigningKeyError('the key service answered something other than an Ed25519 signature');
  return signature;
}

async function readKeys(options: VaultTransitOptions): Promise<KeyObject[]> {
  const answer = keyAnswer.safeParse(await ask(options, options.keyUrl));
  if (!answer.success || answer.data.data.type !== 'ed25519')
    throw new SigningKeyError(`${options.keyUrl} is no key of type ed25519`);
  const versions = Object.entries(answer.data.data.keys)
    .map(([version, { public_key }]) => ({ version: Number(version), raw: public_key }))
    .sort((a, b) => b.version - a.version);
  return versions.map(({ raw }) => publicKeyOf(Buffer.from(raw, 'base64')));
}

function publicKeyOf(raw: Buffer): KeyObject {
  if (raw.length !== PUBLIC_KEY_BYTES)
    throw new SigningKeyError(
      'the key service answered something other than an Ed25519 public key',
    );
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}

/** @throws SignerSilentError where nothing usable came: sealed, overloaded, unreachable */
async function ask(options: VaultTransitOptions, url: string, body?: object): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'X-Vault-Token': options.token, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(options.timeoutSeconds * 1000),
    });
    text = await response.text();
  } catch (cause) {
    throw new SignerSilentError(`the key service at ${new URL(url).host} did not answer`, {
      cause,
    });
  }
  const content = json(text);
  if (response.ok && content !== undefined) return content;
  const said = errorAnswer.safeParse(content).data?.errors.join('; ') ?? '';
  const words = `the key service answered ${response.status}${said === '' ? '' : `: ${said}`}`;
  if (response.status >= 500 || response.status === 429 || response.ok)
    throw new SignerSilentError(words);
  throw new SigningKeyError(`${words}; an operator looks at its token, policy and key`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a proxy's page, say; the status decides
  }
}
