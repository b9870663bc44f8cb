/**
 * One-time sign-in links. GET shows a page with a button and uses nothing up (mail scanners follow links); the button's POST
 * does. No script: the button is a form.
 */
import { z } from 'zod';
import { peekSignInLink, useSignInLink } from '../../db/index.ts';
import { escapeHtml } from '../../documents/escape.ts';
import type { Routes } from '../app.ts';
import { refuseForeignOrigin } from '../http/authentication.ts';
import { beginSession } from '../http/session-cookie.ts';
import { ProblemError } from '../problems.ts';
import { htmlPage } from './layout.ts';

const params = z.object({ token: z.string().min(1).max(200) });
const used = () =>
  new ProblemError(
    'link-invalid',
    'This sign-in link is unknown, was used or is too old. Ask an admin for another one.',
  );

export const signInPages: Routes = (app, context) => {
  const { db, configuration } = context;
  // The button's form has an empty body of this type; nothing in it is read.
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 1024 },
    (_request, _body, done) => done(null, {}),
  );
  const limits = { max: configuration.signInsPerMinute, timeWindow: '1 minute' };

  app.get(
    '/sign-in/:token',
    { config: { permission: 'public' }, schema: { params, hide: true } },
    async (request, reply) => {
      const user = await peekSignInLink(db, request.params.token);
      const [code, title, body] =
        user === null
          ? [404, 'This link does not work any more', `<p>${escapeHtml(used().message)}</p>`]
          : [
              200,
              'Sign in to Perennial',
              `<p>You will be signed in as <strong>${escapeHtml(user.name)}</strong> ` +
                `(${escapeHtml(user.email)}). The link works once.</p>` +
                '<form method="post"><button type="submit">Sign in</button></form>',
            ];
      return reply
        .code(code as number)
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(htmlPage(title as string, `<h1>${escapeHtml(title as string)}</h1>${body}`));
    },
  );

  app.post(
    '/sign-in/:token',
    { config: { permission: 'public', rateLimit: limits }, schema: { params, hide: true } },
    async (request, reply) => {
      refuseForeignOrigin(request, configuration.publicUrl);
      const user = await useSignInLink(db, request.params.token);
      if (user === null) throw used();
      await beginSession(context, reply, user, 'sign-in link');
      return reply.redirect('/', 303);
    },
  );
};
