/** How every command that takes a contract book opens it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackArchive } from '../../connectors/book/archive.ts';
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
    const path = context.path(given);
    return await (path.toLowerCase().endsWith('.zip') ? onArchive(path, work) : work(path));
  } catch (error) {
    if (!(error instanceof BookInputError)) throw error;
    throw new CommandError(error.message, EXIT.input, { cause: error });
  }
}

/** A zip archive is unpacked into a folder that is gone afterwards. */
async function onArchive<R>(path: string, work: (folder: string) => Promise<R>): Promise<R> {
  const folder = await mkdtemp(join(tmpdir(), 'perennial-book-'));
  try {
    const { files } = await unpackArchive(path, folder);
    const workbook = files.find((file) => file.toLowerCase().endsWith('.xlsx'));
    return await work(workbook === undefined ? folder : join(folder, workbook));
  } finally {
    await rm(folder, { recursive: true, force: true });
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
