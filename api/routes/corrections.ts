/** What customers propose to change in their own record, and a person's decision on it. */
import { z } from 'zod';
import { type Correction, decideCorrection, getCorrection } from '../../db/index.ts';
import type { Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { given, listQuery, name, page, reason } from '../http/lists.ts';
import { notFound } from '../problems.ts';
import type { CorrectionView } from '../types.ts';
import { todayFor } from '../views/parties.ts';
import { namesOf } from '../views/people.ts';

const byCorrection = z.object({ correction: name });

export const correctionRoutes: Routes = (app, { db, now }) => {
  const views = async (rows: readonly Correction[]): Promise<CorrectionView[]> => {
    const nameOf = await namesOf(db);
    return rows.map(({ createdAt: _, decidedBy, ...row }) => ({
      ...row,
      decidedBy: decidedBy === null ? null : nameOf(decidedBy).name,
    }));
  };
  const view = async (row: Correction) => (await views([row]))[0];

  app.get(
    '/corrections',
    {
      config: { permission: 'correction:read', answer: 'Page<CorrectionView>' },
      schema: {
        summary: 'Proposals of customers; `state=waiting` for those that nobody has decided',
        querystring: listQuery({
          account: name.optional(),
          state: z.enum(['waiting', 'accepted', 'refused']).optional(),
        }),
      },
    },
    ({ query }) => {
      const { account, state } = query;
      return page<Correction, CorrectionView>(
        db,
        'corrections',
        query,
        given({ account, state }),
        views,
      );
    },
  );
  app.get(
    '/corrections/:correction',
    {
      config: { permission: 'correction:read', answer: 'CorrectionView' },
      schema: { params: byCorrection },
    },
    async ({ params }) => {
      const found = await getCorrection(db, params.correction);
      if (found === null) throw notFound('correction', params.correction);
      return view(found);
    },
  );
  for (const [verb, state, summary] of [
    ['accept', 'accepted', 'Write it into the record, and a note into the CRM'],
    ['refuse', 'refused', 'Leave the record as it is'],
  ] as const)
    app.post(
      `/corrections/:correction/${verb}`,
      {
        config: { permission: 'correction:decide', answer: 'CorrectionView' },
        schema: {
          summary,
          params: byCorrection,
          body: z.strictObject({ reason: verb === 'refuse' ? reason : reason.nullish() }),
        },
      },
      async (request) => {
        const { correction } = request.params;
        const found = await getCorrection(db, correction);
        if (found === null) throw notFound('correction', correction);
        const { today } = await todayFor(db, { account: found.account }, now());
        const why = request.body.reason ?? null;
        const actor = actorOf(request);
        return view(await decideCorrection(db, { correction, state, reason: why, actor, today }));
      },
    );
};
