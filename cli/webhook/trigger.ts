/** `perennial webhook trigger EVENT`: a signed, Stripe-shaped test event to the running API. */
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { environmentFile } from '../../connectors/configuration.ts';
import { stripeWebhookSecret } from '../../connectors/payments/stripe/secret.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { apiUrl } from '../http/client.ts';

export interface StripeEventOptions {
  readonly amount: string;
  readonly currency: string;
  readonly account?: string;
  readonly invoice?: string;
  readonly reference?: string;
  readonly id?: string;
  readonly payment?: string;
}

const EVENTS = ['payment_intent.succeeded', 'refund.created', 'charge.dispute.funds_withdrawn'];

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<event>', EVENTS.join(', '))
    .option('--amount <minor>', 'in minor units', '10000')
    .option('--currency <code>', 'ISO 4217', 'USD')
    .option('--account <number>', 'who pays')
    .option('--invoice <number>', 'what it pays, as metadata')
    .option('--reference <text>', 'remittance text')
    .option('--payment <id>', 'the payment intent, for a second event about it')
    .option('--id <id>', 'the event’s id, to send one twice')
    .action(async (event: string, options: StripeEventOptions) => {
      if (!EVENTS.includes(event))
        throw new CommandError(`${event}: choose one of ${EVENTS.join(', ')}.`, EXIT.input);
      if (!/^[1-9]\d{0,14}$/.test(options.amount))
        throw new CommandError('Give --amount in minor units, a whole number above 0.', EXIT.input);
      const { sent, answered } = await sendStripeEvent(context, event, options);
      context.output.answer(
        { event: sent, answer: answered },
        () => `${event} ${sent.id} was taken.`,
      );
    });
}

/** Sends a signed event to the running API and answers it with what the API said. Amounts in minor units. */
export async function sendStripeEvent(
  context: CommandContext,
  event: string,
  options: StripeEventOptions,
): Promise<{ sent: { readonly id: string }; answered: unknown }> {
  const body = JSON.stringify(stripeEvent(event, options));
  const seconds = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', secretOf(context)).update(`${seconds}.${body}`);
  const answer = await fetch(`${apiUrl(context)}/webhooks/stripe`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'stripe-signature': `t=${seconds},v1=${signature.digest('hex')}`,
    },
  });
  const answered: unknown = JSON.parse(await answer.text());
  if (!answer.ok) {
    const { title, detail, code } = answered as Record<string, string>;
    throw new CommandError(`${title}. ${detail} (${code})`);
  }
  return { sent: JSON.parse(body) as { id: string }, answered };
}

/** The secret of the running API: given, or the one that follows from what `perennial start` has left. */
function secretOf({ env, path }: CommandContext): string {
  const file = environmentFile(
    env.PERENNIAL_DATA ? path(env.PERENNIAL_DATA) : resolve('.perennial'),
  );
  const left = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)
    : {};
  const own = env.STRIPE_WEBHOOK_SECRET || left.STRIPE_WEBHOOK_SECRET;
  const secret = env.PERENNIAL_SECRET || left.PERENNIAL_SECRET;
  if (own) return own;
  if (secret === undefined)
    throw new CommandError('Set STRIPE_WEBHOOK_SECRET to the secret that the API verifies with.');
  return stripeWebhookSecret({ PERENNIAL_SECRET: secret });
}

const token = () => randomBytes(12).toString('hex');

/** An event in Stripe's shape, as small as it may be. */
function stripeEvent(type: string, options: StripeEventOptions): object {
  const { amount, currency, account, invoice, reference } = options;
  const intent = options.payment ?? `pi_${token()}`;
  const metadata = {
    ...(account === undefined ? {} : { account }),
    ...(invoice === undefined ? {} : { invoice }),
    ...(reference === undefined ? {} : { reference }),
  };
  const common = { currency: currency.toLowerCase(), metadata };
  const minor = Number(amount);
  const object = {
    'payment_intent.succeeded': {
      object: 'payment_intent',
      id: intent,
      amount: minor,
      amount_received: minor,
      status: 'succeeded',
      ...common,
    },
    'refund.created': {
      object: 'refund',
      id: `re_${token()}`,
      payment_intent: intent,
      charge: null,
      amount: minor,
      status: 'succeeded',
      ...common,
    },
    'charge.dispute.funds_withdrawn': {
      object: 'dispute',
      id: `dp_${token()}`,
      payment_intent: intent,
      charge: `ch_${token()}`,
      amount: minor,
      reason: 'fraudulent',
      status: 'lost',
      ...common,
    },
  }[type];
  return {
    id: options.id ?? `evt_${token()}`,
    object: 'event',
    type,
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    data: { object },
  };
}
