/** `perennial license reissue`: a customer's key was lost or leaked; through the API, because the record and the mail are there. */
import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { apiClient, dry, part, reasonOf } from '../http/client.ts';

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<license>', 'its number: L-…, as the contract shows it')
    .option('--leaked', 'others may have the key: revoke it, and make a new one')
    .action(async (license: string, options: { leaked?: boolean }) => {
      const reason = reasonOf(context);
      const leaked = options.leaked === true;
      const what = leaked
        ? `revoke the key of ${license} and mail a new one`
        : `mail the key of ${license} again`;
      if (dry(context, what)) return;
      const { body } = await apiClient(context).send<{ license: string }>(
        'POST',
        `/licenses/${part(license)}/reissue`,
        { leaked, reason },
      );
      context.output.answer(body, () =>
        leaked
          ? `${license} is revoked; ${body.license} takes its place and goes out by mail.`
          : `The key of ${license} goes out by mail again.`,
      );
    });
}
