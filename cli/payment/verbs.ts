/** `perennial payment list|apply|refund`: money received, through the API. */

import type { CommandModule } from '../commands.ts';
import { CommandError, EXIT } from '../context.ts';
import { apiClient, dry, part, reasonOf } from '../http/client.ts';
import { amount, type Money } from '../http/words.ts';
import { textTable } from '../output.ts';

interface Payment {
  readonly payment: string;
  readonly account: { name: string } | null;
  readonly receivedOn: string;
  readonly amount: Money;
  readonly unapplied: Money;
  readonly words: string;
}

export const list: CommandModule = {
  register(command, context) {
    command
      .option('--account <number>', 'only of this account')
      .option('--state <state>', 'received, allocated, review, returned, refunded')
      .option('--limit <n>', 'at most', '50')
      .action(async (options: Record<string, string>) => {
        const query = new URLSearchParams(options);
        const found = await apiClient(context).get<{ items: Payment[] }>(`/payments?${query}`);
        context.output.answer(found, () =>
          textTable(found.items, [
            { header: 'Payment', value: (row) => row.payment },
            { header: 'From', value: (row) => row.account?.name ?? 'not known' },
            { header: 'Received', value: (row) => row.receivedOn },
            { header: 'Amount', value: (row) => amount(row.amount), align: 'right' },
            { header: 'Open', value: (row) => amount(row.unapplied), align: 'right' },
            { header: 'What became of it', value: (row) => row.words },
          ]),
        );
      });
  },
};

/** `INV-2026-00017:11900` or `INV-2026-00017/2:11900`: an invoice, perhaps a line of it, minor units. */
function allocation(text: string): { invoice: string; line: string | null; amountMinor: number } {
  const match = /^([^/:]+)(?:\/([^:]+))?:(\d{1,15})$/.exec(text);
  if (match === null)
    throw new CommandError(
      `${text}: give an invoice as INV-2026-00017:11900, the amount in minor units.`,
      EXIT.input,
    );
  return { invoice: match[1] ?? '', line: match[2] ?? null, amountMinor: Number(match[3]) };
}

export const apply: CommandModule = {
  register(command, context) {
    command
      .argument('<payment>', 'its key')
      .argument('<invoice:amount...>', 'INV-2026-00017:11900, amounts in minor units')
      .action(async (payment: string, parts: string[]) => {
        const reason = reasonOf(context);
        const lines = parts.map(allocation);
        if (dry(context, `allocate ${payment} to ${parts.join(', ')}`)) return;
        const path = `/payments/${part(payment)}/allocate`;
        const { body } = await apiClient(context).send('POST', path, { lines, reason });
        context.output.answer(body, () => `${payment} was allocated.`);
      });
  },
};

export const refund: CommandModule = {
  register(command, context) {
    command
      .argument('<payment>', 'its key')
      .requiredOption('--amount <minor>', 'in minor units')
      .action(async (payment: string, options: { amount: string }) => {
        const reason = reasonOf(context);
        if (!/^\d{1,15}$/.test(options.amount))
          throw new CommandError('Give --amount in minor units, a whole number.', EXIT.input);
        if (dry(context, `ask for a refund of ${payment}`)) return;
        const { body, status } = await apiClient(context).send<{
          approval: string;
          outcome: { words: string } | null;
        }>('POST', `/payments/${part(payment)}/refund`, {
          amountMinor: Number(options.amount),
          reason,
        });
        context.output.answer(body, () =>
          status === 202
            ? `A second person approves the refund: ${body.approval}`
            : (body.outcome?.words ?? `${payment} is refunded.`),
        );
      });
  },
};
