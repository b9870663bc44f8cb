/** What late charges are computed from: how an invoice's open amount moved, and what was charged for it before. */
import { and, asc, eq, ne, sql } from 'drizzle-orm';
import { type LateChargeTerms, parseLateCharge } from '../../domain/dunning/late-charges.ts';
import type { Db } from '../connect.ts';
import { invoices } from '../schema.ts';
import { policiesFor } from './contracts.ts';
import { getFact } from './facts.ts';
import type { Invoice } from './issue.ts';
import { settledSql } from './settling.ts';

/**
 * What is agreed for an invoice: its contract says so, else a policy of contract, account or entity; null: nothing.
 * @throws Refusal `policy-invalid` where what is agreed can not be read.
 */
export async function lateTermsOf(
  db: Db,
  { account, entity, contract, currency, type }: Invoice,
  on: string,
): Promise<LateChargeTerms | null> {
  if (type !== 'invoice') return null;
  const own = contract === null ? null : await getFact(db, 'contracts', { contract });
  const policies = await policiesFor(db, { account, entity, contract, on });
  return parseLateCharge(own?.lateCharge ?? policies.late_charge ?? '', currency);
}

/** What a late charge keeps of what it is for, in its snapshot. */
export interface LateChargeRecord {
  readonly invoice: string;
  /** The stage of the ladder that made it. */
  readonly stage: number;
  /** The last day of its interest. */
  readonly through: string;
  readonly interestMinor: number;
  readonly feeMinor: number;
}

/** What a late charge is for; null for every other document. */
export function lateChargeRecord({ type, snapshot }: Pick<Invoice, 'type' | 'snapshot'>) {
  return type === 'late_charge' ? ((snapshot.lateCharge ?? null) as LateChargeRecord | null) : null;
}

/** Late charges issued for an invoice, the oldest first; void ones count for nothing. */
export async function lateChargesFor(db: Db, invoice: string): Promise<LateChargeRecord[]> {
  const rows = await db
    .select({ type: invoices.type, snapshot: invoices.snapshot })
    .from(invoices)
    .where(
      and(
        eq(invoices.type, 'late_charge'),
        ne(invoices.state, 'void'),
        sql`starts_with(${invoices.documentKey}, ${`late-charge:${invoice}:`})`,
      ),
    )
    .orderBy(asc(invoices.issuedOn), asc(invoices.invoice));
  return rows.flatMap((row) => lateChargeRecord(row) ?? []);
}

/** A change of what an invoice's customer owes of it; negative where money or credit came. */
export interface BalanceChange {
  readonly on: string;
  readonly amountMinor: number;
}

/**
 * All that moved an invoice's open amount since its issue, by day. Money counts from the day on which it was received, what
 * was taken back from the day on which it was.
 */
export async function balanceChanges(db: Db, invoice: string): Promise<BalanceChange[]> {
  const rows = await db.execute<{ on: string; amount: string }>(sql`
    select "on"::text as on, sum(amount)::text as amount from (
      select case when a.amount_minor > 0 then least(a.allocated_on, p.received_on)
                  else a.allocated_on end as "on",
             -${settledSql('a')} as amount
        from payment_allocations a join payments p on p.payment = a.payment
       where a.invoice = ${invoice}
      union all
      select applied_on, -amount_minor from credit_applications where invoice = ${invoice}) changes
     group by "on" having sum(amount) <> 0 order by "on"`);
  return rows.map(({ on, amount }) => ({ on, amountMinor: Number(amount) }));
}
