/** Our collector against Stripe's own mock, which checks each request's shape, and a Stripe that keeps state. */
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Collector } from '../../../connectors/payments/collector.ts';
import { createStripeCollector } from '../../../connectors/payments/stripe/collector.ts';
import { createStripeReader } from '../../../connectors/payments/stripe/reader.ts';
import { eventually } from '../../infrastructure/eventually.ts';
import { skipAloud } from '../../infrastructure/servers.ts';
import {
  type Counterpart,
  startLocalstripe,
  startStripeMock,
} from '../../infrastructure/stripe-counterparts.ts';

const KEY = 'sk_test_123';
let mock: Counterpart;
let local: Counterpart;
beforeAll(async () => {
  [mock, local] = await Promise.all([startStripeMock(), startLocalstripe()]);
});
afterAll(async () => {
  for (const one of [mock, local]) if (one !== undefined && 'stop' in one) await one.stop();
});

type Context = Parameters<typeof skipAloud>[0];
function urlOf(counterpart: Counterpart, context: Context): string {
  if ('url' in counterpart) return counterpart.url;
  return skipAloud(context, `Stripe's counterpart is missing: ${counterpart.missing}`);
}

const names = { invoice: 'INV-2027-00017', account: 'A-1' };
const checkout = {
  ...names,
  key: 'checkout:INV-2027-00017:1',
  amountMinor: 119_00,
  currency: 'EUR',
  title: 'Invoice INV-2027-00017',
  customer: null,
  email: 'ap@acme.example',
  returnUrl: 'https://billing.example.com/pay/token',
};
const setup = { ...checkout, key: 'setup:A-1:1' };
const method = { method: 'pm_card_visa', customer: 'cus_1' };
const charge = {
  ...names,
  key: 'collect:INV-2027-00017:1',
  amountMinor: 119_00,
  currency: 'EUR',
  method,
};

const refund = {
  key: 'stripe:pi_1:refund:1a2b',
  payment: 'stripe:pi_1',
  reference: 'pi_1',
  amountMinor: 11_900,
  currency: 'EUR',
};

describe('the shape of each request, by Stripe’s OpenAPI', () => {
  const asks: [string, (collector: Collector) => Promise<{ result: string }>][] = [
    ['a checkout', (one) => one.openCheckout(checkout)],
    [
      'a checkout of a known customer',
      (one) => one.openCheckout({ ...checkout, customer: 'cus_1' }),
    ],
    ['a setup page', (one) => one.openSetup(setup)],
    ['a setup page without an address', (one) => one.openSetup({ ...setup, email: null })],
    ['reading a page', (one) => one.readCheckout('cs_test_1')],
    ['closing a page', (one) => one.closeCheckout('cs_test_1')],
    ['looking for a page', (one) => one.findCheckout('checkout:INV-2027-00017:1')],
    ['a charge', (one) => one.charge(charge)],
    ['reading a charge', (one) => one.readCharge('pi_1')],
    ['looking for a charge', (one) => one.findCharge('collect:INV-2027-00017:1', 'cus_1')],
    ['a refund', (one) => one.refund(refund)],
    ['a refund of a charge', (one) => one.refund({ ...refund, reference: 'ch_1' })],
    [
      'a refund of what a dispute gave back',
      (one) => one.refund({ ...refund, reference: 'du_1:reinstated' }),
    ],
    ['looking for a refund', (one) => one.findRefund(refund)],
    ['removing a method', (one) => one.removeMethod('pm_1')],
  ];
  for (const [words, ask] of asks)
    it(`${words} is accepted`, async (context) => {
      const answer = await ask(createStripeCollector(KEY, urlOf(mock, context)));
      expect(answer).toMatchObject({ result: 'ok' });
    });

  it('and one that is wrong is refused, so that the others mean something', async (context) => {
    const collector = createStripeCollector(KEY, urlOf(mock, context));
    const amountMinor = 'eleven' as unknown as number;
    const answer = await collector.charge({ ...charge, amountMinor });
    expect(answer).toMatchObject({ result: 'rejected' });
  });

  for (const type of [
    'payment_intent',
    'charge',
    'checkout.session',
    'invoice',
    'refund',
    'dispute',
  ])
    it(`a ${type} can be read again`, async (context) => {
      const reader = createStripeReader(KEY, urlOf(mock, context));
      expect(await reader.read(type, 'x_1')).toMatchObject({ result: 'ok' });
    });
});

describe('charges at a Stripe that keeps state', () => {
  async function customerWith(url: string, params: Stripe.PaymentMethodCreateParams) {
    const { hostname: host, port } = new URL(url);
    const stripe = new Stripe(KEY, {
      host,
      port: Number(port),
      protocol: 'http',
      telemetry: false,
    });
    const customer = await stripe.customers.create({ name: 'Acme' });
    const created = await stripe.paymentMethods.create(params);
    await stripe.paymentMethods.attach(created.id, { customer: customer.id });
    return { method: created.id, customer: customer.id };
  }
  const card = (number: string): Stripe.PaymentMethodCreateParams => ({
    type: 'card',
    card: { number, exp_month: 12, exp_year: 2035, cvc: '123' },
  });
  const debit = (iban: string): Stripe.PaymentMethodCreateParams => ({
    type: 'sepa_debit',
    sepa_debit: { iban },
  });

  it('a good card pays at once, and the payment can be read again', async (context) => {
    const url = urlOf(local, context);
    const collector = createStripeCollector(KEY, url);
    const stored = await customerWith(url, card('4242424242424242'));
    const answer = await collector.charge({ ...charge, method: stored });
    expect(answer).toMatchObject({
      result: 'ok',
      value: { state: 'succeeded', amountMinor: 119_00, currency: 'EUR', reason: null },
    });
    const reference = answer.result === 'ok' ? answer.value.reference : '';
    expect(await collector.readCharge(reference)).toEqual(answer);
  });

  it('a card that is declined is an answer with its reason', async (context) => {
    const url = urlOf(local, context);
    const stored = await customerWith(url, card('4000000000000341'));
    const answer = await createStripeCollector(KEY, url).charge({ ...charge, method: stored });
    expect(answer).toMatchObject({
      result: 'ok',
      value: { state: 'failed', reason: 'card_declined' },
    });
  });

  it('a card that wants its owner is left to them', async (context) => {
    const url = urlOf(local, context);
    const stored = await customerWith(url, card('4000002760003184'));
    const answer = await createStripeCollector(KEY, url).charge({ ...charge, method: stored });
    expect(answer).toMatchObject({
      result: 'ok',
      value: { state: 'failed', reason: 'authentication_required' },
    });
  });

  const banks = [
    ['is paid by the bank later', 'DE89370400440532013000', 'succeeded'],
    ['is refused by the bank later', 'DE62370400440532013001', 'failed'],
  ] as const;
  for (const [words, iban, state] of banks)
    it(`a debit ${words}`, async (context) => {
      const url = urlOf(local, context);
      const collector = createStripeCollector(KEY, url);
      const stored = await customerWith(url, debit(iban));
      const answer = await collector.charge({ ...charge, method: stored });
      expect(answer).toMatchObject({
        result: 'ok',
        value: { state: expect.stringMatching(/^(processing|succeeded)$/) },
      });
      const reference = answer.result === 'ok' ? answer.value.reference : '';
      await eventually('the bank’s answer', async () => {
        const later = await collector.readCharge(reference);
        return later.result === 'ok' && later.value.state === state;
      });
    });

  it('a method that is not there is our mistake, a Stripe that is not there is unknown', async (context) => {
    const url = urlOf(local, context);
    const gone = { ...charge, method: { method: 'pm_gone', customer: 'cus_gone' } };
    expect(await createStripeCollector(KEY, url).charge(gone)).toMatchObject({
      result: 'rejected',
    });
    expect(await createStripeCollector(KEY, 'http://127.0.0.1:1').charge(charge)).toMatchObject({
      result: 'unknown',
    });
  });
});
