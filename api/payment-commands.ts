/** What a person asks of a payment's process. */
import type { UpdateDefinition } from '@temporalio/common';
import { z } from 'zod';
import { clockOf, type Db, getPayment, type Payment } from '../db/index.ts';
import type { RouteContext } from './app.ts';
import { notFound } from './problems.ts';

/** The parameters of a route of one payment. */
export const byPayment = z.object({ payment: z.string().min(1).max(300) });

/** @throws ProblemError `not-found` */
export async function foundPayment(db: Db, payment: string): Promise<Payment> {
  const row = await getPayment(db, payment);
  if (row === null) throw notFound('payment', payment);
  return row;
}

/**
 * Asks the process of a payment, in the world where its customer lives, and answers what it answered. Where the process has
 * ended it is begun again for this. The same `requestId` again is the same question.
 */
export async function askPayment<R, A extends [unknown, ...unknown[]]>(
  { db, processes }: Pick<RouteContext, 'db' | 'processes'>,
  { payment, account }: Pick<Payment, 'payment' | 'account'>,
  definition: UpdateDefinition<R, A>,
  args: A,
  requestId: string,
): Promise<R> {
  const clock = account === null ? null : await clockOf(db, account);
  return processes.updatePayment({ payment, clock }, definition, args, requestId);
}
