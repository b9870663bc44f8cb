/** ETag and If-Match: an update is made to what its author has read, or refused. */
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { canonicalJson } from '../../db/canonical-json.ts';
import { ProblemError } from '../problems.ts';

/** A strong tag of a row's content. */
export function etagOf(value: unknown): string {
  return `"${createHash('sha256').update(canonicalJson(value)).digest('base64url').slice(0, 22)}"`;
}

export function tag(reply: FastifyReply, value: unknown): void {
  reply.header('etag', etagOf(value));
}

/** @throws ProblemError `precondition-required` without If-Match, `precondition-failed` where the row has changed. */
export function checkMatch(request: FastifyRequest, current: unknown): void {
  const given = request.headers['if-match'];
  if (given === undefined)
    throw new ProblemError(
      'precondition-required',
      'Read it first, then send its ETag in If-Match, so that nobody’s change is lost.',
    );
  const accepted = given.split(',').map((one) => one.trim());
  if (!accepted.includes('*') && !accepted.includes(etagOf(current)))
    throw new ProblemError(
      'precondition-failed',
      'Somebody changed it after you read it. Read it again and repeat your change.',
    );
}
