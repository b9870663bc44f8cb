/** Banks and books: statements in, whose bank account is whose, closing, the bank's balance against the ledger's. */
import { z } from 'zod';
import type { CsvMapping } from '../../connectors/payments/bank/csv.ts';
import { BankFileRejection, MAX_BANK_FILE_BYTES } from '../../connectors/payments/bank/entry.ts';
import {
  BANK_FORMATS,
  type BankFormat,
  csvMappingsSchema,
  formatOf,
  readBankFile,
} from '../../connectors/payments/bank/file.ts';
import {
  bankBalance,
  closeDay,
  closeMonth,
  closingsOfAll,
  type Db,
  forgetPayer,
  getFact,
  getSetting,
  listPayers,
} from '../../db/index.ts';
import { endOfMonth } from '../../domain/dates/dates.ts';
import type { Routes } from '../app.ts';
import { importBankFile } from '../bank/import.ts';
import { actorOf } from '../http/authentication.ts';
import { civilDate, name, reason } from '../http/lists.ts';
import { notFound, ProblemError } from '../problems.ts';
import { todayOf } from '../views/parties.ts';

/** JSON writes a byte as up to two, and a control character as more, which bank files hardly have. */
const BODY_LIMIT_BYTES = 2 * MAX_BANK_FILE_BYTES;
export const CSV_MAPPINGS = 'bank-csv-mappings';

/** What is closed or opened again: a month, or days; with why. */
export const closingPeriod = z.strictObject({
  entity: name,
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .optional(),
  day: civilDate.optional(),
  reason,
});

/** A bank's file as statements; the mapping by its saved name. What is wrong with it is told as a problem. */
export async function statementsOf(
  db: Db,
  text: string,
  given: { format: BankFormat | null; mapping: string | null },
) {
  const format = given.format ?? formatOf(text);
  const mappings = csvMappingsSchema.parse(await getSetting<unknown>(db, CSV_MAPPINGS, {}));
  const mapping = given.mapping === null ? null : mappings[given.mapping];
  if (mapping === undefined)
    throw new ProblemError(
      'invalid-input',
      `There is no mapping ${given.mapping}; saved are: ${Object.keys(mappings).join(', ') || 'none'}.`,
    );
  try {
    return { format, statements: readBankFile(text, format, mapping as CsvMapping | null) };
  } catch (error) {
    if (!(error instanceof BankFileRejection)) throw error;
    throw new ProblemError(
      'invalid-input',
      `The file was not taken, nothing of it was booked: ${error.message} (${error.code}).`,
      { cause: error },
    );
  }
}

export const bankRoutes: Routes = (app, context) => {
  const { db, now } = context;
  app.post(
    '/imports',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      config: { permission: 'payment:import', answer: 'BankImportReport' },
      schema: {
        summary:
          'Import a bank’s statements: camt.053, MT940, BAI2 or CSV; nothing is booked twice',
        body: z.strictObject({
          kind: z.literal('bank-statement'),
          fileName: z.string().min(1).max(255),
          format: z.enum(BANK_FORMATS).nullable().default(null),
          mapping: z.string().max(60).nullable().default(null),
          content: z.string().min(1).describe('the file’s text'),
        }),
      },
    },
    async (request) => {
      const { content, fileName, format, mapping } = request.body;
      const read = await statementsOf(db, content, { format, mapping });
      const importedBy = actorOf(request).user;
      return importBankFile(context, { ...read, fileName, importedBy });
    },
  );
  app.get(
    '/accounts/:account/bank-accounts',
    {
      config: { permission: 'payment:read' },
      schema: {
        summary: 'Bank accounts that are known to be this account’s',
        params: z.object({ account: name }),
      },
    },
    async ({ params }) => ({ items: await listPayers(db, params.account) }),
  );
  app.delete(
    '/accounts/:account/bank-accounts/:bankAccount',
    {
      config: { permission: 'payment:allocate' },
      schema: {
        summary: 'Forget that a bank account is this account’s',
        params: z.object({ account: name, bankAccount: z.string().min(1).max(60) }),
      },
    },
    async (request, reply) => {
      const { account, bankAccount } = request.params;
      const actor = actorOf(request);
      const forgotten = await forgetPayer(db, { bankAccount, account, actor, reason: null });
      if (forgotten === 0) throw notFound('bank account', bankAccount);
      return reply.code(204).send();
    },
  );
  app.get(
    '/ledger/closings',
    {
      config: { permission: 'report:read' },
      schema: { summary: 'What is closed of the books' },
    },
    async () => ({ items: await closingsOfAll(db) }),
  );
  app.post(
    '/ledger/closings',
    {
      config: { permission: 'ledger:close' },
      schema: {
        summary: 'Close a month, or all days through one; later events go to the first open day',
        body: closingPeriod,
      },
    },
    async (request) => {
      const { entity, month, day, reason: why } = request.body;
      if ((month === undefined) === (day === undefined))
        throw new ProblemError('validation-failed', 'Give either a month or a day to close.');
      if ((await getFact(db, 'entities', { entity })) === null) throw notFound('entity', entity);
      const last = month === undefined ? (day ?? '') : endOfMonth(`${month}-01`);
      if (last >= (await todayOf(db, now())))
        throw new ProblemError('invalid-input', `${last} is not over yet: close it afterwards.`);
      // Whether the bank agrees is kept with the closing; a difference is listed, and closes all the same.
      const differences = (await bankBalance(db, { asOf: last })).filter(
        ({ differenceMinor }) => differenceMinor !== 0,
      );
      const input = { entity, actor: actorOf(request), reason: why, details: { differences } };
      return month === undefined
        ? closeDay(db, { ...input, day: last })
        : closeMonth(db, { ...input, month });
    },
  );
  app.get(
    '/reports/bank-balance',
    {
      config: { permission: 'report:read' },
      schema: {
        summary: 'The bank’s balance against the ledger’s, and what makes the difference',
        querystring: z.strictObject({ asOf: civilDate.optional() }),
      },
    },
    async ({ query }) => {
      const asOf = query.asOf ?? (await todayOf(db, now()));
      return { asOf, items: await bankBalance(db, { asOf }) };
    },
  );
};
