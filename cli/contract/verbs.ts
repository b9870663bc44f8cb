/** `perennial contract …`: what a person asks of a contract, through the API. */
import type { Command } from 'commander';
import type { CommandModule } from '../commands.ts';
import type { CommandContext } from '../context.ts';
import { apiClient, dry, part, reasonOf } from '../http/client.ts';
import { textTable } from '../output.ts';

interface Contract {
  readonly contract: string;
  readonly account: { account: string; name: string };
  readonly start: string;
  readonly end: string;
  readonly status: string;
  readonly words: string | null;
  readonly nextStep: string | null;
  readonly nextStepOn: string | null;
  readonly needsAttention: string | null;
}
interface ContractPage extends Contract {
  readonly timeline: readonly { on: string; tense: string; words: string }[];
}

export const list: CommandModule = {
  register(command, context) {
    command
      .option('--account <number>', 'only of this account')
      .option('--status <status>', 'active, suspended, terminated, lapsed, draft')
      .option('--attention', 'only those that wait for a person')
      .option('--limit <n>', 'at most', '50')
      .action(async (options: Record<string, string | true>) => {
        const query = new URLSearchParams(
          Object.entries(options).map(([name, value]): [string, string] => [name, String(value)]),
        );
        const found = await apiClient(context).get<{ items: Contract[] }>(`/contracts?${query}`);
        context.output.answer(found, () =>
          textTable(found.items, [
            { header: 'Contract', value: (row) => row.contract },
            { header: 'Account', value: (row) => row.account.name },
            { header: 'Ends', value: (row) => row.end },
            { header: 'Status', value: (row) => row.status },
            { header: 'Where it stands', value: (row) => row.needsAttention ?? row.words ?? '' },
          ]),
        );
      });
  },
};

const page = (context: CommandContext, contract: string) =>
  apiClient(context).get<ContractPage>(`/contracts/${part(contract)}`);

export const show: CommandModule = {
  register(command, context) {
    command.argument('<contract>', 'its number').action(async (contract: string) => {
      const found = await page(context, contract);
      context.output.answer(found, () =>
        [
          `${found.contract} of ${found.account.name}, ${found.start} to ${found.end}: ${found.status}`,
          ...found.timeline.map(({ on, tense, words }) => `${on}  ${tense.padEnd(7)}  ${words}`),
        ].join('\n'),
      );
    });
  },
};

export const amend: CommandModule = {
  register(command, context) {
    command
      .argument('<contract>', 'its number')
      .requiredOption('--subcontract <number>', 'what changes')
      .requiredOption(
        '--kind <kind>',
        'add, remove, quantity, price, discount, pause, resume, move',
      )
      .requiredOption('--effective <date>', 'the first day it holds, YYYY-MM-DD')
      .option('--value <value>', 'a quantity, price, percent or contract')
      .option('--amendment <number>', 'its own number')
      .option('--correction', 'it corrects a mistake, so it credits')
      .action(async (contract: string, options: Record<string, string | true>) => {
        const { correction, ...rest } = options;
        if (dry(context, `amend ${contract}`)) return;
        const { body } = await apiClient(context).send(
          'POST',
          `/contracts/${part(contract)}/amendments`,
          { ...rest, reason: correction === true ? 'correction' : 'change' },
        );
        context.output.answer(body, () => `${contract} was amended.`);
      });
  },
};

/** hold, release: with a reason; terminate, reinstate: on a day too. */
function ask(verb: 'hold' | 'release' | 'terminate' | 'reinstate', done: string): CommandModule {
  const dated = verb === 'terminate' || verb === 'reinstate';
  return {
    register(command: Command, context: CommandContext) {
      command.argument('<contract>', 'its number');
      if (dated) command.requiredOption('--on <date>', 'the day, YYYY-MM-DD');
      command.action(async (contract: string, { on }: { on?: string }) => {
        const reason = reasonOf(context);
        if (dry(context, `${verb} ${contract}`)) return;
        const path = `/contracts/${part(contract)}/${verb}`;
        await apiClient(context).send('POST', path, on === undefined ? { reason } : { on, reason });
        const found = await page(context, contract);
        context.output.answer(found, () => `${contract} ${done}.`);
      });
    },
  };
}

export const hold = ask('hold', 'is on hold');
export const release = ask('release', 'is billed again');
export const terminate = ask('terminate', 'ends');
export const reinstate = ask('reinstate', 'goes on');

export const grace: CommandModule = {
  register(command, context) {
    command
      .argument('<contract>', 'its number')
      .requiredOption('--through <date>', 'the last day, YYYY-MM-DD')
      .option('--subcontract <number>', 'only this one; default: all that is unpaid')
      .action(async (contract: string, options: { through: string; subcontract?: string }) => {
        const reason = reasonOf(context);
        if (dry(context, `grant ${contract} grace through ${options.through}`)) return;
        const path = `/contracts/${part(contract)}/grace`;
        const { body } = await apiClient(context).send('POST', path, { ...options, reason });
        context.output.answer(body, () => `${contract} has grace through ${options.through}.`);
      });
  },
};
