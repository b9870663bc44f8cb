/** `perennial license evaluate`: a license to try a product with, before any contract; through the API, which records it. */
import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { apiClient, dry, reasonOf } from '../http/client.ts';

interface Options {
  readonly account: string;
  readonly product: string;
  readonly seats: string;
  readonly through: string;
  readonly edition?: string;
}

export function register(command: Command, context: CommandContext): void {
  command
    .requiredOption('--account <number>', 'who tries it')
    .requiredOption('--product <sku>', 'what')
    .requiredOption('--through <date>', 'the last day, YYYY-MM-DD')
    .option('--seats <number>', 'how many seats, a whole number', '1')
    .option('--edition <edition>', 'default: the product’s own')
    .action(async ({ account, product, seats, through, edition }: Options) => {
      const reason = reasonOf(context);
      if (dry(context, `issue ${account} an evaluation of ${product} through ${through}`)) return;
      const { body } = await apiClient(context).send<{ license: string; key: string }>(
        'POST',
        '/licenses/evaluations',
        { account, sku: product, seats: Number(seats), through, edition, reason },
      );
      context.output.answer(body, () => `${body.license}\n${body.key}`);
    });
}
