/** Reports: Today, Receivables, what the rules say of the books, what was found in a year. */
import { z } from 'zod';
import type { Routes } from '../app.ts';
import { personOf } from '../http/authentication.ts';
import { civilDate, name } from '../http/lists.ts';
import { findingsReport, foundYear } from '../views/findings.ts';
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
    '/reports/findings',
    {
      config: { permission: 'finding:read', answer: 'FindingsReport' },
      schema: {
        summary: 'What the rules say of the books as of a day, computed now and kept by nobody',
        querystring: z.strictObject({
          asOf: civilDate.optional(),
          rule: z.string().max(60).optional(),
          account: name.optional(),
        }),
      },
    },
    ({ query }) => findingsReport(context, query),
  );
  app.get(
    '/reports/found',
    {
      config: { permission: 'finding:read', answer: 'FoundYear' },
      schema: {
        summary: 'What was found in a year, and what of it was recovered or prevented',
        querystring: z.strictObject({
          year: z
            .string()
            .regex(/^20\d\d$/, 'a year')
            .optional(),
        }),
      },
    },
    ({ query }) => foundYear(context, query.year),
  );
};
