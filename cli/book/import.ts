/** `perennial book import BOOK`: a book into the database, in one transaction, or not at all. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { Command } from 'commander';
import {
  BOOK_MAPPINGS,
  type BookMapping,
  bookMappingsSchema,
} from '../../connectors/book/mapping.ts';
import { readBook } from '../../connectors/book/read.ts';
import { openBook } from '../../connectors/book/source.ts';
import {
  type Db,
  getSetting,
  type ImportCounts,
  type ImportSummary,
  importBook,
  nextRunDay,
  type OpenSum,
  summarizeImport,
} from '../../db/index.ts';
import { withCutover } from '../../domain/book/cutover.ts';
import { formatMinor } from '../../domain/money/money.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { commandActor, onDatabase } from '../database.ts';
import { dateOption } from '../date-option.ts';
import { textTable } from '../output.ts';
import { onBook } from './input.ts';

interface ImportCommandOptions {
  readonly acceptValid?: boolean;
  readonly mapping?: string;
  readonly cutover?: string;
}

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<book>', 'folder of CSV files, zip archive of them, or .xlsx workbook')
    .option('--accept-valid', 'import the good rows of a book that has errors')
    .option(
      '--mapping <source>',
      'read columns as they were saved for this source on the Import page',
    )
    .option('--cutover <date>', 'the day from which Perennial bills, YYYY-MM-DD', dateOption)
    .action((given: string, options: ImportCommandOptions) =>
      onDatabase(context, (db) => importInto(db, given, options, context)),
    );
}

async function importInto(
  db: Db,
  given: string,
  { acceptValid = false, mapping: source, cutover = '' }: ImportCommandOptions,
  context: CommandContext,
): Promise<void> {
  const mapping = source === undefined ? null : await savedMapping(db, source);
  const { book, errors, truncated } = await onBook(given, context, async (path) =>
    readBook(await openBook(path, { mapping })),
  );
  const faults = errors.length + truncated.errors;
  if (faults > 0 && !acceptValid)
    throw new CommandError(
      `the book has ${faults} errors and nothing was written: \`perennial book check\` lists ` +
        'them; --accept-valid imports the rest',
      EXIT.input,
    );
  const { dryRun } = context.options;
  const all = withCutover(book, cutover === '' ? null : cutover);
  const named = { importId: `import:${randomUUID()}`, source: basename(context.path(given)) };
  const options = { ...named, actor: commandActor(context) };
  const { importId } = named;
  if (dryRun) {
    const runOn = await nextRunDay(db, new Date().toISOString().slice(0, 10));
    const { tables, ...summary } = await summarizeImport(db, all, { ...options, runOn });
    context.output.answer({ importId, written: false, leftOut: faults, tables, summary }, () =>
      [report(tables), foretold(summary), 'Nothing was written (--dry-run).'].join('\n\n'),
    );
  } else {
    const tables = await importBook(db, all, options);
    context.output.answer({ importId, written: true, leftOut: faults, tables }, () =>
      report(tables),
    );
  }
  if (faults > 0) context.finish(EXIT.partly);
}

async function savedMapping(db: Db, source: string): Promise<BookMapping> {
  const saved = bookMappingsSchema.parse(await getSetting<unknown>(db, BOOK_MAPPINGS, {}));
  const mapping = saved[source];
  if (mapping === undefined)
    throw new CommandError(
      `there is no mapping ${source}; saved are: ${Object.keys(saved).join(', ') || 'none'}`,
      EXIT.input,
    );
  return mapping;
}

/** What the import page shows before a person says yes. */
function foretold({ contracts, nextRun, ...summary }: Omit<ImportSummary, 'tables'>): string {
  const sums = (list: readonly OpenSum[]) =>
    list.length === 0
      ? 'none'
      : list
          .map(
            ({ count, amountMinor, currency }) =>
              `${formatMinor(amountMinor, currency)} ${currency} (${count})`,
          )
          .join(', ');
  return [
    `Contracts: ${contracts}`,
    `Open invoices: ${sums(summary.openInvoices)}`,
    `Unapplied credit: ${sums([...summary.openCredits, ...summary.unapplied])}`,
    `The run of ${nextRun.runOn} would bill: ${sums(nextRun.totals)}`,
    `Held: ${nextRun.held}, set aside: ${nextRun.setAside.length}`,
  ].join('\n');
}

function report(tables: ImportCounts): string {
  const rows = Object.entries(tables).map(([name, counts]) => ({ name, ...counts }));
  const number = (value: number) => value.toLocaleString('en');
  return textTable(rows, [
    { header: 'table', value: ({ name }) => name },
    { header: 'added', value: ({ added }) => number(added), align: 'right' },
    { header: 'changed', value: ({ changed }) => number(changed), align: 'right' },
    { header: 'same', value: ({ same }) => number(same), align: 'right' },
  ]);
}
