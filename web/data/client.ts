/** The way to the API: reads, writes that can be repeated without doing it twice, and problems as errors that speak. */
import type { Page, Problem } from '../../api/types.ts';

const API = '/api/v1';
let csrfToken = '';

/** Writes carry the session's token; kept here when the session is read. */
export function keepCsrfToken(token: string): void {
  csrfToken = token;
}

/** What the API refused or could not do, with its problem document. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }
}

/** No answer came: whether a write arrived is not known, so that it is repeated with the same key. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** A key that makes a repeated write the same write. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${API}${path}`, { ...init, credentials: 'same-origin' });
  } catch (error) {
    throw new ConnectionError('Perennial can not be reached from here.', { cause: error });
  }
  if (response.ok) return response;
  throw new ProblemError(await problemOf(response, path));
}

async function problemOf(response: Response, path: string): Promise<Problem> {
  const text = await response.text();
  try {
    const parsed = JSON.parse(text) as Partial<Problem>;
    if (typeof parsed.code === 'string') return parsed as Problem;
  } catch {
    // Not a problem document: a proxy's page, or a server that is being started. Told below.
  }
  return {
    type: 'about:blank',
    title: 'The server gave an answer that can not be read',
    status: response.status,
    code: 'unreadable-answer',
    detail: `It answered ${response.status}. Wait a moment, then try again.`,
    instance: path,
    requestId: response.headers.get('x-request-id') ?? '',
    retryable: response.status >= 500,
    whoActs: 'operator',
  };
}

async function body<T>(response: Response): Promise<T> {
  const text = await response.text();
  return (text === '' ? null : JSON.parse(text)) as T;
}

export async function read<T>(path: string, signal?: AbortSignal): Promise<T> {
  return body<T>(await send(path, signal === undefined ? {} : { signal }));
}

/** A row with the tag that goes back with a change to it. */
export async function readTagged<T>(path: string): Promise<{ row: T; tag: string | null }> {
  const response = await send(path, {});
  return { row: await body<T>(response), tag: response.headers.get('etag') };
}

export interface WriteOptions {
  readonly key?: string;
  readonly ifMatch?: string | null;
}

export async function write<T>(
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  content?: unknown,
  { key, ifMatch }: WriteOptions = {},
): Promise<T> {
  const headers: Record<string, string> = { 'x-csrf-token': csrfToken };
  if (key !== undefined) headers['idempotency-key'] = key;
  if (ifMatch) headers['if-match'] = ifMatch;
  if (content !== undefined) headers['content-type'] = 'application/json';
  const init: RequestInit = { method, headers };
  if (content !== undefined) init.body = JSON.stringify(content);
  return body<T>(await send(path, init));
}

/** Files to the server as a form; a folder's files keep no more than their names. */
export async function sendFiles<T>(path: string, files: readonly File[]): Promise<T> {
  const form = new FormData();
  for (const file of files) form.append('files', file, file.name);
  const headers = { 'x-csrf-token': csrfToken };
  return body<T>(await send(path, { method: 'POST', headers, body: form }));
}

/** One file, byte for byte: only its bytes tell its encoding. */
export async function sendBytes<T>(path: string, file: File): Promise<T> {
  const headers = { 'x-csrf-token': csrfToken, 'content-type': 'application/octet-stream' };
  return body<T>(await send(path, { method: 'POST', headers, body: file }));
}

const LARGEST_PAGE = 200;

/** All rows of a list, page after page, for what is filtered and summed on the screen. */
export async function readAll<T>(path: string, signal?: AbortSignal): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | null = null;
  do {
    const next: Page<T> = await read<Page<T>>(
      withQuery(path, { limit: String(LARGEST_PAGE), cursor: cursor ?? undefined }),
      signal,
    );
    rows.push(...next.items);
    cursor = next.nextCursor;
  } while (cursor !== null);
  return rows;
}

/** Joins a path and what is given of a query. */
export function withQuery(path: string, query: Record<string, string | undefined>): string {
  const given = Object.entries(query).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  if (given.length === 0) return path;
  return `${path}${path.includes('?') ? '&' : '?'}${new URLSearchParams(given)}`;
}

/** One part of a path. */
export const part = (text: string): string => encodeURIComponent(text);
export const apiUrl = (path: string): string => `${API}${path}`;
