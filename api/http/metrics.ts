/** Numbers for operators in Prometheus' format: requests by route and status, and the process itself. No people's data. */
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  /** Webhooks by provider and what became of them. */
  readonly webhooks: Counter<'provider' | 'outcome'>;
}

export function addMetrics(app: FastifyInstance): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'perennial_http_request_seconds',
    help: 'Time to answer a request, in seconds',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.5, 1, 5, 15],
    registers: [registry],
  });
  const webhooks = new Counter({
    name: 'perennial_webhooks_total',
    help: 'Webhooks that came in, by provider and outcome',
    labelNames: ['provider', 'outcome'],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
    requests.observe(
      { method: request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
  });
  return { registry, webhooks };
}
