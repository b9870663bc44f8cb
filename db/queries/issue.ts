/** Issuing: number, document, lines, ledger entry and the run's item in one transaction (billing rules §4, §10). */
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { BillDocument } from '../../domain/bill-run/document.ts';
import { type CivilDate, later } from '../../domain/dates/dates.ts';
import { postingsForIssue, reverse } from '../../domain/ledger/postings.ts';
import { taxShares } from '../../domain/ledger/tax-shares.ts';
import { creditorReference } from '../../domain/payment-reference/creditor-reference.ts';
import { dueDateOf, parsePaymentTerms } from '../../domain/payment-terms/payment-terms.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { type Actor, Refusal } from '../refusal.ts';
import { billRunItems, billRuns, invoiceLines, invoices, mails } from '../schema.ts';
import { audit } from './audit.ts';
import { policiesFor } from './contracts.ts';
import { type CreditRequest, draftCreditNote } from './credit-drafts.ts';
import { applyCreditNote } from './credits.ts';
import { getFact } from './facts.ts';
import { postEntry, postingsOf } from './ledger.ts';
import { prepareNumber, takeNumber } from './numbers.ts';

export type Invoice = typeof invoices.$inferSelect;
export type InvoiceLine = typeof invoiceLines.$inferSelect;
export interface IssueResult {
  readonly invoice: Invoice;
  readonly alreadyIssued: boolean;
}

export interface IssueInput {
  readonly run: string;
  /** The item's key, which is the document's: `invoice:C-1042:2027-01`. */
  readonly item: string;
  /**
   * The day of numbering, or how it is told of the selling entity: its civil day (billing rules §3). Before the series'
   * last one it is refused with `issue-date-before-last`,
   */
  readonly issuedOn: CivilDate | ((entity: string) => CivilDate);
  /** unless this is true: then the later day is taken in its stead. */
  readonly orLater?: boolean;
}

/** A document ready to be numbered. */
interface Numbered {
  readonly documentKey: string;
  readonly type: Invoice['type'];
  readonly document: BillDocument;
  readonly issuedOn: string;
  readonly orLater: boolean;
  readonly run: string | null;
  readonly credits: string | null;
  readonly reason: string | null;
  /** Each line's tax where it is known already; else shared out by largest remainder. */
  readonly lineTaxes?: readonly number[];
  /** What the document keeps besides. */
  readonly keeps?: Readonly<Record<string, unknown>>;
}

async function invoiceOfKey(db: Db, documentKey: string): Promise<Invoice | null> {
  const [row] = await db.select().from(invoices).where(eq(invoices.documentKey, documentKey));
  return row ?? null;
}

/** Buyer and seller as they are on the day of issue: what the paper shows does not change with them. */
async function snapshotOf(db: Db, issue: Numbered): Promise<Record<string, unknown>> {
  const { document } = issue;
  const { contract } = document;
  return {
    seller: await getFact(db, 'entities', { entity: document.entity }),
    buyer: await getFact(db, 'accounts', { account: document.account }),
    contract: contract === null ? null : await getFact(db, 'contracts', { contract }),
    subject: document.subject,
    taxes: document.taxes,
    paymentTerms: document.paymentTerms,
    ...(issue.reason === null ? {} : { reason: issue.reason }),
    ...issue.keeps,
  };
}

function dueOnOf(
  document: BillDocument,
  issuedOn: string,
  policies: Readonly<Record<string, string>>,
): string {
  if (issuedOn === document.issueDate) return document.dueDate;
  const terms = parsePaymentTerms(document.paymentTerms);
  if (terms === null)
    throw new Refusal('invalid-input', `"${document.paymentTerms}" are no payment terms.`);
  const businessDays = policies.due_day === 'next-business-day';
  return dueDateOf(terms, issuedOn, businessDays, policies.holidays ?? null);
}

type LineDraft = Omit<typeof invoiceLines.$inferInsert, 'invoice'> & { readonly taxMinor: number };

function draftLines(document: BillDocument, lineTaxes?: readonly number[]): LineDraft[] {
  const groups = document.taxes.map(({ category, rate, tax }) => ({ category, rate, tax }));
  const shares = lineTaxes ?? taxShares(document.lines, groups);
  return document.lines.map((line, index) => {
    const taxMinor = shares[index] ?? 0;
    return {
      line: String(index + 1),
      position: index + 1,
      contract: line.contract,
      subcontract: line.subcontract,
      entry: line.entries === undefined ? null : line.entries.join(';'),
      sku: line.sku,
      kind: line.kind,
      description: line.description,
      quantity: line.quantity,
      unitPrice: line.unitPrice,
      discountPercent: line.discountPercent,
      periodStart: line.periodStart,
      periodEnd: line.periodEnd,
      netMinor: line.net,
      taxCategory: line.taxCategory,
      taxRate: line.taxRate,
      taxMinor,
      openMinor: line.net + taxMinor,
      caughtUp: line.caughtUp,
      explanation: line.explanation,
    };
  });
}

/** The sums of a document agree with its lines, or it is not issued. */
function demandSums(document: BillDocument, lines: readonly LineDraft[], key: string): void {
  const net = lines.reduce((sum, line) => sum + line.netMinor, 0);
  const tax = lines.reduce((sum, line) => sum + line.taxMinor, 0);
  if (net === document.net && tax === document.tax && net + tax === document.total) return;
  throw new Error(
    `${key} does not add up: lines ${net} + ${tax}, document ${document.net} + ${document.tax} = ${document.total}`,
  );
}

/**
 * All that can be done before the number is: then the series' row is locked, and only a handful of inserts happen under
 * the lock, so that a hundred invoices issued at once neither stall nor leave a gap.
 */
async function issueNumbered(tx: Db, issue: Numbered): Promise<Invoice> {
  const { document, documentKey, type } = issue;
  const lines = draftLines(document, issue.lineTaxes);
  demandSums(document, lines, documentKey);
  const snapshot = await snapshotOf(tx, issue);
  const { entity, account, contract } = document;
  const policies = await policiesFor(tx, { entity, account, contract, on: issue.issuedOn });
  const series = await prepareNumber(tx, { entity, type, issuedOn: issue.issuedOn });
  const number = await takeNumber(tx, series, issue.issuedOn, issue.orLater);
  const added = await tx
    .insert(invoices)
    .values({
      invoice: number.number,
      documentKey,
      type,
      credits: issue.credits,
      entity,
      account,
      contract,
      run: issue.run,
      issuedOn: number.issuedOn,
      dueOn: dueOnOf(document, number.issuedOn, policies),
      currency: document.currency,
      netMinor: document.net,
      taxMinor: document.tax,
      totalMinor: document.total,
      balanceMinor: document.total,
      state: 'issued',
      poNumber: document.poNumber,
      paymentTerms: document.paymentTerms,
      paymentReference: creditorReference(number.number),
      snapshot,
    })
    .returning();
  const invoice = oneRow(added, documentKey);
  await tx
    .insert(invoiceLines)
    .values(lines.map((line) => ({ ...line, invoice: invoice.invoice })));
  await postEntry(tx, {
    key: `issued:${documentKey}`,
    entity,
    postedOn: number.issuedOn,
    description: `${type === 'credit_note' ? 'Credit note' : 'Invoice'} ${invoice.invoice}`,
    postings: postingsForIssue({
      invoice: invoice.invoice,
      account,
      currency: document.currency,
      type,
      lines: lines.map(({ line, netMinor, taxMinor }) => ({ line, net: netMinor, tax: taxMinor })),
    }),
  });
  return invoice;
}

/**
 * Issues one item of an approved run. Idempotent by document key: a second call gives the first result with
 * `alreadyIssued`. A credit note takes off what is open of the invoices that billed the same subcontracts. Refused:
 * `run-item-unknown`, `run-not-approved`, `run-item-left-out`, `issue-date-before-last`.
 */
export async function issueDocument(db: Db, input: IssueInput): Promise<IssueResult> {
  const { run, item } = input;
  return db.transaction(async (tx) => {
    const [found] = await tx
      .select()
      .from(billRunItems)
      .where(and(eq(billRunItems.run, run), eq(billRunItems.item, item)))
      .for('update');
    if (found === undefined)
      throw new Refusal('run-item-unknown', `The run ${run} has no item ${item}.`);
    const first = await invoiceOfKey(tx, item);
    if (first !== null) return { invoice: first, alreadyIssued: true };
    if (found.decision !== 'include' || found.document === null)
      throw new Refusal('run-item-left-out', `${item} was left out of the run ${run}.`);
    await demandApproved(tx, run);
    const type = found.kind === 'credit_note' ? 'credit_note' : 'invoice';
    const document = found.document as BillDocument;
    const { issuedOn } = input;
    const invoice = await issueNumbered(tx, {
      documentKey: item,
      type,
      document,
      issuedOn: typeof issuedOn === 'string' ? issuedOn : issuedOn(document.entity),
      orLater: input.orLater ?? false,
      run,
      credits: null,
      reason: null,
    });
    await tx
      .update(billRunItems)
      .set({ state: 'issued', invoice: invoice.invoice, failure: null })
      .where(and(eq(billRunItems.run, run), eq(billRunItems.item, item)));
    if (type === 'invoice') return { invoice, alreadyIssued: false };
    await applyCreditNote(tx, { creditNote: invoice.invoice, on: invoice.issuedOn });
    return {
      invoice: oneRow(
        await tx.select().from(invoices).where(eq(invoices.invoice, invoice.invoice)),
        item,
      ),
      alreadyIssued: false,
    };
  });
}

async function demandApproved(tx: Db, run: string): Promise<void> {
  const [row] = await tx.select().from(billRuns).where(eq(billRuns.run, run));
  if (row?.state === 'approved' || row?.state === 'issuing' || row?.state === 'issued') return;
  throw new Refusal(
    'run-not-approved',
    `The run ${run} is ${row?.state}: a person approves it first.`,
  );
}

/** Two callers of one key wait for each other here, where no row of theirs exists yet. */
async function lockKey(tx: Db, key: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`);
}

/** Issues a document outside a run (late charge, off-cycle invoice), with the same guarantees. */
export async function issueSingle(
  db: Db,
  input: {
    documentKey: string;
    type: Invoice['type'];
    document: BillDocument;
    issuedOn: string;
    credits?: string | null;
    reason?: string | null;
    orLater?: boolean;
    /** What its snapshot keeps besides buyer, seller and taxes. */
    keeps?: Readonly<Record<string, unknown>>;
  },
): Promise<IssueResult> {
  const { documentKey, type, document, issuedOn } = input;
  return db.transaction(async (tx) => {
    await lockKey(tx, documentKey);
    const first = await invoiceOfKey(tx, documentKey);
    if (first !== null) return { invoice: first, alreadyIssued: true };
    const invoice = await issueNumbered(tx, {
      documentKey,
      type,
      document,
      issuedOn,
      orLater: input.orLater ?? false,
      run: null,
      credits: input.credits ?? null,
      reason: input.reason ?? null,
      ...(input.keeps === undefined ? {} : { keeps: input.keeps }),
    });
    return { invoice, alreadyIssued: false };
  });
}

/**
 * Credits an invoice's lines in part or whole: same tax treatment, each part rounded for itself, the last one takes the exact
 * remainder (§4). `lines` null credits all that is left. The note is applied to the invoice at once.
 */
export async function creditInvoice(
  db: Db,
  input: CreditRequest & {
    documentKey: string;
    issuedOn: string;
    reason: string;
    actor: Actor;
    orLater?: boolean;
  },
): Promise<{ creditNote: Invoice; alreadyIssued: boolean }> {
  const { documentKey, invoice, issuedOn, reason, actor } = input;
  return db.transaction(async (tx) => {
    await lockKey(tx, documentKey);
    const first = await invoiceOfKey(tx, documentKey);
    if (first !== null) return { creditNote: first, alreadyIssued: true };
    const { document, lineTaxes } = await draftCreditNote(tx, input, issuedOn);
    const note = await issueNumbered(tx, {
      documentKey,
      type: 'credit_note',
      document,
      issuedOn,
      orLater: input.orLater ?? false,
      run: null,
      credits: invoice,
      reason,
      lineTaxes,
    });
    await applyCreditNote(tx, { creditNote: note.invoice, on: note.issuedOn });
    await audit(tx, {
      actor,
      action: 'invoice.credit',
      subject: invoice,
      reason,
      details: { creditNote: note.invoice, totalMinor: note.totalMinor },
    });
    const rows = await tx.select().from(invoices).where(eq(invoices.invoice, note.invoice));
    return { creditNote: oneRow(rows, note.invoice), alreadyIssued: false };
  });
}

/** A mail that was begun may be with the customer already; one that was turned away is not. */
async function demandNotLeaving(tx: Db, invoice: string): Promise<void> {
  const [leaving] = await tx
    .select({ key: mails.key })
    .from(mails)
    .where(
      and(
        eq(mails.invoice, invoice),
        eq(mails.kind, 'invoice'),
        inArray(mails.state, ['sending', 'sent', 'unknown']),
      ),
    )
    .limit(1);
  if (leaving !== undefined)
    throw new Refusal(
      'invoice-settled',
      `${invoice} is being sent: wait for its mail, then correct it by a credit note.`,
    );
}

/** Voids an invoice that was not sent yet and has no money on it: reversed in the ledger; its number stays used. */
export async function voidInvoice(
  db: Db,
  input: { invoice: string; on: string; reason: string; actor: Actor },
): Promise<Invoice> {
  const { invoice: number, on, reason, actor } = input;
  return db.transaction(async (tx) => {
    const rows = await tx.select().from(invoices).where(eq(invoices.invoice, number)).for('update');
    const invoice = oneRow(rows, `invoice ${number}`);
    if (invoice.state === 'void') return invoice;
    if (invoice.deliveredAt !== null || invoice.source !== 'perennial')
      throw new Refusal('invoice-settled', `${number} was sent: correct it by a credit note.`);
    await demandNotLeaving(tx, number);
    if (invoice.balanceMinor !== invoice.totalMinor)
      throw new Refusal(
        'invoice-settled',
        `${number} has money or credit on it: reverse that first.`,
      );
    const postedOn = later(on, invoice.issuedOn);
    await postEntry(tx, {
      key: `void:${number}`,
      entity: invoice.entity,
      postedOn,
      description: `${number} voided`,
      postings: reverse(await postingsOf(tx, `issued:${invoice.documentKey}`)),
    });
    await tx.update(invoiceLines).set({ openMinor: 0 }).where(eq(invoiceLines.invoice, number));
    const voided = await tx
      .update(invoices)
      .set({ state: 'void', balanceMinor: 0 })
      .where(eq(invoices.invoice, number))
      .returning();
    await audit(tx, { actor, action: 'invoice.void', subject: number, reason });
    return oneRow(voided, number);
  });
}

/** Issued documents by document key, for what goes on where a run was interrupted. */
export function issuedAmong(db: Db, documentKeys: readonly string[]): Promise<Invoice[]> {
  if (documentKeys.length === 0) return Promise.resolve([]);
  return db
    .select()
    .from(invoices)
    .where(inArray(invoices.documentKey, [...documentKeys]));
}
