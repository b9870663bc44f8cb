/** A stored method is charged on the due date and again by the reason of its failure; told against a Stripe that keeps state. */
import Stripe from 'stripe';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStripeCollector } from '../../connectors/payments/stripe/collector.ts';
import { startContract } from '../../connectors/temporal/lifecycles.ts';
import { collectionsOf, getInvoice, mailsOf, storePaymentMethod } from '../../db/index.ts';
import { addDays } from '../../domain/dates/dates.ts';
import { clockMoved } from '../../workflows/messages.ts';
import {
  createTimeSkipping,
  type TimeSkippingAnswer,
  tearDown,
  timeSkippingOrSkip,
} from '../infrastructure/engines.ts';
import { skipAloud } from '../infrastructure/servers.ts';
import { type Counterpart, startLocalstripe } from '../infrastructure/stripe-counterparts.ts';
import { acme } from './companies.ts';
import { billMonth, invoiceOf } from './telling.ts';
import { createWorld, type World } from './world.ts';

const KEY = 'sk_test_123';
let time: TimeSkippingAnswer;
let local: Counterpart;
beforeAll(async () => {
  local = await startLocalstripe();
  time = await createTimeSkipping();
});
afterAll(async () => {
  await tearDown(time);
  if (local !== undefined && 'stop' in local) await local.stop();
});

/** What a customer does on the setup page, which localstripe does not have: a card of theirs is kept. */
async function storeCard(world: World, url: string, number: string, addedOn: string) {
  const { hostname: host, port } = new URL(url);
  const stripe = new Stripe(KEY, { host, port: Number(port), protocol: 'http', telemetry: false });
  const customer = await stripe.customers.create({ name: 'Acme' });
  const card = { number, exp_month: 12, exp_year: 2045, cvc: '123' };
  const { id } = await stripe.paymentMethods.create({ type: 'card', card });
  await stripe.paymentMethods.attach(id, { customer: customer.id });
  await storePaymentMethod(world.db, {
    method: id,
    provider: 'stripe',
    account: 'A-1',
    customer: customer.id,
    kind: 'card',
    label: `Visa •••• ${number.slice(-4)}`,
    addedOn,
  });
}

it('charges on the due date, four times by the reason, then the new card at once', async (context) => {
  if ('missing' in local) return skipAloud(context, `localstripe is missing: ${local.missing}`);
  const env = timeSkippingOrSkip(time, context);
  const year = new Date(await env.currentTimeMs()).getUTCFullYear() + 1;
  const book = acme({ start: `${year}-04-01`, end: `${year + 2}-03-31` });
  const world = await createWorld(env, book, { collector: createStripeCollector(KEY, local.url) });
  const { db, client } = world;
  try {
    await startContract(client, { contract: 'C-1001', clock: null });
    await storeCard(world, local.url, '4000000000000341', `${year}-01-10`);
    await world.until(`${year}-02-14`);
    await billMonth(world, `${year}-02`);
    const invoice = await invoiceOf(world, 'C-1001');
    const { dueOn } = invoice;
    await world.until(addDays(dueOn, -1));
    expect(await collectionsOf(db, invoice.invoice)).toEqual([]);

    await world.until(addDays(dueOn, 20));
    const failed = await collectionsOf(db, invoice.invoice);
    expect(failed.map(({ state, reason, askedOn }) => [state, reason, askedOn])).toEqual([
      ['failed', 'card_declined', dueOn],
      ['failed', 'card_declined', addDays(dueOn, 3)],
      ['failed', 'card_declined', addDays(dueOn, 8)],
      ['failed', 'card_declined', addDays(dueOn, 15)],
    ]);
    expect(failed.at(-1)?.nextOn).toBeNull();
    // Meanwhile the reminders went on.
    const kinds = (await mailsOf(db, { account: 'A-1' })).map(({ kind }) => kind);
    expect(kinds).toContain('reminder');

    await storeCard(world, local.url, '4242424242424242', addDays(dueOn, 20));
    const handle = client.workflow.getHandle(invoice.documentKey ?? '');
    await handle.signal(clockMoved, { today: addDays(dueOn, 20) });
    await world.eventually('the money', async () => {
      return (await getInvoice(db, invoice.invoice))?.invoice.state === 'paid';
    });
    const last = (await collectionsOf(db, invoice.invoice)).at(-1);
    expect(last).toMatchObject({ state: 'succeeded', amountMinor: invoice.totalMinor });
    await world.saveHistory(invoice.documentKey ?? '', 'invoice-charged-by-card');
  } finally {
    await world.end();
  }
});
