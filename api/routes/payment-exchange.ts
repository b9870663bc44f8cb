/** A payment in another currency than its invoice's: a person says what it counts as (billing rules §7). */
import { z } from 'zod';
import { clockOf, getPayment } from '../../db/index.ts';
import type { CurrencyAmount } from '../../domain/money/exchange.ts';
import { type Actor, paymentExchange } from '../../workflows/messages.ts';
import type { Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { reason } from '../http/lists.ts';
import { notFound } from '../problems.ts';
import type { Money } from '../types.ts';

const amount = z.strictObject({
  amount: z.int().positive().describe('minor units'),
  currency: z.string().regex(/^[A-Z]{3}$/),
});
const counted = ({ amount: amountMinor, currency }: Money): CurrencyAmount => ({
  amountMinor,
  currency,
});

export const paymentExchangeRoutes: Routes = (app, { db, processes }) => {
  app.post(
    '/payments/:payment/exchange',
    {
      config: { permission: 'payment:allocate' },
      schema: {
        summary:
          'Count all of a payment as an amount of another currency, or back as what came; nothing of it may be allocated',
        params: z.object({ payment: z.string().min(1).max(300) }),
        body: z.strictObject({
          from: amount.describe('all of the payment, as it is now'),
          to: amount.describe('what it counts as; on the way back exactly what came'),
          reason,
        }),
      },
    },
    async (request): Promise<{ amount: Money }> => {
      const row = await getPayment(db, request.params.payment);
      if (row === null) throw notFound('payment', request.params.payment);
      const { payment, account } = row;
      const clock = account === null ? null : await clockOf(db, account);
      const { from, to, reason: why } = request.body;
      const input = { from: counted(from), to: counted(to), reason: why };
      const args = [input, actorOf(request)] as [typeof input, Actor];
      const now = await processes.updatePayment(
        { payment, clock },
        paymentExchange,
        args,
        request.id,
      );
      return { amount: { amount: now.amountMinor, currency: now.currency } };
    },
  );
};
