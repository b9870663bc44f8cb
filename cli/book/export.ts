/** `perennial book export DIR`: everything in the database as a contract book. */
import type { Command } from 'commander';
import { writeBook } from '../../connectors/book/write.ts';
import { exportBook } from '../../db/index.ts';
import type { CommandContext } from '../context.ts';
import { onDatabase } from '../database.ts';
import { onBook } from './input.ts';

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<dir>', 'the folder to write into; made where it is missing')
    .option('--xlsx', 'one workbook instead of CSV files')
    .action(async (given: string, options: { xlsx?: boolean }) => {
      const book = await onDatabase(context, exportBook);
      const rows = Object.fromEntries(
        Object.entries(book).map(([table, all]) => [table, all.length]),
      );
      const format = options.xlsx === true ? 'xlsx' : 'csv';
      const files = context.options.dryRun
        ? []
        : await onBook(given, context, (path) => writeBook(book, path, { format }));
      context.output.answer({ files, tables: rows }, () =>
        files.length === 0 ? 'Nothing was written (--dry-run).' : files.join('\n'),
      );
    });
}
