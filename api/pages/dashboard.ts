/** The dashboard's built files; every address that is nobody else's opens it, since it routes in the browser. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { htmlPage } from './layout.ts';

const NOT_OURS =
  /^\/(api|webhooks|portal|pay|sign-in|docs|health|ready|metrics|openapi\.json)(\/|$)/;

export interface Dashboard {
  register(app: FastifyInstance): Promise<void>;
  /** Answers a page's address with the dashboard; false where it is not a page's. */
  answer(request: FastifyRequest, reply: FastifyReply): boolean;
}

export function addDashboard(folder: string | null): Dashboard {
  const built = folder !== null && existsSync(join(folder, 'index.html'));
  const index = built
    ? readFileSync(join(folder, 'index.html'), 'utf8')
    : htmlPage(
        'Perennial',
        '<h1>Perennial is running</h1><p>The dashboard has not been built. Build it with ' +
          '<code>npm run build:web</code> and start again. The API works: see ' +
          '<a href="/docs">its description</a>.</p>',
      );
  const send = (reply: FastifyReply) =>
    reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(index);
  return {
    async register(app) {
      await app.register(async (files) => {
        files.addHook('onRoute', (route) => {
          route.config = { ...route.config, permission: 'public' };
        });
        if (built) await files.register(fastifyStatic, staticOptions(folder));
        files.get('/', { schema: { hide: true } }, (_request, reply) => send(reply));
      });
    },
    answer(request, reply) {
      const path = request.url.split('?')[0] ?? '/';
      const accepted = request.headers.accept ?? '*/*';
      const isPage =
        (request.method === 'GET' || request.method === 'HEAD') &&
        !NOT_OURS.test(path) &&
        // A browser asks for pages by type; whoever takes any type and names no file means a page too.
        (accepted.includes('text/html') || (accepted.includes('*/*') && !/\.\w+$/.test(path)));
      if (isPage) send(reply.code(200));
      return isPage;
    },
  };
}

/** Built files carry a hash of their content in their names and never change. */
function staticOptions(folder: string) {
  return {
    root: folder,
    wildcard: false,
    index: false as const,
    immutable: true,
    maxAge: '365d',
    decorateReply: false,
    globIgnore: ['index.html'],
  };
}
