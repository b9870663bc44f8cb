/** Money in: inbox, payments, open invoices; what is done with it is in allocations.ts (billing rules §7). */
import { and, asc, eq, inArray, isNull, or, sql } from 'drizzle-orm';
import { postingsForReceipt, postingsForRefund } from '../../domain/ledger/postings.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { inboxEvents, ledgerEntries, paymentAllocations, payments } from '../schema.ts';
import { audit } from './audit.ts';
import { entityFor } from './contracts.ts';
import { DEFAULT_ENTITY } from './imported-documents.ts';
import { entryToPost, postEntry } from './ledger.ts';
import { lockedPayment } from './locked-payment.ts';
import { survivorOf } from './merged-accounts.ts';

export {
  allocationDay,
  type TakeBack,
  type TakenBack,
  takeBackAllocations,
} from './allocation-moves.ts';
export {
  type AllocationInput,
  type AllocationResult,
  applyAllocation,
  assertPaymentInvariant,
  type ReversalResult,
  reversePayment,
} from './allocations.ts';
export { type Coverage, coverageOf } from './open-amounts.ts';
export {
  type OpenInvoice,
  openInvoices,
  openInvoicesFor,
  searchOpenInvoices,
} from './open-invoices.ts';

import { worded } from '../worded.ts';

export type Payment = typeof payments.$inferSelect;
export type InboxEvent = typeof inboxEvents.$inferSelect;

/** Stores an outside event before anything is done with it; once per provider and event, however often it arrives. */
export async function storeInboxEvent(
  db: Db,
  event: { provider: string; eventId: string; kind: string; payload: unknown },
): Promise<{ id: number; isNew: boolean; state: InboxEvent['state'] }> {
  const [added] = await db.insert(inboxEvents).values(event).onConflictDoNothing().returning();
  if (added !== undefined) return { id: added.id, isNew: true, state: added.state };
  const rows = await db
    .select()
    .from(inboxEvents)
    .where(and(eq(inboxEvents.provider, event.provider), eq(inboxEvents.eventId, event.eventId)));
  const { id, state } = oneRow(rows, `event ${event.eventId} of ${event.provider}`);
  return { id, isNew: false, state };
}

export async function settleInboxEvent(
  db: Db,
  id: number,
  state: 'processed' | 'ignored' | 'failed',
  reason: string | null = null,
): Promise<void> {
  await db.update(inboxEvents).set({ state, reason }).where(eq(inboxEvents.id, id));
}

/** What of a provider's events could not be done, oldest first: what was missing for them may have come since. */
export function failedInboxEvents(db: Db, provider: string): Promise<InboxEvent[]> {
  return db
    .select()
    .from(inboxEvents)
    .where(and(eq(inboxEvents.provider, provider), eq(inboxEvents.state, 'failed')))
    .orderBy(asc(inboxEvents.id));
}

/** An explicit reference that came with a payment, as in an allocation case. */
export interface PaymentLine {
  readonly invoice: string;
  readonly line?: string | null;
  readonly subcontract?: string | null;
  readonly amount: number;
}
export interface NewPayment {
  /** `stripe:evt_…`, `manual:…`: the key; the same key again gives the first row. */
  readonly payment: string;
  readonly account: string | null;
  readonly receivedOn: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly method?: string | null;
  readonly reference?: string | null;
  readonly payer?: string | null;
  readonly bankAccount?: string | null;
  readonly lines?: readonly PaymentLine[] | null;
}

/** The entity in whose books an account's money is: who sold to it on the day that it was received. */
export async function entityOfAccount(
  db: Db,
  account: string | null,
  receivedOn: string,
): Promise<string> {
  const entity = await entityFor(db, account === null ? {} : { account, on: receivedOn });
  return entity?.entity ?? DEFAULT_ENTITY;
}

/** Whose money it is, and in whose books. Most accounts were never merged: both are asked for at once. */
async function receiverOf(db: Db, { account: named, receivedOn }: NewPayment) {
  const [account, entity] = await Promise.all([
    named === null ? null : survivorOf(db, named),
    entityOfAccount(db, named, receivedOn),
  ]);
  return account === named
    ? { account, entity }
    : { account, entity: await entityOfAccount(db, account, receivedOn) };
}

/**
 * Records money received, all of it unapplied, and posts Dr bank, Cr unapplied credit. What comes for an account that was
 * merged is its survivor's.
 */
export async function recordPayment(
  db: Db,
  payment: NewPayment,
): Promise<{ payment: Payment; isNew: boolean }> {
  const { amountMinor, currency, receivedOn } = payment;
  if (!Number.isSafeInteger(amountMinor) || amountMinor <= 0)
    throw new Refusal(
      'invalid-input',
      `A payment is a whole number above zero, not ${amountMinor}.`,
    );
  return db.transaction(async (tx) => {
    const { lines, ...columns } = payment;
    const { account, entity } = await receiverOf(tx, payment);
    const [[added], post] = await Promise.all([
      tx
        .insert(payments)
        .values({
          ...columns,
          account,
          lines: lines ? [...lines] : null,
          state: 'received',
          unappliedMinor: amountMinor,
        })
        .onConflictDoNothing()
        .returning(),
      entryToPost(tx, {
        key: `payment:${payment.payment}:received`,
        entity,
        postedOn: receivedOn,
        description: `Payment ${payment.payment}`,
        postings: postingsForReceipt({ account, currency, amount: amountMinor }),
      }),
    ]);
    if (added === undefined) {
      const first = await getPayment(tx, payment.payment);
      return { payment: oneRow(first === null ? [] : [first], payment.payment), isNew: false };
    }
    await post();
    return { payment: added, isNew: true };
  });
}

export async function getPayment(db: Db, payment: string): Promise<Payment | null> {
  const [row] = await worded(
    db,
    'payment',
    (any) =>
      any
        .select()
        .from(payments)
        .where(eq(payments.payment, sql.placeholder('payment'))),
    { payment },
  );
  return row ?? null;
}

/** Leaves a payment for a person, with the proposals. */
export async function parkPayment(
  db: Db,
  input: { payment: string; matching: unknown },
): Promise<Payment> {
  const rows = await db
    .update(payments)
    .set({ state: 'review', matching: input.matching })
    .where(
      and(eq(payments.payment, input.payment), inArray(payments.state, ['received', 'review'])),
    )
    .returning();
  return oneRow(rows, `payment ${input.payment} that waits to be matched`);
}

/** A person leaves all that is unapplied of a payment with its account, as credit. */
export async function keepAsCredit(
  db: Db,
  input: { payment: string; matching: unknown },
): Promise<Payment> {
  const rows = await db
    .update(payments)
    .set({ state: 'allocated', matchedBy: 'person', matching: input.matching })
    .where(
      and(
        eq(payments.payment, input.payment),
        inArray(payments.state, ['received', 'review', 'allocated']),
      ),
    )
    .returning();
  return oneRow(rows, `payment ${input.payment} that a person may decide`);
}

/** Notes who looked over payments that matched by themselves; answers how many that were. */
export async function markChecked(
  db: Db,
  input: { payments: readonly string[]; checkedBy: string; checkedAt: Date },
): Promise<number> {
  const { checkedBy, checkedAt } = input;
  const rows = await db
    .update(payments)
    .set({ checkedBy, checkedAt })
    .where(
      and(
        inArray(payments.payment, [...input.payments, '']),
        eq(payments.state, 'allocated'),
        isNull(payments.checkedAt),
      ),
    )
    .returning({ payment: payments.payment });
  return rows.length;
}

/** An entry's key, with an ordinal where money came back to where it had been before. */
async function freeEntryKey(tx: Db, key: string): Promise<string> {
  const taken = await tx
    .select({ key: ledgerEntries.key })
    .from(ledgerEntries)
    .where(or(eq(ledgerEntries.key, key), sql`starts_with(${ledgerEntries.key}, ${`${key}:`})`));
  return taken.length === 0 ? key : `${key}:${taken.length + 1}`;
}

/** Sets who paid, once it is known: the unapplied credit becomes that account's. */
export async function setPaymentAccount(
  db: Db,
  payment: string,
  account: string,
): Promise<Payment> {
  return db.transaction(async (tx) => {
    const before = await lockedPayment(tx, payment);
    if (before.account === account) return before;
    const { currency, unappliedMinor: amount } = before;
    await postEntry(tx, {
      key: await freeEntryKey(tx, `payment:${payment}:account:${account}`),
      entity: await entityOfAccount(tx, account, before.receivedOn),
      postedOn: before.receivedOn,
      description: `Payment ${payment} is of ${account}`,
      postings: [
        ...postingsForRefund({ account: before.account, currency, amount }),
        ...postingsForReceipt({ account, currency, amount }),
      ],
    });
    const updated = await tx
      .update(payments)
      .set({ account })
      .where(eq(payments.payment, payment))
      .returning();
    return oneRow(updated, `payment ${payment}`);
  });
}

/** Unapplied credit goes back to the payer: Dr unapplied, Cr bank. The same key again does nothing. */
export async function refundUnapplied(
  db: Db,
  input: {
    payment: string;
    amountMinor: number;
    on: string;
    key: string;
    reason: string;
    actor: Actor | null;
  },
): Promise<Payment> {
  const { payment, amountMinor, on, key, reason, actor } = input;
  return db.transaction(async (tx) => {
    const before = await lockedPayment(tx, payment);
    const { account, currency } = before;
    const entry = {
      key: `payment:${payment}:refund:${key}`,
      entity: await entityOfAccount(tx, account, before.receivedOn),
      postedOn: on,
      description: `Refund of payment ${payment}: ${reason}`,
      postings: postingsForRefund({ account, currency, amount: amountMinor }),
    };
    if (amountMinor <= 0) throw new Refusal('invalid-input', 'A refund is above zero.');
    if (!(await postEntry(tx, entry))) return before;
    if (amountMinor > before.unappliedMinor)
      throw new Refusal(
        'allocation-exceeds',
        `${payment} has ${before.unappliedMinor} unapplied, ${amountMinor} cannot be refunded.`,
      );
    const refundedMinor = before.refundedMinor + amountMinor;
    const updated = await tx
      .update(payments)
      .set({
        unappliedMinor: before.unappliedMinor - amountMinor,
        refundedMinor,
        ...(refundedMinor === before.amountMinor ? { state: 'refunded' as const } : {}),
      })
      .where(eq(payments.payment, payment))
      .returning();
    if (actor !== null)
      await audit(tx, {
        actor,
        action: 'payment.refund',
        subject: payment,
        reason,
        details: { amountMinor, currency },
      });
    return oneRow(updated, `payment ${payment}`);
  });
}

export function allocationsOfPayment(
  db: Db,
  payment: string,
): Promise<(typeof paymentAllocations.$inferSelect)[]> {
  return worded(
    db,
    'allocations of payment',
    (any) =>
      any
        .select()
        .from(paymentAllocations)
        .where(eq(paymentAllocations.payment, sql.placeholder('payment')))
        .orderBy(asc(paymentAllocations.id)),
    { payment },
  );
}

/** Money that reached an invoice, in the order in which it came. */
export function allocationsOfInvoice(
  db: Db,
  invoice: string,
): Promise<(typeof paymentAllocations.$inferSelect)[]> {
  return worded(
    db,
    'allocations of invoice',
    (any) =>
      any
        .select()
        .from(paymentAllocations)
        .where(eq(paymentAllocations.invoice, sql.placeholder('invoice')))
        .orderBy(asc(paymentAllocations.id)),
    { invoice },
  );
}

/** Unapplied credit of an account per currency. */
export async function unappliedCredit(db: Db, account: string): Promise<Record<string, number>> {
  const rows = await db
    .select({
      currency: payments.currency,
      minor: sql<number>`sum(${payments.unappliedMinor})::bigint`.mapWith(Number),
    })
    .from(payments)
    .where(eq(payments.account, account))
    .groupBy(payments.currency);
  return Object.fromEntries(
    rows.filter(({ minor }) => minor !== 0).map(({ currency, minor }) => [currency, minor]),
  );
}
