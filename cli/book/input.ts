/** How every command that takes a contract book opens it. */
import { BookInputError } from '../../connectors/book/problems.ts';
import { type BookReading, readBook } from '../../connectors/book/read.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';

/** Runs something on a book; that there is no book is bad input, said in one sentence. */
export async function onBook<R>(
  given: string,
  context: CommandContext,
  work: (path: string) => Promise<R>,
): Promise<R> {
  try {
    return await work(context.path(given));
  } catch (error) {
    if (!(error instanceof BookInputError)) throw error;
    throw new CommandError(error.message, EXIT.input, { cause: error });
  }
}

/**
 * A book in memory for the commands that compute from it. Faulty rows are left out and told on
 * stderr; without any usable contract data the command still runs, on what there is.
 */
export async function loadBook(given: string, context: CommandContext): Promise<BookReading> {
  const reading = await onBook(given, context, readBook);
  warnOfErrors(reading.errors.length + reading.truncated.errors, context);
  return reading;
}

/** Says once that faulty rows were left out, and where they are listed. */
export function warnOfErrors(count: number, { output }: CommandContext): void {
  if (count === 0) return;
  output.warn(
    `the book has ${count} ${count === 1 ? 'error' : 'errors'}, and what they name is left out ` +
      'or set aside; `perennial book check` lists them',
  );
}
