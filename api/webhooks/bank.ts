/**
 * Bank feeds: a statement is pushed as its bank wrote it (camt, MT940, BAI2, CSV with a saved mapping), signed after Standard
 * Webhooks. The push is stored before anything is done with it; what of it is known already books nothing again.
 */
import { createHash } from 'node:crypto';
import { MAX_BANK_FILE_BYTES } from '../../connectors/payments/bank/entry.ts';
import { bankFileText } from '../../connectors/payments/bank/file.ts';
import { verifyWebhook, type WebhookVerdict } from '../../connectors/webhooks/standard-webhooks.ts';
import { settleInboxEvent, storeInboxEvent } from '../../db/index.ts';
import type { Routes } from '../app.ts';
import { importBankFile } from '../bank/import.ts';
import { problemOf, sendProblem } from '../http/errors.ts';
import { type ProblemCode, ProblemError } from '../problems.ts';
import { statementsOf } from '../routes/bank.ts';

const VERDICTS: Readonly<Record<Exclude<WebhookVerdict, 'valid'>, [ProblemCode, string]>> = {
  malformed: ['signature-missing', 'Send webhook-id, webhook-timestamp and webhook-signature.'],
  mismatch: ['signature-invalid', 'Check that BANK_WEBHOOK_SECRET is this feed’s secret.'],
  'too-old': ['signature-expired', 'It was signed more than 300 seconds ago; check both clocks.'],
  'no-secret': ['not-configured', 'Set BANK_WEBHOOK_SECRET to the feed’s signing secret.'],
};
/** The inbox's name for pushes; their entries are the bank's, like those of files. */
const PROVIDER = 'bank-feed';

const one = (header: string | string[] | undefined) =>
  typeof header === 'string' ? header : undefined;

export const bankWebhook: Routes = (app, context) => {
  const { db, configuration, metrics, now } = context;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: MAX_BANK_FILE_BYTES },
    (_request, body, done) => done(null, body),
  );
  app.setErrorHandler((error, request, reply) => {
    metrics.webhooks.inc({ provider: PROVIDER, outcome: 'refused' });
    const { code } = problemOf(error);
    const words = `A statement has at most ${MAX_BANK_FILE_BYTES} bytes.`;
    return sendProblem(
      request,
      reply,
      code === 'body-too-large' ? new ProblemError('webhook-too-large', words) : error,
    );
  });
  app.post(
    '/webhooks/bank',
    {
      bodyLimit: MAX_BANK_FILE_BYTES,
      config: { permission: 'public' },
      schema: { summary: 'Statements of a bank feed; signed with BANK_WEBHOOK_SECRET' },
    },
    async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const { headers } = request;
      const id = one(headers['webhook-id']);
      const signed = {
        id,
        timestamp: one(headers['webhook-timestamp']),
        signature: one(headers['webhook-signature']),
      };
      const secrets = configuration.bankWebhookSecrets ?? [];
      const verdict = verifyWebhook(body, signed, secrets, Math.floor(now().getTime() / 1000));
      if (verdict !== 'valid') throw new ProblemError(...VERDICTS[verdict]);
      const sha256 = createHash('sha256').update(body).digest('hex');
      const mapping = one(headers['x-bank-mapping']) ?? null;
      const text = bankFileText(body);
      const stored = await storeInboxEvent(db, {
        provider: PROVIDER,
        eventId: id ?? sha256,
        kind: 'statement',
        payload: { sha256, mapping, text },
      });
      if (stored.state === 'processed') {
        metrics.webhooks.inc({ provider: PROVIDER, outcome: 'duplicate' });
        return reply.code(200).send({ received: true, outcome: 'duplicate' });
      }
      const report = await taken(stored.id, text, mapping, id ?? sha256);
      metrics.webhooks.inc({ provider: PROVIDER, outcome: 'processed' });
      return reply.code(200).send({ received: true, outcome: 'processed', ...report });
    },
  );

  /** A push that is no statement keeps its reason; sent again, corrected or not, it is tried again. */
  async function taken(event: number, text: string, mapping: string | null, id: string) {
    try {
      const read = await statementsOf(db, text, { format: null, mapping });
      const { counts, import: importId } = await importBankFile(context, {
        ...read,
        fileName: `feed ${id}`,
        importedBy: PROVIDER,
      });
      await settleInboxEvent(db, event, 'processed');
      return { import: importId, counts };
    } catch (error) {
      if (error instanceof ProblemError) await settleInboxEvent(db, event, 'failed', error.message);
      throw error;
    }
  }
};
