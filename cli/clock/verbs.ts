/** `perennial clock show|advance`: rehearsals, through the API. */

import type { CommandModule } from '../commands.ts';
import { CommandError, EXIT } from '../context.ts';
import { apiClient, dry, part } from '../http/client.ts';
import { textTable } from '../output.ts';

interface Clock {
  readonly clock: string;
  readonly today: string;
  readonly accounts: readonly { account: string; name: string }[];
}

export const show: CommandModule = {
  register(command, context) {
    command.argument('[clock]', 'its name').action(async (clock: string | undefined) => {
      const found = await apiClient(context).get<{ items: Clock[] }>('/clock');
      const items =
        clock === undefined ? found.items : found.items.filter((one) => one.clock === clock);
      if (clock !== undefined && items.length === 0)
        throw new CommandError(`There is no clock ${clock}.`, EXIT.input);
      context.output.answer({ items }, () =>
        items.length === 0
          ? 'No rehearsal is going on: all contracts live in real time.'
          : textTable(items, [
              { header: 'Clock', value: (row) => row.clock },
              { header: 'Today', value: (row) => row.today },
              { header: 'Accounts', value: (row) => String(row.accounts.length), align: 'right' },
            ]),
      );
    });
  },
};

export const advance: CommandModule = {
  register(command, context) {
    command
      .requiredOption('--to <date>', 'the day to move to, YYYY-MM-DD')
      .option('--clock <name>', 'which one; needed where there are several')
      .action(async ({ to, clock }: { to: string; clock?: string }) => {
        const client = apiClient(context);
        const { items } = await client.get<{ items: Clock[] }>('/clock');
        const name = clock ?? (items.length === 1 ? items[0]?.clock : undefined);
        if (name === undefined)
          throw new CommandError(
            items.length === 0 ? 'There is no test clock to move.' : 'Say which one: --clock NAME.',
            EXIT.input,
          );
        if (dry(context, `move clock ${name} to ${to}`)) return;
        let answer = await client.send<Clock>('POST', `/clock/${part(name)}/advance`, { to });
        while (answer.status === 202) {
          context.output.say(`It is ${answer.body.today} there`);
          answer = await client.send<Clock>('POST', `/clock/${part(name)}/advance`, { to });
        }
        context.output.answer(answer.body, () => `It is ${answer.body.today} for ${name}.`);
      });
  },
};
