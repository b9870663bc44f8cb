/** `perennial payment allocate CASE.json`: which open invoices a payment pays (billing rules §7), without any effect. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { allocate } from '../../domain/allocation/allocation.ts';
import { type AllocationAnswer, AllocationRefusal } from '../../domain/allocation/case.ts';
import { errorWords } from '../../domain/error-words.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { readAllocationCase } from './allocation-case.ts';

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<case>', 'JSON file with one allocation case or an array of them; - reads stdin')
    .action(async (file: string) => {
      const json = parsed(await contentOf(file, context), file);
      const answers = Array.isArray(json)
        ? json.map((one: unknown, index) => answerTo(one, `[${index}]`))
        : answerTo(json, '');
      context.output.answer(answers, () =>
        (Array.isArray(answers) ? answers : [answers]).map(inWords).join('\n\n'),
      );
    });
}

async function contentOf(file: string, context: CommandContext): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(context.path(file), 'utf8');
  } catch (cause) {
    const reason = errorWords(cause);
    throw new CommandError(`cannot read ${file}: ${reason}`, EXIT.input, { cause });
  }
}

function parsed(content: string, file: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = errorWords(cause);
    throw new CommandError(`${file} is not JSON: ${reason}`, EXIT.input, { cause });
  }
}

/** @param at the case's place in an array of them, `[3]`, or nothing */
function answerTo(json: unknown, at: string): AllocationAnswer {
  const read = readAllocationCase(json);
  const place = (path: string) => (at !== '' && path !== '' ? `${at}.${path}` : at + path);
  if ('faults' in read) {
    const faults = read.faults.map(({ path, message }) => `${place(path) || 'case'}: ${message}`);
    throw new CommandError(faults.join('\n'), EXIT.input);
  }
  try {
    return allocate(read.question);
  } catch (cause) {
    if (!(cause instanceof AllocationRefusal)) throw cause;
    const message = `${at === '' ? '' : `${at}.`}${cause.message} (${cause.code})`;
    throw new CommandError(message, EXIT.input, { cause });
  }
}

function inWords(answer: AllocationAnswer): string {
  const lines = [`${answer.decision}${answer.rule === null ? '' : `, rule ${answer.rule}`}`];
  for (const { invoice, line, subcontract, amount } of answer.allocations)
    lines.push(`  ${invoice} ${line}${subcontract === null ? '' : ` (${subcontract})`}: ${amount}`);
  for (const [index, proposal] of answer.proposals.entries()) {
    const amounts = proposal.map(({ invoice, amount }) => `${invoice} ${amount}`).join(', ');
    lines.push(`  proposal ${index + 1}: ${amounts}`);
  }
  return [...lines, `  unapplied: ${answer.unapplied}`, answer.explanation].join('\n');
}
