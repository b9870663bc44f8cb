/** Payments as whoever changes them takes them. */
import { eq } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { payments } from '../schema.ts';

/**
 * The payment, locked for this transaction. It is locked before the invoices that it pays.
 * @throws Refusal `not-found`
 */
export async function lockedPayment(
  tx: Db,
  payment: string,
): Promise<typeof payments.$inferSelect> {
  const rows = await tx.select().from(payments).where(eq(payments.payment, payment)).for('update');
  return oneRow(rows, `payment ${payment}`);
}
