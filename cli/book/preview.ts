/** `perennial book preview BOOK --run DATE`: what a bill run would issue, computed from the book alone. */
import type { Command } from 'commander';
import type { BillDocument, BillRunPreview } from '../../domain/bill-run/document.ts';
import { previewBillRun } from '../../domain/bill-run/preview.ts';
import { formatMinor } from '../../domain/money/money.ts';
import type { CommandContext } from '../context.ts';
import { CommandError, EXIT } from '../context.ts';
import { dateOption } from '../date-option.ts';
import { textTable } from '../output.ts';
import { loadBook } from './input.ts';

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<book>', 'folder of CSV files, or .xlsx workbook')
    .requiredOption('--run <date>', 'the run date R, YYYY-MM-DD', dateOption)
    .option('--contract <number>', 'only this contract')
    .action(async (given: string, options: { run: string; contract?: string }) => {
      const { book, damaged } = await loadBook(given, context);
      const { contract } = options;
      const known = (id: string) =>
        damaged.has(id) || book.contracts.some((row) => row.contract === id);
      if (contract !== undefined && !known(contract))
        throw new CommandError(`the book has no contract ${contract}`, EXIT.input);
      const preview = previewBillRun(book, { ...options, damaged });
      for (const warning of preview.warnings) context.output.warn(warning);
      context.output.answer(shown(preview), () => report(preview));
    });
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
      : `Set aside: ${preview.setAside.length}\n${textTable(preview.setAside, [
          { header: 'contract', value: (item) => item.contract || (item.account ?? '') },
          { header: 'code', value: (item) => item.code },
          { header: 'what to correct', value: (item) => item.reason },
        ])}`,
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

function controlSheet({ control, run }: BillRunPreview): string {
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
