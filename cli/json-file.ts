/** JSON files that people hand to commands. */
import { readFile } from 'node:fs/promises';
import { errorWords } from '../domain/error-words.ts';
import { type CommandContext, CommandError, EXIT } from './context.ts';

/** @throws CommandError where the file cannot be read */
export async function readText(file: string, context: CommandContext): Promise<string> {
  return await readFile(context.path(file), 'utf8').catch((cause: unknown) => {
    throw new CommandError(`cannot read ${file}: ${errorWords(cause)}`, EXIT.input, { cause });
  });
}

/** @param file its name, for the words of a fault. @throws CommandError where the content is not JSON */
export function parsedJson(content: string, file: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new CommandError(`${file} is not JSON: ${errorWords(cause)}`, EXIT.input, { cause });
  }
}
