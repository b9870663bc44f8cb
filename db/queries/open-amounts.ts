/** Balances and states of documents, derived from what is open of their lines; and which subcontracts are paid. */
import { asc, eq, inArray, sql } from 'drizzle-orm';
import { later } from '../../domain/dates/dates.ts';
import type { Db } from '../connect.ts';
import { invoiceLines, invoices, paymentAllocations } from '../schema.ts';

/** What one contract gained: subcontracts all of whose lines on an invoice are now paid, and through which day. */
export interface Coverage {
  readonly contract: string;
  readonly invoice: string;
  /** `paidThrough` is the last day of the lines' latest period (inclusive); the issue date for lines without one. */
  readonly covered: readonly { readonly subcontract: string; readonly paidThrough: string }[];
  /** Every subcontract of the contract on that invoice is covered. */
  readonly whole: boolean;
}

/** Sets balance and state of documents to what their lines say. The caller holds their locks. */
export async function refreshInvoices(tx: Db, numbers: readonly string[]): Promise<void> {
  const list = sql.param([...new Set(numbers)]);
  await tx.execute(sql`
    update invoices i
       set balance_minor = s.open,
           state = case
             when i.state in ('void', 'written_off') and s.open = 0 then i.state
             when s.open = 0 and coalesce(a.paid, 0) = 0 and i.total_minor <> 0 and i.type <> 'credit_note'
               then 'credited'
             when s.open = 0 then 'paid'
             when s.open = i.total_minor then 'issued'
             else 'partially_paid' end
      from (select invoice, sum(open_minor) as open from invoice_lines
             where invoice = any(${list}::text[]) group by invoice) s
      left join (select invoice, sum(amount_minor) as paid from payment_allocations
             where invoice = any(${list}::text[]) group by invoice) a on a.invoice = s.invoice
     where i.invoice = s.invoice`);
}

type CoverableLine = Pick<
  typeof invoiceLines.$inferSelect,
  'contract' | 'subcontract' | 'openMinor' | 'periodEnd'
>;

/** Which subcontracts of an invoice are covered now, per contract; also for what was settled by credit. */
export async function coverageOf(db: Db, invoice: string): Promise<Coverage[]> {
  const rows = await db
    .select({ line: invoiceLines, issuedOn: invoices.issuedOn })
    .from(invoiceLines)
    .innerJoin(invoices, eq(invoices.invoice, invoiceLines.invoice))
    .where(eq(invoiceLines.invoice, invoice))
    .orderBy(asc(invoiceLines.position));
  return coverageIn(invoice, rows);
}

/** The same for who has its lines, in their order. */
export function coverageIn(
  invoice: string,
  rows: readonly { readonly line: CoverableLine; readonly issuedOn: string }[],
): Coverage[] {
  const contracts = new Map<string, Map<string, { open: number; through: string }>>();
  for (const { line, issuedOn } of rows) {
    if (line.contract === null || line.subcontract === null) continue;
    const subcontracts = contracts.get(line.contract) ?? new Map();
    contracts.set(line.contract, subcontracts);
    const before = subcontracts.get(line.subcontract) ?? { open: 0, through: '' };
    const through = line.periodEnd ?? issuedOn;
    subcontracts.set(line.subcontract, {
      open: before.open + Math.max(0, line.openMinor),
      through: later(before.through, through),
    });
  }
  return [...contracts].map(([contract, subcontracts]) => {
    const covered = [...subcontracts]
      .filter(([, { open }]) => open === 0)
      .map(([subcontract, { through }]) => ({ subcontract, paidThrough: through }));
    return { contract, invoice, covered, whole: covered.length === subcontracts.size };
  });
}

/** Sums of allocations per line of some invoices, for checks. */
export function allocatedPerLine(
  db: Db,
  numbers: readonly string[],
): Promise<{ invoice: string; line: string | null; minor: number }[]> {
  return db
    .select({
      invoice: paymentAllocations.invoice,
      line: paymentAllocations.line,
      minor: sql<number>`sum(${paymentAllocations.amountMinor})::bigint`.mapWith(Number),
    })
    .from(paymentAllocations)
    .where(inArray(paymentAllocations.invoice, [...numbers]))
    .groupBy(paymentAllocations.invoice, paymentAllocations.line);
}
