import { createPublicKey } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import {
  fingerprintOf,
  type Revocation,
  signingRevocations,
} from '../../connectors/license/own/revocations.ts';
import { signedNear } from '../../connectors/license/own/signing.ts';
import { openLicense } from '../../connectors/license/own/verification.ts';
import { type CivilDate, earlier } from '../../domain/dates/dates.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { dateOption, loadPrivateKey, loadRevocations, readLicense } from './files.ts';

interface RevokeOptions {
  readonly privateKey: string;
  readonly revocations: string;
  readonly licenseKey?: string;
  readonly on?: string;
}

/**
 * Puts a license that this private key signed onto a signed revocation list. Repeating changes
 * nothing.
 */
export function register(command: Command, context: CommandContext): void {
  command
    .argument('<key-or-file>', 'a key (key/…), or the path of a license file')
    .requiredOption('--private-key <file>', 'private.pem; signs the list')
    .requiredOption('--revocations <file>', 'the list; made where it is missing')
    .option('--license-key <key>', 'opens an encrypted license file')
    .option('--on <date>', 'the first day without the right; default today (UTC)')
    .action((given: string, options: RevokeOptions) => {
      const privateKey = loadPrivateKey(options.privateKey, context);
      const publicKeys = [createPublicKey(privateKey)];
      const { licenseKey } = options;
      const terms = { publicKeys, ...(licenseKey === undefined ? {} : { licenseKey }) };
      const opened = openLicense(readLicense(given, context), terms);
      if (!opened.ok) throw new CommandError(`not revoked: ${opened.message}`, EXIT.failed);
      const path = options.revocations;
      const known = existsSync(context.path(path))
        ? loadRevocations(path, publicKeys, context).revocations
        : [];
      const on = dateOption(options.on, '--on');
      const { list, entry } = revoke(known, fingerprintOf(opened.payload), on);
      if (list !== known && !context.options.dryRun)
        replace(
          context.path(path),
          signedNear(signingRevocations(list, dateOption(undefined, '--on')), privateKey),
        );
      context.output.answer({ ...entry, changed: list !== known }, () =>
        list === known
          ? `It has been on the list already, revoked since ${entry.on}.`
          : `Revoked from ${entry.on} on; publish ${path} where the software reads it.`,
      );
    });
}

/** The list with one more entry; the same list where the license is revoked already. */
function revoke(known: readonly Revocation[], fingerprint: string, on: CivilDate) {
  const listed = known.find((entry) => entry.fingerprint === fingerprint);
  if (listed?.state === 'revoked') return { list: known, entry: listed };
  const since = listed === undefined ? on : earlier(listed.on, on);
  const entry: Revocation = { fingerprint, state: 'revoked', on: since };
  return { list: [...known.filter((other) => other !== listed), entry], entry };
}

/** Through a second file, so that a reader never sees half a list. */
function replace(path: string, text: string): void {
  const next = `${path}.${process.pid}.new`;
  writeFileSync(next, text, { mode: 0o644, flag: 'wx' });
  renameSync(next, path);
}
