/** `perennial start`: everything on one machine, until Ctrl-C. */
import type { Command } from 'commander';
import { ConfigurationError } from '../connectors/configuration.ts';
import { type CommandContext, CommandError, EXIT } from './context.ts';
import { type Started, start } from './start/start.ts';

export function register(command: Command, context: CommandContext): void {
  command.action(() => runUntilStopped(context, (started) => tellReady(started, context)));
}

const NEXT_STEPS = [
  'Three things to try next:',
  '1. Sign in as the biller, look at Today, and open the bill run of the month.',
  '2. In another terminal, live through a contract year in about two minutes:',
  '   npm run -s perennial -- demo',
  '3. See what a contract book would bill; it needs no servers and writes nothing:',
  '   npm run -s perennial -- book preview examples/sample-company --run 2026-12-15',
  'Ctrl-C stops all of it; the next start goes on from here.',
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
function tellReady(started: Started, { output }: CommandContext): void {
  output.answer(pageUrls(started), () =>
    [...pageLines(started), '', READY, '', ...NEXT_STEPS].join('\n'),
  );
}

/**
 * Starts everything, does what is to be done once it is ready, and stops all of it on Ctrl-C, also in the midst of that.
 * @throws CommandError where it does not start, or what was to be done fails; all has stopped by then
 */
export async function runUntilStopped(
  context: CommandContext,
  onReady: (started: Started) => void | Promise<void>,
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
    const started = await start(context.env, output.say, (stopAll) => {
      stop = stopAll;
      if (asked) void stopAll();
    });
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
