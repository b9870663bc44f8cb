/**
 * Tryton's REST interface (8.0 and later) over HTTP: one request, one answer. No retries here: whoever calls holds the one
 * retry policy. A user application key (application `rest`) stands for its user; it is never logged and never part of a
 * message.
 */
import { z } from 'zod';
import { retryAfterSeconds, unansweredWords } from '../../http-answers.ts';
import type { Refused, Unreached } from '../../outside-system.ts';

export interface TrytonConnection {
  /** `https://tryton.example.com`, without the database. */
  readonly url: string;
  readonly database: string;
  /** The key of a user application of type `rest`, validated by its user. */
  readonly key: string;
  readonly timeoutSeconds: number;
}

export type Answer<T> = { readonly result: 'ok'; readonly value: T } | Refused | Unreached;

/** A search clause or a list of them, as Tryton's domains are written. */
export type Domain = readonly unknown[];

export interface TrytonRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the database: `model/party.party/3`. */
  readonly path: string;
  readonly domain?: Domain;
  /** The field to sort by, the highest first; without it by id, the lowest first, so that pages neither skip nor repeat. */
  readonly latestBy?: string;
  readonly limit?: number;
  /** Fields to answer with; a dot reaches into the record a field points to. */
  readonly fields?: readonly string[];
  readonly context?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** Base64 in the alphabet of URLs, with its padding, as Tryton decodes it. */
function encoded(value: unknown): string {
  const base64 = Buffer.from(JSON.stringify(value)).toString('base64');
  return base64.replaceAll('+', '-').replaceAll('/', '_');
}

function addressOf(connection: TrytonConnection, request: TrytonRequest): string {
  const query = new URLSearchParams();
  if (request.domain !== undefined) {
    query.set('d', encoded(request.domain));
    const { latestBy } = request;
    query.set('o', encoded([latestBy === undefined ? ['id', 'ASC'] : [latestBy, 'DESC']]));
  }
  if (request.limit !== undefined) query.set('s', String(request.limit));
  for (const field of request.fields ?? []) query.append('f', field);
  const database = encodeURIComponent(connection.database);
  const base = `${connection.url.replace(/\/+$/, '')}/${database}/rest/${request.path}`;
  return query.size === 0 ? base : `${base}?${query}`;
}

/** Asks, and reads the answer by its schema; a deletion answers nothing, which is null. */
export async function askTryton<T>(
  connection: TrytonConnection,
  request: TrytonRequest,
  schema: z.ZodType<T>,
): Promise<Answer<T>> {
  const { method, path, context, body } = request;
  const asked = `Tryton: ${method} ${path}`;
  try {
    const response = await fetch(addressOf(connection, request), {
      method,
      headers: {
        Accept: 'application/json',
        Authorization: `Bearer ${connection.key}`,
        ...(context === undefined ? {} : { 'X-Tryton-Context': encoded(context) }),
        ...(method === 'GET' ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
      redirect: 'error',
      signal: AbortSignal.timeout(connection.timeoutSeconds * 1000),
    });
    const text = await response.text();
    if (!response.ok) return failureOf(asked, response, text);
    const read = schema.safeParse(text === '' ? null : json(text));
    if (read.success) return { result: 'ok', value: read.data };
    // It may have taken effect; what is asked again looks first.
    const why = z.prettifyError(read.error).replace(/\s*\n\s*/g, '; ');
    return { result: 'unknown', message: `${asked} answered what cannot be read: ${why}` };
  } catch (error) {
    return { result: 'unknown', message: `${asked}: ${unansweredWords(error)}` };
  }
}

const fault = z.object({ message: z.string(), description: z.string().nullish() });

/** Statuses that will be other ones later: a time-out, another's lock, too much asked. */
const PASSING = new Set([408, 423, 425, 429]);

const ADVICE: Readonly<Record<number, string>> = {
  401: 'the key is not accepted; make a user application of type REST and validate it',
  403: 'the user of the key may not do this',
  404: 'it is not there; correct TRYTON_URL or TRYTON_DATABASE',
};

/** What Tryton says of a request that it did not carry out. */
function failureOf(asked: string, response: Response, text: string): Refused | Unreached {
  const { status } = response;
  const said = fault.safeParse(json(text));
  const words = said.success
    ? [said.data.message, said.data.description].filter(Boolean).join(' ')
    : (ADVICE[status] ?? plainText(text));
  const message = `${asked} answered ${status}: ${words}`;
  if (status < 500 && !PASSING.has(status)) return { result: 'rejected', message };
  const wait = retryAfterSeconds(response);
  return wait === null
    ? { result: 'unknown', message }
    : { result: 'unknown', message, retryAfterSeconds: wait };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a proxy's page, say; the status decides
  }
}

/** The words of an error page, without its markup. */
function plainText(page: string): string {
  const words = page.replace(/<title>[^<]*<\/title>|<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  return words.trim().slice(0, 300);
}

/** Records of a model that fit, at most as many as asked for. */
export function searchTryton<T>(
  connection: TrytonConnection,
  model: string,
  search: Required<Pick<TrytonRequest, 'domain' | 'limit' | 'fields'>> &
    Pick<TrytonRequest, 'context' | 'latestBy'>,
  record: z.ZodType<T>,
): Promise<Answer<T[]>> {
  return askTryton(
    connection,
    { method: 'GET', path: `model/${model}`, ...search },
    z.array(record),
  );
}

/** Creates one record, in one transaction with what hangs on it. */
export function createInTryton<T>(
  connection: TrytonConnection,
  model: string,
  record: {
    readonly values: Readonly<Record<string, unknown>>;
    readonly fields: readonly string[];
    readonly context: Readonly<Record<string, unknown>>;
  },
  schema: z.ZodType<T>,
): Promise<Answer<T>> {
  const { values, fields, context } = record;
  const path = `model/${model}`;
  return askTryton(connection, { method: 'POST', path, body: values, fields, context }, schema);
}

/** What is refused before it is asked for, in words. */
export function refuse(message: string): Refused {
  return { result: 'rejected', message: `Tryton: ${message}` };
}
