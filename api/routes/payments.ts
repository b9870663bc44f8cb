/** Payments and cases: what came in, what it pays, what a person decides. A refund needs a second person. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  type AuditEvent,
  audit,
  clockOf,
  getFact,
  getInvoice,
  getPayment,
  openInvoices,
  type Payment,
  recordPayment,
} from '../../db/index.ts';
import { paymentKey, paymentWorkflowId } from '../../workflows/ids.ts';
import { paymentAllocate } from '../../workflows/messages.ts';
import type { RouteContext, Routes } from '../app.ts';
import { askApproval } from '../approvals.ts';
import { actorOf, personOf } from '../http/authentication.ts';
import { allRows, civilDate, given, listQuery, name, page, reason } from '../http/lists.ts';
import { may } from '../permissions.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { Accepted, PaymentPage } from '../types.ts';
import {
  type AllocationRow,
  allocationView,
  changeView,
  invoiceSummary,
  lineView,
  paymentSummary,
} from '../views/invoices.ts';
import { inWords, money } from '../views/money.ts';
import { accountNames, todayOf } from '../views/parties.ts';
import { namesOf } from '../views/people.ts';
import { workflowLink } from '../views/workflow-link.ts';

const byPayment = z.object({ payment: z.string().min(1).max(300) });
const minor = z.int().positive().describe('minor units');
/** Candidates on the Cash page: enough to find it, few enough to read. */
const CANDIDATES = 25;

/** What the matching left with a payment (domain/allocation's answer). */
interface Matching {
  readonly rule?: string | null;
  readonly explanation?: string;
  readonly proposals?: readonly (readonly { invoice: string; amount: number }[])[];
}

export const paymentRoutes: Routes = (app, context) => {
  const { db, processes } = context;
  const found = async (payment: string) => {
    const row = await getPayment(db, payment);
    if (row === null) throw notFound('payment', payment);
    return row;
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
        }),
      },
    },
    ({ query }) => {
      const { account, state, currency, receivedFrom, receivedTo } = query;
      const filter = given({ account, state, currency });
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
    async (request) => paymentPage(context, await found(request.params.payment), request),
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
          amount: z.strictObject({ amount: minor, currency: z.string().regex(/^[A-Z]{3}$/) }),
          method: z.string().max(60).nullable().default(null),
          reference: z.string().max(1000).nullable().default(null),
          payer: z.string().max(200).nullable().default(null),
          lines: z
            .array(
              z.strictObject({
                invoice: name,
                line: name.nullable().default(null),
                subcontract: name.nullable().default(null),
                amount: minor,
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
  app.post(
    '/payments/:payment/allocate',
    {
      config: { permission: 'payment:allocate' },
      schema: {
        summary: 'Decide what a payment pays; what is left stays the account’s credit',
        params: byPayment,
        body: z.strictObject({
          lines: z
            .array(
              z.strictObject({
                invoice: name,
                line: name.nullable().default(null),
                amountMinor: minor,
              }),
            )
            .max(1000),
          reason,
        }),
      },
    },
    async (request) => {
      const payment = await found(request.params.payment);
      const sum = request.body.lines.reduce((total, line) => total + line.amountMinor, 0);
      if (sum > payment.unappliedMinor)
        throw new ProblemError(
          'allocation-exceeds',
          `Only ${payment.unappliedMinor} minor units are unallocated; you allocated ${sum}.`,
        );
      const input = [request.body, actorOf(request)] as const;
      const clock = payment.account === null ? null : await clockOf(db, payment.account);
      const args = { payment: payment.payment, clock };
      return processes.updatePayment(args, paymentAllocate, [...input], request.id);
    },
  );
  app.post(
    '/payments/:payment/refund',
    {
      config: { permission: 'payment:refund', answer: 'Approval' },
      schema: {
        summary: 'Ask to give unapplied credit back; a second person approves it',
        params: byPayment,
        body: z.strictObject({ amountMinor: minor, reason }),
      },
    },
    async (request, reply) => {
      const payment = await found(request.params.payment);
      const { amountMinor } = request.body;
      if (amountMinor > payment.unappliedMinor)
        throw new ProblemError(
          'allocation-exceeds',
          `Only ${payment.unappliedMinor} minor units are unapplied and can be refunded.`,
        );
      const answer = await askApproval(context, request, {
        action: 'payment.refund',
        subject: payment.payment,
        input: request.body,
        summary: `Refund ${inWords([money(amountMinor, payment.currency)])} of ${payment.payment}`,
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

async function paymentPage(
  context: RouteContext,
  payment: Payment,
  request: Parameters<typeof personOf>[0],
): Promise<PaymentPage> {
  const { db, now, configuration } = context;
  const person = personOf(request);
  const { currency, account } = payment;
  const clock = account === null ? null : await clockOf(db, account);
  const matching = (payment.matching ?? {}) as Matching;
  const open =
    payment.unappliedMinor > 0 ? await openInvoices(db, { clock, account, currency }) : [];
  const near = (balance: number) => Math.abs(balance - payment.unappliedMinor);
  const ranked = [...open].sort((a, b) => near(a.balance) - near(b.balance)).slice(0, CANDIDATES);
  const [nameOf, allocations, changes, nameOfUser, today] = await Promise.all([
    accountNames(db, [payment.account, ...ranked.map((one) => one.account)]),
    allRows<AllocationRow>(db, 'paymentAllocations', { payment: payment.payment }),
    allRows<AuditEvent>(db, 'auditEvents', {
      subject: [payment.payment, paymentWorkflowId(payment.payment)],
    }),
    namesOf(db),
    todayOf(db, now()),
  ]);
  const candidates = await Promise.all(
    ranked.map(async ({ invoice: number, balance }) => {
      const whole = await getInvoice(db, number);
      return whole === null
        ? []
        : [
            {
              invoice: invoiceSummary(whole.invoice, nameOf, today),
              lines: whole.lines.map((line) => lineView(line, currency)),
              why:
                balance === payment.unappliedMinor
                  ? 'Its balance is exactly the amount'
                  : payment.account === null
                    ? 'Open, in the same currency'
                    : 'Open invoice of the payer',
            },
          ];
    }),
  );
  const decides = payment.unappliedMinor > 0 && payment.state !== 'returned';
  return {
    ...paymentSummary(payment, nameOf),
    bankAccount: payment.bankAccount,
    allocations: allocations.map((row) => allocationView(row, currency)),
    explanation: matching.explanation ?? null,
    rule: matching.rule ?? null,
    proposals: (matching.proposals ?? []).map((proposal) => ({
      allocations: proposal.map((one) => ({
        invoice: one.invoice,
        amount: money(one.amount, currency),
      })),
      sum: money(
        proposal.reduce((sum, one) => sum + one.amount, 0),
        currency,
      ),
    })),
    candidates: candidates.flat(),
    changes: changes.map((event) => changeView(event, nameOfUser)),
    may: [
      ...(decides && may(person.role, 'payment:allocate') ? (['allocate'] as const) : []),
      ...(decides && may(person.role, 'payment:refund') ? (['refund'] as const) : []),
    ],
    temporalUiUrl: workflowLink(configuration, person, paymentWorkflowId(payment.payment)),
  };
}
