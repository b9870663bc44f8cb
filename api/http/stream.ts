/** Server-sent events: one kind of event, sent when it changes, until it is final or the reader leaves. */
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { canonicalJson } from '../../db/canonical-json.ts';

const LOOK_EVERY_MS = 500;
const BEAT_EVERY_MS = 15_000;
/** A stream ends by itself after this; browsers connect again. */
const LONGEST_MS = 30 * 60_000;

export async function streamEvents<T extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  event: string,
  read: () => Promise<T>,
  isFinal: (value: T) => boolean,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const gone = new AbortController();
  request.raw.once('close', () => gone.abort());
  const begunAt = Date.now();
  let last = '';
  let sentAt = 0;
  try {
    while (!gone.signal.aborted && Date.now() - begunAt < LONGEST_MS) {
      const value = await read();
      const { at: _at, ...rest } = value as T & { at?: string };
      const seen = canonicalJson(rest);
      if (seen !== last) {
        raw.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
        [last, sentAt] = [seen, Date.now()];
      } else if (Date.now() - sentAt > BEAT_EVERY_MS) {
        raw.write(': still here\n\n');
        sentAt = Date.now();
      }
      if (isFinal(value)) break;
      await wait(LOOK_EVERY_MS, undefined, { signal: gone.signal }).catch(() => {});
    }
  } catch (error) {
    // The answer has begun: all that can be done is to say so, end it, and let the browser connect again.
    request.log.error({ err: error }, 'a stream of events broke off');
  } finally {
    raw.end();
  }
}
