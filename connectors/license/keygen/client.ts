/**
 * Keygen over HTTP: one request, one of two outcomes. No retries here: whoever calls holds the one
 * retry policy. Source: connector facts, Keygen: base path, JSON:API media type, bearer token,
 * pinned version, Retry-After.
 */
import { retryAfterSeconds, unansweredWords } from '../../http-answers.ts';

export interface KeygenConnection {
  /** `https://api.keygen.sh`, or a server of one's own. */
  readonly origin: string;
  /** Keygen account: id or slug. */
  readonly keygenAccount: string;
  /** Product or admin token. Never logged. */
  readonly token: string;
  /** Pins the answers' shape. */
  readonly version: string;
  readonly timeoutSeconds: number;
}

export interface KeygenRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below the account, with query: `/licenses/…`. */
  readonly path: string;
  readonly body?: unknown;
  /** A license file comes as bytes, all else as JSON:API. */
  readonly accept?: 'application/vnd.api+json' | 'application/octet-stream';
}

/** `silent`: no whole answer came; the request may have taken effect. */
export type KeygenReply =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly text: string;
      readonly retryAfterSeconds: number | null;
    }
  | { readonly kind: 'silent'; readonly message: string };

const JSON_API = 'application/vnd.api+json';

export async function callKeygen(
  connection: KeygenConnection,
  { method, path, body, accept = JSON_API }: KeygenRequest,
): Promise<KeygenReply> {
  const account = encodeURIComponent(connection.keygenAccount);
  const url = `${connection.origin.replace(/\/+$/, '')}/v1/accounts/${account}${path}`;
  try {
    const response = await fetch(url, {
      method,
      headers: {
        Accept: accept,
        Authorization: `Bearer ${connection.token}`,
        'Keygen-Version': connection.version,
        ...(body === undefined ? {} : { 'Content-Type': JSON_API }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(connection.timeoutSeconds * 1000),
    });
    const text = await response.text();
    return {
      kind: 'answered',
      status: response.status,
      text,
      retryAfterSeconds: retryAfterSeconds(response),
    };
  } catch (error) {
    return { kind: 'silent', message: `Keygen: ${method} ${path}: ${unansweredWords(error)}` };
  }
}
