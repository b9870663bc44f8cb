/** Payments as whoever changes them takes them. */
import { eq, sql } from 'drizzle-orm';
import type { Db } from '../connect.ts';
import { oneRow } from '../one-row.ts';
import { payments } from '../schema.ts';
import { worded } from '../worded.ts';

/**
 * The payment, locked for this transaction. It is locked before the invoices that it pays.
 * @throws Refusal `not-found`
 */
export async function lockedPayment(
  tx: Db,
  payment: string,
): Promise<typeof payments.$inferSelect> {
  const rows = await worded(
    tx,
    'locked payment',
    (any) =>
      any
        .select()
        .from(payments)
        .where(eq(payments.payment, sql.placeholder('payment')))
        .for('update'),
    { payment },
  );
  return oneRow(rows, `payment ${payment}`);
}
