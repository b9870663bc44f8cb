/** Making one customer of two. */
import { z } from 'zod';
import { mergePreview, mergeSummary } from '../account-merge.ts';
import type { Routes } from '../app.ts';
import { askApproval } from '../approvals.ts';
import { name, reason, shownHash } from '../http/lists.ts';
import { checkShown } from '../shown.ts';

const byAccount = z.object({ account: name });

export const accountMergeRoutes: Routes = (app, context) => {
  app.post(
    '/accounts/:account/merge/preview',
    {
      config: { permission: 'account:merge', answer: 'MergePreview' },
      schema: {
        summary: 'What would become of a customer and the one that it is merged into',
        params: byAccount,
        body: z.strictObject({ into: name }),
      },
    },
    ({ params: { account }, body: { into } }) => mergePreview(context, { account, into }),
  );
  app.post(
    '/accounts/:account/merge',
    {
      config: { permission: 'account:merge', answer: 'Approval' },
      schema: {
        summary: 'Merge a customer into another, exactly as it was shown; a second person approves',
        params: byAccount,
        body: z.strictObject({ into: name, reason, shownHash }),
      },
    },
    async (request, reply) => {
      const { account } = request.params;
      const { into, reason: why } = request.body;
      const preview = await mergePreview(context, { account, into });
      checkShown(preview, request.body.shownHash);
      const answer = await askApproval(context, request, {
        action: 'account.merge',
        subject: account,
        input: { into, reason: why },
        summary: mergeSummary(preview),
      });
      return reply.code(answer.state === 'waiting' ? 202 : 200).send(answer);
    },
  );
};
