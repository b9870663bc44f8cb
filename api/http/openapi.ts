/** The API's description: OpenAPI 3.1 at /openapi.json, a page of it at /docs. Both are public; they hold no data. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { ApiConfiguration } from '../dependencies.ts';
import { PROBLEM_MEDIA_TYPE } from '../problems.ts';
import { answerSchemas } from './answers.ts';

export async function addOpenApi(
  app: FastifyInstance,
  configuration: ApiConfiguration,
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Perennial',
        description:
          'Yearly billing of software-maintenance contracts. Money is integer minor units with a ' +
          'currency; errors are RFC 9457 problem documents with a stable code; lists are ' +
          'cursor-paged; writes take Idempotency-Key; updates take If-Match.',
        version: configuration.version,
      },
      servers: [{ url: configuration.publicUrl }],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'perennial_session' },
          key: { type: 'http', scheme: 'bearer' },
        },
        schemas: answerSchemas() as never,
      },
    },
    transform: (given) => {
      const transformed = jsonSchemaTransform(given as never);
      const permission = given.route.config?.permission;
      const shown = given.url.startsWith('/api/v1/') || given.url.startsWith('/webhooks/');
      if (!shown) return { ...transformed, schema: { ...transformed.schema, hide: true } };
      return {
        url: transformed.url,
        schema: described(
          transformed.schema as Record<string, unknown>,
          given.url,
          permission,
          given.route.config?.answer,
        ),
      };
    },
  } as Parameters<typeof swagger>[1]);
  app.get('/openapi.json', { config: { permission: 'public' } }, () => app.swagger());
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, permission: 'public' };
    });
    await docs.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  });
}

/** Tag, permission, security and the shape of every failure. */
function described(
  schema: Record<string, unknown>,
  url: string,
  permission: string | undefined,
  answer: string | undefined,
): never {
  const isPublic = permission === undefined || permission === 'public';
  const responses = (schema.response ?? {
    200: { description: answer === undefined ? 'Done' : `${answer}, as api/types.ts describes it` },
  }) as object;
  const problem = {
    description: 'A problem document (RFC 9457)',
    content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
  };
  return {
    ...schema,
    tags: [url.split('/')[url.startsWith('/api/') ? 3 : 1]],
    description: [schema.description, isPublic ? null : `Permission: \`${permission}\`.`]
      .filter(Boolean)
      .join('\n\n'),
    security: isPublic ? [] : [{ session: [] }, { key: [] }],
    response: { ...responses, default: problem },
  } as never;
}
