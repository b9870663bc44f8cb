/**
 * Refunds that a person gives (billing rules §7). What came by the payment provider goes back over it, once under the refund's
 * key, and is booked when the provider has taken it on, under the provider's own name of it: the event that tells of it
 * later is the same refund. What came by bank is booked, and a person makes the transfer.
 */

import {
  providerOf,
  type RefundRequest,
  type RefundStanding,
} from '../connectors/payments/collector.ts';
import {
  type Db,
  type EffectOutcome,
  getEffect,
  getPayment,
  hashOf,
  isRefundBooked,
  type Payment,
  refundUnapplied,
  restoreRefund,
  whyNotOverProvider,
  withEffect,
} from '../db/index.ts';
import { formatMinor } from '../domain/money/money.ts';
import type { RefundOutcome } from '../workflows/messages.ts';
import type { PaymentSteps, RefundArgs, RefundBegun } from '../workflows/steps.ts';
import type { Deps } from './deps.ts';
import { outcomeUnknown, refused, stepFailed } from './failures.ts';
import { demandCurrencyMeant } from './payment-exchange.ts';

/** What is left to a person where no provider does it. */
const BY_PERSON = 'person';

async function paymentOf(db: Db, payment: string): Promise<Payment> {
  const row = await getPayment(db, payment);
  if (row === null) throw stepFailed(`There is no payment ${payment}.`);
  return row;
}

/** The same refund: asked for again with another sum it is refused. */
const inputOf = ({ payment, amountMinor }: RefundArgs) => hashOf({ payment, amountMinor });

/** The answer of before, where the refund was decided already; what nobody knows yet is asked again. */
async function decidedBefore(db: Db, key: string): Promise<RefundOutcome | null> {
  const effect = await getEffect(db, key);
  if (effect?.state === 'ok')
    return { state: 'refunded', words: (effect.result as { words: string }).words };
  if (effect?.state === 'rejected')
    return { state: 'refused', words: (effect.result as { reason: string }).reason };
  return null;
}

/** Checks a refund against what is left; one that no provider makes is booked at once. */
async function beginRefund(deps: Deps, args: RefundArgs): Promise<RefundBegun> {
  const { db } = deps;
  const { payment, amountMinor, clock } = args;
  const before = await decidedBefore(db, args.key);
  if (before !== null) return before;
  const row = await paymentOf(db, payment);
  demandCurrencyMeant(row, args);
  // What was begun and is not known to have ended holds its money: it may have been given back.
  const isBegun = (await getEffect(db, args.key)) !== null;
  if (!isBegun && amountMinor > row.unappliedMinor)
    throw refused(
      'invalid-input',
      `Only ${formatMinor(row.unappliedMinor, row.currency)} ${row.currency} of it are unapplied.`,
    );
  const provider = providerOf(payment);
  if (provider === null || clock !== null) return bookedByPerson(db, args, row);
  const fault = whyNotOverProvider(row);
  if (fault !== null) throw refused('currency-exchanged', fault);
  if (deps.collector?.system !== provider)
    throw refused(
      'not-configured',
      'It came by Stripe: set STRIPE_SECRET_KEY, or refund it in Stripe’s dashboard, whose event books it here.',
    );
  return { state: 'asked' };
}

async function bookedByPerson(db: Db, args: RefundArgs, row: Payment): Promise<RefundOutcome> {
  const { payment, amountMinor, reason, actor, today: on, key } = args;
  const words = payoutWords(row, args);
  const effect = { key, system: BY_PERSON, inputHash: inputOf(args) };
  await withEffect(db, effect, async (): Promise<EffectOutcome<{ words: string }>> => {
    await refundUnapplied(db, { payment, amountMinor, on, key, reason, actor });
    return { state: 'ok', result: { words } };
  });
  return { state: 'refunded', words };
}

function payoutWords(row: Payment, { amountMinor, clock, today }: RefundArgs): string {
  const sum = `${formatMinor(amountMinor, row.currency)} ${row.currency}`;
  if (clock !== null) return `${sum} are booked as given back in the rehearsal; nobody was paid.`;
  const payer = row.payer ?? 'the payer';
  const whom = row.bankAccount === null ? payer : `${payer}, ${row.bankAccount}`;
  return `A person pays out ${sum} to ${whom}: it is booked on ${today}, and no bank was told.`;
}

type TakeBack = PaymentSteps['reversePayment'];

/** @returns what was reopened: credit that went elsewhere meanwhile comes back from there. */
async function refundAtProvider(
  deps: Deps,
  args: RefundArgs,
  takeBack: TakeBack,
): ReturnType<PaymentSteps['refundAtProvider']> {
  const { db } = deps;
  const before = await decidedBefore(db, args.key);
  if (before?.state === 'refused') return { ...before, reopened: [] };
  const row = await paymentOf(db, args.payment);
  const outcome = await atProvider(deps, args, row);
  if (outcome.state === 'rejected')
    return { state: 'refused', words: outcome.reason, reopened: [] };
  if (outcome.state === 'unknown') throw outcomeUnknown(outcome.reason);
  const { event, words } = outcome.result;
  return { state: 'refunded', words, ...(await book(db, args, event, takeBack)) };
}

interface GivenBack {
  readonly event: string;
  readonly words: string;
}

function atProvider(
  { db, collector }: Deps,
  args: RefundArgs,
  row: Payment,
): Promise<EffectOutcome<GivenBack>> {
  if (collector === undefined) throw stepFailed('Set STRIPE_SECRET_KEY: Stripe gives it back.');
  const { key, payment, amountMinor } = args;
  const { system } = collector;
  const reference = payment.slice(system.length + 1);
  const request: RefundRequest = {
    key,
    payment,
    reference,
    amountMinor,
    currency: row.currency,
  };
  return withEffect(db, { key, system, inputHash: inputOf(args) }, async ({ attempt }) => {
    // An attempt whose answer was lost may have taken effect.
    const found = attempt === 1 ? null : await collector.findRefund(request);
    if (found !== null && found.result !== 'ok') return notAnswered(found);
    const made = found?.value ?? null;
    const answer =
      made === null ? await collector.refund(request) : { result: 'ok' as const, value: made };
    return answer.result === 'ok' ? givenBack(answer.value, row) : notAnswered(answer);
  });
}

const notAnswered = ({ result, message }: { result: 'rejected' | 'unknown'; message: string }) => ({
  state: result,
  reason: result === 'rejected' ? `Stripe refused it: ${message}` : message,
});

function givenBack(
  { state, reference, amountMinor, reason }: RefundStanding,
  { currency }: Payment,
): EffectOutcome<GivenBack> {
  if (state === 'failed')
    return { state: 'rejected', reason: `Stripe could not give it back: ${reason}` };
  const sum = `${formatMinor(amountMinor, currency)} ${currency}`;
  const words =
    state === 'succeeded'
      ? `Stripe gave ${sum} back the way they came (${reference}).`
      : `Stripe has taken on to give ${sum} back (${reference}); the bank answers later.`;
  return { state: 'ok', result: { event: `stripe:${reference}`, words } };
}

async function book(
  db: Db,
  args: RefundArgs,
  event: string,
  takeBack: TakeBack,
): Promise<Pick<Awaited<ReturnType<TakeBack>>, 'reopened'>> {
  const { payment, amountMinor, today: on, reason: why, actor } = args;
  if (await isRefundBooked(db, { payment, event })) return { reopened: [] };
  const row = await paymentOf(db, payment);
  const reason = `refunded at Stripe: ${why}`;
  if (row.unappliedMinor < amountMinor)
    return takeBack({ payment, event, on, amountMinor, reason });
  await refundUnapplied(db, { payment, amountMinor, on, key: event, reason: why, actor });
  return { reopened: [] };
}

export function refundSteps(
  deps: Deps,
  takeBack: TakeBack,
): Pick<PaymentSteps, 'beginRefund' | 'refundAtProvider' | 'restoreRefund'> {
  return {
    beginRefund: (args) => beginRefund(deps, args),
    refundAtProvider: (args) => refundAtProvider(deps, args, takeBack),
    restoreRefund: async (args) => {
      await restoreRefund(deps.db, args);
    },
  };
}
