/** What our own record holds besides the contract book, as findings compare it: mails that came back, and the ledger. */
import { sql } from 'drizzle-orm';
import type { LedgerRecords, MailRecords } from '../../domain/findings/outside.ts';
import { LEDGER_ACCOUNTS } from '../../domain/ledger/postings.ts';
import type { Db } from '../connect.ts';

/**
 * Addresses whose last mail was refused. A mail to several people says nothing about one of them, unless the refusal names
 * the address.
 */
export async function mailBounces(db: Db): Promise<MailRecords['bounces']> {
  const rows = await db.execute<{ address: string; on: string; reason: string | null }>(sql`
    with deliveries as (
      select lower(recipient) as address, m.state, m.reason, m.sent_on, m.created_at
        from mails m, unnest(m.recipients) recipient
       where m.state = 'sent' or (m.state = 'rejected' and
             (cardinality(m.recipients) = 1 or position(lower(recipient) in lower(m.reason)) > 0)))
    select address, sent_on::text as on, reason from (
      select distinct on (address) * from deliveries order by address, created_at desc) last
     where state = 'rejected' order by address`);
  return rows.map(({ address, on, reason }) => ({ address, bouncedOn: on, reason }));
}

/** Entries that do not come to zero, and accounts whose receivable is not the sum of their open documents. */
export async function ledgerRecords(db: Db): Promise<LedgerRecords> {
  const entries = await db.execute<{
    entry: string;
    currency: string;
    sum: string;
    document: string | null;
  }>(sql`
    select e.key as entry, p.currency, sum(p.amount_minor)::text as sum, min(p.invoice) as document
      from ledger_postings p join ledger_entries e on e.id = p.entry
     group by 1, 2 having sum(p.amount_minor) <> 0 order by 1, 2`);
  const receivables = await db.execute<{
    account: string;
    currency: string;
    ledger: string;
    open: string;
  }>(sql`
    with booked as (
      select account, currency, sum(amount_minor) as amount from ledger_postings
       where ledger_account = ${LEDGER_ACCOUNTS.receivable} and account is not null group by 1, 2),
    open_documents as (
      select account, currency, sum(balance_minor) as amount from invoices where state <> 'void' group by 1, 2),
    compared as (
      select coalesce(b.account, d.account) as account, coalesce(b.currency, d.currency) as currency,
             coalesce(b.amount, 0) as ledger, coalesce(d.amount, 0) as open
        from booked b full join open_documents d on d.account = b.account and d.currency = b.currency)
    select account, currency, ledger::text, open::text from compared
     where ledger <> open and account not in (select account from clock_accounts) order by 1, 2`);
  return {
    entries: entries.map(({ sum, ...row }) => ({ ...row, sumMinor: Number(sum) })),
    receivables: receivables.map(({ ledger, open, ...row }) => ({
      ...row,
      ledgerMinor: Number(ledger),
      openMinor: Number(open),
    })),
  };
}
