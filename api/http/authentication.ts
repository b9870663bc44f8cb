/**
 * Who asks: a session's cookie or an API key, and whether their role may. Every route names its permission in its config; one
 * that does not keeps the app from starting. A key acts as the user it belongs to, so four eyes hold for keys too.
 */
import '@fastify/cookie';
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { type Actor, type Db, findApiKey, findSession, type User } from '../../db/index.ts';
import { may, PERMISSIONS, type RoutePermission } from '../permissions.ts';
import { ProblemError } from '../problems.ts';

export const SESSION_COOKIE = 'perennial_session';
export const CSRF_HEADER = 'x-csrf-token';
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface SignedIn {
  readonly user: User;
  /** Null for an API key, which no browser sends by itself. */
  readonly csrfToken: string | null;
  readonly expiresAt: Date | null;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: RoutePermission;
    /** The answer holds a secret that is shown once: it is never kept for an Idempotency-Key. */
    answersSecret?: true;
    /** The type of the answer, by its name in api/types.ts; `Page<…>` for lists. */
    answer?: string;
  }
  interface FastifyRequest {
    signedIn: SignedIn | null;
  }
}

export interface AuthenticationOptions {
  readonly db: Db;
  readonly publicUrl: string;
}

/** Adds the check to every route of the app. */
export function addAuthentication(app: FastifyInstance, options: AuthenticationOptions): void {
  app.decorateRequest('signedIn', null);
  // Looked at when all is registered: plugins' own routes are given theirs after this hook has seen them.
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => void routes.push(route));
  app.addHook('onReady', async () => {
    for (const route of routes) checkDeclared(route);
  });
  app.addHook('onRequest', async (request) => {
    if (request.is404) return;
    const permission = request.routeOptions.config.permission ?? 'signed-in';
    request.signedIn = await identify(request, options.db, permission === 'public');
    if (permission === 'public') return;
    const { signedIn } = request;
    if (signedIn === null)
      throw new ProblemError('not-signed-in', 'Sign in, or send an API key as a Bearer token.');
    checkOrigin(request, signedIn, options.publicUrl);
    if (permission !== 'signed-in' && !may(signedIn.user.role, permission))
      throw new ProblemError(
        'not-permitted',
        `The role ${signedIn.user.role} may not do this (${permission}). ` +
          'An admin can give you another role.',
      );
  });
}

function checkDeclared(route: RouteOptions): void {
  const permission = route.config?.permission;
  if (permission === 'public' || permission === 'signed-in') return;
  if (permission === undefined || !(permission in PERMISSIONS))
    throw new Error(`${String(route.method)} ${route.url} declares no permission that we know`);
}

/** The key's or session's user. A bad key is an error everywhere, a stale cookie only where one is needed. */
async function identify(
  request: FastifyRequest,
  db: Db,
  isPublic: boolean,
): Promise<SignedIn | null> {
  const header = request.headers.authorization;
  if (header !== undefined && !isPublic) {
    const token = /^Bearer ([A-Za-z0-9._~+/=-]{16,200})$/i.exec(header)?.[1];
    const found = token === undefined ? null : await findApiKey(db, token);
    if (found === null)
      throw new ProblemError('key-invalid', 'The API key is unknown or revoked; ask an admin.');
    return { user: found.user, csrfToken: null, expiresAt: null };
  }
  const cookie = request.cookies[SESSION_COOKIE];
  if (cookie === undefined || cookie === '' || isPublic) return null;
  const session = await findSession(db, cookie);
  return session === null
    ? null
    : { user: session.user, csrfToken: session.csrfToken, expiresAt: session.expiresAt };
}

/** Writes with a cookie must carry the session's token and come from our own pages. */
function checkOrigin(request: FastifyRequest, signedIn: SignedIn, publicUrl: string): void {
  if (SAFE_METHODS.has(request.method) || signedIn.csrfToken === null) return;
  refuseForeignOrigin(request, publicUrl);
  const given = request.headers[CSRF_HEADER];
  if (typeof given !== 'string' || !sameText(given, signedIn.csrfToken))
    throw new ProblemError(
      'csrf-failed',
      `Send the session's csrfToken in the header ${CSRF_HEADER}; reload the page if it is stale.`,
    );
}

/** Refuses what a browser says was sent by another site's page. Programs send neither header. */
export function refuseForeignOrigin(request: FastifyRequest, publicUrl: string): void {
  const site = request.headers['sec-fetch-site'];
  const { origin } = request.headers;
  const own = [new URL(publicUrl).host, request.host];
  const foreign =
    (typeof site === 'string' && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && !own.includes(hostOf(origin)));
  if (foreign)
    throw new ProblemError(
      'csrf-failed',
      'The request came from another site’s page; it was refused.',
    );
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : '';
}

function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

/** The signed-in person of a route that needs one. */
export function personOf(request: FastifyRequest): User {
  if (request.signedIn === null) throw new ProblemError('not-signed-in', 'Sign in first.');
  return request.signedIn.user;
}

/** Who asks, for workflows and the audit trail: the user's id, never a name or an address. */
export function actorOf(request: FastifyRequest): Actor {
  const user = personOf(request);
  return { user: user.id, role: user.role };
}
