/** `perennial run …`: a month's bill run through the API; a second person's key approves it. */
import { setTimeout as wait } from 'node:timers/promises';
import { runDayOf } from '../../domain/bill-run/run-day.ts';
import type { CommandModule } from '../commands.ts';
import { type CommandContext, CommandError, EXIT } from '../context.ts';
import { apiClient, dry, part, reasonOf } from '../http/client.ts';
import { amount, type Money } from '../http/words.ts';
import { textTable } from '../output.ts';

interface Review {
  readonly run: string;
  readonly state: string;
  readonly words: string;
  readonly willDo: string;
  readonly totals: readonly Money[];
  readonly shownHash: string | null;
  readonly shortCode: string | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly exceptions: readonly {
    code: string;
    words: string;
    count: number;
    suggestion: string;
  }[];
}

const COMPUTING_MS = 60_000;

function monthOf(text: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])([@+][\w.-]+)?$/.test(text)) return text;
  throw new CommandError(`${text} is no month; give it as 2026-11.`, EXIT.input);
}

const review = (context: CommandContext, run: string) =>
  apiClient(context).get<Review>(`/bill-runs/${part(run)}`);

function inWords(found: Review): string {
  const lines = [`${found.run}: ${found.words}`, found.willDo];
  if (found.shortCode !== null) lines.push(`Numbers: ${found.shortCode}`);
  if (found.exceptions.length > 0)
    lines.push(
      '',
      textTable(found.exceptions, [
        { header: 'Count', value: (row) => String(row.count), align: 'right' },
        { header: 'Exception', value: (row) => row.words },
        { header: 'What to do', value: (row) => row.suggestion },
      ]),
    );
  return lines.join('\n');
}

export const preview: CommandModule = {
  register(command, context) {
    command
      .argument('<month>', 'YYYY-MM')
      .option('--contract <number>', 'only this contract')
      .action(async (month: string, options: { contract?: string }) => {
        const [yearMonth = month, clock] = monthOf(month).split('@');
        const { body } = await apiClient(context).send<{
          totals: Money[];
          documents: { kind: string; contract: string | null; total: Money; dueDate: string }[];
        }>('POST', '/bill-runs/preview', {
          runOn: runDayOf(yearMonth),
          ...(clock === undefined ? {} : { clock }),
          ...options,
        });
        context.output.answer(body, () =>
          [
            textTable(body.documents, [
              { header: 'Contract', value: (row) => row.contract ?? '' },
              { header: 'Kind', value: (row) => row.kind },
              { header: 'Due', value: (row) => row.dueDate },
              { header: 'Total', value: (row) => amount(row.total), align: 'right' },
            ]),
            `Together ${body.totals.map(amount).join(', ')}`,
          ].join('\n'),
        );
      });
  },
};

export const start: CommandModule = {
  register(command, context) {
    command
      .argument('<month>', 'YYYY-MM; a rehearsal’s run adds its clock: 2026-11@DEMO')
      .option('--run-on <date>', 'the run date; default: the 15th')
      .action(async (given: string, { runOn }: { runOn?: string }) => {
        const run = monthOf(given);
        const [month, clock] = run.split('@');
        if (dry(context, `compute the bill run ${run} for review`)) return;
        await apiClient(context).send('POST', '/bill-runs', {
          month,
          ...(runOn === undefined ? {} : { runOn }),
          ...(clock === undefined ? {} : { clock }),
        });
        const found = await computed(context, run);
        context.output.answer(found, () => inWords(found));
      });
  },
};

/** Waits until the run is there and computed; a worker does that. */
async function computed(context: CommandContext, run: string): Promise<Review> {
  const endsAt = Date.now() + COMPUTING_MS;
  for (;;) {
    const found = await review(context, run).catch((error: unknown) => {
      if (error instanceof CommandError && /not-found/.test(error.message)) return null;
      throw error;
    });
    if (found !== null && found.state !== 'computing') return found;
    if (Date.now() > endsAt)
      throw new CommandError(`${run} is still being computed; look with \`run status ${run}\`.`);
    await wait(500);
  }
}

export const status: CommandModule = {
  register(command, context) {
    command.argument('<month>', 'YYYY-MM').action(async (month: string) => {
      const found = await review(context, monthOf(month));
      context.output.answer(found, () => inWords(found));
    });
  },
};

export const submit: CommandModule = {
  register(command, context) {
    command.argument('<month>', 'YYYY-MM').action(async (given: string) => {
      const run = monthOf(given);
      const before = await review(context, run);
      if (dry(context, `submit ${run}: ${before.willDo}`)) return;
      await apiClient(context).send('POST', `/bill-runs/${part(run)}/submit`);
      const found = await review(context, run);
      context.output.answer(found, () => inWords(found));
    });
  },
};

export const approve: CommandModule = {
  register(command, context) {
    command
      .argument('<month>', 'YYYY-MM')
      .option('--hash <hash>', 'the numbers that were shown; default: those shown now')
      .action(async (given: string, { hash }: { hash?: string }) => {
        const run = monthOf(given);
        const shown = await review(context, run);
        const shownHash = hash ?? shown.shownHash;
        if (shownHash === null)
          throw new CommandError(`${run} has not been submitted for approval.`, EXIT.refused);
        if (dry(context, `approve ${run}: ${shown.willDo}`)) return;
        await apiClient(context).send('POST', `/bill-runs/${part(run)}/approve`, { shownHash });
        const found = await review(context, run);
        context.output.answer(found, () => inWords(found));
      });
  },
};

export const refuse: CommandModule = {
  register(command, context) {
    command.argument('<month>', 'YYYY-MM').action(async (given: string) => {
      const run = monthOf(given);
      const reason = reasonOf(context);
      if (dry(context, `send ${run} back to review`)) return;
      await apiClient(context).send('POST', `/bill-runs/${part(run)}/refuse`, { reason });
      const found = await review(context, run);
      context.output.answer(found, () => inWords(found));
    });
  },
};
