/**
 * Reading what license commands are given: keys in PEM, licenses, revocation lists; each with its
 * own error in words.
 */
import type { KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { type RevocationList, readRevocations } from '../../connectors/license/own/revocations.ts';
import {
  readPrivateKey,
  readPublicKey,
  SigningKeyError,
} from '../../connectors/license/own/signing-key.ts';
import { isKey } from '../../connectors/license/own/verification.ts';
import { type CivilDate, isCivilDate } from '../../domain/dates/dates.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';

/** A license, a key or a list is a few kilobytes; anything this large is something else. */
const MAX_BYTES = 1_000_000;
/** Permission bits of group and others. */
const OTHERS = 0o077;

/** @throws CommandError (exit 2) where the path is missing, a folder, too large or unreadable. */
export function readInput(given: string, what: string, context: CommandContext): string {
  const path = context.path(given);
  try {
    const status = statSync(path);
    if (status.isDirectory())
      throw new CommandError(`${what}: ${path} is a folder, not a file`, EXIT.input);
    if (status.size > MAX_BYTES)
      throw new CommandError(`${what}: ${path} is too large to be one`, EXIT.input);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new CommandError(`${what}: ${path}: ${why}`, EXIT.input, { cause });
  }
}

/**
 * A text that starts with `key/` is the key itself, anything else the path of a file that holds a
 * license.
 */
export function readLicense(given: string, context: CommandContext): string {
  return isKey(given) ? given : readInput(given, 'license', context);
}

export function loadPublicKeys(paths: readonly string[], context: CommandContext): KeyObject[] {
  return paths.map((path) => keyIn(path, 'public key', readPublicKey, context));
}

/** Warns where others than the owner may read the file: whoever has it can issue licenses. */
export function loadPrivateKey(path: string, context: CommandContext): KeyObject {
  const key = keyIn(path, 'private key', readPrivateKey, context);
  const readable = (statSync(context.path(path)).mode & OTHERS) !== 0;
  if (readable && process.platform !== 'win32')
    context.output.warn(
      `warning: others can read ${path}; whoever has it can issue licenses: chmod 600 ${path}`,
    );
  return key;
}

function keyIn(
  path: string,
  what: string,
  read: (pem: string) => KeyObject,
  context: CommandContext,
): KeyObject {
  const pem = readInput(path, what, context);
  try {
    return read(pem);
  } catch (cause) {
    if (!(cause instanceof SigningKeyError)) throw cause;
    throw new CommandError(`${what}: ${path}: ${cause.message}`, EXIT.input, { cause });
  }
}

/**
 * A list that cannot be trusted stops the command: going on without it would pass what was revoked.
 */
export function loadRevocations(
  path: string,
  publicKeys: readonly KeyObject[],
  context: CommandContext,
): RevocationList {
  const reading = readRevocations(readInput(path, 'revocation list', context), publicKeys);
  if (reading.ok) return reading;
  throw new CommandError(`revocation list: ${path}: ${reading.message}`, EXIT.input);
}

/** A date option; without one, today in UTC. */
export function dateOption(given: string | undefined, option: string): CivilDate {
  if (given === undefined) return new Date().toISOString().slice(0, 10);
  if (isCivilDate(given)) return given;
  throw new CommandError(
    `${option} ${given}: must be a date of the calendar, YYYY-MM-DD`,
    EXIT.input,
  );
}

/** For options that may be given several times. */
export function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}
