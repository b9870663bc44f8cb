/**
 * Commands that talk to a running API. Where it is: PERENNIAL_URL, else what a running `perennial start` has left in its data
 * folder. Who asks: PERENNIAL_API_KEY, else the key that the first start left there, readable by this user alone.
 */

import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { environmentFile } from '../../connectors/configuration.ts';
import { type CommandContext, CommandError, EXIT, type ExitCode } from '../context.ts';

/** A problem document's part that the command line needs. */
interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly etag: string | null;
}

export interface ApiClient {
  get<T>(path: string): Promise<T>;
  /** A write; it carries an Idempotency-Key, so that a repeated attempt is one. Bytes go as they are. */
  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Answer<T>>;
}

const DEADLINE_MS = 70_000;

/** Refused by a rule or a permission is 4, what was asked wrongly 2, all else 1. */
function exitOf(status: number, code: string): ExitCode {
  if (code === 'invalid-input') return EXIT.input;
  if (status === 403 || status === 409 || status === 422) return EXIT.refused;
  return status >= 400 && status < 500 && status !== 401 && status !== 429
    ? EXIT.input
    : EXIT.failed;
}

function dataFolderOf({ env, path }: CommandContext): string {
  return env.PERENNIAL_DATA ? path(env.PERENNIAL_DATA) : resolve('.perennial');
}

export function apiUrl(context: CommandContext): string {
  const given = context.env.PERENNIAL_URL;
  if (given) return given.replace(/\/+$/, '');
  const file = environmentFile(dataFolderOf(context));
  const left = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)
    : {};
  const url = left.PUBLIC_URL ?? (left.PORT ? `http://127.0.0.1:${left.PORT}` : undefined);
  if (url === undefined)
    throw new CommandError(
      'No running Perennial was found. Start it with `npm start`, or set PERENNIAL_URL.',
    );
  return url.replace(/\/+$/, '');
}

function apiKey(context: CommandContext): string {
  if (context.env.PERENNIAL_API_KEY) return context.env.PERENNIAL_API_KEY;
  const file = join(dataFolderOf(context), 'operator-key');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  throw new CommandError('Set PERENNIAL_API_KEY to an API key; an admin can make one.');
}

export function apiClient(context: CommandContext): ApiClient {
  const url = apiUrl(context);
  const authorization = `Bearer ${apiKey(context)}`;
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<Answer<T>> => {
    const headers: Record<string, string> = { authorization, accept: 'application/json' };
    const bytes = body instanceof Uint8Array;
    // A file is known by its own content, whatever request it comes with.
    if (method !== 'GET' && !bytes) headers['idempotency-key'] = randomUUID();
    if (body !== undefined)
      headers['content-type'] = bytes ? 'application/octet-stream' : 'application/json';
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(DEADLINE_MS),
      ...(body === undefined ? {} : { body: bytes ? new Uint8Array(body) : JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new CommandError(`The API at ${url} does not answer; is it running?`, EXIT.failed, {
        cause: error,
      });
    });
    const text = await answer.text();
    const parsed: unknown = text === '' ? null : JSON.parse(text);
    if (!answer.ok) {
      const { code, detail, title } = parsed as Problem;
      throw new CommandError(`${title}. ${detail} (${code})`, exitOf(answer.status, code));
    }
    return { status: answer.status, body: parsed as T, etag: answer.headers.get('etag') };
  };
  return {
    get: async <T>(path: string) => (await ask<T>('GET', path)).body,
    send: (method, path, body) => ask(method, path, body),
  };
}

/** One part of a path: numbers and keys carry colons and slashes. */
export const part = (name: string): string => encodeURIComponent(name);

/** The global --reason, which some commands need. */
export function reasonOf(context: CommandContext): string {
  const { reason } = context.options;
  if (reason === null || reason.trim().length < 3)
    throw new CommandError('Say why: add --reason "…".', EXIT.input);
  return reason;
}

/** Under --dry-run says what would be asked for and does nothing. */
export function dry(context: CommandContext, words: string): boolean {
  if (context.options.dryRun)
    context.output.answer({ dryRun: true, would: words }, () => `Would: ${words}`);
  return context.options.dryRun;
}
