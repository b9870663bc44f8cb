/** `perennial audit verify`: walks the audit trail's chain and compares the books with the documents. */
import type { Command } from 'commander';
import { assertPaymentInvariant, verifyAudit, verifyLedger } from '../../db/index.ts';
import { type CommandContext, EXIT } from '../context.ts';
import { onDatabase } from '../database.ts';

export function register(command: Command, context: CommandContext): void {
  command.action(async () => {
    const answer = await onDatabase(context, async (db) => {
      const trail = await verifyAudit(db);
      const ledger = await verifyLedger(db);
      await assertPaymentInvariant(db);
      return { ...trail, ok: trail.ok && ledger.length === 0, ledger };
    });
    context.output.answer(answer, () => {
      const trail =
        answer.problem ?? `The audit trail is whole: ${answer.events.toLocaleString('en')} events.`;
      const books = answer.ledger.map(
        ({ check, account, currency, differenceMinor }) =>
          `${check} of ${account ?? 'all'} is off by ${differenceMinor} (minor units, ${currency})`,
      );
      return [
        trail,
        ...(books.length === 0 ? ['The books agree with the documents.'] : books),
      ].join('\n');
    });
    if (!answer.ok) context.finish(EXIT.failed);
  });
}
