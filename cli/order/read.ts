/** `perennial order read FILE`: a customer's purchase order, read and compared with the renewal that it answers. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../context.ts';
import { dry } from '../http/client.ts';
import { amount, type Money } from '../http/words.ts';
import { bringPaper, paperBytes } from '../payment/remittance.ts';

interface Read {
  readonly number: string | null;
  readonly total: Money | null;
  readonly contract: string | null;
  readonly differences: readonly { readonly words: string }[];
  readonly words: string;
}

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<file>', 'text, mail (.eml), PDF or picture')
    .option('--renewal <key>', 'the renewal that it answers, where it names no contract')
    .action(async (given: string, options: { renewal?: string }) => {
      const bytes = await paperBytes(context, given);
      if (dry(context, `read ${given}`)) return;
      const query = { fileName: basename(given), ...options };
      const body = await bringPaper<Read>(context, { place: '/orders/papers', query, bytes });
      context.output.answer(body, () =>
        [
          `Order ${body.number ?? 'without a number'}, ${body.total === null ? 'no sum' : amount(body.total)}.`,
          body.words,
          ...body.differences.map((one) => `  ${one.words}`),
        ].join('\n'),
      );
      if (body.contract === null || body.differences.length > 0) context.finish(EXIT.partly);
    });
}
