/** Renewal agreements: what ends, what comes, what was answered. The answer is entered on the contract. */
import { z } from 'zod';
import { getRenewal, type Renewal } from '../../db/index.ts';
import type { Routes } from '../app.ts';
import { civilDate, given, listQuery, name, page } from '../http/lists.ts';
import { notFound } from '../problems.ts';
import { renewalView } from '../views/contracts.ts';
import { accountNames } from '../views/parties.ts';

export const renewalRoutes: Routes = (app, { db }) => {
  app.get(
    '/renewals',
    {
      config: { permission: 'renewal:read', answer: 'Page<RenewalView>' },
      schema: {
        summary: 'Renewal agreements',
        querystring: listQuery({
          account: name.optional(),
          contract: name.optional(),
          state: z.enum(['drawn_up', 'sent', 'accepted', 'declined', 'lapsed']).optional(),
          startsFrom: civilDate.optional(),
          startsTo: civilDate.optional(),
        }),
      },
    },
    ({ query }) => {
      const { account, contract, state, startsFrom, startsTo } = query;
      const filter = given({ account, contract, state });
      if (startsFrom !== undefined || startsTo !== undefined)
        filter.termStart = given({ from: startsFrom, to: startsTo }) as { from?: string };
      const sorted = { ...query, sort: query.sort ?? 'termStart' };
      return page<Renewal, unknown>(db, 'renewals', sorted, filter, async (rows) => {
        const nameOf = await accountNames(
          db,
          rows.map((row) => row.account),
        );
        return rows.map((row) => renewalView(row, nameOf));
      });
    },
  );
  app.get(
    '/renewals/:renewal',
    {
      config: { permission: 'renewal:read', answer: 'RenewalView' },
      schema: { params: z.object({ renewal: z.string().min(1).max(300) }) },
    },
    async ({ params }) => {
      const renewal = await getRenewal(db, params.renewal);
      if (renewal === null) throw notFound('renewal', params.renewal);
      const nameOf = await accountNames(db, [renewal.account]);
      return { ...renewalView(renewal, nameOf), agreement: renewal.agreement };
    },
  );
};
