/** A payment in another currency than its invoice's: a person says what it counts as (billing rules §7). */
import { z } from 'zod';
import type { CurrencyAmount } from '../../domain/money/exchange.ts';
import { paymentExchange } from '../../workflows/messages.ts';
import type { Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { positiveMoney, reason } from '../http/lists.ts';
import { askPayment, byPayment, foundPayment } from '../payment-commands.ts';
import type { Money } from '../types.ts';

const counted = ({ amount: amountMinor, currency }: Money): CurrencyAmount => ({
  amountMinor,
  currency,
});

export const paymentExchangeRoutes: Routes = (app, context) => {
  app.post(
    '/payments/:payment/exchange',
    {
      config: { permission: 'payment:allocate' },
      schema: {
        summary:
          'Count all of a payment as an amount of another currency, or back as what came; nothing of it may be allocated',
        params: byPayment,
        body: z.strictObject({
          from: positiveMoney.describe('all of the payment, as it is now'),
          to: positiveMoney.describe('what it counts as; on the way back exactly what came'),
          reason,
        }),
      },
    },
    async (request): Promise<{ amount: Money }> => {
      const row = await foundPayment(context.db, request.params.payment);
      const { from, to, reason: why } = request.body;
      const input = { from: counted(from), to: counted(to), reason: why };
      const args: [typeof input, ReturnType<typeof actorOf>] = [input, actorOf(request)];
      const now = await askPayment(context, row, paymentExchange, args, request.id);
      return { amount: { amount: now.amountMinor, currency: now.currency } };
    },
  );
};
