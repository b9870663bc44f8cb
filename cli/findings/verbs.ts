/** `perennial findings …`: what is missing, who looks after it, and what one decision does about it, through the API. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { CommandModule } from '../commands.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { dateOption } from '../date-option.ts';
import { apiClient, dry, part, reasonOf } from '../http/client.ts';
import { amount, type Money } from '../http/words.ts';
import { textTable } from '../output.ts';

interface Finding {
  readonly finding: string;
  readonly title: string;
  readonly severity: string;
  readonly state: string;
  readonly account: { readonly name: string } | null;
  readonly contract: string | null;
  readonly subcontract: string | null;
  readonly money: Money | null;
  readonly owner: { readonly name: string } | null;
  readonly suggestion: string;
}
interface Detail extends Finding {
  readonly matters: string;
  readonly evidence: readonly { name: string; value: string }[];
  readonly actions: readonly {
    action: string;
    words: string;
    unavailable: string | null;
    fields: readonly { name: string; initial: string | null; optional: boolean }[];
  }[];
  readonly events: readonly { on: string; words: string; actor: { name: string } }[];
}
interface Overview {
  readonly lastLook: { look: number; asOf: string; found: number; closed: number } | null;
  readonly openCount: number;
  readonly atStake: readonly Money[];
  readonly notChecked: readonly { title: string; since: string | null; cause: string }[];
}
interface Preview {
  readonly words: string;
  readonly changes: readonly { name: string; before: string; after: string }[];
  readonly needsApproval: boolean;
  readonly shownHash: string;
}
interface Done {
  readonly words: string;
  readonly link: string | null;
  readonly waitsForApproval: boolean;
}

const LOOKING_MS = 300_000;
const ASK_EVERY_MS = 500;

const overview = (context: CommandContext) =>
  apiClient(context).get<Overview>('/findings/overview');
const detail = (context: CommandContext, finding: string) =>
  apiClient(context).get<Detail>(`/findings/${part(finding)}`);

function overviewWords({ lastLook, openCount, atStake, notChecked }: Overview): string {
  const looked =
    lastLook === null
      ? 'The books have not been looked over yet.'
      : `As of ${lastLook.asOf}: ${lastLook.found} found, ${lastLook.closed} closed.`;
  const stake = atStake.length === 0 ? '' : `, ${atStake.map(amount).join(' and ')} at stake`;
  const unmade = notChecked.map(
    ({ title, since, cause }) =>
      `Not compared: ${title}${since === null ? '' : ` (not since ${since})`}: ${cause}`,
  );
  return [looked, `${openCount} open${stake}.`, ...unmade].join('\n');
}

export const run: CommandModule = {
  register(command, context) {
    command.action(async () => {
      if (dry(context, 'look over the books for findings')) return;
      const before = (await overview(context)).lastLook?.look ?? 0;
      await apiClient(context).send('POST', '/findings/look');
      const endsAt = Date.now() + LOOKING_MS;
      for (;;) {
        const found = await overview(context);
        if ((found.lastLook?.look ?? 0) > before) {
          context.output.answer(found, () => overviewWords(found));
          return;
        }
        if (Date.now() > endsAt)
          throw new CommandError('The look has not come to its end; does a worker run?');
        await wait(ASK_EVERY_MS);
      }
    });
  },
};

export const list: CommandModule = {
  register(command, context) {
    command
      .option('--state <state>', 'open, new, assigned, recurring, accepted, resolved, all', 'open')
      .option('--rule <code>', 'only of this rule: unbilled, seats-over, …')
      .option('--severity <severity>', 'high, medium, low')
      .option('--account <number>', 'only of this account')
      .option('--contract <number>', 'only of this contract')
      .option('--limit <n>', 'at most', '50')
      .action(async (options: Record<string, string>) => {
        const query = new URLSearchParams(options);
        const found = await apiClient(context).get<{ items: Finding[]; total: number }>(
          `/findings?${query}`,
        );
        context.output.answer(found, () =>
          [
            textTable(found.items, [
              { header: 'Finding', value: (row) => row.finding },
              { header: 'What', value: (row) => row.title },
              { header: 'Account', value: (row) => row.account?.name ?? '' },
              { header: 'Contract', value: (row) => row.contract ?? '' },
              { header: 'At stake', value: (row) => amount(row.money), align: 'right' },
              { header: 'State', value: (row) => row.owner?.name ?? row.state },
            ]),
            `${found.items.length} of ${found.total}`,
          ].join('\n'),
        );
      });
  },
};

function detailWords(found: Detail): string {
  return [
    `${found.finding} ${found.title}: ${amount(found.money) || 'no money'} (${found.state})`,
    found.matters,
    ...found.evidence.map(({ name, value }) => `  ${name}: ${value}`),
    '',
    found.suggestion,
    ...found.actions.map(
      ({ action, words, unavailable }) => `  ${action}: ${unavailable ?? words}`,
    ),
    '',
    ...found.events.map(({ on, words, actor }) => `${on}  ${words} (${actor.name})`),
  ].join('\n');
}

export const show: CommandModule = {
  register(command, context) {
    command.argument('<finding>', 'F-17').action(async (finding: string) => {
      const found = await detail(context, finding);
      context.output.answer(found, () => detailWords(found));
    });
  },
};

export const assign: CommandModule = {
  register(command, context) {
    command
      .argument('<finding>', 'F-17')
      .option('--to <person>', 'a mail address; default: whose key it is')
      .action(async (finding: string, { to }: { to?: string }) => {
        if (dry(context, `assign ${finding} to ${to ?? 'you'}`)) return;
        const { reason } = context.options;
        const { body } = await apiClient(context).send<Detail>(
          'POST',
          `/findings/${part(finding)}/assign`,
          { ...(to === undefined ? {} : { owner: to }), ...(reason === null ? {} : { reason }) },
        );
        context.output.answer(body, () => `${body.finding} is with ${body.owner?.name}.`);
      });
  },
};

export const accept: CommandModule = {
  register(command, context) {
    command
      .argument('<finding>', 'F-17')
      .requiredOption('--until <date>', 'the last day, YYYY-MM-DD', dateOption)
      .action(async (finding: string, { until }: { until: string }) => {
        const reason = reasonOf(context);
        if (dry(context, `accept ${finding} until ${until}`)) return;
        const path = `/findings/${part(finding)}/accept`;
        const { body } = await apiClient(context).send<Detail>('POST', path, { until, reason });
        context.output.answer(body, () => `${body.finding} is accepted until ${until}.`);
      });
  },
};

/** `--set name=value`, once a field. */
function setting(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('give it as name=value');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** What the form of the dashboard begins with, and what was set instead. */
async function previewed(
  context: CommandContext,
  finding: string,
  action: string,
  set: Readonly<Record<string, string>>,
): Promise<{ shown: Preview; input: Record<string, string> }> {
  const found = (await detail(context, finding)).actions.find((one) => one.action === action);
  if (found === undefined)
    throw new CommandError(
      `${finding} offers no action ${action}; \`findings show\` lists them.`,
      EXIT.input,
    );
  const initial = found.fields.flatMap(({ name, initial: value }) =>
    value === null ? [] : [[name, value] as const],
  );
  const input = { ...Object.fromEntries(initial), ...set };
  const path = `/findings/${part(finding)}/actions/${part(action)}/preview`;
  const { body } = await apiClient(context).send<Preview>('POST', path, { input });
  return { shown: body, input };
}

const previewWords = ({ words, changes, needsApproval }: Preview): string =>
  [
    words,
    textTable(changes, [
      { header: '', value: (row) => row.name },
      { header: 'Now', value: (row) => row.before },
      { header: 'Then', value: (row) => row.after },
    ]),
    ...(needsApproval ? ['A second person approves it before anything is issued.'] : []),
  ].join('\n');

type Setting = { set: Record<string, string> };

/** Which action on which finding, with the fields that a person fills in. */
function actionOf(command: Command): Command {
  return command
    .argument('<finding>', 'F-17')
    .argument('<action>', 'billNow, credit, amend, askOwner, …')
    .option('--set <name=value>', 'a field of the action; may be repeated', setting, {});
}

export const preview: CommandModule = {
  register(command, context) {
    actionOf(command).action(async (finding: string, action: string, { set }: Setting) => {
      const { shown } = await previewed(context, finding, action, set);
      context.output.answer(shown, () => previewWords(shown));
    });
  },
};

export const act: CommandModule = {
  register(command, context) {
    actionOf(command).action(async (finding: string, action: string, { set }: Setting) => {
      const reason = reasonOf(context);
      const { shown, input } = await previewed(context, finding, action, set);
      if (dry(context, shown.words)) return;
      const path = `/findings/${part(finding)}/actions/${part(action)}`;
      const body = { input, reason, shownHash: shown.shownHash };
      const { body: done } = await apiClient(context).send<Done>('POST', path, body);
      context.output.answer(done, () =>
        [
          done.words,
          ...(done.waitsForApproval ? [`It waits for a second person: ${done.link ?? ''}`] : []),
        ].join('\n'),
      );
    });
  },
};
