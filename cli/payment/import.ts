/** `perennial payment import FILE`: a bank's statements into the running system, with a report line by line. */
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { BankFileRejection } from '../../connectors/payments/bank/entry.ts';
import {
  BANK_FORMATS,
  type BankFormat,
  bankFileBytes,
  bankFileText,
} from '../../connectors/payments/bank/file.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { apiClient, dry } from '../http/client.ts';
import { amount, type Money } from '../http/words.ts';
import { textTable } from '../output.ts';

interface Line {
  readonly bookedOn: string;
  readonly amount: Money;
  readonly payer: string | null;
  readonly reference: string;
  readonly outcome: string;
  readonly why: string | null;
}
interface Report {
  readonly counts: Readonly<Record<string, number>>;
  readonly statements: readonly {
    readonly statement: string;
    readonly isNew: boolean;
    readonly missing: string | null;
    readonly lines: readonly Line[];
  }[];
}

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<file>', 'camt.053, MT940, BAI2 or CSV')
    .addOption(
      new Option('--format <format>', 'as the file looks, where not given').choices(BANK_FORMATS),
    )
    .option('--mapping <name>', 'which saved mapping a CSV has (setting bank-csv-mappings)')
    .action(async (given: string, options: { format?: BankFormat; mapping?: string }) => {
      const bytes = await bankFileBytes(context.path(given)).catch((error: unknown) => {
        const why = error instanceof BankFileRejection ? `: ${error.message}` : '';
        throw new CommandError(`${given} cannot be read${why}.`, EXIT.input, { cause: error });
      });
      const content = bankFileText(bytes);
      if (dry(context, `import ${given}`)) return;
      const { body } = await apiClient(context).send<Report>('POST', '/imports', {
        kind: 'bank-statement',
        fileName: basename(given),
        format: options.format ?? null,
        mapping: options.mapping ?? null,
        content,
      });
      context.output.answer(body, () => words(body));
      if ((body.counts.refused ?? 0) > 0) context.finish(EXIT.partly);
    });
}

function words({ counts, statements }: Report): string {
  const parts = statements.map(({ statement, isNew, missing, lines }) => {
    const table = textTable(
      [...lines],
      [
        { header: 'Booked', value: (line) => line.bookedOn },
        { header: 'Amount', value: (line) => amount(line.amount), align: 'right' },
        { header: 'Payer', value: (line) => line.payer ?? '' },
        { header: 'Reference', value: (line) => line.reference.slice(0, 60) },
        { header: 'Outcome', value: (line) => line.outcome },
        { header: 'Why', value: (line) => line.why ?? '' },
      ],
    );
    const head = `${statement}${isNew ? '' : ' (taken before)'}`;
    return [head, ...(missing === null ? [] : [missing]), table].join('\n');
  });
  const told = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return [...parts, told.join(', ')].join('\n\n');
}
