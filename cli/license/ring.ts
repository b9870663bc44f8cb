/** The key pairs that sign the licenses of this installation: list, rotate, retire. */
import { derivedKey, loadSettings } from '../../connectors/configuration.ts';
import { SIGNERS } from '../../connectors/license/installed.ts';
import {
  acceptedKeys,
  currentKeyId,
  ensureFirstPair,
  licenseKeyFolder,
  retire as retireKey,
  rotate as rotateKey,
} from '../../connectors/license/own/key-ring.ts';
import { SigningKeyError } from '../../connectors/license/own/signing-key.ts';
import type { CommandModule } from '../commands.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { dry } from '../http/client.ts';
import { textTable } from '../output.ts';

/** The folder, with the installation's first pair in it where its secret is known: that one must stay accepted. */
function openFolder(given: string | undefined, context: CommandContext): string {
  if (given !== undefined) return context.path(given);
  const settings = loadSettings();
  const { PERENNIAL_DATA, PERENNIAL_SECRET } = settings;
  const elsewhere = SIGNERS.find((name) => settings[name] !== undefined);
  if (elsewhere !== undefined)
    throw new CommandError(
      `${elsewhere} signs here: rotate there (a new pair comes from \`license keygen\`, or from the key service), ` +
        'and keep the old public key in the folder of accepted keys; --folder works on that folder',
      EXIT.refused,
    );
  const folder = licenseKeyFolder(PERENNIAL_DATA);
  if (currentKeyId(folder) === null) {
    if (PERENNIAL_SECRET === undefined)
      throw new CommandError(
        `${folder} holds no key yet: start Perennial once, or give PERENNIAL_SECRET`,
        EXIT.input,
      );
    ensureFirstPair(folder, derivedKey({ PERENNIAL_SECRET }, 'license'));
  }
  return folder;
}

function shown(folder: string, context: CommandContext): void {
  const keys = acceptedKeys(folder).map(({ keyId, isCurrent, publicPem }) => ({
    keyId,
    current: isCurrent,
    publicKey: publicPem,
  }));
  context.output.answer({ folder, keys }, () =>
    textTable(keys, [
      { header: 'Key id', value: (row) => row.keyId },
      { header: 'Use', value: (row) => (row.current ? 'signs and checks' : 'checks') },
    ]),
  );
}

const FOLDER = [
  '--folder <dir>',
  'where the pairs are; default: license-keys in the data folder',
] as const;

export const keys: CommandModule = {
  register(command, context) {
    command.option(...FOLDER).action((options: { folder?: string }) => {
      shown(openFolder(options.folder, context), context);
    });
  },
};

export const rotate: CommandModule = {
  register(command, context) {
    command.option(...FOLDER).action((options: { folder?: string }) => {
      const folder = openFolder(options.folder, context);
      if (dry(context, `make a new key pair in ${folder}`)) return;
      rotateKey(folder);
      shown(folder, context);
    });
  },
};

export const retire: CommandModule = {
  register(command, context) {
    command
      .argument('<keyId>', 'the pair whose licenses are refused from now on')
      .option(...FOLDER)
      .action((keyId: string, options: { folder?: string }) => {
        const folder = openFolder(options.folder, context);
        if (dry(context, `refuse what ${keyId} signed`)) return;
        try {
          retireKey(folder, keyId);
        } catch (cause) {
          if (!(cause instanceof SigningKeyError)) throw cause;
          throw new CommandError(cause.message, EXIT.refused, { cause });
        }
        shown(folder, context);
      });
  },
};
