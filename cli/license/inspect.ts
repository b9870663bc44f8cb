import type { Command } from 'commander';
import { inspectLicense } from '../../connectors/license/own/verification.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { readLicense } from './files.ts';

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<key-or-file>', 'a key (key/…), or the path of a license file')
    .option('--license-key <key>', 'opens an encrypted license file')
    .action((given: string, options: { licenseKey?: string }) => {
      const inspection = inspectLicense(readLicense(given, context), options.licenseKey ?? null);
      if (inspection === null)
        throw new CommandError('neither a license key nor a license file', EXIT.failed);
      const { form, content, fingerprint } = inspection;
      context.output.answer({ form, claims: content, fingerprint, verified: false }, () =>
        content === null
          ? `${form}: does not open; give the license key it was issued with (--license-key)`
          : `${form}, signature not checked (license verify does)\n${JSON.stringify(content, null, 2)}`,
      );
    });
}
