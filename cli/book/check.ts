/** `perennial book check BOOK`: exit 2 where the book has errors. */
import type { Command } from 'commander';
import type { BookError } from '../../connectors/book/problems.ts';
import { BookInputError } from '../../connectors/book/problems.ts';
import { type BookCheckResult, checkBook } from '../../connectors/book/read.ts';
import { type CommandContext, EXIT } from '../context.ts';
import { textTable } from '../output.ts';

/** People read the first ones, mend them and check again; --json gives all. */
const SHOWN = 50;

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<book>', 'folder of CSV files, or .xlsx workbook')
    .action(async (given: string) => {
      const result = await checked(given, context.path(given));
      context.output.answer(result, () => report(result));
      if (!result.ok) context.finish(EXIT.input);
    });
}

/** That there is no book at all is answered like any other fault of it. */
async function checked(given: string, path: string): Promise<BookCheckResult> {
  try {
    return await checkBook(path);
  } catch (error) {
    if (!(error instanceof BookInputError)) throw error;
    const fault = { file: given, row: null, column: null, value: null, message: error.message };
    const truncated = { errors: 0, warnings: 0 };
    return { ok: false, tables: {}, errors: [fault], warnings: [], truncated };
  }
}

function report(result: BookCheckResult): string {
  const tables = Object.entries(result.tables).map(([name, rows]) => ({ name, rows }));
  const parts = [
    tables.length === 0
      ? ''
      : textTable(tables, [
          { header: 'table', value: ({ name }) => name },
          { header: 'rows', value: ({ rows }) => String(rows), align: 'right' },
        ]),
    section('Errors', result.errors, result.truncated.errors),
    section('Warnings', result.warnings, result.truncated.warnings),
    result.ok ? 'The book is in order.' : 'The book has errors; nothing was written.',
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function section(title: string, problems: readonly BookError[], truncated: number): string {
  const count = problems.length + truncated;
  if (count === 0) return '';
  const shown = problems.slice(0, SHOWN).map(sentence);
  if (count > SHOWN) shown.push(`… and ${count - SHOWN} more (--json lists them)`);
  return [`${title}: ${count}`, ...shown.map((line) => `  ${line}`)].join('\n');
}

/** "accounts.csv row 7, end: "2026-02-30" must be a date …". */
function sentence({ file, row, column, value, message }: BookError): string {
  const place = [file, row === null ? '' : ` row ${row}`, column === null ? '' : `, ${column}`];
  const found = value === null ? '' : `${JSON.stringify(value)} `;
  return `${place.join('')}: ${found}${message}`;
}
