/** Bill runs as the review page shows them: the head that adds up, exceptions by cause, what approving would do. */
import {
  type BillRun,
  caughtUpLines,
  type Db,
  fourEyes,
  listRunItems,
  type BillRunItem as StoredItem,
  type User,
} from '../../db/index.ts';
import { decidedSheet } from '../../domain/bill-run/control.ts';
import type { Control } from '../../domain/bill-run/document.ts';
import { isOffCycleRun } from '../../workflows/ids.ts';
import type { ApiDependencies } from '../dependencies.ts';
import { may } from '../permissions.ts';
import type { BillRunCause, BillRunItem, BillRunReview, BillRunSummary } from '../types.ts';
import { counted, inWords, money, sums } from './money.ts';
import { accountNames } from './parties.ts';
import { namesOf } from './people.ts';
import { runFindings } from './run-findings.ts';

export type RunItemRow = Omit<StoredItem, 'document'> & { readonly document?: unknown };

/** Codes of exceptions, what they are and what a person does about them. Unknown codes speak through their reason. */
const CAUSES: Readonly<Record<string, { words: string; suggestion: string }>> = {
  held: {
    words: 'Differences that are too old to bill by themselves',
    suggestion: 'Include what is owed; leave out what was settled otherwise.',
  },
  carried: { words: 'Zero or carried to a later run', suggestion: 'Nothing to do.' },
  excluded: {
    words: 'Left out by a person',
    suggestion: 'Include it again if the reason is gone.',
  },
  failed: {
    words: 'Could not be issued',
    suggestion: 'Read the cause, correct it, and retry the contract.',
  },
  'price-missing': {
    words: 'No price in force',
    suggestion: 'Add a price to the price list or the subcontract, then compute again.',
  },
  'account-closed': {
    words: 'The account is closed',
    suggestion: 'Open the account again, or end the contract.',
  },
  'tax-missing': {
    words: 'No tax rate matches',
    suggestion: 'Add the rate for the account’s country and category, then compute again.',
  },
};

export async function runSummaries(db: Db, runs: readonly BillRun[]): Promise<BillRunSummary[]> {
  return Promise.all(
    runs.map(async (run) =>
      summaryOf(run, await listRunItems(db, run.run, { documents: false }), db),
    ),
  );
}

const isDocument = ({ kind }: Pick<StoredItem, 'kind'>) =>
  kind === 'invoice' || kind === 'credit_note';
const goesOut = (item: Pick<StoredItem, 'kind' | 'decision'>) =>
  isDocument(item) && item.decision === 'include';

async function summaryOf(
  run: BillRun,
  items: readonly StoredItem[],
  db: Db,
): Promise<BillRunSummary> {
  const nameOf = await namesOf(db);
  const out = items.filter(goesOut);
  return {
    run: run.run,
    month: run.run.slice(0, 7),
    runOn: run.runOn,
    clock: run.clock,
    state: run.state,
    words: runWords(run, out.length, items.filter((item) => item.state === 'issued').length),
    totals: totalsOf(out),
    invoiceCount: out.length,
    exceptionCount: items.filter((item) => causeOf(item) !== null).length,
    maker: run.maker === null ? null : nameOf(run.maker),
    checker: run.checker === null ? null : nameOf(run.checker),
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
  };
}

function totalsOf(items: readonly StoredItem[]) {
  return sums(items.map((item) => money(item.totalMinor, item.currency ?? '')));
}

function runWords(run: BillRun, documents: number, issued: number): string {
  switch (run.state) {
    case 'computing':
      return 'Being computed';
    case 'in_review':
      return run.reason === null ? 'In review' : `In review again: ${run.reason}`;
    case 'submitted':
      return 'Waits for a second person to approve it';
    case 'approved':
    case 'issuing':
      return `Issuing: ${issued} of ${counted(documents, 'document')}`;
    case 'issued':
      return run.failedCount === 0
        ? `${counted(run.issuedCount, 'document')} issued`
        : `${counted(run.issuedCount, 'document')} issued, ${run.failedCount} need you`;
    case 'refused':
      return `Refused: ${run.reason ?? 'no reason was given'}`;
    default:
      return `Failed: ${run.reason ?? 'see the engine'}`;
  }
}

/** The cause that makes an item an exception; null for a document that goes out as it should. */
function causeOf(item: StoredItem): string | null {
  if (item.state === 'failed') return 'failed';
  if (item.kind === 'set_aside') return item.code ?? 'set-aside';
  if (item.kind === 'held') return item.decision === 'include' ? null : 'held';
  if (item.kind === 'carried') return 'carried';
  return item.decision === 'include' ? null : 'excluded';
}

export async function itemViews(db: Db, items: readonly RunItemRow[]): Promise<BillRunItem[]> {
  const nameOf = await accountNames(
    db,
    items.map((item) => item.account),
  );
  const caughtUpOf = await caughtUpLines(db, items);
  return items.map((item) => {
    const amount = (minor: number | null) =>
      item.currency === null || minor === null ? null : money(minor, item.currency);
    const { lastYearNetMinor } = item;
    return {
      item: item.item,
      kind: item.kind,
      decision: item.decision,
      reason: item.reason,
      code: causeOf(item as StoredItem),
      account: item.account === null ? null : nameOf(item.account),
      contract: item.contract,
      entity: item.entity,
      currency: item.currency,
      net: amount(item.netMinor),
      tax: amount(item.taxMinor),
      total: amount(item.totalMinor),
      lastMonth: amount(item.lastMonthNetMinor),
      lastYear: amount(lastYearNetMinor),
      difference: lastYearNetMinor === null ? null : amount(item.netMinor - lastYearNetMinor),
      state: item.state,
      invoice: item.invoice,
      failure: item.failure,
      caughtUp: caughtUpOf(item),
    };
  });
}

/** The review page's head and its exceptions. */
export async function reviewOf(
  context: Pick<ApiDependencies, 'db' | 'now'>,
  run: BillRun,
  person: User,
): Promise<BillRunReview> {
  const { db } = context;
  const items = await listRunItems(db, run.run);
  const control = decidedSheet(
    (run.control ?? {}) as Control,
    items.filter(isDocument).map(({ kind, currency, netMinor, decision }) => ({
      isCredit: kind === 'credit_note',
      currency: currency ?? '',
      ...{ netMinor, decision },
    })),
  );
  const of = (kind: StoredItem['kind']) => items.filter((item) => item.kind === kind);
  const excluded = items.filter((item) => isDocument(item) && item.decision !== 'include');
  const setAside = of('set_aside').length;
  return {
    ...(await summaryOf(run, items, db)),
    entities: [...new Set(items.map((item) => item.entity).filter((entity) => entity !== null))],
    comparison: comparisonOf(items),
    control,
    controlAddsUp: controlAddsUp(control),
    warnings: run.warnings,
    exceptions: await causesOf(db, items),
    findings: may(person.role, 'finding:read') ? await runFindings(context, run, items) : [],
    counts: {
      invoices: of('invoice').filter(goesOut).length,
      creditNotes: of('credit_note').filter(goesOut).length,
      excluded: excluded.length,
      held: of('held').length,
      setAside,
      carried: of('carried').length,
      issued: items.filter((item) => item.state === 'issued').length,
      failed: items.filter((item) => item.state === 'failed').length,
    },
    willDo: willDo(items, setAside + of('held').length + excluded.length),
    shownHash: run.shownHash,
    shortCode: run.shownHash === null ? null : shortCode(run.shownHash),
    reason: run.reason,
    may: await permitted(db, run, person),
  };
}

/** What two people read to each other: eight characters in two groups. */
export const shortCode = (hash: string): string =>
  `${hash.slice(0, 4)}-${hash.slice(4, 8)}`.toUpperCase();

function controlAddsUp(control: Control): boolean {
  return Object.values(control).every(
    (c) => c.due === c.invoiced + c.held + c.excluded + c.setAside + c.carried,
  );
}

type ComparedItem = Pick<
  StoredItem,
  | 'kind'
  | 'decision'
  | 'currency'
  | 'netMinor'
  | 'taxMinor'
  | 'totalMinor'
  | 'lastMonthNetMinor'
  | 'lastYearNetMinor'
>;

/** What goes out beside what the same contracts were billed before, currencies in their order. */
export function comparisonOf(items: readonly ComparedItem[]): BillRunReview['comparison'] {
  const documents = items.filter(goesOut);
  const currencies = [...new Set(documents.map((item) => item.currency ?? ''))];
  return currencies.sort().map((currency) => {
    const mine = documents.filter((item) => item.currency === currency);
    const sum = (value: (item: ComparedItem) => number) =>
      mine.reduce((total, item) => total + value(item), 0);
    const known = (value: (item: ComparedItem) => number | null) =>
      mine.some((item) => value(item) !== null) ? sum((item) => value(item) ?? 0) : null;
    return {
      currency,
      net: sum((item) => item.netMinor),
      tax: sum((item) => item.taxMinor),
      total: sum((item) => item.totalMinor),
      credited: sum((item) => (item.kind === 'credit_note' ? item.netMinor : 0)),
      lastMonthNet: known((item) => item.lastMonthNetMinor),
      lastYearNet: known((item) => item.lastYearNetMinor),
      netOfLastMonths: known((item) => (item.lastMonthNetMinor === null ? null : item.netMinor)),
      netOfLastYears: known((item) => (item.lastYearNetMinor === null ? null : item.netMinor)),
    };
  });
}

async function causesOf(db: Db, items: readonly StoredItem[]): Promise<BillRunCause[]> {
  const groups = new Map<string, StoredItem[]>();
  for (const item of items) {
    const code = causeOf(item);
    if (code !== null) groups.set(code, [...(groups.get(code) ?? []), item]);
  }
  const causes = await Promise.all(
    [...groups].map(async ([code, members]): Promise<BillRunCause> => {
      const known = CAUSES[code];
      return {
        code,
        words: known?.words ?? members[0]?.reason ?? code,
        suggestion: known?.suggestion ?? 'Correct what the reason names, then compute again.',
        count: members.length,
        money: sums(
          members
            .filter((item) => item.currency !== null)
            .map((item) => money(item.netMinor, item.currency ?? '')),
        ),
        items: await itemViews(db, members),
      };
    }),
  );
  const weight = (cause: BillRunCause) =>
    cause.money.reduce((most, { amount }) => Math.max(most, Math.abs(amount)), 0);
  return causes.sort((a, b) => weight(b) - weight(a) || (a.code < b.code ? -1 : 1));
}

/** What approving does, said before it is done. */
function willDo(items: readonly StoredItem[], left: number): string {
  const documents = items.filter(goesOut);
  const invoices = documents.filter((item) => item.kind === 'invoice');
  const notes = documents.filter((item) => item.kind === 'credit_note');
  const parts = [
    `Issues ${counted(invoices.length, 'invoice')} for ${inWords(totalsOf(invoices))}`,
  ];
  if (notes.length > 0)
    parts.push(`${counted(notes.length, 'credit note')} for ${inWords(totalsOf(notes))}`);
  parts.push(`leaves ${left} for you`);
  return parts.join(', ');
}

async function permitted(db: Db, run: BillRun, person: User): Promise<BillRunReview['may']> {
  const reviews = run.state === 'in_review';
  const submitted = run.state === 'submitted';
  const own = submitted && run.maker === person.id && (await fourEyes(db));
  const decides = submitted && may(person.role, 'bill-run:approve');
  return {
    submit: reviews && may(person.role, 'bill-run:submit'),
    approve: decides && !own,
    refuse: decides,
    change: reviews && may(person.role, 'bill-run:review'),
    withdraw:
      isOffCycleRun(run.run) &&
      (reviews || submitted || run.state === 'computing') &&
      may(person.role, 'bill-run:start'),
    why: own
      ? 'You submitted this run; a second person approves it.'
      : submitted && !decides
        ? 'Approvers decide on it now.'
        : null,
  };
}
