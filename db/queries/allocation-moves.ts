/** Taking allocations of a payment back without the payment itself: undone, or moved to other invoices (billing rules §7). */
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { firstOpenDay } from '../../domain/ledger/closing.ts';
import {
  LEDGER_ACCOUNTS,
  netPostings,
  type Posting,
  postingsForReceipt,
  postingsForRefund,
  reverse,
} from '../../domain/ledger/postings.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { Refusal } from '../refusal.ts';
import {
  ledgerEntries,
  ledgerPostings,
  payerAccounts,
  paymentAllocations,
  payments,
} from '../schema.ts';
import {
  assertPaymentAddsUp,
  coverages,
  type Locked,
  lock,
  negative,
  type ReversalResult,
  reopenedBetween,
  reopenLines,
  reopenWrittenOff,
  standing,
} from './allocations.ts';
import { closedOf, closings } from './closed-periods.ts';
import { POSTING_COLUMNS, postEntry, postingsOf } from './ledger.ts';
import { refreshInvoices } from './open-amounts.ts';
import type { Applied } from './settling.ts';

type Payment = typeof payments.$inferSelect;

export interface TakeBack {
  readonly payment: string;
  /** The invoices whose allocations come back; null takes back all of them. */
  readonly invoices: readonly string[] | null;
  /** The day on which they come back; null undoes them on their own day, which must be open (`period-closed`). */
  readonly on: string | null;
  readonly reason: string;
}

const sum = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0);

/** What a payment's allocations to some invoices put into the books: the postings, their last day and their entity. */
async function posted(tx: Db, payment: string, numbers: readonly string[]) {
  const rows = await tx
    .select({
      on: ledgerEntries.postedOn,
      entity: ledgerEntries.entity,
      ...POSTING_COLUMNS,
    })
    .from(ledgerPostings)
    .innerJoin(ledgerEntries, eq(ledgerEntries.id, ledgerPostings.entry))
    .where(
      and(
        sql`starts_with(${ledgerEntries.key}, ${`payment:${payment}:allocated:`})`,
        inArray(ledgerPostings.invoice, [...numbers]),
      ),
    )
    .orderBy(asc(ledgerPostings.id));
  const postings = rows.map(({ on: _on, entity: _entity, ...posting }): Posting => posting);
  const [first] = rows;
  const days = rows.map(({ on }) => on).sort();
  return { postings, entity: first?.entity ?? null, lastOn: days.at(-1) ?? null };
}

/** The books' answer: what was posted for the invoices is undone, and the money is the payer's unapplied credit again. */
function postingsBack({ payment }: Locked, postings: readonly Posting[]): Posting[] {
  const undone = netPostings(reverse(postings));
  const credit: Posting = {
    ledgerAccount: LEDGER_ACCOUNTS.unappliedCredit,
    currency: payment.currency,
    amountMinor: 0 - sum(undone.map(({ amountMinor }) => amountMinor)),
    account: payment.account,
    invoice: null,
    line: null,
  };
  return netPostings([...undone, credit]);
}

async function dayOf(tx: Db, { on, payment }: TakeBack, entity: string, lastOn: string) {
  if (on !== null) return on;
  const closed = (await closedOf(tx, [entity])).get(entity);
  if (closed !== undefined && firstOpenDay(lastOn, closed) !== lastOn)
    throw new Refusal(
      'period-closed',
      `${lastOn}, when ${payment} was allocated, is closed: move the money instead.`,
    );
  return lastOn;
}

async function standingOf(tx: Db, { payment, invoices }: TakeBack): Promise<Applied[]> {
  const rows = await tx
    .select()
    .from(paymentAllocations)
    .where(eq(paymentAllocations.payment, payment))
    .orderBy(asc(paymentAllocations.id));
  const rest = standing(rows).filter(
    ({ invoice }) => invoices === null || invoices.includes(invoice),
  );
  if (rest.length === 0)
    throw new Refusal('invalid-input', `${payment} has nothing allocated that could come back.`);
  return rest;
}

function demandMovable({ payment, state, imported }: Payment): void {
  if (state === 'returned' || state === 'refunded')
    throw new Refusal('payment-settled', `${payment} was ${state}.`);
  if (imported !== null)
    throw new Refusal('invalid-input', `${payment} was allocated before these books began.`);
}

/**
 * Takes a payment's allocations back: each has its negative, lines and invoices re-open, the books are undone exactly, and the
 * money is unapplied credit that waits for a person. What was learnt of the payer from it is forgotten.
 * Call it in a transaction; `coveredSince` compares what was covered before with what is at the end of it.
 * @throws Refusal `period-closed`, `payment-settled`, `invalid-input`
 */
export async function takeBackAllocations(tx: Db, input: TakeBack): Promise<TakenBack> {
  const { payment: key, reason } = input;
  demandMovable((await lock(tx, key, [])).payment);
  const rows = await standingOf(tx, input);
  const numbers = [...new Set(rows.map(({ invoice }) => invoice))].sort();
  const locked = await lock(tx, key, numbers);
  const before = await coverages(tx, numbers);
  const { postings, entity, lastOn } = await posted(tx, key, numbers);
  if (entity === null || lastOn === null)
    throw new Refusal('invalid-input', `${key} was allocated before these books began.`);
  const on = await dayOf(tx, input, entity, lastOn);
  await reopenLines(tx, locked.lines, rows);
  await tx.insert(paymentAllocations).values(rows.map((row) => negative(row, on)));
  await reopenWrittenOff(tx, numbers);
  await refreshInvoices(tx, numbers);
  await postEntry(tx, {
    key: `payment:${key}:allocated:${await countOf(tx, key)}`,
    entity,
    postedOn: on,
    description: `Allocation of payment ${key} taken back: ${reason}`,
    postings: postingsBack(locked, postings),
  });
  await tx.delete(payerAccounts).where(eq(payerAccounts.payment, key));
  const unappliedMinor =
    locked.payment.unappliedMinor + sum(rows.map(({ amountMinor }) => amountMinor));
  const explanation = `A person took the allocation to ${numbers.join(', ')} back: ${reason}`;
  const updated = await tx
    .update(payments)
    .set({
      unappliedMinor,
      state: 'review',
      matchedBy: null,
      checkedBy: null,
      checkedAt: null,
      matching: { decision: 'review', rule: null, proposals: [], explanation },
    })
    .where(eq(payments.payment, key))
    .returning();
  await assertPaymentAddsUp(tx, key);
  const after = oneRow(updated, key);
  if (input.on === null) await payerAsItCame(tx, after, { entity, on });
  return {
    payment: after,
    on,
    invoices: numbers,
    coveredSince: async () => reopenedBetween(locked, before, await coverages(tx, numbers)),
  };
}

/**
 * Money whose payer was not known when it came, and became known by what is undone now, is nobody's again; not where a person
 * had kept it as somebody's credit.
 */
async function payerAsItCame(
  tx: Db,
  row: Payment,
  { entity, on }: { entity: string; on: string },
): Promise<void> {
  const { payment, account, currency, amountMinor, refundedMinor, unappliedMinor: amount } = row;
  if (account === null || amount === 0 || amount !== amountMinor - refundedMinor) return;
  const came = await postingsOf(tx, `payment:${payment}:received`);
  const credit = came.find((one) => one.ledgerAccount === LEDGER_ACCOUNTS.unappliedCredit);
  const [kept] = await tx.execute(sql`
    select 1 from audit_events where subject = ${payment} and action = 'payment.allocate'
       and details -> 'lines' = '[]'::jsonb limit 1`);
  if (credit === undefined || credit.account !== null || kept !== undefined) return;
  await postEntry(tx, {
    key: `payment:${payment}:account:none:${await countOf(tx, payment)}`,
    entity,
    postedOn: on,
    description: `Payment ${payment} is of nobody known again`,
    postings: [
      ...postingsForRefund({ account, currency, amount }),
      ...postingsForReceipt({ account: null, currency, amount }),
    ],
  });
  await tx.update(payments).set({ account: null }).where(eq(payments.payment, payment));
}

export interface TakenBack {
  /** With the account whose it was until now: it hears of it. */
  readonly payment: Payment;
  readonly on: string;
  readonly invoices: readonly string[];
  /** What was covered before and is not any more, now. */
  readonly coveredSince: () => Promise<ReversalResult['reopened']>;
}

async function countOf(tx: Db, payment: string): Promise<number> {
  const rows = await tx
    .select({ id: paymentAllocations.id })
    .from(paymentAllocations)
    .where(eq(paymentAllocations.payment, payment));
  return rows.length;
}

/** Whether anything of a payment is allocated, and whether the day on which it was is still open. */
export async function allocationDay(
  db: Db,
  payment: string,
): Promise<{ allocated: boolean; open: boolean }> {
  const rows = await db
    .select()
    .from(paymentAllocations)
    .where(eq(paymentAllocations.payment, payment));
  const numbers = [...new Set(standing(rows).map(({ invoice }) => invoice))];
  if (numbers.length === 0) return { allocated: false, open: false };
  const { entity, lastOn } = await posted(db, payment, numbers);
  if (entity === null || lastOn === null) return { allocated: true, open: false };
  const [closed] = await closings(db, [entity]);
  const months = new Set(closed?.months);
  const through = closed?.closedThrough ?? null;
  return { allocated: true, open: firstOpenDay(lastOn, { through, months }) === lastOn };
}
