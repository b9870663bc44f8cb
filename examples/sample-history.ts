/** Billing history of the sample company: what the engine would have issued, month by month, and how customers paid. */
import type { BillDocument } from '../domain/bill-run/document.ts';
import { previewBillRun } from '../domain/bill-run/preview.ts';
import { rowOf } from '../domain/book/blank-row.ts';
import { groupBy } from '../domain/book/book-index.ts';
import type { Row } from '../domain/book/tables.ts';
import { addDays, addMonths, type CivilDate, later, monthOf } from '../domain/dates/dates.ts';
import { taxShares } from '../domain/ledger/tax-shares.ts';
import { formatMinor } from '../domain/money/money.ts';
import type { Random } from './random.ts';
import { type Draft, HISTORY_MONTHS, tidyAccounts } from './sample-company.ts';

/** Runs of every month before `today`'s, then each customer's way of paying, then the licenses that follow the money. */
export function billHistory(draft: Draft, random: Random, today: CivilDate): void {
  const first = `${monthOf(addMonths(today, -HISTORY_MONTHS))}-15`;
  const numbers = new Map<string, number>();
  for (let month = 0; ; month += 1) {
    const runOn = addMonths(first, month);
    if (monthOf(runOn) >= monthOf(today)) break;
    const { invoices, creditNotes } = previewBillRun(draft, { run: runOn });
    for (const document of [...invoices, ...creditNotes]) issue(draft, numbers, document);
  }
  for (const entity of draft.entities) {
    const next = (numbers.get(`${entity.entity} ${today.slice(0, 4)}`) ?? 0) + 1;
    Object.assign(entity, { nextNumber: next });
  }
  const orderly = new Set(tidyAccounts(draft).map(({ account }) => account));
  for (const invoice of draft.invoices)
    pay(draft, random, invoice.invoice, today, orderly.has(invoice.account));
  licenseWhatIsPaid(draft, today);
}

function issue(draft: Draft, numbers: Map<string, number>, document: BillDocument): void {
  const credit = document.net < 0;
  const year = document.issueDate.slice(0, 4);
  const counter = `${document.entity}${credit ? '-CN' : ''} ${year}`;
  const number = (numbers.get(counter) ?? 0) + 1;
  numbers.set(counter, number);
  const invoice = `${document.entity}${credit ? '-CN' : ''}-${year}-${String(number).padStart(5, '0')}`;
  const money = (minor: number) => formatMinor(minor, document.currency);
  draft.invoices.push(
    rowOf('invoices', {
      invoice,
      account: document.account,
      issued: document.issueDate,
      type: credit ? 'credit_note' : 'invoice',
      entity: document.entity,
      due: document.dueDate,
      contract: document.contract,
      poNumber: document.poNumber,
      currency: document.currency,
      status: 'issued',
      net: money(document.net),
      tax: money(document.tax),
      total: money(document.total),
    }),
  );
  const taxes = taxShares(document.lines, document.taxes);
  for (const [position, line] of document.lines.entries())
    draft.invoice_lines.push(
      rowOf('invoice_lines', {
        invoice,
        line: String(position + 1),
        subcontract: line.subcontract,
        entry: line.kind === 'service' ? (line.entries?.at(0) ?? null) : null,
        sku: line.sku,
        description: line.description,
        quantity: line.quantity,
        unitPrice: line.unitPrice,
        periodStart: line.periodStart,
        periodEnd: line.periodEnd,
        net: money(line.net),
        taxCategory: line.taxCategory as 'S',
        taxRate: line.taxRate,
        tax: money(taxes[position] ?? 0),
      }),
    );
}

/** Most pay on time, some late, a few not at all. */
function pay(
  draft: Draft,
  random: Random,
  number: string,
  today: CivilDate,
  inTime: boolean,
): void {
  const at = draft.invoices.findIndex((row) => row.invoice === number);
  const invoice = draft.invoices[at];
  if (invoice === undefined || invoice.type !== 'invoice' || invoice.total === null) return;
  const due = invoice.due ?? invoice.issued;
  const habit = inTime ? 0 : random.below(100);
  const late = habit < 80 ? -random.between(0, 12) : habit < 96 ? random.between(1, 45) : 400;
  const received = addDays(due, late);
  const paid = received > invoice.issued && received < today;
  if (paid) {
    const payment = `P-${8001 + draft.payments.length}`;
    draft.payments.push(
      rowOf('payments', {
        payment,
        account: invoice.account,
        received,
        amount: invoice.total,
        currency: invoice.currency,
        method: random.pick(['transfer', 'transfer', 'cheque', 'card']),
        reference: number,
        invoice: number,
      }),
    );
    draft.payment_allocations.push(
      rowOf('payment_allocations', { payment, invoice: number, amount: invoice.total }),
    );
  }
  draft.invoices[at] = {
    ...invoice,
    status: paid ? 'paid' : 'issued',
    balance: paid ? formatMinor(0, invoice.currency ?? 'USD') : invoice.total,
  };
}

/** Nothing is owed on it; a credit note never asks for money. */
function isSettled(invoice: Row<'invoices'> | undefined): boolean {
  return invoice?.status === 'paid' || invoice?.type === 'credit_note';
}

/** A full license to the end of each paid period, a temporary one while the running period is billed and not paid. */
function licenseWhatIsPaid(draft: Draft, today: CivilDate): void {
  const invoices = new Map(draft.invoices.map((row) => [row.invoice, row]));
  const contracts = new Map(draft.contracts.map((row) => [row.contract, row]));
  const products = new Map(draft.products.map((row) => [row.sku, row.kind]));
  for (const subcontract of draft.subcontracts) {
    const contract = contracts.get(subcontract.contract);
    const kind = products.get(subcontract.sku);
    if (contract === undefined || (kind !== 'maintenance' && kind !== 'subscription')) continue;
    const own = draft.invoice_lines.filter((line) => line.subcontract === subcontract.subcontract);
    const line = own.find(
      ({ periodStart, periodEnd }) => (periodStart ?? '') <= today && (periodEnd ?? '') >= today,
    );
    if (line === undefined || line.periodStart === null) continue;
    // Adjustments of the same period are on later invoices, and may cover a part of it.
    const running = own.filter((row) => row.periodStart === line.periodStart);
    const paidThrough = running
      .map(({ periodEnd }) => periodEnd ?? '')
      .reduce((a, b) => later(a, b));
    const paid = running.every((row) => isSettled(invoices.get(row.invoice)));
    const due = invoices.get(line.invoice)?.due ?? line.periodStart;
    const grace = addDays(later(due, line.periodStart), 30);
    draft.licenses.push(
      rowOf('licenses', {
        license: `L-${9001 + draft.licenses.length}`,
        account: contract.account,
        subcontract: subcontract.subcontract,
        sku: subcontract.sku,
        seats: quantityOn(draft, subcontract.subcontract, subcontract.quantity, today),
        validFrom: line.periodStart,
        validThrough: paid ? paidThrough : grace,
        kind: paid ? 'full' : 'temporary',
        state: paid || grace >= today ? 'enabled' : 'suspended',
      }),
    );
  }
}

/**
 * Licenses of the periods that are over, as they were when they ended: the full one that followed the money, the temporary one
 * that bridged the time until it came, and what took their place. Written last, so that planting sees what is in force alone.
 */
export function addPastLicenses(draft: Draft, today: CivilDate): void {
  const contracts = new Map(draft.contracts.map((row) => [row.contract, row]));
  const kinds = new Map(draft.products.map((row) => [row.sku, row.kind]));
  const paidOn = new Map(draft.payments.map((row) => [row.invoice, row.received]));
  const dueOn = new Map(draft.invoices.map((row) => [row.invoice, row.due]));
  const licensed = new Set(draft.licenses.map((row) => row.subcontract));
  const lines = groupBy(draft.invoice_lines, (row) => row.subcontract);
  for (const { subcontract, contract, sku, quantity } of draft.subcontracts) {
    const account = contracts.get(contract)?.account;
    const kind = kinds.get(sku);
    if (account === undefined || (kind !== 'maintenance' && kind !== 'subscription')) continue;
    const periods = pastPeriods(lines.get(subcontract) ?? [], today);
    for (const { from, through, invoice } of periods) {
      const seats = quantityOn(draft, subcontract, quantity, through);
      const grace = addDays(later(dueOn.get(invoice) ?? from, from), 30);
      const isLast = from === periods.at(-1)?.from && !licensed.has(subcontract);
      for (const row of pastLicenses(from, through, grace, paidOn.get(invoice) ?? null, isLast))
        draft.licenses.push(
          rowOf('licenses', {
            license: `L-${9001 + draft.licenses.length}`,
            ...{ account, subcontract, sku, seats, ...row },
          }),
        );
    }
  }
}

/** Of one period: what came later took the place of all but the last one. */
function pastLicenses(
  validFrom: CivilDate,
  through: CivilDate,
  grace: CivilDate,
  received: CivilDate | null,
  isLast: boolean,
): Partial<Row<'licenses'>>[] {
  const full = { kind: 'full', validFrom, validThrough: through } as const;
  const bridge = { kind: 'temporary', validFrom, validThrough: grace } as const;
  if (received === null) return [{ ...bridge, state: isLast ? 'suspended' : 'superseded' }];
  return [
    ...(received > validFrom ? [{ ...bridge, state: 'superseded' as const }] : []),
    { ...full, state: isLast ? 'enabled' : 'superseded' },
  ];
}

/** Billed periods that ended before today, the oldest first, each with its first invoice. */
function pastPeriods(lines: readonly Row<'invoice_lines'>[], today: CivilDate) {
  const periods = new Map<CivilDate, { from: CivilDate; through: CivilDate; invoice: string }>();
  for (const { periodStart: from, periodEnd, invoice } of lines) {
    if (from === null || periodEnd === null) continue;
    const known = periods.get(from) ?? { from, through: periodEnd, invoice };
    periods.set(from, { ...known, through: later(known.through, periodEnd) });
  }
  return [...periods.values()]
    .filter(({ through }) => through < today)
    .sort((a, b) => (a.from < b.from ? -1 : 1));
}

function quantityOn(draft: Draft, subcontract: string, first: string, today: CivilDate): string {
  const added = draft.amendments
    .filter(
      (row) => row.subcontract === subcontract && row.kind === 'add' && row.effective <= today,
    )
    .reduce((sum, row) => sum + Number(row.value), 0);
  return String(Number(first) + added);
}
