/** `perennial explain CONTRACT --run DATE --book BOOK`: why each amount is what it is, step by step. */
import type { Command } from 'commander';
import type { BillLine, Explanation } from '../domain/bill-run/document.ts';
import { previewBillRun } from '../domain/bill-run/preview.ts';
import { formatMinor } from '../domain/money/money.ts';
import { loadBook } from './book/input.ts';
import { type CommandContext, CommandError, EXIT } from './context.ts';
import { dateOption } from './date-option.ts';

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<contract>', 'the contract number, such as C-1042')
    .requiredOption('--run <date>', 'the run date R, YYYY-MM-DD', dateOption)
    .requiredOption('--book <book>', 'folder of CSV files, or .xlsx workbook')
    .action(async (contract: string, options: { run: string; book: string }) => {
      const { book, damaged } = await loadBook(options.book, context);
      if (!damaged.has(contract) && !book.contracts.some((row) => row.contract === contract))
        throw new CommandError(`the book has no contract ${contract}`, EXIT.input);
      const { invoices, creditNotes, held, setAside } = previewBillRun(book, {
        run: options.run,
        contract,
        damaged,
      });
      const documents = [...invoices, ...creditNotes];
      const lines = documents.flatMap((item) =>
        item.lines.map((line) => ({ line, currency: item.currency })),
      );
      context.output.answer(
        { contract, run: options.run, lines: lines.map(({ line }) => line), held, setAside },
        () =>
          [
            ...lines.map(({ line, currency }) => lineWords(line, currency)),
            ...held.map(
              (find) => `held, ${find.subcontract} from ${find.periodStart}: ${find.reason}`,
            ),
            ...setAside.map((item) => `set aside (${item.code}): ${item.reason}`),
          ].join('\n\n') || `Nothing is due on ${contract} by the run of ${options.run}.`,
      );
    });
}

function lineWords(line: BillLine, currency: string): string {
  const late = line.caughtUp ? `, caught up: due since ${line.dueMonth ?? 'earlier'}` : '';
  const head = `${line.description}: ${formatMinor(line.net, currency)} ${currency} (${line.kind}${late})`;
  const tax = `  tax: category ${line.taxCategory}, ${line.taxRate} %`;
  return [head, ...explanationLines(line.explanation, '  '), tax].join('\n');
}

function explanationLines(explanation: Explanation, indent: string): string[] {
  const inputs = Object.entries(explanation.inputs).map(([name, value]) => `${name} ${value}`);
  return [
    `${indent}rule: ${explanation.rule}`,
    `${indent}${explanation.words}`,
    `${indent}${inputs.join(', ')}`,
    `${indent}${explanation.arithmetic}`,
    ...(explanation.parts ?? []).flatMap((part) => explanationLines(part, `${indent}  `)),
  ];
}
