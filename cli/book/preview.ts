/** `perennial book preview BOOK --run DATE`: what a bill run would issue, computed from the book alone. */
import type { Command } from 'commander';
import { csvBytes, divideBook } from '../../connectors/book/divided-book.ts';
import type { BillDocument, BillRunPreview, SetAside } from '../../domain/bill-run/document.ts';
import { previewBillRun } from '../../domain/bill-run/preview.ts';
import { formatMinor } from '../../domain/money/money.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, EXIT } from '../context.ts';
import { dateOption } from '../date-option.ts';
import { textTable } from '../output.ts';
import { loadBook, onBook, warnOfErrors } from './input.ts';
import { previewInParts, type StreamedPreview } from './streamed-preview.ts';

/** A folder with more CSV than this is previewed part by part: with its answer it takes a hundred times that in memory. */
const IN_MEMORY_BYTES = 5_000_000;
/** What a person reads of what was set aside; --json gives all. */
const SHOWN_ASIDE = 50;

interface PreviewCommandOptions {
  readonly run: string;
  readonly contract?: string;
  readonly inParts?: boolean;
}

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<book>', 'folder of CSV files, or .xlsx workbook')
    .requiredOption('--run <date>', 'the run date R, YYYY-MM-DD', dateOption)
    .option('--contract <number>', 'only this contract')
    .option('--in-parts', 'compute part by part, as is done for CSV folders of more than 5 MB')
    .action(async (given: string, options: PreviewCommandOptions) => {
      const bytes = await onBook(given, context, csvBytes);
      if (bytes > 0 && (options.inParts === true || bytes > IN_MEMORY_BYTES))
        return previewLargeBook(given, options, context);
      const { book, damaged } = await loadBook(given, context);
      const { contract } = options;
      const known = (id: string) =>
        damaged.has(id) || book.contracts.some((row) => row.contract === id);
      if (contract !== undefined && !known(contract))
        throw new CommandError(`the book has no contract ${contract}`, EXIT.input);
      const preview = previewBillRun(book, {
        run: options.run,
        ...(contract === undefined ? {} : { contract }),
        damaged,
      });
      for (const warning of preview.warnings) context.output.warn(warning);
      context.output.answer(shown(preview), () => report(preview));
    });
}

async function previewLargeBook(
  given: string,
  { run, contract }: PreviewCommandOptions,
  context: CommandContext,
): Promise<void> {
  const asked = contract === undefined ? {} : { contract };
  const divided = await onBook(given, context, (path) => divideBook(path, asked));
  try {
    warnOfErrors(divided.errorCount, context);
    if (contract !== undefined && !divided.has(contract))
      throw new CommandError(`the book has no contract ${contract}`, EXIT.input);
    const preview = previewInParts(divided, { run, ...asked });
    for (const warning of preview.items('warnings'))
      context.output.warn(JSON.parse(warning) as string);
    if (context.options.json) return await context.output.pieces(preview.json());
    context.output.answer(null, () => totals(preview));
  } finally {
    await divided.close();
  }
}

/** Of a large book people are told the totals and what needs them. */
function totals(preview: StreamedPreview): string {
  const { counts } = preview;
  const aside = [...firstItems(preview.items('setAside'), SHOWN_ASIDE)] as SetAside[];
  const parts = [
    `Invoices: ${counts.invoices}, credit notes: ${counts.creditNotes}, held: ${counts.held} (--json lists them)`,
    counts.setAside === 0
      ? ''
      : `Set aside: ${counts.setAside}${counts.setAside > SHOWN_ASIDE ? `, the first ${SHOWN_ASIDE}` : ''}\n${asideTable(aside)}`,
    controlSheet(preview),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function* firstItems(items: Iterable<string>, count: number): Generator<unknown> {
  let left = count;
  for (const item of items) {
    if (left === 0) return;
    left -= 1;
    yield JSON.parse(item);
  }
}

function asideTable(aside: readonly SetAside[]): string {
  return textTable(aside, [
    { header: 'contract', value: (item) => item.contract || (item.account ?? '') },
    { header: 'code', value: (item) => item.code },
    { header: 'what to correct', value: (item) => item.reason },
  ]);
}

/** Carried and zero results are in the control sheet only. */
function shown({ carried: _carried, ...answer }: BillRunPreview) {
  return answer;
}

function report(preview: BillRunPreview): string {
  const parts = [
    documents('Invoices', preview.invoices),
    documents('Credit notes', preview.creditNotes),
    preview.held.length === 0
      ? ''
      : `Held: ${preview.held.length}\n${textTable(preview.held, [
          { header: 'contract', value: (find) => find.contract },
          { header: 'subcontract', value: (find) => find.subcontract },
          { header: 'period from', value: (find) => find.periodStart },
          { header: 'net (minor units)', value: (find) => String(find.net), align: 'right' },
        ])}`,
    preview.setAside.length === 0
      ? ''
      : `Set aside: ${preview.setAside.length}\n${asideTable(preview.setAside)}`,
    controlSheet(preview),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function documents(title: string, list: readonly BillDocument[]): string {
  if (list.length === 0) return `${title}: none`;
  return `${title}: ${list.length}\n${textTable(list, [
    { header: 'contract', value: (item) => item.contract ?? item.subject },
    { header: 'account', value: (item) => item.account },
    { header: 'lines', value: (item) => String(item.lines.length), align: 'right' },
    { header: 'due', value: (item) => item.dueDate },
    { header: 'net', value: (item) => formatMinor(item.net, item.currency), align: 'right' },
    { header: 'tax', value: (item) => formatMinor(item.tax, item.currency), align: 'right' },
    { header: 'total', value: (item) => formatMinor(item.total, item.currency), align: 'right' },
    { header: '', value: (item) => item.currency },
  ])}`;
}

function controlSheet({ control, run }: Pick<BillRunPreview, 'control' | 'run'>): string {
  const rows = Object.entries(control).map(([currency, sums]) => ({ currency, ...sums }));
  if (rows.length === 0) return `Nothing is due by the run of ${run}.`;
  const column = (name: Exclude<keyof (typeof rows)[number], 'currency'>, header: string) => ({
    header,
    value: (row: (typeof rows)[number]) => formatMinor(row[name], row.currency),
    align: 'right' as const,
  });
  return `Control sheet\n${textTable(rows, [
    { header: '', value: (row) => row.currency },
    column('due', 'due'),
    column('invoiced', 'invoiced'),
    column('credited', 'of which credited'),
    column('held', 'held'),
    column('setAside', 'set aside'),
    column('carried', 'carried'),
  ])}`;
}
