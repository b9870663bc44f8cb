/** `perennial book remove-sample`: the sample company out of the record, by the running API. */
import type { Command } from 'commander';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { apiClient } from '../http/client.ts';

interface Samples {
  readonly present: boolean;
  readonly accounts: number;
  readonly contracts: number;
  readonly obstacles: readonly string[];
}
interface Removed {
  readonly contracts: number;
  readonly runs: readonly string[];
  readonly removed: Readonly<Record<string, number>>;
}

export function register(command: Command, context: CommandContext): void {
  command.action(async () => {
    const { options, output } = context;
    const api = apiClient(context);
    const samples = await api.get<Samples>('/imports/samples');
    if (!samples.present) throw new CommandError('there is no sample company', EXIT.refused);
    if (samples.obstacles.length > 0)
      throw new CommandError(samples.obstacles.join(' '), EXIT.refused);
    const what = `${samples.accounts} customers and ${samples.contracts} contracts of the sample company`;
    if (options.dryRun)
      return output.answer(
        { ...samples, written: false },
        () => `${what} would be removed. Nothing was written (--dry-run).`,
      );
    const reason = options.reason === null ? {} : { reason: options.reason };
    const { body } = await api.send<Removed>('POST', '/imports/samples/remove', reason);
    output.answer(body, () => `${what} are gone. Bring your own: perennial book import BOOK`);
  });
}
