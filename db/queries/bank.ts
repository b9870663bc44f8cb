/** Bank statements, payers' bank accounts, and the bank's balance against the ledger's (billing rules §7, §10). */
import { and, asc, between, desc, eq, inArray, isNotNull, lt, ne, sql } from 'drizzle-orm';
import { type BankBalance, type BankItem, bankBalances } from '../../domain/ledger/bank-balance.ts';
import { LEDGER_ACCOUNTS } from '../../domain/ledger/postings.ts';
import type { Db } from '../connect.ts';
import type { Actor } from '../refusal.ts';
import { bankStatements, imports, inboxEvents, invoices, payerAccounts } from '../schema.ts';
import { audit } from './audit.ts';

/** The inbox's name for what comes from banks; also the first part of such payments' keys. */
export const BANK_PROVIDER = 'bank';

export type BankStatementRow = typeof bankStatements.$inferSelect;
export type PayerAccount = typeof payerAccounts.$inferSelect;

/** Keeps what a statement says of the balance; the same statement again is known (`false`). */
export async function storeBankStatement(
  db: Db,
  statement: Omit<BankStatementRow, 'createdAt'>,
): Promise<boolean> {
  const added = await db
    .insert(bankStatements)
    .values(statement)
    .onConflictDoNothing()
    .returning({ statement: bankStatements.statement });
  return added.length === 1;
}

/**
 * The last statement of an account that ended before another begins, where none ends with what the other one opens with: a
 * statement in between has not come. Null where none is missing, and where nothing says so (the first one, no balances).
 */
export async function lastBeforeGap(
  db: Db,
  next: {
    statement: string;
    bankAccount: string;
    currency: string;
    beginsOn: string;
    closingOn: string;
    openingMinor: number | null;
  },
): Promise<{ closingMinor: number; closingOn: string } | null> {
  const { statement, bankAccount, currency, beginsOn, closingOn, openingMinor } = next;
  if (openingMinor === null) return null;
  const others = and(
    eq(bankStatements.bankAccount, bankAccount),
    eq(bankStatements.currency, currency),
    ne(bankStatements.statement, statement),
    isNotNull(bankStatements.closingMinor),
  );
  const [last] = await db
    .select()
    .from(bankStatements)
    .where(and(others, lt(bankStatements.closingOn, beginsOn)))
    .orderBy(desc(bankStatements.closingOn), desc(bankStatements.createdAt))
    .limit(1);
  if (last?.closingMinor == null) return null;
  const [leadsHere] = await db
    .select({ statement: bankStatements.statement })
    .from(bankStatements)
    .where(
      and(
        others,
        between(bankStatements.closingOn, last.closingOn, closingOn),
        eq(bankStatements.closingMinor, openingMinor),
      ),
    )
    .limit(1);
  const { closingMinor, closingOn: endedOn } = last;
  return leadsHere === undefined ? { closingMinor, closingOn: endedOn } : null;
}

/** Notes an import in the list of imports. */
export async function recordImport(
  db: Db,
  row: Omit<typeof imports.$inferInsert, 'importedAt'>,
): Promise<void> {
  await db.insert(imports).values(row);
}

const plainAccount = (bankAccount: string) => bankAccount.replace(/\s/g, '').toUpperCase();

/** What is kept of entries already, by the names that they are kept under. */
export async function storedBankEntries(
  db: Db,
  identities: readonly string[],
): Promise<ReadonlyMap<string, unknown>> {
  const rows = await db
    .select({ eventId: inboxEvents.eventId, payload: inboxEvents.payload })
    .from(inboxEvents)
    .where(
      and(eq(inboxEvents.provider, BANK_PROVIDER), inArray(inboxEvents.eventId, [...identities])),
    );
  return new Map(rows.map(({ eventId, payload }) => [eventId, payload]));
}

/**
 * Whether money of an entry is booked under another name: the sum that it is a part of, or parts of the sum that it is. Such an
 * entry is of a second file (a statement and a notification) and books nothing.
 */
export async function bookedOtherwise(
  db: Db,
  entry: { identity: string; partOf: string | null },
): Promise<'sum' | 'parts' | null> {
  if (entry.partOf !== null) {
    const [sum] = await db.execute(sql`
      select 1 from inbox_events where provider = ${BANK_PROVIDER} and event_id = ${entry.partOf}`);
    if (sum !== undefined) return 'sum';
  }
  const [part] = await db.execute(sql`
    select 1 from inbox_events
     where provider = ${BANK_PROVIDER} and payload ->> 'partOf' = ${entry.identity} limit 1`);
  return part === undefined ? null : 'parts';
}

/** What a second file tells of a payment whose first file had only the sum: added to what the person reads. */
export async function addToReference(db: Db, payment: string, text: string): Promise<void> {
  await db.execute(sql`
    update payments set reference = left(concat_ws(' | ', nullif(reference, ''), ${text}::text), 4000)
     where payment = ${payment} and position(${text}::text in coalesce(reference, '')) = 0`);
}

/** The one account that is known to pay from a bank account; null where none is, or several are. */
export async function payerOf(db: Db, bankAccount: string): Promise<string | null> {
  const rows = await db
    .select({ account: payerAccounts.account })
    .from(payerAccounts)
    .where(eq(payerAccounts.bankAccount, plainAccount(bankAccount)));
  return rows.length === 1 ? (rows[0]?.account ?? null) : null;
}

/** Remembers who pays from a bank account, as a person decided it. */
export async function rememberPayer(
  db: Db,
  input: { bankAccount: string; account: string; payment: string; learntBy: string },
): Promise<void> {
  await db
    .insert(payerAccounts)
    .values({ ...input, bankAccount: plainAccount(input.bankAccount) })
    .onConflictDoNothing();
}

export function listPayers(db: Db, account?: string): Promise<PayerAccount[]> {
  return db
    .select()
    .from(payerAccounts)
    .where(account === undefined ? undefined : eq(payerAccounts.account, account))
    .orderBy(asc(payerAccounts.bankAccount), asc(payerAccounts.account));
}

/** Forgets what was learnt of a bank account; answers how many accounts it stood for. */
export async function forgetPayer(
  db: Db,
  input: { bankAccount: string; account?: string; actor: Actor; reason: string | null },
): Promise<number> {
  const bankAccount = plainAccount(input.bankAccount);
  return db.transaction(async (tx) => {
    const gone = await tx
      .delete(payerAccounts)
      .where(
        and(
          eq(payerAccounts.bankAccount, bankAccount),
          input.account === undefined ? undefined : eq(payerAccounts.account, input.account),
        ),
      )
      .returning();
    const { actor, reason } = input;
    const details = { accounts: gone.map(({ account }) => account) };
    if (gone.length > 0)
      await audit(tx, {
        actor,
        action: 'payer.forget',
        subject: `bank:${bankAccount}`,
        reason,
        details,
      });
    return gone.length;
  });
}

/** The documents that creditor references (ISO 11649) name; spaces and case do not matter. */
export async function invoicesByReference(
  db: Db,
  references: readonly string[],
): Promise<string[]> {
  if (references.length === 0) return [];
  const plain = references.map(plainAccount);
  const rows = await db
    .select({ invoice: invoices.invoice })
    .from(invoices)
    .where(inArray(invoices.paymentReference, plain))
    .orderBy(asc(invoices.invoice));
  return rows.map(({ invoice }) => invoice);
}

/** What a bank says of an entry that takes earlier money back; amounts positive. */
export interface BankReversal {
  readonly amountMinor: number;
  readonly currency: string;
  readonly bookedOn: string;
  readonly endToEndId: string | null;
  readonly bankReference: string | null;
  readonly payerIban: string | null;
}

/**
 * The payments that a bank may mean: those with the same end-to-end id, else the same bank reference, else from the same bank
 * account; always of the same amount and not taken back yet. More than one is for a person.
 */
export async function paymentsTakenBack(db: Db, reversal: BankReversal): Promise<string[]> {
  const { amountMinor, currency, bookedOn, endToEndId, bankReference, payerIban } = reversal;
  const find = async (what: string, value: string | null): Promise<string[]> => {
    if (value === null) return [];
    const rows = await db.execute<{ payment: string }>(sql`
      select p.payment
        from payments p
        join inbox_events e on e.provider = ${BANK_PROVIDER}
         and p.payment = ${`${BANK_PROVIDER}:`} || e.event_id
       where coalesce(p.exchanged_from_minor, p.amount_minor) = ${amountMinor}
         and coalesce(p.exchanged_from_currency, p.currency) = ${currency}
         and p.state not in ('returned', 'refunded')
         and e.payload ->> 'bookedOn' <= ${bookedOn}
         and e.payload ->> ${what} = ${value}
       order by p.payment`);
    return rows.map(({ payment }) => payment);
  };
  for (const [what, value] of [
    ['endToEndId', endToEndId],
    ['bankReference', bankReference],
    ['payerIban', payerIban],
  ] as const) {
    const found = await find(what, value);
    if (found.length > 0) return found;
  }
  return [];
}

type Amount = { currency: string; amount: string };
const balanceOf = ({ currency, amount }: Amount) => ({ currency, balanceMinor: Number(amount) });

/**
 * The bank's balance at a day's end (the last statements up to it) against the ledger's bank account, a currency each, with the
 * entries and sums that make the difference. Rehearsals are left out.
 */
export async function bankBalance(db: Db, options: { asOf: string }): Promise<BankBalance[]> {
  const { asOf } = options;
  const bank = await db.execute<Amount>(sql`
    select currency, sum(closing_minor)::text as amount from (
      select distinct on (bank_account, currency) currency, closing_minor from bank_statements
       where closing_on <= ${asOf} and closing_minor is not null
       order by bank_account, currency, closing_on desc, created_at desc, statement desc) last
     group by currency`);
  const real = sql`not exists (select 1 from entities x
    where x.entity = e.entity and x.import_id like 'clock:%')`;
  const ledger = await db.execute<Amount>(sql`
    select p.currency, sum(p.amount_minor)::text as amount
      from ledger_postings p join ledger_entries e on e.id = p.entry
     where p.ledger_account = ${LEDGER_ACCOUNTS.bank} and e.posted_on <= ${asOf} and ${real}
     group by p.currency`);
  return bankBalances(bank.map(balanceOf), ledger.map(balanceOf), [
    ...(await openingItems(db, asOf)),
    ...(await entriesNotBooked(db, asOf)),
    ...(await postingsNotOnStatements(db, asOf)),
  ]);
}

async function openingItems(db: Db, asOf: string): Promise<BankItem[]> {
  const rows = await db.execute<Amount & { bank_account: string; closing_on: string }>(sql`
    select distinct on (bank_account, currency) bank_account, currency,
           opening_minor::text as amount, closing_on::text
      from bank_statements where closing_on <= ${asOf} and opening_minor is not null
     order by bank_account, currency, closing_on, created_at, statement`);
  return rows.map((row) => ({
    kind: 'before-first-statement',
    currency: row.currency,
    amountMinor: Number(row.amount),
    on: row.closing_on,
    words: `In ${row.bank_account} before its first statement`,
  }));
}

async function entriesNotBooked(db: Db, asOf: string): Promise<BankItem[]> {
  const rows = await db.execute<Amount & { booked_on: string; words: string | null }>(sql`
    select e.payload ->> 'currency' as currency, e.payload ->> 'amountMinor' as amount,
           e.payload ->> 'bookedOn' as booked_on,
           coalesce(nullif(e.payload ->> 'reference', ''), e.payload ->> 'payerName', e.event_id)
             || coalesce(' (' || e.reason || ')', '') as words
      from inbox_events e
     where e.provider = ${BANK_PROVIDER} and e.state <> 'processed'
       and e.payload ->> 'bookedOn' <= ${asOf}
     order by booked_on, e.id`);
  return rows.map((row) => ({
    kind: 'not-in-ledger',
    currency: row.currency,
    amountMinor: Number(row.amount),
    on: row.booked_on,
    words: row.words ?? '',
  }));
}

async function postingsNotOnStatements(db: Db, asOf: string): Promise<BankItem[]> {
  const rows = await db.execute<Amount & { source: string }>(sql`
    select p.currency, (-sum(p.amount_minor))::text as amount,
           case when e.key like '%:refund:%' then 'refunds'
                when e.key like 'payment:%' then split_part(e.key, ':', 2) || ' payments'
                else split_part(e.key, ':', 1) end as source
      from ledger_postings p join ledger_entries e on e.id = p.entry
     where p.ledger_account = ${LEDGER_ACCOUNTS.bank} and e.posted_on <= ${asOf}
       and (e.key not like ${`payment:${BANK_PROVIDER}:%`} or e.key like '%:refund:%')
       and not exists (select 1 from entities x
                        where x.entity = e.entity and x.import_id like 'clock:%')
     group by p.currency, source order by source`);
  return rows.map((row) => ({
    kind: 'not-on-statement',
    currency: row.currency,
    amountMinor: Number(row.amount),
    on: null,
    words: `In the ledger by ${row.source}, on no statement`,
  }));
}
