/** Small books as files, asked through the command line as a script would ask, and answered in short lines. */
import { rm } from 'node:fs/promises';
import { main } from '../../../cli/main.ts';
import type { BillDocument, BillLine, BillRunPreview } from '../../../domain/bill-run/document.ts';
import { type Files, folder } from '../../connectors/book/books.ts';

/** One answer of a command with --json, and how it ended. */
export interface Told<T> {
  readonly code: number;
  readonly answer: T;
  readonly talk: string;
}

/** Runs a command on a book of these tables (what is not given is as in books.ts, null is left out). */
export async function told<T>(
  files: Files,
  ask: (path: string) => readonly string[],
): Promise<Told<T>> {
  const path = await folder(files);
  try {
    return await toldOf<T>(ask(path));
  } finally {
    await rm(path, { recursive: true });
  }
}

export async function toldOf<T>(args: readonly string[]): Promise<Told<T>> {
  let [words, talk] = ['', ''];
  const code = await main([...args, '--json'], {
    stdout: { write: (text) => (words += text) },
    stderr: { write: (text) => (talk += text) },
    env: {},
    workingDirectory: '/',
  });
  return { code, answer: JSON.parse(words === '' ? 'null' : words) as T, talk };
}

export type Preview = Omit<BillRunPreview, 'carried'>;

export async function preview(files: Files, run: string, ...more: string[]): Promise<Preview> {
  const { code, answer } = await told<Preview>(files, (path) => [
    'book',
    'preview',
    path,
    '--run',
    run,
    ...more,
  ]);
  if (code !== 0) throw new Error(`book preview ended with ${code}`);
  return answer;
}

export function documents(answer: Preview): BillDocument[] {
  return [...answer.invoices, ...answer.creditNotes];
}

export function lines(answer: Preview): BillLine[] {
  return documents(answer).flatMap((document) => document.lines);
}

/** "S-1 recurring 2026-01-01..2026-12-31 20000" for each line of the invoices, then of the credit notes. */
export function short(answer: Preview): string[] {
  return lines(answer).map(
    ({ subcontract, kind, periodStart, periodEnd, net }) =>
      `${subcontract ?? '-'} ${kind} ${periodStart}..${periodEnd} ${net}`,
  );
}

/** "net+tax=total due" for each document. */
export function sums(answer: Preview): string[] {
  return documents(answer).map(
    ({ net, tax, total, dueDate }) => `${net}+${tax}=${total} due ${dueDate}`,
  );
}

/** "C-1 missing-price" for each contract that was set aside. */
export function aside(answer: Preview): string[] {
  return answer.setAside.map(({ contract, code }) => `${contract} ${code}`);
}
