/** Stripe's events delivered over and over, in any order, over twenty connections of a real server: each has one effect. */
import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getEntry, getPayment, trialBalance, verifyLedger } from '../../../db/index.ts';
import { Random } from '../../../examples/random.ts';
import { CONFIGURATION } from '../../api/fixture.ts';
import { type Scene, scene, smallBook } from '../api/fixture.ts';

const CONNECTIONS = 20;
const TIMES = 1_000;
/** The refund, which may come before what it takes back. */
const REFUND_TIMES = 100;
const SEED = 20_261_122;

let at: Scene;
let port = 0;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
beforeAll(async () => {
  at = await scene({}, smallBook());
  await at.app.listen({ host: '127.0.0.1', port: 0 });
  port = (at.app.server.address() as AddressInfo).port;
});
afterAll(async () => {
  agent.destroy();
  await at?.close();
});

const event = (id: string, type: string, object: object) =>
  JSON.stringify({ id, type, created: 1_771_588_800, data: { object } });

const EVENTS = [
  event('evt_in', 'payment_intent.succeeded', {
    id: 'pi_1',
    object: 'payment_intent',
    amount_received: 11_900,
    currency: 'eur',
    metadata: { account: 'A-1', invoice: 'INV-OLD-1' },
  }),
  event('evt_back', 'refund.created', {
    id: 're_1',
    object: 'refund',
    amount: 11_900,
    currency: 'eur',
    status: 'succeeded',
    payment_intent: 'pi_1',
  }),
];

function deliver(body: string): Promise<{ status: number; outcome: string }> {
  const t = Math.floor(Date.now() / 1000);
  const key = CONFIGURATION.stripeWebhookSecret ?? '';
  const mac = createHmac('sha256', key).update(`${t}.${body}`).digest('hex');
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'stripe-signature': `t=${t},v1=${mac}`,
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path: '/webhooks/stripe', method: 'POST', agent, headers },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => {
          const { outcome } = JSON.parse(text) as { outcome: string };
          resolve({ status: answer.statusCode ?? 0, outcome });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function shuffled<T>(items: T[], random: Random): T[] {
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = random.below(index + 1);
    [items[index], items[other]] = [items[other] as T, items[index] as T];
  }
  return items;
}

it(`${TIMES} deliveries in random order have the effect of one (seed ${SEED})`, async () => {
  const all = EVENTS.flatMap((body, n) =>
    Array.from({ length: n === 0 ? TIMES : REFUND_TIMES }, () => body),
  );
  const answers = await Promise.all(shuffled(all, new Random(SEED)).map(deliver));
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);

  expect(await getPayment(at.db, 'stripe:pi_1')).toMatchObject({
    account: 'A-1',
    amountMinor: 11_900,
    unappliedMinor: 11_900,
  });
  const { bearer } = at.people.admin;
  const events = (await at.app.inject({ url: '/api/v1/events', headers: bearer })).json();
  const told = (events.items as { eventId: string; state: string }[]).map(
    ({ eventId, state }) => `${eventId} ${state}`,
  );
  expect(told.sort()).toEqual(['evt_back processed', 'evt_in processed']);

  // One entry in the books; what starts and wakes the payment's process bears one key, by which it happens once.
  const { postings } = await getEntry(at.db, 'payment:stripe:pi_1:received');
  expect(postings.map(({ amountMinor }) => amountMinor).sort()).toEqual([-11_900, 11_900]);
  const bank = (await trialBalance(at.db)).find(({ ledgerAccount }) => ledgerAccount === 'bank');
  expect(bank?.balanceMinor).toBe(11_900);
  expect(await verifyLedger(at.db)).toEqual([]);
  const asked = new Set(at.processes.asked.map((one) => JSON.stringify(one)));
  expect([...asked].map((one) => JSON.parse(one))).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ what: 'start', workflow: 'stripe:pi_1' }),
      {
        what: 'reversal',
        workflow: 'stripe:pi_1',
        args: expect.objectContaining({ event: 'stripe:re_1', amountMinor: 11_900 }),
      },
    ]),
  );
  expect(asked.size).toBe(2);
});
