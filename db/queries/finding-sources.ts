/** What our own record holds besides the contract book, as findings compare it: mails that came back, and the ledger. */
import { sql } from 'drizzle-orm';
import type { LedgerRecords, MailRecords } from '../../domain/findings/outside.ts';
import { LEDGER_ACCOUNTS } from '../../domain/ledger/postings.ts';
import type { Db } from '../connect.ts';
import { bouncedForGood } from './mail-deliveries.ts';

/** After this long without a word, a mail to an address that had bounced counts as arrived. */
const SILENCE_HOURS = 24;

/**
 * Addresses that mail does not reach: whose last mail the first server refused, or that bounced for good later. A refusal of a
 * mail to several people says nothing about one of them, unless it names the address. A bounce stands until a later mail is
 * told to have arrived, or went out without coming back for a day.
 */
export async function mailBounces(db: Db): Promise<MailRecords['bounces']> {
  const refusals = await db.execute<{ address: string; on: string; reason: string | null }>(sql`
    with handed_over as (
      select lower(recipient) as address, m.state, m.reason, m.sent_on, m.created_at
        from mails m, unnest(m.recipients) recipient
       where m.state = 'sent' or (m.state = 'rejected' and
             (cardinality(m.recipients) = 1 or position(lower(recipient) in lower(m.reason)) > 0)))
    select address, sent_on::text as on, reason from (
      select distinct on (address) * from handed_over order by address, created_at desc) last
     where state = 'rejected'`);
  const bounces = await bouncedForGood(db);
  const arrived = await arrivedSince(db, [...bounces.values()]);
  const found = new Map(
    [...bounces.values()]
      .filter(({ address }) => !arrived.has(address))
      .map(({ address, happenedAt, reason }) => [
        address,
        { address, bouncedOn: happenedAt.toISOString().slice(0, 10), reason },
      ]),
  );
  for (const { address, on, reason } of refusals)
    found.set(address, { address, bouncedOn: on, reason });
  return [...found.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** Of addresses that bounced, those that a mail handed over after the bounce has reached. */
async function arrivedSince(
  db: Db,
  bounces: readonly { readonly address: string; readonly happenedAt: Date }[],
): Promise<ReadonlySet<string>> {
  if (bounces.length === 0) return new Set();
  const since = JSON.stringify(
    bounces.map(({ address, happenedAt }) => ({ address, at: happenedAt.toISOString() })),
  );
  const rows = await db.execute<{ address: string }>(sql`
    select distinct b.address
      from jsonb_to_recordset(${since}::jsonb) as b(address text, at timestamptz)
      join mails m on m.attempted_at > b.at and m.state = 'sent'
                  and b.address in (select lower(recipient) from unnest(m.recipients) recipient)
      left join mail_deliveries d on d.mail = m.key and d.address = b.address
     where d.state in ('delivered', 'complained')
        or (d.mail is null and m.attempted_at < now() - make_interval(hours => ${SILENCE_HOURS}))`);
  return new Set(rows.map(({ address }) => address));
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
