/** `perennial migrate`: brings the database of DATABASE_URL to the present schema. */
import type { Command } from 'commander';
import { ConfigurationError, loadSettings } from '../connectors/configuration.ts';
import { pendingMigrations } from '../db/administration.ts';
import { migrate } from '../db/migrate.ts';
import { type CommandContext, CommandError, EXIT } from './context.ts';

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

function databaseUrl(context: CommandContext): string {
  try {
    const url = loadSettings(context.env).DATABASE_URL;
    if (url !== undefined) return url;
  } catch (error) {
    if (error instanceof ConfigurationError) throw new CommandError(error.message, EXIT.input);
    throw error;
  }
  throw new CommandError(
    'No database is known: set DATABASE_URL, or run `perennial start` in this folder.',
    EXIT.input,
  );
}
