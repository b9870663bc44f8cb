/** The database for commands that work on it directly: that of DATABASE_URL, or of a Perennial that runs here. */
import { connect } from '../db/connect.ts';
import { type Db, Refusal } from '../db/index.ts';
import { databaseUrl } from './configured.ts';
import { type CommandContext, CommandError, EXIT } from './context.ts';

/** Runs something on a connection of its own; what a rule refuses ends with exit 4. */
export async function onDatabase<R>(
  context: CommandContext,
  work: (db: Db) => Promise<R>,
): Promise<R> {
  const connection = connect(databaseUrl(context), { max: 2, applicationName: 'perennial-cli' });
  try {
    return await work(connection.db);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new CommandError(error.message, EXIT.refused, { cause: error });
  } finally {
    await connection.close();
  }
}

/** Who acts on the command line, for the audit trail: the operating system's user. */
export function commandActor(context: CommandContext): { user: string; role: string } {
  return { user: `cli:${context.env.USER ?? context.env.LOGNAME ?? 'operator'}`, role: 'admin' };
}
