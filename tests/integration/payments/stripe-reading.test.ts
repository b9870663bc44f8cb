/** Where a key is configured, what Stripe says now is booked, whatever the event said. */
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStripeReader } from '../../../connectors/payments/stripe/reader.ts';
import { getPayment } from '../../../db/index.ts';
import { CONFIGURATION } from '../../api/fixture.ts';
import { closeServer, openHttpServer } from '../../infrastructure/local-server.ts';
import { type Scene, scene, smallBook } from '../api/fixture.ts';

/** Answers as Stripe's API does, from what a test put there; counts what it was asked. */
const objects = new Map<string, object>();
const asked: string[] = [];
let status = 200;
let stripe: Server;
let at: Scene;

beforeAll(async () => {
  stripe = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    asked.push(`${request.method} ${path} ${request.headers.authorization}`);
    const found = objects.get(path);
    const code = status !== 200 ? status : found === undefined ? 404 : 200;
    const error = { error: { type: 'invalid_request_error', message: `no ${path}` } };
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify(code === 200 ? found : error));
  });
  const reader = createStripeReader('sk_test_1', await openHttpServer(stripe));
  at = await scene({ stripe: reader }, smallBook());
});
afterAll(async () => {
  await at?.close();
  await closeServer(stripe);
});

const intent = (id: string, amount: number) => ({
  id,
  object: 'payment_intent',
  amount_received: amount,
  currency: 'eur',
  metadata: { account: 'A-1' },
});

function deliver(eventId: string, object: object) {
  const body = JSON.stringify({
    id: eventId,
    type: 'payment_intent.succeeded',
    created: 1_771_588_800,
    data: { object },
  });
  const t = Math.floor(Date.now() / 1000);
  const key = CONFIGURATION.stripeWebhookSecret ?? '';
  const mac = createHmac('sha256', key).update(`${t}.${body}`).digest('hex');
  return at.app.inject({
    method: 'POST',
    url: '/webhooks/stripe',
    payload: body,
    headers: { 'content-type': 'application/json', 'stripe-signature': `t=${t},v1=${mac}` },
  });
}

describe('an event’s object', () => {
  it('is booked as Stripe tells it when asked', async () => {
    objects.set('/v1/payment_intents/pi_1', intent('pi_1', 700));
    expect((await deliver('evt_1', intent('pi_1', 500))).json().outcome).toBe('processed');
    expect((await getPayment(at.db, 'stripe:pi_1'))?.amountMinor).toBe(700);
    expect(asked).toEqual(['GET /v1/payment_intents/pi_1 Bearer sk_test_1']);
  });

  it('that Stripe does not know is not booked', async () => {
    expect((await deliver('evt_2', intent('pi_2', 500))).json().outcome).toBe('ignored');
    expect(await getPayment(at.db, 'stripe:pi_2')).toBeNull();
  });

  it('waits where Stripe does not answer, asked once, and is booked when the event comes again', async () => {
    objects.set('/v1/payment_intents/pi_3', intent('pi_3', 300));
    asked.length = 0;
    status = 500;
    const answer = await deliver('evt_3', intent('pi_3', 300));
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'provider-unavailable']);
    expect(asked).toHaveLength(1);
    expect(await getPayment(at.db, 'stripe:pi_3')).toBeNull();
    status = 200;
    expect((await deliver('evt_3', intent('pi_3', 300))).json().outcome).toBe('processed');
    expect((await getPayment(at.db, 'stripe:pi_3'))?.amountMinor).toBe(300);
    expect((await deliver('evt_3', intent('pi_3', 300))).json().outcome).toBe('duplicate');
  });
});
