/** `perennial ledger export --format FORMAT`: the books for hledger, beancount or a spreadsheet. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import {
  LEDGER_FORMATS,
  type LedgerFormat,
  ledgerText,
} from '../../connectors/accounting/plain-text.ts';
import { ledgerRows } from '../../db/index.ts';
import type { CommandContext } from '../context.ts';
import { onDatabase } from '../database.ts';
import { dateOption } from '../date-option.ts';

interface Options {
  readonly format: LedgerFormat;
  readonly entity?: string;
  readonly from?: string;
  readonly to?: string;
  readonly out?: string;
}

export function register(command: Command, context: CommandContext): void {
  command
    .addOption(
      new Option('--format <format>', 'for which program')
        .choices(LEDGER_FORMATS)
        .makeOptionMandatory(),
    )
    .option('--entity <entity>', 'only this entity’s books')
    .option('--from <date>', 'first day', dateOption)
    .option('--to <date>', 'last day', dateOption)
    .option('--out <file>', 'into this file instead of standard output')
    .action(async ({ format, out, ...range }: Options) => {
      await onDatabase(context, async (db) => {
        const text = ledgerText(ledgerRows(db, range), format);
        if (out !== undefined) {
          await pipeline(Readable.from(text), createWriteStream(context.path(out)));
          context.output.answer({ file: context.path(out), format }, () => context.path(out));
          return;
        }
        let whole = '';
        for await (const part of text) whole += part;
        context.output.answer({ format, text: whole }, () => whole);
      });
    });
}
