/**
 * Webhooks that are signed after Standard Webhooks: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`, keyed by what
 * follows `whsec_`. Several signatures may come, and several secrets may hold while one takes the place of another.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export type WebhookVerdict = 'valid' | 'malformed' | 'mismatch' | 'too-old' | 'no-secret';

const TOLERANCE_SECONDS = 300;

export interface WebhookHeaders {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

/** The secrets of a variable such as `BANK_WEBHOOK_SECRET`: one, or several with a comma between. */
export function webhookSecrets(given: string | undefined): string[] {
  return (given ?? '')
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '');
}

function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret);
}

/** The signature of a body: what a sender sends. */
export function signWebhook(
  body: Uint8Array,
  id: string,
  timestamp: number,
  secret: string,
): string {
  const sum = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body);
  return `v1,${sum.digest('base64')}`;
}

/** Compares in constant time, on the bytes as they came. */
export function verifyWebhook(
  body: Uint8Array,
  { id, timestamp, signature }: WebhookHeaders,
  secrets: readonly string[],
  nowSeconds: number,
): WebhookVerdict {
  if (secrets.length === 0) return 'no-secret';
  if (!id || id.length > 256 || !/^\d{1,12}$/.test(timestamp ?? '') || !signature)
    return 'malformed';
  const sentAt = Number(timestamp);
  const given = signature.split(' ').filter((one) => one.startsWith('v1,'));
  if (given.length === 0) return 'malformed';
  const expected = secrets.map((secret) => Buffer.from(signWebhook(body, id, sentAt, secret)));
  const matches = given.some((one) => {
    const bytes = Buffer.from(one);
    return expected.some((sum) => sum.length === bytes.length && timingSafeEqual(sum, bytes));
  });
  if (!matches) return 'mismatch';
  return Math.abs(nowSeconds - sentAt) > TOLERANCE_SECONDS ? 'too-old' : 'valid';
}
