/** Bill runs of one contract, or of an account's own service time, between the months' runs. */
import { z } from 'zod';
import { getRun } from '../../db/index.ts';
import { billRunWorkflowId } from '../../workflows/ids.ts';
import { runWithdraw } from '../../workflows/messages.ts';
import type { Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { name, reason, shownHash } from '../http/lists.ts';
import { offCyclePreview, offCycleRun } from '../off-cycle.ts';
import { notFound } from '../problems.ts';
import type { Accepted } from '../types.ts';
import { byRun } from './bill-runs.ts';

const decimal = z.string().regex(/^\d{1,15}(\.\d{1,6})?$/, 'a decimal, at most 6 decimals');
const asked = {
  contract: name.nullable().default(null),
  account: name.nullable().default(null).describe('without a contract: its own service time'),
  items: z
    .array(
      z.strictObject({
        sku: name,
        quantity: decimal.default('1'),
        unitPrice: decimal.nullable().default(null).describe('default: the price list’s'),
      }),
    )
    .max(20)
    .default([])
    .describe('goods, licenses and fees that are agreed under the contract and billed with it'),
};

export const offCycleRoutes: Routes = (app, context) => {
  const { db, processes } = context;
  app.post(
    '/bill-runs/off-cycle/preview',
    {
      config: { permission: 'bill-run:start', answer: 'OffCyclePreview' },
      schema: {
        summary: 'What billing a contract at once would come to; nothing is written',
        body: z.strictObject(asked),
      },
    },
    ({ body }) => offCyclePreview(context, body),
  );
  app.post(
    '/bill-runs/off-cycle',
    {
      config: { permission: 'bill-run:start', answer: 'Accepted' },
      schema: {
        summary:
          'Start a run of its own that bills exactly what was shown; a second person approves',
        body: z.strictObject({ ...asked, reason, shownHash }),
      },
    },
    async (request, reply) => {
      const args = await offCycleRun(context, request.body);
      await processes.startBillRun({ ...args, startedBy: actorOf(request) });
      const look = `/api/v1/bill-runs/${encodeURIComponent(args.run)}`;
      const answer: Accepted = { accepted: true, look };
      return reply.code(202).header('location', look).send(answer);
    },
  );
  app.post(
    '/bill-runs/:run/withdraw',
    {
      config: { permission: 'bill-run:start' },
      schema: {
        summary:
          'Take an off-cycle run back before it is approved; what was agreed with it is undone',
        params: byRun,
        body: z.strictObject({ reason }),
      },
    },
    async (request, reply) => {
      const { run } = request.params;
      if ((await getRun(db, run)) === null) throw notFound('bill run', run);
      await processes.update(
        billRunWorkflowId(run),
        runWithdraw,
        [request.body, actorOf(request)],
        request.id,
      );
      return reply.code(204).send();
    },
  );
};
