/** Reads what other systems hold from an export (connectors/outside-export.ts). */
import { readFile } from 'node:fs/promises';
import { OutsideExportError, readOutsideExport } from '../../connectors/outside-export.ts';
import { errorWords } from '../../domain/error-words.ts';
import type { OutsideRecords } from '../../domain/findings/outside.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';

/** @throws CommandError where the file can not be read, or says what no system says. */
export async function loadOutside(
  path: string | undefined,
  context: CommandContext,
): Promise<OutsideRecords> {
  if (path === undefined) return {};
  try {
    return readOutsideExport(await readFile(context.path(path), 'utf8'));
  } catch (cause) {
    const isExports = cause instanceof OutsideExportError;
    const why = errorWords(cause);
    const words = isExports ? `${path}: ${why}` : `cannot read ${path}: ${why}`;
    throw new CommandError(words, EXIT.input, { cause });
  }
}
