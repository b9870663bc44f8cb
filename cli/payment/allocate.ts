/** `perennial payment allocate CASE.json`: which open invoices a payment pays (billing rules §7), without any effect. */
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { allocate } from '../../domain/allocation/allocation.ts';
import { type AllocationAnswer, AllocationRefusal } from '../../domain/allocation/case.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { parsedJson, readText } from '../json-file.ts';
import { readAllocationCase } from './allocation-case.ts';

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<case>', 'JSON file with one allocation case or an array of them; - reads stdin')
    .action(async (file: string) => {
      const content = await (file === '-' ? text(process.stdin) : readText(file, context));
      const json = parsedJson(content, file);
      const answers = Array.isArray(json)
        ? json.map((one: unknown, index) => answerTo(one, `[${index}]`))
        : answerTo(json, '');
      context.output.answer(answers, () =>
        (Array.isArray(answers) ? answers : [answers]).map(inWords).join('\n\n'),
      );
    });
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
