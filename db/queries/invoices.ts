/** Issued documents: reading them, and the few columns of them that move. */
import { and, asc, desc, eq, inArray, isNull, lt, sql } from 'drizzle-orm';
import type { Row } from '../../domain/book/tables.ts';
import { addDays, later } from '../../domain/dates/dates.ts';
import { postingsForWriteOff } from '../../domain/ledger/postings.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { invoiceLines, invoices } from '../schema.ts';
import { worded } from '../worded.ts';
import { audit } from './audit.ts';
import { getFact } from './facts.ts';
import type { Invoice, InvoiceLine } from './issue.ts';
import { deferredLines, earnedPart, postEntry } from './ledger.ts';

export interface InvoiceWithLines {
  readonly invoice: Invoice;
  readonly lines: readonly InvoiceLine[];
}

async function withLines(db: Db, invoice: Invoice | undefined): Promise<InvoiceWithLines | null> {
  if (invoice === undefined) return null;
  return { invoice, lines: await linesOfInvoices(db, [invoice.invoice]) };
}

/** By number (`INV-2026-00017`). */
export async function getInvoice(db: Db, invoice: string): Promise<InvoiceWithLines | null> {
  const [row] = await worded(
    db,
    'invoice',
    (any) =>
      any
        .select()
        .from(invoices)
        .where(eq(invoices.invoice, sql.placeholder('invoice'))),
    { invoice },
  );
  return withLines(db, row);
}

/** By document key (`invoice:C-1042:2027-01`). */
export async function getInvoiceByKey(
  db: Db,
  documentKey: string,
): Promise<InvoiceWithLines | null> {
  const [row] = await db.select().from(invoices).where(eq(invoices.documentKey, documentKey));
  return withLines(db, row);
}

/** All that a contract has a line on, newest first. */
export function invoicesOfContract(db: Db, contract: string): Promise<Invoice[]> {
  const question = (any: Db) => {
    const billed = any
      .select({ invoice: invoiceLines.invoice })
      .from(invoiceLines)
      .where(eq(invoiceLines.contract, sql.placeholder('contract')));
    return any
      .select()
      .from(invoices)
      .where(inArray(invoices.invoice, billed))
      .orderBy(desc(invoices.issuedOn), desc(invoices.invoice));
  };
  return worded(db, 'invoices of contract', question, { contract });
}

/** The lines of several documents, each document's in their order. */
export function linesOfInvoices(db: Db, numbers: readonly string[]): Promise<InvoiceLine[]> {
  return worded(
    db,
    'lines of invoices',
    (any) =>
      any
        .select()
        .from(invoiceLines)
        .where(sql`${invoiceLines.invoice} = any(${sql.placeholder('numbers')}::text[])`)
        .orderBy(asc(invoiceLines.invoice), asc(invoiceLines.position)),
    { numbers: [...numbers] },
  );
}

/** Newest first. */
export function invoicesOfAccount(db: Db, account: string): Promise<Invoice[]> {
  return worded(
    db,
    'invoices of account',
    (any) =>
      any
        .select()
        .from(invoices)
        .where(eq(invoices.account, sql.placeholder('account')))
        .orderBy(desc(invoices.issuedOn), desc(invoices.invoice)),
    { account },
  );
}

/** When it was handed to the mail server or network; the first time counts. */
export async function markDelivered(db: Db, invoice: string, at: Date): Promise<void> {
  await db
    .update(invoices)
    .set({ deliveredAt: at })
    .where(and(eq(invoices.invoice, invoice), isNull(invoices.deliveredAt)));
}

/** Disputes an invoice, or only some of its lines (`lines`), or settles the dispute. */
export async function setDisputed(
  db: Db,
  input: {
    invoice: string;
    disputed: boolean;
    lines?: readonly string[] | null;
    reason: string;
    actor: Actor;
  },
): Promise<Invoice> {
  const { invoice, disputed, lines = null, reason, actor } = input;
  return db.transaction(async (tx) => {
    const only = lines === null ? undefined : inArray(invoiceLines.line, [...lines]);
    await tx
      .update(invoiceLines)
      .set({ disputed })
      .where(and(eq(invoiceLines.invoice, invoice), only));
    const any = sql<boolean>`exists (select 1 from ${invoiceLines}
      where ${invoiceLines.invoice} = ${invoice} and ${invoiceLines.disputed})`;
    const rows = await tx
      .update(invoices)
      .set({ disputed: any })
      .where(eq(invoices.invoice, invoice))
      .returning();
    await audit(tx, {
      actor,
      action: disputed ? 'invoice.dispute' : 'invoice.settle-dispute',
      subject: invoice,
      reason,
      details: { lines },
    });
    return oneRow(rows, `invoice ${invoice}`);
  });
}

/** A promise to pay until a day; null takes it back. */
export async function setPromise(
  db: Db,
  input: { invoice: string; until: string | null; reason: string; actor: Actor },
): Promise<Invoice> {
  const { invoice, until, reason, actor } = input;
  return db.transaction(async (tx) => {
    const rows = await tx
      .update(invoices)
      .set({ promisedUntil: until })
      .where(eq(invoices.invoice, invoice))
      .returning();
    const changed = oneRow(rows, `invoice ${invoice}`);
    const details = { until };
    await audit(tx, { actor, action: 'invoice.promise', subject: invoice, reason, details });
    return changed;
  });
}

/** Raises the reminder stage; never lowers it. */
export async function setReminderStage(db: Db, invoice: string, stage: number): Promise<void> {
  await db
    .update(invoices)
    .set({ reminderStage: stage })
    .where(and(eq(invoices.invoice, invoice), lt(invoices.reminderStage, stage)));
}

/** What a reminder asks before it goes out. */
export interface ReminderFacts {
  readonly invoice: string;
  readonly account: string;
  readonly balanceMinor: number;
  /** What is open of lines that are not disputed; 0 where all is disputed. */
  readonly remindableMinor: number;
  readonly currency: string;
  readonly disputed: boolean;
  readonly promisedUntil: string | null;
  readonly insolventSince: string | null;
  readonly reminderStage: number;
  readonly state: Invoice['state'];
  readonly source: string;
}

export async function reminderFacts(db: Db, invoice: string): Promise<ReminderFacts | null> {
  const found = await getInvoice(db, invoice);
  if (found === null) return null;
  const account = await getFact(db, 'accounts', { account: found.invoice.account });
  return reminderFactsOf(found, account);
}

/** The same of a document that has been read, with its account. */
export function reminderFactsOf(
  { invoice: row, lines }: InvoiceWithLines,
  account: Pick<Row<'accounts'>, 'insolventSince'> | null,
): ReminderFacts {
  const undisputed = lines.filter(({ disputed }) => !disputed);
  const wholly = row.disputed && lines.every(({ disputed }) => !disputed);
  const remindable = wholly ? 0 : undisputed.reduce((sum, { openMinor }) => sum + openMinor, 0);
  return {
    invoice: row.invoice,
    account: row.account,
    balanceMinor: row.balanceMinor,
    remindableMinor: Math.max(0, remindable),
    currency: row.currency,
    disputed: row.disputed,
    promisedUntil: row.promisedUntil,
    insolventSince: account?.insolventSince ?? null,
    reminderStage: row.reminderStage,
    state: row.state,
    source: row.source,
  };
}

/** Writes off what is open: deferred revenue not earned yet first, the rest bad debt, tax by `taxRelief` (§10). */
export async function writeOffInvoice(
  db: Db,
  input: { invoice: string; on: string; taxRelief: boolean; reason: string; actor: Actor },
): Promise<Invoice> {
  const { invoice: number, on, taxRelief, reason, actor } = input;
  return db.transaction(async (tx) => {
    const rows = await tx.select().from(invoices).where(eq(invoices.invoice, number)).for('update');
    const invoice = oneRow(rows, `invoice ${number}`);
    if (invoice.state === 'written_off') return invoice;
    if (invoice.balanceMinor <= 0)
      throw new Refusal('invoice-settled', `Nothing of ${number} is open.`);
    const deferred = await deferredLines(tx, { asOf: '9999-12-31', invoice: number });
    const unearned = deferred.map((row) => ({
      line: row.line,
      amount: Number(row.deferred) - earnedPart(row, addDays(on, -1)),
    }));
    const { account, currency, balanceMinor: open, netMinor: net, taxMinor: tax } = invoice;
    await postEntry(tx, {
      key: `write-off:${number}`,
      entity: invoice.entity,
      postedOn: later(on, invoice.issuedOn),
      description: `${number} written off: ${reason}`,
      postings: postingsForWriteOff({
        invoice: number,
        account,
        currency,
        open,
        net,
        tax,
        taxRelief,
        unearned,
      }),
    });
    await tx.update(invoiceLines).set({ openMinor: 0 }).where(eq(invoiceLines.invoice, number));
    const written = await tx
      .update(invoices)
      .set({ balanceMinor: 0, state: 'written_off' })
      .where(eq(invoices.invoice, number))
      .returning();
    const details = { amountMinor: open, currency };
    await audit(tx, { actor, action: 'invoice.write-off', subject: number, reason, details });
    return oneRow(written, number);
  });
}
