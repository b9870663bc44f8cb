/**
 * Checks of invoices, their lines, payments and allocations: the history that opening balances come
 * from.
 */
import type { Row } from '../../domain/book/tables.ts';
import { formatMinor } from '../../domain/money/money.ts';
import {
  type CheckFacts,
  day,
  type LateReport,
  NO_DAY,
  NO_ID,
  readAmount,
  type TableRule,
} from './check-facts.ts';

const TYPES: Readonly<Record<Row<'invoices'>['type'], number>> = {
  invoice: 0,
  credit_note: 1,
  late_charge: 2,
};
const CREDIT_NOTE = TYPES.credit_note;
/** Documents that owe nothing whatever their total says. */
const UNPAID_BY_NATURE = /^(draft|void(ed)?|written[ _-]?off|cancell?ed)$/i;

export const checkInvoice: TableRule<'invoices'> = (facts, row, id, line, report) => {
  const account = facts.idOf('accounts', row.account);
  const ofContract = facts.contractCurrency.get(facts.idOf('contracts', row.contract));
  const own = row.currency ?? facts.words.word(ofContract);
  const currency = facts.currencyFor(own, account, row.entity);
  facts.invoiceRow.set(id, line);
  facts.invoiceType.set(id, TYPES[row.type]);
  facts.invoiceCurrency.set(id, currency);
  facts.invoiceUnpaidByNature.set(id, UNPAID_BY_NATURE.test(row.status) ? 1 : 0);
  facts.invoiceCredits.set(id, facts.idOf('invoices', row.credits));
  const net = readAmount(facts, currency, 'net', row.net, report);
  const tax = readAmount(facts, currency, 'tax', row.tax, report);
  const total = readAmount(facts, currency, 'total', row.total, report);
  facts.invoiceNet.set(id, net);
  facts.invoiceTotal.set(id, Number.isNaN(total) ? net + tax : total);
  const balance = readAmount(facts, currency, 'balance', row.balance, report);
  facts.invoiceBalance.set(id, balance);
  if (row.type === 'credit_note' && (net > 0 || total > 0))
    report.disagreement(
      net > 0 ? 'net' : 'total',
      net > 0 ? row.net : row.total,
      'a credit note has negative amounts; write them with a minus',
    );
  if (!Number.isNaN(total) && !Number.isNaN(net + tax) && net + tax !== total)
    report.warning('total', row.total, 'is not net plus tax');
  if (row.due !== null && row.due < row.issued)
    report.warning('due', row.due, `is before the issue date ${row.issued}`);
};

export const checkInvoiceLine: TableRule<'invoice_lines'> = (facts, row, _id, line, report) => {
  const invoice = facts.idOf('invoices', row.invoice);
  if (invoice === NO_ID) return;
  const currency = facts.invoiceCurrency.get(invoice);
  const net = readAmount(facts, currency, 'net', row.net, report);
  const tax = row.tax === null ? 0 : readAmount(facts, currency, 'tax', row.tax, report);
  facts.linesNet.add(invoice, net);
  facts.linesGross.add(invoice, net + tax);
  facts.linesCount.set(invoice, facts.linesCount.get(invoice) + 1);
  if (net > 0 && facts.invoiceType.get(invoice) === CREDIT_NOTE)
    facts.positiveCredits.push({ id: invoice, row: line, value: row.net });
  const end = facts.subcontractEnd.get(facts.idOf('subcontracts', row.subcontract));
  if (row.periodEnd !== null && end !== NO_DAY && day(row.periodEnd) > end && net > 0)
    report.warning('period_end', row.periodEnd, 'is past the end of the subcontract; credited');
};

export const checkPayment: TableRule<'payments'> = (facts, row, id, line, report) => {
  const account = facts.idOf('accounts', row.account);
  const invoice = facts.idOf('invoices', row.invoice);
  const ofInvoice = facts.words.word(facts.invoiceCurrency.get(invoice));
  const currency = facts.currencyFor(row.currency ?? ofInvoice, account, null);
  facts.paymentRow.set(id, line);
  facts.paymentCurrency.set(id, currency);
  facts.paymentCounts.set(id, row.status === 'received' ? 1 : 0);
  facts.paymentInvoice.set(id, invoice);
  facts.paymentAmount.set(id, readAmount(facts, currency, 'amount', row.amount, report));
};

export const checkAllocation: TableRule<'payment_allocations'> = (
  facts,
  row,
  _id,
  _line,
  report,
) => {
  const payment = facts.idOf('payments', row.payment);
  const invoice = facts.idOf('invoices', row.invoice);
  if (payment === NO_ID || invoice === NO_ID) return;
  if (row.line !== null && facts.present.has('invoice_lines')) {
    const known = facts.idOf('invoice_lines', `${row.invoice}\u0000${row.line}`) !== NO_ID;
    if (!known && !facts.unreadable.has('invoice_lines'))
      report.error('line', row.line, `names no line of the invoice ${row.invoice}`);
  }
  const currency = facts.invoiceCurrency.get(invoice);
  const amount = readAmount(facts, currency, 'amount', row.amount, report);
  // Amounts in two currencies never add: where they differ, neither side can be judged.
  const same = facts.paymentCurrency.get(payment) === currency;
  facts.paymentAllocated.add(payment, same ? amount : Number.NaN);
  facts.paymentSplits.set(payment, 1);
  // What came back does not pay for anything, so its allocations are reversed.
  if (facts.paymentCounts.get(payment) === 1) facts.invoiceAllocated.add(invoice, amount);
};

/**
 * A payment that names just one invoice pays it in full, unless its allocations say more exactly.
 */
export function settleSinglePayments(facts: CheckFacts, late: LateReport): void {
  const size = facts.index('payments').size;
  for (let id = 0; id < size; id += 1) {
    const amount = facts.paymentAmount.get(id);
    const allocated = facts.paymentAllocated.get(id);
    const invoice = facts.paymentInvoice.get(id);
    if (facts.paymentSplits.get(id) === 1) {
      const code = facts.words.word(facts.paymentCurrency.get(id));
      if (code !== null && amount >= 0 && allocated > amount) {
        const message = `${formatMinor(allocated, code)} ${code} are allocated, more than received`;
        const value = formatMinor(amount, code);
        late.error(facts.paymentRow.get(id), 'amount', value, message, false);
      }
    } else if (invoice !== NO_ID && facts.paymentCounts.get(id) === 1) {
      const same = facts.paymentCurrency.get(id) === facts.invoiceCurrency.get(invoice);
      facts.invoiceAllocated.add(invoice, same ? amount : Number.NaN);
    }
  }
}

/** Positive lines of credit notes, once it is known what each note adds up to. */
export function checkCreditLines(facts: CheckFacts, late: LateReport): void {
  for (const { id, row, value } of facts.positiveCredits) {
    const net = facts.invoiceNet.get(id);
    const lines = facts.linesNet.get(id);
    // A run's net result may be a credit though some line of it is a charge.
    if (lines < 0 && (Number.isNaN(net) || net === lines)) continue;
    late.error(row, 'net', value, "a credit note's nets are negative; write a minus", false);
  }
}

/** The net of each header against the sum of its lines. */
export function checkLineSums(facts: CheckFacts, late: LateReport): void {
  const size = facts.index('invoices').size;
  for (let id = 0; id < size; id += 1) {
    const code = facts.words.word(facts.invoiceCurrency.get(id));
    const net = facts.invoiceNet.get(id);
    const lines = facts.linesNet.get(id);
    if (code === null || facts.linesCount.get(id) === 0 || Number.isNaN(net - lines)) continue;
    if (net === lines) continue;
    const message = `is not the sum of its lines, ${formatMinor(lines, code)}`;
    late.warning(facts.invoiceRow.get(id), 'net', formatMinor(net, code), message);
  }
}

/** Balances against what was paid and credited. */
export function checkBalances(facts: CheckFacts, late: LateReport): void {
  const size = facts.index('invoices').size;
  const credited = creditedAmounts(facts, size);
  for (let id = 0; id < size; id += 1) {
    const code = facts.words.word(facts.invoiceCurrency.get(id));
    const balance = facts.invoiceBalance.get(id);
    if (code === null || Number.isNaN(balance)) continue;
    const accepted = acceptedBalances(facts, id, credited.full[id] ?? 0, credited.applied[id] ?? 0);
    if (accepted === null || accepted.includes(balance)) continue;
    const message =
      `disagrees with the allocations: total ${formatOrNone(totalOf(facts, id), code)} less ` +
      `${formatOrNone(facts.invoiceAllocated.get(id), code)} allocated and credits gives ` +
      `${formatOrNone(accepted[0] ?? Number.NaN, code)}`;
    late.error(facts.invoiceRow.get(id), 'balance', formatMinor(balance, code), message, false);
  }
}

function formatOrNone(minor: number, code: string): string {
  return Number.isNaN(minor) ? 'unknown' : formatMinor(minor, code);
}

/**
 * The total as the header gives it, else as its lines add up, else the net; NaN where there is none
 * of them.
 */
function totalOf(facts: CheckFacts, id: number): number {
  const total = facts.invoiceTotal.get(id);
  if (!Number.isNaN(total)) return total;
  return facts.linesCount.get(id) > 0 ? facts.linesGross.get(id) : facts.invoiceNet.get(id);
}

/**
 * What credit notes take off each invoice: in full, and as far as the note's own balance says
 * that it was used. Both are positive amounts.
 */
function creditedAmounts(facts: CheckFacts, size: number) {
  const full = new Float64Array(size);
  const applied = new Float64Array(size);
  for (let id = 0; id < size; id += 1) {
    const target = facts.invoiceCredits.get(id);
    if (target === NO_ID || facts.invoiceUnpaidByNature.get(id) === 1) continue;
    const total = totalOf(facts, id);
    if (Number.isNaN(total)) continue;
    const balance = facts.invoiceBalance.get(id);
    full[target] = (full[target] ?? 0) - total;
    applied[target] =
      (applied[target] ?? 0) -
      (total - (Number.isNaN(balance) ? 0 : balance) - facts.invoiceAllocated.get(id));
  }
  return { full, applied };
}

/** Balances that agree with the rest, the likeliest first; null where nothing can be said. */
function acceptedBalances(
  facts: CheckFacts,
  id: number,
  creditedFull: number,
  creditedApplied: number,
): number[] | null {
  const open = totalOf(facts, id) - facts.invoiceAllocated.get(id);
  if (Number.isNaN(open)) return null;
  const accepted = [open - creditedFull, open - creditedApplied];
  if (facts.invoiceUnpaidByNature.get(id) === 1) accepted.push(0);
  if (facts.invoiceType.get(id) === CREDIT_NOTE) {
    const balance = facts.invoiceBalance.get(id);
    // A note may be used in full, in part or not at all against the invoice that it credits.
    if (balance <= 0 && balance >= open) accepted.push(balance);
  }
  return accepted;
}
