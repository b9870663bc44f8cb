/** One way out for all that goes wrong: every error becomes a problem document; what is not ours to tell stays in the log. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { diskFull, Refusal } from '../../db/index.ts';
import {
  type FieldError,
  PROBLEM_MEDIA_TYPE,
  PROBLEMS,
  ProblemError,
  problemDocument,
  refusalProblem,
} from '../problems.ts';

/** Fastify's own codes → ours. Other 4xx of the framework are `malformed-request`. */
const FRAMEWORK: Readonly<Record<string, [ProblemError['code'], string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body-too-large', 'Send a smaller body.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['media-type-unsupported', 'Send the body as application/json.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [
    'malformed-request',
    'The body is empty, though JSON was announced.',
  ],
  FST_ERR_CTP_INVALID_JSON_BODY: ['malformed-request', 'The body is not JSON.'],
};

/** Codes of the operating system and of postgres.js that mean "the database is not there". */
const DATABASE_GONE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  '57P01',
  '57P03',
]);

/** Any error as the problem that its caller is told of. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof Refusal) return refusalProblem(error.code, error.message, error);
  if (hasZodFastifySchemaValidationErrors(error)) return validationProblem(error);
  const full = diskFull(error);
  if (full !== null) return new ProblemError('disk-full', full, { cause: error });
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; depth += 1) {
    if ('code' in at && typeof at.code === 'string' && DATABASE_GONE.has(at.code))
      return new ProblemError(
        'database-unavailable',
        'The database can not be reached. Ask an operator to start it, then try again.',
        { cause: error },
      );
    if (at instanceof Refusal) return refusalProblem(at.code, at.message, at);
    at = at.cause;
  }
  return frameworkProblem(error as Partial<FastifyError>, error);
}

function frameworkProblem(shape: Partial<FastifyError>, cause: unknown): ProblemError {
  const known = FRAMEWORK[shape.code ?? ''];
  if (known !== undefined) return new ProblemError(...known, { cause });
  if (shape.statusCode === 429)
    return new ProblemError('too-many-requests', 'Wait a minute, then try again.', { cause });
  if (shape.statusCode === 413) return new ProblemError('body-too-large', 'Send a smaller body.');
  if (shape.statusCode === 415)
    return new ProblemError('media-type-unsupported', 'Send the body as application/json.');
  if (shape.statusCode !== undefined && shape.statusCode >= 400 && shape.statusCode < 500)
    return new ProblemError('malformed-request', 'The request can not be read.', { cause });
  return new ProblemError(
    'internal-error',
    'Something went wrong on our side. Try again; if it stays so, give an operator the request id.',
    { cause },
  );
}

function validationProblem(error: {
  readonly validation: readonly { instancePath: string; message?: string }[];
}): ProblemError {
  const errors: FieldError[] = error.validation.map(({ instancePath, message }) => ({
    path: instancePath.replace(/^\//, '').replaceAll('/', '.'),
    message: message ?? 'is not acceptable',
  }));
  const first = errors[0];
  const where = first === undefined || first.path === '' ? '' : `${first.path}: `;
  return new ProblemError('validation-failed', `${where}${first?.message ?? 'see errors'}`, {
    errors,
  });
}

/** Sends a problem and logs it at its own level. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: unknown) {
  const problem = problemOf(error);
  const { status, logLevel, retryable } = PROBLEMS[problem.code];
  const logged = status >= 500 ? { err: problem.cause ?? problem } : { detail: problem.message };
  request.log[logLevel]({ code: problem.code, ...logged }, PROBLEMS[problem.code].title);
  // Requests that the router refuses have passed no hook.
  reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff' });
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (status === 503 && retryable) reply.header('retry-after', '5');
  return reply
    .code(status)
    .type(PROBLEM_MEDIA_TYPE)
    .serializer((body: unknown) => JSON.stringify(body))
    .send(
      problemDocument(problem.code, problem.message, {
        instance: request.url.split('?')[0] ?? '/',
        requestId: request.id,
        errors: problem.errors,
      }),
    );
}

/** Handlers for errors, unknown addresses and known addresses with another method. */
export function addProblems(
  app: FastifyInstance,
  fallback: (request: FastifyRequest, reply: FastifyReply) => boolean,
): void {
  const routes: { pattern: RegExp; methods: Set<string> }[] = [];
  const byUrl = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    let methods = byUrl.get(url);
    if (methods === undefined) {
      methods = new Set();
      byUrl.set(url, methods);
      routes.push({ pattern: patternOf(url), methods });
    }
    for (const one of [method].flat()) methods.add(one);
  });
  app.setErrorHandler((error, request, reply) => sendProblem(request, reply, error));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '/';
    const allowed = new Set(
      routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods]),
    );
    if (allowed.size > 0 && !allowed.has(request.method)) {
      reply.header('allow', [...allowed].sort().join(', '));
      const words = `Use ${[...allowed].sort().join(' or ')} here.`;
      return sendProblem(request, reply, new ProblemError('method-not-allowed', words));
    }
    if (fallback(request, reply)) return reply;
    return sendProblem(
      request,
      reply,
      new ProblemError('not-found', 'There is nothing at this address; /docs lists what there is.'),
    );
  });
}

/** A route's URL as an expression over paths; the catch-all of static files matches nothing here. */
function patternOf(url: string): RegExp {
  if (url.includes('*')) return /^(?!)/;
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+');
  return new RegExp(`^${escaped}$`);
}
