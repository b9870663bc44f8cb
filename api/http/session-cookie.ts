/** The session's cookie: out of scripts' reach, not sent from other sites' forms, encrypted wherever we are reached so. */
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply } from 'fastify';
import { audit, createSession, type User } from '../../db/index.ts';
import type { ApiConfiguration, ApiDependencies } from '../dependencies.ts';
import { SESSION_COOKIE } from './authentication.ts';

function sessionCookie({
  publicUrl,
  sessionSeconds,
}: Pick<ApiConfiguration, 'publicUrl' | 'sessionSeconds'>): CookieSerializeOptions {
  return {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: publicUrl.startsWith('https:'),
    maxAge: sessionSeconds,
  };
}

/** Signs a person in: a session is begun, noted in the audit trail, and its cookie goes with the reply. */
export async function beginSession(
  { db, configuration }: Pick<ApiDependencies, 'db' | 'configuration'>,
  reply: FastifyReply,
  user: Pick<User, 'id' | 'role'>,
  by: 'password' | 'sign-in link',
): ReturnType<typeof createSession> {
  const session = await createSession(db, user.id, configuration.sessionSeconds);
  await audit(db, {
    actor: { user: user.id, role: user.role },
    action: 'session.start',
    subject: user.id,
    details: { by },
  });
  reply.setCookie(SESSION_COOKIE, session.token, sessionCookie(configuration));
  return session;
}
