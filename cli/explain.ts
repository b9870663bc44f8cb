/** `perennial explain CONTRACT --run DATE [--book BOOK]`: why each amount is what it is, step by step. */
import type { Command } from 'commander';
import type {
  BillDocument,
  BillLine,
  Explanation,
  HeldFind,
  SetAside,
} from '../domain/bill-run/document.ts';
import { previewBillRun } from '../domain/bill-run/preview.ts';
import { formatMinor } from '../domain/money/money.ts';
import { loadBook } from './book/input.ts';
import { type CommandContext, CommandError, EXIT } from './context.ts';
import { dateOption } from './date-option.ts';
import { apiClient, part } from './http/client.ts';

/** What a run would do with one contract, from a book or from the running product. */
interface Answer {
  readonly lines: readonly { readonly line: BillLine; readonly currency: string }[];
  readonly held: readonly Pick<HeldFind, 'subcontract' | 'periodStart' | 'reason'>[];
  readonly setAside: readonly Pick<SetAside, 'code' | 'reason'>[];
}

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<contract>', 'the contract number, such as C-1042')
    .requiredOption('--run <date>', 'the run date R, YYYY-MM-DD', dateOption)
    .option('--book <book>', 'folder of CSV files, or .xlsx workbook; else the running Perennial')
    .action(async (contract: string, { run, book }: { run: string; book?: string }) => {
      const { lines, held, setAside } =
        book === undefined
          ? await ofRunning(contract, run, context)
          : await ofBook(contract, run, book, context);
      context.output.answer(
        { contract, run, lines: lines.map(({ line }) => line), held, setAside },
        () =>
          [
            ...lines.map(({ line, currency }) => lineWords(line, currency)),
            ...held.map(
              (find) => `held, ${find.subcontract} from ${find.periodStart}: ${find.reason}`,
            ),
            ...setAside.map((item) => `set aside (${item.code}): ${item.reason}`),
          ].join('\n\n') || `Nothing is due on ${contract} by the run of ${run}.`,
      );
    });
}

async function ofBook(
  contract: string,
  run: string,
  given: string,
  context: CommandContext,
): Promise<Answer> {
  const { book, damaged } = await loadBook(given, context);
  if (!damaged.has(contract) && !book.contracts.some((row) => row.contract === contract))
    throw new CommandError(`the book has no contract ${contract}`, EXIT.input);
  const preview = previewBillRun(book, { run, contract, damaged });
  const documents: BillDocument[] = [...preview.invoices, ...preview.creditNotes];
  const lines = documents.flatMap((item) =>
    item.lines.map((line) => ({ line, currency: item.currency })),
  );
  return { lines, held: preview.held, setAside: preview.setAside };
}

/** The part of POST /bill-runs/preview that is told. */
interface PreviewAnswer extends Omit<Answer, 'lines'> {
  readonly documents: readonly {
    readonly net: { readonly currency: string };
    readonly lines: readonly BillLine[];
  }[];
}

async function ofRunning(
  contract: string,
  runOn: string,
  context: CommandContext,
): Promise<Answer> {
  const api = apiClient(context);
  // A contract that is not there is told as such, not as one on which nothing is due.
  await api.get(`/contracts/${part(contract)}`);
  const { body } = await api.send<PreviewAnswer>('POST', '/bill-runs/preview', { runOn, contract });
  const lines = body.documents.flatMap(({ net: { currency }, lines: of }) =>
    of.map((line) => ({ line, currency })),
  );
  return { lines, held: body.held, setAside: body.setAside };
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
