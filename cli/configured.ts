/** The environment as commands read it: what cannot be used is said in words, and ends with the code for wrong input. */
import { ConfigurationError, loadSettings } from '../connectors/configuration.ts';
import { type CommandContext, CommandError, EXIT } from './context.ts';

/** @throws CommandError instead of a ConfigurationError. */
export function configured<R>(read: () => R): R {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigurationError) throw new CommandError(error.message, EXIT.input);
    throw error;
  }
}

/** The database of DATABASE_URL, or of a Perennial that runs here. @throws CommandError where there is none. */
export function databaseUrl(context: CommandContext): string {
  const url = configured(() => loadSettings(context.env)).DATABASE_URL;
  if (url !== undefined) return url;
  throw new CommandError(
    'No database is known: set DATABASE_URL, or run `perennial start` in this folder.',
    EXIT.input,
  );
}
