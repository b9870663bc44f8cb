/** `perennial ledger bank-balance`: what the bank says against what the books say, and what makes the difference. */
import type { Command } from 'commander';
import type { BankBalance } from '../../domain/ledger/bank-balance.ts';
import { type CommandContext, EXIT } from '../context.ts';
import { dateOption } from '../date-option.ts';
import { apiClient } from '../http/client.ts';
import { amount } from '../http/words.ts';
import { textTable } from '../output.ts';

interface Answer {
  readonly asOf: string;
  readonly items: readonly BankBalance[];
}

export function register(command: Command, context: CommandContext): void {
  command
    .option('--as-of <date>', 'at the end of this day', dateOption)
    .action(async ({ asOf }: { asOf?: string }) => {
      const query = asOf === undefined ? '' : `?asOf=${asOf}`;
      const found = await apiClient(context).get<Answer>(`/reports/bank-balance${query}`);
      context.output.answer(found, () => found.items.map(words).join('\n\n'));
      if (found.items.some(({ unexplainedMinor }) => unexplainedMinor !== 0))
        context.finish(EXIT.failed);
    });
}

function words(balance: BankBalance): string {
  const { currency, items } = balance;
  const money = (minor: number) => amount({ amount: minor, currency });
  const rows = [
    { words: 'Bank', minor: balance.bankMinor },
    { words: 'Ledger', minor: balance.ledgerMinor },
    { words: 'Difference', minor: balance.differenceMinor },
    ...items.map((item) => ({
      words: `  ${item.on ?? ''} ${item.words}`,
      minor: item.amountMinor,
    })),
    { words: 'Not explained', minor: balance.unexplainedMinor },
  ];
  return textTable(rows, [
    { header: currency, value: (row) => row.words },
    { header: 'Amount', value: (row) => money(row.minor), align: 'right' },
  ]);
}
