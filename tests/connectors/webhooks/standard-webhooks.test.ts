import { describe, expect, it } from 'vitest';
import {
  signWebhook,
  verifyWebhook,
  webhookSecrets,
} from '../../../connectors/webhooks/standard-webhooks.ts';

const body = Buffer.from('<Document/>');
const SECRET = `whsec_${Buffer.from('a secret of the feed').toString('base64')}`;
const NOW = 1_800_000_000;
const signed = (secret = SECRET, at = NOW) => ({
  id: 'msg_1',
  timestamp: String(at),
  signature: signWebhook(body, 'msg_1', at, secret),
});

describe('a webhook’s signature', () => {
  it('is the one of Standard Webhooks', () => {
    // The example of its specification.
    const payload = Buffer.from('{"test": 2432232314}');
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    expect(signWebhook(payload, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, secret)).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('holds with any of the secrets, while one takes the place of another', () => {
    const secrets = webhookSecrets(`old, ${SECRET}`);
    expect(secrets).toHaveLength(2);
    expect(verifyWebhook(body, signed(), secrets, NOW)).toBe('valid');
    const both = { ...signed(), signature: `v1,AAAA ${signed('old').signature}` };
    expect(verifyWebhook(body, both, secrets, NOW)).toBe('valid');
  });

  it('does not hold when forged, old, early, of another body, absent, or without a secret', () => {
    expect(verifyWebhook(body, signed('another'), [SECRET], NOW)).toBe('mismatch');
    expect(verifyWebhook(body, signed(SECRET, NOW - 301), [SECRET], NOW)).toBe('too-old');
    expect(verifyWebhook(body, signed(SECRET, NOW + 301), [SECRET], NOW)).toBe('too-old');
    expect(verifyWebhook(Buffer.from('<other/>'), signed(), [SECRET], NOW)).toBe('mismatch');
    expect(verifyWebhook(body, { ...signed(), id: 'msg_2' }, [SECRET], NOW)).toBe('mismatch');
    expect(verifyWebhook(body, { ...signed(), signature: undefined }, [SECRET], NOW)).toBe(
      'malformed',
    );
    expect(verifyWebhook(body, { ...signed(), timestamp: 'soon' }, [SECRET], NOW)).toBe(
      'malformed',
    );
    expect(verifyWebhook(body, signed(), webhookSecrets(undefined), NOW)).toBe('no-secret');
  });
});
