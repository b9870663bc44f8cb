/** `perennial migrate`: brings the database of DATABASE_URL to the present schema. */
import type { Command } from 'commander';
import { pendingMigrations } from '../db/administration.ts';
import { migrate } from '../db/migrate.ts';
import { databaseUrl } from './configured.ts';
import type { CommandContext } from './context.ts';

export function register(command: Command, context: CommandContext): void {
  command.action(async () => {
    const url = databaseUrl(context);
    const migrations = await pendingMigrations(url);
    if (!context.options.dryRun) await migrate(url);
    const done = context.options.dryRun ? 'would be applied' : 'applied';
    context.output.answer({ migrations, applied: !context.options.dryRun }, () =>
      migrations.length === 0
        ? 'The database has the present schema.'
        : `${migrations.length} ${done}: ${migrations.join(', ')}`,
    );
  });
}
