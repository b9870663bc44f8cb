/** Statements of account: what moved the balance over a period, and what was open on its last day. */
import { z } from 'zod';
import { getFact } from '../../db/index.ts';
import type { CivilDate } from '../../domain/dates/dates.ts';
import type { RouteContext, Routes } from '../app.ts';
import { sendPdf } from '../http/headers.ts';
import { civilDate, currencyCode, name } from '../http/lists.ts';
import { notFound } from '../problems.ts';
import { todayFor } from '../views/parties.ts';
import { periodOf, statementIn, statementsOf, statementView } from '../views/statements.ts';

const byAccount = z.object({ account: name });
const ofPeriod = z.strictObject({
  from: civilDate.optional().describe('default: twelve months before the last day'),
  to: civilDate.optional().describe('the last day; default: today'),
});
const currency = currencyCode.optional().describe('needed where the account has several');

async function statementFor(
  { db, now }: RouteContext,
  account: string,
  asked: { from?: CivilDate | undefined; to?: CivilDate | undefined },
) {
  const row = await getFact(db, 'accounts', { account });
  if (row === null) throw notFound('account', account);
  const { today } = await todayFor(db, { account }, now());
  const period = periodOf(asked, today);
  return { row, period, statements: await statementsOf(db, row, period) };
}

export const statementRoutes: Routes = (app, context) => {
  app.get(
    '/statements/:account',
    {
      config: { permission: 'account:read', answer: 'StatementView' },
      schema: {
        summary: 'An account’s statement over a period, by currency',
        params: byAccount,
        querystring: ofPeriod,
      },
    },
    async ({ params, query }) => {
      const { row, period, statements } = await statementFor(context, params.account, query);
      return statementView(row, period, statements);
    },
  );
  app.get(
    '/statements/:account/pdf',
    {
      config: { permission: 'account:read' },
      schema: {
        summary: 'The statement on paper, one currency',
        params: byAccount,
        querystring: ofPeriod.extend({ currency }),
      },
    },
    async ({ params, query }, reply) => {
      const { statements } = await statementFor(context, params.account, query);
      const statement = statementIn(statements, query.currency);
      return sendPdf(reply, await context.papers.statementPdf(params.account, statement));
    },
  );
};
