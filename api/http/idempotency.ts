/**
 * Writes take `Idempotency-Key`: the same key and request give the first answer again (`idempotent-replayed: true`), the same
 * key and another request is refused. An answer of 5xx is not kept, so that the request can be sent again.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { canonicalJson, sha256 } from '../../db/canonical-json.ts';
import {
  claimIdempotencyKey,
  type Db,
  releaseIdempotencyKey,
  storeIdempotencyAnswer,
} from '../../db/index.ts';
import { PROBLEM_MEDIA_TYPE, ProblemError } from '../problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The claim that this request holds, until it is answered. */
    idempotencyClaim: { user: string; key: string } | null;
  }
}

const KEY = /^[\x21-\x7e]{1,255}$/;

export function addIdempotency(app: FastifyInstance, db: Db): void {
  app.decorateRequest('idempotencyClaim', null);
  app.addHook('preHandler', async (request, reply) => {
    const key = keyOf(request);
    if (key === null) return;
    const user = request.signedIn?.user.id ?? '';
    const answer = await claimIdempotencyKey(db, { user, key, requestHash: hashOf(request) });
    if (answer.state === 'running')
      throw new ProblemError(
        'idempotency-key-in-progress',
        'Wait for the first request with this key to be answered.',
      );
    if (answer.state === 'new') {
      request.idempotencyClaim = { user, key };
      return;
    }
    reply.header('idempotent-replayed', 'true').code(answer.status);
    if (answer.body === null) return reply.send();
    reply.type(answer.status >= 400 ? PROBLEM_MEDIA_TYPE : 'application/json; charset=utf-8');
    return reply.serializer((body: unknown) => JSON.stringify(body)).send(answer.body);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const claim = request.idempotencyClaim;
    if (claim === null) return payload;
    request.idempotencyClaim = null;
    if (reply.statusCode >= 500) await releaseIdempotencyKey(db, claim);
    else {
      const body = typeof payload === 'string' && payload !== '' ? JSON.parse(payload) : null;
      await storeIdempotencyAnswer(db, { ...claim, status: reply.statusCode, body });
    }
    return payload;
  });
}

function keyOf(request: FastifyRequest): string | null {
  const given = request.headers['idempotency-key'];
  if (given === undefined || ['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return null;
  // Without a person there is nobody to keep an answer for: sign-in and webhooks have their own ways.
  if (request.signedIn === null) return null;
  if (request.routeOptions.config.answersSecret === true) return null;
  if (typeof given !== 'string' || !KEY.test(given))
    throw new ProblemError(
      'malformed-request',
      'An Idempotency-Key is 1 to 255 printable ASCII characters without spaces.',
    );
  return given;
}

function hashOf(request: FastifyRequest): string {
  const parts = [
    request.method,
    request.url,
    request.headers['if-match'] ?? '',
    canonicalJson(request.body ?? null),
  ];
  return sha256(parts.join('\n'));
}
