/** Bank files as people bring them: looked at first, then taken; saved mappings; who pays from where; opening a closed period. */
import { z } from 'zod';
import { type CsvPreview, previewCsv } from '../../connectors/payments/bank/csv-preview.ts';
import { type BankStatement, MAX_BANK_FILE_BYTES } from '../../connectors/payments/bank/entry.ts';
import {
  BANK_FORMATS,
  type BankFormat,
  bankFileText,
  csvMappingSchema,
  csvMappingsSchema,
  formatOf,
} from '../../connectors/payments/bank/file.ts';
import {
  type Db,
  getFact,
  getSetting,
  listPayers,
  putSetting,
  reopenDays,
  reopenMonth,
} from '../../db/index.ts';
import type { Api, Routes } from '../app.ts';
import { importBankFile } from '../bank/import.ts';
import { actorOf } from '../http/authentication.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { BankFilePreview, BankMapping, ClosingView, PayerView } from '../types.ts';
import { money } from '../views/money.ts';
import { accountNames } from '../views/parties.ts';
import { CSV_MAPPINGS, closingPeriod, statementsOf } from './bank.ts';

/** Entries of a statement that are shown before it is taken. */
const SAMPLE = 10;
const mappingName = z.string().regex(/^[\w-]{1,60}$/, 'letters, digits, - and _');
const fileQuery = z.strictObject({
  fileName: z.string().min(1).max(255),
  format: z.enum(BANK_FORMATS).optional(),
  mapping: z.string().max(60).optional(),
});

const mappingsOf = async (db: Db) =>
  csvMappingsSchema.parse(await getSetting<unknown>(db, CSV_MAPPINGS, {}));

export const bankFileRoutes: Routes = (app, context) => {
  void app.register(async (scope) => {
    const api = scope as unknown as Api;
    // The bytes as they are: only they tell the encoding. Longer bodies are refused while they arrive.
    api.addContentTypeParser(
      'application/octet-stream',
      { parseAs: 'buffer', bodyLimit: MAX_BANK_FILE_BYTES },
      (_request, body, done) => done(null, body),
    );
    fileRoutes(api, context);
  });
  mappingRoutes(app, context);
  payerRoutes(app, context);
};

const fileRoutes: Routes = (app, context) => {
  const { db } = context;
  const consumes = ['application/octet-stream'];
  app.post(
    '/imports/bank-file',
    {
      bodyLimit: MAX_BANK_FILE_BYTES,
      config: { permission: 'payment:import', answer: 'BankImportReport' },
      schema: {
        summary: 'Import a bank’s file as it is, byte for byte',
        querystring: fileQuery,
        consumes,
      },
    },
    async (request) => {
      const { fileName, format = null, mapping = null } = request.query;
      const text = textOf(request.body);
      const read = await statementsOf(db, text, { format, mapping });
      return importBankFile(context, { ...read, fileName, importedBy: actorOf(request).user });
    },
  );
  app.post(
    '/imports/bank-file/preview',
    {
      bodyLimit: MAX_BANK_FILE_BYTES,
      config: { permission: 'payment:import', answer: 'BankFilePreview' },
      schema: {
        summary: 'What a bank’s file holds; nothing is booked',
        querystring: fileQuery,
        consumes,
      },
    },
    async (request): Promise<BankFilePreview> => {
      const text = textOf(request.body);
      const format = request.query.format ?? formatOf(text);
      const csv = format === 'csv' ? previewCsv(text) : null;
      const saved = csv === null ? null : await savedFor(db, csv);
      const mapping = request.query.mapping ?? saved;
      const read = await readOrWhy(db, text, format, format === 'csv' ? mapping : null);
      return {
        format,
        csv: csv === null ? null : { ...csv, suggestion: csv.suggestion as BankMapping, saved },
        ...read,
      };
    },
  );
};

function textOf(body: unknown): string {
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new ProblemError('malformed-request', 'Send the file as application/octet-stream.');
  return bankFileText(body);
}

/** The saved mapping all of whose columns the file has; the one with the most columns where several fit. */
async function savedFor(db: Db, { headers, delimiter }: CsvPreview): Promise<string | null> {
  const fitting = Object.entries(await mappingsOf(db)).flatMap(([name, mapping]) => {
    const columns = Object.values(mapping.columns).flat().filter(Boolean);
    const fits =
      mapping.delimiter === delimiter && columns.every((one) => headers.includes(one as string));
    return fits ? [{ name, width: columns.length }] : [];
  });
  return fitting.sort((a, b) => b.width - a.width)[0]?.name ?? null;
}

async function readOrWhy(db: Db, text: string, format: BankFormat, mapping: string | null) {
  try {
    const { statements } = await statementsOf(db, text, { format, mapping });
    return { statements: statements.map(statementView), problem: null };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { statements: [], problem: error.message };
  }
}

function statementView(statement: BankStatement): BankFilePreview['statements'][number] {
  const { account, currency, openingMinor, closingMinor, closingOn, entries } = statement;
  const received = entries.filter(({ kind }) => kind === 'received');
  return {
    account,
    currency,
    opening: openingMinor,
    closing: closingMinor,
    closingOn,
    entries: entries.length,
    receivedMinor: received.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    sample: entries.slice(0, SAMPLE).map((entry) => ({
      bookedOn: entry.bookedOn,
      amount: money(entry.amountMinor, entry.currency),
      payer: entry.payerName,
      reference: entry.reference,
    })),
  };
}

const mappingRoutes: Routes = (app, { db }) => {
  const byName = z.object({ name: mappingName });
  app.get(
    '/bank-mappings',
    {
      config: { permission: 'payment:import' },
      schema: { summary: 'Saved mappings of banks’ CSV files' },
    },
    async () => ({
      items: Object.entries(await mappingsOf(db)).map(([name, mapping]) => ({ name, mapping })),
    }),
  );
  app.put(
    '/bank-mappings/:name',
    {
      config: { permission: 'payment:import' },
      schema: {
        summary: 'Save what the columns of a bank’s CSV are',
        params: byName,
        body: csvMappingSchema,
      },
    },
    async (request) => {
      const all = await mappingsOf(db);
      const value = { ...all, [request.params.name]: request.body };
      await putSetting(db, CSV_MAPPINGS, value, actorOf(request));
      return { name: request.params.name, mapping: request.body };
    },
  );
  app.delete(
    '/bank-mappings/:name',
    {
      config: { permission: 'payment:import' },
      schema: { summary: 'Forget a saved mapping', params: byName },
    },
    async (request, reply) => {
      const { [request.params.name]: gone, ...rest } = await mappingsOf(db);
      if (gone === undefined) throw notFound('mapping', request.params.name);
      await putSetting(db, CSV_MAPPINGS, rest, actorOf(request));
      return reply.code(204).send();
    },
  );
};

const payerRoutes: Routes = (app, { db }) => {
  app.get(
    '/bank-accounts',
    {
      config: { permission: 'payment:read' },
      schema: { summary: 'Bank accounts of payers, as people’s decisions taught them' },
    },
    async (): Promise<{ items: PayerView[] }> => {
      const rows = await listPayers(db);
      const nameOf = await accountNames(
        db,
        rows.map(({ account }) => account),
      );
      return {
        items: rows.map(({ bankAccount, account, payment, learntBy, createdAt }) => ({
          bankAccount,
          account: nameOf(account),
          payment,
          learntBy,
          learntAt: new Date(createdAt).toISOString(),
        })),
      };
    },
  );
  app.post(
    '/ledger/closings/reopen',
    {
      config: { permission: 'ledger:reopen' },
      schema: {
        summary: 'Open a closed month, or all days from one on, again',
        body: closingPeriod,
      },
    },
    async (request): Promise<ClosingView> => {
      const { entity, month, day, reason: why } = request.body;
      if ((month === undefined) === (day === undefined))
        throw new ProblemError('validation-failed', 'Give either a month or a day to open.');
      if ((await getFact(db, 'entities', { entity })) === null) throw notFound('entity', entity);
      const input = { entity, actor: actorOf(request), reason: why };
      return month === undefined
        ? reopenDays(db, { ...input, from: day ?? '' })
        : reopenMonth(db, { ...input, month });
    },
  );
};
