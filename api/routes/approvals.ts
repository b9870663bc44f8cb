/** Approvals besides bill runs: credits and refunds. Whoever made one never decides on it. */
import { z } from 'zod';
import { decideApproval, getApproval, type Approval as StoredApproval } from '../../db/index.ts';
import type { Routes } from '../app.ts';
import { approvalViews, approve, viewOfApproval } from '../approvals.ts';
import { actorOf, personOf } from '../http/authentication.ts';
import { given, listQuery, page, reason, shownHash } from '../http/lists.ts';
import { notFound } from '../problems.ts';

const byApproval = z.object({ approval: z.string().min(1).max(300) });

export const approvalRoutes: Routes = (app, context) => {
  const { db } = context;
  const found = async (approval: string) => {
    const row = await getApproval(db, approval);
    if (row === null) throw notFound('approval', approval);
    return row;
  };
  const view = (row: StoredApproval, request: Parameters<typeof personOf>[0]) =>
    viewOfApproval(db, row, personOf(request));

  app.get(
    '/approvals',
    {
      config: { permission: 'approval:read', answer: 'Page<Approval>' },
      schema: {
        summary: 'What waits for a second person, and what was decided',
        querystring: listQuery({
          state: z.enum(['waiting', 'approved', 'refused', 'withdrawn']).optional(),
          subject: z.string().max(200).optional(),
        }),
      },
    },
    (request) => {
      const { state, subject } = request.query;
      const query = { ...request.query, sort: request.query.sort ?? '-createdAt' };
      return page<StoredApproval, unknown>(
        db,
        'approvals',
        query,
        given({ state, subject }),
        (rows) => approvalViews(db, rows, personOf(request)),
      );
    },
  );
  app.get(
    '/approvals/:approval',
    {
      config: { permission: 'approval:read', answer: 'Approval' },
      schema: { params: byApproval },
    },
    async (request) => view(await found(request.params.approval), request),
  );
  app.post(
    '/approvals/:approval/approve',
    {
      config: { permission: 'approval:decide', answer: 'Approval' },
      schema: {
        summary: 'Approve exactly what was shown; it is carried out at once',
        params: byApproval,
        body: z.strictObject({ shownHash }),
      },
    },
    async (request) => {
      const waiting = await found(request.params.approval);
      const { shownHash: hash } = request.body;
      return view(await approve(context, waiting, actorOf(request), hash), request);
    },
  );
  app.post(
    '/approvals/:approval/refuse',
    {
      config: { permission: 'approval:decide', answer: 'Approval' },
      schema: { params: byApproval, body: z.strictObject({ reason }) },
    },
    async (request) => {
      const waiting = await found(request.params.approval);
      const decided = await decideApproval(db, {
        approval: waiting.approval,
        decision: 'refused',
        shownHash: waiting.shownHash,
        actor: actorOf(request),
        reason: request.body.reason,
      });
      return view(decided, request);
    },
  );
};
