/**
 * A small Keygen for tests: the calls that the connector makes, with state, refusals and faults,
 * written from the connector facts. Faults include the worst one: taking effect and then saying
 * nothing.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closeServer, openHttpServer } from '../../infrastructure/local-server.ts';

export interface StoredLicense {
  attributes: Record<string, unknown>;
  policy: string;
}

/**
 * What goes wrong with the next request: an answer of that status, or silence after it took effect.
 */
export type Fault =
  | { status: number; headers?: Record<string, string>; body?: string }
  | 'silence-after-effect';

interface Answer {
  status: number;
  body?: unknown;
  text?: string;
}

interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: {
    data?: {
      id?: string;
      attributes?: Record<string, unknown>;
      relationships?: { policy?: { data?: { id?: string } } };
    };
  };
}

export const ACCOUNT = 'acme-software';
export const TOKEN = 'prod-test-token';

export class KeygenServer {
  readonly licenses = new Map<string, StoredLicense>();
  readonly requests: string[] = [];
  readonly faults: Fault[] = [];
  /** Runs before the next request is answered: somebody else's doing in between. */
  meanwhile: (() => void) | null = null;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  start(): Promise<string> {
    return openHttpServer(this.#server);
  }

  stop(): Promise<void> {
    return closeServer(this.#server);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://keygen');
    this.requests.push(`${request.method} ${url.pathname.replace(`/v1/accounts/${ACCOUNT}`, '')}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const fault = this.faults.shift();
    if (fault !== undefined && fault !== 'silence-after-effect') {
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return;
    }
    const path = url.pathname.replace(`/v1/accounts/${ACCOUNT}`, '');
    const body = text === '' ? {} : (JSON.parse(text) as Call['body']);
    const answer = this.#authorized(request)
      ? this.#answer({ method: request.method ?? '', path, query: url.searchParams, body })
      : refusal(401, 'Unauthorized', 'TOKEN_INVALID');
    if (fault === 'silence-after-effect') {
      request.socket.destroy();
      return;
    }
    response
      .writeHead(answer.status)
      .end(answer.text ?? (answer.body === undefined ? '' : JSON.stringify(answer.body)));
  }

  #authorized(request: IncomingMessage): boolean {
    const versioned = request.headers['keygen-version'] === '1.7';
    return request.headers.authorization === `Bearer ${TOKEN}` && versioned;
  }

  #answer(call: Call): Answer {
    const { method, path, body } = call;
    if (method === 'POST' && path === '/licenses') return this.#create(body);
    const [, id = '', rest = ''] = /^\/licenses\/([^/]+)(\/.*)?$/.exec(path) ?? [];
    const license = this.licenses.get(id);
    const between = this.meanwhile;
    this.meanwhile = null;
    between?.();
    if (license === undefined) return refusal(404, 'Not found', 'NOT_FOUND');
    return this.#ofLicense(call, id, license, rest);
  }

  #ofLicense(
    { method, body, query }: Call,
    id: string,
    license: StoredLicense,
    rest: string,
  ): Answer {
    if (method === 'GET' && rest === '') return shown(id, license);
    if (method === 'PATCH' && rest === '') {
      Object.assign(license.attributes, body.data?.attributes);
      return shown(id, license);
    }
    if (method === 'PUT' && rest === '/policy') {
      license.policy = body.data?.id ?? '';
      return shown(id, license);
    }
    if (method === 'POST' && rest === '/actions/suspend') return switched(id, license, true);
    if (method === 'POST' && rest === '/actions/reinstate') return switched(id, license, false);
    if (method === 'DELETE' && rest === '/actions/revoke') {
      this.licenses.delete(id);
      return { status: 204 };
    }
    if (method === 'GET' && rest === '/actions/check-out') return checkedOut(license, query);
    return refusal(404, 'Not found', 'NOT_FOUND');
  }

  #create(body: Call['body']): Answer {
    const { id = '', attributes = {}, relationships } = body.data ?? {};
    if (!/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))
      return refusal(400, 'Bad request', 'ID_INVALID', '/data/id');
    if (this.licenses.has(id)) return refusal(422, 'Unprocessable', 'ID_TAKEN', '/data/id');
    const key = `KEY-${id.slice(0, 8).toUpperCase()}`;
    const policy = relationships?.policy?.data?.id ?? '';
    const license = { attributes: { suspended: false, ...attributes, key }, policy };
    this.licenses.set(id, license);
    return { ...shown(id, license), status: 201 };
  }
}

function shown(id: string, { attributes, policy }: StoredLicense): Answer {
  const relationships = { policy: { data: { type: 'policies', id: policy } } };
  return { status: 200, body: { data: { id, type: 'licenses', attributes, relationships } } };
}

function switched(id: string, license: StoredLicense, suspended: boolean): Answer {
  if (license.attributes.suspended === suspended)
    return refusal(422, 'Unprocessable', 'SUSPENDED_INVALID', '/data/attributes/suspended');
  license.attributes.suspended = suspended;
  return shown(id, license);
}

function checkedOut({ attributes }: StoredLicense, query: URLSearchParams): Answer {
  const ttl = Number(query.get('ttl'));
  if (!Number.isInteger(ttl) || ttl < 3600)
    return refusal(422, 'Unprocessable', 'TTL_INVALID', '/meta/ttl');
  const alg = query.get('encrypt') === '1' ? 'aes-256-gcm+ed25519' : 'base64+ed25519';
  const content = Buffer.from(JSON.stringify({ attributes, ttl, alg })).toString('base64');
  return {
    status: 200,
    text: `-----BEGIN LICENSE FILE-----\n${content}\n-----END LICENSE FILE-----\n`,
  };
}

function refusal(status: number, title: string, code: string, pointer?: string): Answer {
  const source = pointer === undefined ? {} : { source: { pointer } };
  return {
    status,
    body: { errors: [{ title, detail: `refused by the test server`, code, ...source }] },
  };
}
