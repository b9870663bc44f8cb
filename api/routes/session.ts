/** Signing in and out, and who one is. */
import { z } from 'zod';
import {
  audit,
  changeUser,
  endSession,
  fourEyes,
  getUserByEmail,
  type User,
} from '../../db/index.ts';
import type { RouteContext, Routes } from '../app.ts';
import { personOf, refuseForeignOrigin, SESSION_COOKIE } from '../http/authentication.ts';
import { beginSession } from '../http/session-cookie.ts';
import { hashPassword, PASSWORD_LENGTH, passwordFits } from '../passwords.ts';
import { actionsOf } from '../permissions.ts';
import { ProblemError } from '../problems.ts';
import type { Session } from '../types.ts';
import { userView } from '../views/people.ts';

export const newPassword = z.string().min(PASSWORD_LENGTH.min).max(PASSWORD_LENGTH.max);
const OPERATORS: ReadonlySet<string> = new Set(['admin', 'biller', 'support']);

async function sessionView(
  { db, configuration }: RouteContext,
  user: User,
  session: { csrfToken: string; expiresAt: Date },
): Promise<Session> {
  const stored = await getUserByEmail(db, user.email);
  return {
    user: userView(user, stored?.passwordHash != null),
    csrfToken: session.csrfToken,
    expiresAt: session.expiresAt.toISOString(),
    actions: actionsOf(user.role),
    fourEyes: await fourEyes(db),
    temporalUiUrl: OPERATORS.has(user.role) ? configuration.temporalUiUrl : null,
    version: configuration.version,
  };
}

export const sessionRoutes: Routes = (app, context) => {
  const { db, configuration, now } = context;
  app.get(
    '/session',
    { config: { permission: 'signed-in', answer: 'Session' }, schema: { summary: 'Who am I' } },
    (request) => {
      const user = personOf(request);
      return sessionView(context, user, {
        csrfToken: request.signedIn?.csrfToken ?? '',
        expiresAt: request.signedIn?.expiresAt ?? new Date(now().getTime() + 86_400_000),
      });
    },
  );

  app.post(
    '/session',
    {
      config: {
        permission: 'public',
        answer: 'Session',
        answersSecret: true,
        rateLimit: { max: configuration.signInsPerMinute, timeWindow: '1 minute' },
      },
      schema: {
        summary: 'Sign in with a password',
        body: z.strictObject({
          email: z.string().trim().min(3).max(320),
          password: z.string().min(1).max(PASSWORD_LENGTH.max),
        }),
      },
    },
    async (request, reply) => {
      refuseForeignOrigin(request, configuration.publicUrl);
      const { email, password } = request.body;
      const found = await getUserByEmail(db, email);
      const fits = await passwordFits(found?.passwordHash ?? null, password);
      if (found === null || !fits || found.disabledAt !== null)
        throw new ProblemError(
          'sign-in-failed',
          'The mail address or the password is wrong. An admin can send you a sign-in link.',
        );
      const session = await beginSession(context, reply, found, 'password');
      return sessionView(context, found, session);
    },
  );

  app.delete(
    '/session',
    { config: { permission: 'signed-in' }, schema: { summary: 'Sign out' } },
    async (request, reply) => {
      const token = request.cookies[SESSION_COOKIE];
      if (token !== undefined) await endSession(db, token);
      return reply.clearCookie(SESSION_COOKIE, { path: '/' }).code(204).send();
    },
  );

  app.put(
    '/session/password',
    {
      config: { permission: 'signed-in', answersSecret: true },
      schema: {
        summary: 'Choose a password',
        body: z.strictObject({
          current: z.string().max(PASSWORD_LENGTH.max).nullable(),
          password: newPassword,
        }),
      },
    },
    async (request, reply) => {
      const user = personOf(request);
      const stored = await getUserByEmail(db, user.email);
      if (stored?.passwordHash != null) {
        const fits = await passwordFits(stored.passwordHash, request.body.current ?? '');
        if (!fits) throw new ProblemError('sign-in-failed', 'The current password is wrong.');
      }
      await changeUser(db, user.id, { passwordHash: await hashPassword(request.body.password) });
      await audit(db, {
        actor: { user: user.id, role: user.role },
        action: 'user.change-password',
        subject: user.id,
      });
      return reply.code(204).send();
    },
  );
};
