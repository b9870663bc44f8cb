/**
 * What became of mails: events of a mail provider and bounce mails. Our own shape and bounce mails (`message/rfc822`) are signed
 * after Standard Webhooks; Postmark's events carry the secret as the password of the webhook's address. Each is stored before
 * anything is done with it, and has one effect however often it comes.
 */
import { createHash } from 'node:crypto';
import { MAX_BOUNCE_BYTES, readBounceMail } from '../../connectors/mail/delivery/bounce-mail.ts';
import {
  carriesPassword,
  ownMailEvent,
  postmarkMailEvent,
} from '../../connectors/mail/delivery/events.ts';
import { DeliveryRejection, type DeliveryReport } from '../../connectors/mail/delivery/report.ts';
import { verifyWebhook, type WebhookVerdict } from '../../connectors/webhooks/standard-webhooks.ts';
import { type MailDelivery, settleInboxEvent, storeInboxEvent } from '../../db/index.ts';
import type { RouteContext, Routes } from '../app.ts';
import { problemOf, sendProblem } from '../http/errors.ts';
import { takeDeliveries } from '../mail/deliveries.ts';
import { type ProblemCode, ProblemError } from '../problems.ts';

const VERDICTS: Readonly<Record<Exclude<WebhookVerdict, 'valid'>, [ProblemCode, string]>> = {
  malformed: ['signature-missing', 'Send webhook-id, webhook-timestamp and webhook-signature.'],
  mismatch: ['signature-invalid', 'Check that MAIL_WEBHOOK_SECRET is this webhook’s secret.'],
  'too-old': ['signature-expired', 'It was signed more than 300 seconds ago; check both clocks.'],
  'no-secret': ['not-configured', 'Set MAIL_WEBHOOK_SECRET to the webhook’s secret.'],
};
const PROVIDER = 'mail';
const BOUNCE_TYPES = ['message/rfc822', 'multipart/report'];

const one = (header: string | string[] | undefined) =>
  typeof header === 'string' ? header : undefined;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What came, verified: its own id, and how it is read. */
interface Came {
  readonly eventId: string;
  readonly shape: 'own' | 'postmark' | 'bounce-mail';
}

/** @throws ProblemError where nobody who knows the secret sent it */
function verified({ configuration, now }: RouteContext, headers: Headers, body: Buffer): Came {
  const secrets = configuration.mailWebhookSecrets ?? [];
  const authorization = one(headers.authorization);
  if (secrets.length > 0 && authorization !== undefined) {
    if (!carriesPassword(authorization, secrets))
      throw new ProblemError(
        'signature-invalid',
        'Check that the password in the webhook’s address is MAIL_WEBHOOK_SECRET.',
      );
    // Postmark gives its events no id: the same words are the same event.
    const sum = createHash('sha256').update(body).digest('hex');
    return { eventId: `postmark:${sum}`, shape: 'postmark' };
  }
  const id = one(headers['webhook-id']);
  const signed = {
    id,
    timestamp: one(headers['webhook-timestamp']),
    signature: one(headers['webhook-signature']),
  };
  const verdict = verifyWebhook(body, signed, secrets, Math.floor(now().getTime() / 1000));
  if (verdict !== 'valid') throw new ProblemError(...VERDICTS[verdict]);
  const type = (one(headers['content-type']) ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return { eventId: id ?? '', shape: BOUNCE_TYPES.includes(type) ? 'bounce-mail' : 'own' };
}

interface Read {
  readonly kind: string;
  readonly reports: readonly DeliveryReport[];
  readonly source: MailDelivery['source'];
  /** Why there is nothing to note; null where there is. */
  readonly ignored: string | null;
}

/** @throws ProblemError `webhook-malformed` */
async function read(
  { configuration, now }: RouteContext,
  { shape }: Came,
  body: Buffer,
): Promise<Read> {
  const { mailKey } = configuration;
  try {
    if (shape === 'bounce-mail') {
      const reports = await readBounceMail(body, mailKey, now());
      const ignored = reports.length === 0 ? 'It tells of no recipient.' : null;
      return { kind: 'bounce-mail', reports, source: 'bounce-mail', ignored };
    }
    const event = shape === 'own' ? ownMailEvent(body) : postmarkMailEvent(body, mailKey);
    const { kind } = event;
    return 'ignored' in event
      ? { kind, reports: [], source: 'provider', ignored: event.ignored }
      : { kind, reports: [event.report], source: 'provider', ignored: null };
  } catch (error) {
    if (!(error instanceof DeliveryRejection)) throw error;
    throw new ProblemError('webhook-malformed', error.message, { cause: error });
  }
}

export const mailWebhook: Routes = (app, context) => {
  const { db, metrics } = context;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: MAX_BOUNCE_BYTES },
    (_request, body, done) => done(null, body),
  );
  app.setErrorHandler((error, request, reply) => {
    metrics.webhooks.inc({ provider: PROVIDER, outcome: 'refused' });
    const words = `What became of a mail is told in at most ${MAX_BOUNCE_BYTES} bytes.`;
    const { code } = problemOf(error);
    return sendProblem(
      request,
      reply,
      code === 'body-too-large' ? new ProblemError('webhook-too-large', words) : error,
    );
  });
  app.post(
    '/webhooks/mail',
    {
      bodyLimit: MAX_BOUNCE_BYTES,
      config: { permission: 'public' },
      schema: {
        summary:
          'What became of mails: a provider’s events, bounce mails; signed with MAIL_WEBHOOK_SECRET',
      },
    },
    async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const came = verified(context, request.headers, body);
      const { kind, reports, source, ignored } = await read(context, came, body);
      const stored = await storeInboxEvent(db, {
        provider: PROVIDER,
        eventId: came.eventId,
        kind,
        payload: { reports, ignored },
      });
      const done = stored.state === 'processed' || stored.state === 'ignored';
      if (done) {
        metrics.webhooks.inc({ provider: PROVIDER, outcome: 'duplicate' });
        return reply.code(200).send({ received: true, outcome: 'duplicate' });
      }
      const taken = await takeDeliveries(context, reports, source);
      const noted = taken.some(({ outcome }) => outcome === 'noted');
      const why = ignored ?? taken.find(({ outcome }) => outcome === 'ignored')?.words ?? null;
      const outcome = noted ? 'processed' : 'ignored';
      await settleInboxEvent(db, stored.id, outcome, noted ? null : why);
      metrics.webhooks.inc({ provider: PROVIDER, outcome });
      return reply.code(200).send({ received: true, outcome, recipients: taken, reason: why });
    },
  );
};
