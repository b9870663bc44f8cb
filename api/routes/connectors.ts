/** Accounting and CRM: what is compared from where and how old it is, whether a connection answers, exports as files. */
import { z } from 'zod';
import { MAX_EXPORT_BYTES } from '../../connectors/outside-export.ts';
import { EXPORT_SYSTEM, OUTSIDE_SOURCES } from '../../db/index.ts';
import type { Api, Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { takeExport } from '../outside/exports.ts';
import { ProblemError } from '../problems.ts';
import type { OutsideReadingView, OutsideSystemView, ReachView } from '../types.ts';
import { outsideReadings, outsideSystems, readingView } from '../views/outside-systems.ts';
import { todayOf } from '../views/parties.ts';
import { namesOf } from '../views/people.ts';

export const connectorRoutes: Routes = (app, context) => {
  const { db, now, outside } = context;
  app.get(
    '/connectors',
    {
      config: { permission: 'finding:read' },
      schema: { summary: 'What accounting and CRM are compared from, and how old it is' },
    },
    async (): Promise<{ items: OutsideSystemView[] }> => ({
      items: await outsideSystems(db, await todayOf(db, now())),
    }),
  );
  app.get(
    '/connectors/readings',
    {
      config: { permission: 'finding:read' },
      schema: { summary: 'The last readings and exports of accounting and CRM, the newest first' },
    },
    async (): Promise<{ items: OutsideReadingView[] }> => ({ items: await outsideReadings(db) }),
  );
  app.post(
    '/connectors/:source/test',
    {
      config: { permission: 'finding:look', answer: 'ReachView' },
      schema: {
        summary: 'Ask a connected system whether it answers; nothing is read',
        params: z.object({ source: z.enum(OUTSIDE_SOURCES) }),
      },
    },
    async ({ params: { source } }): Promise<ReachView> => {
      const connected = outside?.[source];
      const system = connected?.system ?? EXPORT_SYSTEM;
      if (connected?.reach === undefined)
        throw new ProblemError(
          'state-conflict',
          'Nothing is connected here that could be asked; what is compared comes as exports.',
        );
      const answer = await connected.reach();
      const isReached = answer.result === 'ok';
      return { source, system, isReached, words: isReached ? answer.words : answer.message };
    },
  );
  void app.register(async (scope) => exportRoutes(scope as unknown as Api, context));
};

/** The bytes as they are; longer bodies are refused while they arrive. */
const exportRoutes: Routes = (app, context) => {
  const { db } = context;
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer', bodyLimit: MAX_EXPORT_BYTES },
    (_request, body, done) => done(null, body),
  );
  app.post(
    '/imports/outside',
    {
      bodyLimit: MAX_EXPORT_BYTES,
      config: { permission: 'import:write' },
      schema: {
        summary: 'Bring an export of accounting or CRM (JSON), in place of the one before it',
        description:
          'The file of `book findings --outside`. Refused where a connection reads that system, or a later export is here.',
        querystring: z.strictObject({ fileName: z.string().min(1).max(255) }),
        consumes: ['application/octet-stream'],
      },
    },
    async (request): Promise<{ items: OutsideReadingView[] }> => {
      const { fileName } = request.query;
      const text = textOf(request.body);
      const kept = await takeExport(context, { fileName, text, actor: actorOf(request) });
      const personOf = await namesOf(db);
      return { items: kept.map((reading) => readingView(reading, personOf)) };
    },
  );
};

function textOf(body: unknown): string {
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new ProblemError('malformed-request', 'Send the file as application/octet-stream.');
  return body.toString('utf8');
}
