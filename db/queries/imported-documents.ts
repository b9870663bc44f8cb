/** Imported history as documents: amounts in minor units, what is open of each line, payments with what is unapplied. */
import type { Book, Row } from '../../domain/book/tables.ts';
import { addDays } from '../../domain/dates/dates.ts';
import { parseMinor, splitByLargestRemainder } from '../../domain/money/money.ts';
import { dueDateOf, parsePaymentTerms } from '../../domain/payment-terms/payment-terms.ts';
import type { Db } from '../connect.ts';
import {
  creditApplications,
  type invoiceLines,
  type invoices,
  type paymentAllocations,
  type payments,
} from '../schema.ts';
import { factRows } from './facts.ts';
import { postOpenings } from './opening-entries.ts';

type NewInvoice = typeof invoices.$inferInsert;
type NewLine = typeof invoiceLines.$inferInsert;
type NewPayment = typeof payments.$inferInsert;
type NewAllocation = typeof paymentAllocations.$inferInsert;
type NewApplication = typeof creditApplications.$inferInsert;

export interface InvoiceDraft {
  readonly invoice: NewInvoice & { balanceMinor: number; state: NonNullable<NewInvoice['state']> };
  readonly lines: readonly (NewLine & { openMinor: number })[];
}
export interface ImportedBook {
  readonly book: Book;
  /** Rows that are not recorded yet. */
  readonly invoices: readonly Row<'invoices'>[];
  readonly payments: readonly Row<'payments'>[];
  readonly allocations: readonly Row<'payment_allocations'>[];
  readonly source: string;
}
export interface DocumentDrafts {
  readonly invoices: readonly InvoiceDraft[];
  readonly payments: readonly NewPayment[];
  readonly allocations: readonly NewAllocation[];
  /** Opening entries and applied credits, once the rows are there. */
  post(tx: Db): Promise<void>;
}

/** The entity of rows that name none, where the book has none either. */
export const DEFAULT_ENTITY = 'default';

interface Context {
  readonly accounts: ReadonlyMap<string, Row<'accounts'>>;
  readonly contracts: ReadonlyMap<string, Row<'contracts'>>;
  readonly entities: ReadonlyMap<string, Row<'entities'>>;
  readonly onlyEntity: string;
}

function entityOf(
  context: Context,
  row: { entity?: string | null; account: string; contract?: string | null },
): string {
  const contract = row.contract ? context.contracts.get(row.contract) : undefined;
  const account = context.accounts.get(row.account);
  return row.entity ?? contract?.entity ?? account?.entity ?? context.onlyEntity;
}

/** The row's currency, else the contract's, else the account's, else the entity's. */
function currencyOf(
  context: Context,
  row: {
    currency: string | null;
    account: string;
    entity?: string | null;
    contract?: string | null;
  },
): string {
  const contract = row.contract ? context.contracts.get(row.contract) : undefined;
  const account = context.accounts.get(row.account);
  const entity = context.entities.get(entityOf(context, row));
  return row.currency ?? contract?.currency ?? account?.currency ?? entity?.currency ?? 'USD';
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

const sum = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0);
const VOID = new Set(['draft', 'void', 'voided', 'cancelled']);
const isVoid = (status: string) => VOID.has(status.toLowerCase());

interface Amounts {
  readonly net: number;
  readonly tax: number;
  readonly total: number;
  readonly lineNets: readonly number[];
  readonly lineTaxes: readonly number[];
}

/** The document's sums; what the head does not say follows from the lines, what lines do not say from the head. */
function amountsOf(
  row: Row<'invoices'>,
  lines: readonly Row<'invoice_lines'>[],
  currency: string,
): Amounts {
  const minor = (value: string | null) => (value === null ? null : parseMinor(value, currency));
  const lineNets = lines.map(({ net }) => parseMinor(net, currency));
  const given = lines.map(({ tax }) => minor(tax));
  const givenTax = sum(given.map((tax) => tax ?? 0));
  const total = minor(row.total);
  const headNet = minor(row.net);
  const linesNet = lines.length > 0 ? sum(lineNets) : null;
  const headTax =
    minor(row.tax) ??
    (total !== null && (headNet ?? linesNet) !== null
      ? total - (headNet ?? linesNet ?? 0)
      : givenTax);
  const net = headNet ?? linesNet ?? (total ?? 0) - headTax;
  const tax = total === null ? headTax : total - net;
  const missing = given.flatMap((value, index) => (value === null ? [index] : []));
  const lineTaxes = given.map((value) => value ?? 0);
  if (missing.length > 0) {
    const parts = splitByLargestRemainder(
      tax - givenTax,
      missing.map((index) => Math.abs(lineNets[index] ?? 0)),
    );
    for (const [at, index] of missing.entries()) lineTaxes[index] = parts[at] ?? 0;
  }
  return { net, tax, total: net + tax, lineNets, lineTaxes };
}

/** What is settled of an imported document: by line where the book says so, the rest together. */
interface Settled {
  readonly byLine: Map<string, number>;
  whole: number;
}

function openLines(
  lines: readonly { line: string; gross: number }[],
  settled: Settled,
  balance: number,
): number[] {
  const opens = lines.map(({ line, gross }) => gross - (settled.byLine.get(line) ?? 0));
  let excess = sum(opens) - balance;
  // In the document's order, as money goes to lines (billing rules §7); what fits nowhere stays on the last line.
  for (const [index, open] of opens.entries()) {
    const room = excess > 0 ? Math.max(0, open) : Math.min(0, open);
    const part = excess > 0 ? Math.min(excess, room) : Math.max(excess, room);
    opens[index] = open - part;
    excess -= part;
  }
  const last = opens.length - 1;
  if (excess !== 0) opens[last] = (opens[last] ?? 0) - excess;
  return opens;
}

/** The state that an imported document is in, by its status, total and what is open of it. */
export function movedStateOf(
  row: Row<'invoices'>,
  total: number,
  balance: number,
): NonNullable<NewInvoice['state']> {
  const status = row.status.toLowerCase();
  if (isVoid(status)) return 'void';
  if (status === 'written_off' || status === 'credited') return status;
  if (balance === 0) return 'paid';
  return balance === total ? 'issued' : 'partially_paid';
}

/** What a row says is open now: its balance, or nothing where its status says so, or what was open before. */
export function balanceOf(
  row: Row<'invoices'>,
  record: { currency: string; balanceMinor: number },
): number {
  if (row.balance !== null) return parseMinor(row.balance, record.currency);
  const closed = ['paid', 'written_off', 'credited'].includes(row.status.toLowerCase());
  return closed || isVoid(row.status) ? 0 : record.balanceMinor;
}

interface Movements {
  readonly settled: Map<string, Settled>;
  readonly payments: NewPayment[];
  readonly allocations: NewAllocation[];
}

const settledOf = (movements: Map<string, Settled>, invoice: string): Settled => {
  const found = movements.get(invoice) ?? { byLine: new Map(), whole: 0 };
  movements.set(invoice, found);
  return found;
};

/** An imported payment that names just one invoice paid it, as far as it goes (contract book: payments.invoice). */
function impliedAllocation(
  context: Context,
  invoice: Row<'invoices'>,
  payment: Row<'payments'>,
  amount: number,
): NewAllocation[] {
  const currency = currencyOf(context, invoice);
  if (currency !== currencyOf(context, payment)) return [];
  const total = invoice.total === null ? amount : parseMinor(invoice.total, currency);
  const amountMinor = Math.min(amount, Math.max(0, total));
  if (amountMinor === 0) return [];
  const { invoice: number } = invoice;
  return [
    {
      payment: payment.payment,
      invoice: number,
      line: null,
      amountMinor,
      rule: 'implied',
      allocatedOn: payment.received,
    },
  ];
}

function paymentState(row: Row<'payments'>, unapplied: number): NewPayment['state'] {
  if (row.status !== 'received') return row.status;
  return unapplied === 0 ? 'allocated' : 'received';
}

function movementsOf(context: Context, fresh: ImportedBook): Movements {
  const result: Movements = { settled: new Map(), payments: [], allocations: [] };
  const splits = groupBy(fresh.allocations, ({ payment }) => payment);
  const totals = new Map(fresh.book.invoices.map((row) => [row.invoice, row]));
  for (const row of fresh.payments) {
    const currency = currencyOf(context, row);
    const amount = parseMinor(row.amount, currency);
    const base = { payment: row.payment, allocatedOn: row.received };
    const given = (splits.get(row.payment) ?? []).map((split): NewAllocation => {
      const { custom: _custom, ...plain } = split;
      const amountMinor = parseMinor(split.amount, currency);
      return {
        ...base,
        invoice: split.invoice,
        line: split.line,
        amountMinor,
        rule: 'imported',
        imported: { row: { ...plain, custom: split.custom } },
      };
    });
    const named = row.invoice === null ? undefined : totals.get(row.invoice);
    const came = row.status === 'received';
    const implied =
      given.length === 0 && named !== undefined && came
        ? impliedAllocation(context, named, row, amount)
        : [];
    // What came back does not pay for anything: its allocations are kept and reversed.
    const reversed = came
      ? []
      : given.map(({ imported: _row, ...split }) => ({
          ...split,
          amountMinor: 0 - split.amountMinor,
          rule: 'imported-reversal',
        }));
    for (const { invoice, line, amountMinor } of came ? [...given, ...implied] : []) {
      const settled = settledOf(result.settled, invoice);
      if (typeof line === 'string')
        settled.byLine.set(line, (settled.byLine.get(line) ?? 0) + amountMinor);
      else settled.whole += amountMinor;
    }
    const rows = [...given, ...implied, ...reversed];
    const unapplied = amount - sum(rows.map(({ amountMinor }) => amountMinor));
    const back = came ? 0 : unapplied;
    const { custom, ...plain } = row;
    result.allocations.push(...rows);
    result.payments.push({
      payment: row.payment,
      account: row.account,
      receivedOn: row.received,
      amountMinor: amount,
      currency,
      method: row.method,
      reference: row.reference,
      payer: row.payer,
      bankAccount: row.bankAccount,
      state: paymentState(row, unapplied),
      unappliedMinor: unapplied - back,
      refundedMinor: back,
      invoice: row.invoice,
      source: fresh.source,
      imported: { row: plain },
      custom,
    });
  }
  return result;
}

function dueOf(context: Context, row: Row<'invoices'>): string {
  if (row.due !== null) return row.due;
  const contract = row.contract === null ? undefined : context.contracts.get(row.contract);
  const terms = contract?.paymentTerms ?? context.accounts.get(row.account)?.paymentTerms;
  const parsed = terms ? parsePaymentTerms(terms) : null;
  return parsed === null ? addDays(row.issued, 30) : dueDateOf(parsed, row.issued);
}

function draftInvoice(
  context: Context,
  row: Row<'invoices'>,
  lineRows: readonly Row<'invoice_lines'>[],
  settled: Settled,
  source: string,
): InvoiceDraft {
  const currency = currencyOf(context, row);
  const amounts = amountsOf(row, lineRows, currency);
  const paid = settled.whole + sum([...settled.byLine.values()]);
  const open = isVoid(row.status) ? 0 : amounts.total - paid;
  const closed =
    row.balance === null && ['paid', 'written_off', 'credited'].includes(row.status.toLowerCase());
  const balance = row.balance === null ? (closed ? 0 : open) : parseMinor(row.balance, currency);
  const { custom, ...plain } = row;
  const invoice: InvoiceDraft['invoice'] = {
    invoice: row.invoice,
    type: row.type,
    credits: row.credits,
    entity: entityOf(context, row),
    account: row.account,
    contract: row.contract,
    issuedOn: row.issued,
    dueOn: dueOf(context, row),
    currency,
    netMinor: amounts.net,
    taxMinor: amounts.tax,
    totalMinor: amounts.total,
    balanceMinor: balance,
    state: movedStateOf(row, amounts.total, balance),
    disputed: row.disputed ?? row.status.toLowerCase() === 'disputed',
    poNumber: row.poNumber,
    source,
    imported: { row: plain, balanceMinor: balance },
    custom,
  };
  return { invoice, lines: draftLines(row, lineRows, amounts, settled, balance) };
}

function draftLines(
  row: Row<'invoices'>,
  lineRows: readonly Row<'invoice_lines'>[],
  amounts: Amounts,
  settled: Settled,
  balance: number,
): (NewLine & { openMinor: number })[] {
  const { invoice, contract } = row;
  // A document without lines still has an open amount that money can be put on.
  if (lineRows.length === 0)
    return [
      {
        invoice,
        line: '1',
        position: 1,
        contract,
        netMinor: amounts.net,
        taxMinor: amounts.tax,
        openMinor: balance,
      },
    ];
  const grosses = lineRows.map(({ line }, index) => ({
    line,
    gross: (amounts.lineNets[index] ?? 0) + (amounts.lineTaxes[index] ?? 0),
  }));
  const opens = openLines(grosses, settled, balance);
  return lineRows.map((line, index) => {
    const { custom, net: _net, tax: _tax, ...columns } = line;
    return {
      ...columns,
      position: index + 1,
      contract,
      netMinor: amounts.lineNets[index] ?? 0,
      taxMinor: amounts.lineTaxes[index] ?? 0,
      openMinor: opens[index] ?? 0,
      imported: { row: { ...line, custom: undefined } },
      custom,
    };
  });
}

/**
 * Credit notes that name the invoice they credit take off what is open of it, where the book gives no balances of its own;
 * what they exceed it by stays open on the note, as the customer's credit.
 */
function applyCredits(
  drafts: readonly InvoiceDraft[],
  rows: ReadonlyMap<string, Row<'invoices'>>,
): NewApplication[] {
  const byNumber = new Map(drafts.map((draft) => [draft.invoice.invoice, draft]));
  const applications: NewApplication[] = [];
  for (const note of drafts) {
    const target = note.invoice.credits ? byNumber.get(note.invoice.credits) : undefined;
    if (note.invoice.type !== 'credit_note' || target === undefined) continue;
    const given = (draft: InvoiceDraft) => rows.get(draft.invoice.invoice)?.balance !== null;
    if (given(note) || given(target) || note.invoice.state === 'void') continue;
    for (const from of note.lines)
      for (const to of target.lines) {
        const part = Math.min(0 - from.openMinor, to.openMinor);
        if (part <= 0) continue;
        from.openMinor += part;
        to.openMinor -= part;
        applications.push({
          creditNote: note.invoice.invoice,
          creditLine: from.line,
          invoice: target.invoice.invoice,
          line: to.line,
          amountMinor: part,
          appliedOn: note.invoice.issuedOn,
        });
      }
    for (const draft of [note, target]) restate(draft, draft === target);
  }
  return applications;
}

function restate({ invoice, lines }: InvoiceDraft, credited: boolean): void {
  const balance = sum(lines.map(({ openMinor }) => openMinor));
  invoice.balanceMinor = balance;
  if (invoice.imported) invoice.imported = { ...invoice.imported, balanceMinor: balance };
  if (invoice.state !== 'issued' && invoice.state !== 'partially_paid') return;
  if (balance === 0) invoice.state = credited ? 'credited' : 'paid';
  else if (balance !== invoice.totalMinor) invoice.state = 'partially_paid';
}

async function contextOf(db: Db): Promise<Context> {
  const entities = await factRows(db, 'entities');
  return {
    accounts: new Map((await factRows(db, 'accounts')).map((row) => [row.account, row])),
    contracts: new Map((await factRows(db, 'contracts')).map((row) => [row.contract, row])),
    entities: new Map(entities.map((row) => [row.entity, row])),
    onlyEntity: entities[0]?.entity ?? DEFAULT_ENTITY,
  };
}

/** Documents, payments and allocations of a book that are not recorded yet, ready to be inserted. */
export async function draftDocuments(db: Db, fresh: ImportedBook): Promise<DocumentDrafts> {
  if (fresh.invoices.length + fresh.payments.length === 0)
    return { invoices: [], payments: [], allocations: [], post: async () => {} };
  const context = await contextOf(db);
  const movements = movementsOf(context, fresh);
  const lines = groupBy(fresh.book.invoice_lines, ({ invoice }) => invoice);
  const drafts = fresh.invoices.map((row) =>
    draftInvoice(
      context,
      row,
      lines.get(row.invoice) ?? [],
      settledOf(movements.settled, row.invoice),
      fresh.source,
    ),
  );
  const rows = new Map(fresh.invoices.map((row) => [row.invoice, row]));
  const applications = applyCredits(drafts, rows);
  return {
    invoices: drafts,
    payments: movements.payments,
    allocations: movements.allocations,
    post: async (tx) => {
      for (let start = 0; start < applications.length; start += 1000)
        await tx.insert(creditApplications).values(applications.slice(start, start + 1000));
      await postOpenings(tx, drafts, movements.payments, context.entities, (row) =>
        entityOf(context, row),
      );
    },
  };
}
