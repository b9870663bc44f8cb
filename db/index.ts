/**
 * The database, as everybody else sees it. SQL lives nowhere else.
 *
 *     const { db, close } = connect(databaseUrl, { max: 10 });   // db/connect.ts
 *     await migrate(databaseUrl);                                // db/migrate.ts, idempotent, under a lock
 *
 * Every query takes `db: Db` first: the pool, or a transaction (`db.transaction(async (tx) => …)`) to do several things at
 * once. What a rule refuses is a {@link Refusal} with a stable `code`. By subject:
 *
 * - queries/account-closing.ts: Closing a customer, and opening it again.
 * - queries/account-merges.ts: Accounts merged into another, and who answers for them since.
 * - queries/approval-policy.ts: Runs that a rule of the house approves by itself.
 * - queries/approvals.ts: Approvals besides bill runs: credits, write-offs, refunds, bank details.
 * - queries/audit.ts: The audit trail: a chain of hashes, so that a changed or removed row is noticed.
 * - queries/bank.ts: Bank statements, payers' bank accounts, the bank's balance against the ledger's (billing rules §7, §10).
 * - queries/billing.ts: The record of bill runs: computed, decided, submitted, approved, issued (billing rules §4).
 * - queries/closing.ts: Closing days and months of the books (billing rules §10).
 * - queries/clocks.ts: Test clocks: rehearsals with copies of accounts, and their removal (glossary: test clock).
 * - queries/collections.ts: Asking for money at a payment provider: stored methods, checkouts, charges.
 * - queries/company.ts: The selling companies as their own people set them up.
 * - queries/contracts.ts: Contracts as processes and pages need them: facts of one, its state in words, changes to it.
 * - queries/corrections.ts: What customers propose to change in their own record.
 * - queries/credit-use.ts: Which payments may pay an invoice that was issued after they came (billing rules §7).
 * - queries/credits.ts: Credit notes against invoices: what of a note settles what of an invoice.
 * - queries/crm-notes.ts: Notes of the built-in CRM.
 * - queries/documents.ts: Rendered papers by key (`invoice:C-1042:2027-01:pdf`).
 * - queries/effects.ts: Exactly once: external effects by business key (docs/rules design "Exactly once", connectors A0).
 * - queries/entity-moves.ts: Accounts moved to another of our entities, from a day on.
 * - queries/facts.ts: Facts: the contract book in the database, in and out, and single rows of it for the API.
 * - queries/findings.ts: Findings and their lives: passes over the books, people's decisions, what was found and made.
 * - queries/grace.ts: Grace that a person granted beyond the rules.
 * - queries/idempotency.ts: First answers of writes that came with an Idempotency-Key.
 * - queries/import-summary.ts: What an import would do, said before it is done.
 * - queries/import-undo.ts: Taking back the last import of a book while nothing rests on it.
 * - queries/invoice-register.ts: The register of issued documents.
 * - queries/invoices.ts: Issued documents: reading them, and the few columns of them that move.
 * - queries/issue.ts: Issuing: number, document, lines, ledger entry and the run's item in one transaction (billing rules §4, §10).
 * - queries/late-charges.ts: What late charges are computed from, and what was charged before.
 * - queries/ledger.ts: The books: entries, trial balance, balances, exports (billing rules §10). Pure postings are in domain/ledger.
 * - queries/licenses.ts: Licenses that we issued: our keys and, in step with them, the book's `licenses` rows.
 * - queries/lists.ts: Lists for the API and pages: one filtered, sorted, cursor-paged reader for every noun.
 * - queries/mail-deliveries.ts: What became of mails at their recipients.
 * - queries/mails.ts: Mails that went out, by business key.
 * - queries/merged-accounts.ts: Who answers for an account that was merged.
 * - queries/next-run.ts: When the next bill run is.
 * - queries/off-cycle.ts: Runs of one contract between the months' runs: what is agreed along with one, and taking one back.
 * - queries/outside-readings.ts: What accounting and CRM hold, as it was read there last.
 * - queries/payment-exchange.ts: A payment in another currency than its invoice's: a person says what it counts as (billing rules §7).
 * - queries/payments.ts: Money in: inbox, payments, allocation over lines, reversal (billing rules §7).
 * - queries/received-papers.ts: Papers that customers sent: remittance advices and purchase orders.
 * - queries/receivables.ts: Who owes us: aging and the rows of the Receivables page.
 * - queries/refunds.ts: Refunds as they are booked, and taken back where the money did not reach the payer.
 * - queries/renewals.ts: Renewal agreements.
 * - queries/run-overlaps.ts: Runs beside one another: what is due is billed by one of them.
 * - queries/sample-removal.ts: The samples of a first start, and taking them out again.
 * - queries/settings.ts: Settings of the installation.
 * - queries/settling.ts: What of an allocation lowers what is open of its line.
 * - queries/timeline.ts: What happened to a contract, in words.
 * - queries/users.ts: People and services: users, sessions, one-time sign-in links, API keys. Only hashes of tokens are stored.
 * - queries/vat-validations.ts: Answers of the register of VAT numbers.
 *
 * Amounts are integer minor units (`…Minor`); days are `YYYY-MM-DD`; instants are Dates. Only allocation cases
 * (`OpenInvoice`, `PaymentLine`) keep the names of docs/rules/interfaces, without the unit.
 */
export { type Connection, type ConnectOptions, connect, type Db } from './connect.ts';
export { diskFull } from './disk-full.ts';
export { type FirstBook, firstImport } from './first-import.ts';
export { migrate } from './migrate.ts';
export * from './queries/account-closing.ts';
export * from './queries/account-merges.ts';
export * from './queries/approval-policy.ts';
export * from './queries/approvals.ts';
export * from './queries/audit.ts';
export * from './queries/bank.ts';
export * from './queries/billing.ts';
export * from './queries/clocks.ts';
export { type Closings, closings, closingsOfAll } from './queries/closed-periods.ts';
export * from './queries/closing.ts';
export * from './queries/collections.ts';
export * from './queries/company.ts';
export * from './queries/contracts.ts';
export * from './queries/corrections.ts';
export { paymentsUsableFor } from './queries/credit-use.ts';
export * from './queries/credits.ts';
export * from './queries/crm-notes.ts';
export * from './queries/documents.ts';
export * from './queries/effects.ts';
export * from './queries/entity-moves.ts';
export * from './queries/facts.ts';
export * from './queries/findings.ts';
export * from './queries/grace.ts';
export * from './queries/idempotency.ts';
export * from './queries/import-summary.ts';
export * from './queries/import-undo.ts';
export * from './queries/invoice-register.ts';
export * from './queries/invoices.ts';
export * from './queries/issue.ts';
export * from './queries/late-charges.ts';
export * from './queries/ledger.ts';
export * from './queries/licenses.ts';
export * from './queries/lists.ts';
export * from './queries/mail-deliveries.ts';
export * from './queries/mails.ts';
export * from './queries/merged-accounts.ts';
export * from './queries/next-run.ts';
export * from './queries/off-cycle.ts';
export * from './queries/outside-readings.ts';
export {
  type ExchangeInput,
  exchangedFrom,
  exchangeInWords,
  exchangePayment,
  whyNotOverProvider,
} from './queries/payment-exchange.ts';
export * from './queries/payments.ts';
export * from './queries/receivables.ts';
export * from './queries/received-papers.ts';
export * from './queries/refunds.ts';
export * from './queries/renewals.ts';
export { documentsBesides, openRunsOf, type RunSubject } from './queries/run-overlaps.ts';
export * from './queries/sample-removal.ts';
export * from './queries/settings.ts';
export * from './queries/timeline.ts';
export * from './queries/users.ts';
export * from './queries/vat-validations.ts';
export { type Actor, type DbRefusalCode, Refusal } from './refusal.ts';
