/** Stripe's client as we use it: it never retries by itself, so that each attempt is one that we know of. */
import Stripe from 'stripe';

const TIMEOUT_MS = 10_000;

/** @param apiUrl where Stripe's API answers, if not at Stripe's: `http://127.0.0.1:12111` */
export function stripeClient(secretKey: string, apiUrl?: string): Stripe {
  return new Stripe(secretKey, {
    maxNetworkRetries: 0,
    timeout: TIMEOUT_MS,
    telemetry: false,
    ...(apiUrl === undefined ? {} : addressOf(apiUrl)),
  });
}

function addressOf(apiUrl: string) {
  const { hostname, port, protocol } = new URL(apiUrl);
  const isTls = protocol === 'https:';
  return {
    host: hostname,
    port: port === '' ? (isTls ? 443 : 80) : Number(port),
    protocol: isTls ? ('https' as const) : ('http' as const),
  };
}
