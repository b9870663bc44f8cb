/**
 * Billing or crediting one difference at once. It goes through a bill run of its own, so that everything a run checks is
 * checked and a second person approves exactly what was shown; where an open run holds the difference, it is included there.
 */
import {
  findingName,
  knownVatAnswers,
  listRunItems,
  listRuns,
  type StoredFinding,
} from '../../db/index.ts';
import type { BillDocument } from '../../domain/bill-run/document.ts';
import { type AskedDifference, previewBillRun } from '../../domain/bill-run/preview.ts';
import { rowOf } from '../../domain/book/blank-row.ts';
import { indexBook } from '../../domain/book/book-index.ts';
import type { Book } from '../../domain/book/tables.ts';
import { formatMinor } from '../../domain/money/money.ts';
import { vatNumbersToAsk } from '../../domain/tax/vat-check.ts';
import { vatNumberKey } from '../../domain/tax/vat-number.ts';
import { billRunWorkflowId, findingRunName } from '../../workflows/ids.ts';
import { runInclude, runSubmit } from '../../workflows/messages.ts';
import { ProblemError } from '../problems.ts';
import type { PreviewChange } from '../types.ts';
import { amountText, type Case, findingChange, type Plan, partOfBook, textOf } from './plan.ts';

/** Which difference the finding is, as a run names it. */
function differenceOf(row: StoredFinding): AskedDifference {
  const subject = textOf(row, 'entry') ?? row.subcontract;
  const periodStart = textOf(row, 'periodStart') ?? textOf(row, 'date');
  if (subject === null || periodStart === null)
    throw new ProblemError('state-conflict', 'This finding names no period that could be billed.');
  return { subject, periodStart };
}

interface OpenItem {
  readonly run: string;
  readonly item: string;
  readonly state: string;
}

const OPEN = ['computing', 'in_review', 'submitted', 'approved', 'issuing'];

function bills(document: BillDocument, { subject, periodStart }: AskedDifference): boolean {
  return document.lines.some(
    (line) =>
      (line.subcontract === subject && line.periodStart === periodStart) ||
      line.entries?.includes(subject) === true,
  );
}

/** Where an open run has the difference already: as an old find that it holds, or on a document. */
async function inOpenRun(
  { context: { db } }: Case,
  asked: AskedDifference,
): Promise<{ held: OpenItem | null; billed: OpenItem | null }> {
  const runs = (await listRuns(db)).filter(({ state }) => OPEN.includes(state));
  let held: OpenItem | null = null;
  let billed: OpenItem | null = null;
  for (const { run, state } of runs)
    for (const item of await listRunItems(db, run, { kinds: ['invoice', 'credit_note', 'held'] })) {
      const here = { run, item: item.item, state };
      const isHeld = item.kind === 'held' && item.decision !== 'include';
      if (isHeld && item.item.startsWith(`held:${asked.subject}:${asked.periodStart}`))
        held ??= here;
      if (item.document !== null && bills(item.document, asked)) billed ??= here;
    }
  return { held, billed };
}

async function documentsFor(
  found: Case,
  book: Book,
  only: AskedDifference,
): Promise<BillDocument[]> {
  const { row, today, context } = found;
  const keys = vatNumbersToAsk(indexBook(book), today).map(vatNumberKey);
  const preview = previewBillRun(book, {
    run: today,
    only,
    vatValidations: await knownVatAnswers(context.db, keys),
    ...(row.contract === null ? {} : { contract: row.contract }),
  });
  const documents = [...preview.invoices, ...preview.creditNotes];
  const [aside] = preview.setAside;
  if (documents.length === 0)
    throw new ProblemError(
      'state-conflict',
      aside === undefined
        ? 'Nothing is due of it today: it was billed meanwhile, or its run has not come yet.'
        : `It can not be billed as it stands: ${aside.reason}`,
    );
  return documents;
}

/** The book as it will be once the document is issued. */
function withDocument(book: Book, document: BillDocument, at: number): Book {
  const { currency, account, entity, contract, net, tax, total } = document;
  const invoice = `\u0000preview-${at}`;
  const major = (minor: number) => formatMinor(minor, currency);
  const head = rowOf('invoices', {
    ...{ invoice, account, entity, contract, currency },
    type: net < 0 ? 'credit_note' : 'invoice',
    status: 'issued',
    issued: document.issueDate,
    due: document.dueDate,
    net: major(net),
    tax: major(tax),
    total: major(total),
    balance: major(total),
    custom: { source: 'perennial' },
  });
  const lines = document.lines.map((line, index) =>
    rowOf('invoice_lines', {
      invoice,
      line: String(index + 1),
      subcontract: line.subcontract,
      sku: line.sku,
      entry: line.entries?.join(';') ?? null,
      periodStart: line.periodStart,
      periodEnd: line.periodEnd,
      net: major(line.net),
      tax: '0',
      custom: line.contract === null ? {} : { contract: line.contract },
    }),
  );
  return {
    ...book,
    invoices: [...book.invoices, head],
    invoice_lines: [...book.invoice_lines, ...lines],
  };
}

function documentChange(document: BillDocument): PreviewChange {
  const { net, tax, total, currency, account, dueDate, lines } = document;
  const what = net < 0 ? 'Credit note' : 'Invoice';
  const described = lines.map(({ description }) => description).join('; ');
  return {
    name: `${what} to ${account}`,
    before: 'none',
    after:
      `${amountText(total, currency)} (${amountText(net, currency)} net and ${amountText(tax, currency)} tax), ` +
      `due ${dueDate}: ${described}`,
  };
}

/** `billNow` and `credit`: an invoice where something is missed, a credit note where something is owed. */
export async function billingPlan(found: Case): Promise<Plan> {
  const { row, today } = found;
  const only = differenceOf(row);
  const { held, billed } = await inOpenRun(found, only);
  if (billed !== null)
    throw new ProblemError(
      'state-conflict',
      `Bill run ${billed.run} has a document that bills it already; decide there.`,
    );
  if (held !== null && held.state !== 'in_review')
    throw new ProblemError(
      'state-conflict',
      `Bill run ${held.run} holds it and is being approved; try again after it is issued.`,
    );
  const book = await partOfBook(found);
  const documents = await documentsFor(found, book, only);
  const after = documents.reduce(
    (changed, document, at) => withDocument(changed, document, at),
    book,
  );
  const changes = [...documents.map(documentChange), findingChange(found, book, after)];
  if (held !== null) return includePlan(held, changes);
  const finding = findingName(row.number);
  const run = findingRunName(today.slice(0, 7), finding);
  return {
    words:
      `Computes bill run ${run} with this difference alone and submits it. ` +
      'A second person approves it; then it is numbered, sent and booked.',
    changes,
    needsApproval: true,
    carryOut: async ({ processes }, { actor, request }) => {
      const { contract, account } = row;
      await processes.startBillRun({
        run,
        runOn: today,
        clock: null,
        startedBy: actor,
        only: { contract, account, ...only },
      });
      await processes.update(billRunWorkflowId(run), runSubmit, [actor], request);
      const words = `${documents.map((one) => documentChange(one).after).join('; ')} in bill run ${run}`;
      const link = `/bill-runs/${encodeURIComponent(run)}`;
      return { kind: 'billing-asked', words, link, waitsForApproval: true };
    },
  };
}

function includePlan({ run, item }: OpenItem, changes: readonly PreviewChange[]): Plan {
  return {
    words: `Includes it in bill run ${run}, which is in review; a second person approves the run.`,
    changes,
    needsApproval: true,
    carryOut: async ({ processes }, { actor, reason, request }) => {
      await processes.update(
        billRunWorkflowId(run),
        runInclude,
        [{ item, reason }, actor],
        request,
      );
      const link = `/bill-runs/${encodeURIComponent(run)}`;
      return { kind: 'included-in-run', words: `bill run ${run}`, link, waitsForApproval: true };
    },
  };
}
