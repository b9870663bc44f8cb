/** Hosted checkout and charges of stored methods at Stripe: Checkout Sessions and off-session PaymentIntents. */
import Stripe from 'stripe';
import type {
  Answer,
  ChargeRequest,
  ChargeStanding,
  CheckoutRequest,
  CheckoutStanding,
  CollectionNames,
  Collector,
  RefundRequest,
  RefundStanding,
  SetupRequest,
  StoredMethod,
} from '../collector.ts';
import { stripeClient } from './client.ts';

/** Sessions of ours stay open as long as Stripe lets them: a customer may come back in the evening. */
const EXPAND = ['setup_intent.payment_method', 'payment_intent'];
/** How many of a customer's latest payments are looked through for one of ours. */
const LOOKED_THROUGH = 100;

/** @param apiUrl where Stripe's API answers, if not at Stripe's */
export function createStripeCollector(secretKey: string, apiUrl?: string): Collector {
  const stripe = stripeClient(secretKey, apiUrl);
  const { sessions } = stripe.checkout;
  const once = (key: string) => ({ idempotencyKey: key });
  return {
    system: 'stripe',
    openCheckout: (request) =>
      answered(async () =>
        sessionStanding(await sessions.create(checkoutParams(request), once(request.key))),
      ),
    openSetup: (request) =>
      answered(async () =>
        sessionStanding(await sessions.create(setupParams(request), once(request.key))),
      ),
    readCheckout: (reference) =>
      answered(async () => sessionStanding(await sessions.retrieve(reference, { expand: EXPAND }))),
    findCheckout: (key) =>
      answered(async () => {
        const listed = await sessions.list({ limit: LOOKED_THROUGH });
        const found = listed.data.find(({ metadata }) => metadata?.collection === key);
        return found === undefined ? null : sessionStanding(found);
      }),
    closeCheckout: (reference) => answered(() => closeSession(stripe, reference)),
    charge: (request) => answered(() => charge(stripe, request)),
    readCharge: (reference) =>
      answered(async () => intentStanding(await stripe.paymentIntents.retrieve(reference))),
    findCharge: (key, customer) =>
      answered(async () => {
        const listed = await stripe.paymentIntents.list({ customer, limit: LOOKED_THROUGH });
        const found = listed.data.find(({ metadata }) => metadata.collection === key);
        return found === undefined ? null : intentStanding(found);
      }),
    refund: (request) => answered(() => refund(stripe, request)),
    findRefund: (request) =>
      answered(async () => {
        const of = await refundedOf(stripe, request.reference);
        const listed = await stripe.refunds.list({ ...of, limit: LOOKED_THROUGH });
        const found = listed.data.find(({ metadata }) => metadata?.refund === request.key);
        return found === undefined ? null : refundStanding(found);
      }),
    removeMethod: (method) =>
      answered(async () => {
        await stripe.paymentMethods.detach(method);
        return null;
      }),
  };
}

const metadataOf = ({ key, invoice, account }: CollectionNames) => ({
  collection: key,
  invoice,
  account,
});

function customerOf({ customer, email }: Pick<CheckoutRequest, 'customer' | 'email'>) {
  if (customer !== null) return { customer };
  return {
    customer_creation: 'always' as const,
    ...(email === null ? {} : { customer_email: email }),
  };
}

function checkoutParams(request: CheckoutRequest): Stripe.Checkout.SessionCreateParams {
  const { amountMinor, currency, title, invoice, returnUrl } = request;
  const metadata = metadataOf(request);
  return {
    mode: 'payment',
    ...customerOf(request),
    client_reference_id: invoice,
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: currency.toLowerCase(),
          unit_amount: amountMinor,
          product_data: { name: title },
        },
      },
    ],
    metadata,
    payment_intent_data: { metadata, description: title },
    success_url: returnUrl,
    cancel_url: returnUrl,
  };
}

function setupParams(request: SetupRequest): Stripe.Checkout.SessionCreateParams {
  const { account, currency, returnUrl } = request;
  return {
    mode: 'setup',
    currency: currency.toLowerCase(),
    ...customerOf(request),
    metadata: { account },
    setup_intent_data: { metadata: { account } },
    // Stripe fills in the session's id, by which it is read again.
    success_url: `${returnUrl}?session={CHECKOUT_SESSION_ID}`,
    cancel_url: returnUrl,
  };
}

async function closeSession(stripe: Stripe, reference: string): Promise<CheckoutStanding> {
  const { sessions } = stripe.checkout;
  const before = sessionStanding(await sessions.retrieve(reference, { expand: EXPAND }));
  if (before.state !== 'open') return before;
  try {
    return sessionStanding(await sessions.expire(reference));
  } catch (error) {
    // Paid in the very moment: how it stands now is the answer.
    if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
    return sessionStanding(await sessions.retrieve(reference, { expand: EXPAND }));
  }
}

async function charge(stripe: Stripe, request: ChargeRequest): Promise<ChargeStanding> {
  const { amountMinor, currency, method, key } = request;
  try {
    const intent = await stripe.paymentIntents.create(
      {
        amount: amountMinor,
        currency: currency.toLowerCase(),
        customer: method.customer,
        payment_method: method.method,
        off_session: true,
        confirm: true,
        metadata: metadataOf(request),
      },
      { idempotencyKey: key },
    );
    return intentStanding(intent);
  } catch (error) {
    const declined = error instanceof Stripe.errors.StripeCardError ? error : null;
    if (declined === null) throw error;
    return {
      reference: declined.payment_intent?.id ?? key,
      state: 'failed',
      amountMinor,
      currency,
      reason: declined.decline_code || declined.code || null,
    };
  }
}

/** What Stripe gives back: a payment, or a charge; money that a dispute gave back to us is its payment's. */
async function refundedOf(
  stripe: Stripe,
  reference: string,
): Promise<{ payment_intent: string } | { charge: string }> {
  const [id = ''] = reference.split(':');
  if (/^(?:dp|du)_/.test(id)) {
    const { payment_intent, charge } = await stripe.disputes.retrieve(id);
    const intent = idOf(payment_intent);
    return intent === null ? { charge: idOf(charge) ?? id } : { payment_intent: intent };
  }
  return /^(?:ch|py)_/.test(id) ? { charge: id } : { payment_intent: id };
}

async function refund(stripe: Stripe, request: RefundRequest): Promise<RefundStanding> {
  const { key, payment, reference, amountMinor } = request;
  const of = await refundedOf(stripe, reference);
  try {
    const made = await stripe.refunds.create(
      { ...of, amount: amountMinor, metadata: { refund: key, payment } },
      { idempotencyKey: key },
    );
    return refundStanding(made);
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeCardError)) throw error;
    const reason = error.message;
    return { reference: key, state: 'failed', amountMinor, reason };
  }
}

function refundStanding({ id, status, amount, failure_reason }: Stripe.Refund): RefundStanding {
  const failed = status === 'failed' || status === 'canceled';
  return {
    reference: id,
    state: failed ? 'failed' : status === 'succeeded' ? 'succeeded' : 'processing',
    amountMinor: amount,
    reason: failed ? (failure_reason ?? status) : null,
  };
}

const idOf = (object: string | { readonly id: string } | null | undefined): string | null =>
  typeof object === 'string' ? object : (object?.id ?? null);

function sessionStanding(session: Stripe.Checkout.Session): CheckoutStanding {
  return {
    reference: session.id,
    state: stateOf(session),
    url: session.url ?? null,
    money: moneyOf(session),
    payment: idOf(session.payment_intent),
    stored: storedOf(session),
    account: session.metadata?.account ?? null,
  };
}

function stateOf({ status }: Stripe.Checkout.Session): CheckoutStanding['state'] {
  if (status === 'complete') return 'complete';
  return status === 'expired' ? 'expired' : 'open';
}

function moneyOf({
  mode,
  status,
  payment_status,
  payment_intent,
}: Stripe.Checkout.Session): CheckoutStanding['money'] {
  if (mode !== 'payment' || status !== 'complete') return 'none';
  if (payment_status === 'paid') return 'paid';
  if (payment_intent === null || typeof payment_intent === 'string') return 'processing';
  return intentStanding(payment_intent).state === 'failed' ? 'failed' : 'processing';
}

function storedOf({ customer, setup_intent }: Stripe.Checkout.Session): StoredMethod | null {
  const owner = idOf(customer);
  if (owner === null || setup_intent === null || typeof setup_intent === 'string') return null;
  const method = setup_intent.payment_method;
  if (setup_intent.status !== 'succeeded' || method === null || typeof method === 'string')
    return null;
  return { method: method.id, customer: owner, kind: method.type, label: labelOf(method) };
}

/** `Visa •••• 4242`, `SEPA debit •••• 3000 (DE)`. */
function labelOf({ type, card, sepa_debit }: Stripe.PaymentMethod): string {
  if (card !== undefined) {
    const brand = card.brand.charAt(0).toUpperCase() + card.brand.slice(1);
    return `${brand} •••• ${card.last4}`;
  }
  if (sepa_debit !== undefined)
    return `SEPA debit •••• ${sepa_debit.last4 ?? ''} (${sepa_debit.country ?? ''})`;
  return type.replaceAll('_', ' ');
}

function intentStanding(intent: Stripe.PaymentIntent): ChargeStanding {
  const { id, status, amount, currency, last_payment_error } = intent;
  const state =
    status === 'succeeded' ? 'succeeded' : status === 'processing' ? 'processing' : 'failed';
  const needs = status === 'requires_action' ? 'authentication_required' : status;
  return {
    reference: id,
    state,
    amountMinor: amount,
    currency: currency.toUpperCase(),
    reason:
      state === 'failed'
        ? last_payment_error?.decline_code || last_payment_error?.code || needs
        : null,
  };
}

/** Stripe's errors as the three answers: what it refuses is our mistake, all else may be asked again. */
async function answered<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { result: 'ok', value: await work() };
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    const message = `${error.type}: ${error.message}`;
    const final =
      error instanceof Stripe.errors.StripeInvalidRequestError ||
      error instanceof Stripe.errors.StripeAuthenticationError ||
      error instanceof Stripe.errors.StripePermissionError ||
      error instanceof Stripe.errors.StripeIdempotencyError;
    return { result: final ? 'rejected' : 'unknown', message };
  }
}
