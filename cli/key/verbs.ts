/** `perennial key create|revoke`: API keys. A key acts as its user, so four eyes hold for keys too. */

import type { CommandModule } from '../commands.ts';
import { apiClient, dry, part } from '../http/client.ts';

export const create: CommandModule = {
  register(command, context) {
    command
      .argument('<name>', 'what it is for')
      .requiredOption('--user <user>', 'a user’s id or mail address')
      .action(async (name: string, { user }: { user: string }) => {
        if (dry(context, `make a key ${name} of ${user}`)) return;
        const { body } = await apiClient(context).send<{ id: string; key: string }>(
          'POST',
          '/keys',
          {
            name,
            user,
          },
        );
        context.output.answer(
          body,
          () => `${body.key}\nIt is shown once. Revoke it by ${body.id}.`,
        );
      });
  },
};

export const revoke: CommandModule = {
  register(command, context) {
    command.argument('<id>', 'the key’s id').action(async (id: string) => {
      if (dry(context, `revoke the key ${id}`)) return;
      await apiClient(context).send('DELETE', `/keys/${part(id)}`);
      context.output.answer({ id, revoked: true }, () => `${id} is revoked.`);
    });
  },
};
