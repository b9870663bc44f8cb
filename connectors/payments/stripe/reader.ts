/** Stripe's own objects, by its client. It never retries by itself: Stripe sends an event again that was not taken. */
import Stripe from 'stripe';
import { stripeClient } from './client.ts';
import type { StripeReader, StripeReading } from './port.ts';

/** @param apiUrl where Stripe's API answers, if not at Stripe's: `http://127.0.0.1:12111` */
export function createStripeReader(secretKey: string, apiUrl?: string): StripeReader {
  const stripe = stripeClient(secretKey, apiUrl);
  const readers: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
    payment_intent: (id) => stripe.paymentIntents.retrieve(id),
    charge: (id) => stripe.charges.retrieve(id),
    'checkout.session': (id) => stripe.checkout.sessions.retrieve(id),
    invoice: (id) => stripe.invoices.retrieve(id, { expand: ['payments'] }),
    refund: (id) => stripe.refunds.retrieve(id),
    dispute: (id) => stripe.disputes.retrieve(id),
  };
  return {
    read(type, id) {
      const read = Object.hasOwn(readers, type) ? readers[type] : undefined;
      return read === undefined ? null : answered(read(id));
    },
  };
}

async function answered(reading: Promise<unknown>): Promise<StripeReading> {
  try {
    return { result: 'ok', object: await reading };
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    if (error.statusCode === 404) return { result: 'absent' };
    return { result: 'unknown', message: `${error.type}: ${error.message}` };
  }
}
