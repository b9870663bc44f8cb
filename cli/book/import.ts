/** `perennial book import BOOK`: a book into the database, in one transaction, or not at all. */
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { readBook } from '../../connectors/book/read.ts';
import { type ImportCounts, importBook } from '../../db/index.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { commandActor, onDatabase } from '../database.ts';
import { textTable } from '../output.ts';
import { onBook } from './input.ts';

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<book>', 'folder of CSV files, or .xlsx workbook')
    .option('--accept-valid', 'import the good rows of a book that has errors')
    .action(async (given: string, options: { acceptValid?: boolean }) => {
      const { book, errors, truncated } = await onBook(given, context, readBook);
      const faults = errors.length + truncated.errors;
      if (faults > 0 && options.acceptValid !== true)
        throw new CommandError(
          `the book has ${faults} errors and nothing was written: \`perennial book check\` lists ` +
            'them; --accept-valid imports the rest',
          EXIT.input,
        );
      const importId = `import:${randomUUID()}`;
      const source = basename(context.path(given));
      const { dryRun } = context.options;
      const actor = commandActor(context);
      const tables = await onDatabase(context, (db) =>
        importBook(db, book, { importId, source, actor, dryRun }),
      );
      context.output.answer({ importId, written: !dryRun, leftOut: faults, tables }, () =>
        report(tables, dryRun),
      );
      if (faults > 0) context.finish(EXIT.partly);
    });
}

function report(tables: ImportCounts, dryRun: boolean): string {
  const rows = Object.entries(tables).map(([name, counts]) => ({ name, ...counts }));
  const number = (value: number) => value.toLocaleString('en');
  const table = textTable(rows, [
    { header: 'table', value: ({ name }) => name },
    { header: 'added', value: ({ added }) => number(added), align: 'right' },
    { header: 'changed', value: ({ changed }) => number(changed), align: 'right' },
    { header: 'same', value: ({ same }) => number(same), align: 'right' },
  ]);
  return dryRun ? `${table}\n\nNothing was written (--dry-run).` : table;
}
