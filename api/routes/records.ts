/** Records: what came in, what was imported, who did what; and the installation's settings. */
import { z } from 'zod';
import { BOOK_MAPPINGS, bookMappingsSchema } from '../../connectors/book/mapping.ts';
import { csvMappingsSchema } from '../../connectors/payments/bank/file.ts';
import {
  AUTOMATIC_APPROVAL,
  type AuditEvent,
  type ImportRecord,
  listSettings,
  putSetting,
  type InboxEvent as StoredEvent,
  verifyAudit,
} from '../../db/index.ts';
import type { Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { checkMatch, tag } from '../http/etags.ts';
import { currencyCode, given, listQuery, page, reason } from '../http/lists.ts';
import { notFound } from '../problems.ts';
import type { ImportView, InboxEvent, Setting } from '../types.ts';
import { importView } from '../views/imports.ts';
import { changeView } from '../views/invoices.ts';
import { namesOf } from '../views/people.ts';
import { CSV_MAPPINGS } from './bank.ts';

/** Settings that a person may change here: what they mean, what they are, and what holds until somebody does. */
const SETTINGS = {
  'four-eyes': {
    words: 'Whoever makes a run, credit or refund never approves it',
    schema: z.boolean(),
    fallback: true as unknown,
  },
  [AUTOMATIC_APPROVAL]: {
    words: 'Runs below these amounts and without exceptions are approved by this rule',
    schema: z
      .strictObject({
        atMostMinor: z.record(currencyCode, z.number().int().min(0)),
        submits: z.boolean(),
      })
      .nullable(),
    fallback: null as unknown,
  },
  [CSV_MAPPINGS]: {
    words: 'Which column of a bank’s CSV is what, by the name of the mapping',
    schema: csvMappingsSchema,
    fallback: {} as unknown,
  },
  [BOOK_MAPPINGS]: {
    words: 'Which file and column of another program is what, by the name of the source',
    schema: bookMappingsSchema,
    fallback: {} as unknown,
  },
} as const;
type SettingName = keyof typeof SETTINGS;

export const recordRoutes: Routes = (app, { db }) => {
  app.get(
    '/imports',
    {
      config: { permission: 'import:read', answer: 'Page<ImportView>' },
      schema: { summary: 'Imports of the contract book', querystring: listQuery({}) },
    },
    ({ query }) =>
      page<ImportRecord, ImportView>(db, 'imports', query, {}, (rows) => rows.map(importView)),
  );
  app.get(
    '/events',
    {
      config: { permission: 'event:read', answer: 'Page<InboxEvent>' },
      schema: {
        summary: 'Events of outside systems, and what became of each',
        querystring: listQuery({
          provider: z.string().max(40).optional(),
          kind: z.string().max(80).optional(),
          state: z.enum(['stored', 'processed', 'ignored', 'failed']).optional(),
        }),
      },
    },
    ({ query }) => {
      const { provider, kind, state } = query;
      const sorted = { ...query, sort: query.sort ?? '-id' };
      const filter = given({ provider, kind, state });
      return page<StoredEvent, InboxEvent>(db, 'inboxEvents', sorted, filter, (rows) =>
        rows.map((row) => ({
          id: row.id,
          provider: row.provider,
          eventId: row.eventId,
          kind: row.kind,
          state: row.state,
          reason: row.reason,
          receivedAt: new Date(row.receivedAt).toISOString(),
        })),
      );
    },
  );
  app.get(
    '/audit',
    {
      config: { permission: 'audit:read', answer: 'Page<ChangeView>' },
      schema: {
        summary: 'Who did what, when, why',
        querystring: listQuery({
          actor: z.string().max(200).optional(),
          action: z.string().max(80).optional(),
          subject: z.string().max(300).optional(),
        }),
      },
    },
    ({ query }) => {
      const { actor, action, subject } = query;
      const sorted = { ...query, sort: query.sort ?? '-seq' };
      const filter = given({ actor, action, subject });
      return page<AuditEvent, unknown>(db, 'auditEvents', sorted, filter, async (rows) => {
        const nameOf = await namesOf(db);
        return rows.map((row) => changeView(row, nameOf));
      });
    },
  );
  app.get(
    '/audit/verification',
    {
      config: { permission: 'audit:read' },
      schema: { summary: 'Whether the audit trail is whole' },
    },
    () => verifyAudit(db),
  );

  const settingViews = async (): Promise<Setting[]> => {
    const stored = new Map((await listSettings(db)).map((row) => [row.name, row]));
    return (Object.keys(SETTINGS) as SettingName[]).map((name) => {
      const row = stored.get(name);
      return {
        name,
        value: row === undefined ? SETTINGS[name].fallback : row.value,
        words: SETTINGS[name].words,
        changedBy: row?.changedBy ?? null,
        changedAt: row === undefined ? null : new Date(row.changedAt).toISOString(),
      };
    });
  };
  const settingOf = async (name: string): Promise<Setting> => {
    const found = (await settingViews()).find((setting) => setting.name === name);
    if (found === undefined) throw notFound('setting', name);
    return found;
  };
  const byName = z.object({ name: z.string().min(1).max(100) });
  app.get(
    '/settings',
    {
      config: { permission: 'settings:read', answer: 'Page<Setting>' },
      schema: { summary: 'Settings of the installation' },
    },
    async () => {
      const items = await settingViews();
      return { items, nextCursor: null, total: items.length };
    },
  );
  app.get(
    '/settings/:name',
    { config: { permission: 'settings:read', answer: 'Setting' }, schema: { params: byName } },
    async (request, reply) => {
      const setting = await settingOf(request.params.name);
      tag(reply, setting);
      return setting;
    },
  );
  app.patch(
    '/settings/:name',
    {
      config: { permission: 'settings:write', answer: 'Setting' },
      schema: {
        summary: 'Change a setting, with a reason',
        params: byName,
        body: z.strictObject({ value: z.json(), reason }),
      },
    },
    async (request, reply) => {
      const current = await settingOf(request.params.name);
      checkMatch(request, current);
      const value = SETTINGS[current.name as SettingName].schema.parse(request.body.value);
      await putSetting(db, current.name, value, actorOf(request), request.body.reason);
      const setting = await settingOf(current.name);
      tag(reply, setting);
      return setting;
    },
  );
};
