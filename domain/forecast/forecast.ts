/**
 * What the coming months bring: billings, cash and earned revenue, per month and currency. It rehearses the monthly runs on
 * what is known on the day. Only agreed terms count: no renewal, no new order, no usage or time that is not yet there; every
 * customer pays on the due date, and what is overdue comes in the first month.
 */
import type { BillDocument } from '../bill-run/document.ts';
import { previewBillRun } from '../bill-run/preview.ts';
import { indexBook } from '../book/book-index.ts';
import type { Book, Row } from '../book/tables.ts';
import { counts, documentCurrency } from '../charges/billed.ts';
import { addMonths, type CivilDate, monthOf } from '../dates/dates.ts';
import { parseMinor } from '../money/money.ts';
import {
  DEFAULT_PAYMENT_TERMS,
  dueDateOf,
  parsePaymentTerms,
} from '../payment-terms/payment-terms.ts';
import { revenueSchedule } from '../revenue/schedule.ts';
import { withIssued } from './issued.ts';

export interface ForecastMonth {
  /** YYYY-MM */
  readonly month: string;
  readonly currency: string;
  /** Net of the documents that the month's run issues, credit notes taken off; minor units. */
  readonly billings: number;
  /** Gross that falls due in the month, minor units. */
  readonly cash: number;
  /** Net earned in the month, straight-line by day, minor units. */
  readonly earned: number;
}

export interface Forecast {
  readonly from: CivilDate;
  readonly months: readonly ForecastMonth[];
  /** Contracts that no run could bill, with the code and what to correct: their money is missing above. */
  readonly setAside: readonly {
    readonly contract: string;
    readonly code: string;
    readonly reason: string;
  }[];
}

export interface ForecastOptions {
  readonly from: CivilDate;
  /** How many months, the one of `from` included. */
  readonly months: number;
  /** Day of the month on which runs compute; the default is 15. */
  readonly runDay?: number;
  /** As in a preview: contracts that rows left out of the book have damaged. */
  readonly damaged?: ReadonlyMap<string, string>;
}

type Kind = 'billings' | 'cash' | 'earned';

class Months {
  readonly #sums = new Map<string, Record<Kind, number>>();
  readonly #currencies = new Set<string>();
  readonly months: readonly string[];

  constructor(months: readonly string[]) {
    this.months = months;
  }

  /** Amounts before the first month count in it only where `overdue` says so; those after the last do not count. */
  add(kind: Kind, currency: string, month: string, amount: number): void {
    this.#currencies.add(currency);
    const key = `${month} ${currency}`;
    const sums = this.#sums.get(key) ?? { billings: 0, cash: 0, earned: 0 };
    sums[kind] += amount;
    this.#sums.set(key, sums);
  }

  rows(): ForecastMonth[] {
    return this.months.flatMap((month) =>
      [...this.#currencies].sort().map((currency) => ({
        month,
        currency,
        ...(this.#sums.get(`${month} ${currency}`) ?? { billings: 0, cash: 0, earned: 0 }),
      })),
    );
  }
}

/** The months from `from` on. */
export function forecast(book: Book, options: ForecastOptions): Forecast {
  const { from } = options;
  const names = Array.from({ length: options.months }, (_, at) =>
    monthOf(addMonths(`${monthOf(from)}-01`, at)),
  );
  const months = new Months(names);
  const setAside = new Map<string, Forecast['setAside'][number]>();
  let known = knownOn(book, from);
  addHistory(months, known, from);
  for (const [at, month] of names.entries()) {
    const run = `${month}-${String(options.runDay ?? 15).padStart(2, '0')}`;
    if (run < from) continue;
    const { damaged } = options;
    const preview = previewBillRun(known, { run, ...(damaged === undefined ? {} : { damaged }) });
    for (const document of [...preview.invoices, ...preview.creditNotes])
      addDocument(months, document);
    for (const { contract, code, reason } of preview.setAside)
      setAside.set(`${contract} ${code}`, { contract, code, reason });
    known = withIssued(known, preview, `forecast-${at + 1}`);
  }
  return { from, months: months.rows(), setAside: [...setAside.values()] };
}

/** The book as it is known on a day: what is recorded, issued, metered or approved later is left out. */
function knownOn(book: Book, on: CivilDate): Book {
  const recorded = <R extends { readonly recorded: string | null }>(rows: readonly R[]) =>
    rows.filter((row) => row.recorded === null || row.recorded <= on);
  return {
    ...book,
    subcontracts: recorded(book.subcontracts),
    amendments: recorded(book.amendments),
    usage: book.usage.filter((event) => event.at.slice(0, 10) <= on),
    timesheets: book.timesheets.filter((row) => row.approvedOn !== null && row.approvedOn <= on),
    invoices: book.invoices.filter((row) => row.issued <= on),
    payments: book.payments.filter((row) => row.received <= on),
  };
}

function addDocument(months: Months, document: BillDocument): void {
  const { currency } = document;
  const issuedIn = monthOf(document.issueDate);
  months.add('billings', currency, issuedIn, document.net);
  months.add('cash', currency, monthOf(document.dueDate), document.total);
  for (const line of document.lines) {
    const earning = {
      net: line.net,
      periodStart: line.kind === 'one-off' ? null : (line.coverStart ?? line.periodStart),
      periodEnd: line.kind === 'one-off' ? null : (line.coverEnd ?? line.periodEnd),
      on: document.issueDate,
    };
    for (const { month, amount } of revenueSchedule(earning, issuedIn))
      months.add('earned', currency, month, amount);
  }
}

/** Open invoices bring cash on their due date, issued lines go on being earned. */
function addHistory(months: Months, book: Book, from: CivilDate): void {
  const index = indexBook(book);
  const paid = paidByInvoice(book);
  for (const invoice of book.invoices) {
    if (!counts(invoice)) continue;
    const currency = documentCurrency(index, invoice);
    const open = openMinor(invoice, currency, paid);
    const due = invoice.due ?? dueOn(invoice, index.accounts.get(invoice.account) ?? null);
    if (open !== 0) months.add('cash', currency, monthOf(due < from ? from : due), open);
  }
  for (const line of book.invoice_lines) {
    const invoice = index.invoices.get(line.invoice);
    if (invoice === undefined || !counts(invoice) || invoice.type === 'late_charge') continue;
    const currency = documentCurrency(index, invoice);
    const earning = {
      net: parseMinor(line.net, currency),
      periodStart: line.periodStart,
      periodEnd: line.periodEnd,
      on: invoice.issued,
    };
    for (const { month, amount } of revenueSchedule(earning, monthOf(invoice.issued)))
      months.add('earned', currency, month, amount);
  }
}

function dueOn(invoice: Row<'invoices'>, account: Row<'accounts'> | null): CivilDate {
  const terms =
    parsePaymentTerms(account?.paymentTerms ?? DEFAULT_PAYMENT_TERMS) ??
    parsePaymentTerms(DEFAULT_PAYMENT_TERMS);
  return terms === null ? invoice.issued : dueDateOf(terms, invoice.issued);
}

/** Major-unit texts of what payments brought, by invoice. */
function paidByInvoice(book: Book): Map<string, string[]> {
  const received = new Map(
    book.payments.filter((row) => row.status === 'received').map((row) => [row.payment, row]),
  );
  const paid = new Map<string, string[]>();
  const add = (invoice: string, amount: string) =>
    paid.set(invoice, [...(paid.get(invoice) ?? []), amount]);
  for (const row of book.payment_allocations)
    if (received.has(row.payment)) add(row.invoice, row.amount);
  for (const row of received.values())
    if (row.invoice !== null && !book.payment_allocations.some((a) => a.payment === row.payment))
      add(row.invoice, row.amount);
  return paid;
}

/** The balance where the book gives it, else total less payments; nothing where neither is known or it is settled. */
function openMinor(
  invoice: Row<'invoices'>,
  currency: string,
  paid: ReadonlyMap<string, readonly string[]>,
): number {
  if (invoice.balance !== null) return parseMinor(invoice.balance, currency);
  if (invoice.total === null || ['paid', 'credited', 'written_off'].includes(invoice.status))
    return 0;
  const amounts = paid.get(invoice.invoice) ?? [];
  return amounts.reduce(
    (open, amount) => open - parseMinor(amount, currency),
    parseMinor(invoice.total, currency),
  );
}
