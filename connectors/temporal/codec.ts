/**
 * Encrypts what crosses Temporal: AES-256-GCM, a fresh nonce a payload, the key's id in the payload's metadata so that
 * keys can be rotated: the first key encrypts, all decrypt. Ids, search attributes and summaries stay readable, and carry
 * no people's data for that reason.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  type DataConverter,
  METADATA_ENCODING_KEY,
  type Payload,
  type PayloadCodec,
  ValueError,
} from '@temporalio/common';
import type { CodecKey } from '../configuration.ts';

export const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Failures' messages and stacks are encrypted too; a module, because the workflow sandbox loads it by its path. */
const FAILURE_CONVERTER_PATH = fileURLToPath(new URL('./failure-converter.ts', import.meta.url));

const utf8 = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('utf8');

/** A payload as text, so that its metadata is encrypted with it. */
function pack({ metadata, data }: Payload): string {
  const pairs = Object.entries(metadata ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value).toString('base64'),
  ]);
  return JSON.stringify({ m: pairs, d: data ? Buffer.from(data).toString('base64') : null });
}

function unpack(text: string): Payload {
  const { m, d } = JSON.parse(text) as { m: [string, string][]; d: string | null };
  const metadata = Object.fromEntries(m.map(([name, b64]) => [name, Buffer.from(b64, 'base64')]));
  return d === null ? { metadata } : { metadata, data: Buffer.from(d, 'base64') };
}

function encrypt(payload: Payload, { id, key }: CodecKey): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(id, 'utf8'));
  const clear = Buffer.from(pack(payload), 'utf8');
  const data = Buffer.concat([nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
  return {
    metadata: {
      [METADATA_ENCODING_KEY]: Buffer.from(ENCODING, 'utf8'),
      [KEY_ID]: Buffer.from(id, 'utf8'),
    },
    data,
  };
}

function decrypt(payload: Payload, keys: ReadonlyMap<string, Buffer>): Payload {
  if (utf8(payload.metadata?.[METADATA_ENCODING_KEY]) !== ENCODING) return payload;
  const id = utf8(payload.metadata?.[KEY_ID]);
  const key = keys.get(id);
  if (key === undefined)
    throw new ValueError(
      `The payload is encrypted with key ${id}, which PERENNIAL_CODEC_KEYS does not hold: add it.`,
    );
  const data = Buffer.from(payload.data ?? []);
  const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(id, 'utf8'));
  decipher.setAuthTag(data.subarray(data.length - TAG_BYTES));
  const clear = Buffer.concat([
    decipher.update(data.subarray(NONCE_BYTES, data.length - TAG_BYTES)),
    decipher.final(),
  ]);
  return unpack(clear.toString('utf8'));
}

/** @throws RangeError where no key is given. */
export function createCodec(keys: readonly CodecKey[]): PayloadCodec {
  const [first] = keys;
  if (first === undefined) throw new RangeError('a codec needs a key');
  const byId = new Map(keys.map(({ id, key }) => [id, key]));
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(payload, first)),
    decode: async (payloads) => payloads.map((payload) => decrypt(payload, byId)),
  };
}

/** The converter that clients and workers share: whoever lacks it can read nothing. */
export function createDataConverter(keys: readonly CodecKey[]): DataConverter {
  return {
    payloadCodecs: [createCodec(keys)],
    failureConverterPath: FAILURE_CONVERTER_PATH,
  };
}
