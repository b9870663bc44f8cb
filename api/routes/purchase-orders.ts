/** Purchase orders of customers: read, beside the renewal or contract that they answer, accepted or rejected by a person. */
import { z } from 'zod';
import { MAX_PAPER_BYTES, type PaperText } from '../../connectors/papers/paper-text.ts';
import {
  addTimelineEvent,
  contractFacts,
  decideOrder,
  finishPaper,
  getPaper,
  getRenewal,
  listPapers,
  placeOrder,
  type ReceivedPaper,
} from '../../db/index.ts';
import { orderDifferences, type PurchaseOrder, readOrder } from '../../domain/papers/order.ts';
import { contractDecideRenewal } from '../../workflows/messages.ts';
import type { Api, RouteContext, Routes } from '../app.ts';
import { contractArgs, foundContract } from '../contract-commands.ts';
import { actorOf } from '../http/authentication.ts';
import { name, reason } from '../http/lists.ts';
import { bytesOf, keepAndRead, sendFile, takesFiles } from '../papers-in.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { OrderPaperView } from '../types.ts';
import { todayFor } from '../views/parties.ts';
import { answeredBy, orderView } from '../views/purchase-orders.ts';

const LISTED = 200;
const byPaper = z.object({ paper: z.string().min(1).max(100) });
const fileName = z.string().min(1).max(255);
const orderNumber = z.string().trim().min(1).max(60);

export const purchaseOrderRoutes: Routes = (app, context) => {
  void app.register(async (scope) => uploads(takesFiles(scope as unknown as Api), context));
  shown(app, context);
  decided(app, context);
};

/** What is kept of an order once its text is known. */
function understandOrder(context: RouteContext, paper: ReceivedPaper) {
  return async ({ text, readBy, mediaType }: PaperText) => {
    const { renewal, contract } = paper;
    const answered = await answeredBy(context, text, { renewal, contract });
    await finishPaper(context.db, paper.paper, {
      text,
      readBy,
      mediaType,
      understood: readOrder(text, answered?.offer ?? null),
      renewal: answered?.renewal ?? null,
      contract: answered?.contract ?? null,
    });
  };
}

async function orderOf(context: RouteContext, paper: string): Promise<ReceivedPaper> {
  const row = await getPaper(context.db, paper);
  if (row === null || row.kind !== 'order') throw notFound('purchase order', paper);
  // What was being read when the process before this one ended is read now that somebody asks for it.
  if (row.state === 'reading') context.paperReading.begin(row.paper, understandOrder(context, row));
  return row;
}

const uploads: Routes = (app, context) => {
  const { paperReading } = context;
  app.post(
    '/orders/papers',
    {
      bodyLimit: MAX_PAPER_BYTES,
      config: { permission: 'renewal:decide', answer: 'OrderPaperView' },
      schema: {
        summary:
          'Read a customer’s purchase order, compared with the renewal or contract it answers. 202 while it is read',
        querystring: z.strictObject({
          fileName,
          renewal: name.optional(),
          contract: name.optional(),
        }),
        consumes: ['application/octet-stream'],
      },
    },
    async (request, reply): Promise<OrderPaperView> => {
      const { renewal = null, contract = null } = request.query;
      if (renewal !== null || contract !== null)
        await answeredBy(context, '', { renewal, contract });
      const paper = await keepAndRead(
        context,
        {
          kind: 'order',
          fileName: request.query.fileName,
          bytes: bytesOf(request.body),
          payment: null,
          renewal,
          contract,
          createdBy: actorOf(request).user,
        },
        (row) => understandOrder(context, row),
      );
      if (paper.state === 'reading')
        void reply
          .code(202)
          .header('location', `/api/v1/orders/papers/${encodeURIComponent(paper.paper)}`);
      return orderView(context, paper, paperReading);
    },
  );
};

const shown: Routes = (app, context) => {
  const { db, paperReading } = context;
  app.get(
    '/orders/papers',
    {
      config: { permission: 'renewal:read' },
      schema: {
        summary: 'Purchase orders that customers sent, those first that wait for a person',
        querystring: z.strictObject({
          contract: name.optional(),
          decision: z.enum(['waiting', 'accepted', 'rejected']).optional(),
        }),
      },
    },
    async ({ query }) => {
      const { contract, decision } = query;
      const of = contract === undefined ? {} : { contract };
      const rows = await listPapers(db, { kind: 'order', limit: LISTED, ...of });
      const wanted = rows.filter(
        (row) => decision === undefined || (row.decision ?? 'waiting') === decision,
      );
      const items: OrderPaperView[] = [];
      for (const row of wanted)
        items.push(await orderView(context, await orderOf(context, row.paper), paperReading));
      return { items };
    },
  );
  app.get(
    '/orders/papers/:paper',
    {
      config: { permission: 'renewal:read', answer: 'OrderPaperView' },
      schema: { summary: 'One purchase order, beside what it answers', params: byPaper },
    },
    async ({ params }) => orderView(context, await orderOf(context, params.paper), paperReading),
  );
  app.get(
    '/orders/papers/:paper/file',
    {
      config: { permission: 'renewal:read' },
      schema: { summary: 'A purchase order as it came', params: byPaper },
    },
    async ({ params }, reply) => {
      const { paper } = await orderOf(context, params.paper);
      return sendFile(db, paper, reply);
    },
  );
};

const decided: Routes = (app, context) => {
  const { db, now, paperReading } = context;
  const view = async (paper: string) =>
    orderView(context, await orderOf(context, paper), paperReading);

  app.post(
    '/orders/papers/:paper/answers',
    {
      config: { permission: 'renewal:decide', answer: 'OrderPaperView' },
      schema: {
        summary: 'Say which contract a purchase order is for',
        params: byPaper,
        body: z.strictObject({ contract: name }),
      },
    },
    async ({ params, body }) => {
      const row = readable(await orderOf(context, params.paper));
      const answered = await answeredBy(context, '', body);
      if (answered === null) throw notFound('contract', body.contract);
      const { contract, renewal, offer } = answered;
      const understood = readOrder(row.text, offer);
      await placeOrder(db, row.paper, { contract, renewal, understood });
      return view(row.paper);
    },
  );
  app.post(
    '/orders/papers/:paper/accept',
    {
      config: { permission: 'renewal:decide', answer: 'OrderPaperView' },
      schema: {
        summary:
          'Accept a purchase order: its number goes onto the contract, and with `renew` its renewal is accepted',
        params: byPaper,
        body: z.strictObject({
          number: orderNumber,
          renew: z.boolean().default(false),
          reason: reason.nullable().default(null).describe('needed where the order differs'),
        }),
      },
    },
    async (request) => {
      const row = readable(await orderOf(context, request.params.paper));
      const { number, renew, reason: why } = request.body;
      const { renewal, contract } = row;
      if (contract === null)
        throw new ProblemError('state-conflict', 'Say first which contract the order is for.');
      const answered = await answeredBy(context, '', { renewal, contract });
      const order = row.understood as PurchaseOrder;
      const differs = answered !== null && orderDifferences(order, answered.offer).length > 0;
      if (differs && why === null)
        throw new ProblemError(
          'invalid-input',
          'The order differs from what it answers: say why it is accepted all the same.',
        );
      const actor = actorOf(request);
      const decision = { contract, number, reason: why, actor, at: now() };
      await decideOrder(db, { paper: row.paper, decision: 'accepted', ...decision });
      await tellContract(context, row, `Purchase order ${number} accepted`);
      const isOpen = renewal !== null && (await isRenewalOpen(context, renewal));
      if (renew && isOpen) await acceptRenewal(context, { ...decision, renewal }, request.id);
      return view(row.paper);
    },
  );
  app.post(
    '/orders/papers/:paper/reject',
    {
      config: { permission: 'renewal:decide', answer: 'OrderPaperView' },
      schema: {
        summary: 'Reject a purchase order; nothing else changes',
        params: byPaper,
        body: z.strictObject({ reason }),
      },
    },
    async (request) => {
      const row = readable(await orderOf(context, request.params.paper));
      const { contract } = row;
      const { reason: why } = request.body;
      const actor = actorOf(request);
      await decideOrder(db, {
        paper: row.paper,
        decision: 'rejected',
        contract,
        number: null,
        reason: why,
        actor,
        at: now(),
      });
      const { number } = row.understood as PurchaseOrder;
      await tellContract(context, row, `Purchase order ${number ?? row.fileName} rejected: ${why}`);
      return view(row.paper);
    },
  );
};

/** Nothing is decided of a paper that nobody could read yet. */
function readable(row: ReceivedPaper): ReceivedPaper {
  if (row.state === 'read') return row;
  const what = row.state === 'failed' ? `could not be read: ${row.fault}` : 'is not read yet';
  throw new ProblemError('state-conflict', `The order ${what}.`);
}

async function tellContract(
  { db, now }: RouteContext,
  { paper, contract }: ReceivedPaper,
  words: string,
): Promise<void> {
  const facts = contract === null ? null : await contractFacts(db, contract);
  if (facts === null) return;
  const { account } = facts.contract;
  const { today } = await todayFor(db, { account, contract: facts.contract.contract }, now());
  await addTimelineEvent(db, {
    key: `${paper}:decided`,
    contract,
    account,
    happenedOn: today,
    kind: 'renewal',
    words,
    references: { paper },
  });
}

/** Asked again after it was answered, the order changes nothing of it. */
async function isRenewalOpen({ db }: RouteContext, renewal: string): Promise<boolean> {
  const found = await getRenewal(db, renewal);
  return found?.state === 'drawn_up' || found?.state === 'sent';
}

/** The order is the customer's answer: it is entered as any other (billing rules §9). */
async function acceptRenewal(
  { db, now, processes }: RouteContext,
  order: { contract: string; renewal: string; number: string; actor: ReturnType<typeof actorOf> },
  request: string,
): Promise<void> {
  const { contract, renewal, number, actor } = order;
  const facts = await foundContract(db, contract);
  const { account } = facts.contract;
  const { today: on } = await todayFor(db, { account, contract }, now());
  const answer = { renewal, decision: 'accept' as const, on, reason: `Purchase order ${number}` };
  await processes.updateContract(
    ...contractArgs(facts),
    contractDecideRenewal,
    [answer, actor],
    request,
  );
}
