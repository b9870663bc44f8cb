/**
 * The database: facts (fact-tables.ts), documents, money, processes' records and people. Postgres is the record, Temporal
 * the process (docs/decisions). Amounts are integer minor units in `bigint` columns read as safe integers; dates are civil
 * dates as text `YYYY-MM-DD`; instants are `timestamptz`. Business keys are text and made by workflows/ids.ts.
 */
import { type SQLWrapper, sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  check,
  customType,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';

export * from './fact-tables.ts';

const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const minor = (name: string) => bigint(name, { mode: 'number' });
const civilDate = (name: string) => date(name, { mode: 'string' });
const instant = (name: string) => timestamp(name, { withTimezone: true });

/** What an import keeps of a row, verbatim: `row` is a `Row<T>` of the book, `balanceMinor` what it was opened with. */
export interface ImportedDocument {
  readonly row: Record<string, unknown>;
  readonly balanceMinor?: number;
}
const createdAt = () => instant('created_at').notNull().defaultNow();

/** A number without what spellings differ in: separators, case, and whether an O is a 0 (domain/allocation/references.ts). */
const numberKeyOf = (column: SQLWrapper) =>
  sql`(translate(upper(regexp_replace(${column}, '[^A-Za-z0-9]', '', 'g') collate "C"), 'O', '0'))`;
/** A number with its digits alike: those of one series have one shape. */
const numberShapeOf = (column: SQLWrapper) => sql`(regexp_replace(${column}, '[0-9]', '1', 'g'))`;
/** Letters beyond ASCII, which no key of the database folds as the matching does. */
const hasUnusualNumber = (table: { invoice: SQLWrapper; contract: SQLWrapper }) =>
  sql`(${table.invoice} ~ '[^ -~]' or ${table.contract} ~ '[^ -~]')`;
const isOpen = (table: { balanceMinor: SQLWrapper }) => sql`${table.balanceMinor} <> 0`;

// ---------------------------------------------------------------- documents: invoices and credit notes

/** Gapless numbers: one row an entity, series and fiscal year, locked for the moment of numbering (billing rules §4). */
export const numberSeries = pgTable(
  'number_series',
  {
    entity: text('entity').notNull(),
    series: text('series').notNull(),
    fiscalYear: integer('fiscal_year').notNull(),
    nextNumber: integer('next_number').notNull(),
    lastIssuedOn: civilDate('last_issued_on'),
  },
  (table) => [primaryKey({ columns: [table.entity, table.series, table.fiscalYear] })],
);

/**
 * Issued invoices, credit notes and late charges, ours and imported history alike. What was issued never changes; state,
 * balance and delivery are the only columns that move.
 */
export const invoices = pgTable(
  'invoices',
  {
    /** The number people know: INV-2026-00017. */
    invoice: text('invoice').primaryKey(),
    /** The key that names it everywhere: `invoice:C-1042:2027-01`; null for imported history. */
    documentKey: text('document_key').unique(),
    type: text('type', { enum: ['invoice', 'credit_note', 'late_charge'] }).notNull(),
    credits: text('credits'),
    entity: text('entity').notNull(),
    account: text('account').notNull(),
    contract: text('contract'),
    run: text('run'),
    issuedOn: civilDate('issued_on').notNull(),
    dueOn: civilDate('due_on').notNull(),
    currency: text('currency').notNull(),
    netMinor: minor('net_minor').notNull(),
    taxMinor: minor('tax_minor').notNull(),
    totalMinor: minor('total_minor').notNull(),
    balanceMinor: minor('balance_minor').notNull(),
    state: text('state', {
      enum: ['issued', 'partially_paid', 'paid', 'void', 'credited', 'disputed', 'written_off'],
    }).notNull(),
    disputed: boolean('disputed').notNull().default(false),
    promisedUntil: civilDate('promised_until'),
    reminderStage: integer('reminder_stage').notNull().default(0),
    poNumber: text('po_number'),
    paymentTerms: text('payment_terms'),
    /** ISO 11649 creditor reference, printed and matched. */
    paymentReference: text('payment_reference'),
    /** Buyer and seller as they were, tax table, terms: all that the paper shows besides its lines. */
    snapshot: jsonb('snapshot').$type<Record<string, unknown>>().notNull().default({}),
    deliveredAt: instant('delivered_at'),
    /** Where the row came from: 'perennial', or an import's id; imported history is never dunned nor billed again. */
    source: text('source').notNull().default('perennial'),
    /** An imported row as the book gave it, and the balance it was opened with: exports give the same row back. */
    imported: jsonb('imported').$type<ImportedDocument>(),
    custom: jsonb('custom').$type<Record<string, string>>().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [
    index('invoices_account').on(table.account, table.state),
    index('invoices_contract').on(table.contract),
    index('invoices_run').on(table.run),
    // What the matching of a payment looks up among many open documents (db/queries/open-invoices.ts).
    index('invoices_open_account').on(table.account).where(isOpen(table)),
    index('invoices_open_amount').on(table.currency, table.balanceMinor).where(isOpen(table)),
    index('invoices_open_terms').on(table.paymentTerms).where(isOpen(table)),
    index('invoices_open_number').on(numberKeyOf(table.invoice)).where(isOpen(table)),
    index('invoices_open_number_shape').on(numberShapeOf(table.invoice)).where(isOpen(table)),
    index('invoices_open_contract').on(numberKeyOf(table.contract)).where(isOpen(table)),
    index('invoices_open_contract_shape').on(numberShapeOf(table.contract)).where(isOpen(table)),
    index('invoices_open_unusual')
      .on(table.invoice)
      .where(sql`${isOpen(table)} and ${hasUnusualNumber(table)}`),
    check('invoices_total', sql`${table.netMinor} + ${table.taxMinor} = ${table.totalMinor}`),
  ],
);

export const invoiceLines = pgTable(
  'invoice_lines',
  {
    invoice: text('invoice')
      .notNull()
      .references(() => invoices.invoice),
    line: text('line').notNull(),
    position: integer('position').notNull(),
    contract: text('contract'),
    subcontract: text('subcontract'),
    /** The timesheet entry or usage event that the line bills. */
    entry: text('entry'),
    sku: text('sku'),
    kind: text('kind', { enum: ['recurring', 'adjustment', 'service', 'usage', 'one-off'] }),
    description: text('description'),
    quantity: text('quantity'),
    unitPrice: text('unit_price'),
    discountPercent: text('discount_percent'),
    periodStart: civilDate('period_start'),
    /** Inclusive, as on the paper. */
    periodEnd: civilDate('period_end'),
    netMinor: minor('net_minor').notNull(),
    taxCategory: text('tax_category'),
    taxRate: text('tax_rate'),
    /** The line's share of the document's tax (largest remainder per category and rate). */
    taxMinor: minor('tax_minor').notNull(),
    /** Net + tax share − allocations − credits. */
    openMinor: minor('open_minor').notNull(),
    /** A dispute of some lines stops reminders for those only; money goes to the others first. */
    disputed: boolean('disputed').notNull().default(false),
    caughtUp: boolean('caught_up').notNull().default(false),
    explanation: jsonb('explanation').$type<unknown>(),
    imported: jsonb('imported').$type<ImportedDocument>(),
    custom: jsonb('custom').$type<Record<string, string>>().notNull().default({}),
  },
  (table) => [
    primaryKey({ columns: [table.invoice, table.line] }),
    index('invoice_lines_subcontract').on(table.subcontract),
    index('invoice_lines_contract').on(table.contract),
  ],
);

/** Rendered papers, by key: `invoice:C-1042:2027-01:pdf`. */
export const documents = pgTable('documents', {
  key: text('key').primaryKey(),
  fileName: text('file_name').notNull(),
  mediaType: text('media_type').notNull(),
  sha256: text('sha256').notNull(),
  content: bytes('content').notNull(),
  createdAt: createdAt(),
});

// ---------------------------------------------------------------- money in

/** Every outside event, stored before it is processed; one row a provider and event, however often it arrives. */
export const inboxEvents = pgTable(
  'inbox_events',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    provider: text('provider').notNull(),
    eventId: text('event_id').notNull(),
    kind: text('kind').notNull(),
    payload: jsonb('payload').$type<unknown>().notNull(),
    state: text('state', { enum: ['stored', 'processed', 'ignored', 'failed'] })
      .notNull()
      .default('stored'),
    reason: text('reason'),
    receivedAt: instant('received_at').notNull().defaultNow(),
  },
  (table) => [unique('inbox_events_once').on(table.provider, table.eventId)],
);

export const payments = pgTable(
  'payments',
  {
    /** `stripe:evt_…`, `manual:…`, or the number of an imported payment. */
    payment: text('payment').primaryKey(),
    account: text('account'),
    receivedOn: civilDate('received_on').notNull(),
    amountMinor: minor('amount_minor').notNull(),
    currency: text('currency').notNull(),
    method: text('method'),
    reference: text('reference'),
    payer: text('payer'),
    bankAccount: text('bank_account'),
    state: text('state', {
      enum: ['received', 'allocated', 'review', 'returned', 'refunded'],
    }).notNull(),
    unappliedMinor: minor('unapplied_minor').notNull(),
    refundedMinor: minor('refunded_minor').notNull().default(0),
    /** What came, where a person counts it in another currency (§7): the columns above are then what it counts as. */
    exchangedFromMinor: minor('exchanged_from_minor'),
    exchangedFromCurrency: text('exchanged_from_currency'),
    /** Explicit references that came with it, as in an allocation case. */
    lines: jsonb('lines').$type<unknown[]>(),
    /** Why it was matched as it was: rule, words, proposals. */
    matching: jsonb('matching').$type<unknown>(),
    /** The matching rule that decided it, or `person`; null while nothing is decided. */
    matchedBy: text('matched_by'),
    /** Who looked over what matched by itself, and when. */
    checkedBy: text('checked_by'),
    checkedAt: instant('checked_at'),
    /** `invoice` of the imported row, where it paid just one. */
    invoice: text('invoice'),
    source: text('source').notNull().default('perennial'),
    imported: jsonb('imported').$type<ImportedDocument>(),
    custom: jsonb('custom').$type<Record<string, string>>().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [
    check(
      'payments_exchanged',
      sql`(${table.exchangedFromMinor} is null) = (${table.exchangedFromCurrency} is null)`,
    ),
    index('payments_account').on(table.account),
    index('payments_state').on(table.state, table.receivedOn),
  ],
);

/**
 * Papers that customers sent: remittance advices and purchase orders, as they came and as they were read. The same file is one
 * row, however often it comes.
 */
export const receivedPapers = pgTable(
  'received_papers',
  {
    /** `remittance:` or `order:` and the content's SHA-256. */
    paper: text('paper').primaryKey(),
    kind: text('kind', { enum: ['remittance', 'order'] }).notNull(),
    fileName: text('file_name').notNull(),
    mediaType: text('media_type').notNull(),
    content: bytes('content').notNull(),
    /** The text that was read, and how: `text`, `mail`, `pdf`, `ocr`. */
    text: text('text').notNull(),
    readBy: text('read_by').notNull(),
    /** What was understood: payer, numbers, amounts, lines. */
    understood: jsonb('understood').$type<unknown>().notNull(),
    /** The payment that it tells of, or the renewal that it answers. */
    payment: text('payment').references(() => payments.payment),
    renewal: text('renewal'),
    /** The contract that a purchase order is for. */
    contract: text('contract'),
    /** A paper is kept before it is read; `fault` says why it could not be. */
    state: text('state', { enum: ['reading', 'read', 'failed'] })
      .notNull()
      .default('read'),
    fault: text('fault'),
    /** What a person decided on a purchase order, and the number that went onto its contract. */
    decision: text('decision', { enum: ['accepted', 'rejected'] }),
    decisionReason: text('decision_reason'),
    decidedBy: text('decided_by'),
    decidedAt: instant('decided_at'),
    orderNumber: text('order_number'),
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index('received_papers_payment').on(table.payment),
    index('received_papers_contract').on(table.contract),
  ],
);

/** Cards and mandates that customers store at the payment provider to be charged; we keep what names them, no numbers. */
export const paymentMethods = pgTable(
  'payment_methods',
  {
    /** The provider's own id: `pm_…`. */
    method: text('method').primaryKey(),
    provider: text('provider').notNull(),
    account: text('account').notNull(),
    /** The provider's id of the customer that it belongs to. */
    customer: text('customer').notNull(),
    /** As the provider names it: `card`, `sepa_debit`. */
    kind: text('kind').notNull(),
    /** What people recognise it by: `Visa •••• 4242`. */
    label: text('label').notNull(),
    state: text('state', { enum: ['active', 'removed'] }).notNull(),
    addedOn: civilDate('added_on').notNull(),
    removedOn: civilDate('removed_on'),
    createdAt: createdAt(),
  },
  (table) => [index('payment_methods_account').on(table.account, table.state)],
);

/**
 * Each time that we asked for an invoice's money at the provider: a checkout that a customer opened, or a charge of a stored
 * method. Written before the provider is asked, so that the two never both take it.
 */
export const collections = pgTable(
  'collections',
  {
    /** `collect:INV-2027-00017:1`, `checkout:INV-2027-00017:1`: the provider's idempotency key too. */
    collection: text('collection').primaryKey(),
    kind: text('kind', { enum: ['checkout', 'charge'] }).notNull(),
    provider: text('provider').notNull(),
    invoice: text('invoice')
      .notNull()
      .references(() => invoices.invoice),
    account: text('account').notNull(),
    ordinal: integer('ordinal').notNull(),
    /** The provider's id of it, once it is known: `cs_…`, `pi_…`. */
    reference: text('reference'),
    /** The key of the payment that it made (`stripe:pi_…`), once it is known. */
    payment: text('payment'),
    method: text('method'),
    amountMinor: minor('amount_minor').notNull(),
    currency: text('currency').notNull(),
    /** `begun`: nobody knows yet what came of it. `processing`: a debit that the bank has not answered. */
    state: text('state', {
      enum: ['begun', 'open', 'processing', 'succeeded', 'failed', 'closed'],
    }).notNull(),
    /** The provider's code for why it failed, or our word for why it was closed. */
    reason: text('reason'),
    askedOn: civilDate('asked_on').notNull(),
    /** When to look or to try again; null: not by itself. */
    nextOn: civilDate('next_on'),
    createdAt: createdAt(),
  },
  (table) => [
    index('collections_invoice').on(table.invoice),
    index('collections_reference').on(table.reference),
  ],
);

/** The split of payments and unapplied credit over invoice lines. A reversal is a row of its own with a negative amount. */
export const paymentAllocations = pgTable(
  'payment_allocations',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    payment: text('payment')
      .notNull()
      .references(() => payments.payment),
    invoice: text('invoice')
      .notNull()
      .references(() => invoices.invoice),
    /** Null where an imported allocation names no line; `costs` and `interest` as in an allocation answer. */
    line: text('line'),
    amountMinor: minor('amount_minor').notNull(),
    discountMinor: minor('discount_minor').notNull().default(0),
    writtenOffMinor: minor('written_off_minor').notNull().default(0),
    /** What a person said of the rest (§7): tax that the payer withheld for the tax office, and what banks kept on the way. */
    withheldMinor: minor('withheld_minor').notNull().default(0),
    bankFeeMinor: minor('bank_fee_minor').notNull().default(0),
    /**
     * What made it: a matching rule (explicit, reference, …), `person`, `credit`, `imported`, `implied` (an imported
     * payment names just one invoice), or `reversal`.
     */
    rule: text('rule').notNull(),
    imported: jsonb('imported').$type<ImportedDocument>(),
    allocatedOn: civilDate('allocated_on').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index('payment_allocations_invoice').on(table.invoice),
    index('payment_allocations_payment').on(table.payment),
  ],
);

/** What of a credit note settles what of an invoice. Both stay in receivable, so the ledger does not move. */
export const creditApplications = pgTable(
  'credit_applications',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    creditNote: text('credit_note')
      .notNull()
      .references(() => invoices.invoice),
    creditLine: text('credit_line').notNull(),
    invoice: text('invoice')
      .notNull()
      .references(() => invoices.invoice),
    line: text('line').notNull(),
    /** Positive: taken off the invoice's line, given back to the note's. */
    amountMinor: minor('amount_minor').notNull(),
    appliedOn: civilDate('applied_on').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index('credit_applications_note').on(table.creditNote),
    index('credit_applications_invoice').on(table.invoice),
  ],
);

// ---------------------------------------------------------------- the ledger (billing rules §10)

export const ledgerEntries = pgTable('ledger_entries', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  /** The event's business key: posting the same event again is refused by this. */
  key: text('key').notNull().unique(),
  entity: text('entity').notNull(),
  postedOn: civilDate('posted_on').notNull(),
  description: text('description').notNull(),
  createdAt: createdAt(),
});

/** Debit positive, credit negative; the postings of an entry sum to zero per currency (a deferred trigger enforces it). */
export const ledgerPostings = pgTable(
  'ledger_postings',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    entry: bigint('entry', { mode: 'number' })
      .notNull()
      .references(() => ledgerEntries.id),
    ledgerAccount: text('ledger_account').notNull(),
    currency: text('currency').notNull(),
    amountMinor: minor('amount_minor').notNull(),
    account: text('account'),
    invoice: text('invoice'),
    line: text('line'),
  },
  (table) => [
    index('ledger_postings_entry').on(table.entry),
    index('ledger_postings_invoice').on(table.invoice),
    index('ledger_postings_account').on(table.ledgerAccount, table.account),
  ],
);

/** Bank statements taken in, by their identity: what the bank says our balance is (billing rules §10). */
export const bankStatements = pgTable(
  'bank_statements',
  {
    statement: text('statement').primaryKey(),
    /** Our account: IBAN, or what the bank calls it. */
    bankAccount: text('bank_account').notNull(),
    currency: text('currency').notNull(),
    /** Null where the format states no balances. */
    openingMinor: minor('opening_minor'),
    closingMinor: minor('closing_minor'),
    closingOn: civilDate('closing_on').notNull(),
    importId: text('import_id').notNull(),
    createdAt: createdAt(),
  },
  (table) => [index('bank_statements_account').on(table.bankAccount, table.closingOn)],
);

/**
 * Which account pays from which bank account, learnt from people's decisions. One that paid for several accounts says
 * nothing about the next payment.
 */
export const payerAccounts = pgTable(
  'payer_accounts',
  {
    /** IBAN without spaces, or what the bank gives instead. */
    bankAccount: text('bank_account').notNull(),
    account: text('account').notNull(),
    /** The payment whose case a person decided. */
    payment: text('payment').notNull(),
    learntBy: text('learnt_by').notNull(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.bankAccount, table.account] })],
);

/** The day through which an entity's books are closed; months closed by name are in closed_periods. */
export const closedDays = pgTable('closed_days', {
  entity: text('entity').primaryKey(),
  closedThrough: civilDate('closed_through').notNull(),
  closedAt: instant('closed_at').notNull().defaultNow(),
  closedBy: text('closed_by').notNull(),
});

export const closedPeriods = pgTable(
  'closed_periods',
  {
    entity: text('entity').notNull(),
    month: text('month').notNull(),
    closedAt: instant('closed_at').notNull().defaultNow(),
    closedBy: text('closed_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.entity, table.month] })],
);

// ---------------------------------------------------------------- bill runs and approvals

export const billRuns = pgTable('bill_runs', {
  /** The month, `2026-11`; a rehearsal's run adds its clock: `2026-11@DEMO`. */
  run: text('run').primaryKey(),
  runOn: civilDate('run_on').notNull(),
  clock: text('clock'),
  state: text('state', {
    enum: [
      'computing',
      'in_review',
      'submitted',
      'approved',
      'issuing',
      'issued',
      'refused',
      'failed',
    ],
  }).notNull(),
  /** Who submitted it (maker) and who decided (checker): never the same person while four eyes are on. */
  maker: text('maker'),
  checker: text('checker'),
  /** Hash of what was shown to the approver; the approval binds to it. */
  shownHash: text('shown_hash'),
  control: jsonb('control').$type<Record<string, unknown>>(),
  warnings: jsonb('warnings').$type<string[]>().notNull().default([]),
  reason: text('reason'),
  issuedCount: integer('issued_count').notNull().default(0),
  failedCount: integer('failed_count').notNull().default(0),
  startedAt: instant('started_at').notNull().defaultNow(),
  /** When the book was read that its items rest on; null for runs of before this was kept. */
  computedAt: instant('computed_at'),
  finishedAt: instant('finished_at'),
});

/** One row for each document that the run would issue, or each contract that it holds or sets aside. */
export const billRunItems = pgTable(
  'bill_run_items',
  {
    run: text('run')
      .notNull()
      .references(() => billRuns.run, { onDelete: 'cascade' }),
    /** The document's key (`invoice:C-1042:2027-01`), `held:…` or `set-aside:…`. */
    item: text('item').notNull(),
    kind: text('kind', {
      enum: ['invoice', 'credit_note', 'held', 'set_aside', 'carried'],
    }).notNull(),
    decision: text('decision', { enum: ['include', 'exclude', 'hold'] })
      .notNull()
      .default('include'),
    reason: text('reason'),
    code: text('code'),
    entity: text('entity'),
    account: text('account'),
    contract: text('contract'),
    currency: text('currency'),
    netMinor: minor('net_minor').notNull().default(0),
    taxMinor: minor('tax_minor').notNull().default(0),
    totalMinor: minor('total_minor').notNull().default(0),
    lastYearNetMinor: minor('last_year_net_minor'),
    lastMonthNetMinor: minor('last_month_net_minor'),
    /** The computed document, a `BillDocument` of domain/bill-run, with its lines and their derivations. */
    document: jsonb('document').$type<unknown>(),
    state: text('state', { enum: ['computed', 'issued', 'failed', 'left_out'] })
      .notNull()
      .default('computed'),
    invoice: text('invoice'),
    failure: text('failure'),
  },
  (table) => [
    primaryKey({ columns: [table.run, table.item] }),
    index('bill_run_items_contract').on(table.contract),
  ],
);

export const approvals = pgTable('approvals', {
  approval: text('approval').primaryKey(),
  subject: text('subject').notNull(),
  action: text('action').notNull(),
  maker: text('maker').notNull(),
  checker: text('checker'),
  state: text('state', { enum: ['waiting', 'approved', 'refused', 'withdrawn'] }).notNull(),
  shownHash: text('shown_hash').notNull(),
  summary: text('summary').notNull(),
  reason: text('reason'),
  createdAt: createdAt(),
  decidedAt: instant('decided_at'),
});

// ---------------------------------------------------------------- processes' records

/** Exactly once: every external effect under its business key, with a hash of its input (docs: connectors A0). */
export const effects = pgTable('effects', {
  key: text('key').primaryKey(),
  system: text('system').notNull(),
  inputHash: text('input_hash').notNull(),
  state: text('state', { enum: ['pending', 'ok', 'rejected', 'unknown'] }).notNull(),
  result: jsonb('result').$type<unknown>(),
  attempts: integer('attempts').notNull().default(0),
  firstAttemptAt: instant('first_attempt_at').notNull().defaultNow(),
  finishedAt: instant('finished_at'),
});

export const mails = pgTable(
  'mails',
  {
    key: text('key').primaryKey(),
    kind: text('kind').notNull(),
    account: text('account'),
    contract: text('contract'),
    invoice: text('invoice'),
    recipients: text('recipients').array().notNull(),
    subject: text('subject').notNull(),
    messageId: text('message_id').notNull(),
    state: text('state', { enum: ['sending', 'sent', 'rejected', 'unknown'] }).notNull(),
    reason: text('reason'),
    /** The day it went out in the world that its workflow lives in (a test clock's day in a rehearsal). */
    sentOn: civilDate('sent_on').notNull(),
    sentAt: instant('sent_at'),
    /** When its last attempt began: what a provider tells of an earlier one is not about this one. */
    attemptedAt: instant('attempted_at').notNull().defaultNow(),
    /** What the mail server or provider calls it, where its answer said so. */
    providerId: text('provider_id'),
    createdAt: createdAt(),
  },
  (table) => [
    index('mails_account').on(table.account),
    index('mails_invoice').on(table.invoice),
    index('mails_message_id').on(table.messageId),
    index('mails_provider_id').on(table.providerId),
  ],
);

/**
 * What became of a mail at each of its recipients, as a provider's events, a bounce mail or the first server's answer told.
 * A state only goes up (delayed, delivered, bounced, complained), so that the order in which events come makes no difference.
 */
export const mailDeliveries = pgTable(
  'mail_deliveries',
  {
    mail: text('mail')
      .notNull()
      .references(() => mails.key, { onDelete: 'cascade' }),
    /** In lower case. */
    address: text('address').notNull(),
    state: text('state', { enum: ['delayed', 'delivered', 'bounced', 'complained'] }).notNull(),
    /** The enhanced status code (RFC 3463), such as 5.1.1, where one was told. */
    status: text('status'),
    reason: text('reason'),
    /** When it happened, as told. */
    happenedAt: instant('happened_at').notNull(),
    source: text('source', { enum: ['server', 'provider', 'bounce-mail'] }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.mail, table.address] }),
    index('mail_deliveries_address').on(table.address),
  ],
);

/** What happened to a contract, in words a finance person reads; the dashboard's timeline. */
export const timelineEvents = pgTable(
  'timeline_events',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    /** Makes a retried step write one line. */
    key: text('key').notNull().unique(),
    contract: text('contract'),
    account: text('account'),
    happenedOn: civilDate('happened_on').notNull(),
    kind: text('kind').notNull(),
    words: text('words').notNull(),
    /** What it is about: {invoice, payment, license, mail, document}. */
    references: jsonb('references').$type<Record<string, string>>().notNull().default({}),
    createdAt: createdAt(),
  },
  (table) => [index('timeline_contract').on(table.contract, table.happenedOn)],
);

/** Where each contract stands, written by its workflow for lists and pages: the state in words and the next step. */
export const contractStates = pgTable('contract_states', {
  contract: text('contract').primaryKey(),
  state: text('state').notNull(),
  words: text('words').notNull(),
  nextStep: text('next_step'),
  nextStepOn: civilDate('next_step_on'),
  /** Set while a step waits for a person: the cause in words. */
  needsAttention: text('needs_attention'),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});

/**
 * Licenses that we issued (the book's `licenses` table holds them too, as rows of fact). A key is sealed: only a process
 * that has the installation's secret can read it; it is found again by its fingerprint.
 */
export const licenseKeys = pgTable(
  'license_keys',
  {
    license: text('license').primaryKey(),
    account: text('account').notNull(),
    /** Null for an evaluation, which comes before any contract. */
    contract: text('contract'),
    subcontract: text('subcontract'),
    sku: text('sku').notNull(),
    edition: text('edition').notNull(),
    features: text('features').array().notNull().default([]),
    seats: integer('seats').notNull(),
    kind: text('kind', { enum: ['full', 'temporary', 'evaluation'] }).notNull(),
    state: text('state', { enum: ['enabled', 'suspended', 'superseded', 'revoked'] }).notNull(),
    validFrom: civilDate('valid_from').notNull(),
    validThrough: civilDate('valid_through').notNull(),
    /** Sealed; never plain text. */
    key: text('key').notNull(),
    /** SHA-256 of the signed claims (of the key itself where another system made it), in hexadecimal. */
    fingerprint: text('fingerprint').notNull(),
    /** Its last characters, by which people tell keys apart. */
    keyEnd: text('key_end').notNull(),
    /** 1, and one more each time a key of this subcontract leaked and was replaced. */
    issueNumber: integer('issue_number').notNull().default(1),
    cause: text('cause').notNull(),
    supersededBy: text('superseded_by'),
    /** The mail that carried it to the customer. */
    mail: text('mail'),
    issuedOn: civilDate('issued_on').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index('license_keys_subcontract').on(table.subcontract),
    index('license_keys_fingerprint').on(table.fingerprint),
  ],
);

/** How each license came to where it is: cause, who and when. Rows are only added. */
export const licenseTransitions = pgTable(
  'license_transitions',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    license: text('license').notNull(),
    action: text('action', {
      enum: ['issue', 'supersede', 'suspend', 'reinstate', 'revoke'],
    }).notNull(),
    state: text('state', { enum: ['enabled', 'suspended', 'superseded', 'revoked'] }).notNull(),
    cause: text('cause').notNull(),
    /** A person's user id, or `perennial` where a rule did it by itself. */
    actor: text('actor').notNull(),
    /** The day in the world of its contract (a test clock's in a rehearsal). */
    happenedOn: civilDate('happened_on').notNull(),
    note: text('note'),
    /** Supersede only: what took its place. */
    replacedBy: text('replaced_by'),
    createdAt: createdAt(),
  },
  (table) => [index('license_transitions_license').on(table.license)],
);

/** Grace that a person granted beyond the rules, with the reason (billing rules §6). */
export const graceGrants = pgTable(
  'grace_grants',
  {
    grace: text('grace').primaryKey(),
    account: text('account').notNull(),
    contract: text('contract').notNull(),
    /** Null: every subcontract of the contract. */
    subcontract: text('subcontract'),
    through: civilDate('through').notNull(),
    reason: text('reason').notNull(),
    grantedBy: text('granted_by').notNull(),
    grantedOn: civilDate('granted_on').notNull(),
    createdAt: createdAt(),
  },
  (table) => [index('grace_grants_contract').on(table.contract)],
);

/** A change that a customer proposed to their own record; nothing changes before a person accepts it. */
export interface ProposedChange {
  readonly table: 'accounts' | 'contacts';
  /** A contact's mail address; null for the account itself. */
  readonly contact: string | null;
  readonly column: string;
  readonly from: string | null;
  readonly to: string | null;
}
export const corrections = pgTable(
  'corrections',
  {
    correction: text('correction').primaryKey(),
    account: text('account').notNull(),
    state: text('state', { enum: ['waiting', 'accepted', 'refused'] }).notNull(),
    changes: jsonb('changes').$type<readonly ProposedChange[]>().notNull(),
    /** What the customer wrote besides. Text, never markup. */
    remark: text('remark'),
    proposedOn: civilDate('proposed_on').notNull(),
    decidedBy: text('decided_by'),
    decidedOn: civilDate('decided_on'),
    reason: text('reason'),
    createdAt: createdAt(),
  },
  (table) => [index('corrections_account').on(table.account, table.state)],
);

export const renewals = pgTable(
  'renewals',
  {
    /** `renewal:C-1042:2027-12-01`: the contract and the first day of the next term. */
    renewal: text('renewal').primaryKey(),
    contract: text('contract').notNull(),
    account: text('account').notNull(),
    termStart: civilDate('term_start').notNull(),
    termEnd: civilDate('term_end').notNull(),
    state: text('state', {
      enum: ['drawn_up', 'sent', 'accepted', 'declined', 'lapsed'],
    }).notNull(),
    currency: text('currency').notNull(),
    valueMinor: minor('value_minor').notNull(),
    previousValueMinor: minor('previous_value_minor').notNull(),
    agreement: jsonb('agreement').$type<unknown>().notNull(),
    decidedOn: civilDate('decided_on'),
    decidedBy: text('decided_by'),
    createdAt: createdAt(),
  },
  (table) => [index('renewals_contract').on(table.contract)],
);

/** The built-in CRM's notes: what was written back on an account or opportunity. */
export const crmNotes = pgTable(
  'crm_notes',
  {
    key: text('key').primaryKey(),
    account: text('account').notNull(),
    contract: text('contract'),
    subject: text('subject').notNull(),
    body: text('body').notNull(),
    notedOn: civilDate('noted_on').notNull(),
    createdAt: createdAt(),
  },
  (table) => [index('crm_notes_account').on(table.account)],
);

/** Test clocks: the day it is for the accounts that live on one (glossary: test clock). */
export const clocks = pgTable('clocks', {
  clock: text('clock').primaryKey(),
  today: civilDate('today').notNull(),
  createdAt: createdAt(),
});
export const clockAccounts = pgTable('clock_accounts', {
  account: text('account').primaryKey(),
  clock: text('clock')
    .notNull()
    .references(() => clocks.clock, { onDelete: 'cascade' }),
});

export const imports = pgTable('imports', {
  id: text('id').primaryKey(),
  source: text('source').notNull(),
  rows: jsonb('rows')
    .$type<Record<string, { added: number; changed: number; same: number }>>()
    .notNull(),
  importedBy: text('imported_by').notNull(),
  importedAt: instant('imported_at').notNull().defaultNow(),
  /** Of a book: a hash per table of the rows it wrote, by which an undo sees that they are still what they were. */
  rowHashes: jsonb('row_hashes').$type<Record<string, string>>(),
  undoneAt: instant('undone_at'),
  undoneBy: text('undone_by'),
});

/** Rows as they were before an import changed them, whole; an undo puts them back. */
export const importBefore = pgTable(
  'import_before',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    importId: text('import_id').notNull(),
    tableName: text('table_name').notNull(),
    row: jsonb('row').$type<Record<string, unknown>>().notNull(),
  },
  (table) => [index('import_before_import').on(table.importId, table.tableName)],
);

// ---------------------------------------------------------------- people, access, audit

export const users = pgTable(
  'users',
  {
    id: text('id').primaryKey(),
    email: text('email').notNull(),
    name: text('name').notNull(),
    role: text('role', {
      enum: ['viewer', 'support', 'biller', 'approver', 'admin', 'auditor', 'service'],
    }).notNull(),
    /** argon2id; null until the person has chosen one. */
    passwordHash: text('password_hash'),
    disabledAt: instant('disabled_at'),
    createdAt: createdAt(),
  },
  (table) => [uniqueIndex('users_email').on(sql`lower(${table.email})`)],
);

/** Sessions by the SHA-256 of their cookie's token: the token itself is never stored. */
export const sessions = pgTable('sessions', {
  tokenHash: text('token_hash').primaryKey(),
  user: text('user')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  csrfToken: text('csrf_token').notNull(),
  createdAt: createdAt(),
  expiresAt: instant('expires_at').notNull(),
});

/** One-time sign-in links: shown once, used up by a POST. */
export const signInLinks = pgTable('sign_in_links', {
  tokenHash: text('token_hash').primaryKey(),
  user: text('user')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  createdAt: createdAt(),
  expiresAt: instant('expires_at').notNull(),
  usedAt: instant('used_at'),
});

export const apiKeys = pgTable('api_keys', {
  id: text('id').primaryKey(),
  tokenHash: text('token_hash').notNull().unique(),
  user: text('user')
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  createdAt: createdAt(),
  lastUsedAt: instant('last_used_at'),
  revokedAt: instant('revoked_at'),
});

/** First answers of writes that came with an Idempotency-Key. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    key: text('key').notNull(),
    user: text('user').notNull(),
    requestHash: text('request_hash').notNull(),
    status: integer('status'),
    body: jsonb('body').$type<unknown>(),
    createdAt: createdAt(),
  },
  (table) => [primaryKey({ columns: [table.user, table.key] })],
);

/** Who did what, chained by hashes so that a changed row is noticed (`audit verify`). */
export const auditEvents = pgTable('audit_events', {
  seq: bigserial('seq', { mode: 'number' }).primaryKey(),
  at: instant('at').notNull().defaultNow(),
  actor: text('actor').notNull(),
  role: text('role').notNull(),
  action: text('action').notNull(),
  subject: text('subject').notNull(),
  reason: text('reason'),
  details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
  previousHash: text('previous_hash').notNull(),
  hash: text('hash').notNull(),
});

/** What the register of VAT numbers answered, each time it was asked: the proof that reverse charge rests on. */
export const vatValidations = pgTable(
  'vat_validations',
  {
    seq: bigserial('seq', { mode: 'number' }).primaryKey(),
    /** With the country code: "ATU33864707". */
    vatNumber: text('vat_number').notNull(),
    answer: text('answer', { enum: ['valid', 'invalid', 'unknown'] }).notNull(),
    checkedAt: instant('checked_at').notNull(),
  },
  (table) => [index('vat_validations_number').on(table.vatNumber, table.checkedAt)],
);

/** Settings of the installation: four-eyes, company-wide policies, secrets' public halves. */
export const settings = pgTable('settings', {
  name: text('name').primaryKey(),
  value: jsonb('value').$type<unknown>().notNull(),
  changedBy: text('changed_by').notNull(),
  changedAt: instant('changed_at').notNull().defaultNow(),
});

/**
 * Accounts merged into another: their facts moved, what was issued and booked stays theirs (docs/decisions/account-merges.md).
 * Rows are only added; `survivor` alone moves on where that account is merged in its turn.
 */
export const accountMerges = pgTable(
  'account_merges',
  {
    account: text('account').primaryKey(),
    mergedInto: text('merged_into').notNull(),
    /** The account that answers for it today: the end of the chain. */
    survivor: text('survivor').notNull(),
    mergedOn: civilDate('merged_on').notNull(),
    /** Who asked for it, and why. The second person stands with the approval. */
    mergedBy: text('merged_by').notNull(),
    reason: text('reason').notNull(),
    /** How many rows of each table moved. */
    moved: jsonb('moved').$type<Readonly<Record<string, number>>>().notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    index('account_merges_survivor').on(table.survivor),
    check('account_merges_other', sql`${table.account} <> ${table.survivor}`),
  ],
);

// ---------------------------------------------------------------- findings (domain/findings/life.ts)

/** A discrepancy is one row however often it is seen: `key` is its identity, `number` what people call it (F-17). */
export const findings = pgTable(
  'findings',
  {
    number: bigserial('number', { mode: 'number' }).primaryKey(),
    key: text('key').notNull().unique(),
    rule: text('rule').notNull(),
    severity: text('severity').notNull(),
    account: text('account'),
    contract: text('contract'),
    subcontract: text('subcontract'),
    currency: text('currency'),
    /** As it was seen last, signed as in `book findings`; kept when it is resolved. */
    amountMinor: minor('amount_minor').notNull(),
    /** The finding as the rule told it last: evidence, suggestion, actions. */
    told: jsonb('told').$type<unknown>().notNull(),
    state: text('state', {
      enum: ['new', 'assigned', 'accepted', 'resolved', 'recurring'],
    }).notNull(),
    owner: text('owner'),
    reason: text('reason'),
    acceptedUntil: civilDate('accepted_until'),
    openMinor: minor('open_minor').notNull(),
    foundMinor: minor('found_minor').notNull(),
    recoveredMinor: minor('recovered_minor').notNull(),
    preventedMinor: minor('prevented_minor').notNull(),
    correctedMinor: minor('corrected_minor').notNull(),
    issuedMinor: minor('issued_minor'),
    timesFound: integer('times_found').notNull(),
    firstFoundOn: civilDate('first_found_on').notNull(),
    lastSeenOn: civilDate('last_seen_on').notNull(),
    resolvedOn: civilDate('resolved_on'),
  },
  (table) => [
    index('findings_state').on(table.state, table.rule),
    index('findings_account').on(table.account),
    index('findings_contract').on(table.contract),
    check(
      'findings_money',
      sql`${table.foundMinor} = ${table.openMinor} + ${table.recoveredMinor} + ${table.preventedMinor} + ${table.correctedMinor}`,
    ),
  ],
);

/** What happened to a finding: who, when, why, and the money that it made. Rows are only added. */
export const findingEvents = pgTable(
  'finding_events',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    finding: bigint('finding', { mode: 'number' })
      .notNull()
      .references(() => findings.number),
    kind: text('kind').notNull(),
    /** A person's user id, or `perennial` where a pass saw it. */
    actor: text('actor').notNull(),
    happenedOn: civilDate('happened_on').notNull(),
    at: instant('at').notNull().defaultNow(),
    reason: text('reason'),
    openMinor: minor('open_minor').notNull(),
    recoveredMinor: minor('recovered_minor').notNull().default(0),
    preventedMinor: minor('prevented_minor').notNull().default(0),
    correctedMinor: minor('corrected_minor').notNull().default(0),
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
  },
  (table) => [index('finding_events_finding').on(table.finding, table.id)],
);

/** When each comparison was made last, and why it was not since: what could not be compared is never "all fine". */
export const findingChecks = pgTable('finding_checks', {
  /** A rule's name in the catalogue, or `source:crm` for all that a system would have told. */
  comparison: text('comparison').primaryKey(),
  checkedOn: civilDate('checked_on'),
  checkedAt: instant('checked_at'),
  /** Set while the last pass could not compare it. */
  failedAt: instant('failed_at'),
  cause: text('cause'),
});

/** Every pass over the books. */
export const findingPasses = pgTable('finding_passes', {
  id: bigserial('id', { mode: 'number' }).primaryKey(),
  cause: text('cause', {
    enum: ['nightly', 'bill-run', 'import', 'demand', 'after-action'],
  }).notNull(),
  asOf: civilDate('as_of').notNull(),
  at: instant('at').notNull().defaultNow(),
  seenCount: integer('seen_count').notNull(),
  newCount: integer('new_count').notNull(),
  closedCount: integer('closed_count').notNull(),
  uncheckedCount: integer('unchecked_count').notNull(),
});

/** Readings of outside systems, and exports that people brought: when, how much, and why one did not come to its end. */
export const outsideReadings = pgTable(
  'outside_readings',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    /** Who asked for it: the same key again goes on with the same reading. */
    key: text('key').notNull().unique(),
    source: text('source', { enum: ['accounting', 'crm'] }).notNull(),
    /** `tryton`, `hubspot`; `export` for what people bring as files. */
    system: text('system').notNull(),
    state: text('state', { enum: ['running', 'complete', 'failed'] }).notNull(),
    /** Only what changed since then was asked for; null: all of it. */
    changedSince: instant('changed_since'),
    /** Documents, payments and deals of earlier days are not in it; null: of any day. */
    fromDay: civilDate('from_day'),
    /** The day that its records tell of: the day of reading, or what the export says of itself. */
    asOf: civilDate('as_of').notNull(),
    /** Where to go on: the list and its page; null at the beginning and after the end. */
    place: jsonb('place').$type<{ readonly list: string; readonly cursor: string | null }>(),
    recordCount: integer('record_count').notNull().default(0),
    fileName: text('file_name'),
    /** A user's id; `perennial` where the night asked. */
    askedBy: text('asked_by').notNull(),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at'),
    reason: text('reason'),
  },
  (table) => [index('outside_readings_source').on(table.source, table.id)],
);

/** What outside systems hold, as it was read last (domain/findings/outside.ts). */
export const outsideRecords = pgTable(
  'outside_records',
  {
    source: text('source', { enum: ['accounting', 'crm'] }).notNull(),
    system: text('system').notNull(),
    list: text('list', { enum: ['customers', 'documents', 'payments', 'deals'] }).notNull(),
    /** Its id there. */
    id: text('id').notNull(),
    record: jsonb('record').$type<unknown>().notNull(),
    /** The reading that saw it last. */
    reading: bigint('reading', { mode: 'number' })
      .notNull()
      .references(() => outsideReadings.id),
    readAt: instant('read_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.source, table.system, table.list, table.id] })],
);

/** A question to an account's owner, answered behind a signed link in the mail. */
export const findingQuestions = pgTable(
  'finding_questions',
  {
    question: text('question').primaryKey(),
    finding: bigint('finding', { mode: 'number' })
      .notNull()
      .references(() => findings.number),
    recipient: text('recipient').notNull(),
    words: text('words').notNull(),
    askedBy: text('asked_by').notNull(),
    askedOn: civilDate('asked_on').notNull(),
    answer: text('answer'),
    answeredAt: instant('answered_at'),
    createdAt: createdAt(),
  },
  (table) => [index('finding_questions_finding').on(table.finding)],
);
