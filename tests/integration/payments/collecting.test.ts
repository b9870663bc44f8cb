/** Asking for money: pages opened on demand, stored methods charged, and never both for one invoice. */
import type { Client } from '@temporalio/client';
import fc from 'fast-check';
import Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { collectInvoice, collectionFacts } from '../../../activities/collection-steps.ts';
import type { Deps } from '../../../activities/deps.ts';
import { publicLinks, signedToken } from '../../../connectors/mail/links.ts';
import {
  collectionsOf,
  getInvoice,
  getPayment,
  issueSingle,
  paymentMethodsOf,
  removePaymentMethod,
  storePaymentMethod,
} from '../../../db/index.ts';
import { CONFIGURATION } from '../../api/fixture.ts';
import { type Scene, scene, smallBook } from '../api/fixture.ts';
import { document, line } from '../db/sample-facts.ts';
import { ModelledProvider } from './modelled-provider.ts';

let at: Scene;
let provider: ModelledProvider;
let notes: string[];
let made = 0;
let providers = 0;

beforeAll(async () => {
  // The app is built once; each test puts a provider of its own behind it.
  const collector = new Proxy(new ModelledProvider('none'), {
    get: (_target, name) => Reflect.get(provider, name) as unknown,
  });
  at = await scene({ collector }, smallBook());
});
afterAll(() => at?.close());
function freshProvider(): ModelledProvider {
  providers += 1;
  return new ModelledProvider(String(providers));
}
beforeEach(async () => {
  provider = freshProvider();
  notes = [];
  for (const { method } of await paymentMethodsOf(at.db, 'A-1'))
    await removePaymentMethod(at.db, {
      account: 'A-1',
      method,
      on: '2026-12-01',
      actor: { user: 'test', role: 'service' },
    });
});

const deps = () =>
  ({
    db: at.db,
    collector: provider,
    client: { workflow: { start: async () => undefined } } as unknown as Client,
    crm: { addNote: async ({ body }: { body: string }) => void notes.push(body) },
  }) as unknown as Deps;

async function issue(net = 100_00): Promise<string> {
  made += 1;
  const lines = [line({ net, contract: 'C-1', subcontract: 'S-1' })];
  const { invoice } = await issueSingle(at.db, {
    documentKey: `invoice:C-1:2026-11:${made}`,
    type: 'invoice',
    document: { ...document({ subject: 'C-1', lines }), entity: 'ACME', currency: 'EUR' },
    issuedOn: '2026-11-15',
  });
  return invoice.invoice;
}

async function storeCard(method = `pm_${made}`): Promise<string> {
  await storePaymentMethod(at.db, {
    method,
    provider: 'stripe',
    account: 'A-1',
    customer: 'cus_1',
    kind: 'card',
    label: 'Visa •••• 4242',
    addedOn: '2026-11-01',
  });
  return method;
}

const charge = (invoice: string, today = '2026-12-15') =>
  collectInvoice(deps(), { invoice, today, clock: null });

async function planned(invoice: string) {
  const found = await getInvoice(at.db, invoice);
  if (found === null) throw new Error(`there is no ${invoice}`);
  const remindableMinor = found.invoice.balanceMinor;
  return collectionFacts(deps(), found, { remindableMinor, clock: null });
}

const payPath = (invoice: string) => publicLinks('', CONFIGURATION.linkKey).payInvoice(invoice);
const click = (invoice: string) =>
  at.app.inject({
    method: 'POST',
    url: `${payPath(invoice)}/checkout`,
    headers: {
      origin: CONFIGURATION.publicUrl,
      'content-type': 'application/x-www-form-urlencoded',
    },
  });
/** References as the provider of this test gives them. */
const page = (n: number) => `cs_${provider.id}_${n}`;
const pageUrl = (n: number) => `https://checkout.stripe.com/${page(n)}`;
const charged = (n: number) => `pi_${provider.id}_${n}`;
const GROSS = 119_00;
const captured = () => [...provider.taken.values()].reduce((sum, amount) => sum + amount, 0);

describe('the page of an invoice', () => {
  it('leads to a payment page that is opened when it is asked for, and to the same one again', async () => {
    const invoice = await issue();
    const html = await at.app.inject({ url: payPath(invoice) });
    expect(html.body).toContain('Pay online');
    expect(html.body).toContain('DE02120300000000202051');
    expect(provider.pages.size).toBe(0);
    const answer = await click(invoice);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, pageUrl(1)]);
    expect((await click(invoice)).headers.location).toBe(pageUrl(1));
    expect(provider.pages.size).toBe(1);
  });

  it('opens a new one where the old one expired, and none once it was paid', async () => {
    const invoice = await issue();
    await click(invoice);
    await provider.closeCheckout(page(1));
    expect((await click(invoice)).headers.location).toBe(pageUrl(2));
    provider.pay(page(2));
    expect((await click(invoice)).headers.location).toContain('/pay/');
    const html = await at.app.inject({ url: payPath(invoice) });
    expect(html.body).toContain('being processed');
    expect(at.processes.asked.at(-1)).toMatchObject({ what: 'clock' });
    await charge(invoice);
    expect(await getPayment(at.db, `stripe:pi_${page(2)}`)).toMatchObject({ amountMinor: GROSS });
    expect(captured()).toBe(GROSS);
  });

  it('finds the page again whose opening lost its answer', async () => {
    const invoice = await issue();
    provider.losses = 1;
    expect((await click(invoice)).statusCode).toBe(503);
    expect((await click(invoice)).headers.location).toBe(pageUrl(1));
    expect(provider.pages.size).toBe(1);
  });

  it('takes no form of another site, and no token of another page', async () => {
    const invoice = await issue();
    const url = `${payPath(invoice)}/checkout`;
    const foreign = await at.app.inject({
      method: 'POST',
      url,
      headers: { origin: 'https://evil.example' },
    });
    expect(foreign.statusCode).toBe(403);
    const token = signedToken(CONFIGURATION.linkKey, 'portal', invoice);
    const other = await at.app.inject({
      method: 'POST',
      url: `/pay/${token}/checkout`,
      headers: { origin: CONFIGURATION.publicUrl },
    });
    expect(other.json().code).toBe('link-invalid');
    expect(provider.pages.size).toBe(0);
  });
});

describe('a stored method', () => {
  it('is charged on the due date, and what it paid is booked once, whoever tells first', async () => {
    const invoice = await issue();
    const due = (await getInvoice(at.db, invoice))?.invoice.dueOn;
    expect((await planned(invoice))?.collect).toBeNull();
    await storeCard();
    expect((await planned(invoice))?.collect?.on).toBe(due);
    expect(await charge(invoice)).toEqual({ state: 'succeeded' });
    expect(await charge(invoice)).toEqual({ state: 'not-due' });
    const [only] = await collectionsOf(at.db, invoice);
    expect(only).toMatchObject({ state: 'succeeded', payment: `stripe:${charged(1)}` });
    expect(await getPayment(at.db, `stripe:${charged(1)}`)).toMatchObject({
      account: 'A-1',
      amountMinor: GROSS,
      reference: invoice,
    });
    expect(await planned(invoice)).toMatchObject({ collect: null, underWay: true });
    expect(captured()).toBe(GROSS);
  });

  it('is tried again by the reason, and a person hears when it is over', async () => {
    const invoice = await issue();
    await storeCard();
    provider.answers.push('insufficient_funds', 'expired_card');
    expect(await charge(invoice, '2026-12-15')).toEqual({ state: 'failed' });
    expect((await planned(invoice))?.collect?.on).toBe('2026-12-18');
    expect(notes).toEqual([]);
    expect(await charge(invoice, '2026-12-18')).toEqual({ state: 'failed' });
    expect((await planned(invoice))?.collect).toBeNull();
    expect(notes).toHaveLength(1);
    // A new card is charged at once.
    await storeCard(`pm_new_${made}`);
    expect((await planned(invoice))?.collect?.on).toBe(
      (await getInvoice(at.db, invoice))?.invoice.dueOn,
    );
    expect(await charge(invoice, '2026-12-20')).toEqual({ state: 'succeeded' });
    expect(captured()).toBe(GROSS);
  });

  it('whose bank is silent for days is looked at again, holds reminders back and keeps the page shut', async () => {
    const invoice = await issue();
    await storeCard();
    provider.answers.push('processing');
    expect(await charge(invoice, '2026-12-15')).toEqual({ state: 'processing' });
    expect(await planned(invoice)).toMatchObject({ collect: { on: '2026-12-16' }, underWay: true });
    const refused = await click(invoice);
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'collection-under-way']);
    expect(await charge(invoice, '2026-12-16')).toEqual({ state: 'processing' });
    provider.settle(charged(1), null);
    expect(await charge(invoice, '2026-12-17')).toEqual({ state: 'succeeded' });
    expect(captured()).toBe(GROSS);
  });

  it('whose charge lost its answer is looked up by its key, not charged twice', async () => {
    const invoice = await issue();
    await storeCard();
    provider.losses = 1;
    await expect(charge(invoice)).rejects.toMatchObject({ type: 'outcome-unknown' });
    expect(await charge(invoice)).toEqual({ state: 'succeeded' });
    expect(captured()).toBe(GROSS);
  });

  it('waits for the customer who pays on a page in the very moment', async () => {
    const invoice = await issue();
    await click(invoice);
    await storeCard();
    provider.before = async (call) => {
      if (call === 'closeCheckout') provider.pay(page(1));
    };
    expect(await charge(invoice)).toEqual({ state: 'paid-by-checkout' });
    expect(await getPayment(at.db, `stripe:pi_${page(1)}`)).toMatchObject({ amountMinor: GROSS });
    expect(captured()).toBe(GROSS);
  });

  it('is stored on a page of the provider and removed again by the customer', async () => {
    const token = signedToken(CONFIGURATION.linkKey, 'portal', 'A-1');
    const url = `/portal/${token}/payment-methods`;
    const headers = {
      origin: CONFIGURATION.publicUrl,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const opened = await at.app.inject({ method: 'POST', url, headers });
    expect(opened.headers.location).toBe(pageUrl(1));
    provider.store(page(1), 'pm_setup');
    const object = {
      id: page(1),
      object: 'checkout.session',
      mode: 'setup',
      payment_status: 'no_payment_required',
      metadata: {},
    };
    const payload = JSON.stringify({
      id: 'evt_setup',
      type: 'checkout.session.completed',
      created: 1_771_588_800,
      data: { object },
    });
    const secret = CONFIGURATION.stripeWebhookSecret ?? '';
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret });
    const told = await at.app.inject({
      method: 'POST',
      url: '/webhooks/stripe',
      payload,
      headers: { 'content-type': 'application/json', 'stripe-signature': signature },
    });
    expect(told.json()).toMatchObject({ outcome: 'ignored' });
    // The customer's own return tells the same.
    expect((await at.app.inject({ url: `${url}?session=${page(1)}` })).statusCode).toBe(303);
    expect((await paymentMethodsOf(at.db, 'A-1')).map(({ method }) => method)).toEqual([
      'pm_setup',
    ]);
    expect((await at.app.inject({ url })).body).toContain('Visa •••• 4242');
    const removal = await at.app.inject({
      method: 'POST',
      url: `${url}/remove`,
      headers,
      payload: 'method=pm_setup',
    });
    expect(removal.statusCode).toBe(303);
    expect(await paymentMethodsOf(at.db, 'A-1')).toEqual([]);
    expect((await at.app.inject({ url })).body).toContain('None is stored');
  });
});

describe('an open page and a charge', () => {
  const step = fc.oneof(
    fc.constant({ do: 'click' as const }),
    fc.constant({ do: 'charge' as const }),
    fc.constant({ do: 'both' as const }),
    fc.record({ do: fc.constant('pay' as const), page: fc.integer({ min: 1, max: 3 }) }),
    fc.record({
      do: fc.constant('bank' as const),
      says: fc.constantFrom('processing', 'insufficient_funds', 'expired_card'),
    }),
    fc.record({ do: fc.constant('settle' as const), paid: fc.boolean() }),
    fc.record({ do: fc.constant('lose' as const), answers: fc.integer({ min: 1, max: 2 }) }),
  );

  it('never both take the money, in whatever order things happen and answers are lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 3, maxLength: 9 }),
        fc.nat(3),
        async (steps, payAt) => {
          provider = freshProvider();
          const invoice = await issue();
          const method = await storeCard(`pm_random_${made}`);
          // A customer may pay in the middle of any call.
          let calls = 0;
          provider.before = async () => {
            calls += 1;
            if (calls % 5 === payAt)
              for (const reference of provider.pages.keys()) provider.pay(reference);
          };
          const quietly = (work: Promise<unknown>) => work.catch(() => undefined);
          for (const one of steps) {
            if (one.do === 'click') await click(invoice);
            if (one.do === 'charge') await quietly(charge(invoice));
            if (one.do === 'both') await Promise.all([click(invoice), quietly(charge(invoice))]);
            if (one.do === 'pay' && provider.pages.has(page(one.page)))
              provider.pay(page(one.page));
            if (one.do === 'bank') provider.answers.push(one.says);
            if (one.do === 'settle')
              for (const { reference } of [...provider.charges.values()])
                provider.settle(reference, one.paid ? null : 'insufficient_funds');
            if (one.do === 'lose') provider.losses = one.answers;
            expect([...provider.taken.keys()].length).toBeLessThanOrEqual(1);
          }
          await removePaymentMethod(at.db, {
            account: 'A-1',
            method,
            on: '2026-12-31',
            actor: { user: 'test', role: 'service' },
          });
        },
      ),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 12) },
    );
  });
});
