/** `perennial book forecast BOOK --from DATE --months N`: what the coming months bring, from the book alone. */
import { type Command, InvalidArgumentError } from 'commander';
import { type Forecast, forecast } from '../../domain/forecast/forecast.ts';
import { formatMinor } from '../../domain/money/money.ts';
import type { CommandContext } from '../context.ts';
import { dateOption } from '../date-option.ts';
import { textTable } from '../output.ts';
import { loadBook } from './input.ts';

const MAX_MONTHS = 120;

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<book>', 'folder of CSV files, or .xlsx workbook')
    .requiredOption('--from <date>', 'the first day, YYYY-MM-DD', dateOption)
    .requiredOption('--months <count>', 'how many months, the one of that day included', monthCount)
    .action(async (given: string, options: { from: string; months: number }) => {
      const { book, damaged } = await loadBook(given, context);
      const answer = forecast(book, { ...options, damaged });
      context.output.answer(answer, () => report(answer));
    });
}

function monthCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > MAX_MONTHS)
    throw new InvalidArgumentError(`it must be a whole number from 1 to ${MAX_MONTHS}`);
  return count;
}

function report(answer: Forecast): string {
  const money = (name: 'billings' | 'cash' | 'earned') => ({
    header: name,
    value: (row: Forecast['months'][number]) => formatMinor(row[name], row.currency),
    align: 'right' as const,
  });
  const table = textTable(answer.months, [
    { header: 'month', value: (row) => row.month },
    money('billings'),
    money('cash'),
    money('earned'),
    { header: '', value: (row) => row.currency },
  ]);
  const aside = answer.setAside.map(
    ({ contract, code, reason }) => `Not in it: ${contract} (${code}): ${reason}`,
  );
  const assumed =
    'Billings and earned revenue are net, cash is gross on its due date; overdue invoices are paid in the first ' +
    'month. Only agreed terms count: no renewals, no new orders.';
  return [table, ...aside, assumed].join('\n\n');
}
