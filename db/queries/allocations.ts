/** Allocation of money over lines, and its exact reversal, each in one transaction (billing rules §7, §10). */
import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import {
  LEDGER_ACCOUNTS,
  netPostings,
  type Posting,
  postingsForPayment,
  reverse,
  type Settlement,
} from '../../domain/ledger/postings.ts';
import { splitByLargestRemainder } from '../../domain/money/money.ts';
import { begun } from '../begun.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { type invoiceLines, invoices, paymentAllocations, payments } from '../schema.ts';
import { worded } from '../worded.ts';
import { audit } from './audit.ts';
import { linesOfInvoices } from './invoices.ts';
import { postEntry, postingsOf } from './ledger.ts';
import { lockedPayment } from './locked-payment.ts';
import { type Coverage, coverageIn, coverageOf, refreshInvoices } from './open-amounts.ts';
import { type Applied, settledIn, settlesNothing, settlingAmounts } from './settling.ts';

type Payment = typeof payments.$inferSelect;
type Invoice = typeof invoices.$inferSelect;
type Line = typeof invoiceLines.$inferSelect;
type NewAllocation = typeof paymentAllocations.$inferInsert;

/** An amount of one invoice, in minor units. */
interface InvoicePart {
  readonly invoice: string;
  readonly amount: number;
}

export interface AllocationInput {
  readonly payment: string;
  readonly on: string;
  /** The matching rule, or `person`. */
  readonly rule: string;
  /** `line` null spreads over the invoice's open lines in order, undisputed ones first. */
  readonly allocations: readonly {
    readonly invoice: string;
    readonly line: string | number | null;
    readonly amount: number;
  }[];
  readonly discountTaken?: readonly InvoicePart[];
  readonly writtenOff?: readonly InvoicePart[];
  /** Tax that the payer withheld, and what banks kept on the way: a person says so (billing rules §7). */
  readonly withheld?: readonly InvoicePart[];
  readonly bankFee?: readonly InvoicePart[];
  /** Rule, explanation, proposals: kept with the payment. */
  readonly matching?: unknown;
  readonly actor?: Actor | null;
  readonly reason?: string | null;
}
export interface AllocationResult {
  readonly payment: Payment;
  /** Invoices that money reached, as they are now. */
  readonly invoices: readonly Invoice[];
  readonly coverage: readonly Coverage[];
  /** All lines of these invoices, as they were before. */
  readonly lines: readonly Line[];
  /** Lines that money went to, or what settles them besides; the money is `amountMinor`. */
  readonly reached: readonly (Pick<Line, 'invoice' | 'line' | 'subcontract'> & {
    readonly amountMinor: number;
  })[];
}

/** What settles a line besides money, in the order in which it is spread over what is open. */
const BESIDES = ['discount', 'withheld', 'bankFee', 'writtenOff'] as const;
type Besides = (typeof BESIDES)[number];

/** What goes to one line: money, and what settles it besides. */
type LineShare = { readonly line: Line; amount: number } & Record<Besides, number>;

const settledBy = (share: LineShare): number =>
  BESIDES.reduce((sum, part) => sum + share[part], share.amount);

export interface Locked {
  readonly payment: Payment;
  readonly invoices: ReadonlyMap<string, Invoice>;
  readonly lines: readonly Line[];
  /** How many allocations the payment has had; asked only with invoices. */
  readonly allocations: number;
}

/** The payment first, then invoices by number: whoever needs several of them takes them in this order. */
export async function lock(tx: Db, payment: string, numbers: readonly string[]): Promise<Locked> {
  const wanted = [...new Set(numbers)];
  const locked = begun(lockedPayment(tx, payment));
  if (wanted.length === 0)
    return { payment: await locked, invoices: new Map(), lines: [], allocations: 0 };
  // In this order, so that the lines are those of the locked invoices.
  const [row, documents, lines, earlier] = await Promise.all([
    locked,
    worded(tx, 'locked invoices', (any) => theseInvoices(any).for('update'), { numbers: wanted }),
    linesOfInvoices(tx, wanted),
    worded(
      tx,
      'allocation ids of payment',
      (any) =>
        any
          .select({ id: paymentAllocations.id })
          .from(paymentAllocations)
          .where(eq(paymentAllocations.payment, sql.placeholder('payment'))),
      { payment },
    ),
  ]);
  return {
    payment: row,
    invoices: new Map(documents.map((row) => [row.invoice, row])),
    lines,
    allocations: earlier.length,
  };
}

function demandPayable({ payment, invoices: found }: Locked, numbers: readonly string[]): void {
  if (payment.state === 'returned' || payment.state === 'refunded')
    throw new Refusal('payment-settled', `${payment.payment} was ${payment.state}.`);
  for (const number of numbers) {
    const invoice = oneRow(found.has(number) ? [found.get(number)] : [], `invoice ${number}`);
    if (invoice === undefined) continue;
    if (invoice.state === 'void') throw new Refusal('invoice-void', `${number} was voided.`);
    if (invoice.currency !== payment.currency)
      throw new Refusal(
        'currency-differs',
        `${number} is in ${invoice.currency}, the payment in ${payment.currency}: a person decides.`,
      );
  }
}

const openOf = (share: LineShare) => share.line.openMinor - settledBy(share);

function exceeds(invoice: string, line: string, amount: number, open: number): Refusal {
  return new Refusal(
    'allocation-exceeds',
    `Line ${line} of ${invoice} has ${open} open, ${amount} does not go there.`,
    { invoice, line, amount, open },
  );
}

/** Puts an amount on the open lines of an invoice, in order, undisputed first. */
function spreadInOrder(shares: readonly LineShare[], invoice: string, amount: number): void {
  const order = [...shares].sort((a, b) => Number(a.line.disputed) - Number(b.line.disputed));
  let left = amount;
  for (const share of order) {
    const part = Math.max(0, Math.min(left, openOf(share)));
    share.amount += part;
    left -= part;
  }
  if (left > 0) throw exceeds(invoice, 'any', amount, amount - left);
}

/** What settles an invoice besides money over what its lines have left, by largest remainder. */
function spreadOver(
  shares: readonly LineShare[],
  part: Besides,
  invoice: string,
  amount: number,
): void {
  const open = shares.map((share) => Math.max(0, openOf(share)));
  const total = open.reduce((a, b) => a + b, 0);
  if (amount > total) throw exceeds(invoice, 'any', amount, total);
  for (const [index, value] of splitByLargestRemainder(amount, open).entries()) {
    const share = shares[index];
    if (share !== undefined) share[part] += value;
  }
}

function besides(input: AllocationInput): Record<Besides, readonly InvoicePart[]> {
  const { discountTaken = [], withheld = [], bankFee = [], writtenOff = [] } = input;
  return { discount: discountTaken, withheld, bankFee, writtenOff };
}

function sharesOf(locked: Locked, input: AllocationInput): LineShare[] {
  const shares = locked.lines.map(
    (line): LineShare => ({
      line,
      amount: 0,
      discount: 0,
      withheld: 0,
      bankFee: 0,
      writtenOff: 0,
    }),
  );
  const of = (invoice: string) => shares.filter(({ line }) => line.invoice === invoice);
  const named = input.allocations.filter(({ line }) => line !== null);
  for (const { invoice, line, amount } of named) {
    const share = of(invoice).find((candidate) => candidate.line.line === String(line));
    if (!Number.isSafeInteger(amount) || amount <= 0)
      throw new Refusal(
        'invalid-input',
        `An allocation is a whole number above zero, not ${amount}.`,
      );
    if (share === undefined) throw new Refusal('invalid-input', `${invoice} has no line ${line}.`);
    if (amount > openOf(share)) throw exceeds(invoice, String(line), amount, openOf(share));
    share.amount += amount;
  }
  for (const { invoice, line, amount } of input.allocations)
    if (line === null) spreadInOrder(of(invoice), invoice, amount);
  for (const part of BESIDES)
    for (const { invoice, amount } of besides(input)[part])
      spreadOver(of(invoice), part, invoice, amount);
  return shares.filter((share) => settledBy(share) > 0);
}

const sum = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0);

function settlementsOf(locked: Locked, shares: readonly LineShare[]): Settlement[] {
  return [...locked.invoices.values()].flatMap((invoice) => {
    const own = shares.filter(({ line }) => line.invoice === invoice.invoice);
    if (own.length === 0) return [];
    return [
      {
        invoice: invoice.invoice,
        account: invoice.account,
        amount: sum(own.map(({ amount }) => amount)),
        discount: sum(own.map(({ discount }) => discount)),
        writtenOff: sum(own.map(({ writtenOff }) => writtenOff)),
        withheld: sum(own.map(({ withheld }) => withheld)),
        bankFee: sum(own.map(({ bankFee }) => bankFee)),
        net: invoice.netMinor,
        tax: invoice.taxMinor,
      },
    ];
  });
}

/** What is open of lines from now on, in minor units: one statement however many they are. */
async function setOpenAmounts(tx: Db, amounts: ReadonlyMap<Line, number>): Promise<void> {
  if (amounts.size === 0) return;
  const lines = [...amounts.keys()];
  const numbers = sql.param(lines.map(({ invoice }) => invoice));
  const names = sql.param(lines.map(({ line }) => line));
  const open = sql.param([...amounts.values()].map(String));
  await tx.execute(sql`
    update invoice_lines l set open_minor = n.open::bigint
      from unnest(${numbers}::text[], ${names}::text[], ${open}::text[]) as n (invoice, line, open)
     where l.invoice = n.invoice and l.line = n.line`);
}

/** The rows, and what is open from now on of lines and documents. @returns the documents as they are then */
async function storeShares(
  tx: Db,
  input: AllocationInput,
  shares: readonly LineShare[],
  numbers: readonly string[],
): Promise<Invoice[]> {
  if (shares.length === 0) return invoicesNow(tx, numbers);
  const rows = begun(
    tx.insert(paymentAllocations).values(
      shares.map(
        ({ line, amount, discount, writtenOff, withheld, bankFee }): NewAllocation => ({
          payment: input.payment,
          invoice: line.invoice,
          line: line.line,
          amountMinor: amount,
          discountMinor: discount,
          writtenOffMinor: writtenOff,
          withheldMinor: withheld,
          bankFeeMinor: bankFee,
          rule: input.rule,
          allocatedOn: input.on,
        }),
      ),
    ),
  );
  const open = new Map(shares.map((share) => [share.line, openOf(share)]));
  await Promise.all([rows, setOpenAmounts(tx, open)]);
  await refreshInvoices(tx, numbers);
  return invoicesNow(tx, numbers);
}

/** What is covered of locked invoices once the shares are on their lines. */
function coverageAfter(locked: Locked, shares: readonly LineShare[]): Coverage[] {
  const reached = new Map(shares.map((share) => [share.line, openOf(share)]));
  const all = [...locked.invoices.values()].flatMap(({ invoice, issuedOn }) => {
    const own = locked.lines.filter((line) => line.invoice === invoice);
    const rows = own.map((line) => ({
      line: { ...line, openMinor: reached.get(line) ?? line.openMinor },
      issuedOn,
    }));
    return coverageIn(invoice, rows);
  });
  return all.filter(({ covered }) => covered.length > 0);
}

async function invoicesNow(tx: Db, numbers: readonly string[]): Promise<Invoice[]> {
  if (numbers.length === 0) return [];
  return worded(tx, 'these invoices', theseInvoices, { numbers: [...numbers] });
}

const theseInvoices = (db: Db) =>
  db
    .select()
    .from(invoices)
    .where(sql`${invoices.invoice} = any(${sql.placeholder('numbers')}::text[])`)
    .orderBy(asc(invoices.invoice));

/** The entity whose books an allocation is in: that of the invoices, which share one account's. */
function entityOf(locked: Locked): string {
  const [first] = [...locked.invoices.values()];
  return oneRow(first === undefined ? [] : [first.entity], 'invoice to allocate to');
}

/**
 * Applies an allocation in one transaction: rows of payment and invoices locked in a fixed order, lines' open amounts, balances,
 * states, unapplied credit, ledger. Refused: `allocation-exceeds`, `currency-differs`, `invoice-void`, `payment-settled`. Can be
 * called again for what is still unapplied. Invariant asserted: Σ allocations + unapplied + refunds = the payment.
 */
export async function applyAllocation(db: Db, input: AllocationInput): Promise<AllocationResult> {
  const parts = [...input.allocations, ...Object.values(besides(input)).flat()];
  const numbers = [...new Set(parts.map(({ invoice }) => invoice))].sort();
  return db.transaction(async (tx) => {
    const locked = await lock(tx, input.payment, numbers);
    const { payment } = locked;
    demandPayable(locked, numbers);
    const shares = sharesOf(locked, input);
    const amount = sum(shares.map((share) => share.amount));
    if (amount > payment.unappliedMinor)
      throw new Refusal(
        'allocation-exceeds',
        `${payment.payment} has ${payment.unappliedMinor} unapplied, ${amount} cannot be allocated.`,
      );
    const unappliedMinor = payment.unappliedMinor - amount;
    const stored = storeShares(tx, input, shares, numbers);
    const update = begun(
      tx
        .update(payments)
        .set({
          unappliedMinor,
          state: shares.length > 0 || payment.state === 'allocated' ? 'allocated' : payment.state,
          ...(shares.length > 0 ? { matchedBy: input.rule } : {}),
          ...(input.matching === undefined ? {} : { matching: input.matching }),
        })
        .where(eq(payments.payment, payment.payment))
        .returning(),
    );
    const [updated, touched] = await Promise.all([
      update,
      stored,
      // After the rows and the payment, which were begun before it.
      assertPaymentAddsUp(tx, payment.payment),
      postAllocation(tx, locked, input, shares),
    ]);
    if (input.actor)
      await audit(tx, {
        actor: input.actor,
        action: 'payment.allocate',
        subject: payment.payment,
        reason: input.reason ?? null,
        details: { allocations: input.allocations, rule: input.rule },
      });
    return {
      payment: oneRow(updated, payment.payment),
      invoices: touched,
      coverage: coverageAfter(locked, shares),
      lines: locked.lines,
      reached: shares.map(({ line, amount: amountMinor }) => ({
        invoice: line.invoice,
        line: line.line,
        subcontract: line.subcontract,
        amountMinor,
      })),
    };
  });
}

async function postAllocation(
  tx: Db,
  locked: Locked,
  input: AllocationInput,
  shares: readonly LineShare[],
): Promise<void> {
  if (shares.length === 0) return;
  const { payment, allocations } = locked;
  await postEntry(tx, {
    // The count of rows makes each allocation of a payment an event of its own; the payment's lock makes it exact.
    key: `payment:${payment.payment}:allocated:${allocations + shares.length}`,
    entity: entityOf(locked),
    postedOn: input.on,
    description: `Allocation of payment ${payment.payment} (${input.rule})`,
    postings: postingsForPayment(payment, settlementsOf(locked, shares)),
  });
}

/** Σ allocations + unapplied + refunds = the payment's amount, or the transaction fails. */
export async function assertPaymentAddsUp(tx: Db, payment: string): Promise<void> {
  const [row] = await tx.execute<{ allocated: string; whole: string; rest: string }>(sql`
    select (select coalesce(sum(amount_minor), 0) from payment_allocations a where a.payment = p.payment)::text as allocated,
           p.amount_minor::text as whole, (p.unapplied_minor + p.refunded_minor)::text as rest
      from payments p where p.payment = ${payment}`);
  if (row === undefined || Number(row.allocated) + Number(row.rest) === Number(row.whole)) return;
  throw new Error(
    `${payment} does not add up: ${row.allocated} allocated + ${row.rest} unapplied and refunded ≠ ${row.whole}`,
  );
}

/** Throws where Σ allocations + unapplied + refunds ≠ Σ payments for any account and currency; answers how many were looked at. */
export async function assertPaymentInvariant(db: Db, account?: string): Promise<number> {
  const rows = await db.execute<{
    account: string | null;
    currency: string;
    difference: string;
  }>(sql`
    select p.account, p.currency,
           (sum(p.amount_minor - p.unapplied_minor - p.refunded_minor) - coalesce(sum(a.allocated), 0))::text as difference
      from payments p
      left join (select payment, sum(amount_minor) as allocated from payment_allocations group by payment) a
        on a.payment = p.payment
     ${account === undefined ? sql`` : sql`where p.account = ${account}`}
     group by p.account, p.currency`);
  const wrong = rows.filter(({ difference }) => Number(difference) !== 0);
  if (wrong.length > 0)
    throw new Error(
      `payments do not add up: ${wrong.map((row) => `${row.account ?? 'no account'} ${row.difference} ${row.currency}`).join(', ')}`,
    );
  return rows.length;
}

export interface ReversalResult {
  readonly payment: Payment;
  readonly alreadyReversed: boolean;
  /** Per invoice and contract: the subcontracts that were covered and are no longer. */
  readonly reopened: readonly {
    readonly contract: string;
    readonly invoice: string;
    readonly documentKey: string | null;
    readonly subcontracts: readonly string[];
  }[];
}

/** What is still allocated of a payment, per invoice and line. */
export function standing(rows: readonly Applied[]): Applied[] {
  const byPlace = new Map<string, Applied>();
  for (const row of rows) {
    const place = JSON.stringify([row.invoice, row.line]);
    const before = byPlace.get(place);
    byPlace.set(place, {
      ...(before ?? row),
      ...settlingAmounts((column) => (before?.[column] ?? 0) + row[column]),
    });
  }
  return [...byPlace.values()].filter((row) => !settlesNothing(row));
}

/** Gives lines their open amounts back; what was allocated to no line goes back from the last line on. */
export async function reopenLines(
  tx: Db,
  lines: readonly Line[],
  rows: readonly Applied[],
): Promise<void> {
  const back = new Map<Line, number>();
  const room = (line: Line) =>
    line.netMinor + line.taxMinor - line.openMinor - (back.get(line) ?? 0);
  for (const row of rows) {
    let left = settledIn(row);
    const own = lines.filter(({ invoice }) => invoice === row.invoice);
    const targets =
      row.line === null ? [...own].reverse() : own.filter(({ line }) => line === row.line);
    for (const line of targets) {
      const part = row.line === null ? Math.max(0, Math.min(left, room(line))) : left;
      back.set(line, (back.get(line) ?? 0) + part);
      left -= part;
    }
    const [last] = targets;
    if (left !== 0 && last !== undefined) back.set(last, (back.get(last) ?? 0) + left);
  }
  const changed = [...back].filter(([, amount]) => amount !== 0);
  await setOpenAmounts(
    tx,
    new Map(changed.map(([line, amount]) => [line, line.openMinor + amount])),
  );
}

/** Ours: exactly what was posted, undone. Imported money was never in our bank: it leaves it now. */
async function reversalPostings(
  tx: Db,
  locked: Locked,
  rows: readonly Applied[],
): Promise<Posting[]> {
  const { payment } = locked;
  const posted = await postingsOf(tx, `payment:${payment.payment}:`);
  if (payment.imported === null) return netPostings(reverse(posted));
  const { currency, account } = payment;
  const place = { currency, line: null };
  const receivables = rows.map(
    (row): Posting => ({
      ...place,
      ledgerAccount: LEDGER_ACCOUNTS.receivable,
      amountMinor: settledIn(row),
      account: locked.invoices.get(row.invoice)?.account ?? account,
      invoice: row.invoice,
    }),
  );
  const credit: Posting = {
    ...place,
    ledgerAccount: LEDGER_ACCOUNTS.unappliedCredit,
    amountMinor: payment.unappliedMinor,
    account,
    invoice: null,
  };
  const undone = [...receivables, credit];
  const bank: Posting = {
    ...credit,
    ledgerAccount: LEDGER_ACCOUNTS.bank,
    amountMinor: 0 - sum(undone.map(({ amountMinor }) => amountMinor)),
  };
  return netPostings([...undone, bank]);
}

/**
 * Takes a payment back exactly: every allocation has its negative, invoices re-open, the ledger is reversed. `event` is the
 * key of what took it back and makes it once; another event for a payment that was taken back already changes nothing.
 */
export async function reversePayment(
  db: Db,
  input: {
    payment: string;
    event: string;
    on: string;
    reason: string;
    state: 'returned' | 'refunded';
    actor?: Actor | null;
  },
): Promise<ReversalResult> {
  const { payment: key, on, reason, state } = input;
  return db.transaction(async (tx) => {
    await lock(tx, key, []);
    const applied = await tx
      .select()
      .from(paymentAllocations)
      .where(eq(paymentAllocations.payment, key))
      .orderBy(asc(paymentAllocations.id));
    const numbers = [...new Set(applied.map(({ invoice }) => invoice))].sort();
    const locked = await lock(tx, key, numbers);
    if (['returned', 'refunded'].includes(locked.payment.state))
      return { payment: locked.payment, alreadyReversed: true, reopened: [] };
    const rows = standing(applied);
    const before = await coverages(tx, numbers);
    const postings = await reversalPostings(tx, locked, rows);
    await reopenLines(tx, locked.lines, rows);
    if (rows.length > 0)
      await tx.insert(paymentAllocations).values(rows.map((row) => negative(row, on)));
    if (numbers.length > 0) {
      await reopenWrittenOff(tx, numbers);
      await refreshInvoices(tx, numbers);
    }
    const [first] = [...locked.invoices.values()];
    await postEntry(tx, {
      key: `payment:${key}:reversed:${input.event}`,
      entity: first?.entity ?? (await entityOfReceipt(tx, key)),
      postedOn: on,
      description: `Payment ${key} ${state}: ${reason}`,
      postings,
    });
    const updated = await tx
      .update(payments)
      .set({ state, unappliedMinor: 0, refundedMinor: locked.payment.amountMinor })
      .where(eq(payments.payment, key))
      .returning();
    await assertPaymentAddsUp(tx, key);
    if (input.actor)
      await audit(tx, { actor: input.actor, action: 'payment.reverse', subject: key, reason });
    const after = await coverages(tx, numbers);
    return {
      payment: oneRow(updated, key),
      alreadyReversed: false,
      reopened: reopenedBetween(locked, before, after),
    };
  });
}

export const negative = (row: Applied, on: string): NewAllocation => ({
  payment: row.payment,
  invoice: row.invoice,
  line: row.line,
  ...settlingAmounts((column) => 0 - row[column]),
  rule: row.rule === 'implied' ? 'implied-reversal' : 'reversal',
  allocatedOn: on,
});

/** A document that its tolerance closed is open again once the money it came with is gone. */
export async function reopenWrittenOff(tx: Db, numbers: readonly string[]): Promise<void> {
  await tx
    .update(invoices)
    .set({ state: 'issued' })
    .where(
      and(
        inArray(invoices.invoice, [...numbers]),
        eq(invoices.state, 'written_off'),
        isNull(invoices.imported),
      ),
    );
}

async function entityOfReceipt(tx: Db, payment: string): Promise<string> {
  const rows = await tx.execute<{ entity: string }>(sql`
    select entity from ledger_entries
     where key in (${`payment:${payment}:received`}, ${`opening:payment:${payment}`}) limit 1`);
  return rows[0]?.entity ?? 'default';
}

export async function coverages(tx: Db, numbers: readonly string[]): Promise<Coverage[]> {
  return (await Promise.all(numbers.map((number) => coverageOf(tx, number)))).flat();
}

export function reopenedBetween(
  locked: Locked,
  before: readonly Coverage[],
  after: readonly Coverage[],
): ReversalResult['reopened'] {
  return before.flatMap(({ contract, invoice, covered }) => {
    const still = after.find((now) => now.contract === contract && now.invoice === invoice);
    const kept = new Set(still?.covered.map(({ subcontract }) => subcontract));
    const subcontracts = covered
      .map(({ subcontract }) => subcontract)
      .filter((subcontract) => !kept.has(subcontract));
    const documentKey = locked.invoices.get(invoice)?.documentKey ?? null;
    return subcontracts.length === 0 ? [] : [{ contract, invoice, documentKey, subcontracts }];
  });
}
