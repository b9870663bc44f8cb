/** `perennial invoice render INVOICE.json`: the document as PDF, HTML, UBL, CII or Factur-X. Needs no servers. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { eInvoice } from '../../documents/e-invoice.ts';
import { withStandIns } from '../../documents/e-invoice-draft.ts';
import { readInvoiceFile } from '../../documents/invoice-file.ts';
import { invoiceHtml } from '../../documents/invoice-html.ts';
import { DocumentError, type InvoiceDocument } from '../../documents/model.ts';
import { runJob } from '../../documents/render-jobs.ts';
import { errorWords } from '../../domain/error-words.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { parsedJson, readText } from '../json-file.ts';

const FORMATS = ['pdf', 'html', 'ubl', 'cii', 'facturx'] as const;
type Format = (typeof FORMATS)[number];

interface Options {
  readonly format: Format;
  readonly out?: string;
}

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<invoice>', 'JSON file: a document of `book preview`, or a whole invoice document')
    .addOption(
      new Option('--format <format>', 'what to write')
        .choices(FORMATS)
        .default('pdf' satisfies Format),
    )
    .option('--out <file>', 'where to write it; - is stdout')
    .action(async (file: string, options: Options) => {
      const document = await readDocument(file, context);
      const bytes = await refusing(() => render(document, options.format, context));
      await write(bytes, document, options, context);
    });
}

async function readDocument(file: string, context: CommandContext): Promise<InvoiceDocument> {
  const content = await readText(file, context);
  return await refusing(async () => readInvoiceFile(parsedJson(content, file)));
}

/** What is wrong with the document is wrong input: exit 2, one line per fault with its path. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof DocumentError)) throw cause;
    throw new CommandError(cause.message, EXIT.input, { cause });
  }
}

async function render(
  document: InvoiceDocument,
  format: Format,
  context: CommandContext,
): Promise<Buffer> {
  if (format === 'pdf') return await runJob('invoice', document);
  if (format === 'html') return Buffer.from(await invoiceHtml(document), 'utf8');
  const { document: complete, standIns } = withStandIns(document);
  for (const standIn of standIns) context.output.warn(`draft: ${standIn}`);
  if (format === 'facturx') return await runJob('facturx', complete);
  return Buffer.from(await eInvoice(complete, format), 'utf8');
}

async function write(
  bytes: Buffer,
  document: InvoiceDocument,
  { format, out }: Options,
  context: CommandContext,
): Promise<void> {
  if (out === '-') {
    process.stdout.write(bytes);
    return;
  }
  const extension = { pdf: 'pdf', html: 'html', ubl: 'xml', cii: 'xml', facturx: 'pdf' }[format];
  const path = context.path(out ?? `${document.invoice ?? 'draft'}.${extension}`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { invoice, type } = document;
  const answer = { out: path, format, type, invoice, bytes: bytes.length, sha256 };
  if (context.options.dryRun) {
    context.output.answer(answer, () => `would write ${bytes.length} bytes to ${path}`);
    return;
  }
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  } catch (cause) {
    const reason = errorWords(cause);
    throw new CommandError(`cannot write ${path}: ${reason}`, EXIT.failed, { cause });
  }
  context.output.answer(answer, () => `wrote ${path} (${format}, ${bytes.length} bytes)`);
}
