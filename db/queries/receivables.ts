/** Who owes us: aging and the rows of the Receivables page; the movements of a statement. */

import { sql } from 'drizzle-orm';
import type { StatementKind } from '../../domain/ledger/statement-kind.ts';
import type { Db } from '../connect.ts';
import { inWorld } from './contracts.ts';
import { settledSql } from './settling.ts';

/** Minor units by days overdue on the as-of date; the sum is `total`. */
export interface AgingBuckets {
  readonly notDue: number;
  readonly days1To30: number;
  readonly days31To60: number;
  readonly days61To90: number;
  readonly over90: number;
  readonly total: number;
}
export interface AccountReceivable extends AgingBuckets {
  readonly account: string;
  readonly name: string;
  readonly entity: string;
  readonly currency: string;
  readonly unapplied: number;
  readonly disputed: number;
  readonly promised: number;
  readonly openInvoices: number;
  readonly oldestDueOn: string | null;
  readonly reminderStage: number;
}
export interface ReceivablesOptions {
  readonly asOf: string;
  readonly entity?: string;
  readonly account?: string;
  /** Null, the default, leaves rehearsals out. */
  readonly clock?: string | null;
}

/**
 * What was open on a day: today's balances, with the money and credit of later days put back. Documents issued later and
 * voided ones are left out.
 */
function openAsOf({ asOf }: ReceivablesOptions) {
  return sql`
    select i.*, i.balance_minor
        + coalesce((select sum(${settledSql('p')}) from payment_allocations p
                     where p.invoice = i.invoice and p.allocated_on > ${asOf}::date), 0)
        + coalesce((select sum(amount_minor) from credit_applications c
                     where c.invoice = i.invoice and c.applied_on > ${asOf}::date), 0)
        - coalesce((select sum(amount_minor) from credit_applications c
                     where c.credit_note = i.invoice and c.applied_on > ${asOf}::date), 0) as open,
           greatest(0, ${asOf}::date - i.due_on) as late
      from invoices i where i.issued_on <= ${asOf}::date and i.state <> 'void'`;
}

const BUCKETS = sql`
  coalesce(sum(open) filter (where late = 0), 0)::text as not_due,
  coalesce(sum(open) filter (where late between 1 and 30), 0)::text as d30,
  coalesce(sum(open) filter (where late between 31 and 60), 0)::text as d60,
  coalesce(sum(open) filter (where late between 61 and 90), 0)::text as d90,
  coalesce(sum(open) filter (where late > 90), 0)::text as older,
  coalesce(sum(open), 0)::text as total`;

interface BucketRow {
  readonly [column: string]: unknown;
  readonly not_due: string;
  readonly d30: string;
  readonly d60: string;
  readonly d90: string;
  readonly older: string;
  readonly total: string;
}

const bucketsOf = (row: BucketRow): AgingBuckets => ({
  notDue: Number(row.not_due),
  days1To30: Number(row.d30),
  days31To60: Number(row.d60),
  days61To90: Number(row.d90),
  over90: Number(row.older),
  total: Number(row.total),
});

function where(db: Db, options: ReceivablesOptions) {
  const { entity, account, clock = null } = options;
  const world = account === undefined ? inWorld(db, sql`o.account`, clock) : sql`true`;
  return sql`o.open <> 0 and ${world}
    and (${entity ?? null}::text is null or o.entity = ${entity ?? null}::text)
    and (${account ?? null}::text is null or o.account = ${account ?? null}::text)`;
}

interface AccountRow extends BucketRow {
  readonly account: string;
  readonly name: string | null;
  readonly entity: string;
  readonly currency: string;
  readonly unapplied: string;
  readonly disputed: string;
  readonly promised: string;
  readonly count: string;
  readonly oldest: string | null;
  readonly stage: number | null;
}

/** As of a day: documents issued and money allocated up to it. Largest overdue first. */
export async function receivables(
  db: Db,
  options: ReceivablesOptions,
): Promise<AccountReceivable[]> {
  const rows = await db.execute<AccountRow>(sql`
    with o as (${openAsOf(options)})
    select o.account, o.entity, o.currency, max(a.name) as name, ${BUCKETS},
           coalesce(sum(open) filter (where disputed), 0)::text as disputed,
           coalesce(sum(open) filter (where promised_until >= ${options.asOf}::date), 0)::text as promised,
           count(*) filter (where open > 0)::text as count,
           (min(due_on) filter (where open > 0))::text as oldest, max(reminder_stage) as stage,
           coalesce((select sum(unapplied_minor) from payments p
                      where p.account = o.account and p.currency = o.currency
                        and p.received_on <= ${options.asOf}::date), 0)::text as unapplied
      from o left join accounts a on a.account = o.account
     where ${where(db, options)}
     group by o.account, o.entity, o.currency
     order by sum(open) filter (where late > 0) desc nulls last, o.account`);
  return rows.map((row) => ({
    ...bucketsOf(row),
    account: row.account,
    name: row.name ?? row.account,
    entity: row.entity,
    currency: row.currency,
    unapplied: Number(row.unapplied),
    disputed: Number(row.disputed),
    promised: Number(row.promised),
    openInvoices: Number(row.count),
    oldestDueOn: row.oldest,
    reminderStage: row.stage ?? 0,
  }));
}

/** Totals per entity and currency. */
export async function aging(
  db: Db,
  options: ReceivablesOptions,
): Promise<(AgingBuckets & { entity: string; currency: string })[]> {
  const rows = await db.execute<BucketRow & { entity: string; currency: string }>(sql`
    with o as (${openAsOf(options)})
    select o.entity, o.currency, ${BUCKETS} from o where ${where(db, options)}
     group by o.entity, o.currency order by o.entity, o.currency`);
  return rows.map((row) => ({ ...bucketsOf(row), entity: row.entity, currency: row.currency }));
}

export interface StatementMovement {
  readonly on: string;
  readonly kind: StatementKind;
  readonly number: string;
  readonly currency: string;
  /** What it adds to what the account owes; payments are negative. */
  readonly amountMinor: number;
}
export interface StatementSums {
  readonly currency: string;
  readonly openingMinor: number;
  readonly closingMinor: number;
  /** Of the closing balance: money of the account that pays nothing yet, positive. */
  readonly unappliedMinor: number;
  readonly movements: StatementMovement[];
}

interface MovementRow {
  readonly [column: string]: unknown;
  readonly on: string;
  readonly kind: StatementMovement['kind'];
  readonly number: string;
  readonly currency: string;
  readonly amount: string;
}

/**
 * Every event that moved what an account owes less its credit, from the books: receivable and unapplied credit together, one
 * row an entry. A move between the two is none.
 */
function movementRows(db: Db, account: string, to: string): Promise<MovementRow[]> {
  return db.execute<MovementRow>(sql`
    select e.posted_on::text as on, p.currency, sum(p.amount_minor)::text as amount,
           coalesce(max(p.invoice),
                    split_part(split_part(min(e.key), ':received', 1), ':exchange:', 1)) as number,
           case when e.key like 'opening:%' then 'opening' when e.key like 'void:%' then 'void'
                when e.key like 'write-off:%' then 'write_off'
                when e.key like 'payment:%:exchange:%' then 'exchange'
                when e.key like '%:reversed:%' then 'reversal' when e.key like '%:refund:%' then 'refund'
                when e.key like '%:allocated:%' then 'discount' when e.key like 'payment:%' then 'payment'
                else (select type from invoices i where i.invoice = max(p.invoice)) end as kind
      from ledger_postings p join ledger_entries e on e.id = p.entry
     where p.account = ${account} and p.ledger_account in ('receivable', 'unapplied-credit')
       and e.posted_on <= ${to}::date
     group by e.id, e.key, e.posted_on, p.currency having sum(p.amount_minor) <> 0
     order by e.posted_on, e.id`);
}

/** Opening balance before `from`, then movements through `to`; opening + Σ movements = closing, per currency. */
export async function statementMovements(
  db: Db,
  input: { account: string; from: string; to: string },
): Promise<StatementSums[]> {
  const [rows, unapplied] = await Promise.all([
    movementRows(db, input.account, input.to),
    unappliedRows(db, input.account, input.to),
  ]);
  const currencies = [...new Set(rows.map(({ currency }) => currency))].sort();
  return currencies.map((currency) => {
    const own = rows.filter((row) => row.currency === currency);
    const sum = (some: readonly MovementRow[]) =>
      some.reduce((total, { amount }) => total + Number(amount), 0);
    const movements = own
      .filter(({ on }) => on >= input.from)
      .map(({ on, kind, number, amount }) => ({
        on,
        kind,
        number: number.replace(/^payment:/, ''),
        currency,
        amountMinor: Number(amount),
      }));
    const openingMinor = sum(own.filter(({ on }) => on < input.from));
    const credit = unapplied.find((row) => row.currency === currency)?.credit ?? 0;
    return {
      currency,
      openingMinor,
      closingMinor: sum(own),
      unappliedMinor: Number(credit),
      movements,
    };
  });
}

/** The ledger holds it as what is owed to the account, so that it is negative there. */
function unappliedRows(db: Db, account: string, to: string) {
  return db.execute<{ currency: string; credit: string }>(sql`
    select p.currency, (-sum(p.amount_minor))::text as credit
      from ledger_postings p join ledger_entries e on e.id = p.entry
     where p.account = ${account} and p.ledger_account = 'unapplied-credit'
       and e.posted_on <= ${to}::date
     group by p.currency`);
}

export interface OpenItemRow {
  readonly invoice: string;
  readonly issuedOn: string;
  readonly dueOn: string;
  readonly currency: string;
  readonly contract: string | null;
  readonly disputed: boolean;
  readonly totalMinor: number;
  /** What was open on the as-of date; negative where a credit note was left. */
  readonly openMinor: number;
  readonly daysOverdue: number;
}

interface ItemRow {
  readonly [column: string]: unknown;
  readonly invoice: string;
  readonly issued: string;
  readonly due: string;
  readonly currency: string;
  readonly contract: string | null;
  readonly disputed: boolean;
  readonly total: string;
  readonly open: string;
  readonly late: number;
}

/** An account's documents that were open on a day, first due first. */
export async function openItemsOf(
  db: Db,
  { account, asOf }: { account: string; asOf: string },
): Promise<OpenItemRow[]> {
  const rows = await db.execute<ItemRow>(sql`
    with o as (${openAsOf({ asOf })})
    select o.invoice, o.issued_on::text as issued, o.due_on::text as due, o.currency, o.contract,
           o.disputed, o.total_minor::text as total, o.open::text as open, o.late::int as late
      from o where o.account = ${account} and o.open <> 0
     order by o.due_on, o.invoice`);
  return rows.map((row) => ({
    invoice: row.invoice,
    issuedOn: row.issued,
    dueOn: row.due,
    currency: row.currency,
    contract: row.contract,
    disputed: row.disputed,
    totalMinor: Number(row.total),
    openMinor: Number(row.open),
    daysOverdue: row.late,
  }));
}
