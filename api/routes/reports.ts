/** Reports: Today, Receivables, Findings. */
import { z } from 'zod';
import type { Routes } from '../app.ts';
import { personOf } from '../http/authentication.ts';
import { civilDate, name } from '../http/lists.ts';
import { findings } from '../views/findings.ts';
import { receivablesReport } from '../views/receivables.ts';
import { todayReport } from '../views/today.ts';

export const reportRoutes: Routes = (app, context) => {
  app.get(
    '/reports/today',
    {
      config: { permission: 'report:read', answer: 'Today' },
      schema: {
        summary: 'What needs me',
        querystring: z.strictObject({ since: z.iso.datetime({ offset: true }).optional() }),
      },
    },
    (request) => todayReport(context, personOf(request), request.query.since),
  );
  app.get(
    '/reports/receivables',
    {
      config: { permission: 'report:read', answer: 'Receivables' },
      schema: {
        summary: 'Who owes us',
        querystring: z.strictObject({ asOf: civilDate.optional(), entity: name.optional() }),
      },
    },
    ({ query }) => receivablesReport(context, query),
  );
  app.get(
    '/findings',
    {
      config: { permission: 'finding:read', answer: 'Findings' },
      schema: {
        summary: 'What we are missing',
        querystring: z.strictObject({
          asOf: civilDate.optional(),
          rule: z.string().max(60).optional(),
          account: name.optional(),
        }),
      },
    },
    ({ query }) => findings(context, query),
  );
};
