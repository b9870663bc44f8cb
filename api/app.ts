/**
 * The HTTP app, built by a function: everything it needs comes in, so that tests inject requests into the app that serves
 * them. From the outside in: headers, limits, who asks, idempotency, routes, problems. No state is kept in the process.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyServerOptions,
  type RawServerDefault,
} from 'fastify';
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { logOutput } from '../connectors/log-output.ts';
import type { ApiDependencies } from './dependencies.ts';
import { addAuthentication } from './http/authentication.ts';
import { addProblems, sendProblem } from './http/errors.ts';
import { addHeaders } from './http/headers.ts';
import { addIdempotency } from './http/idempotency.ts';
import { addMetrics, type Metrics } from './http/metrics.ts';
import { addOpenApi } from './http/openapi.ts';
import { operatorRoutes } from './http/operators.ts';
import { answerPages } from './pages/answer-finding.ts';
import { checkoutPages } from './pages/checkout.ts';
import { addDashboard } from './pages/dashboard.ts';
import { payPages } from './pages/pay.ts';
import { portalPages } from './pages/portal.ts';
import { signInPages } from './pages/sign-in.ts';
import { PaperReading } from './paper-reading.ts';
import { accountRoutes } from './routes/accounts.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { bankRoutes } from './routes/bank.ts';
import { bankFileRoutes } from './routes/bank-files.ts';
import { billRunRoutes } from './routes/bill-runs.ts';
import { clockRoutes } from './routes/clock.ts';
import { companyRoutes } from './routes/company.ts';
import { connectorRoutes } from './routes/connectors.ts';
import { contactRoutes } from './routes/contacts.ts';
import { contractRoutes } from './routes/contracts.ts';
import { correctionRoutes } from './routes/corrections.ts';
import { evaluationRoutes } from './routes/evaluations.ts';
import { exportRoutes } from './routes/exports.ts';
import { factRoutes } from './routes/facts.ts';
import { findingRoutes } from './routes/findings.ts';
import { importRoutes } from './routes/imports.ts';
import { invoiceRoutes } from './routes/invoices.ts';
import { licenseCheckRoutes } from './routes/license-checks.ts';
import { licenseRoutes } from './routes/licenses.ts';
import { mailRoutes } from './routes/mails.ts';
import { monthFileRoutes } from './routes/month-files.ts';
import { offCycleRoutes } from './routes/off-cycle.ts';
import { paperRoutes } from './routes/papers.ts';
import { paymentExchangeRoutes } from './routes/payment-exchange.ts';
import { paymentRoutes } from './routes/payments.ts';
import { peopleRoutes } from './routes/people.ts';
import { purchaseOrderRoutes } from './routes/purchase-orders.ts';
import { recordRoutes } from './routes/records.ts';
import { renewalRoutes } from './routes/renewals.ts';
import { reportRoutes } from './routes/reports.ts';
import { sessionRoutes } from './routes/session.ts';
import { statementRoutes } from './routes/statements.ts';
import { bankWebhook } from './webhooks/bank.ts';
import { mailWebhook } from './webhooks/mail.ts';
import { stripeWebhook } from './webhooks/stripe.ts';

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
/** What a file of routes is given. */
export interface RouteContext extends ApiDependencies {
  readonly metrics: Metrics;
  readonly paperReading: PaperReading;
}
export type Routes = (app: Api, context: RouteContext) => void;

const JSON_LIMIT_BYTES = 1_048_576;
const ROUTES: readonly Routes[] = [
  sessionRoutes,
  peopleRoutes,
  accountRoutes,
  statementRoutes,
  contactRoutes,
  factRoutes,
  contractRoutes,
  billRunRoutes,
  offCycleRoutes,
  invoiceRoutes,
  mailRoutes,
  paymentRoutes,
  paymentExchangeRoutes,
  bankRoutes,
  bankFileRoutes,
  paperRoutes,
  purchaseOrderRoutes,
  importRoutes,
  evaluationRoutes,
  licenseRoutes,
  licenseCheckRoutes,
  correctionRoutes,
  renewalRoutes,
  approvalRoutes,
  reportRoutes,
  findingRoutes,
  connectorRoutes,
  clockRoutes,
  companyRoutes,
  recordRoutes,
  monthFileRoutes,
  exportRoutes,
];

/** Builds the app; the caller listens, or injects requests, and closes it. */
export async function buildApi(dependencies: ApiDependencies): Promise<Api> {
  const { db, configuration } = dependencies;
  const app = Fastify(serverOptions(dependencies)).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  const dashboard = addDashboard(configuration.webFolder);
  addProblems(app, dashboard.answer);
  addHeaders(app, configuration.publicUrl);
  await app.register(cookie);
  await app.register(rateLimit, { max: configuration.requestsPerMinute, timeWindow: '1 minute' });
  const metrics = addMetrics(app);
  addAuthentication(app, { db, publicUrl: configuration.publicUrl });
  addIdempotency(app, db);
  await addOpenApi(app, configuration);

  const paperReading = new PaperReading(db, dependencies.paperPatienceMs);
  app.addHook('onClose', () => paperReading.close());
  const context: RouteContext = { ...dependencies, metrics, paperReading };
  await app.register(
    async (api) => {
      for (const routes of ROUTES) routes(api.withTypeProvider<ZodTypeProvider>(), context);
    },
    { prefix: '/api/v1' },
  );
  for (const routes of [
    operatorRoutes,
    signInPages,
    payPages,
    checkoutPages,
    portalPages,
    answerPages,
    stripeWebhook,
    bankWebhook,
    mailWebhook,
  ])
    await app.register(async (scope) => routes(scope.withTypeProvider<ZodTypeProvider>(), context));
  await dashboard.register(app);
  return app;
}

function serverOptions({ log }: ApiDependencies): FastifyServerOptions {
  return {
    bodyLimit: JSON_LIMIT_BYTES,
    requestTimeout: 60_000,
    forceCloseConnections: true,
    genReqId: requestId,
    logger: log === false ? false : { ...loggerOptions(log), stream: logOutput() },
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: (error, request, reply) => {
      sendProblem(request, reply, error);
    },
  } as FastifyServerOptions;
}

/** A caller's own id is kept where it is harmless, so that two logs can be laid side by side. */
function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{8,100}$/.test(given) ? given : randomUUID();
}

/** Secrets never reach the log: headers that carry them are cut, and so are tokens inside addresses. */
export function loggerOptions(level: string) {
  return {
    level,
    redact: {
      paths: [
        'req.headers.authorization',
        'req.headers.cookie',
        'req.headers["stripe-signature"]',
        'req.headers["x-csrf-token"]',
        'res.headers["set-cookie"]',
        '*.password',
        '*.token',
        '*.key',
        '*.secret',
      ],
      censor: '[redacted]',
    },
    serializers: {
      req: (request: { method: string; url: string; ip?: string }) => ({
        method: request.method,
        url: withoutTokens(request.url),
        ip: request.ip,
      }),
    },
  };
}

export function withoutTokens(url: string): string {
  return (
    url.replace(/^\/(sign-in|pay|portal|answer)\/[^/?]+/, '/$1/[redacted]').split('?')[0] ?? '/'
  );
}
