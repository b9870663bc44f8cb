/**
 * Money that was there before its invoice (billing rules §7): credit of an account is used on its next invoice, the oldest payment
 * first, and a payment that waits for a person because nothing fitted is matched again when what it may have been meant for is
 * issued. What a person decided, undid or asked to give back is left alone.
 */
import { tellOfInvoice } from '../connectors/temporal/lifecycles.ts';
import { type Invoice, paymentsUsableFor, policiesFor } from '../db/index.ts';
import type { CivilDate } from '../domain/dates/dates.ts';
import type { Deps } from './deps.ts';

/** Tells the processes of payments that an invoice was issued which they may pay. Told again, they find nothing to do. */
export async function offerCredit(
  { db, client }: Deps,
  invoice: Invoice,
  { clock, today }: { readonly clock: string | null; readonly today: CivilDate },
): Promise<void> {
  if (invoice.type !== 'invoice' || invoice.totalMinor <= 0) return;
  const usable = await paymentsUsableFor(db, invoice.invoice, { unknownPayers: clock === null });
  if (usable.length === 0) return;
  const { account, entity } = invoice;
  const { credit_use: use } = await policiesFor(db, { account, entity, on: today });
  if (use === 'by-person') return;
  for (const payment of usable)
    await tellOfInvoice(client, { payment, clock }, { invoice: invoice.invoice, on: today });
}
