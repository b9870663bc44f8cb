/** Refunds as they are booked, and taken back where the money did not reach the payer (billing rules §7). */
import { eq, inArray } from 'drizzle-orm';
import { postingsForReceipt } from '../../domain/ledger/postings.ts';
import { type CurrencyAmount, plainly } from '../../domain/money/exchange.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { Refusal } from '../refusal.ts';
import { ledgerEntries, payments } from '../schema.ts';
import { postEntry } from './ledger.ts';
import { lockedPayment } from './locked-payment.ts';
import { exchangedFrom } from './payment-exchange.ts';
import { entityOfAccount, type Payment } from './payments.ts';

/** The entries under which one refund can be booked: out of credit, or as the payment taken back whole. */
const entriesOf = (payment: string, event: string): string[] => [
  `payment:${payment}:refund:${event}`,
  `payment:${payment}:reversed:${event}`,
];

/** Whether a refund is in the books, whoever told of it first. */
export async function isRefundBooked(
  db: Db,
  { payment, event }: { payment: string; event: string },
): Promise<boolean> {
  const found = await db
    .select({ key: ledgerEntries.key })
    .from(ledgerEntries)
    .where(inArray(ledgerEntries.key, entriesOf(payment, event)));
  return found.length > 0;
}

/**
 * What came, where all of an exchanged payment had gone back and is here again; null where it is not exchanged.
 * @throws Refusal `currency-exchanged` where it was not all of it: nobody knows what of the exchange that undoes.
 */
function restoredWhole(row: Payment, amountMinor: number): CurrencyAmount | null {
  const came = exchangedFrom(row);
  if (came === null) return null;
  if (amountMinor === came.amountMinor && row.refundedMinor === row.amountMinor) return came;
  throw new Refusal(
    'currency-exchanged',
    `${row.payment} was ${plainly(came)} and counts as ${plainly(row)}: a part of what went back is here again. A person books it.`,
  );
}

const asItCame = ({ currency, amountMinor }: CurrencyAmount) => ({
  currency,
  amountMinor,
  exchangedFromCurrency: null,
  exchangedFromMinor: null,
});

/**
 * A refund that was booked did not reach the payer: Dr bank, Cr unapplied; the payment waits for a person. One that is not in
 * the books, and the same told again, changes nothing (null).
 */
export async function restoreRefund(
  db: Db,
  input: { payment: string; event: string; amountMinor: number; on: string; reason: string },
): Promise<Payment | null> {
  const { payment, event, amountMinor, on, reason } = input;
  return db.transaction(async (tx) => {
    const before = await lockedPayment(tx, payment);
    if (!(await isRefundBooked(tx, { payment, event }))) return null;
    const givenBackMinor = exchangedFrom(before)?.amountMinor ?? before.refundedMinor;
    if (amountMinor <= 0 || amountMinor > givenBackMinor)
      throw new Refusal(
        'invalid-input',
        `${givenBackMinor} of ${payment} were given back, ${amountMinor} cannot have failed.`,
      );
    const { account } = before;
    const came = restoredWhole(before, amountMinor);
    const currency = came?.currency ?? before.currency;
    const isNew = await postEntry(tx, {
      key: `payment:${payment}:refund-failed:${event}`,
      entity: await entityOfAccount(tx, account, before.receivedOn),
      postedOn: on,
      description: `Refund of payment ${payment} failed: ${reason}`,
      postings: postingsForReceipt({ account, currency, amount: amountMinor }),
    });
    if (!isNew) return null;
    const explanation = `A refund of ${amountMinor} ${currency} (minor units) did not reach the payer: ${reason}.`;
    const updated = await tx
      .update(payments)
      .set({
        unappliedMinor: before.unappliedMinor + amountMinor,
        refundedMinor: came === null ? before.refundedMinor - amountMinor : 0,
        ...(came === null ? {} : asItCame(came)),
        state: 'review',
        matching: { rule: null, explanation },
      })
      .where(eq(payments.payment, payment))
      .returning();
    return oneRow(updated, `payment ${payment}`);
  });
}
