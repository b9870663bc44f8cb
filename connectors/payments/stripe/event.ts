/**
 * Stripe events as payment events: a schema for what is read, and a pure transform.
 *
 * How metadata (of the payment intent, checkout session or charge) is read:
 * - `account`: the paying account; absent: not known
 * - `invoices`: JSON `[{"invoice", "line"?, "subcontract"?, "amount"}]`, amounts in minor units: explicit amounts. A JSON
 *   array of numbers only, or plain text, joins the reference
 * - `invoice`, with `line` or `subcontract`: the whole amount explicitly for that part
 * - `invoice` alone, `contract`, `reference`: join the reference text, so that too much or too little is no conflict
 *
 * One sum of money is told by several events (a payment intent, its charge, its checkout session, its invoice). `occurrence`
 * is the same for all of them: keep a payment event once per occurrence, whatever Stripe's event id.
 * Stripe's amounts are integers in the currency's minor unit already, also with no or three decimals.
 */
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';

export interface ExplicitLine {
  readonly invoice: string;
  readonly line: string | null;
  readonly subcontract: string | null;
  readonly amount: number;
}

export interface PaymentEvent {
  readonly provider: 'stripe';
  readonly eventId: string;
  /** What happened in the world, one for every event that tells of it. */
  readonly occurrence: string;
  /** The payment that it is, or that it concerns: `stripe:pi_…`. */
  readonly payment: string;
  /** `disputed` moves no money yet; `reversed` takes it back; `refund-failed`: what was given back is with us again. */
  readonly kind: 'received' | 'reversed' | 'refunded' | 'refund-failed' | 'disputed';
  readonly amountMinor: number;
  readonly currency: string;
  readonly receivedOn: string;
  readonly reference: string;
  /** Stripe's customer, or what is known of the payer. */
  readonly payer: string | null;
  readonly account: string | null;
  readonly lines: readonly ExplicitLine[];
}

/** An event that moves no money that is not told by another one; kept in the log with its reason. */
export interface IgnoredEvent {
  readonly ignored: string;
  readonly eventId: string;
}

const amount = z.int();
const reference = z
  .union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])
  .nullish()
  .transform((value) => value ?? null);
const metadata = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
const currency = z.string().regex(/^[a-z]{3}$/i);
const common = { id: z.string().min(1), currency, metadata };

const paymentIntent = z.object({
  ...common,
  amount_received: amount,
  customer: reference,
  description: z.string().nullish(),
});
const charge = z.object({
  ...common,
  amount,
  amount_captured: amount.nullish(),
  captured: z.boolean().nullish(),
  payment_intent: reference,
  customer: reference,
  description: z.string().nullish(),
});
const session = z.object({
  ...common,
  currency: currency.nullish(),
  amount_total: amount.nullish(),
  mode: z.string().nullish(),
  payment_status: z.string(),
  payment_intent: reference,
  customer: reference,
  client_reference_id: z.string().nullish(),
  customer_details: z.object({ email: z.string().nullish() }).nullish(),
});
const invoice = z.object({
  ...common,
  amount_paid: amount,
  amount_paid_off_stripe: amount.nullish(),
  customer: reference,
  number: z.string().nullish(),
  payments: z
    .object({
      data: z.array(
        z.object({ payment: z.object({ payment_intent: reference, charge: reference }) }),
      ),
    })
    .nullish(),
});
const refund = z.object({
  ...common,
  amount,
  status: z.string().nullish(),
  payment_intent: reference,
  charge: reference,
});
const dispute = z.object({
  ...common,
  amount,
  payment_intent: reference,
  charge: reference,
  reason: z.string().nullish(),
});
const envelope = z.object({
  id: z.string().min(1),
  type: z.string(),
  created: z.int(),
  data: z.object({ object: z.unknown() }),
});

/** A Stripe event that is not what its type promises. */
export class StripeEventError extends Error {
  override readonly name = 'StripeEventError';
}

function read<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new StripeEventError(`${what}: ${issues.join('; ')}`);
}

interface Money {
  readonly occurrence: string;
  readonly payment: string;
  readonly kind: PaymentEvent['kind'];
  readonly amount: number;
  readonly currency: string;
  readonly payer?: string | null | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly reference?: string | null | undefined;
}

/**
 * @param event the parsed body of a verified webhook, or an event read again from the API
 * @param timeZone IANA zone of the selling entity, whose civil dates count
 * @throws StripeEventError where the event does not have the shape of its type
 */
export function paymentEventOf(event: unknown, timeZone: string): PaymentEvent | IgnoredEvent {
  const { id, type, created, data } = read(envelope, event, 'event');
  const money = moneyOf(type, data.object);
  if (typeof money === 'string') return { ignored: money, eventId: id };
  if (money.amount <= 0) return { ignored: `${type} of ${money.amount}`, eventId: id };
  const { lines, texts } = explicitOf(money.metadata, money.amount);
  const named = money.metadata;
  return {
    provider: 'stripe',
    eventId: id,
    occurrence: `stripe:${money.occurrence}`,
    payment: `stripe:${money.payment}`,
    kind: money.kind,
    amountMinor: money.amount,
    currency: money.currency.toUpperCase(),
    receivedOn: Temporal.Instant.fromEpochMilliseconds(created * 1000)
      .toZonedDateTimeISO(timeZone)
      .toPlainDate()
      .toString(),
    reference: [...texts, named.contract, named.reference, money.reference]
      .filter((text) => text !== undefined && text !== null && text !== '')
      .join(' '),
    payer: money.payer ?? null,
    account: named.account || null,
    lines,
  };
}

const OTHERS = new Set(['payment_intent', 'charge', 'checkout', 'invoice', 'refund']);

/** What the event says of money, or why it says nothing that counts. */
function moneyOf(type: string, object: unknown): Money | string {
  switch (type) {
    case 'payment_intent.succeeded':
      return ofIntent(read(paymentIntent, object, type));
    case 'charge.succeeded':
      return ofCharge(read(charge, object, type));
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return ofSession(read(session, object, type));
    case 'invoice.paid':
      return ofInvoice(read(invoice, object, type));
    case 'refund.created':
    case 'refund.updated':
    case 'charge.refund.updated':
    case 'refund.failed':
      return ofRefund(read(refund, object, type));
    case 'charge.dispute.created':
      return ofDispute(read(dispute, object, type), 'disputed', 'created');
    case 'charge.dispute.funds_withdrawn':
      return ofDispute(read(dispute, object, type), 'reversed', 'withdrawn');
    case 'charge.dispute.funds_reinstated':
      return ofDispute(read(dispute, object, type), 'received', 'reinstated');
    case 'charge.refunded':
      return 'the refund events carry each refund; this one only its running sum';
    default:
      return OTHERS.has(type.split('.')[0] ?? '')
        ? `${type} moves no money`
        : `${type} concerns no payment`;
  }
}

function ofIntent(intent: z.infer<typeof paymentIntent>): Money {
  return {
    occurrence: intent.id,
    payment: intent.id,
    kind: 'received',
    amount: intent.amount_received,
    currency: intent.currency,
    payer: intent.customer,
    metadata: intent.metadata,
    reference: intent.description,
  };
}

function ofCharge(one: z.infer<typeof charge>): Money | string {
  if (one.captured === false) return 'the charge is authorised, not captured';
  const payment = one.payment_intent ?? one.id;
  return {
    occurrence: payment,
    payment,
    kind: 'received',
    amount: one.amount_captured ?? one.amount,
    currency: one.currency,
    payer: one.customer,
    metadata: one.metadata,
    reference: one.description,
  };
}

function ofSession(one: z.infer<typeof session>): Money | string {
  if (one.mode === 'setup') return 'the checkout session stores a method and moves no money';
  if (one.payment_status !== 'paid')
    return `the checkout session is ${one.payment_status}: its payment is told when it succeeds`;
  const payment = one.payment_intent ?? one.id;
  return {
    occurrence: payment,
    payment,
    kind: 'received',
    amount: one.amount_total ?? 0,
    currency: one.currency ?? '',
    payer: one.customer ?? one.customer_details?.email,
    metadata: one.metadata,
    reference: one.client_reference_id,
  };
}

function ofInvoice(one: z.infer<typeof invoice>): Money | string {
  const paid = one.payments?.data ?? [];
  if (paid.length > 1) return 'paid by several payments, each with an event of its own';
  const off = one.amount_paid_off_stripe ?? 0;
  if (off > 0) return `${off} was paid outside Stripe and comes through the bank`;
  const payment = paid[0]?.payment.payment_intent ?? paid[0]?.payment.charge ?? one.id;
  return {
    occurrence: payment,
    payment,
    kind: 'received',
    amount: one.amount_paid,
    currency: one.currency,
    payer: one.customer,
    metadata: one.metadata,
    reference: one.number,
  };
}

function ofRefund(one: z.infer<typeof refund>): Money | string {
  const failed = one.status === 'failed' || one.status === 'canceled';
  if (one.status !== 'succeeded' && !failed) return `the refund is ${one.status ?? 'not done'}`;
  return {
    occurrence: one.id,
    payment: ownName(one.metadata) ?? one.payment_intent ?? one.charge ?? one.id,
    kind: failed ? 'refund-failed' : 'refunded',
    amount: one.amount,
    currency: one.currency,
    metadata: one.metadata,
  };
}

/** A refund that a person gave here names its payment as we do. */
function ownName({ refund: key, payment }: Readonly<Record<string, string>>): string | null {
  if (payment === undefined || key?.startsWith(`${payment}:refund:`) !== true) return null;
  return payment.startsWith('stripe:') ? payment.slice('stripe:'.length) : null;
}

function ofDispute(one: z.infer<typeof dispute>, kind: PaymentEvent['kind'], stage: string): Money {
  return {
    occurrence: `${one.id}:${stage}`,
    payment: one.payment_intent ?? one.charge ?? one.id,
    kind,
    amount: one.amount,
    currency: one.currency,
    metadata: one.metadata,
    reference: one.reason,
  };
}

const explicitLines = z.array(
  z.object({
    invoice: z.string().min(1),
    line: z
      .union([z.string(), z.int().transform(String)])
      .nullish()
      .transform((line) => line ?? null),
    subcontract: z
      .string()
      .nullish()
      .transform((value) => value ?? null),
    amount: z.int().positive(),
  }),
);

function explicitOf(
  { invoice: number, invoices, line, subcontract }: Readonly<Record<string, string>>,
  amountMinor: number,
): { lines: ExplicitLine[]; texts: string[] } {
  const texts = [number, invoices].filter((text) => text !== undefined && text !== '') as string[];
  const listed = explicitLines.safeParse(jsonOrNull(invoices));
  if (listed.success && listed.data.length > 0)
    return { lines: listed.data, texts: number ? [number] : [] };
  if (number && (line || subcontract)) {
    const part = { line: line || null, subcontract: subcontract || null };
    return { lines: [{ invoice: number, ...part, amount: amountMinor }], texts };
  }
  return { lines: [], texts };
}

/** Metadata is written by people too: what is no JSON is text, and stays in the reference. */
function jsonOrNull(text: string | undefined): unknown {
  try {
    return text === undefined ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
