/** `perennial book findings BOOK --as-of DATE`: what is wrong in the book, and what it is worth. */
import type { Command } from 'commander';
import { groupBy } from '../../domain/book/book-index.ts';
import { CATALOGUE } from '../../domain/findings/catalogue.ts';
import { type Findings, findingsOf } from '../../domain/findings/find.ts';
import { formatMinor } from '../../domain/money/money.ts';
import type { CommandContext } from '../context.ts';
import { dateOption } from '../date-option.ts';
import { textTable } from '../output.ts';
import { loadBook } from './input.ts';
import { loadOutside } from './outside.ts';

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<book>', 'folder of CSV files, or .xlsx workbook')
    .requiredOption('--as-of <date>', 'the day the question is asked for, YYYY-MM-DD', dateOption)
    .option('--outside <file>', 'JSON of what accounting, CRM, mail server and ledger hold')
    .action(async (given: string, options: { asOf: string; outside?: string }) => {
      const outside = await loadOutside(options.outside, context);
      const { book } = await loadBook(given, context);
      const found = findingsOf(book, options.asOf, outside);
      context.output.answer(found, () => report(found));
    });
}

function report(found: Findings): string {
  return [...told(found), ...unchecked(found.checks)].join('\n\n');
}

function told({ findings, atStake }: Findings): string[] {
  if (findings.length === 0) return ['Nothing was found.'];
  const money = Object.entries(atStake).map(
    ([currency, minor]) => `${formatMinor(minor, currency)} ${currency}`,
  );
  return [
    textTable(findings, [
      { header: 'finding', value: (find) => find.rule },
      { header: 'account', value: (find) => find.account ?? '' },
      { header: 'contract', value: (find) => find.contract ?? '' },
      { header: 'subcontract', value: (find) => find.subcontract ?? '' },
      {
        header: 'amount',
        value: (find) =>
          find.currency === null ? '' : formatMinor(find.amountMinor, find.currency),
        align: 'right',
      },
      { header: '', value: (find) => find.currency ?? '' },
      { header: 'what to do', value: (find) => find.suggestion },
    ]),
    `${findings.length} findings; at stake: ${money.join(', ') || 'no money'}`,
  ];
}

/** What was not compared is never "all fine": it is said by system, with the day since which it is so. */
function unchecked(checks: Findings['checks']): string[] {
  const missing = groupBy(
    checks.filter(({ state }) => state !== 'checked'),
    ({ source, checkedOn, cause }) =>
      `${source === null ? 'rules' : source} not checked${checkedOn === null ? '' : ` since ${checkedOn}`} (${cause})`,
  );
  return [...missing].map(
    ([words, own]) =>
      `${words}: ${own.map(({ rule }) => CATALOGUE[rule].title.toLowerCase()).join(', ')}`,
  );
}
