/** Bill runs: start, preview, review, submit, approve (by a second person), watch. Decisions are the workflow's. */
import { z } from 'zod';
import { type BillRun, getRun, getRunItem, listRunItems, runProgress } from '../../db/index.ts';
import type { BillDocument } from '../../domain/bill-run/document.ts';
import { runDayOf } from '../../domain/bill-run/run-day.ts';
import { billRunWorkflowId, runName } from '../../workflows/ids.ts';
import {
  runApprove,
  runExclude,
  runInclude,
  runRecompute,
  runRefuse,
  runSubmit,
} from '../../workflows/messages.ts';
import type { Routes } from '../app.ts';
import { actorOf, personOf } from '../http/authentication.ts';
import { sendPaper, sendPdf } from '../http/headers.ts';
import { civilDate, given, listQuery, name, page, reason, shownHash } from '../http/lists.ts';
import { streamEvents } from '../http/stream.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { Accepted, BillRunItemDetail, BillRunProgress, BillRunSummary } from '../types.ts';
import { itemViews, type RunItemRow, reviewOf, runSummaries } from '../views/bill-runs.ts';
import { previewRun } from '../views/preview.ts';

const month = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
  .describe('YYYY-MM');
/** The name of a run: its month, a rehearsal's clock, or what an off-cycle run is for. */
export const byRun = z.object({ run: z.string().regex(/^\d{4}-\d{2}([@+][\w.-]{1,60})?$/) });
const byItem = byRun.extend({ item: z.string().min(1).max(300) });
const FINAL: ReadonlySet<string> = new Set(['issued', 'refused', 'failed']);

export const billRunRoutes: Routes = (app, context) => {
  const { db, processes, papers, now } = context;
  const runOf = async (run: string) => {
    const found = await getRun(db, run);
    if (found === null) throw notFound('bill run', run);
    return found;
  };
  const progressOf = async (run: string): Promise<BillRunProgress> => {
    const { state, due, issued, failed } = await runProgress(db, run);
    return { run, state, due, issued, failed, at: now().toISOString() };
  };

  app.get(
    '/bill-runs',
    {
      config: { permission: 'bill-run:read', answer: 'Page<BillRunSummary>' },
      schema: {
        summary: 'Bill runs',
        querystring: listQuery({
          state: z.string().max(40).optional(),
        }),
      },
    },
    ({ query }) =>
      page<BillRun, BillRunSummary>(
        db,
        'billRuns',
        { ...query, sort: query.sort ?? '-run' },
        { ...given({ state: query.state }), clock: query.clock ?? null },
        (rows) => runSummaries(db, rows),
      ),
  );
  app.post(
    '/bill-runs',
    {
      config: { permission: 'bill-run:start', answer: 'Accepted' },
      schema: {
        summary:
          'Compute a month’s run for review; nothing is issued before a second person approves',
        body: z.strictObject({
          month,
          runOn: civilDate.optional().describe('default: the 15th'),
          clock: z.string().max(60).optional(),
        }),
      },
    },
    async (request, reply) => {
      const { month: wanted, clock = null } = request.body;
      const run = runName(wanted, clock);
      const runOn = request.body.runOn ?? runDayOf(wanted);
      if (!runOn.startsWith(wanted))
        throw new ProblemError('invalid-input', `The run date ${runOn} is not in ${wanted}.`);
      if ((await getRun(db, run)) !== null)
        throw new ProblemError('run-exists', `There is a bill run ${run} already; open it.`);
      await processes.startBillRun({ run, runOn, clock, startedBy: actorOf(request) });
      const answer: Accepted = { accepted: true, look: `/api/v1/bill-runs/${run}` };
      return reply.code(202).header('location', answer.look).send(answer);
    },
  );
  app.post(
    '/bill-runs/preview',
    {
      config: { permission: 'bill-run:preview', answer: 'BillRunPreviewAnswer' },
      schema: {
        summary: 'What a run would bill; nothing is written',
        body: z.strictObject({
          runOn: civilDate,
          contract: name.optional(),
          clock: z.string().max(60).optional(),
        }),
      },
    },
    ({ body }) => previewRun(db, body),
  );
  app.get(
    '/bill-runs/:run',
    {
      config: { permission: 'bill-run:read', answer: 'BillRunReview' },
      schema: { summary: 'The review page’s head and exceptions', params: byRun },
    },
    async (request) => reviewOf(context, await runOf(request.params.run), personOf(request)),
  );
  app.get(
    '/bill-runs/:run/items',
    {
      config: { permission: 'bill-run:read', answer: 'Page<BillRunItem>' },
      schema: {
        summary: 'Documents and exceptions of a run',
        params: byRun,
        querystring: listQuery({
          kind: z.string().max(40).optional(),
          decision: z.enum(['include', 'exclude', 'hold']).optional(),
          state: z.string().max(40).optional(),
          code: z.string().max(60).optional(),
          account: name.optional(),
          contract: name.optional(),
        }),
      },
    },
    async ({ params, query }) => {
      await runOf(params.run);
      const { kind, decision, state, code, account, contract } = query;
      const filter = {
        run: params.run,
        ...given({ kind, decision, state, code, account, contract }),
      };
      return page<RunItemRow, unknown>(db, 'billRunItems', query, filter, (rows) =>
        itemViews(db, rows),
      );
    },
  );
  app.get(
    '/bill-runs/:run/items/:item',
    {
      config: { permission: 'bill-run:read', answer: 'BillRunItemDetail' },
      schema: { summary: 'One document with its lines and their derivations', params: byItem },
    },
    async ({ params }): Promise<BillRunItemDetail> => {
      await runOf(params.run);
      const found = await getRunItem(db, params.run, params.item);
      if (found === null)
        throw new ProblemError('run-item-unknown', `${params.run} has no item ${params.item}.`);
      const [view] = await itemViews(db, [found]);
      if (view === undefined) throw new Error('an item has a view');
      const { document } = found;
      return {
        ...view,
        poNumber: document?.poNumber ?? null,
        paymentTerms: document?.paymentTerms ?? null,
        issueDate: document?.issueDate ?? null,
        dueDate: document?.dueDate ?? null,
        lines: document?.lines ?? [],
        taxes: document?.taxes ?? [],
      };
    },
  );

  const draftOf = async (run: string, item: string): Promise<BillDocument> => {
    const document = (await getRunItem(db, run, item))?.document ?? null;
    if (document === null)
      throw new ProblemError('run-item-unknown', `${run} has no document ${item}.`);
    return document;
  };
  app.get(
    '/bill-runs/:run/items/:item/pdf',
    {
      config: { permission: 'bill-run:read' },
      schema: { summary: 'The paper as it will look', params: byItem },
    },
    async ({ params }, reply) =>
      sendPdf(reply, await papers.draftPdf(await draftOf(params.run, params.item))),
  );
  app.get(
    '/bill-runs/:run/items/:item/html',
    {
      config: { permission: 'bill-run:read' },
      schema: { summary: 'The document as it will look, as a page', params: byItem },
    },
    async ({ params }, reply) =>
      sendPaper(reply, await papers.draftHtml(await draftOf(params.run, params.item))),
  );
  app.post(
    '/bill-runs/:run/items/:item/exclude',
    {
      config: { permission: 'bill-run:review' },
      schema: {
        summary: 'Leave a document out of this run, with a reason',
        params: byItem,
        body: z.strictObject({ decision: z.enum(['exclude', 'hold']).default('exclude'), reason }),
      },
    },
    async (request, reply) => {
      const { run, item } = request.params;
      await runOf(run);
      const { decision, reason: why } = request.body;
      await processes.update(
        billRunWorkflowId(run),
        runExclude,
        [{ item, decision, reason: why }, actorOf(request)],
        request.id,
      );
      return reply.code(204).send();
    },
  );
  app.post(
    '/bill-runs/:run/items/:item/include',
    {
      config: { permission: 'bill-run:review' },
      schema: {
        summary: 'Take a document back in',
        params: byItem,
        body: z.strictObject({ reason: reason.nullable().default(null) }),
      },
    },
    async (request, reply) => {
      const { run, item } = request.params;
      await runOf(run);
      await processes.update(
        billRunWorkflowId(run),
        runInclude,
        [{ item, reason: request.body.reason }, actorOf(request)],
        request.id,
      );
      return reply.code(204).send();
    },
  );
  app.post(
    '/bill-runs/:run/recompute',
    {
      config: { permission: 'bill-run:start', answer: 'Accepted' },
      schema: {
        summary: 'Compute a run in review anew, from the book as it is now; decisions stay',
        params: byRun,
      },
    },
    async (request, reply) => {
      const { run } = request.params;
      await runOf(run);
      await processes.update(billRunWorkflowId(run), runRecompute, [actorOf(request)], request.id);
      const answer: Accepted = { accepted: true, look: `/api/v1/bill-runs/${run}` };
      return reply.code(202).header('location', answer.look).send(answer);
    },
  );
  app.post(
    '/bill-runs/:run/submit',
    {
      config: { permission: 'bill-run:submit' },
      schema: { summary: 'Freeze the numbers and ask a second person to approve', params: byRun },
    },
    async (request) => {
      const { run } = request.params;
      await runOf(run);
      return processes.update(billRunWorkflowId(run), runSubmit, [actorOf(request)], request.id);
    },
  );
  app.post(
    '/bill-runs/:run/approve',
    {
      config: { permission: 'bill-run:approve', answer: 'Accepted' },
      schema: {
        summary: 'Approve exactly the numbers that were shown; issuing begins',
        params: byRun,
        body: z.strictObject({ shownHash }),
      },
    },
    async (request, reply) => {
      const { run } = request.params;
      await runOf(run);
      const actor = actorOf(request);
      await processes.update(billRunWorkflowId(run), runApprove, [request.body, actor], request.id);
      const answer: Accepted = { accepted: true, look: `/api/v1/bill-runs/${run}/progress` };
      return reply.code(202).header('location', answer.look).send(answer);
    },
  );
  app.post(
    '/bill-runs/:run/refuse',
    {
      config: { permission: 'bill-run:approve' },
      schema: {
        summary: 'Send a submitted run back to review',
        params: byRun,
        body: z.strictObject({ reason }),
      },
    },
    async (request, reply) => {
      const { run } = request.params;
      await runOf(run);
      const { reason: why } = request.body;
      const actor = actorOf(request);
      await processes.update(
        billRunWorkflowId(run),
        runRefuse,
        [{ reason: why }, actor],
        request.id,
      );
      return reply.code(204).send();
    },
  );

  app.get(
    '/bill-runs/:run/progress',
    {
      config: { permission: 'bill-run:read', answer: 'BillRunProgress' },
      schema: { summary: 'How far issuing is', params: byRun },
    },
    async ({ params }) => {
      await runOf(params.run);
      return progressOf(params.run);
    },
  );
  app.get(
    '/bill-runs/:run/stream',
    {
      config: { permission: 'bill-run:read' },
      schema: {
        summary: 'Progress as server-sent events, until the run has ended',
        params: byRun,
      },
    },
    async (request, reply) => {
      const { run } = request.params;
      await runOf(run);
      await streamEvents(
        request,
        reply,
        'progress',
        () => progressOf(run),
        ({ state }) => FINAL.has(state),
      );
    },
  );
  app.get(
    '/bill-runs/:run/result',
    {
      config: { permission: 'bill-run:read' },
      schema: { summary: 'The result file (CSV): what was issued and what was not', params: byRun },
    },
    async (request, reply) => {
      const { run } = request.params;
      await runOf(run);
      const items = await itemViews(db, await listRunItems(db, run, { documents: false }));
      const { csvOf } = await import('../views/csv.ts');
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="bill-run-${run}.csv"`)
        .send(
          csvOf(
            items.map(({ account, net, tax, total, lastMonth, lastYear, difference, ...row }) => ({
              ...row,
              account: account?.account ?? null,
              accountName: account?.name ?? null,
              netMinor: net?.amount ?? null,
              taxMinor: tax?.amount ?? null,
              totalMinor: total?.amount ?? null,
              lastMonthMinor: lastMonth?.amount ?? null,
              lastYearMinor: lastYear?.amount ?? null,
              differenceMinor: difference?.amount ?? null,
            })),
          ),
        );
    },
  );
};
