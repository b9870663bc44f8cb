import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { paymentEventOf, StripeEventError } from '../../../connectors/payments/stripe/event.ts';
import { verifyStripeSignature } from '../../../connectors/payments/stripe/webhook.ts';

const stripe = new Stripe('sk_test_never_used');
const now = 1_795_000_000;

describe('signature', () => {
  const body = JSON.stringify({ id: 'evt_1', text: 'Müller' });
  const header = (secret: string, timestamp = now) =>
    stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
  const verify = (given: string | undefined, secrets: string[], bytes = body, at = now) =>
    verifyStripeSignature(Buffer.from(bytes), given, secrets, at);

  it('accepts what Stripe’s own library signs, by any secret and any of several signatures', () => {
    expect(verify(header('whsec_a'), ['whsec_a'])).toBe('valid');
    expect(verify(header('whsec_a'), ['whsec_new', 'whsec_a'])).toBe('valid');
    const foreign = header('whsec_b').split(',v1=')[1] ?? '';
    const two = header('whsec_a').replace(',v1=', `,v1=${foreign},v1=`);
    expect(verify(two, ['whsec_a'])).toBe('valid');
  });

  it('refuses what is tampered with, foreign, old, early or no signature', () => {
    expect(verify(header('whsec_a'), ['whsec_a'], body.replace('evt_1', 'evt_2'))).toBe('mismatch');
    expect(verify(header('whsec_b'), ['whsec_a'])).toBe('mismatch');
    expect(verify(header('whsec_a'), ['whsec_a'], body, now + 300)).toBe('valid');
    expect(verify(header('whsec_a'), ['whsec_a'], body, now + 301)).toBe('too-old');
    expect(verify(header('whsec_a'), ['whsec_a'], body, now - 301)).toBe('too-old');
    expect(verify(header('whsec_a').replace(/t=\d+/, 't=1'), ['whsec_a'])).toBe('mismatch');
    expect(verify(undefined, ['whsec_a'])).toBe('malformed');
    expect(verify('t=x,v1=zz', ['whsec_a'])).toBe('malformed');
    expect(verify(header('whsec_a'), [])).toBe('no-secret');
  });
});

const event = (type: string, object: object) => ({
  id: 'evt_1',
  type,
  created: Date.parse('2026-11-19T03:00:00Z') / 1000,
  data: { object },
});
const intent = {
  id: 'pi_1',
  currency: 'eur',
  amount_received: 119_000,
  customer: 'cus_1',
  description: null,
  metadata: {},
};
const at = (type: string, object: object, zone = 'UTC') =>
  paymentEventOf(event(type, object), zone);

describe('events', () => {
  it('reads money received, on the entity’s civil date', () => {
    const metadata = { account: 'A-1', invoice: 'INV-1' };
    const read = at('payment_intent.succeeded', { ...intent, metadata });
    expect(read).toMatchObject({
      provider: 'stripe',
      eventId: 'evt_1',
      kind: 'received',
      occurrence: 'stripe:pi_1',
      payment: 'stripe:pi_1',
      amountMinor: 119_000,
      currency: 'EUR',
      account: 'A-1',
      payer: 'cus_1',
      reference: 'INV-1',
      lines: [],
    });
    expect(read).toHaveProperty('receivedOn', '2026-11-19');
    const west = at('payment_intent.succeeded', intent, 'America/Los_Angeles');
    expect(west).toHaveProperty('receivedOn', '2026-11-18');
  });

  it('tells one sum of money once, whichever events tell of it', () => {
    const session = {
      id: 'cs_1',
      currency: 'eur',
      amount_total: 119_000,
      payment_status: 'paid',
      payment_intent: 'pi_1',
      customer: null,
      metadata: null,
    };
    const invoice = {
      id: 'in_1',
      currency: 'eur',
      amount_paid: 119_000,
      customer: 'cus_1',
      number: 'INV-1',
      metadata: {},
      payments: { data: [{ payment: { type: 'payment_intent', payment_intent: 'pi_1' } }] },
    };
    const charge = { id: 'ch_1', currency: 'eur', amount: 119_000, payment_intent: 'pi_1' };
    for (const told of [
      at('payment_intent.succeeded', intent),
      at('checkout.session.completed', session),
      at('invoice.paid', invoice),
      at('charge.succeeded', charge),
    ])
      expect(told).toMatchObject({ occurrence: 'stripe:pi_1', amountMinor: 119_000 });
    const unpaid = at('checkout.session.completed', { ...session, payment_status: 'unpaid' });
    expect(unpaid).toHaveProperty('ignored');
  });

  it('reads explicit amounts from metadata, and leaves what is no JSON in the text', () => {
    const lines = [
      { invoice: 'INV-1', line: 2, amount: 100_000 },
      { invoice: 'INV-2', subcontract: 'S-7', amount: 19_000 },
    ];
    const read = at('payment_intent.succeeded', {
      ...intent,
      metadata: { invoices: JSON.stringify(lines) },
    });
    expect(read).toMatchObject({
      lines: [
        { invoice: 'INV-1', line: '2', subcontract: null, amount: 100_000 },
        { invoice: 'INV-2', line: null, subcontract: 'S-7', amount: 19_000 },
      ],
      reference: '',
    });
    const words = at('payment_intent.succeeded', {
      ...intent,
      metadata: { invoices: 'INV-1,INV-2' },
    });
    expect(words).toMatchObject({ lines: [], reference: 'INV-1,INV-2' });
    const part = at('payment_intent.succeeded', {
      ...intent,
      metadata: { invoice: 'INV-1', subcontract: 'S-1' },
    });
    expect(part).toMatchObject({
      lines: [{ invoice: 'INV-1', line: null, subcontract: 'S-1', amount: 119_000 }],
    });
  });

  it('reads refunds and disputes against their payment', () => {
    const refund = {
      id: 're_1',
      currency: 'jpy',
      amount: 500,
      status: 'succeeded',
      payment_intent: 'pi_1',
      charge: 'ch_1',
    };
    expect(at('refund.created', refund)).toMatchObject({
      kind: 'refunded',
      payment: 'stripe:pi_1',
      occurrence: 'stripe:re_1',
      amountMinor: 500,
      currency: 'JPY',
    });
    expect(at('refund.created', { ...refund, status: 'pending' })).toHaveProperty('ignored');
    for (const status of ['failed', 'canceled'])
      expect(at('refund.updated', { ...refund, status })).toMatchObject({ kind: 'refund-failed' });
    // One that was given here names its payment as we do; a stranger's word for it counts for nothing.
    const payment = 'stripe:du_1:reinstated';
    const ours = { ...refund, metadata: { refund: `${payment}:refund:1a`, payment } };
    expect(at('refund.created', ours)).toMatchObject({ payment });
    for (const metadata of [{ payment }, { payment, refund: 'other' }, { payment: 'bank:1' }])
      expect(at('refund.created', { ...refund, metadata })).toMatchObject({
        payment: 'stripe:pi_1',
      });
    const dispute = { id: 'dp_1', currency: 'eur', amount: 119_000, payment_intent: 'pi_1' };
    const kinds = ['created', 'funds_withdrawn', 'funds_reinstated'].map((stage) =>
      at(`charge.dispute.${stage}`, dispute),
    );
    expect(kinds).toMatchObject([
      { kind: 'disputed' },
      { kind: 'reversed', payment: 'stripe:pi_1' },
      { kind: 'received', occurrence: 'stripe:dp_1:reinstated' },
    ]);
    expect(at('charge.refunded', {})).toHaveProperty('ignored');
    expect(at('customer.created', {})).toHaveProperty('ignored');
  });

  it('says what is wrong with an event that is not what its type promises', () => {
    const broken = { ...intent, amount_received: 11.9 };
    expect(() => at('payment_intent.succeeded', broken)).toThrow(StripeEventError);
    expect(() => paymentEventOf({}, 'UTC')).toThrow(/event: id/);
  });
});
