/** `perennial demo`: one year of a dozen customers on the running system, told step by step; a rehearsal, so removable. */
import type { Command } from 'commander';
import { later } from '../domain/dates/dates.ts';
import { type CommandContext, CommandError, EXIT } from './context.ts';
import type { AccountAnswer, ContractAnswer, PreviewAnswer, RunAnswer } from './demo/answers.ts';
import { type Cast, chooseCast } from './demo/cast.ts';
import { Narrator } from './demo/narrator.ts';
import { Stage } from './demo/stage.ts';
import { statementOf, statementWords } from './demo/statement.ts';
import { SampleYear } from './demo/year.ts';
import { dry } from './http/client.ts';

const CLOCK = 'DEMO';
const REMOVE = 'Throw it away: npm run -s perennial -- demo --remove';

export function register(command: Command, context: CommandContext): void {
  command
    .option('--keep', 'leave the rehearsal for a look (the default)')
    .option('--remove', 'throw the rehearsal away with all that it made')
    .action(async (options: { keep?: boolean; remove?: boolean }) => {
      if (options.keep === true && options.remove === true)
        throw new CommandError('Choose --keep or --remove.', EXIT.input);
      if (options.remove === true) await remove(context);
      else await play(context);
    });
}

async function remove(context: CommandContext): Promise<void> {
  if (dry(context, `throw the rehearsal ${CLOCK} away`)) return;
  const removed = await new Stage(context, CLOCK).remove();
  context.output.answer({ clock: CLOCK, removed }, () =>
    removed ? `The rehearsal ${CLOCK} is gone.` : `There is no rehearsal ${CLOCK}.`,
  );
}

async function play(context: CommandContext): Promise<void> {
  const stage = new Stage(context, CLOCK);
  if (dry(context, `live through a year of a dozen customers on the test clock ${CLOCK}`)) return;
  const beganAt = performance.now();
  const narrator = new Narrator(context);
  if (await stage.remove()) context.output.say('The former rehearsal is gone; it begins anew.\n');
  const runOn = await firstRunDay(stage);
  const cast = await findCast(stage, runOn);
  try {
    const approver = await stage.callApprover();
    await tellBeginning(stage, narrator, cast, runOn, approver);
    await new SampleYear(stage, narrator, cast, runOn).live();
  } finally {
    await stage.dismissApprover();
  }
  const statement = await statementOf(context, stage, narrator);
  const seconds = Math.round((performance.now() - beganAt) / 1000);
  const { steps } = narrator;
  context.output.answer({ clock: CLOCK, seconds, steps, statement }, () =>
    [statementWords(statement), `A year in ${seconds} seconds. ${REMOVE}`].join('\n'),
  );
}

/** The 15th of the first month from this one on that has no bill run yet. */
async function firstRunDay(stage: Stage): Promise<string> {
  const { today } = await stage.maker.get<{ today: string }>('/reports/today');
  const runs = await stage.list<RunAnswer>('/bill-runs');
  const taken = runs.map(({ run }) => run.slice(0, 7)).sort();
  const month = later(today.slice(0, 7), following(taken.at(-1) ?? '0001-01'));
  return `${month}-15`;
}

function following(month: string): string {
  const [year = 1, number = 1] = month.split('-').map(Number);
  const next = number === 12 ? [year + 1, 1] : [year, number + 1];
  return `${String(next[0]).padStart(4, '0')}-${String(next[1]).padStart(2, '0')}`;
}

async function findCast(stage: Stage, runOn: string): Promise<Cast> {
  const { body: preview } = await stage.maker.send<PreviewAnswer>('POST', '/bill-runs/preview', {
    runOn,
  });
  const accounts = await stage.list<AccountAnswer>('/accounts');
  const contracts = await stage.list<ContractAnswer>('/contracts');
  const cast = chooseCast({ runOn, accounts, contracts, preview });
  if (typeof cast === 'string')
    throw new CommandError(
      `The book has not ${cast}; the demo needs the sample company (examples/sample-company).`,
    );
  return cast;
}

async function tellBeginning(
  stage: Stage,
  narrator: Narrator,
  cast: Cast,
  runOn: string,
  approver: string,
): Promise<void> {
  const { accounts } = await stage.begin(runOn, cast.accounts);
  narrator.tell({
    what: 'rehearsal-begun',
    on: stage.today,
    title: `A rehearsal begins: copies of ${accounts.length} customers on the test clock ${CLOCK}`,
    words: [
      accounts.map(({ name }) => name).join(', '),
      `You bill, ${approver} approves; the real customers are not touched`,
    ],
    links: { Rehearsals: stage.page('/rehearsals'), ...stage.mails() },
    facts: { accounts: accounts.map(({ account }) => account), approver },
  });
}
