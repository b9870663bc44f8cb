/** The secret that Stripe's events are signed with. */
import { derivedKey } from '../../configuration.ts';

/**
 * The endpoint's own (STRIPE_WEBHOOK_SECRET). Without one, a secret that follows from the installation's, which nobody outside
 * knows: `perennial webhook trigger` can sign test events with it, Stripe can not.
 */
export function stripeWebhookSecret(configuration: {
  readonly STRIPE_WEBHOOK_SECRET?: string | undefined;
  readonly PERENNIAL_SECRET: string;
}): string {
  return (
    configuration.STRIPE_WEBHOOK_SECRET ??
    `whsec_${derivedKey(configuration, 'stripe-webhook').toString('base64url')}`
  );
}
