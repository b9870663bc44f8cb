/** `perennial book undo`: takes the last import back while nothing has been issued from it; by the running API. */
import type { Command } from 'commander';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { apiClient } from '../http/client.ts';

interface Last {
  readonly import: { readonly id: string; readonly source: string } | null;
  readonly obstacles: readonly string[];
}
interface Undone {
  readonly importId: string;
  readonly contracts: number;
  readonly removed: Readonly<Record<string, number>>;
  readonly restored: Readonly<Record<string, number>>;
}

export function register(command: Command, context: CommandContext): void {
  command.action(async () => {
    const api = apiClient(context);
    const { import: last, obstacles } = await api.get<Last>('/imports/last');
    if (last === null) throw new CommandError('no book has been imported', EXIT.refused);
    if (obstacles.length > 0) throw new CommandError(obstacles.join(' '), EXIT.refused);
    if (context.options.dryRun)
      return context.output.answer(
        { importId: last.id, written: false },
        () => `The import of ${last.source} would be undone. Nothing was written (--dry-run).`,
      );
    const { reason } = context.options;
    if (reason === null) throw new CommandError('say why with --reason', EXIT.input);
    const path = `/imports/${encodeURIComponent(last.id)}/undo`;
    const { body } = await api.send<Undone>('POST', path, { reason });
    const rows = Object.values(body.removed).reduce((sum, count) => sum + count, 0);
    context.output.answer(
      body,
      () => `The import of ${last.source} is undone: ${rows} rows are gone.`,
    );
  });
}
