/**
 * Base64 in its two alphabets, and armour. Decoding is strict: what does not encode back to the
 * same text is refused, so that one signature or file has one spelling (Node's own decoder skips
 * what it does not know).
 */

const BASE64URL = /^[A-Za-z0-9_-]+$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Whether a text uses only the base64url alphabet; padding is not of it. */
export function isBase64Url(text: string): boolean {
  return BASE64URL.test(text);
}

/** Whether a text uses only the standard alphabet, with padding at the end. */
export function isBase64(text: string): boolean {
  return BASE64.test(text);
}

/** The bytes of unpadded base64url, null where the text is not exactly that. */
export function fromBase64Url(text: string): Buffer | null {
  return strict(text, 'base64url');
}

/** The bytes of padded standard base64, null where the text is not exactly that. */
export function fromBase64(text: string): Buffer | null {
  return strict(text, 'base64');
}

function strict(text: string, alphabet: 'base64' | 'base64url'): Buffer | null {
  const bytes = Buffer.from(text, alphabet);
  return text !== '' && bytes.toString(alphabet) === text ? bytes : null;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes as JSON, undefined where they are no UTF-8 or no JSON. */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch {
    return undefined; // callers say what was expected; the parser's words would quote the content
  }
}

const ARMOUR_WIDTH = 64;

/** A JSON value between BEGIN and END lines, as base64 in lines of 64. */
export function armour(label: string, value: unknown): string {
  const body = Buffer.from(JSON.stringify(value), 'utf8').toString('base64');
  const lines = body.match(new RegExp(`.{1,${ARMOUR_WIDTH}}`, 'g')) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/**
 * The JSON value inside armour; undefined where the text is no such block. Any line breaks and
 * widths will do.
 */
export function unarmour(label: string, text: string): unknown {
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  const block = text.replace(/^\uFEFF/, '').trim();
  if (!block.startsWith(begin) || !block.endsWith(end)) return undefined;
  const body = block.slice(begin.length, -end.length).replace(/\s+/g, '');
  const bytes = fromBase64(body);
  return bytes === null ? undefined : jsonOf(bytes);
}
