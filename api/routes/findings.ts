/** Findings: the list, one with both its sides, who looks after it, what one decision does; looking over the books on demand. */
import { z } from 'zod';
import {
  acceptFinding,
  assignFinding,
  findingNumber,
  getFinding,
  listUsers,
  type StoredFinding,
} from '../../db/index.ts';
import { FINDING_STATES } from '../../domain/findings/life.ts';
import type { Routes } from '../app.ts';
import { carryOutAction, previewAction } from '../findings/actions.ts';
import { actorOf, personOf } from '../http/authentication.ts';
import { civilDate, given, listQuery, name, page, reason, shownHash } from '../http/lists.ts';
import { notFound } from '../problems.ts';
import type { Accepted, FindingSummary } from '../types.ts';
import { findingDetail, findingSummaries, findingsOverview } from '../views/findings.ts';
import { todayOf } from '../views/parties.ts';

const byFinding = z.object({ finding: z.string().regex(/^[Ff]-\d{1,15}$/, 'F- and a number') });
const byAction = byFinding.extend({ action: z.string().min(1).max(60) });
/** What a person filled in, by field; each action checks its own. */
const input = z.record(z.string().max(60), z.string().max(2000)).default({});
const OPEN = FINDING_STATES.filter((state) => state !== 'resolved' && state !== 'accepted');

export const findingRoutes: Routes = (app, context) => {
  const { db, processes, now } = context;
  const found = async (finding: string): Promise<StoredFinding> => {
    const number = findingNumber(finding);
    const row = number === null ? null : await getFinding(db, number);
    if (row === null) throw notFound('finding', finding);
    return row;
  };

  app.get(
    '/findings',
    {
      config: { permission: 'finding:read', answer: 'Page<FindingSummary>' },
      schema: {
        summary: 'What we are missing: one finding a discrepancy, open ones by default',
        querystring: listQuery({
          state: z
            .enum([...FINDING_STATES, 'open', 'all'])
            .default('open')
            .describe('open: neither accepted nor resolved'),
          rule: z.string().max(60).optional(),
          severity: z.enum(['high', 'medium', 'low']).optional(),
          owner: name
            .optional()
            .describe('a person’s id; `none` for those that nobody has taken on'),
          account: name.optional(),
          contract: name.optional(),
          subcontract: name.optional(),
          currency: z.string().length(3).optional(),
        }),
      },
    },
    ({ query }) => {
      const { state, rule, severity, owner, account, contract, subcontract, currency } = query;
      const states = state === 'all' ? undefined : state === 'open' ? OPEN : [state];
      const filter = {
        ...given({ state: states, rule, severity, account, contract, subcontract, currency }),
        ...(owner === undefined ? {} : { owner: owner === 'none' ? null : owner }),
      };
      const sorted = { ...query, sort: query.sort ?? '-openMinor' };
      return page<StoredFinding, FindingSummary>(db, 'findings', sorted, filter, (rows) =>
        findingSummaries(context, rows),
      );
    },
  );
  app.get(
    '/findings/overview',
    {
      config: { permission: 'finding:read', answer: 'FindingsOverview' },
      schema: {
        summary: 'How much is at stake, when the books were looked over, what was not compared',
      },
    },
    () => findingsOverview(context),
  );
  app.post(
    '/findings/look',
    {
      config: { permission: 'finding:look', answer: 'Accepted' },
      schema: {
        summary: 'Look over the books now; `lastLook` of the overview changes when it is done',
      },
    },
    async (_request, reply) => {
      await processes.lookOverBooks('demand');
      const answer: Accepted = { accepted: true, look: '/api/v1/findings/overview' };
      return reply.code(202).header('location', '/api/v1/findings/overview').send(answer);
    },
  );
  app.get(
    '/findings/:finding',
    {
      config: { permission: 'finding:read', answer: 'FindingDetail' },
      schema: {
        summary: 'A finding with the records of both sides and its actions',
        params: byFinding,
      },
    },
    async (request) =>
      findingDetail(context, await found(request.params.finding), personOf(request)),
  );
  app.post(
    '/findings/:finding/assign',
    {
      config: { permission: 'finding:assign', answer: 'FindingDetail' },
      schema: {
        summary: 'Take it on, or give it to a colleague',
        params: byFinding,
        body: z.strictObject({
          owner: name.optional().describe('a person’s id or mail address; default: who asks'),
          reason: reason.nullish(),
        }),
      },
    },
    async (request) => {
      const { number } = await found(request.params.finding);
      const actor = actorOf(request);
      const asked = request.body.owner?.toLowerCase();
      const people = (await listUsers(db)).filter(({ disabledAt }) => disabledAt === null);
      const owner =
        asked === undefined
          ? actor.user
          : people.find(
              ({ id, email }) => id.toLowerCase() === asked || email.toLowerCase() === asked,
            )?.id;
      if (owner === undefined) throw notFound('person', request.body.owner ?? '');
      const why = request.body.reason ?? null;
      const on = await todayOf(db, now());
      const row = await assignFinding(db, { number, owner, reason: why, on, actor });
      return findingDetail(context, row, personOf(request));
    },
  );
  app.post(
    '/findings/:finding/accept',
    {
      config: { permission: 'finding:accept', answer: 'FindingDetail' },
      schema: {
        summary:
          'Let it be through a day, with the reason; it opens again after that, or once more is at stake',
        params: byFinding,
        body: z.strictObject({ until: civilDate, reason }),
      },
    },
    async (request) => {
      const { number } = await found(request.params.finding);
      const { until, reason: why } = request.body;
      const on = await todayOf(db, now());
      const actor = actorOf(request);
      const row = await acceptFinding(db, { number, until, reason: why, on, actor });
      return findingDetail(context, row, personOf(request));
    },
  );
  app.post(
    '/findings/:finding/actions/:action/preview',
    {
      config: { permission: 'finding:act', answer: 'FindingPreview' },
      schema: {
        summary: 'What an action would change, before and after; nothing is done',
        params: byAction,
        body: z.strictObject({ input }),
      },
    },
    async ({ params, body }) =>
      previewAction(context, await found(params.finding), params.action, body.input),
  );
  app.post(
    '/findings/:finding/actions/:action',
    {
      config: { permission: 'finding:act', answer: 'FindingDone' },
      schema: {
        summary: 'Do exactly what the preview showed; where money moves, a second person decides',
        params: byAction,
        body: z.strictObject({ input, reason, shownHash }),
      },
    },
    async (request, reply) => {
      const { finding, action } = request.params;
      const { input: values, reason: why, shownHash: hash } = request.body;
      const row = await found(finding);
      const asked = { kind: action, input: values, shownHash: hash };
      const deed = { actor: actorOf(request), reason: why, request: request.id };
      return reply.code(202).send(await carryOutAction(context, row, asked, deed));
    },
  );
};
