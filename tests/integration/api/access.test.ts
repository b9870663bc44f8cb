/** Who gets in, and who may what: sessions, links, keys, CSRF, every role against every route. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { may, PERMISSIONS, ROLES } from '../../../api/permissions.ts';
import type { Problem, Session } from '../../../api/types.ts';
import { createSession, createSignInLink, listUsers } from '../../../db/index.ts';
import { routesOf } from '../../api/fixture.ts';
import { PASSWORD, type Scene, scene } from './fixture.ts';

let at: Scene;
beforeAll(async () => {
  at = await scene();
});
afterAll(() => at?.close());

async function signIn(email: string, password = PASSWORD) {
  const answer = await at.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    payload: { email, password },
  });
  const cookie = answer.cookies.find(({ name }) => name === 'perennial_session');
  return { answer, cookie, cookies: { perennial_session: cookie?.value ?? '' } };
}

describe('signing in', () => {
  it('gives a cookie that scripts can not read and other sites can not send', async () => {
    const { answer, cookie, cookies } = await signIn('BILLER@example.com');
    expect(answer.statusCode).toBe(200);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    const me = await at.app.inject({ url: '/api/v1/session', cookies });
    expect(me.json<Session>()).toMatchObject({
      user: { email: 'biller@example.com', role: 'biller' },
      fourEyes: true,
    });
    expect(me.body).not.toMatch(/argon2/);
  });

  it('tells a wrong password and an unknown address alike', async () => {
    const wrong = await signIn('biller@example.com', 'not the password');
    const nobody = await signIn('nobody@example.com', 'not the password');
    expect(wrong.answer.statusCode).toBe(401);
    const [a, b] = [wrong, nobody].map(({ answer }) => answer.json<Problem>());
    expect({ ...a, requestId: '' }).toEqual({ ...b, requestId: '' });
    expect(wrong.cookie).toBeUndefined();
  });

  it('takes a write with the cookie only with the session’s token and from our own pages', async () => {
    const { answer, cookies } = await signIn('admin@example.com');
    const { csrfToken } = answer.json<Session>();
    const write = (headers: Record<string, string>) =>
      at.app.inject({
        method: 'POST',
        url: '/api/v1/keys',
        cookies,
        headers,
        payload: { user: 'viewer@example.com', name: 'csrf' },
      });
    const without = await write({});
    expect([without.statusCode, without.json<Problem>().code]).toEqual([403, 'csrf-failed']);
    expect((await write({ 'x-csrf-token': `${csrfToken}x` })).statusCode).toBe(403);
    const foreign = { 'x-csrf-token': csrfToken, origin: 'https://evil.example' };
    expect((await write(foreign)).statusCode).toBe(403);
    expect((await write({ 'x-csrf-token': csrfToken })).statusCode).toBe(201);
  });

  it('refuses a sign-in that another site’s page sends', async () => {
    const answer = await at.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      headers: { 'sec-fetch-site': 'cross-site' },
      payload: { email: 'biller@example.com', password: PASSWORD },
    });
    expect(answer.json<Problem>().code).toBe('csrf-failed');
  });

  it('ends with signing out, and by itself', async () => {
    const { answer, cookies } = await signIn('viewer@example.com');
    const headers = { 'x-csrf-token': answer.json<Session>().csrfToken };
    await at.app.inject({ method: 'DELETE', url: '/api/v1/session', cookies, headers });
    expect((await at.app.inject({ url: '/api/v1/session', cookies })).statusCode).toBe(401);
    const old = await createSession(at.db, at.people.viewer.id, -1);
    const expired = await at.app.inject({
      url: '/api/v1/session',
      cookies: { perennial_session: old.token },
    });
    expect(expired.statusCode).toBe(401);
  });

  it('works by a link once: looking at it uses nothing up', async () => {
    const { token } = await createSignInLink(at.db, at.people.support.id, 60);
    const url = `/sign-in/${token}`;
    for (let look = 0; look < 2; look += 1) {
      const page = await at.app.inject({ url });
      expect(page.statusCode).toBe(200);
      expect(page.body).toContain('<form method="post">');
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const used = await at.app.inject({ method: 'POST', url, headers: form, payload: '' });
    expect(used.statusCode).toBe(303);
    const cookie = used.cookies.find(({ name }) => name === 'perennial_session')?.value ?? '';
    const me = await at.app.inject({
      url: '/api/v1/session',
      cookies: { perennial_session: cookie },
    });
    expect(me.json<Session>().user.role).toBe('support');
    const again = await at.app.inject({ method: 'POST', url, headers: form, payload: '' });
    expect([again.statusCode, again.json<Problem>().code]).toEqual([404, 'link-invalid']);
    expect((await at.app.inject({ url })).statusCode).toBe(404);
  });

  it('works by a key until it is revoked', async () => {
    const { admin } = at.people;
    const made = await at.app.inject({
      method: 'POST',
      url: '/api/v1/keys',
      headers: admin.bearer,
      payload: { user: 'service@example.com', name: 'to be revoked' },
    });
    const { id, key } = made.json<{ id: string; key: string }>();
    const headers = { authorization: `Bearer ${key}` };
    expect((await at.app.inject({ url: '/api/v1/session', headers })).statusCode).toBe(200);
    await at.app.inject({ method: 'DELETE', url: `/api/v1/keys/${id}`, headers: admin.bearer });
    const after = await at.app.inject({ url: '/api/v1/session', headers });
    expect(after.json<Problem>().code).toBe('key-invalid');
  });

  it('ends for a user who is disabled', async () => {
    const found = (await listUsers(at.db)).find(({ role }) => role === 'auditor');
    const read = await at.app.inject({
      url: `/api/v1/users/${found?.id}`,
      headers: at.people.admin.bearer,
    });
    const change = (payload: object, tag: string) =>
      at.app.inject({
        method: 'PATCH',
        url: `/api/v1/users/${found?.id}`,
        headers: { ...at.people.admin.bearer, 'if-match': tag },
        payload,
      });
    expect((await change({ disabled: true }, '"stale"')).statusCode).toBe(412);
    const disabled = await change({ disabled: true }, String(read.headers.etag));
    expect(disabled.statusCode).toBe(200);
    const { bearer } = at.people.auditor;
    expect((await at.app.inject({ url: '/api/v1/session', headers: bearer })).statusCode).toBe(401);
    await change({ disabled: false }, String(disabled.headers.etag));
    expect((await at.app.inject({ url: '/api/v1/session', headers: bearer })).statusCode).toBe(200);
  });
});

describe('every role on every route', () => {
  it('is let through exactly where the table says so', async () => {
    const document = (await at.app.inject({ url: '/openapi.json' })).json();
    const routes = routesOf(document).filter(({ permission }) => permission in PERMISSIONS);
    expect(routes.length).toBeGreaterThan(60);
    for (const { method, url, permission } of routes) {
      for (const role of ROLES) {
        const answer = await at.app.inject({
          method: method as 'GET',
          // Names that are nobody's: what matters is who is stopped before anything is looked up.
          url: url.replace(/\{(\w+)\}/g, (_, name) => (name === 'run' ? '2099-01' : 'nobody')),
          headers: at.people[role].bearer,
          ...(method === 'GET' || method === 'DELETE' ? {} : { payload: {} }),
        });
        const refused =
          answer.statusCode === 403 && answer.json<Problem>().code === 'not-permitted';
        const allowed = may(role, permission as keyof typeof PERMISSIONS);
        expect(`${role} ${method} ${url} ${refused ? 'refused' : 'let in'}`).toBe(
          `${role} ${method} ${url} ${allowed ? 'let in' : 'refused'}`,
        );
        expect(answer.statusCode, `${role} ${method} ${url}: ${answer.body}`).toBeLessThan(500);
      }
    }
  });
});

describe('Idempotency-Key', () => {
  const create = (key: string, email: string) =>
    at.app.inject({
      method: 'POST',
      url: '/api/v1/users',
      headers: { ...at.people.admin.bearer, 'idempotency-key': key },
      payload: { email, name: 'Once', role: 'viewer' },
    });
  it('gives the first answer again and refuses it for another request', async () => {
    const first = await create('k-1', 'once@example.com');
    const again = await create('k-1', 'once@example.com');
    expect(first.statusCode).toBe(201);
    expect(again.statusCode).toBe(201);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.json()).toEqual(first.json());
    const other = await create('k-1', 'twice@example.com');
    expect([other.statusCode, other.json<Problem>().code]).toEqual([422, 'idempotency-key-reused']);
    const users = await listUsers(at.db);
    expect(users.filter(({ name }) => name === 'Once')).toHaveLength(1);
  });
  it('replays a refusal, as a problem document', async () => {
    await create('k-2', 'once@example.com');
    const again = await create('k-2', 'once@example.com');
    expect(again.statusCode).toBe(409);
    expect(again.headers['content-type']).toMatch(/problem\+json/);
    expect(again.json<Problem>().code).toBe('already-exists');
  });
  it('is never kept for an answer that shows a secret once', async () => {
    const make = () =>
      at.app.inject({
        method: 'POST',
        url: '/api/v1/keys',
        headers: { ...at.people.admin.bearer, 'idempotency-key': 'k-3' },
        payload: { user: 'viewer@example.com', name: 'secret' },
      });
    const [first, second] = [await make(), await make()];
    expect(second.headers['idempotent-replayed']).toBeUndefined();
    expect(second.json<{ key: string }>().key).not.toBe(first.json<{ key: string }>().key);
  });
});
