/** What every command is given: the global options, where to write, how to end. */
import { resolve } from 'node:path';
import type { Output } from './output.ts';

/** Exit codes of the command line; scripts rely on them. */
export const EXIT = { done: 0, failed: 1, input: 2, partly: 3, refused: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The options that every command takes, before or after its noun and verb. */
export interface GlobalOptions {
  /** Data on stdout as one JSON document, talk on stderr. */
  readonly json: boolean;
  /** Answer yes to every question. */
  readonly yes: boolean;
  /** Why this is done; kept in the audit trail. */
  readonly reason: string | null;
  /** Say what would be done, do nothing. */
  readonly dryRun: boolean;
  /** The named set of connection settings to use. */
  readonly profile: string | null;
}

export interface CommandContext {
  readonly options: GlobalOptions;
  readonly output: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A path as the person meant it: relative to where they stand, which npm puts into INIT_CWD. */
  path(given: string): string;
  /** Sets the exit code of a command that ran to its end; the default is 0. */
  finish(code: ExitCode): void;
}

/** A failure that a person can act on: printed as one sentence, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/**
 * Resolves a path where the caller stands: INIT_CWD under `npm run`, else the working directory.
 */
export function callerPath(
  given: string,
  env: Readonly<Record<string, string | undefined>>,
  workingDirectory: string,
): string {
  return resolve(env.INIT_CWD || workingDirectory, given);
}
