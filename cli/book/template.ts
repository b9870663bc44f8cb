/** `perennial book template DIR`: files to fill in, with an example row and notes. */
import type { Command } from 'commander';
import { templateSheets } from '../../connectors/book/templates.ts';
import { writeSheets } from '../../connectors/book/write.ts';
import type { CommandContext } from '../context.ts';
import { onBook } from './input.ts';

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<dir>', 'the folder to write into; made where it is missing')
    .option('--xlsx', 'one workbook instead of CSV files')
    .action(async (given: string, options: { xlsx?: boolean }) => {
      const format = options.xlsx === true ? 'xlsx' : 'csv';
      const files = context.options.dryRun
        ? []
        : await onBook(given, context, (path) => writeSheets(templateSheets(), path, { format }));
      context.output.answer({ files }, () =>
        files.length === 0 ? 'Nothing was written (--dry-run).' : files.join('\n'),
      );
    });
}
