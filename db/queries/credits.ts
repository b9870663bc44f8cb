/** Credit notes against invoices: both lie in receivable, so only open amounts move, never the ledger. */
import { and, asc, eq, gt, inArray, ne, or, sql } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { creditApplications, invoiceLines, invoices } from '../schema.ts';
import { refreshInvoices } from './open-amounts.ts';

type Line = typeof invoiceLines.$inferSelect;

/** Open invoices that a note goes to: the one it credits, else those with the same subcontracts, oldest due first. */
async function targetsOf(tx: Db, note: string): Promise<Line[]> {
  const rows = await tx.select().from(invoices).where(eq(invoices.invoice, note));
  const { credits, account, currency } = oneRow(rows, `credit note ${note}`);
  const noteLines = await tx.select().from(invoiceLines).where(eq(invoiceLines.invoice, note));
  const subcontracts = noteLines.flatMap(({ subcontract }) => (subcontract ? [subcontract] : []));
  const same =
    credits !== null
      ? eq(invoices.invoice, credits)
      : and(
          eq(invoices.account, account),
          eq(invoices.currency, currency),
          subcontracts.length === 0 ? sql`false` : inArray(invoiceLines.subcontract, subcontracts),
        );
  const found = await tx
    .select({ line: invoiceLines })
    .from(invoiceLines)
    .innerJoin(invoices, eq(invoices.invoice, invoiceLines.invoice))
    .where(and(same, gt(invoiceLines.openMinor, 0), ne(invoices.state, 'void')))
    .orderBy(asc(invoices.dueOn), asc(invoices.invoice), asc(invoiceLines.position));
  return found.map(({ line }) => line);
}

/** Locks documents in the order of their numbers, so that two who need the same ones never wait for each other. */
async function lockDocuments(tx: Db, numbers: readonly string[]): Promise<void> {
  await tx
    .select({ invoice: invoices.invoice })
    .from(invoices)
    .where(inArray(invoices.invoice, [...new Set(numbers)]))
    .orderBy(asc(invoices.invoice))
    .for('update');
}

/** Whether a line of the note goes to a line of an invoice: the same subcontract, or any where it names the invoice. */
const fits = (from: Line, to: Line, named: boolean) =>
  named || (from.subcontract !== null && from.subcontract === to.subcontract);

/**
 * Takes a credit note off what is open of the invoices it belongs to, subcontract by subcontract; what is left stays on the
 * note as the account's credit. Answers the invoices it reached. Doing it again applies only what is still open.
 */
export async function applyCreditNote(
  db: Db,
  input: { creditNote: string; on: string },
): Promise<{ invoices: string[]; appliedMinor: number }> {
  const { creditNote, on } = input;
  return db.transaction(async (tx) => {
    await lockDocuments(tx, [
      creditNote,
      ...(await targetsOf(tx, creditNote)).map((line) => line.invoice),
    ]);
    const [note] = await tx.select().from(invoices).where(eq(invoices.invoice, creditNote));
    const named = note?.credits != null;
    const from = await tx
      .select()
      .from(invoiceLines)
      .where(eq(invoiceLines.invoice, creditNote))
      .orderBy(asc(invoiceLines.position));
    const to = await targetsOf(tx, creditNote);
    const open = new Map(to.map((line) => [line, line.openMinor]));
    const applications: (typeof creditApplications.$inferInsert)[] = [];
    for (const credit of from) {
      let left = 0 - credit.openMinor;
      // First the line of the same subcontract, then, where the note names the invoice, its other lines.
      const order = [...to].sort(
        (a, b) => Number(fits(credit, b, false)) - Number(fits(credit, a, false)),
      );
      for (const line of order) {
        const part = Math.min(left, open.get(line) ?? 0);
        if (part <= 0 || !fits(credit, line, named)) continue;
        left -= part;
        open.set(line, (open.get(line) ?? 0) - part);
        applications.push({
          creditNote,
          creditLine: credit.line,
          invoice: line.invoice,
          line: line.line,
          amountMinor: part,
          appliedOn: on,
        });
      }
    }
    await storeApplications(tx, applications);
    const reached = [...new Set(applications.map(({ invoice }) => invoice))];
    if (reached.length > 0) await refreshInvoices(tx, [creditNote, ...reached]);
    const appliedMinor = applications.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    return { invoices: reached, appliedMinor };
  });
}

async function storeApplications(
  tx: Db,
  applications: readonly (typeof creditApplications.$inferInsert)[],
): Promise<void> {
  if (applications.length === 0) return;
  await tx.insert(creditApplications).values([...applications]);
  for (const { creditNote, creditLine, invoice, line, amountMinor } of applications) {
    await moveOpen(tx, creditNote, creditLine, amountMinor);
    await moveOpen(tx, invoice, line, 0 - amountMinor);
  }
}

async function moveOpen(tx: Db, invoice: string, line: string, byMinor: number): Promise<void> {
  await tx
    .update(invoiceLines)
    .set({ openMinor: sql`${invoiceLines.openMinor} + ${byMinor}` })
    .where(and(eq(invoiceLines.invoice, invoice), eq(invoiceLines.line, line)));
}

/** What was credited of an invoice, and by which notes. */
export function creditsOf(
  db: Db,
  invoice: string,
): Promise<(typeof creditApplications.$inferSelect)[]> {
  return db
    .select()
    .from(creditApplications)
    .where(or(eq(creditApplications.invoice, invoice), eq(creditApplications.creditNote, invoice)))
    .orderBy(asc(creditApplications.id));
}
