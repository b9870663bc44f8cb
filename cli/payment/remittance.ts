/** `perennial payment remittance FILE`: a remittance advice read (text, mail, PDF, scan); it proposes, nothing is booked. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import { MAX_PAPER_BYTES } from '../../connectors/papers/paper-text.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { apiClient, dry, part } from '../http/client.ts';
import { amount, type Money } from '../http/words.ts';

interface Read {
  readonly payer: string | null;
  readonly readBy: string;
  readonly total: Money | null;
  readonly lines: readonly { readonly invoice: string; readonly amount: Money | null }[];
  readonly payment: string | null;
  readonly fits: readonly { readonly payment: string; readonly name: string }[];
}

/** A paper's bytes, looked at before they are read. */
export async function paperBytes(context: CommandContext, given: string): Promise<Uint8Array> {
  const path = context.path(given);
  const found = await stat(path).catch((error: unknown) => {
    throw new CommandError(`${given} cannot be read.`, EXIT.input, { cause: error });
  });
  if (found.size > MAX_PAPER_BYTES)
    throw new CommandError(`${given} is too large: at most ${MAX_PAPER_BYTES} bytes.`, EXIT.input);
  return readFile(path);
}

interface Kept {
  readonly paper: string;
  readonly reading: { readonly state: 'reading' | 'read' | 'failed'; readonly words: string };
}
const LOOK_AGAIN_MS = 1_000;

/**
 * Brings a paper and waits until it is read: a scan takes longer than a request may.
 * @param place `/payments/papers` or `/orders/papers`
 */
export async function bringPaper<T>(
  context: CommandContext,
  { place, query, bytes }: { place: string; query: Record<string, string>; bytes: Uint8Array },
): Promise<T> {
  const client = apiClient(context);
  const sent = await client.send<T & Kept>('POST', `${place}?${new URLSearchParams(query)}`, bytes);
  let { body } = sent;
  while (body.reading.state === 'reading') {
    await wait(LOOK_AGAIN_MS);
    body = await client.get<T & Kept>(`${place}/${part(body.paper)}`);
  }
  if (body.reading.state === 'failed') throw new CommandError(body.reading.words, EXIT.input);
  return body;
}

export function register(command: Command, context: CommandContext): void {
  command
    .argument('<file>', 'text, mail (.eml), PDF or picture')
    .option('--payment <key>', 'the payment that it tells of, where that is known')
    .action(async (given: string, options: { payment?: string }) => {
      const bytes = await paperBytes(context, given);
      if (dry(context, `read ${given}`)) return;
      const query = { fileName: basename(given), ...options };
      const body = await bringPaper<Read>(context, { place: '/payments/papers', query, bytes });
      context.output.answer(body, () => words(body));
    });
}

function words({ payer, readBy, total, lines, payment, fits }: Read): string {
  const rows = lines.map(
    (line) =>
      `  ${line.invoice}  ${line.amount === null ? 'no amount of its own' : amount(line.amount)}`,
  );
  const of =
    payment !== null
      ? `Of payment ${payment}.`
      : fits.length > 0
        ? `It could be of ${fits.map((one) => one.payment).join(' or ')}: say --payment.`
        : 'No payment of that sum waits.';
  const sum = total === null ? 'no sum' : amount(total);
  return [`Read as ${readBy}: ${payer ?? 'payer not known'}, ${sum}.`, ...rows, of].join('\n');
}
