/** `perennial invoice …`: issued documents, through the API. */

import type { CommandModule } from '../commands.ts';
import { CommandError, EXIT } from '../context.ts';
import { apiClient, dry, part, reasonOf } from '../http/client.ts';
import { amount, type Money } from '../http/words.ts';
import { textTable } from '../output.ts';

interface Invoice {
  readonly invoice: string;
  readonly account: { account: string; name: string };
  readonly issuedOn: string;
  readonly dueOn: string;
  readonly total: Money;
  readonly balance: Money;
  readonly words: string;
}

export const list: CommandModule = {
  register(command, context) {
    command
      .option('--account <number>', 'only of this account')
      .option('--contract <number>', 'only of this contract')
      .option(
        '--state <state>',
        'issued, partially_paid, paid, void, credited, disputed, written_off',
      )
      .option('--run <run>', 'only of this bill run')
      .option('--overdue', 'only those past their due date')
      .option('--limit <n>', 'at most', '50')
      .action(async (options: Record<string, string | true>) => {
        const query = new URLSearchParams(
          Object.entries(options).map(([name, value]): [string, string] => [name, String(value)]),
        );
        const found = await apiClient(context).get<{ items: Invoice[] }>(`/invoices?${query}`);
        context.output.answer(found, () =>
          textTable(found.items, [
            { header: 'Invoice', value: (row) => row.invoice },
            { header: 'Account', value: (row) => row.account.name },
            { header: 'Issued', value: (row) => row.issuedOn },
            { header: 'Due', value: (row) => row.dueOn },
            { header: 'Total', value: (row) => amount(row.total), align: 'right' },
            { header: 'Open', value: (row) => amount(row.balance), align: 'right' },
            { header: 'Where it stands', value: (row) => row.words },
          ]),
        );
      });
  },
};

export const show: CommandModule = {
  register(command, context) {
    command.argument('<invoice>', 'its number').action(async (invoice: string) => {
      const found = await apiClient(context).get<
        Invoice & { lines: { line: string; description: string | null; net: Money }[] }
      >(`/invoices/${part(invoice)}`);
      context.output.answer(found, () =>
        [
          `${found.invoice} to ${found.account.name}: ${amount(found.total)}. ${found.words}`,
          textTable(found.lines, [
            { header: 'Line', value: (row) => row.line },
            { header: 'What', value: (row) => row.description ?? '' },
            { header: 'Net', value: (row) => amount(row.net), align: 'right' },
          ]),
        ].join('\n'),
      );
    });
  },
};

/** `--line 1:8200` as a line and its net in minor units. */
function creditedLine(text: string): { line: string; netMinor: number } {
  const match = /^(.+):(\d{1,15})$/.exec(text);
  if (match === null)
    throw new CommandError(
      `${text}: give a line as 1:8200, the amount in minor units.`,
      EXIT.input,
    );
  return { line: match[1] ?? '', netMinor: Number(match[2]) };
}

export const credit: CommandModule = {
  register(command, context) {
    command
      .argument('<invoice>', 'its number')
      .option(
        '--line <line:net...>',
        'only these lines, net in minor units; default: all that is left',
      )
      .action(async (invoice: string, { line }: { line?: string[] }) => {
        const reason = reasonOf(context);
        const lines = line === undefined ? null : line.map(creditedLine);
        if (dry(context, `ask for a credit of ${invoice}`)) return;
        const { body, status } = await apiClient(context).send<{ approval: string }>(
          'POST',
          `/invoices/${part(invoice)}/credit`,
          { lines, reason },
        );
        context.output.answer(body, () =>
          status === 202
            ? `A second person approves the credit: ${body.approval}`
            : `${invoice} was credited.`,
        );
      });
  },
};

export const voidInvoice: CommandModule = {
  register(command, context) {
    command.argument('<invoice>', 'its number').action(async (invoice: string) => {
      const reason = reasonOf(context);
      if (dry(context, `void ${invoice}`)) return;
      const { body } = await apiClient(context).send('POST', `/invoices/${part(invoice)}/void`, {
        reason,
      });
      context.output.answer(body, () => `${invoice} is void.`);
    });
  },
};

export const resend: CommandModule = {
  register(command, context) {
    command
      .argument('<invoice>', 'its number')
      .option('--to <address>', 'another mail address')
      .action(async (invoice: string, { to }: { to?: string }) => {
        if (dry(context, `send ${invoice} again`)) return;
        const { body } = await apiClient(context).send(
          'POST',
          `/invoices/${part(invoice)}/resend`,
          {
            to: to ?? null,
          },
        );
        context.output.answer(body, () => `${invoice} is sent again.`);
      });
  },
};
