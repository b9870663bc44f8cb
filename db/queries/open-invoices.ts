/**
 * Open documents as an allocation case has them: all of a world; those that one payment could concern, by index; those that a
 * person looks for.
 */
import { and, asc, eq, inArray, ne, notInArray, type SQL, sql } from 'drizzle-orm';
import type { OpenInvoice } from '../../domain/allocation/case.ts';
import { numberKey } from '../../domain/allocation/references.ts';
import { keysInText } from '../../domain/allocation/text-windows.ts';
import {
  ceiling,
  compare,
  divide,
  fraction,
  multiply,
  subtract,
  ZERO,
} from '../../domain/money/decimal.ts';
import { safeMinor } from '../../domain/money/money.ts';
import { discountUntil, parsePaymentTerms } from '../../domain/payment-terms/payment-terms.ts';
import type { Db } from '../connect.ts';
import { accountMerges, clockAccounts, invoiceLines, invoices } from '../schema.ts';

export type { OpenInvoice };

type InvoiceRecord = typeof invoices.$inferSelect;
type LineRecord = typeof invoiceLines.$inferSelect;

/** The discount that the terms grant, on the day that they count from. */
function discountOf(given: string | null, issuedOn: string): Pick<OpenInvoice, 'discount'> {
  const terms = given === null ? null : parsePaymentTerms(given);
  const until = terms === null ? null : discountUntil(terms, issuedOn);
  if (terms?.discount == null || until === null) return {};
  return { discount: { percent: terms.discount.percent, until } };
}

/** An open document as an allocation case has it: its open lines in order, disputed ones marked. */
function openInvoiceOf(invoice: InvoiceRecord, lines: readonly LineRecord[]): OpenInvoice {
  return {
    invoice: invoice.invoice,
    account: invoice.account,
    contract: invoice.contract,
    currency: invoice.currency,
    issued: invoice.issuedOn,
    due: invoice.dueOn,
    balance: invoice.balanceMinor,
    costs: 0,
    interest: 0,
    ...discountOf(invoice.paymentTerms, invoice.issuedOn),
    lines: lines.map(({ line, subcontract, openMinor, disputed }) => ({
      line,
      subcontract,
      open: openMinor,
      ...(disputed ? { disputed: true } : {}),
    })),
  };
}

/**
 * All open documents of one world, oldest due first, as the matching rules need them: a mention of another account's invoice,
 * an explicit payment of one and a balance in another currency can only be noticed by who sees them all. `clock` says which
 * world: null is the real one. `account` and `currency` narrow it for pages that propose what to pay. Late charges are documents
 * of their own.
 */
export function openInvoices(db: Db, options: OpenInvoicesOptions): Promise<OpenInvoice[]> {
  // Documents and lines of one moment: another payment's allocation between the two reads would look like a fault.
  const oneMoment = { isolationLevel: 'repeatable read', accessMode: 'read only' } as const;
  return db.transaction((tx) => readOpenInvoices(tx, options), oneMoment);
}

export interface OpenInvoicesOptions {
  readonly clock: string | null;
  readonly account?: string | null;
  readonly currency?: string;
}

async function readOpenInvoices(db: Db, options: OpenInvoicesOptions): Promise<OpenInvoice[]> {
  const { clock, account, currency } = options;
  const onClocks = db.select({ account: clockAccounts.account }).from(clockAccounts);
  const world =
    clock === null
      ? notInArray(invoices.account, onClocks)
      : inArray(invoices.account, onClocks.where(eq(clockAccounts.clock, clock)));
  const open = await db
    .select()
    .from(invoices)
    .where(
      and(
        world,
        account == null ? undefined : sql`${invoices.account} = any(${familyOf(account)})`,
        currency === undefined ? undefined : eq(invoices.currency, currency),
        ne(invoices.balanceMinor, 0),
        notInArray(invoices.state, ['void', 'written_off']),
      ),
    )
    .orderBy(asc(invoices.dueOn), asc(invoices.invoice));
  if (open.length === 0) return [];
  const survivors = new Map(
    (await db.select().from(accountMerges)).map((merge) => [merge.account, merge.survivor]),
  );
  const lines = await db
    .select()
    .from(invoiceLines)
    .where(
      and(
        sql`${invoiceLines.invoice} = any(${sql.param(open.map(({ invoice }) => invoice))}::text[])`,
        ne(invoiceLines.openMinor, 0),
      ),
    )
    .orderBy(asc(invoiceLines.invoice), asc(invoiceLines.position));
  const byInvoice = new Map<string, LineRecord[]>();
  for (const line of lines) {
    const own = byInvoice.get(line.invoice);
    if (own === undefined) byInvoice.set(line.invoice, [line]);
    else own.push(line);
  }
  return open.map((invoice) => {
    const account = survivors.get(invoice.account) ?? invoice.account;
    return openInvoiceOf({ ...invoice, account }, byInvoice.get(invoice.invoice) ?? []);
  });
}

/** What of a payment decides which documents it could concern. */
export interface PaymentTraits {
  readonly account: string | null;
  readonly currency: string;
  readonly amountMinor: number;
  readonly receivedOn: string;
  readonly reference: string | null;
  readonly lines: unknown;
}

/** An account with those merged into it, as an array: what any of them was issued, the survivor pays. */
const familyOf = (account: string) =>
  sql`array(select ${account}::text union all select m.account from account_merges m where m.survivor = ${account})`;

interface Shapes {
  readonly numbers: readonly string[];
  readonly contracts: readonly string[];
  readonly terms: readonly string[];
}

/** What numbers look like, and which terms are agreed, among open documents; nobody asks where a text says nothing. */
async function shapesOf(db: Db, textless: boolean, account: string | null): Promise<Shapes> {
  if (textless && account !== null) return { numbers: [], contracts: [], terms: [] };
  const rows = await db.execute<{ kind: keyof Shapes; one: string }>(
    sql`select kind, one from open_document_shapes(${!textless})`,
  );
  const of = (kind: keyof Shapes) => rows.filter((row) => row.kind === kind).map(({ one }) => one);
  return { numbers: of('numbers'), contracts: of('contracts'), terms: of('terms') };
}

/** Between which balances lie those that less an early-payment discount of the terms, rounded, are the amount. */
function discountedBalances(amountMinor: number, terms: readonly string[]): [number, number][] {
  const percents = terms.flatMap((text) => parsePaymentTerms(text)?.discount?.percent ?? []);
  return [...new Set(percents)].flatMap((percent): [number, number][] => {
    const kept = subtract(fraction(100), fraction(percent));
    if (compare(kept, ZERO) <= 0) return [];
    const before = (minor: number) =>
      safeMinor(ceiling(divide(multiply(fraction(minor), fraction(100)), kept)));
    return [[before(amountMinor - 1) - 1, before(amountMinor + 1)]];
  });
}

const textArray = (values: readonly string[]) => sql`${sql.param([...values])}::text[]`;
const minorArray = (values: readonly number[]) => sql`${sql.param(values.map(String))}::bigint[]`;

/**
 * The open documents of a world that a payment could concern: what its text or its explicit lines could name, all of its
 * payer's, and where the payer is not known those whose balance fits; and of every look of number one, by which the matching
 * tells a look-alike. Every rule answers from these as from all of them, at the price of a few index probes.
 */
export async function openInvoicesFor(
  db: Db,
  payment: PaymentTraits,
  { clock }: { clock: string | null | Promise<string | null> },
): Promise<OpenInvoice[]> {
  const text = payment.reference ?? '';
  const explicit = explicitNumbers(payment.lines);
  const [{ numbers, contracts, terms }, inWorld] = await Promise.all([
    shapesOf(db, text.trim() === '', payment.account),
    clock,
  ]);
  const { account, currency, amountMinor } = payment;
  const numberKeys = [...keysInText(text, numbers), ...explicit.map(numberKey)];
  const contractKeys = keysInText(text, contracts);
  // Where the payer is not known: by the balance itself, or by what a discount leaves of it.
  const balances: [least: number, most: number][] =
    account === null ? [[amountMinor, amountMinor], ...discountedBalances(amountMinor, terms)] : [];
  const near = sql`open_documents_near(
    ${textArray(numberKeys)}, ${textArray(explicit)}, ${textArray(contractKeys)},
    ${textArray(text.trim() === '' ? [] : numbers)}, ${account}::text, ${currency}::text,
    ${minorArray(balances.map(([least]) => least))}, ${minorArray(balances.map(([, most]) => most))}, ${inWorld}::text)`;
  return openOf(db, sql`select ${near}`, inWorld);
}

function explicitNumbers(lines: unknown): string[] {
  if (!Array.isArray(lines)) return [];
  return lines.flatMap((line: unknown) =>
    typeof line === 'object' && line !== null && 'invoice' in line ? [String(line.invoice)] : [],
  );
}

/** What a person types to find an open document: its number, contract, account or the account's name. */
export function searchOpenInvoices(
  db: Db,
  options: { clock: string | null; currency: string; q: string; limit: number },
): Promise<OpenInvoice[]> {
  const { clock, currency, q, limit } = options;
  const like = `%${q.replace(/[\\%_]/g, (char) => `\\${char}`)}%`;
  const found = sql`
    select i.invoice from invoices i left join accounts a on a.account = i.account
     where i.balance_minor > 0 and i.state not in ('void', 'written_off') and i.currency = ${currency}
       and ${inWorldOf(clock)}
       and (i.invoice ilike ${like} or i.contract ilike ${like} or i.account ilike ${like}
            or a.name ilike ${like} or i.po_number ilike ${like})
     order by i.due_on, i.invoice limit ${limit}`;
  return openOf(db, found, clock);
}

const inWorldOf = (clock: string | null) =>
  clock === null
    ? sql`not exists (select 1 from clock_accounts c where c.account = i.account)`
    : sql`exists (select 1 from clock_accounts c where c.account = i.account and c.clock = ${clock})`;

interface OpenRow {
  readonly [column: string]: unknown;
  readonly invoice: string;
  readonly account: string;
  readonly contract: string | null;
  readonly currency: string;
  readonly issued: string;
  readonly due: string;
  readonly balance: string;
  readonly terms: string | null;
  readonly lines: readonly OpenInvoice['lines'][number][] | null;
}

/** Those documents of a question for numbers that are open in a world, with their open lines, all of one moment. */
async function openOf(db: Db, numbers: SQL, clock: string | null): Promise<OpenInvoice[]> {
  const rows = await db.execute<OpenRow>(
    sql`select * from open_documents(array(${numbers}), ${clock}::text)`,
  );
  return rows.map(({ balance, terms, lines, ...rest }) => ({
    ...rest,
    balance: Number(balance),
    costs: 0,
    interest: 0,
    ...discountOf(terms, rest.issued),
    lines: (lines ?? []).map(({ disputed, ...line }) => ({
      ...line,
      ...(disputed === true ? { disputed } : {}),
    })),
  }));
}
