import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
export function register(command: Command, context: CommandContext): void {
  command
    .argument('<book>', 'folder of CSV files, or .xlsx workbook')
    .action(async (book: string) => {
      context.output.answer({ book: context.path(book) }, () => book);
    });
}
