/**
 * The `perennial` command: global options, exit codes, lazy loading of commands (registry in
 * cli/commands.ts). Exit codes: 0 done, 1 failed, 2 bad usage or input, 3 partly done, 4 refused by
 * a rule.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { diskFull } from '../db/disk-full.ts';
import { COMMANDS, type CommandEntry, NOUNS } from './commands.ts';
import {
  type CommandContext,
  CommandError,
  callerPath,
  EXIT,
  type ExitCode,
  type GlobalOptions,
} from './context.ts';
import { createOutput, type Sink } from './output.ts';

export interface Surroundings {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
}

/**
 * Runs one command line (without `node` and the script) to its end. @returns the process's exit
 * code.
 */
export async function main(
  argv: readonly string[],
  surroundings: Surroundings = processSurroundings(),
  commands: readonly CommandEntry[] = COMMANDS,
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = buildProgram(surroundings, commands, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(helpAsOption(argv), { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error, surroundings);
  }
}

function processSurroundings(): Surroundings {
  // A reader that stops early (`| head`) is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    workingDirectory: process.cwd(),
  };
}

/** `perennial help book check` reads as `perennial book check --help`. */
function helpAsOption(argv: readonly string[]): string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv];
}

function buildProgram(
  surroundings: Surroundings,
  commands: readonly CommandEntry[],
  finish: (code: ExitCode) => void,
): Command {
  const program = new Command('perennial')
    .description('Yearly billing of software-maintenance contracts.')
    .option('--json', 'data on stdout as JSON, talk on stderr')
    .option('--yes', 'answer yes to every question')
    .option('--reason <text>', 'why this is done; kept in the audit trail')
    .option('--dry-run', 'say what would be done, do nothing')
    .option('--profile <name>', 'the named connection settings to use')
    .version(packageVersion(), '--version', 'the version of Perennial')
    .helpOption('-h, --help', 'what this command does and takes')
    .helpCommand(false)
    .showHelpAfterError('(add --help for what is accepted)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void surroundings.stdout.write(text),
      writeErr: (text) => void surroundings.stderr.write(text),
    })
    .exitOverride();
  const context = () => createContext(program, surroundings, finish);
  addCommands(program, commands, context);
  return program;
}

/** Adds every command by name and summary; its module is loaded in the moment it is called upon. */
function addCommands(
  program: Command,
  commands: readonly CommandEntry[],
  context: () => CommandContext,
): void {
  const entries = new Map<Command, CommandEntry>();
  const loadBefore = (parent: Command) =>
    parent.hook('preSubcommand', async (_, subcommand) => {
      const entry = entries.get(subcommand);
      if (entry === undefined) return;
      const module = await entry.load();
      module.register(subcommand, context());
    });
  loadBefore(program);
  const nouns = new Map<string, Command>();
  for (const entry of commands) {
    let parent = program;
    if (entry.noun !== undefined) {
      parent =
        nouns.get(entry.noun) ??
        loadBefore(program.command(entry.noun).description(NOUNS[entry.noun]).helpCommand(false));
      nouns.set(entry.noun, parent);
    }
    entries.set(parent.command(entry.verb).description(entry.summary).helpCommand(false), entry);
  }
}

function createContext(
  program: Command,
  surroundings: Surroundings,
  finish: (code: ExitCode) => void,
): CommandContext {
  const given = program.opts<{
    json?: true;
    yes?: true;
    reason?: string;
    dryRun?: true;
    profile?: string;
  }>();
  const options: GlobalOptions = {
    json: given.json === true,
    yes: given.yes === true,
    reason: given.reason ?? null,
    dryRun: given.dryRun === true,
    profile: given.profile ?? null,
  };
  return {
    options,
    output: createOutput(options.json, surroundings.stdout, surroundings.stderr),
    env: surroundings.env,
    path: (path) => callerPath(path, surroundings.env, surroundings.workingDirectory),
    finish,
  };
}

/**
 * Says what went wrong in one sentence; the stack is for developers, who ask with
 * PERENNIAL_DEBUG=1.
 */
function report(error: unknown, { stderr, env }: Surroundings): ExitCode {
  if (error instanceof CommanderError) {
    // Commander has written its own message. Help and version end well; all else is bad usage.
    const asked = ['commander.helpDisplayed', 'commander.version'].includes(error.code);
    return asked ? EXIT.done : EXIT.input;
  }
  const message = diskFull(error) ?? wordsOf(error);
  stderr.write(`error: ${message}\n`);
  if (env.PERENNIAL_DEBUG === '1' && error instanceof Error) stderr.write(`${error.stack}\n`);
  return error instanceof CommandError ? error.exitCode : EXIT.failed;
}

/** Of a failed query the database's own words: the query and its values are nobody's business at a terminal. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isQuery = error.message.startsWith('Failed query:') && error.cause instanceof Error;
  return isQuery ? wordsOf(error.cause) : error.message;
}

function packageVersion(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(file) as { version: string };
  return version;
}
