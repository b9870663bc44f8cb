/**
 * HubSpot over HTTP: one request, one answer or the reason why there is none. No retries here: whoever calls holds the one
 * retry policy, and is told how long HubSpot asks to be left alone. Source: connector facts A2: bearer token, error bodies
 * with a category, 429 with the name of the limit that was hit, searches four to five a second.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { unansweredWords } from '../../http-answers.ts';
import type { Refused, Unreached } from '../../outside-system.ts';

export interface HubSpotConnection {
  /** `https://api.hubapi.com`, or a stand-in of it. */
  readonly origin: string;
  /** The static token of a private app. Never logged. */
  readonly token: string;
  readonly timeoutSeconds: number;
  /** Searches have a limit of their own: they begin no closer than this. */
  readonly searchEveryMs: number;
}

export interface HubSpotRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  /** With version and query: `/crm/v3/objects/companies/42`. */
  readonly path: string;
  readonly body?: unknown;
}

/** `missing`: what was asked for is not there; a list says so too where its path is wrong. */
export type HubSpotAnswer =
  | { readonly result: 'ok'; readonly body: unknown }
  | { readonly result: 'missing'; readonly message: string }
  /** Another has made it before. */
  | { readonly result: 'conflict'; readonly message: string }
  | Refused
  | Unreached;

export type CallHubSpot = (request: HubSpotRequest) => Promise<HubSpotAnswer>;

/** How long each limit lasts; a day's ends at an hour that we do not know, so it is asked again every hour. */
const LIMIT_SECONDS: Readonly<Record<string, number>> = {
  SECONDLY: 1,
  TEN_SECONDLY_ROLLING: 10,
  DAILY: 3600,
};
const UNNAMED_LIMIT_SECONDS = 10;

export function createHubSpotClient(connection: HubSpotConnection): CallHubSpot {
  let nextSearchAt = 0;
  return async (request) => {
    if (request.path.endsWith('/search')) {
      const now = Date.now();
      const at = Math.max(now, nextSearchAt);
      nextSearchAt = at + connection.searchEveryMs;
      if (at > now) await wait(at - now);
    }
    return callHubSpot(connection, request);
  };
}

async function callHubSpot(
  { origin, token, timeoutSeconds }: HubSpotConnection,
  { method, path, body }: HubSpotRequest,
): Promise<HubSpotAnswer> {
  const what = `HubSpot: ${method} ${path.split('?')[0]}`;
  try {
    const response = await fetch(`${origin.replace(/\/+$/, '')}${path}`, {
      method,
      headers: {
        Accept: 'application/json',
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    const text = await response.text();
    return answerOf(what, response, text === '' ? null : JSON.parse(text));
  } catch (error) {
    return { result: 'unknown', message: `${what}: ${unansweredWords(error)}` };
  }
}

function answerOf(what: string, response: Response, body: unknown): HubSpotAnswer {
  const { status, ok } = response;
  if (ok) return { result: 'ok', body };
  const { message = 'no reason given', policyName } = (body ?? {}) as {
    message?: string;
    policyName?: string;
  };
  const words = `${what} answered ${status}: ${message}`;
  if (status === 404) return { result: 'missing', message: words };
  if (status === 409) return { result: 'conflict', message: words };
  if (status === 429) {
    // Read by itself: where the header names no time above zero, the limit that was hit has one.
    const given = Number(response.headers.get('retry-after'));
    const named = LIMIT_SECONDS[policyName ?? ''] ?? UNNAMED_LIMIT_SECONDS;
    return { result: 'unknown', message: words, retryAfterSeconds: given > 0 ? given : named };
  }
  if (status >= 500 || status === 408) return { result: 'unknown', message: words };
  const hint =
    status === 401 || status === 403
      ? ' (is HUBSPOT_TOKEN right, and has its private app the scopes to read and write companies and to read deals?)'
      : '';
  return { result: 'rejected', message: `${words}${hint}` };
}
