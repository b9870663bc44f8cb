/** What an action on a finding is made of, and what the engine says of the books before and after it. */
import type { z } from 'zod';
import {
  type ConnectedSystems,
  type LoadOptions,
  loadBook,
  type StoredFinding,
} from '../../db/index.ts';
import { previewBillRun } from '../../domain/bill-run/preview.ts';
import { runDayOnOrAfter } from '../../domain/bill-run/run-day.ts';
import type { Book } from '../../domain/book/tables.ts';
import type { CivilDate } from '../../domain/dates/dates.ts';
import type { OutsideRecords } from '../../domain/findings/outside.ts';
import { lookOver } from '../../domain/findings/pass.ts';
import type { Actor } from '../../workflows/messages.ts';
import type { RouteContext } from '../app.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { ProblemError } from '../problems.ts';
import type { FindingField, Money, PreviewChange } from '../types.ts';
import { inWords, money, sums } from '../views/money.ts';

/** What an action reads; it acts through the whole context. */
export type Reading = Pick<ApiDependencies, 'db' | 'now'>;
export type Input = Readonly<Record<string, string>>;

export interface Deed {
  readonly actor: Actor;
  readonly reason: string;
  /** The request's id: the same request again is the same deed. */
  readonly request: string;
}
export interface Done {
  /** The event that is noted on the finding; null where the deed's own process notes it. */
  readonly kind: string | null;
  readonly words: string;
  readonly link: string | null;
  readonly waitsForApproval: boolean;
}
export interface Plan {
  /** What will happen, in one or two sentences. */
  readonly words: string;
  readonly changes: readonly PreviewChange[];
  readonly needsApproval: boolean;
  carryOut(context: RouteContext, deed: Deed): Promise<Done>;
}

/** What an action looks at. */
export interface Case {
  readonly context: Reading;
  readonly row: StoredFinding;
  readonly today: CivilDate;
  /** What the worker is connected to. */
  readonly connected: ConnectedSystems;
  /** What the rule compares besides the book; nothing where the book is enough. */
  readonly outside: OutsideRecords;
}

export interface FindingAction {
  /** For a button. */
  readonly label: string;
  readonly words: string;
  readonly needsApproval?: true;
  /** Done elsewhere: where. */
  readonly link?: (found: Case) => string | null;
  /** Why it can not be done here; null where it can. */
  readonly unavailable?: (found: Case) => string | null;
  readonly fields?: (found: Case) => Promise<FindingField[]>;
  readonly plan?: (found: Case, input: Input) => Promise<Plan>;
}

// ---------------------------------------------------------------- input

export const field = (
  name: string,
  label: string,
  kind: FindingField['kind'],
  more: Partial<FindingField> = {},
): FindingField => ({
  name,
  label,
  kind,
  initial: null,
  optional: false,
  hint: null,
  choices: [],
  ...more,
});

/** @throws ProblemError `validation-failed` with what is wrong, field by field. */
export function parsed<S extends z.ZodType>(schema: S, input: Input): z.infer<S> {
  const given = Object.fromEntries(
    Object.entries(input).filter(([, value]) => value.trim() !== ''),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message }) => ({
    path: `input.${path.join('.')}`,
    message,
  }));
  throw new ProblemError(
    'validation-failed',
    errors.map(({ path, message }) => `${path}: ${message}`).join('; '),
    { errors },
  );
}

// ---------------------------------------------------------------- the books before and after

/** The part of the book that a finding is about: its contract's, else its account's, else all of it. */
export function partOfBook({ context, row }: Case): Promise<Book> {
  const options: LoadOptions =
    row.contract !== null
      ? { contracts: [row.contract] }
      : row.account !== null
        ? { accounts: [row.account] }
        : { clock: null };
  return loadBook(context.db, options);
}

export const amountText = (minor: number, currency: string | null): string =>
  currency === null ? 'found' : inWords([money(minor, currency)]);

/** What the rule says of the finding before and after a change of the book. */
export function findingChange(found: Case, before: Book, after: Book): PreviewChange {
  const { row, today, outside } = found;
  const seen = (book: Book): string => {
    const again = lookOver(book, today, outside).seen.get(row.key);
    return again === undefined ? 'mended' : amountText(again.amountMinor, again.currency);
  };
  return { name: 'This finding', before: seen(before), after: seen(after) };
}

/** What the next month's run would bill for the finding's contract before and after a change of the book. */
export function nextRunChange({ row, today }: Case, before: Book, after: Book): PreviewChange[] {
  const { contract } = row;
  if (contract === null) return [];
  const run = runDayOnOrAfter(today);
  const bills = (book: Book): string => {
    const { invoices, creditNotes, setAside } = previewBillRun(book, { run, contract });
    if (setAside.length > 0) return `set aside: ${setAside[0]?.reason ?? ''}`;
    const nets: Money[] = [...invoices, ...creditNotes].map(({ net, currency }) =>
      money(net, currency),
    );
    return inWords(sums(nets));
  };
  return [{ name: `Net of the run of ${run}`, before: bills(before), after: bills(after) }];
}

// ---------------------------------------------------------------- contracts

export function contractOf(row: StoredFinding): string {
  if (row.contract === null)
    throw new ProblemError('state-conflict', 'This finding is about no contract.');
  return row.contract;
}

export function subcontractOf(row: StoredFinding): string {
  if (row.subcontract === null)
    throw new ProblemError('state-conflict', 'This finding is about no subcontract.');
  return row.subcontract;
}

export const textOf = (row: StoredFinding, name: string): string | null => {
  const value = row.told.evidence[name];
  return typeof value === 'string' && value !== '' ? value : null;
};
