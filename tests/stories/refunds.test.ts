/** A person gives money back: over the provider that it came by, once; or by a transfer that somebody makes (billing rules §7). */
import { createHmac } from 'node:crypto';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../api/app.ts';
import { temporalProcesses } from '../../api/processes.ts';
import type { Approval, PaymentPage } from '../../api/types.ts';
import type { Collector } from '../../connectors/payments/collector.ts';
import { createStripeCollector } from '../../connectors/payments/stripe/collector.ts';
import { createApiKey, createUser, getPayment, recordPayment } from '../../db/index.ts';
import { paymentWorkflowId } from '../../workflows/ids.ts';
import { apiWith, CONFIGURATION } from '../api/fixture.ts';
import {
  createTimeSkipping,
  type TimeSkippingAnswer,
  tearDown,
  timeSkippingOrSkip,
} from '../infrastructure/engines.ts';
import { skipAloud } from '../infrastructure/servers.ts';
import { type Counterpart, startLocalstripe } from '../infrastructure/stripe-counterparts.ts';
import { acme } from './companies.ts';
import { createWorld, type World } from './world.ts';

const KEY = 'sk_test_123';
const GOOD_CARD = '4242424242424242';
const DECLINED_CARD = '4000000000000341';
let time: TimeSkippingAnswer;
let local: Counterpart;
let world: World | undefined;
let app: Api;
/** Of the calls that Stripe carries out, so many lose their answer. */
let answersLost = 0;
const bearers = new Map<string, { authorization: string }>();

beforeAll(async () => {
  local = await startLocalstripe();
  time = await createTimeSkipping();
  if ('missing' in time || 'missing' in local) return;
  const collector = losingAnswers(createStripeCollector(KEY, local.url));
  world = await createWorld(time.environment, acme({ start: '2030-04-01', end: '2031-03-31' }), {
    collector,
  });
  const { db, client } = world;
  for (const role of ['biller', 'approver'] as const) {
    const { id } = await createUser(db, {
      email: `${role}@seller.example`,
      name: `The ${role}`,
      role,
      passwordHash: null,
    });
    const { token } = await createApiKey(db, { user: id, name: 'story' });
    bearers.set(role, { authorization: `Bearer ${token}` });
  }
  app = await apiWith(db, { processes: temporalProcesses(client, 30_000), collector });
});
afterAll(async () => {
  await app?.close();
  await world?.end();
  await tearDown(time);
  if (local !== undefined && 'stop' in local) await local.stop();
});

/** Stripe has done it, and we do not hear of it. */
const losingAnswers = (collector: Collector): Collector => ({
  ...collector,
  refund: async (request) => {
    const answer = await collector.refund(request);
    if (answersLost === 0) return answer;
    answersLost -= 1;
    return { result: 'unknown', message: 'the answer was lost' };
  },
});

type Context = Parameters<typeof skipAloud>[0];
function sceneOrSkip(context: Context): { world: World; stripe: Stripe } {
  timeSkippingOrSkip(time, context);
  if ('missing' in local) return skipAloud(context, `localstripe is missing: ${local.missing}`);
  if (world === undefined) throw new Error('the world was not made');
  const { hostname: host, port } = new URL(local.url);
  const stripe = new Stripe(KEY, { host, port: Number(port), protocol: 'http', telemetry: false });
  return { world, stripe };
}

/** Money that came by Stripe, of which nothing is allocated. A declined card’s is in our books by mistake. */
async function paidByCard(
  { world, stripe }: ReturnType<typeof sceneOrSkip>,
  { amountMinor, number = GOOD_CARD }: { amountMinor: number; number?: string },
): Promise<string> {
  const customer = await stripe.customers.create({ name: 'Acme' });
  const card = { number, exp_month: 12, exp_year: 2045, cvc: '123' };
  const { id } = await stripe.paymentMethods.create({ type: 'card', card });
  await stripe.paymentMethods.attach(id, { customer: customer.id });
  const intent = await stripe.paymentIntents.create({
    amount: amountMinor,
    currency: 'usd',
    customer: customer.id,
    payment_method: id,
  });
  await stripe.paymentIntents.confirm(intent.id).catch((error: unknown) => {
    if (!(error instanceof Stripe.errors.StripeCardError)) throw error;
  });
  return received(world, `stripe:${intent.id}`, amountMinor);
}

async function received(
  { db }: World,
  payment: string,
  amountMinor: number,
  bankAccount: string | null = null,
): Promise<string> {
  await recordPayment(db, {
    payment,
    account: 'A-1',
    receivedOn: '2030-01-10',
    amountMinor,
    currency: 'USD',
    method: payment.split(':')[0] ?? '',
    payer: 'Acme Inc',
    bankAccount,
  });
  return payment;
}

const ask = async <T>(role: string, method: 'GET' | 'POST', url: string, payload?: object) => {
  const headers = bearers.get(role) ?? {};
  const sent = payload === undefined ? {} : { payload };
  const answer = await app.inject({ method, url: `/api/v1${url}`, headers, ...sent });
  return { status: answer.statusCode, body: answer.json<T>() };
};
const pageOf = async (payment: string) =>
  (await ask<PaymentPage>('biller', 'GET', `/payments/${encodeURIComponent(payment)}`)).body;

/** One person asks, another approves what was shown. */
async function refunded(payment: string, amountMinor: number): Promise<Approval> {
  const path = `/payments/${encodeURIComponent(payment)}/refund`;
  const asked = await ask<Approval>('biller', 'POST', path, { amountMinor, reason: 'paid twice' });
  expect(asked.status).toBe(202);
  return approved(asked.body);
}
async function approved({ approval, shownHash }: Approval): Promise<Approval> {
  const path = `/approvals/${encodeURIComponent(approval)}/approve`;
  const answer = await ask<Approval>('approver', 'POST', path, { shownHash });
  expect(answer.body).toMatchObject({ state: 'approved' });
  return answer.body;
}

function deliver(type: string, object: object) {
  const id = `evt_${type}_${JSON.stringify(object).length}_${events++}`;
  const body = JSON.stringify({ id, type, created: 1_900_000_000, data: { object } });
  const t = Math.floor(Date.now() / 1000);
  const secret = CONFIGURATION.stripeWebhookSecret ?? '';
  const mac = createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
  return app.inject({
    method: 'POST',
    url: '/webhooks/stripe',
    payload: body,
    headers: { 'content-type': 'application/json', 'stripe-signature': `t=${t},v1=${mac}` },
  });
}
let events = 0;

describe('money that came by Stripe', () => {
  it('goes back over Stripe in part, and the event that tells of it later is the same refund', async (context) => {
    const scene = sceneOrSkip(context);
    const payment = await paidByCard(scene, { amountMinor: 10_000 });
    const before = await pageOf(payment);
    expect(before.refundWords).toMatch(/Stripe gives it back/);
    const answer = await refunded(payment, 2500);
    expect(answer.outcome).toMatchObject({ state: 'refunded', mayRepeat: false });
    expect(answer.outcome?.words).toMatch(/Stripe gave 25\.00 USD back .* \(re_/);
    const listed = await scene.stripe.refunds.list({ payment_intent: payment.slice(7) });
    expect(listed.data.map(({ amount }) => amount)).toEqual([2500]);
    const booked = { unappliedMinor: 7500, refundedMinor: 2500 };
    expect(await getPayment(scene.world.db, payment)).toMatchObject(booked);

    for (const type of ['refund.created', 'refund.updated', 'charge.refund.updated'])
      expect((await deliver(type, listed.data[0] ?? {})).json().outcome).toBe('processed');
    const running = { ...listed.data[0], object: 'charge', amount_refunded: 2500 };
    expect((await deliver('charge.refunded', running)).json().outcome).toBe('ignored');
    await scene.world.saveHistory(paymentWorkflowId(payment), 'payment-refunded');
    // A later refund is decided after those events: by then they have had their effect.
    expect((await refunded(payment, 7500)).outcome?.state).toBe('refunded');
    expect(await getPayment(scene.world.db, payment)).toMatchObject({
      unappliedMinor: 0,
      refundedMinor: 10_000,
      state: 'refunded',
    });
    expect((await pageOf(payment)).refunds.map(({ outcome }) => outcome?.state)).toEqual([
      'refunded',
      'refunded',
    ]);
  });

  it('goes back once where Stripe’s answer is lost', async (context) => {
    const scene = sceneOrSkip(context);
    const payment = await paidByCard(scene, { amountMinor: 4000 });
    answersLost = 1;
    const first = await refunded(payment, 1000);
    await scene.world.eventually('the refund', async () => {
      const again = first.outcome?.state === 'refunded' ? first : await approved(first);
      return again.outcome?.state === 'refunded';
    });
    const listed = await scene.stripe.refunds.list({ payment_intent: payment.slice(7) });
    expect(listed.data).toHaveLength(1);
    expect(await getPayment(scene.world.db, payment)).toMatchObject({
      unappliedMinor: 3000,
      refundedMinor: 1000,
    });
  });

  it('that Stripe refuses to give back stays here, and the refusal is shown', async (context) => {
    const scene = sceneOrSkip(context);
    const payment = await paidByCard(scene, { amountMinor: 3000, number: DECLINED_CARD });
    const { outcome } = await refunded(payment, 3000);
    expect(outcome).toMatchObject({ state: 'refused', mayRepeat: false });
    expect(outcome?.words).toMatch(/Stripe refused it: .*failed payment/);
    expect(await getPayment(scene.world.db, payment)).toMatchObject({
      unappliedMinor: 3000,
      refundedMinor: 0,
    });
    const page = await pageOf(payment);
    expect(page.refunds[0]?.outcome?.words).toBe(outcome?.words);
    expect(page.may).toContain('refund');
  });

  it('that a bank sends back to Stripe afterwards is with us again', async (context) => {
    const scene = sceneOrSkip(context);
    const payment = await paidByCard(scene, { amountMinor: 6000 });
    await refunded(payment, 6000);
    const listed = await scene.stripe.refunds.list({ payment_intent: payment.slice(7) });
    const failed = { ...listed.data[0], status: 'failed', failure_reason: 'lost_or_stolen_card' };
    expect((await deliver('refund.failed', failed)).json().outcome).toBe('processed');
    await deliver('refund.updated', failed);
    await scene.world.eventually('the money', async () => {
      const row = await getPayment(scene.world.db, payment);
      return row?.unappliedMinor === 6000 && row.refundedMinor === 0 && row.state === 'review';
    });
    expect((await pageOf(payment)).explanation).toMatch(/60\.00 USD did not reach the payer/);
  });
});

describe('money that came by bank', () => {
  it('is booked, and the words say that a person makes the transfer; the same sum twice is two', async (context) => {
    const { world } = sceneOrSkip(context);
    const payment = await received(world, 'bank:77', 900, 'DE89370400440532013000');
    expect((await pageOf(payment)).refundWords).toMatch(/a person pays it out to DE89/);
    for (const left of [600, 300]) {
      const { outcome, summary } = await refunded(payment, 300);
      expect(summary).toMatch(/by a transfer that a person makes to DE89/);
      expect(outcome?.words).toMatch(/A person pays out 3\.00 USD to Acme Inc, DE89/);
      expect(await getPayment(world.db, payment)).toMatchObject({ unappliedMinor: left });
    }
    const tooMuch = { amountMinor: 301, reason: 'paid twice' };
    const answer = await ask('biller', 'POST', '/payments/bank%3A77/refund', tooMuch);
    expect(answer).toMatchObject({ status: 422, body: { code: 'allocation-exceeds' } });
  });
});
