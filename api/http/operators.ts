/** For those who keep it running: /health (the process lives), /ready (what it needs answers), /metrics. */
import { fourEyes } from '../../db/index.ts';
import type { Routes } from '../app.ts';

const open = { config: { permission: 'public' as const }, schema: { hide: true } };

export const operatorRoutes: Routes = (app, { db, processes, metrics }) => {
  app.get('/health', open, () => ({ ok: true }));
  app.get('/ready', open, async (_request, reply) => {
    const parts = {
      database: await answers(() => fourEyes(db)),
      engine: await answers(() => processes.check()),
    };
    const ok = Object.values(parts).every((part) => part === 'ok');
    return reply.code(ok ? 200 : 503).send({ ok, ...parts });
  });
  app.get('/metrics', open, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
};

async function answers(check: () => Promise<unknown>): Promise<'ok' | 'unreachable'> {
  return check().then(
    () => 'ok' as const,
    () => 'unreachable' as const,
  );
}
