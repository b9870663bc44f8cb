/** `perennial start`: everything on one machine, until Ctrl-C. */
import type { Command } from 'commander';
import { ConfigurationError } from '../connectors/configuration.ts';
import { type CommandContext, CommandError, EXIT } from './context.ts';
import { type Started, start } from './start/start.ts';

interface StartOptions {
  readonly empty?: boolean;
}

export function register(command: Command, context: CommandContext): void {
  command
    .option('--empty', 'begin with nobody’s data: a first start brings no sample company')
    .action(({ empty = false }: StartOptions) =>
      runUntilStopped(context, (started) => tellReady(started, context, empty), { empty }),
    );
}

const GOES_ON = 'Ctrl-C stops all of it; the next start goes on from here.';
const NEXT_STEPS = [
  'Three things to try next:',
  '1. Sign in as the biller, look at Today, and open the bill run of the month.',
  '2. In another terminal, live through a contract year in about two minutes:',
  '   npm run -s perennial -- demo',
  '3. See what a contract book would bill; it needs no servers and writes nothing:',
  '   npm run -s perennial -- book preview examples/sample-company --run 2026-12-15',
  'Your own data instead: remove the sample company on the Import page, then bring your files there.',
  GOES_ON,
];
const EMPTY_STEPS = [
  'Nothing is in it yet. Sign in as the biller and bring your customers, products and contracts on the Import',
  'page; templates can be downloaded there.',
  GOES_ON,
];

/** `Sign in as admin: http://…` as two lines, so that the URL can be copied whole. */
function urlAlone(line: string): string[] {
  const [, label, url] = /^(.*:)\s+(https?:\/\/\S+)$/.exec(line) ?? [];
  return label === undefined || url === undefined ? [line] : [label, url];
}

/** The pages of a running product, each URL alone on its line. */
export function pageLines(started: Started): string[] {
  const pages: [string, string | null][] = [
    ['Dashboard', started.dashboardUrl],
    ['API documentation', started.docsUrl],
    ['Temporal UI', started.temporalUiUrl],
    ['Mail', started.mailPageUrl],
  ];
  const urls = pages.flatMap(([name, url]) => (url === null ? [] : ['', `${name}:`, url]));
  const people = started.firstStart.flatMap((line) => ['', ...urlAlone(line)]);
  return [...urls, ...people];
}

/** The same for scripts. */
export function pageUrls(started: Started): Readonly<Record<string, unknown>> {
  return {
    ready: true,
    dashboard: started.dashboardUrl,
    docs: started.docsUrl,
    temporalUi: started.temporalUiUrl,
    mail: started.mailPageUrl,
    firstStart: started.firstStart,
  };
}

export const READY = 'Perennial is ready';

/** Says that it is ready; one write, so that whoever waits for the ready line has the URLs by then. */
function tellReady(started: Started, { output }: CommandContext, empty: boolean): void {
  const steps = empty && started.firstStart.length > 0 ? EMPTY_STEPS : NEXT_STEPS;
  output.answer(pageUrls(started), () =>
    [...pageLines(started), '', READY, '', ...steps].join('\n'),
  );
}

/**
 * Starts everything, does what is to be done once it is ready, and stops all of it on Ctrl-C, also in the midst of that.
 * @throws CommandError where it does not start, or what was to be done fails; all has stopped by then
 */
export async function runUntilStopped(
  context: CommandContext,
  onReady: (started: Started) => void | Promise<void>,
  options: StartOptions = {},
): Promise<void> {
  const { output } = context;
  let stop: () => Promise<void> = async () => {};
  let asked = false;
  let end: () => void = () => {};
  const ended = new Promise<void>((done) => {
    end = done;
  });
  const onSignal = () => {
    // npm passes on what the terminal has sent to us already: once is enough.
    if (!asked) output.say('Stopping; within 30 seconds all of it has ended');
    asked = true;
    end();
    void stop();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  try {
    const onSupervisor = (stopAll: () => Promise<void>) => {
      stop = stopAll;
      if (asked) void stopAll();
    };
    const started = await start(context.env, output.say, onSupervisor, options);
    await onReady(started);
    await ended;
    await stop();
    output.say('Everything has stopped');
  } catch (error) {
    await stop();
    if (asked) output.say('Everything has stopped');
    else if (error instanceof ConfigurationError) throw new CommandError(error.message, EXIT.input);
    else throw error;
  }
}
