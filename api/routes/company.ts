/** The company's own settings: who sells, numbers, bank, logo, reminders; each seen on real papers before it is saved. */
import { isValidBIC, isValidIBAN } from 'ibantools';
import { z } from 'zod';
import { readCell } from '../../connectors/book/cells.ts';
import { tableSpec } from '../../connectors/book/rows.ts';
import {
  type Company,
  type CompanyChanges,
  changeCompany,
  companyNames,
  contractsOfCompany,
  type Db,
  type Entity,
  getCompany,
  knownVatAnswers,
  loadBook,
  nextRunDay,
} from '../../db/index.ts';
import { readLogo } from '../../documents/logo.ts';
import { type MailKind, renderMail } from '../../documents/mails/index.ts';
import { PREVIEW_KINDS, previewModels } from '../../documents/mails/previews.ts';
import type { BillDocument } from '../../domain/bill-run/document.ts';
import { previewBillRun } from '../../domain/bill-run/preview.ts';
import { camel } from '../../domain/book/tables.ts';
import { addMonths } from '../../domain/dates/dates.ts';
import { DEFAULT_LADDER_TEXT, parseLadder } from '../../domain/dunning/ladder.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { checkMatch, tag } from '../http/etags.ts';
import { sendPaper, sendPdf } from '../http/headers.ts';
import { name, reason } from '../http/lists.ts';
import { draftDocument, partiesOf } from '../papers.ts';
import { notFound, ProblemError } from '../problems.ts';
import type { CompanyView } from '../types.ts';
import { todayOf } from '../views/parties.ts';

/** Columns of an entity that its own people change here; the logo has a way of its own. */
const COLUMNS = Object.keys(tableSpec('entities').columns).filter(
  (column) => !['entity', 'logo', 'next_number'].includes(column),
);
const byEntity = z.object({ entity: name });
const changes = z.strictObject({
  columns: z
    .partialRecord(z.enum(COLUMNS as [string, ...string[]]), z.string().max(1000).nullable())
    .default({})
    .describe('columns of `entities` as in the contract book; empty takes a value away'),
  nextNumber: z.number().int().min(1).max(99_999_999).optional(),
  ladder: z.string().max(500).nullable().optional().describe('`never` sends no reminders'),
});
type Changes = z.infer<typeof changes>;

/** Changes as they come in an address: JSON that may not be any. */
const unsaved = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('is no JSON');
      return z.NEVER;
    }
  })
  .pipe(changes.partial());

const draft = z.strictObject({
  changes: z.string().max(8000).optional().describe('the changes as JSON, not saved yet'),
});
/** Contracts looked at for one that has something to bill. */
const TRIED_CONTRACTS = 20;

export const companyRoutes: Routes = (app, { db, papers, now }) => {
  const today = () => todayOf(db, now());
  const companyOf = async (entity: string): Promise<Company> => {
    const found = await getCompany(db, entity, await today());
    if (found === null) throw notFound('company', entity);
    return found;
  };
  const sellerOf = async (entity: string, given: string | undefined): Promise<Entity> => {
    const { entity: row } = await companyOf(entity);
    if (given === undefined) return row;
    const { data: parsed } = unsaved.safeParse(given);
    if (parsed === undefined)
      throw new ProblemError('validation-failed', 'The changes to be shown can not be read.');
    return { ...row, ...readColumns(parsed.columns ?? {}) };
  };

  app.get(
    '/settings/company',
    {
      config: { permission: 'settings:read' },
      schema: { summary: 'The selling companies' },
    },
    async () => ({ items: await companyNames(db) }),
  );
  app.get(
    '/settings/company/:entity',
    {
      config: { permission: 'settings:read', answer: 'CompanyView' },
      schema: { summary: 'One selling company, its numbers and its reminders', params: byEntity },
    },
    async ({ params }, reply) => {
      const view = companyView(await companyOf(params.entity));
      tag(reply, view);
      return view;
    },
  );
  app.patch(
    '/settings/company/:entity',
    {
      config: { permission: 'settings:write', answer: 'CompanyView' },
      schema: {
        summary: 'Change a company, with a reason',
        params: byEntity,
        body: changes.extend({ reason }),
      },
    },
    async (request, reply) => {
      const { entity } = request.params;
      checkMatch(request, companyView(await companyOf(entity)));
      const { reason: why, ...wanted } = request.body;
      const changed = await changeCompany(db, {
        ...changesOf(wanted),
        entity,
        today: await today(),
        actor: actorOf(request),
        reason: why,
      });
      const view = companyView(changed);
      tag(reply, view);
      return view;
    },
  );
  app.put(
    '/settings/company/:entity/logo',
    {
      bodyLimit: 1_000_000,
      config: { permission: 'settings:write', answer: 'CompanyView' },
      schema: {
        summary: 'A new logo, PNG or JPEG; null takes it away',
        params: byEntity,
        body: z.strictObject({
          content: z.base64().nullable().describe('the image’s bytes'),
          reason,
        }),
      },
    },
    async (request) => {
      const { entity } = request.params;
      await companyOf(entity);
      const { content, reason: why } = request.body;
      const reading = content === null ? null : readLogo(Buffer.from(content, 'base64'));
      if (reading !== null && 'fault' in reading)
        throw new ProblemError('invalid-input', `The logo ${reading.fault}.`);
      const changed = await changeCompany(db, {
        columns: { logo: reading?.dataUri ?? null },
        entity,
        today: await today(),
        actor: actorOf(request),
        reason: why,
      });
      return companyView(changed);
    },
  );

  /** A document of the company's next year, as the engine computes it from a contract that is there. */
  const sample = async (entity: string): Promise<BillDocument> => {
    const found = await sampleDocument(db, entity, await today());
    if (found === null)
      throw new ProblemError(
        'state-conflict',
        `${entity} has no contract with anything to bill: import one, then its papers can be shown.`,
      );
    return found;
  };
  app.get(
    '/settings/company/:entity/preview/invoice',
    {
      config: { permission: 'settings:read' },
      schema: {
        summary: 'An invoice as it would look, on real data (PDF)',
        params: byEntity,
        querystring: draft,
      },
    },
    async ({ params, query }, reply) => {
      const seller = await sellerOf(params.entity, query.changes);
      return sendPdf(reply, await papers.draftPdf(await sample(params.entity), seller));
    },
  );
  app.get(
    '/settings/company/:entity/preview/mails/:kind',
    {
      config: { permission: 'settings:read' },
      schema: {
        summary: 'A mail as it would look, on real data (HTML)',
        params: byEntity.extend({ kind: z.enum(PREVIEW_KINDS) }),
        querystring: draft.extend({ language: z.enum(['en', 'de']).default('en') }),
      },
    },
    async ({ params, query }, reply) => {
      const seller = await sellerOf(params.entity, query.changes);
      const document = await sample(params.entity);
      const parties = await partiesOf(db, params.entity, document.account);
      const account = { ...parties.account, language: query.language };
      const models = previewModels(
        await draftDocument(db, document, seller),
        { ...parties, entity: seller, account },
        await today(),
      );
      const kind: MailKind = params.kind;
      const mail = await renderMail(kind, models[kind]);
      return sendPaper(reply, `<!-- ${mail.subject.replaceAll('--', '')} -->${mail.html}`);
    },
  );
};

/** What came from the page as columns of the record; each is read as the contract book reads it. */
function readColumns(given: Readonly<Partial<Record<string, string | null>>>): Partial<Entity> {
  const { columns } = tableSpec('entities');
  const errors: { path: string; message: string }[] = [];
  const read = Object.entries(given).map(([column, written]) => {
    const spec = columns[column];
    if (spec === undefined) throw new Error(`entities have no column ${column}`);
    const reading = readCell(spec, written ?? '');
    const fault = reading.ok ? faultOf(column, written ?? '') : reading.message;
    if (fault !== null) errors.push({ path: column, message: fault });
    return [camel(column), reading.ok ? reading.value : null] as const;
  });
  const [first] = errors;
  if (first !== undefined)
    throw new ProblemError('validation-failed', `${first.path}: ${first.message}`, { errors });
  return Object.fromEntries(read);
}

function faultOf(column: string, written: string): string | null {
  const text = written.replaceAll(' ', '');
  if (text === '') return null;
  if (column === 'iban' && !isValidIBAN(text)) return 'is no IBAN: its check digits do not fit';
  if (column === 'bic' && !isValidBIC(text)) return 'is no BIC';
  if (column === 'invoice_series' && !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,19}$/.test(text))
    return 'is up to 20 letters, digits, dots and dashes';
  if (column === 'logo') return 'is uploaded as a picture';
  return null;
}

function changesOf({ columns, nextNumber, ladder }: Changes): CompanyChanges {
  if (typeof ladder === 'string' && !/^never$/i.test(ladder.trim())) {
    try {
      parseLadder(ladder);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new ProblemError('validation-failed', error.message, {
        cause: error,
        errors: [{ path: 'ladder', message: error.message }],
      });
    }
  }
  return {
    columns: readColumns(columns),
    ...(nextNumber === undefined ? {} : { nextNumber }),
    ...(ladder === undefined ? {} : { ladder }),
  };
}

function companyView({ entity, invoices, creditNotes, ladder }: Company): CompanyView {
  const { custom: _custom, logo, ...row } = entity;
  const columns = COLUMNS.map((column) => {
    const value: unknown = (row as Readonly<Record<string, unknown>>)[camel(column)] ?? null;
    return [column, value === null ? null : Array.isArray(value) ? value.join(';') : String(value)];
  });
  const text = ladder ?? DEFAULT_LADDER_TEXT;
  return {
    entity: entity.entity,
    columns: Object.fromEntries(columns),
    logo,
    invoices,
    creditNotes,
    ladder,
    stages: /^never$/i.test(text.trim())
      ? []
      : parseLadder(text).map(({ name: stage, dayOffset, actions }) => ({
          name: stage,
          dayOffset,
          actions: [...actions],
        })),
  };
}

async function sampleDocument(db: Db, entity: string, today: string): Promise<BillDocument | null> {
  const runOn = addMonths(await nextRunDay(db, today), 12);
  for (const contract of await contractsOfCompany(db, entity, TRIED_CONTRACTS)) {
    const book = await loadBook(db, { contracts: [contract] });
    const preview = previewBillRun(book, {
      run: runOn,
      contract,
      vatValidations: await knownVatAnswers(db, []),
    });
    const [document] = preview.invoices;
    if (document !== undefined) return document;
  }
  return null;
}
