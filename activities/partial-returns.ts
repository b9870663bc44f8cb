/**
 * A part of a payment that its provider gave back (billing rules §7): unapplied credit goes first, then what was allocated
 * last; what is left of those allocations stays where it was. Nothing is taken back for more than was returned.
 */
import {
  allocationsOfPayment,
  type Db,
  getPayment,
  type ReversalResult,
  refundUnapplied,
  takeBackAllocations,
} from '../db/index.ts';
import type { CivilDate } from '../domain/dates/dates.ts';

export interface PartReturned {
  readonly payment: string;
  /** The provider's own event: the same again changes nothing. */
  readonly event: string;
  readonly on: CivilDate;
  readonly amountMinor: number;
  readonly reason: string;
}

/** What of an invoice a payment goes on to pay. */
export interface Kept {
  readonly invoice: string;
  readonly amountMinor: number;
}

/** Net allocations by invoice, the latest first. */
async function allocatedLastFirst(db: Db, payment: string): Promise<Kept[]> {
  const sums = new Map<string, number>();
  for (const { invoice, amountMinor } of await allocationsOfPayment(db, payment)) {
    const before = sums.get(invoice) ?? 0;
    // An invoice's place is that of its latest allocation.
    sums.delete(invoice);
    sums.set(invoice, before + amountMinor);
  }
  return [...sums]
    .filter(([, amountMinor]) => amountMinor > 0)
    .map(([invoice, amountMinor]) => ({ invoice, amountMinor }))
    .reverse();
}

/** Which allocations come back for what is missing, and what of them stays. */
export function partsToTakeBack(
  lastFirst: readonly Kept[],
  missingMinor: number,
): { readonly invoices: readonly string[]; readonly kept: readonly Kept[] } {
  const invoices: string[] = [];
  const kept: Kept[] = [];
  let missing = missingMinor;
  for (const { invoice, amountMinor } of lastFirst) {
    if (missing <= 0) break;
    invoices.push(invoice);
    if (amountMinor > missing) kept.push({ invoice, amountMinor: amountMinor - missing });
    missing -= amountMinor;
  }
  return { invoices, kept };
}

/**
 * Call it in a transaction.
 * @param keep allocates anew what of the taken allocations stays
 * @returns what was covered before and is not any more
 */
export async function takeBackPart(
  tx: Db,
  { payment, event, on, amountMinor, reason }: PartReturned,
  keep: (kept: readonly Kept[]) => Promise<void>,
): Promise<ReversalResult['reopened']> {
  const row = await getPayment(tx, payment);
  const missing = amountMinor - (row?.unappliedMinor ?? 0);
  const refund = () =>
    refundUnapplied(tx, { payment, amountMinor, on, key: event, reason, actor: null });
  if (missing <= 0) {
    await refund();
    return [];
  }
  const { invoices, kept } = partsToTakeBack(await allocatedLastFirst(tx, payment), missing);
  const back = await takeBackAllocations(tx, { payment, invoices, on, reason });
  await refund();
  if (kept.length > 0) await keep(kept);
  return back.coveredSince();
}
