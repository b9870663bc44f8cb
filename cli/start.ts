/** `perennial start`: everything on one machine, until Ctrl-C. */
import type { Command } from 'commander';
import { ConfigurationError } from '../connectors/configuration.ts';
import { type CommandContext, CommandError, EXIT } from './context.ts';
import { type Started, start } from './start/start.ts';

export function register(command: Command, context: CommandContext): void {
  command.action(() => runUntilStopped(context));
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

/** One write for all of it: whoever waits for the ready line has the URLs by then. */
function readyText(started: Started): string {
  const pages: [string, string | null][] = [
    ['Dashboard', started.dashboardUrl],
    ['API documentation', started.docsUrl],
    ['Temporal UI', started.temporalUiUrl],
    ['Mail', started.mailPageUrl],
  ];
  const urls = pages.flatMap(([name, url]) => (url === null ? [] : ['', `${name}:`, url]));
  const people = started.firstStart.flatMap((line) => ['', ...urlAlone(line)]);
  return [...urls, ...people, '', 'Perennial is ready', '', ...NEXT_STEPS].join('\n');
}

async function runUntilStopped(context: CommandContext): Promise<void> {
  const { output } = context;
  let stop: (() => Promise<void>) | null = null;
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
    void stop?.();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  try {
    const started = await start(context.env, output.say, (stopAll) => {
      stop = stopAll;
      if (asked) void stopAll();
    });
    output.answer(
      {
        ready: true,
        dashboard: started.dashboardUrl,
        docs: started.docsUrl,
        temporalUi: started.temporalUiUrl,
        mail: started.mailPageUrl,
        firstStart: started.firstStart,
      },
      () => readyText(started),
    );
    await ended;
    await started.stop();
    output.say('Everything has stopped');
  } catch (error) {
    if (asked) output.say('Everything has stopped');
    else if (error instanceof ConfigurationError) throw new CommandError(error.message, EXIT.input);
    else throw error;
  }
}
