/** Refunds on a payment's page: how one reaches the payer, said before it is asked for. */
import { providerOf } from '../../connectors/payments/collector.ts';
import { clockOf, type Payment, whyNotOverProvider } from '../../db/index.ts';
import type { RouteContext } from '../app.ts';

export interface RefundWay {
  /** What will happen, in words. */
  readonly words: string;
  /** The same in a few, for the second person. */
  readonly summary: string;
  /** Why it cannot be done here, and what to do instead; null where it can. */
  readonly fault: string | null;
}

/** Money goes back the way it came; where that is a bank's transfer, a person makes it. */
export async function refundWay(
  { db, collector }: Pick<RouteContext, 'db' | 'collector'>,
  row: Payment,
): Promise<RefundWay> {
  const { payment, account, bankAccount, payer } = row;
  const clock = account === null ? null : await clockOf(db, account);
  if (clock !== null)
    return {
      words: 'It is booked in the rehearsal; nobody is paid.',
      summary: 'in the rehearsal',
      fault: null,
    };
  if (providerOf(payment) === null) {
    const whom = bankAccount ?? payer ?? 'the payer';
    return {
      words: `It did not come by Stripe: a person pays it out to ${whom}; here it is booked, and no bank is told.`,
      summary: `by a transfer that a person makes to ${whom}`,
      fault: null,
    };
  }
  return {
    words: 'Stripe gives it back the way it came; it is booked when Stripe has taken it on.',
    summary: 'over Stripe, the way it came',
    fault:
      collector == null
        ? 'It came by Stripe, which is not connected: set STRIPE_SECRET_KEY, or refund it in Stripe’s dashboard; its event books it here.'
        : whyNotOverProvider(row),
  };
}
