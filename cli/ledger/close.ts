/** `perennial ledger close MONTH|DAY`: nothing is posted there any more; later events go to the first open day. */
import type { Command } from 'commander';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { apiClient, dry, reasonOf } from '../http/client.ts';

interface Closings {
  readonly entity: string;
  readonly closedThrough: string | null;
  readonly months: readonly string[];
}

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<period>', 'a month, YYYY-MM, or a day, YYYY-MM-DD, with all days before it')
    .requiredOption('--entity <entity>', 'whose books')
    .action(async (period: string, { entity }: { entity: string }) => {
      const reason = reasonOf(context);
      if (!/^\d{4}-\d{2}(-\d{2})?$/.test(period))
        throw new CommandError('Give a month as 2026-11 or a day as 2026-11-30.', EXIT.input);
      if (dry(context, `close ${period} of ${entity}`)) return;
      const what = period.length === 7 ? { month: period } : { day: period };
      const request = { entity, ...what, reason };
      const { body } = await apiClient(context).send<Closings>('POST', '/ledger/closings', request);
      context.output.answer(body, () => words(body));
    });
}

function words({ entity, closedThrough, months }: Closings): string {
  const days = closedThrough === null ? [] : [`through ${closedThrough}`];
  return `${entity} is closed: ${[...days, ...months].join(', ')}`;
}
