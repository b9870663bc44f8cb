import type { Command } from 'commander';
import { signLicense } from '../../connectors/license/own/issuer.ts';
import { LICENSE_FORMATS, type LicenseFormat } from '../../connectors/license/port.ts';
import { LICENSE_KINDS, type LicenseClaims, readClaims } from '../../domain/licenses/claims.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { collect, loadPrivateKey } from './files.ts';

interface IssueOptions {
  readonly account: string;
  readonly product: string;
  readonly edition: string;
  readonly seats: string;
  readonly from: string;
  readonly through: string;
  readonly kind: string;
  readonly feature?: readonly string[];
  readonly privateKey: string;
  readonly format: string;
}

export function register(command: Command, context: CommandContext): void {
  command
    .requiredOption('--account <account>', 'whose license it is')
    .requiredOption('--product <product>', 'what it is for')
    .requiredOption('--edition <edition>', 'which edition of it')
    .requiredOption('--seats <number>', 'how many seats, a whole number')
    .requiredOption('--from <date>', 'the first day, YYYY-MM-DD')
    .requiredOption('--through <date>', 'the last day, inclusive, YYYY-MM-DD')
    .option('--kind <kind>', LICENSE_KINDS.join(', '), 'full')
    .option('--feature <name>', 'switched on beyond the edition; may be repeated', collect)
    .requiredOption('--private-key <file>', 'private.pem of license keygen')
    .option('--format <format>', LICENSE_FORMATS.join(', '), 'key')
    .action((options: IssueOptions) => {
      const format = formatOf(options.format);
      const claims = claimsOf(options);
      const signed = signLicense(claims, format, loadPrivateKey(options.privateKey, context));
      answer(signed, format, context);
    });
}

function answer(
  { key, file }: { readonly key: string; readonly file: string | null },
  format: LicenseFormat,
  context: CommandContext,
): void {
  if (file === null) {
    context.output.answer({ key }, () => key);
    return;
  }
  context.output.answer(format === 'file' ? { file } : { file, key }, () => file);
  // Apart from the file, so that `> acme.lic` holds the file alone.
  if (format === 'encrypted-file' && !context.options.json)
    context.output.warn(`It opens with this key:\n${key}`);
}

function formatOf(given: string): LicenseFormat {
  const format = LICENSE_FORMATS.find((known) => known === given);
  if (format !== undefined) return format;
  throw new CommandError(
    `--format ${given}: must be one of ${LICENSE_FORMATS.join(', ')}`,
    EXIT.input,
  );
}

const OPTIONS: Readonly<Record<string, string>> = {
  validFrom: '--from',
  validThrough: '--through',
  features: '--feature',
};

function claimsOf(options: IssueOptions): LicenseClaims {
  const { account, product, edition, seats, from, through, kind, feature } = options;
  const reading = readClaims({
    account,
    product,
    edition,
    seats: /^\d{1,10}$/.test(seats) ? Number(seats) : null,
    validFrom: from,
    validThrough: through,
    kind,
    ...(feature === undefined ? {} : { features: feature }),
  });
  if (reading.ok) return reading.claims;
  const wrong = reading.problems.map(
    ({ claim, message }) => `${OPTIONS[claim] ?? `--${claim}`} ${message}`,
  );
  throw new CommandError(wrong.join('; '), EXIT.input);
}
