/** Which payments may pay an invoice that was issued after they came (billing rules §7). */
import { sql } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { BANK_PROVIDER } from './bank.ts';

/**
 * Payments with money left, the oldest first: credit of the invoice's account; what waits for a person, of that account or (with
 * `unknownPayers`) of nobody known, of this very amount or with the contract in its text. Left out is what a person took back
 * from an invoice, a bank's sum whose parts are not known, and what somebody asked to give back.
 */
export async function paymentsUsableFor(
  db: Db,
  invoice: string,
  { unknownPayers }: { readonly unknownPayers: boolean },
): Promise<string[]> {
  // Two questions in one, each by an index of its own: the account's payments, and the few that wait.
  const rows = await db.execute<{ payment: string }>(sql`
    with issued as (
      select account, currency, contract, balance_minor from invoices
       where invoice = ${invoice} and balance_minor > 0 and state not in ('void', 'written_off')),
    usable as (
      select p.payment, p.received_on
        from issued i join payments p on p.account = i.account and p.currency = i.currency
       where p.state = 'allocated' and p.unapplied_minor > 0
      union all
      select p.payment, p.received_on
        from issued i join payments p on p.state = 'review' and p.currency = i.currency
       where p.unapplied_minor > 0
         and (p.account = i.account
           or ${unknownPayers} and p.account is null
              and (p.amount_minor = i.balance_minor
                or i.contract is not null
                   and position(upper(i.contract) in upper(coalesce(p.reference, ''))) > 0))
         and not exists (select 1 from payment_allocations a where a.payment = p.payment)
         and not exists (select 1 from inbox_events e
                          where e.provider = ${BANK_PROVIDER}
                            and e.event_id = substr(p.payment, ${BANK_PROVIDER.length + 2}::int)
                            and p.payment = ${`${BANK_PROVIDER}:`} || e.event_id
                            and e.payload ->> 'needsDetails' = 'true'))
    select u.payment from usable u
     where not exists (select 1 from approvals w
                        where w.subject = u.payment and w.action = 'payment.refund'
                          and w.state = 'waiting')
     order by u.received_on, u.payment`);
  return rows.map(({ payment }) => payment);
}
