/** The books: entries, trial balance, balances, exports (billing rules §10). Pure postings are in domain/ledger. */
import { and, asc, eq, gte, lte, type SQL, sql } from 'drizzle-orm';
import { endOfMonth } from '../../domain/dates/dates.ts';
import { firstOpenDay } from '../../domain/ledger/closing.ts';
import { earnedThrough } from '../../domain/ledger/earned-revenue.ts';
import type { LedgerRow } from '../../domain/ledger/ledger-row.ts';
import { isBalanced, LEDGER_ACCOUNTS, type Posting } from '../../domain/ledger/postings.ts';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { Refusal } from '../refusal.ts';
import { ledgerEntries, ledgerPostings } from '../schema.ts';
import { closedOf } from './closed-periods.ts';

export interface NewEntry {
  /** The event's business key; the same key again posts nothing. */
  readonly key: string;
  readonly entity: string;
  readonly postedOn: string;
  readonly description: string;
  readonly postings: readonly Posting[];
}

const BATCH_ROWS = 1000;

/** What to do with an entry of a closed period. An event that happened is booked on the first open day, never lost. */
type ClosedMeans = 'first-open-day' | 'refuse';

async function inOpenPeriods(
  tx: Db,
  entries: readonly NewEntry[],
  closedMeans: ClosedMeans,
): Promise<readonly NewEntry[]> {
  const closed = await closedOf(
    tx,
    entries.map(({ entity }) => entity),
  );
  if (closed.size === 0) return entries;
  return entries.map((entry) => {
    const { entity, postedOn, key, description } = entry;
    const of = closed.get(entity);
    const open = of === undefined ? postedOn : firstOpenDay(postedOn, of);
    if (open === postedOn) return entry;
    if (closedMeans === 'refuse')
      throw new Refusal(
        'period-closed',
        `${postedOn} of ${entity} is closed: ${key} cannot be posted there.`,
      );
    return { ...entry, postedOn: open, description: `${description} (of ${postedOn}, closed)` };
  });
}

function demandBalanced(entries: readonly NewEntry[]): void {
  for (const { key, postings } of entries)
    if (!isBalanced(postings)) throw new Error(`the postings of ${key} do not sum to zero`);
}

/**
 * Posts balanced entries in as few statements as possible; keys that were posted before are left alone. What belongs into a
 * closed period goes to the first open day after it, or is refused with `period-closed` where the caller asks for that.
 */
export async function postEntries(
  db: Db,
  given: readonly NewEntry[],
  closedMeans: ClosedMeans = 'first-open-day',
): Promise<number> {
  demandBalanced(given);
  if (given.length === 0) return 0;
  return db.transaction(async (tx) =>
    storeEntries(tx, await inOpenPeriods(tx, given, closedMeans)),
  );
}

/** Entries with their postings, in one statement a batch. @returns how many were new. */
async function storeEntries(db: Db, entries: readonly NewEntry[]): Promise<number> {
  let posted = 0;
  for (let start = 0; start < entries.length; start += BATCH_ROWS)
    posted += await storeBatch(db, entries.slice(start, start + BATCH_ROWS));
  return posted;
}

async function storeBatch(db: Db, batch: readonly NewEntry[]): Promise<number> {
  const heads = batch.map(({ key, entity, postedOn, description }) => ({
    key,
    entity,
    posted_on: postedOn,
    description,
  }));
  const postings = batch.flatMap(({ key, postings: own }) =>
    own.map(({ ledgerAccount, currency, amountMinor, account, invoice, line }) => ({
      key,
      ...{ ledger_account: ledgerAccount, currency, amount_minor: amountMinor },
      ...{ account, invoice, line },
    })),
  );
  const [row] = await db.execute<{ posted: number }>(sql`
    with added as (
      insert into ledger_entries (key, entity, posted_on, description)
      select key, entity, posted_on, description
        from json_populate_recordset(null::ledger_entries, ${JSON.stringify(heads)}::text::json)
      on conflict do nothing returning id, key),
    postings as (
      insert into ledger_postings (entry, ledger_account, currency, amount_minor, account, invoice, line)
      select a.id, p.ledger_account, p.currency, p.amount_minor, p.account, p.invoice, p.line
        from rows from (json_to_recordset(${JSON.stringify(postings)}::text::json) as (key text,
               ledger_account text, currency text, amount_minor bigint, account text, invoice text, line text))
             with ordinality as p (key, ledger_account, currency, amount_minor, account, invoice, line, position)
        join added a on a.key = p.key
       order by p.position)
    select count(*)::int as posted from added`);
  return oneRow(row === undefined ? [] : [row], 'count of entries').posted;
}

/**
 * Posts a balanced entry, on the first open day where its own is closed. Answers false where the key was posted
 * already, or where there is nothing to post. Call it in the transaction of what it books.
 */
export async function postEntry(tx: Db, entry: NewEntry): Promise<boolean> {
  return (await entryToPost(tx, entry))();
}

/** The same in two turns: what is closed is read at once, beside what the entry books, and the answer posts it. */
export async function entryToPost(tx: Db, entry: NewEntry): Promise<() => Promise<boolean>> {
  if (entry.postings.length === 0) return async () => false;
  demandBalanced([entry]);
  const dated = await inOpenPeriods(tx, [entry], 'first-open-day');
  return async () => (await storeEntries(tx, dated)) === 1;
}

/** What a posting says, without the entry that it stands in. */
export const POSTING_COLUMNS = {
  ledgerAccount: ledgerPostings.ledgerAccount,
  currency: ledgerPostings.currency,
  amountMinor: ledgerPostings.amountMinor,
  account: ledgerPostings.account,
  invoice: ledgerPostings.invoice,
  line: ledgerPostings.line,
};

/** All postings of the entries whose keys start so: what an event and its parts amount to. */
export async function postingsOf(db: Db, keyPrefix: string): Promise<Posting[]> {
  return db
    .select(POSTING_COLUMNS)
    .from(ledgerPostings)
    .innerJoin(ledgerEntries, eq(ledgerEntries.id, ledgerPostings.entry))
    .where(sql`starts_with(${ledgerEntries.key}, ${keyPrefix})`)
    .orderBy(asc(ledgerPostings.id));
}

export interface TrialBalanceRow {
  readonly ledgerAccount: string;
  readonly currency: string;
  readonly debitMinor: number;
  readonly creditMinor: number;
  /** Debit positive. */
  readonly balanceMinor: number;
}

const posted = (options: { entity?: string; from?: string; to?: string }): SQL | undefined =>
  and(
    options.entity === undefined ? undefined : eq(ledgerEntries.entity, options.entity),
    options.from === undefined ? undefined : gte(ledgerEntries.postedOn, options.from),
    options.to === undefined ? undefined : lte(ledgerEntries.postedOn, options.to),
  );
const total = (amount: SQL) => sql<number>`coalesce(${amount}, 0)::bigint`.mapWith(Number);

/** Up to and including a day; sums to zero per currency at every moment. */
export function trialBalance(
  db: Db,
  options: { entity?: string; asOf?: string } = {},
): Promise<TrialBalanceRow[]> {
  const { asOf, ...rest } = options;
  const amount = ledgerPostings.amountMinor;
  return db
    .select({
      ledgerAccount: ledgerPostings.ledgerAccount,
      currency: ledgerPostings.currency,
      debitMinor: total(sql`sum(${amount}) filter (where ${amount} > 0)`),
      creditMinor: total(sql`-sum(${amount}) filter (where ${amount} < 0)`),
      balanceMinor: total(sql`sum(${amount})`),
    })
    .from(ledgerPostings)
    .innerJoin(ledgerEntries, eq(ledgerEntries.id, ledgerPostings.entry))
    .where(posted(asOf === undefined ? rest : { ...rest, to: asOf }))
    .groupBy(ledgerPostings.ledgerAccount, ledgerPostings.currency)
    .orderBy(asc(ledgerPostings.ledgerAccount), asc(ledgerPostings.currency));
}

/** Balance of a ledger account per customer account and currency; zeros are left out. */
export function balancesByAccount(
  db: Db,
  ledgerAccount: string,
  options: { asOf?: string; account?: string } = {},
): Promise<{ account: string | null; currency: string; balanceMinor: number }[]> {
  const balanceMinor = total(sql`sum(${ledgerPostings.amountMinor})`);
  return db
    .select({ account: ledgerPostings.account, currency: ledgerPostings.currency, balanceMinor })
    .from(ledgerPostings)
    .innerJoin(ledgerEntries, eq(ledgerEntries.id, ledgerPostings.entry))
    .where(
      and(
        eq(ledgerPostings.ledgerAccount, ledgerAccount),
        options.account === undefined ? undefined : eq(ledgerPostings.account, options.account),
        posted(options.asOf === undefined ? {} : { to: options.asOf }),
      ),
    )
    .groupBy(ledgerPostings.account, ledgerPostings.currency)
    .having(sql`sum(${ledgerPostings.amountMinor}) <> 0`)
    .orderBy(asc(ledgerPostings.account), asc(ledgerPostings.currency));
}

/** Every posting, by day, then entry, in batches that hold whole entries in sequence, for exports. */
export async function* ledgerRows(
  db: Db,
  options: { entity?: string; from?: string; to?: string } = {},
): AsyncGenerator<LedgerRow[]> {
  let last: LedgerRow | undefined;
  for (;;) {
    const after: SQL | undefined =
      last === undefined
        ? undefined
        : sql`(${ledgerEntries.postedOn}, ${ledgerEntries.id}, ${ledgerPostings.id})
            > (${last.postedOn}::date, ${last.entry}::bigint, ${last.posting}::bigint)`;
    const batch: LedgerRow[] = await db
      .select({
        posting: ledgerPostings.id,
        entry: ledgerEntries.id,
        key: ledgerEntries.key,
        entity: ledgerEntries.entity,
        postedOn: ledgerEntries.postedOn,
        description: ledgerEntries.description,
        ...POSTING_COLUMNS,
      })
      .from(ledgerPostings)
      .innerJoin(ledgerEntries, eq(ledgerEntries.id, ledgerPostings.entry))
      .where(and(posted(options), after))
      .orderBy(asc(ledgerEntries.postedOn), asc(ledgerEntries.id), asc(ledgerPostings.id))
      .limit(BATCH_ROWS);
    if (batch.length > 0) yield batch;
    if (batch.length < BATCH_ROWS) return;
    last = batch.at(-1);
  }
}

interface DeferredLine {
  readonly [column: string]: unknown;
  readonly entity: string;
  readonly account: string;
  readonly currency: string;
  readonly invoice: string;
  readonly line: string;
  readonly net: string;
  readonly period_start: string | null;
  readonly period_end: string | null;
  readonly issued_on: string;
  readonly deferred: string;
}

/** Deferred revenue per line, credit positive: what is not earned yet of it in the books. */
export async function deferredLines(
  db: Db,
  options: { asOf: string; entity?: string; invoice?: string },
): Promise<DeferredLine[]> {
  const ofEntity = options.entity === undefined ? sql`` : sql`and i.entity = ${options.entity}`;
  const ofInvoice = options.invoice === undefined ? sql`` : sql`and i.invoice = ${options.invoice}`;
  return db.execute<DeferredLine>(sql`
    select i.entity, i.account, i.currency, l.invoice, l.line, l.net_minor::text as net,
           l.period_start::text, l.period_end::text, i.issued_on::text,
           (-sum(p.amount_minor))::text as deferred
      from ledger_postings p
      join ledger_entries e on e.id = p.entry
      join invoice_lines l on l.invoice = p.invoice and l.line = p.line
      join invoices i on i.invoice = l.invoice
     where p.ledger_account = ${LEDGER_ACCOUNTS.deferredRevenue}
       and e.posted_on <= ${options.asOf}::date ${ofEntity} ${ofInvoice}
     group by i.entity, i.account, i.currency, l.invoice, l.line, i.issued_on
    having sum(p.amount_minor) <> 0
     order by l.invoice, l.line`);
}

/** The part of a line's deferred revenue that is earned through a day and not moved yet. */
export function earnedPart(row: DeferredLine, through: string): number {
  const net = Number(row.net);
  const earning = {
    net,
    periodStart: row.period_start,
    periodEnd: row.period_end,
    on: row.issued_on,
  };
  const part = Number(row.deferred) - (net - earnedThrough(earning, through));
  return net >= 0 ? Math.max(0, part) : Math.min(0, part);
}

function recognitionOf(row: DeferredLine, month: string, amount: number): NewEntry {
  const place = {
    currency: row.currency,
    account: row.account,
    invoice: row.invoice,
    line: row.line,
  };
  return {
    key: `earned:${row.invoice}:${row.line}:${month}`,
    entity: row.entity,
    postedOn: endOfMonth(`${month}-01`),
    description: `Revenue earned in ${month}, ${row.invoice} line ${row.line}`,
    postings: [
      { ...place, ledgerAccount: LEDGER_ACCOUNTS.deferredRevenue, amountMinor: amount },
      { ...place, ledgerAccount: LEDGER_ACCOUNTS.revenue, amountMinor: 0 - amount },
    ],
  };
}

/** Moves the earned part of each line up to a month's end from deferred to earned revenue; each line and month once. */
export async function recognizeRevenue(
  db: Db,
  input: { month: string; entity?: string },
): Promise<{ entries: number; recognized: Record<string, number> }> {
  const through = endOfMonth(`${input.month}-01`);
  return db.transaction(async (tx) => {
    const scope = input.entity === undefined ? {} : { entity: input.entity };
    const rows = await deferredLines(tx, { asOf: through, ...scope });
    const recognized: Record<string, number> = {};
    const entries = rows.flatMap((row) => {
      const amount = earnedPart(row, through);
      if (amount === 0) return [];
      recognized[row.currency] = (recognized[row.currency] ?? 0) + amount;
      return [recognitionOf(row, input.month, amount)];
    });
    return { entries: await postEntries(tx, entries, 'refuse'), recognized };
  });
}

export interface LedgerDifference {
  readonly check: string;
  readonly account: string | null;
  readonly currency: string;
  readonly differenceMinor: number;
}

/**
 * Trial balance zero; receivable = open documents per account; unapplied credit = that of the payments. Answers the
 * differences: none when all is well.
 */
export async function verifyLedger(db: Db): Promise<LedgerDifference[]> {
  const rows = await db.execute<{
    check: string;
    account: string | null;
    currency: string;
    difference: string;
  }>(sql`
    with booked as (
      select ledger_account, account, currency, sum(amount_minor) as amount
        from ledger_postings group by 1, 2, 3),
    open_documents as (
      select account, currency, sum(balance_minor) as amount from invoices where state <> 'void' group by 1, 2),
    credit as (
      select account, currency, sum(unapplied_minor) as amount from payments group by 1, 2)
    select 'trial balance' as check, null as account, currency, sum(amount)::text as difference
      from booked group by currency having sum(amount) <> 0
    union all
    select 'receivable', coalesce(b.account, d.account), coalesce(b.currency, d.currency),
           (coalesce(b.amount, 0) - coalesce(d.amount, 0))::text
      from (select * from booked where ledger_account = ${LEDGER_ACCOUNTS.receivable}) b
      full join open_documents d on d.account = b.account and d.currency = b.currency
     where coalesce(b.amount, 0) <> coalesce(d.amount, 0)
    union all
    select 'unapplied credit', coalesce(b.account, c.account), coalesce(b.currency, c.currency),
           (-coalesce(b.amount, 0) - coalesce(c.amount, 0))::text
      from (select * from booked where ledger_account = ${LEDGER_ACCOUNTS.unappliedCredit}) b
      full join credit c on coalesce(c.account, '') = coalesce(b.account, '') and c.currency = b.currency
     where -coalesce(b.amount, 0) <> coalesce(c.amount, 0)`);
  return rows.map(({ check, account, currency, difference }) => ({
    check,
    account,
    currency,
    differenceMinor: Number(difference),
  }));
}

/** One entry with its postings, by key. */
export async function getEntry(
  db: Db,
  key: string,
): Promise<{ entry: typeof ledgerEntries.$inferSelect; postings: Posting[] }> {
  const rows = await db.select().from(ledgerEntries).where(eq(ledgerEntries.key, key));
  return { entry: oneRow(rows, `ledger entry ${key}`), postings: await postingsOf(db, key) };
}
