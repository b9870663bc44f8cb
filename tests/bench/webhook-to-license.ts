/**
 * From a provider's signed webhook to the license key with the customer's mail server: payment booked, matched and applied,
 * invoice and contract told, license signed, mail sent. Against a bare signal-to-activity round trip on the same engine, taken
 * in turn with it.
 */
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import Stripe from 'stripe';
import { temporalProcesses } from '../../api/processes.ts';
import { invoicesOfContract } from '../../db/index.ts';
import { apiWith, CONFIGURATION } from '../api/fixture.ts';
import { createPlant, type Plant } from '../faults/plant.ts';
import { eventually } from '../infrastructure/eventually.ts';
import { devServerAddress } from '../infrastructure/servers.ts';
import { go, roundTrip } from './empty-life/round-trip.ts';
import type { Section } from './section.ts';

/** Of so many the 99th percentile is not the slowest of all. */
const PAYMENTS = 120;
const MOST = 6;
const QUEUE = 'bench-round-trip';
/** The first ones pay for what is loaded once. */
const WARM_UP = 5;
const LONGEST_MS = 60_000;
/** After the last mail of a payment: what else follows is over by then, and each trip and payment has the engine to itself. */
const SETTLED_MS = 1_000;
/** To a customer whose payment pays an invoice: the keys, and the receipt after them. */
const MAILS_OF_PAYMENT = 2;

/** The value below which a share of all lies (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Waits for news that something else brings. */
class Doorbell<T> {
  private ring: ((news: T) => void) | null = null;
  next(): Promise<T> {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error('nothing came in a minute')), LONGEST_MS);
      this.ring = (news) => {
        clearTimeout(timer);
        this.ring = null;
        done(news);
      };
    });
  }
  press(news: T): void {
    this.ring?.(news);
  }
}

async function bareTrips() {
  const bell = new Doorbell<number>();
  const address = await devServerAddress();
  const env = await TestWorkflowEnvironment.createFromExistingServer({ address });
  const workflowsPath = fileURLToPath(new URL('empty-life/round-trip.ts', import.meta.url));
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: QUEUE,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') }),
    activities: { done: async (n: number) => bell.press(n) },
    shutdownGraceTime: '2s',
  });
  const running = worker.run();
  const handle = await env.client.workflow.start(roundTrip, {
    taskQueue: QUEUE,
    workflowId: `bench-round-trip:${process.pid}`,
  });
  return {
    /** Milliseconds from the signal to its step. */
    trip: async (n: number) => {
      const begun = performance.now();
      const done = bell.next();
      await handle.signal(go, n);
      await done;
      return performance.now() - begun;
    },
    end: async () => {
      await handle.signal(go, -1);
      await handle.result();
      worker.shutdown();
      await running;
      await env.teardown();
    },
  };
}

async function webhooks(plant: Plant, keys: Doorbell<number>) {
  const { db } = plant.database;
  const app = await apiWith(db, { processes: temporalProcesses(plant.client) });
  const secret = CONFIGURATION.stripeWebhookSecret ?? '';
  const invoices = (
    await Promise.all(plant.contracts.map((contract) => invoicesOfContract(db, contract)))
  ).flat();
  return {
    app,
    /** Milliseconds from the webhook until the mail server has the mail with the key. */
    pay: async (n: number) => {
      const invoice = invoices[n];
      if (invoice === undefined) throw new Error(`there is no invoice ${n}`);
      const object = {
        id: `pi_bench_${n}`,
        object: 'payment_intent',
        amount_received: invoice.totalMinor,
        currency: invoice.currency.toLowerCase(),
        metadata: { account: invoice.account, invoice: invoice.invoice },
      };
      const created = Math.floor(Date.now() / 1000);
      const event = { id: `evt_bench_${n}`, type: 'payment_intent.succeeded', created };
      const payload = JSON.stringify({ ...event, data: { object } });
      const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret });
      const mailed = keys.next();
      const begun = performance.now();
      const answer = await app.inject({
        method: 'POST',
        url: '/webhooks/stripe',
        payload,
        headers: { 'content-type': 'application/json', 'stripe-signature': signature },
      });
      if (answer.statusCode !== 200) throw new Error(`the webhook answered ${answer.body}`);
      return (await mailed) - begun;
    },
  };
}

export const webhookToLicense: Section = {
  name: 'webhook-to-license',
  what: 'from a signed webhook to the mailed license key, against a bare signal-to-activity round trip',
  measure: async () => {
    const keys = new Doorbell<number>();
    const count = PAYMENTS + WARM_UP;
    const plant = await createPlant({
      contracts: count,
      accounts: count,
      mail: {
        answers: ({ text = '' }, wholeAt) => {
          if (/key\/[\w-]+\.[\w-]+/.test(text)) keys.press(wholeAt);
          return true;
        },
      },
    });
    const bare = await bareTrips();
    try {
      await plant.startWorker();
      await plant.approve();
      await eventually('all invoices', async () => plant.sink.mails.length >= count, 400_000);
      const { app, pay } = await webhooks(plant, keys);
      const paid: number[] = [];
      const trips: number[] = [];
      for (let n = 0; n < count; n += 1) {
        const before = count + n * MAILS_OF_PAYMENT;
        await eventually('all mails', async () => plant.sink.mails.length >= before, LONGEST_MS);
        await new Promise((done) => setTimeout(done, SETTLED_MS));
        const trip = await bare.trip(n);
        const payment = await pay(n);
        if (n < WARM_UP) continue;
        trips.push(trip);
        paid.push(payment);
      }
      await app.close();
      const median = percentile(paid, 0.5) / percentile(trips, 0.5);
      const slowest = percentile(paid, 0.99) / percentile(trips, 0.99);
      return {
        ratios: { medianPerRoundTrip: median, p99PerRoundTrip: slowest },
        figures: {
          payments: paid.length,
          medianMs: percentile(paid, 0.5),
          p99Ms: percentile(paid, 0.99),
          roundTripMedianMs: percentile(trips, 0.5),
          roundTripP99Ms: percentile(trips, 0.99),
        },
        broken: median <= MOST ? [] : [`the median takes more than ${MOST} round trips`],
      };
    } finally {
      await bare.end();
      await plant.end();
    }
  },
};
