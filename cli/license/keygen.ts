import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { generateKeyPair } from '../../connectors/license/own/signing-key.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';

/**
 * An existing pair is never replaced, not even with --yes: its licenses could no longer be
 * reissued.
 */
export function register(command: Command, context: CommandContext): void {
  command
    .requiredOption(
      '--out <dir>',
      'folder for private.pem and public.pem; made where it is missing',
    )
    .action((options: { out: string }) => {
      const folder = context.path(options.out);
      const privateKey = join(folder, 'private.pem');
      const publicKey = join(folder, 'public.pem');
      const existing = [privateKey, publicKey].find((path) => existsSync(path));
      if (existing !== undefined)
        throw new CommandError(
          `${existing} exists: choose another folder, or move the old pair away and keep it`,
          EXIT.refused,
        );
      const pair = generateKeyPair();
      if (!context.options.dryRun)
        writePair(folder, [privateKey, pair.privatePem], [publicKey, pair.publicPem]);
      const done = context.options.dryRun ? 'Would write' : 'Wrote';
      context.output.answer(
        { privateKey, publicKey, keyId: context.options.dryRun ? null : pair.keyId },
        () =>
          `${done} ${privateKey} (secret: keep a copy in a safe place) and ${publicKey} (ships with the software).`,
      );
    });
}

type PemFile = readonly [path: string, pem: string];

/** `wx` fails rather than overwrite, also where somebody else was quicker. */
function writePair(folder: string, secret: PemFile, open: PemFile): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(secret[0], secret[1], { mode: 0o600, flag: 'wx' });
    writeFileSync(open[0], open[1], { mode: 0o644, flag: 'wx' });
  } catch (cause) {
    const { code, path } = cause as NodeJS.ErrnoException;
    throw new CommandError(`cannot write ${path ?? folder} (${code})`, EXIT.input, { cause });
  }
}
