/** Payments and cases: what came in, what it pays, what a person decides. A refund needs a second person. */
import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  audit,
  clockOf,
  getFact,
  markChecked,
  type Payment,
  recordPayment,
} from '../../db/index.ts';
import { ALLOCATION_RULES } from '../../domain/allocation/case.ts';
import { paymentKey } from '../../workflows/ids.ts';
import { type DecidedLine, paymentAllocate, paymentMove } from '../../workflows/messages.ts';
import type { Routes } from '../app.ts';
import { askApproval } from '../approvals.ts';
import { actorOf, personOf } from '../http/authentication.ts';
import {
  allRows,
  civilDate,
  given,
  listQuery,
  name,
  page,
  positiveMinor,
  positiveMoney,
  reason,
  yesNo,
} from '../http/lists.ts';
import { askPayment, byPayment, foundPayment } from '../payment-commands.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { Accepted, CandidateView } from '../types.ts';
import { type AllocationRow, allocationView, paymentSummary } from '../views/invoices.ts';
import { inWords, money } from '../views/money.ts';
import { remittancesAround } from '../views/papers.ts';
import { accountNames } from '../views/parties.ts';
import { candidatesOf, paymentPage } from '../views/payment-case.ts';
import { refundWay } from '../views/refunds.ts';

/** What money does by itself: the rules, and credit that is used on a later invoice. */
const BY_ITSELF = [...ALLOCATION_RULES, 'credit'] as const;
/** A list of what matched by itself asks for no rule but for any of them. */
const MATCHED_BY = [...BY_ITSELF, 'person', 'itself'] as const;
const rest = z.int().min(0).default(0);
const decidedLines = z
  .array(
    z.strictObject({
      invoice: name,
      line: name.nullable().default(null),
      amountMinor: positiveMinor,
      withheldMinor: rest.describe('tax that the payer withheld at source, of the rest'),
      bankFeeMinor: rest.describe('what banks kept on the way, of the rest'),
    }),
  )
  .max(1000);

export const paymentRoutes: Routes = (app, context) => {
  const { db, processes } = context;
  const moved = async (
    request: FastifyRequest & { params: { payment: string }; id: string },
    body: { from: string[] | null; to: DecidedLine[]; account: string | null; reason: string },
  ) => {
    const row = await foundPayment(db, request.params.payment);
    return askPayment(context, row, paymentMove, [body, actorOf(request)], request.id);
  };

  app.get(
    '/payments',
    {
      config: { permission: 'payment:read', answer: 'Page<PaymentSummary>' },
      schema: {
        summary: 'Payments; state=review are the cases',
        querystring: listQuery({
          account: name.optional(),
          state: z.enum(['received', 'allocated', 'review', 'returned', 'refunded']).optional(),
          currency: z.string().length(3).optional(),
          receivedFrom: civilDate.optional(),
          receivedTo: civilDate.optional(),
          matchedBy: z.enum(MATCHED_BY).optional(),
          checked: yesNo.optional(),
        }),
      },
    },
    ({ query }) => {
      const { account, state, currency, receivedFrom, receivedTo } = query;
      const filter = given({ account, state, currency });
      const { matchedBy, checked } = query;
      if (matchedBy !== undefined)
        filter.matchedBy = matchedBy === 'itself' ? BY_ITSELF : matchedBy;
      if (checked !== undefined) filter.checkedBy = checked ? { from: '' } : null;
      if (receivedFrom !== undefined || receivedTo !== undefined)
        filter.receivedOn = given({ from: receivedFrom, to: receivedTo }) as { from?: string };
      const sorted = { ...query, sort: query.sort ?? '-receivedOn' };
      return page<Payment, unknown>(db, 'payments', sorted, filter, async (rows) => {
        const nameOf = await accountNames(
          db,
          rows.map((row) => row.account),
        );
        return rows.map((row) => paymentSummary(row, nameOf));
      });
    },
  );
  app.get(
    '/payments/:payment',
    {
      config: { permission: 'payment:read', answer: 'PaymentPage' },
      schema: { summary: 'One payment, or the case that it is', params: byPayment },
    },
    async (request) =>
      paymentPage(context, await foundPayment(db, request.params.payment), personOf(request)),
  );
  app.post(
    '/payments',
    {
      config: { permission: 'payment:create', answer: 'Accepted' },
      schema: {
        summary: 'Enter a payment by hand; it is matched like any other',
        body: z.strictObject({
          account: name.nullable().default(null),
          receivedOn: civilDate,
          amount: positiveMoney,
          method: z.string().max(60).nullable().default(null),
          reference: z.string().max(1000).nullable().default(null),
          payer: z.string().max(200).nullable().default(null),
          lines: z
            .array(
              z.strictObject({
                invoice: name,
                line: name.nullable().default(null),
                subcontract: name.nullable().default(null),
                amount: positiveMinor,
              }),
            )
            .max(1000)
            .nullable()
            .default(null),
        }),
      },
    },
    async (request, reply) => {
      const { amount, account, ...rest } = request.body;
      if (account !== null && (await getFact(db, 'accounts', { account })) === null)
        throw notFound('account', account);
      const key = request.headers['idempotency-key'];
      const id = typeof key === 'string' ? key : randomUUID();
      const payment = paymentKey('manual', `${personOf(request).id}-${id}`);
      await db.transaction(async (tx) => {
        const { isNew } = await recordPayment(tx, {
          ...rest,
          payment,
          account,
          amountMinor: amount.amount,
          currency: amount.currency,
        });
        if (isNew)
          await audit(tx, {
            actor: actorOf(request),
            action: 'payment.create',
            subject: payment,
            details: { amountMinor: amount.amount, currency: amount.currency },
          });
      });
      const clock = account === null ? null : await clockOf(db, account);
      await processes.startPayment({ payment, clock });
      const answer: Accepted = {
        accepted: true,
        look: `/api/v1/payments/${encodeURIComponent(payment)}`,
      };
      return reply.code(202).header('location', answer.look).send(answer);
    },
  );
  app.get(
    '/payments/:payment/candidates',
    {
      config: { permission: 'payment:read' },
      schema: {
        summary: 'Open invoices that a payment could be for, ranked; with q any that it finds',
        params: byPayment,
        querystring: z.strictObject({ q: z.string().trim().max(200).optional() }),
      },
    },
    async ({ params, query }): Promise<{ items: CandidateView[] }> => {
      const payment = await foundPayment(db, params.payment);
      const papers = await remittancesAround(context, payment);
      const q = query.q === undefined || query.q === '' ? null : query.q;
      return { items: await candidatesOf(context, { payment, q, papers }) };
    },
  );
  app.post(
    '/payments/checked',
    {
      config: { permission: 'payment:allocate' },
      schema: {
        summary: 'Note that somebody looked over payments that matched by themselves',
        body: z.strictObject({ payments: z.array(z.string().min(1).max(300)).min(1).max(1000) }),
      },
    },
    async (request) => {
      const { payments } = request.body;
      const checkedBy = personOf(request).id;
      return { checked: await markChecked(db, { payments, checkedBy, checkedAt: context.now() }) };
    },
  );
  app.post(
    '/payments/:payment/undo',
    {
      config: { permission: 'payment:allocate' },
      schema: {
        summary:
          'Take allocations back as if they had not been made; open until their day is closed',
        params: byPayment,
        body: z.strictObject({ invoices: z.array(name).min(1).max(1000).optional(), reason }),
      },
    },
    async (request) => {
      const { invoices = null, reason: why } = request.body;
      return moved(request, { from: invoices, to: [], account: null, reason: why });
    },
  );
  app.post(
    '/payments/:payment/move',
    {
      config: { permission: 'payment:allocate' },
      schema: {
        summary: 'Take allocations back and pay something else with them, in one step',
        params: byPayment,
        body: z.strictObject({
          from: z.array(name).min(1).max(1000).nullable().default(null),
          to: decidedLines.min(1),
          account: name.nullable().default(null),
          reason,
        }),
      },
    },
    async (request) => moved(request, request.body),
  );
  app.post(
    '/payments/:payment/allocate',
    {
      config: { permission: 'payment:allocate' },
      schema: {
        summary: 'Decide what a payment pays; what is left stays the account’s credit',
        params: byPayment,
        body: z.strictObject({
          lines: decidedLines,
          account: name.nullable().default(null).describe('whose money it is, where not known'),
          reason,
        }),
      },
    },
    async (request) => {
      const payment = await foundPayment(db, request.params.payment);
      const sum = request.body.lines.reduce((total, line) => total + line.amountMinor, 0);
      if (sum > payment.unappliedMinor)
        throw new ProblemError(
          'allocation-exceeds',
          `Only ${payment.unappliedMinor} minor units are unallocated; you allocated ${sum}.`,
        );
      const decision = [request.body, actorOf(request)] as const;
      return askPayment(context, payment, paymentAllocate, [...decision], request.id);
    },
  );
  app.post(
    '/payments/:payment/refund',
    {
      config: { permission: 'payment:refund', answer: 'Approval' },
      schema: {
        summary:
          'Ask to give unapplied credit back, over Stripe where it came by it; a second person approves it',
        params: byPayment,
        body: z.strictObject({ amountMinor: positiveMinor, reason }),
      },
    },
    async (request, reply) => {
      const payment = await foundPayment(db, request.params.payment);
      const { amountMinor } = request.body;
      if (amountMinor > payment.unappliedMinor)
        throw new ProblemError(
          'allocation-exceeds',
          `Only ${payment.unappliedMinor} minor units are unapplied and can be refunded.`,
        );
      const way = await refundWay(context, payment);
      if (way.fault !== null) throw new ProblemError('not-configured', way.fault);
      const sum = inWords([money(amountMinor, payment.currency)]);
      const answer = await askApproval(context, request, {
        action: 'payment.refund',
        subject: payment.payment,
        input: { ...request.body, currency: payment.currency },
        summary: `Refund ${sum} ${way.summary} of ${payment.payment}`,
      });
      return reply.code(answer.state === 'waiting' ? 202 : 200).send(answer);
    },
  );
  app.get(
    '/allocations',
    {
      config: { permission: 'payment:read' },
      schema: {
        summary: 'The split of payments over invoice lines',
        querystring: listQuery({ payment: name.optional(), invoice: name.optional() }),
      },
    },
    ({ query }) => {
      const filter = given({ payment: query.payment, invoice: query.invoice });
      return page<AllocationRow, unknown>(db, 'paymentAllocations', query, filter, async (rows) => {
        const payments = await allRows<Payment>(db, 'payments', {
          payment: [...new Set(rows.map((row) => row.payment)), ''],
        });
        const currencies = new Map(payments.map((row) => [row.payment, row.currency]));
        return rows.map((row) => allocationView(row, currencies.get(row.payment) ?? ''));
      });
    },
  );
};
