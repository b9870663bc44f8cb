/**
 * Stripe's webhook signature: `Stripe-Signature: t=<unix>,v1=<hex>[,v1=…]`, HMAC-SHA256 over `t.rawBody` (Stripe's
 * documentation, "Verify webhook signatures"). Verified on the raw bytes, before anything is parsed.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the signed time may lie from ours. */
export const SIGNATURE_TOLERANCE_SECONDS = 300;

export type SignatureVerdict =
  | 'valid'
  | 'malformed' // the header is missing or says nothing
  | 'mismatch' // no signature of any secret fits these bytes
  | 'too-old' // signed outside the tolerance: perhaps replayed
  | 'no-secret'; // nothing is configured to verify with

function partsOf(header: string): { seconds: number; signatures: Buffer[] } | null {
  const pairs = header.split(',').map((pair) => pair.trim().split('='));
  const time = pairs.find(([name]) => name === 't')?.[1] ?? '';
  const signatures = pairs
    .filter(([name, value]) => name === 'v1' && /^[\da-f]{64}$/i.test(value ?? ''))
    .map(([, value]) => Buffer.from(value ?? '', 'hex'));
  if (!/^\d{1,12}$/.test(time) || signatures.length === 0) return null;
  return { seconds: Number(time), signatures };
}

/**
 * @param rawBody the bytes as they came, never a re-serialised object
 * @param header the `Stripe-Signature` header
 * @param secrets the endpoint's secrets; two while one is being replaced
 * @param nowSeconds our time, unix seconds
 */
export function verifyStripeSignature(
  rawBody: Uint8Array,
  header: string | undefined,
  secrets: readonly string[],
  nowSeconds: number,
): SignatureVerdict {
  if (secrets.length === 0) return 'no-secret';
  const parts = partsOf(header ?? '');
  if (parts === null) return 'malformed';
  let fits = false;
  // Every pair is compared, so that the time taken tells nothing about which one fits.
  for (const secret of secrets) {
    const expected = createHmac('sha256', secret)
      .update(`${parts.seconds}.`)
      .update(rawBody)
      .digest();
    for (const signature of parts.signatures)
      fits = (signature.length === expected.length && timingSafeEqual(signature, expected)) || fits;
  }
  if (!fits) return 'mismatch';
  const age = Math.abs(nowSeconds - parts.seconds);
  return age > SIGNATURE_TOLERANCE_SECONDS ? 'too-old' : 'valid';
}
