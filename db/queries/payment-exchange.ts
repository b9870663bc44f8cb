/** A payment in another currency than its invoice's: a person says what it counts as (billing rules §7). */
import { eq, sql } from 'drizzle-orm';
import { postingsForExchange } from '../../domain/ledger/exchange.ts';
import { type CurrencyAmount, plainly, rateInWords } from '../../domain/money/exchange.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { paymentAllocations, payments } from '../schema.ts';
import { standing } from './allocations.ts';
import { audit } from './audit.ts';
import { postEntry } from './ledger.ts';
import { lockedPayment } from './locked-payment.ts';
import { entityOfAccount, type Payment } from './payments.ts';

export interface ExchangeInput {
  readonly payment: string;
  /** What the payment is now: all of it. */
  readonly from: CurrencyAmount;
  readonly to: CurrencyAmount;
  readonly reason: string;
  readonly actor: Actor;
}

/** What came, where a person counted it in another currency; null where it is what came. */
export function exchangedFrom({
  exchangedFromCurrency: currency,
  exchangedFromMinor: amountMinor,
}: Pick<Payment, 'exchangedFromCurrency' | 'exchangedFromMinor'>): CurrencyAmount | null {
  return currency === null || amountMinor === null ? null : { currency, amountMinor };
}

/** "1080.00 USD counted as 1000.00 EUR (1 EUR = 1.08 USD)". */
export const exchangeInWords = (from: CurrencyAmount, to: CurrencyAmount): string =>
  `${plainly(from)} counted as ${plainly(to)} (${rateInWords(from, to)})`;

const isSame = (one: CurrencyAmount, other: CurrencyAmount): boolean =>
  one.currency === other.currency && one.amountMinor === other.amountMinor;

function demandAmounts({ payment, from, to }: ExchangeInput, row: Payment): void {
  if (!isSame(from, row))
    throw new Refusal(
      'invalid-input',
      `${payment} is ${plainly(row)}, not ${plainly(from)}: all of it is counted at once.`,
    );
  if (to.currency === from.currency)
    throw new Refusal('invalid-input', `${payment} is in ${to.currency} already.`);
  if (!Number.isSafeInteger(to.amountMinor) || to.amountMinor <= 0)
    throw new Refusal('invalid-input', 'What it counts as is a whole number above zero.');
  const came = exchangedFrom(row);
  if (came !== null && !isSame(to, came))
    throw new Refusal(
      'currency-exchanged',
      `${payment} was ${plainly(came)}: count it as that again first, then as what is right.`,
    );
}

async function demandUntouched(tx: Db, row: Payment): Promise<void> {
  const { payment, state, imported, refundedMinor } = row;
  if (state === 'returned' || state === 'refunded')
    throw new Refusal('payment-settled', `${payment} was ${state}.`);
  if (imported !== null)
    throw new Refusal('invalid-input', `${payment} was received before these books began.`);
  if (refundedMinor !== 0)
    throw new Refusal('payment-settled', `A part of ${payment} was given back already.`);
  const rows = await tx
    .select()
    .from(paymentAllocations)
    .where(eq(paymentAllocations.payment, payment));
  if (standing(rows).length > 0)
    throw new Refusal(
      'payment-settled',
      `${payment} is allocated: take its allocations back (Undo) before it counts as another currency.`,
    );
}

/** The entry's number, and its day: that of the receipt, or the last on which something of the payment was posted. */
async function placeOf(tx: Db, { payment, receivedOn }: Payment) {
  const [row] = await tx.execute<{ exchanges: number; on: string | null }>(sql`
    select (count(*) filter (where starts_with(key, ${`payment:${payment}:exchange:`})))::int as exchanges,
           max(posted_on)::text as on
      from ledger_entries where starts_with(key, ${`payment:${payment}:`})`);
  const lastOn = row?.on ?? receivedOn;
  return {
    ordinal: (row?.exchanges ?? 0) + 1,
    on: lastOn > receivedOn ? lastOn : receivedOn,
  };
}

/**
 * Counts all of a payment, of which nothing is allocated or given back, as an amount of another currency; or counts it back as
 * what came, exactly. The bank's posting stays in the currency that came. The payment then waits for a person.
 * @throws Refusal `payment-settled`, `invalid-input`, `currency-exchanged`, `not-found`
 */
export async function exchangePayment(db: Db, input: ExchangeInput): Promise<Payment> {
  const { payment, from, to, reason, actor } = input;
  return db.transaction(async (tx) => {
    const row = await lockedPayment(tx, payment);
    await demandUntouched(tx, row);
    demandAmounts(input, row);
    const isBack = exchangedFrom(row) !== null;
    const { ordinal, on } = await placeOf(tx, row);
    const words = isBack
      ? `${plainly(from)} counted as ${plainly(to)} again`
      : exchangeInWords(from, to);
    await postEntry(tx, {
      key: `payment:${payment}:exchange:${ordinal}`,
      entity: await entityOfAccount(tx, row.account, row.receivedOn),
      postedOn: on,
      description: `Payment ${payment}, ${words}: ${reason}`,
      postings: postingsForExchange({ account: row.account, from, to }),
    });
    const updated = await tx
      .update(payments)
      .set({
        currency: to.currency,
        amountMinor: to.amountMinor,
        unappliedMinor: to.amountMinor,
        exchangedFromCurrency: isBack ? null : from.currency,
        exchangedFromMinor: isBack ? null : from.amountMinor,
        state: 'review',
        matchedBy: null,
        checkedBy: null,
        checkedAt: null,
        matching: { rule: null, explanation: `A person decided: ${words}. What it pays is open.` },
      })
      .where(eq(payments.payment, payment))
      .returning();
    await audit(tx, {
      actor,
      action: 'payment.exchange',
      subject: payment,
      reason,
      details: { from, to },
    });
    return oneRow(updated, `payment ${payment}`);
  });
}

/** Why the provider that an exchanged payment came by cannot give any of it back, and what to do; null where it can. */
export function whyNotOverProvider(row: Payment): string | null {
  const came = exchangedFrom(row);
  if (came === null) return null;
  return (
    `Stripe can only give ${came.currency} back, and it counts as ${plainly(row)}: ` +
    `while nothing of it is allocated, count it as ${plainly(came)} again and refund that; or pay it out by hand.`
  );
}
