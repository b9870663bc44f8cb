/**
 * Asking for an invoice's money at a payment provider: stored methods, checkouts that customers opened, charges. Each is
 * written before the provider is asked and under a lock of the invoice, so that a checkout and a charge never both take it.
 */
import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { collections, invoiceLines, invoices, paymentMethods, payments } from '../schema.ts';
import { worded } from '../worded.ts';
import { audit } from './audit.ts';

export type Collection = typeof collections.$inferSelect;
export type PaymentMethod = typeof paymentMethods.$inferSelect;

/** Checkouts on which a customer may still pay. */
const OPEN: Collection['state'][] = ['begun', 'open'];

// ---------------------------------------------------------------- stored methods

/** Stores what a customer set up at the provider; the same again changes nothing. */
export async function storePaymentMethod(
  db: Db,
  method: Omit<typeof paymentMethods.$inferInsert, 'state' | 'removedOn' | 'createdAt'>,
): Promise<{ isNew: boolean }> {
  return db.transaction(async (tx) => {
    const added = await tx
      .insert(paymentMethods)
      .values({ ...method, state: 'active' })
      .onConflictDoNothing()
      .returning();
    if (added.length === 0) return { isNew: false };
    await audit(tx, {
      actor: { user: 'customer', role: 'service' },
      action: 'payment-method.store',
      subject: method.account,
      details: { method: method.method, label: method.label },
    });
    return { isNew: true };
  });
}

/** Methods of an account that may be charged, the newest first: that is the one that is. */
export function paymentMethodsOf(db: Db, account: string): Promise<PaymentMethod[]> {
  return db
    .select()
    .from(paymentMethods)
    .where(and(eq(paymentMethods.account, account), eq(paymentMethods.state, 'active')))
    .orderBy(desc(paymentMethods.createdAt), desc(paymentMethods.method));
}

/** What the provider calls an account, from any method that it ever stored. */
export async function providerCustomer(
  db: Db,
  account: string,
  provider: string,
): Promise<string | null> {
  const [row] = await db
    .select({ customer: paymentMethods.customer })
    .from(paymentMethods)
    .where(and(eq(paymentMethods.account, account), eq(paymentMethods.provider, provider)))
    .orderBy(desc(paymentMethods.createdAt))
    .limit(1);
  return row?.customer ?? null;
}

/** Takes a method of an account out of use; false where it has none of that name. */
export async function removePaymentMethod(
  db: Db,
  input: { account: string; method: string; on: string; actor: Actor },
): Promise<boolean> {
  const { account, method, on, actor } = input;
  return db.transaction(async (tx) => {
    const removed = await tx
      .update(paymentMethods)
      .set({ state: 'removed', removedOn: on })
      .where(
        and(
          eq(paymentMethods.method, method),
          eq(paymentMethods.account, account),
          eq(paymentMethods.state, 'active'),
        ),
      )
      .returning();
    if (removed.length === 0) return false;
    const details = { method };
    await audit(tx, { actor, action: 'payment-method.remove', subject: account, details });
    return true;
  });
}

// ---------------------------------------------------------------- checkouts and charges

export interface NewCollection {
  readonly kind: Collection['kind'];
  readonly provider: string;
  readonly invoice: string;
  readonly method: string | null;
  readonly on: string;
}

/** One at a time for an invoice: who asks for its money waits here for who asks too. */
async function lockInvoice(tx: Db, invoice: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`collect:${invoice}`}, 0))`);
}

/** What of an invoice may be asked for by a charge or checkout: what is open and not disputed. */
async function askable(tx: Db, number: string) {
  const rows = await tx.select().from(invoices).where(eq(invoices.invoice, number));
  const invoice = oneRow(rows, `invoice ${number}`);
  const [disputed] = await tx
    .select({ minor: sql<number>`coalesce(sum(${invoiceLines.openMinor}), 0)`.mapWith(Number) })
    .from(invoiceLines)
    .where(and(eq(invoiceLines.invoice, number), eq(invoiceLines.disputed, true)));
  return { invoice, amountMinor: invoice.balanceMinor - (disputed?.minor ?? 0) };
}

/** What a bank has not answered, or has paid and is not booked yet: the money that it takes is on its way. */
async function takingMoney(tx: Db, all: readonly Collection[]): Promise<Collection | null> {
  for (const one of all) {
    if (one.state === 'processing') return one;
    if (one.state !== 'succeeded' || one.payment === null) continue;
    const [booked] = await tx
      .select({ state: payments.state })
      .from(payments)
      .where(eq(payments.payment, one.payment));
    if (booked === undefined || booked.state === 'received') return one;
  }
  return null;
}

/**
 * Begins to ask for what is open of an invoice. One that a bank is working on, or whose money is not booked yet,
 * keeps others from beginning: `collection-under-way`. Nothing open: `invoice-settled`. A begun charge, or a live checkout of the same
 * amount, is given instead of a second one; `live` are checkouts that a charge must close before it takes anything.
 */
export async function beginCollection(
  db: Db,
  input: NewCollection,
): Promise<{ collection: Collection; isNew: boolean; live: readonly Collection[] }> {
  const { kind, provider, invoice: number, method, on } = input;
  return db.transaction(async (tx) => {
    await lockInvoice(tx, number);
    const { invoice, amountMinor } = await askable(tx, number);
    const all = await collectionsOf(tx, number);
    const live = all.filter((one) => one.kind === 'checkout' && OPEN.includes(one.state));
    const begun = all.find((one) => one.kind === 'charge' && one.state === 'begun');
    if (begun !== undefined && kind === 'charge') return { collection: begun, isNew: false, live };
    const taking = begun ?? (await takingMoney(tx, all));
    if (taking !== null)
      throw new Refusal(
        'collection-under-way',
        `${number} is being paid by ${taking.collection}: wait for its outcome.`,
      );
    if (amountMinor <= 0 || invoice.state === 'void')
      throw new Refusal('invoice-settled', `Nothing of ${number} is to be paid.`);
    const same = live.find((one) => one.amountMinor === amountMinor);
    if (kind === 'checkout' && same !== undefined)
      return { collection: same, isNew: false, live: live.filter((one) => one !== same) };
    const ordinal = all.filter((one) => one.kind === kind).length + 1;
    const prefix = kind === 'charge' ? 'collect' : 'checkout';
    const added = await tx
      .insert(collections)
      .values({
        collection: `${prefix}:${number}:${ordinal}`,
        kind,
        provider,
        invoice: number,
        account: invoice.account,
        ordinal,
        method,
        amountMinor,
        currency: invoice.currency,
        state: 'begun',
        askedOn: on,
      })
      .returning();
    return { collection: oneRow(added, number), isNew: true, live };
  });
}

/**
 * Notes what came of it. What is over stays over: an answer that comes late changes nothing.
 * @returns the row as it stands now
 */
export async function settleCollection(
  db: Db,
  collection: string,
  outcome: Pick<Collection, 'state'> &
    Partial<Pick<Collection, 'reference' | 'payment' | 'reason' | 'nextOn'>>,
): Promise<Collection> {
  return db.transaction(async (tx) => {
    const rows = await tx
      .select()
      .from(collections)
      .where(eq(collections.collection, collection))
      .for('update');
    const before = oneRow(rows, `collection ${collection}`);
    if (!['begun', 'open', 'processing'].includes(before.state)) return before;
    const updated = await tx
      .update(collections)
      .set({ nextOn: null, reason: null, ...outcome })
      .where(eq(collections.collection, collection))
      .returning();
    return oneRow(updated, collection);
  });
}

/** All of an invoice, in the order in which they were begun. */
export function collectionsOf(db: Db, invoice: string): Promise<Collection[]> {
  return db
    .select()
    .from(collections)
    .where(eq(collections.invoice, invoice))
    .orderBy(asc(collections.createdAt), asc(collections.ordinal));
}

/** By the provider's own id: `cs_…`, `pi_…`. */
export async function collectionByReference(db: Db, reference: string): Promise<Collection | null> {
  const [row] = await worded(
    db,
    'collection by reference',
    (any) =>
      any
        .select()
        .from(collections)
        .where(eq(collections.reference, sql.placeholder('reference'))),
    { reference },
  );
  return row ?? null;
}

/** Checkouts on which customers may still pay. */
export function liveCheckouts(db: Db, invoice: string): Promise<Collection[]> {
  return db
    .select()
    .from(collections)
    .where(
      and(
        eq(collections.invoice, invoice),
        eq(collections.kind, 'checkout'),
        inArray(collections.state, OPEN),
      ),
    )
    .orderBy(asc(collections.createdAt));
}

/** Whether money for an invoice is on its way: a bank has not answered, or it is not booked yet. */
export async function moneyUnderWay(db: Db, invoice: string): Promise<boolean> {
  return (await takingMoney(db, await collectionsOf(db, invoice))) !== null;
}
