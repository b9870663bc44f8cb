/**
 * Reading an object again at Stripe: an event tells how things were when it was sent; where a key is configured, what is booked
 * is what Stripe says now. Without a key the verified event is what is booked.
 */

/** `absent`: Stripe knows no such object for our key. `unknown`: no answer that can be relied on; ask again later. */
export type StripeReading =
  | { readonly result: 'ok'; readonly object: unknown }
  | { readonly result: 'absent' }
  | { readonly result: 'unknown'; readonly message: string };

export interface StripeReader {
  /** @param type Stripe's name of the object (`payment_intent`, `charge`, …); null: it is none that is read again */
  read(type: string, id: string): Promise<StripeReading> | null;
}
