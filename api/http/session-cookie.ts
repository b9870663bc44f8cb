/** The session's cookie: out of scripts' reach, not sent from other sites' forms, encrypted wherever we are reached so. */
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { ApiConfiguration } from '../dependencies.ts';

export function sessionCookie({
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
