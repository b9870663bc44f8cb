/** Moving a customer to another of our entities, from a day on. */
import { z } from 'zod';
import { movePreview, moveSummary } from '../account-move.ts';
import type { Routes } from '../app.ts';
import { askApproval } from '../approvals.ts';
import { civilDate, name, reason, shownHash } from '../http/lists.ts';
import { checkShown } from '../shown.ts';

const byAccount = z.object({ account: name });
const asked = { entity: name, from: civilDate.describe('the first day of the new entity’s') };

export const accountMoveRoutes: Routes = (app, context) => {
  app.post(
    '/accounts/:account/move/preview',
    {
      config: { permission: 'account:move', answer: 'AccountMovePreview' },
      schema: {
        summary: 'What moving a customer to another of our entities would change',
        params: byAccount,
        body: z.strictObject(asked),
      },
    },
    ({ params: { account }, body }) => movePreview(context, { account, ...body }),
  );
  app.post(
    '/accounts/:account/move',
    {
      config: { permission: 'account:move', answer: 'Approval' },
      schema: {
        summary: 'Move a customer exactly as it was shown; a second person approves',
        params: byAccount,
        body: z.strictObject({ ...asked, reason, shownHash }),
      },
    },
    async (request, reply) => {
      const { account } = request.params;
      const { entity, from, reason: why } = request.body;
      const preview = await movePreview(context, { account, entity, from });
      checkShown(preview, request.body.shownHash);
      const answer = await askApproval(context, request, {
        action: 'account.move',
        subject: account,
        input: { entity, from, reason: why },
        summary: moveSummary(preview),
      });
      return reply.code(answer.state === 'waiting' ? 202 : 200).send(answer);
    },
  );
};
