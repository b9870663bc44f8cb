import type { Command } from 'commander';
import {
  type Verification,
  type VerificationTerms,
  verifyLicense,
} from '../../connectors/license/own/verification.ts';
import { type CommandContext, EXIT } from '../context.ts';
import { collect, dateOption, loadPublicKeys, loadRevocations, readLicense } from './files.ts';

interface VerifyOptions {
  readonly publicKey: readonly string[];
  readonly licenseKey?: string;
  readonly on?: string;
  readonly revocations?: string;
}

/** Exit 0 when valid, 1 when not, 2 when a file is missing or unusable. */
export function register(command: Command, context: CommandContext): void {
  command
    .argument('<key-or-file>', 'a key (key/…), or the path of a license file')
    .requiredOption('--public-key <file>', 'public.pem; repeat to accept several', collect)
    .option('--license-key <key>', 'opens an encrypted license file')
    .option('--on <date>', 'the day to check for; default today (UTC)')
    .option('--revocations <file>', 'a signed revocation list')
    .action((given: string, options: VerifyOptions) => {
      const verification = verifyLicense(readLicense(given, context), termsOf(options, context));
      context.output.answer(verification, () => inWords(verification));
      if (!verification.valid) context.finish(EXIT.failed);
    });
}

function termsOf(options: VerifyOptions, context: CommandContext): VerificationTerms {
  const publicKeys = loadPublicKeys(options.publicKey, context);
  const { licenseKey, revocations } = options;
  const list = revocations === undefined ? null : loadRevocations(revocations, publicKeys, context);
  const today = dateOption(options.on, '--on');
  // A list is never of tomorrow: where it is, the clock was set back.
  const isBack = options.on === undefined && list !== null && (list.issuedOn ?? today) > today;
  return {
    publicKeys,
    on: isBack ? (list.issuedOn ?? today) : today,
    ...(licenseKey === undefined ? {} : { licenseKey }),
    ...(list === null ? {} : { revocations: list.revocations }),
  };
}

function inWords({ code, message, claims }: Verification): string {
  if (claims === null) return `${code}: ${message}`;
  const { account, product, edition, seats, validFrom, validThrough, kind } = claims;
  const what = `${product} ${edition}, ${seats} seat${seats === 1 ? '' : 's'}, ${kind}`;
  return `${message}\n${account}: ${what}, ${validFrom} through ${validThrough}`;
}
