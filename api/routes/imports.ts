/** A company's own data: uploads, their mapping and correction, what an import would do, the import, and its undo. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import fastifyMultipart, { type MultipartFile } from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { packArchive } from '../../connectors/book/archive.ts';
import {
  BOOK_MAPPINGS,
  type BookMapping,
  bookMappingsSchema,
  columnsOf,
  fileMappingSchema,
  sourceName,
} from '../../connectors/book/mapping.ts';
import { templateSheets } from '../../connectors/book/templates.ts';
import { bookSheets, csvFiles, type Sheet, workbookOf } from '../../connectors/book/write.ts';
import {
  audit,
  exportBook,
  getSetting,
  importBook,
  lastImport,
  nextRunDay,
  type OpenSum,
  putSetting,
  sampleState,
  summarizeImport,
  undoImport,
  undoObstacles,
} from '../../db/index.ts';
import { withCutover } from '../../domain/book/cutover.ts';
import { REQUIRED_TABLES, TABLE_NAMES, type TableName } from '../../domain/book/tables.ts';
import { contractWorkflowId } from '../../workflows/ids.ts';
import type { Routes } from '../app.ts';
import { actorOf } from '../http/authentication.ts';
import { civilDate, reason } from '../http/lists.ts';
import {
  asProblem,
  createUploads,
  FILES_MOST,
  mappingFrom,
  PROBLEMS_PAGE,
  type SavedMapping,
  UPLOAD_LIMIT_BYTES,
  type UploadedFile,
} from '../imports/uploads.ts';
import { notFound, ProblemError } from '../problems.ts';
import { removeSampleCompany } from '../sample-removal.ts';
import type {
  BookImportSummary,
  BookTable,
  OpenAmount,
  RemovedSamples,
  SampleState,
} from '../types.ts';
import { importView } from '../views/imports.ts';
import { money } from '../views/money.ts';
import { todayOf } from '../views/parties.ts';

const SHOWN_ASIDE = 20;

const table = z.enum(TABLE_NAMES as [TableName, ...TableName[]]);
const byUpload = z.object({ upload: z.uuid() });
const byImport = z.object({ id: z.string().min(1).max(200) });
const asked = z.strictObject({
  cutover: civilDate
    .nullable()
    .describe('the day from which this installation bills; null: from each contract’s start'),
  acceptValid: z.boolean().default(false).describe('leave faulty rows out instead of refusing'),
});

export const importRoutes: Routes = (app, context) => {
  const { db, now, configuration, processes } = context;
  const uploads = createUploads(configuration.uploadFolder);
  const savedMappings = async (): Promise<Readonly<Record<string, BookMapping>>> =>
    bookMappingsSchema.parse(await getSetting<unknown>(db, BOOK_MAPPINGS, {}));
  const savedNamed = async (name: string | null): Promise<SavedMapping | null> => {
    if (name === null || name === '') return null;
    const mapping = (await savedMappings())[name];
    if (mapping === undefined) throw notFound('saved mapping', name);
    return { name, mapping };
  };

  void app.register(fastifyMultipart, {
    limits: { fileSize: UPLOAD_LIMIT_BYTES, files: FILES_MOST, fields: 5, fieldSize: 10_000 },
    throwFileSizeLimit: false,
  });

  app.get(
    '/imports/tables',
    {
      config: { permission: 'import:read' },
      schema: { summary: 'Tables and columns of the contract book' },
    },
    (): { items: BookTable[] } => ({
      items: TABLE_NAMES.map((name) => ({
        table: name,
        required: REQUIRED_TABLES.includes(name),
        columns: columnsOf(name).map(({ name: column, required }) => ({ name: column, required })),
      })),
    }),
  );
  app.get(
    '/imports/template',
    {
      config: { permission: 'import:read' },
      schema: {
        summary: 'Templates to fill in: headers, an example row, notes',
        querystring: z.strictObject({ format: z.enum(['xlsx', 'zip']).default('xlsx') }),
      },
    },
    async ({ query }, reply) => sendSheets(reply, templateSheets(), query.format, 'contract-book'),
  );
  app.get(
    '/exports/book',
    {
      config: { permission: 'export:read' },
      schema: {
        summary: 'Everything as a contract book: what came in comes back, custom columns included',
        querystring: z.strictObject({ format: z.enum(['xlsx', 'zip']).default('zip') }),
      },
    },
    async (request, reply) => {
      const book = await exportBook(db);
      await audit(db, { actor: actorOf(request), action: 'book.export', subject: 'book' });
      return sendSheets(reply, bookSheets(book), request.query.format, 'perennial-book');
    },
  );

  app.get(
    '/imports/uploads',
    {
      config: { permission: 'import:read', answer: 'Page<BookUpload>' },
      schema: { summary: 'Uploads that wait, the newest first' },
    },
    async () => {
      const items = await uploads.list();
      return { items, nextCursor: null, total: items.length };
    },
  );
  app.post(
    '/imports/uploads',
    {
      bodyLimit: UPLOAD_LIMIT_BYTES + 1_000_000,
      config: { permission: 'import:write', answer: 'BookUpload' },
      schema: {
        summary: 'Upload a book: CSV files, a zip archive of them, or an .xlsx workbook',
        consumes: ['multipart/form-data'],
        querystring: z.strictObject({ mapping: sourceName.optional() }),
      },
    },
    async (request, reply) => {
      const saved = await savedNamed(request.query.mapping ?? null);
      const { user } = actorOf(request);
      const upload = await taken(uploads.take(filesOf(request), { user, at: now(), saved }));
      return reply
        .code(201)
        .header('location', `/api/v1/imports/uploads/${upload.upload}`)
        .send(upload);
    },
  );
  app.post(
    '/imports/uploads/:upload/files',
    {
      bodyLimit: UPLOAD_LIMIT_BYTES + 1_000_000,
      config: { permission: 'import:write', answer: 'BookUpload' },
      schema: {
        summary: 'More files to an upload, or corrected ones in place of theirs',
        consumes: ['multipart/form-data'],
        params: byUpload,
      },
    },
    async (request) => taken(uploads.add(request.params.upload, filesOf(request))),
  );
  app.get(
    '/imports/uploads/:upload',
    {
      config: { permission: 'import:read', answer: 'BookUpload' },
      schema: { summary: 'One upload: files, mapping, how many faults', params: byUpload },
    },
    ({ params }) => uploads.view(params.upload),
  );
  app.delete(
    '/imports/uploads/:upload',
    {
      config: { permission: 'import:write' },
      schema: { summary: 'Throw an upload away', params: byUpload },
    },
    async ({ params }, reply) => {
      await uploads.remove(params.upload);
      return reply.code(204).send();
    },
  );
  app.put(
    '/imports/uploads/:upload/mapping',
    {
      config: { permission: 'import:write', answer: 'BookUpload' },
      schema: {
        summary:
          'Which file is which table, which column and value is which; saved under a name where one is given',
        params: byUpload,
        body: z.strictObject({
          files: z.array(fileMappingSchema).min(1).max(FILES_MOST),
          saveAs: sourceName.nullable().default(null),
        }),
      },
    },
    async (request) => {
      const { files, saveAs } = request.body;
      const mapping = mappingFrom(files);
      const upload = await uploads.map(request.params.upload, mapping, saveAs);
      if (saveAs !== null) {
        // With the words that were suggested for columns which nobody has decided about.
        const files = upload.files.map(({ file, values }) => {
          const sent = mapping.files.find((one) => one.file === file);
          return sent === undefined ? [] : [{ ...sent, values }];
        });
        const mappings = { ...(await savedMappings()), [saveAs]: { files: files.flat() } };
        await putSetting(db, BOOK_MAPPINGS, mappings, actorOf(request), `mapping of ${saveAs}`);
      }
      return upload;
    },
  );
  app.get(
    '/imports/mappings',
    {
      config: { permission: 'import:read' },
      schema: { summary: 'Saved mappings by the name of their source' },
    },
    async () => ({ items: Object.keys(await savedMappings()).sort() }),
  );
  app.delete(
    '/imports/mappings/:name',
    {
      config: { permission: 'import:write' },
      schema: { summary: 'Forget a saved mapping', params: z.object({ name: sourceName }) },
    },
    async (request, reply) => {
      const { name } = request.params;
      await savedNamed(name);
      const { [name]: _forgotten, ...rest } = await savedMappings();
      await putSetting(db, BOOK_MAPPINGS, rest, actorOf(request), `mapping of ${name} removed`);
      return reply.code(204).send();
    },
  );
  app.get(
    '/imports/uploads/:upload/problems',
    {
      config: { permission: 'import:read' },
      schema: {
        summary: `What is wrong, with the rows it is wrong in, ${PROBLEMS_PAGE} at a time`,
        params: byUpload,
        querystring: z.strictObject({
          kind: z.enum(['errors', 'warnings']).default('errors'),
          from: z.coerce.number().int().min(0).default(0),
        }),
      },
    },
    async ({ params, query }) => ({
      items: await uploads.problems(params.upload, query.kind, query.from),
    }),
  );
  app.patch(
    '/imports/uploads/:upload/rows',
    {
      config: { permission: 'import:write', answer: 'BookUpload' },
      schema: {
        summary: 'Correct a row where it stands, or leave it out (cells: null)',
        params: byUpload,
        body: z.strictObject({
          table,
          row: z.number().int().min(2),
          cells: z.record(z.string().max(300), z.string().max(32_767)).nullable(),
        }),
      },
    },
    ({ params, body }) => uploads.correct(params.upload, body.table, body.row, body.cells),
  );
  app.get(
    '/imports/uploads/:upload/file',
    {
      config: { permission: 'import:read' },
      schema: {
        summary: 'The corrected tables back, with what is still wrong',
        params: byUpload,
        querystring: z.strictObject({ format: z.enum(['xlsx', 'zip']).default('xlsx') }),
      },
    },
    async ({ params, query }, reply) =>
      sendSheets(reply, await uploads.sheets(params.upload), query.format, 'corrected-book'),
  );

  /** The book as it would be imported; refused while rows are wrong and nobody said to leave them out. */
  const bookOf = async (upload: string, { cutover, acceptValid }: z.infer<typeof asked>) => {
    const { book, errors, truncated, source, version } = await uploads.read(upload);
    const leftOut = errors.length + truncated.errors;
    if (leftOut > 0 && !acceptValid)
      throw new ProblemError(
        'upload-faulty',
        `${leftOut} rows or files are wrong. Correct them here, or say that they are to be left out.`,
      );
    return { book: withCutover(book, cutover), leftOut, source, version };
  };
  app.post(
    '/imports/uploads/:upload/summary',
    {
      config: { permission: 'import:write', answer: 'BookImportSummary' },
      schema: {
        summary: 'What the import would do, by the engine; nothing is written',
        params: byUpload,
        body: asked,
      },
    },
    async (request): Promise<BookImportSummary> => {
      const { book, leftOut, source, version } = await bookOf(request.params.upload, request.body);
      const runOn = await nextRunDay(db, await todayOf(db, now()));
      const actor = actorOf(request);
      const importId = `import:${request.params.upload}`;
      const found = await summarizeImport(db, book, { importId, actor, source, runOn });
      const { tables, nextRun, openInvoices, openCredits, unapplied, ...counts } = found;
      const { setAside, control: _control, totals, ...run } = nextRun;
      return {
        ...counts,
        version,
        leftOut,
        rows: tables,
        openInvoices: openInvoices.map(openAmount),
        openCredits: openCredits.map(openAmount),
        unapplied: unapplied.map(openAmount),
        nextRun: {
          ...run,
          totals: totals.map(openAmount),
          setAsideCount: setAside.length,
          setAside: setAside.slice(0, SHOWN_ASIDE),
        },
      };
    },
  );
  app.post(
    '/imports/uploads/:upload/commit',
    {
      config: { permission: 'import:write', answer: 'BookImportReport' },
      schema: {
        summary: 'Import what was shown, in one transaction',
        params: byUpload,
        body: asked.extend({
          version: z.number().int().describe('of the upload, as the summary showed it'),
        }),
      },
    },
    async (request) => {
      const { upload } = request.params;
      const { book, leftOut, source, version } = await bookOf(upload, request.body);
      if (version !== request.body.version)
        throw new ProblemError(
          'import-differs',
          'The upload was changed after its summary was shown; look at the summary again.',
        );
      const importId = `import:${randomUUID()}`;
      const actor = actorOf(request);
      const rows = await importBook(db, book, { importId, actor, source });
      const written = Object.values(rows).some(({ added, changed }) => added + changed > 0);
      if (written) await uploads.imported(upload, importId);
      return { importId: written ? importId : null, rows, leftOut };
    },
  );

  app.get(
    '/imports/last',
    {
      config: { permission: 'import:read', answer: 'LastImport' },
      schema: { summary: 'The import that could be undone, and what keeps it' },
    },
    async () => {
      const last = await lastImport(db);
      if (last === null) return { import: null, obstacles: [] };
      return { import: importView(last), obstacles: await undoObstacles(db, last) };
    },
  );
  app.get(
    '/imports/samples',
    {
      config: { permission: 'import:read', answer: 'SampleState' },
      schema: { summary: 'Whether the sample company is in the record, and what keeps it there' },
    },
    (): Promise<SampleState> => sampleState(db),
  );
  app.post(
    '/imports/samples/remove',
    {
      config: { permission: 'import:write', answer: 'RemovedSamples' },
      schema: {
        summary: 'Remove the sample company and begin with your own, while nothing was issued',
        body: z.strictObject({ reason: reason.default('to begin with our own data') }),
      },
    },
    (request): Promise<RemovedSamples> =>
      removeSampleCompany(context, actorOf(request), request.body.reason),
  );
  app.post(
    '/imports/:id/undo',
    {
      config: { permission: 'import:write', answer: 'UndoneImportView' },
      schema: {
        summary: 'Undo the last import while nothing rests on it',
        params: byImport,
        body: z.strictObject({ reason }),
      },
    },
    async (request) => {
      const undone = await undoImport(db, {
        importId: request.params.id,
        actor: actorOf(request),
        reason: request.body.reason,
      });
      const lifecycles = undone.contracts.map(contractWorkflowId);
      await processes.end(lifecycles, 'the import it came with was undone');
      return { ...undone, contracts: undone.contracts.length };
    },
  );
};

const openAmount = ({ currency, count, amountMinor }: OpenSum): OpenAmount => ({
  count,
  amount: money(amountMinor, currency),
});

/** The files of a multipart request, one after the other. A request that breaks off fails the upload. */
async function* filesOf(request: FastifyRequest): AsyncGenerator<UploadedFile> {
  if (!request.isMultipart())
    throw new ProblemError(
      'media-type-unsupported',
      'Send the files as multipart/form-data, each under the name `files`.',
    );
  const parts: AsyncIterable<MultipartFile> = request.files();
  for await (const part of parts)
    yield { name: part.filename, content: part.file, isCut: () => part.file.truncated };
}

/** A request can break off between two files or within one: either way it is told in the same words. */
async function taken<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw brokenOff(error) ?? error;
  }
}

/** What the reader of multipart bodies says, in words for the person who uploads. */
function brokenOff(error: unknown): ProblemError | null {
  if (!(error instanceof Error) || error instanceof ProblemError) return null;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'FST_FILES_LIMIT')
    return new ProblemError(
      'invalid-input',
      `An upload has at most ${FILES_MOST} files; a book has one file per table.`,
      { cause: error },
    );
  if (/unexpected end|premature|aborted|terminated early/i.test(`${code} ${error.message}`))
    return new ProblemError(
      'malformed-request',
      'The upload broke off before its end, and nothing of it was kept; upload it again.',
      { cause: error },
    );
  return null;
}

async function sendSheets(
  reply: FastifyReply,
  sheets: readonly Sheet[],
  format: 'xlsx' | 'zip',
  name: string,
) {
  reply.header('content-disposition', `attachment; filename="${name}.${format}"`);
  if (format === 'zip')
    return reply.type('application/zip').send(Readable.from(packArchive(csvFiles(sheets))));
  const content = await workbookOf(sheets).catch((error: unknown) => {
    throw asProblem(error);
  });
  return reply
    .type('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')
    .send(content);
}
