/**
 * Stripe's events: verified on the raw bytes, stored, then handed to the payment's process. The same event, however often it
 * comes, has one effect; one that was stored and then broke off is taken up again when Stripe sends it again. With
 * STRIPE_SECRET_KEY the object is read again at Stripe and that is what is booked; without one, the verified event is.
 */
import { z } from 'zod';
import {
  type PaymentEvent,
  paymentEventOf,
  StripeEventError,
} from '../../connectors/payments/stripe/event.ts';
import {
  type SignatureVerdict,
  verifyStripeSignature,
} from '../../connectors/payments/stripe/webhook.ts';
import {
  clockOf,
  collectionByReference,
  failedInboxEvents,
  getClock,
  getFact,
  getInvoice,
  getPayment,
  recordPayment,
  settleCollection,
  settleInboxEvent,
  storeInboxEvent,
  timeZoneFor,
} from '../../db/index.ts';
import { civilDateIn } from '../../domain/dates/time-zones.ts';
import type { RouteContext, Routes } from '../app.ts';
import { problemOf, sendProblem } from '../http/errors.ts';
import { storeFromSetup, wakeInvoice } from '../pages/checkout.ts';
import { type ProblemCode, ProblemError } from '../problems.ts';

/** Stripe's events are a few kilobytes. */
const LIMIT_BYTES = 262_144;
const VERDICTS: Readonly<Record<Exclude<SignatureVerdict, 'valid'>, [ProblemCode, string]>> = {
  malformed: ['signature-missing', 'Send Stripe-Signature as Stripe does: t=…,v1=….'],
  mismatch: ['signature-invalid', 'Check that STRIPE_WEBHOOK_SECRET is this endpoint’s secret.'],
  'too-old': ['signature-expired', 'It was signed more than 300 seconds ago; check both clocks.'],
  'no-secret': ['not-configured', 'Set STRIPE_WEBHOOK_SECRET to the endpoint’s signing secret.'],
};

export const stripeWebhook: Routes = (app, context) => {
  const { db, configuration, metrics, now } = context;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: LIMIT_BYTES },
    (_request, body, done) => done(null, body),
  );
  app.setErrorHandler((error, request, reply) => {
    metrics.webhooks.inc({ provider: 'stripe', outcome: 'refused' });
    const { code } = problemOf(error);
    return sendProblem(
      request,
      reply,
      code === 'body-too-large'
        ? new ProblemError('webhook-too-large', `An event has at most ${LIMIT_BYTES} bytes.`)
        : error,
    );
  });
  app.post(
    '/webhooks/stripe',
    {
      config: { permission: 'public' },
      schema: { summary: 'Events of Stripe; signed with STRIPE_WEBHOOK_SECRET' },
    },
    async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const header = request.headers['stripe-signature'];
      const verdict = verifyStripeSignature(
        body,
        typeof header === 'string' ? header : undefined,
        configuration.stripeWebhookSecret === null ? [] : [configuration.stripeWebhookSecret],
        Math.floor(now().getTime() / 1000),
      );
      if (verdict !== 'valid') throw new ProblemError(...VERDICTS[verdict]);
      const { raw, event } = read(body);
      // Who paid does not depend on the day; who is named is looked up while the event is stored.
      const [timeZone, stored, payer] = await Promise.all([
        timeZoneFor(db, {}),
        storeInboxEvent(db, {
          provider: 'stripe',
          eventId: event.eventId,
          kind: typeof raw.type === 'string' ? raw.type : 'unknown',
          payload: raw,
        }),
        'ignored' in event ? null : payerOf(context, event),
      ]);
      const isOpen = stored.isNew || stored.state === 'stored' || stored.state === 'failed';
      const known = { timeZone, payer };
      const outcome = isOpen ? await takeUp(context, stored.id, raw, known) : 'duplicate';
      metrics.webhooks.inc({ provider: 'stripe', outcome });
      return reply.code(200).send({ received: true, outcome });
    },
  );
};

/**
 * What it says of a page or a charge of ours, and of money. Stripe is asked for the one while the other is told.
 * @param known the payer by the event as it came; Stripe may name another
 */
async function takeUp(
  context: RouteContext,
  id: number,
  raw: Record<string, unknown>,
  known: { readonly timeZone: string; readonly payer: Payer | null },
) {
  const { timeZone } = known;
  const ofMoney = async () => {
    const came = paymentEventOf(raw, timeZone);
    const event = await readAgain(context, raw, came, timeZone);
    if ('ignored' in event) return { event, payer: null };
    return { event, payer: event === came ? known.payer : await payerOf(context, event) };
  };
  const [{ event, payer }] = await Promise.all([ofMoney(), tellCollection(context, raw, timeZone)]);
  return handle(context, id, event, payer);
}

/** Whether it is an event at all does not depend on where its days are counted. */
function read(body: Buffer) {
  try {
    const raw = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    return { raw, event: paymentEventOf(raw, 'UTC') };
  } catch (error) {
    if (error instanceof StripeEventError || error instanceof SyntaxError)
      throw new ProblemError('webhook-malformed', `It is no event of Stripe’s: ${error.message}`, {
        cause: error,
      });
    throw error;
  }
}

type Told = ReturnType<typeof paymentEventOf>;

/** What Stripe says of the event's object now; the event itself where no key is configured or it moves no money. */
async function readAgain(
  { stripe }: RouteContext,
  raw: Record<string, unknown>,
  event: Told,
  timeZone: string,
): Promise<Told> {
  if (!stripe || 'ignored' in event) return event;
  const { object: type, id } = (raw.data as { object: { object?: unknown; id?: unknown } }).object;
  const reading = await stripe.read(String(type), String(id));
  if (reading === null) return event;
  if (reading.result === 'absent')
    return { ignored: `Stripe knows no ${type} ${id} for our key.`, eventId: event.eventId };
  if (reading.result === 'unknown')
    throw new ProblemError('provider-unavailable', `Stripe did not tell: ${reading.message}`);
  try {
    return paymentEventOf({ ...raw, data: { object: reading.object } }, timeZone);
  } catch (error) {
    if (!(error instanceof StripeEventError)) throw error;
    throw new ProblemError('webhook-malformed', `Stripe’s ${type} ${id}: ${error.message}`, {
      cause: error,
    });
  }
}

const told = z.object({
  data: z.object({
    object: z.object({
      id: z.string(),
      object: z.string(),
      mode: z.string().nullish(),
      metadata: z.record(z.string(), z.string()).nullish(),
    }),
  }),
});

/**
 * What a page or a charge of ours came to: a stored method is kept, and the invoice's process looks at what it asked for.
 * Which event it is does not matter, because all of them make it look at how things stand.
 */
async function tellCollection(
  context: RouteContext,
  raw: Record<string, unknown>,
  timeZone: string,
): Promise<void> {
  const read = told.safeParse(raw);
  if (!read.success) return;
  const { id, object, mode, metadata } = read.data.data.object;
  if (object === 'checkout.session' && mode === 'setup') {
    const standing = await context.collector?.readCheckout(id);
    if (standing?.result === 'unknown')
      throw new ProblemError('provider-unavailable', `Stripe did not tell: ${standing.message}`);
    if (standing?.result === 'ok') await storeFromSetup(context, standing.value);
    return;
  }
  const today = civilDateIn(context.now().toISOString(), timeZone);
  const collection = await collectionByReference(context.db, id);
  if (collection?.kind === 'checkout' && collection.state === 'open')
    await settleCollection(context.db, collection.collection, {
      state: 'processing',
      reference: id,
      nextOn: today,
    });
  const invoice = collection?.invoice ?? null;
  if (invoice !== null && metadata?.collection !== undefined)
    await wakeInvoice(context, invoice, today);
}

const REASONS = {
  refunded: 'refunded at Stripe',
  reversed: 'charged back at Stripe',
  'refund-failed': 'Stripe could not give it back',
} as const;

/** Reversals that came before the payment that they take back. */
async function takeUpReversals(context: RouteContext, payment: string): Promise<void> {
  for (const { id, payload } of await failedInboxEvents(context.db, 'stripe')) {
    const event = paymentEventOf(payload, await timeZoneFor(context.db, {}));
    if (!('ignored' in event) && event.payment === payment)
      await handle(context, id, event, await payerOf(context, event));
  }
}

async function handle(
  context: RouteContext,
  id: number,
  event: Told,
  payer: Payer | null,
): Promise<'processed' | 'ignored' | 'failed'> {
  const { db, processes } = context;
  const settle = async (state: 'processed' | 'ignored' | 'failed', why: string | null = null) => {
    await settleInboxEvent(db, id, state, why);
    return state;
  };
  if ('ignored' in event) return settle('ignored', event.ignored);
  if (event.kind === 'disputed')
    return settle(
      'ignored',
      'A dispute moves no money yet; its withdrawal comes as an event of its own.',
    );
  const { account, clock, today } = payer ?? (await payerOf(context, event));
  if (event.kind === 'received') {
    // The same sum is told by several events; money that comes back after a dispute is a sum of its own.
    const payment = event.occurrence;
    const record = recordPayment(db, {
      payment,
      account,
      receivedOn: today ?? event.receivedOn,
      amountMinor: event.amountMinor,
      currency: event.currency,
      method: 'stripe',
      reference: event.reference,
      payer: event.payer,
      lines: event.lines.length === 0 ? null : [...event.lines],
    });
    // The process looks for the payment when it lives. Where one of the two fails, Stripe is told to send the event again.
    await Promise.all([record, processes.startPayment({ payment, clock })]);
    await settle('processed');
    await takeUpReversals(context, payment);
    return 'processed';
  }
  const payment = await getPayment(db, event.payment);
  if (payment === null)
    return settle('failed', `There is no payment ${event.payment} to take back.`);
  const owner = payment.account === null ? null : await clockOf(db, payment.account);
  const back = {
    event: event.occurrence,
    on: today ?? event.receivedOn,
    amountMinor: event.amountMinor,
    reason: REASONS[event.kind],
  };
  const whose = { payment: event.payment, clock: owner ?? clock };
  if (event.kind === 'refund-failed') await processes.tellRefundFailed(whose, back);
  else await processes.reversePayment(whose, back);
  return settle('processed');
}

type Payer = Awaited<ReturnType<typeof payerOf>>;

/** Who paid, where the event says so or names one of our invoices; and the day it is in their world. */
async function payerOf({ db }: RouteContext, event: PaymentEvent) {
  const { account } = event;
  const [named, ownClock] =
    account === null
      ? [null, null]
      : await Promise.all([getFact(db, 'accounts', { account }), clockOf(db, account)]);
  const first = event.lines[0];
  const invoice =
    named === null && first !== undefined ? await getInvoice(db, first.invoice) : null;
  const owner = invoice?.invoice.account ?? null;
  const clock = named !== null || owner === null ? ownClock : await clockOf(db, owner);
  const today = clock === null ? null : ((await getClock(db, clock))?.today ?? null);
  return { account: named?.account ?? null, clock, today };
}
