import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../api/app.ts';
import { withoutTokens } from '../../api/app.ts';
import { PERMISSIONS } from '../../api/permissions.ts';
import { PROBLEMS } from '../../api/problems.ts';
import type { Problem } from '../../api/types.ts';
import { apiWith, NO_DATABASE, routesOf } from './fixture.ts';

let app: Api;
beforeAll(async () => {
  app = await apiWith(NO_DATABASE);
});
afterAll(() => app.close());

const JSON_TYPE = { 'content-type': 'application/json' };

describe('problem documents', () => {
  const cases: [string, InjectOptions, number, string][] = [
    ['an unknown address', { method: 'GET', url: '/api/v1/nothing' }, 404, 'not-found'],
    ['another method', { method: 'PUT', url: '/api/v1/invoices' }, 405, 'method-not-allowed'],
    ['nobody signed in', { method: 'GET', url: '/api/v1/invoices' }, 401, 'not-signed-in'],
    [
      'a body of another type',
      {
        method: 'POST',
        url: '/api/v1/session',
        payload: '<a/>',
        headers: { 'content-type': 'application/xml' },
      },
      415,
      'media-type-unsupported',
    ],
    [
      'a body that is no JSON',
      { method: 'POST', url: '/api/v1/session', payload: '{"a":', headers: JSON_TYPE },
      400,
      'malformed-request',
    ],
    [
      'a body that is too large',
      {
        method: 'POST',
        url: '/api/v1/session',
        payload: JSON.stringify({ email: 'a'.repeat(1_100_000) }),
        headers: JSON_TYPE,
      },
      413,
      'body-too-large',
    ],
    [
      'a body with fields that nobody knows',
      {
        method: 'POST',
        url: '/api/v1/session',
        payload: { email: 'a@example.com', password: 'x', admin: true },
      },
      400,
      'validation-failed',
    ],
    [
      'an address that can not be decoded',
      { method: 'GET', url: '/api/v1/%zz' },
      400,
      'malformed-request',
    ],
    [
      'a failure of our own',
      {
        method: 'POST',
        url: '/api/v1/session',
        payload: { email: 'a@example.com', password: 'x' },
      },
      500,
      'internal-error',
    ],
  ];
  it.each(cases)('%s', async (_name, request, status, code) => {
    const answer = await app.inject(request);
    const problem = answer.json<Problem>();
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(problem).toMatchObject({ status, code, type: `urn:perennial:problem:${code}` });
    expect(problem.title).toBe(PROBLEMS[code as keyof typeof PROBLEMS].title);
    expect(problem.requestId).toBe(answer.headers['x-request-id']);
    expect(answer.body).not.toMatch(/hunter2|at .*\.ts:/);
  });

  it('names the methods that an address takes', async () => {
    const answer = await app.inject({ method: 'DELETE', url: '/api/v1/invoices/INV-1' });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
  });

  it('gives every code a status, a title and somebody who acts', () => {
    for (const [code, spec] of Object.entries(PROBLEMS)) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(spec.status).toBeGreaterThanOrEqual(400);
      expect(spec.title.length).toBeGreaterThan(5);
      if (spec.status >= 500) expect(spec.logLevel).not.toBe('info');
    }
  });
});

describe('what every answer carries', () => {
  it('lets a browser load nothing from elsewhere', async () => {
    const answer = await app.inject({ method: 'GET', url: '/' });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-security-policy']).toContain("default-src 'self'");
    expect(answer.headers['content-security-policy']).toContain("script-src 'self';");
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  it('keeps a harmless request id and makes one otherwise', async () => {
    const kept = await app.inject({ url: '/health', headers: { 'x-request-id': 'caller-00042' } });
    expect(kept.headers['x-request-id']).toBe('caller-00042');
    const made = await app.inject({ url: '/health', headers: { 'x-request-id': 'a b\tc' } });
    expect(made.headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
  });

  it('keeps tokens of addresses out of the log', () => {
    expect(withoutTokens('/sign-in/abc?x=1')).toBe('/sign-in/[redacted]');
    expect(withoutTokens('/pay/SU5W.sig/pdf')).toBe('/pay/[redacted]/pdf');
    expect(withoutTokens('/api/v1/invoices?q=secret')).toBe('/api/v1/invoices');
  });
});

describe('without a login', () => {
  it.each(['/health', '/metrics', '/openapi.json', '/docs'])('%s answers', async (url) => {
    const answer = await app.inject({ url });
    expect(answer.statusCode).toBeLessThan(400);
  });
  it('says whether it is ready, and that the database is not', async () => {
    const answer = await app.inject({ url: '/ready' });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ ok: false, database: 'unreachable', engine: 'ok' });
  });
});

describe('the description', () => {
  it('is OpenAPI 3.1 and tells the permission and the failures of every route', async () => {
    const document = (await app.inject({ url: '/openapi.json' })).json<Record<string, never>>();
    expect(document.openapi).toBe('3.1.0');
    const routes = routesOf(document);
    expect(routes.length).toBeGreaterThan(60);
    for (const { permission, url } of routes)
      if (permission !== 'public' && permission !== 'signed-in')
        expect(PERMISSIONS, url).toHaveProperty([permission]);
    expect(JSON.stringify(document)).toContain('#/components/schemas/Problem');
  });

  it('lists under /api/v1 only what needs a login, but for signing in and checking licenses', async () => {
    const routes = routesOf((await app.inject({ url: '/openapi.json' })).json());
    const open = routes.filter(({ permission }) => permission === 'public');
    expect(open.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
      // Of customers' software: the license key itself says who asks.
      'GET /api/v1/public/licenses/public-keys',
      'GET /api/v1/public/licenses/revocations',
      'POST /api/v1/public/licenses/check',
      'POST /api/v1/public/licenses/successor',
      'POST /api/v1/session',
      'POST /webhooks/bank',
      'POST /webhooks/mail',
      'POST /webhooks/stripe',
    ]);
  });

  it('does not start with a route that declares no permission', async () => {
    const { default: Fastify } = await import('fastify');
    const { addAuthentication } = await import('../../api/http/authentication.ts');
    const bare = Fastify();
    addAuthentication(bare, { db: NO_DATABASE, publicUrl: 'http://127.0.0.1' });
    bare.get('/open', () => ({}));
    await expect(bare.ready()).rejects.toThrow('GET /open declares no permission');
  });
});
