/**
 * `perennial demo`: one year of some customers on the running system, told step by step; a rehearsal, so removable. With --all
 * what is not running is started first, and stays for a look until Ctrl-C.
 */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { runDayOf } from '../domain/bill-run/run-day.ts';
import { later } from '../domain/dates/dates.ts';
import { type CommandContext, CommandError, EXIT } from './context.ts';
import type { AccountAnswer, ContractAnswer, PreviewAnswer, RunAnswer } from './demo/answers.ts';
import { CAST_LEAST, CAST_SIZE, type Cast, chooseCast } from './demo/cast.ts';
import { Narrator, type Step } from './demo/narrator.ts';
import { Stage } from './demo/stage.ts';
import { type Statement, statementOf, statementWords } from './demo/statement.ts';
import { SampleYear } from './demo/year.ts';
import { dry } from './http/client.ts';
import { runsIn } from './start/run-record.ts';
import { pageLines, pageUrls, READY, runUntilStopped } from './start.ts';

const CLOCK = 'DEMO';
const REMOVE = 'Throw it away: npm run -s perennial -- demo --remove';

interface DemoOptions {
  readonly all?: boolean;
  readonly customers: number;
  readonly keep?: boolean;
  readonly remove?: boolean;
}

/** What the year came to. */
interface Lived {
  readonly clock: string;
  readonly seconds: number;
  readonly steps: readonly Step[];
  readonly statement: Statement;
}

export function register(command: Command, context: CommandContext): void {
  command
    .option('--all', 'start everything that it needs, and stop it on Ctrl-C')
    .option(
      '--customers <n>',
      `how many customers take part: ${CAST_LEAST} or more, or “all”`,
      castSize,
      CAST_SIZE,
    )
    .option('--keep', 'leave the rehearsal for a look (the default)')
    .option('--remove', 'throw the rehearsal away with all that it made')
    .action(async (options: DemoOptions) => {
      if (options.remove === true && (options.keep === true || options.all === true))
        throw new CommandError('--remove stands alone.', EXIT.input);
      if (options.remove === true) await remove(context);
      else if (!dry(context, wordsOf(options)))
        await (options.all ? everything : onRunning)(context, options);
    });
}

function castSize(text: string): number {
  if (text === 'all') return Number.MAX_SAFE_INTEGER;
  if (/^\d{1,4}$/.test(text) && Number(text) >= CAST_LEAST) return Number(text);
  throw new InvalidArgumentError(`Give ${CAST_LEAST} or more, or “all”.`);
}

function wordsOf({ all, customers }: DemoOptions): string {
  const who = customers === Number.MAX_SAFE_INTEGER ? 'all customers' : `${customers} customers`;
  const first = all === true ? 'start everything that is not running, then ' : '';
  return `${first}live through a year of ${who} on the test clock ${CLOCK}`;
}

async function onRunning(context: CommandContext, { customers }: DemoOptions): Promise<void> {
  const lived = await play(context, customers);
  context.output.answer(lived, () => livedWords(lived).join('\n'));
}

const livedWords = ({ statement, seconds }: Lived): string[] => [
  statementWords(statement),
  `A year in ${seconds} seconds. ${REMOVE}`,
];

/** Where a product runs in the folder already it is used, and left running. */
async function everything(context: CommandContext, options: DemoOptions): Promise<void> {
  const dataFolder = resolve(context.env.PERENNIAL_DATA || '.perennial');
  if (context.env.PERENNIAL_URL || (await runsIn(dataFolder))) return onRunning(context, options);
  await runUntilStopped(context, async (started) => {
    const { output } = context;
    output.say([...pageLines(started), '', READY, '', 'Now a year passes.', ''].join('\n'));
    const lived = await play(context, options.customers);
    const rehearsal = new Stage(context, CLOCK).page('/rehearsals');
    output.answer({ ...pageUrls(started), ...lived }, () =>
      [
        ...livedWords(lived),
        ...pageLines({ ...started, firstStart: [] }),
        '',
        'The rehearsal:',
        rehearsal,
        '',
        'All of it runs on for a look; Ctrl-C stops it.',
      ].join('\n'),
    );
  });
}

async function remove(context: CommandContext): Promise<void> {
  if (dry(context, `throw the rehearsal ${CLOCK} away`)) return;
  const removed = await new Stage(context, CLOCK).remove();
  context.output.answer({ clock: CLOCK, removed }, () =>
    removed ? `The rehearsal ${CLOCK} is gone.` : `There is no rehearsal ${CLOCK}.`,
  );
}

async function play(context: CommandContext, customers: number): Promise<Lived> {
  const stage = new Stage(context, CLOCK);
  const beganAt = performance.now();
  const narrator = new Narrator(context);
  if (await stage.remove()) context.output.say('The former rehearsal is gone; it begins anew.\n');
  const runOn = await firstRunDay(stage);
  const cast = await findCast(stage, runOn, customers);
  try {
    const approver = await stage.callApprover();
    await tellBeginning(stage, narrator, cast, runOn, approver);
    await new SampleYear(stage, narrator, cast, runOn).live();
  } finally {
    await stage.dismissApprover();
  }
  const statement = await statementOf(context, stage, narrator);
  const seconds = Math.round((performance.now() - beganAt) / 1000);
  return { clock: CLOCK, seconds, steps: narrator.steps, statement };
}

/** The 15th of the first month from this one on that has no bill run yet. */
async function firstRunDay(stage: Stage): Promise<string> {
  const { today } = await stage.maker.get<{ today: string }>('/reports/today');
  const runs = await stage.list<RunAnswer>('/bill-runs');
  const taken = runs.map(({ run }) => run.slice(0, 7)).sort();
  const month = later(today.slice(0, 7), following(taken.at(-1) ?? '0001-01'));
  return runDayOf(month);
}

function following(month: string): string {
  const [year = 1, number = 1] = month.split('-').map(Number);
  const next = number === 12 ? [year + 1, 1] : [year, number + 1];
  return `${String(next[0]).padStart(4, '0')}-${String(next[1]).padStart(2, '0')}`;
}

async function findCast(stage: Stage, runOn: string, size: number): Promise<Cast> {
  const { body: preview } = await stage.maker.send<PreviewAnswer>('POST', '/bill-runs/preview', {
    runOn,
  });
  const accounts = await stage.list<AccountAnswer>('/accounts');
  const contracts = await stage.list<ContractAnswer>('/contracts');
  const cast = chooseCast({ runOn, accounts, contracts, preview, size });
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
