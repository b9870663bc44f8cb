/**
 * A small HubSpot for tests: the calls that the connector makes, with state, limits and faults, written from the vendor's
 * published API (connector facts A2). Faults include the worst one: taking effect and then saying nothing.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closeServer, openHttpServer } from '../../infrastructure/local-server.ts';

export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  | 'silence-after-effect';

interface Stored {
  readonly properties: Record<string, string | null>;
  modifiedMs: number;
}

interface Filter {
  readonly propertyName: string;
  readonly operator: string;
  readonly value: string;
}

interface Body {
  readonly filterGroups?: readonly { readonly filters: readonly Filter[] }[];
  readonly limit?: number;
  readonly properties?: readonly string[] | Record<string, string>;
  readonly inputs?: readonly {
    readonly id: string;
    readonly idProperty: string;
    readonly properties: Record<string, string>;
  }[];
  readonly name?: string;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export const TOKEN = 'pat-eu1-test';
const missing = (what: string): Answer => ({
  status: 404,
  body: { status: 'error', message: `${what} not found`, category: 'OBJECT_NOT_FOUND' },
});

export class HubSpotServer {
  readonly companies = new Map<string, Stored>();
  readonly deals = new Map<string, Stored>();
  /** Notes by their key, with the companies that they stand at. */
  readonly notes = new Map<string, { readonly body: string; readonly companies: Set<string> }>();
  readonly noteProperties = new Map<string, { groupName: string; hasUniqueValue?: boolean }>([
    ['hs_note_body', { groupName: 'engagement' }],
  ]);
  readonly requests: string[] = [];
  readonly faults: Fault[] = [];
  /** Runs before the next request is answered: somebody else's doing in between. */
  meanwhile: (() => void) | null = null;
  /** Smaller than the vendor's, so that few records make pages. */
  pageRows = 100;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  start(): Promise<string> {
    return openHttpServer(this.#server);
  }

  stop(): Promise<void> {
    return closeServer(this.#server);
  }

  put(kind: 'companies' | 'deals', id: string, properties: Record<string, string | null>, at = 0) {
    this[kind].set(id, { properties, modifiedMs: at });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    this.requests.push(`${request.method} ${url.pathname}`);
    const { meanwhile } = this;
    this.meanwhile = null;
    meanwhile?.();
    const fault = this.faults.shift();
    if (fault !== undefined && fault !== 'silence-after-effect')
      return reply(response, { status: fault.status, body: fault.body ?? {} }, fault.headers);
    if (request.headers.authorization !== `Bearer ${TOKEN}`)
      return reply(response, { status: 401, body: { message: 'invalid token', category: 'X' } });
    const body = (text === '' ? {} : JSON.parse(text)) as Body;
    const answer = this.#answer(`${request.method} ${url.pathname}`, body);
    if (fault === 'silence-after-effect') request.socket.destroy();
    else reply(response, answer);
  }

  #answer(call: string, body: Body): Answer {
    if (call === 'GET /account-info/v3/details')
      return {
        status: 200,
        body: {
          ...{ portalId: 4711, uiDomain: 'app-eu1.hubspot.com', timeZone: 'Europe/Berlin' },
          companyCurrency: 'EUR',
        },
      };
    const search = /^POST \/crm\/v3\/objects\/(companies|deals)\/search$/.exec(call);
    if (search !== null) return this.#search(search[1] as 'companies' | 'deals', body);
    const company = /^(GET|PATCH) \/crm\/v3\/objects\/companies\/(\w+)$/.exec(call);
    if (company !== null) return this.#company(company[1] ?? '', company[2] ?? '', body);
    if (call === 'GET /crm/v3/objects/companies') return { status: 200, body: { results: [] } };
    return this.#notes(call, body);
  }

  #search(kind: 'companies' | 'deals', { filterGroups, limit = 10, properties }: Body): Answer {
    const filters = filterGroups?.[0]?.filters ?? [];
    const rows = [...this[kind]]
      .filter(([id, row]) => filters.every((filter) => fits(id, row, filter)))
      .sort(([a], [b]) => Number(a) - Number(b));
    const results = rows
      .slice(0, Math.min(limit, this.pageRows))
      .map(([id, row]) => ({ id, properties: only(row, properties) }));
    return { status: 200, body: { total: rows.length, results } };
  }

  #company(method: string, id: string, body: Body): Answer {
    const found = this.companies.get(id);
    if (found === undefined) return missing(`company ${id}`);
    if (method === 'PATCH') Object.assign(found.properties, body.properties);
    return { status: 200, body: { id, properties: { ...found.properties } } };
  }

  #notes(call: string, body: Body): Answer {
    const property = /^GET \/crm\/v3\/properties\/notes\/(\w+)$/.exec(call)?.[1];
    if (property !== undefined) {
      const found = this.noteProperties.get(property);
      return found === undefined ? missing(property) : { status: 200, body: found };
    }
    if (call === 'POST /crm/v3/properties/notes') {
      const made = body as unknown as { name: string; groupName: string; hasUniqueValue: boolean };
      if (this.noteProperties.has(made.name))
        return { status: 409, body: { message: 'exists', category: 'CONFLICT' } };
      this.noteProperties.set(made.name, made);
      return { status: 201, body: made };
    }
    if (call === 'POST /crm/v3/objects/notes/batch/upsert') return this.#upsert(body);
    const link =
      /^PUT \/crm\/v4\/objects\/notes\/(\d+)\/associations\/default\/companies\/(\w+)$/.exec(call);
    const note = [...this.notes.values()][Number(link?.[1] ?? 0) - 1];
    if (link === null || note === undefined) return missing(call);
    note.companies.add(link[2] ?? '');
    return { status: 200, body: { status: 'COMPLETE' } };
  }

  #upsert({ inputs = [] }: Body): Answer {
    const results = inputs.map(({ id, idProperty, properties }) => {
      if (this.noteProperties.get(idProperty)?.hasUniqueValue !== true)
        throw new Error(`${idProperty} has no unique values`);
      const before = this.notes.get(id);
      const companies = before?.companies ?? new Set<string>();
      this.notes.set(id, { body: properties.hs_note_body ?? '', companies });
      return { id: String([...this.notes.keys()].indexOf(id) + 1), new: before === undefined };
    });
    return { status: 200, body: { status: 'COMPLETE', results } };
  }
}

/** As the vendor does: properties that were not asked for are not told. */
function only({ properties }: Stored, wanted: Body['properties']): Record<string, string | null> {
  const names = Array.isArray(wanted) ? (wanted as readonly string[]) : [];
  return Object.fromEntries(names.map((name) => [name, properties[name] ?? null]));
}

function fits(id: string, row: Stored, { propertyName, operator, value }: Filter): boolean {
  const told =
    propertyName === 'hs_object_id'
      ? Number(id)
      : propertyName === 'hs_lastmodifieddate'
        ? row.modifiedMs
        : new Date(row.properties[propertyName] ?? Number.NaN).getTime();
  return operator === 'GT' ? told > Number(value) : told >= Number(value);
}

function reply(
  response: ServerResponse,
  { status, body }: Answer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
