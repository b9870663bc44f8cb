/** From differences to the lines of a document, with their derivations and their tax. */
import type { BookIndex } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import { type Charge, explainCharge, shownUnitPrice } from '../charges/charge.ts';
import type { ContractTerms } from '../charges/contract-terms.ts';
import type { ServiceDifference } from '../charges/service.ts';
import type { Difference } from '../charges/unbilled.ts';
import { addDays, type CivilDate, earlier } from '../dates/dates.ts';
import { normalizeDecimal, toDecimal } from '../money/decimal.ts';
import { formatMinor } from '../money/money.ts';
import { type PolicyScope, policyOf } from '../policies/policies.ts';
import { type LineTax, lineTax, reasonOf } from '../tax/tax-rates.ts';
import { netOfGross, type TaxedLine } from '../tax/tax-totals.ts';
import type { BillLine, Explanation } from './document.ts';

/** A line, with what its document's tax table is made of. */
export interface DraftLine extends TaxedLine {
  readonly shown: BillLine;
}

type Changeable<T> = { -readonly [K in keyof T]: T[K] };

/** Whose tax a line bears, and when. */
export interface TaxContext {
  readonly index: BookIndex;
  readonly entity: Row<'entities'> | null;
  readonly account: Row<'accounts'>;
  readonly scope: PolicyScope;
  readonly runOn: CivilDate;
}

function taxPointOf(
  context: TaxContext,
  start: CivilDate | null,
  end: CivilDate | null,
): CivilDate {
  const policy = policyOf(context.index, context.scope, 'tax_point', context.runOn);
  // Payment before issue is not known to a preview: `payment` falls back to the issue date.
  if (policy === 'start') return start ?? context.runOn;
  if (policy === 'end') return end ?? context.runOn;
  return context.runOn;
}

function productOf(index: BookIndex, sku: string | null): Row<'products'> | null {
  return sku === null ? null : (index.products.get(sku) ?? null);
}

/**
 * The lines of one pair: its charges where nothing was billed for it yet, else one adjustment line over the difference
 * (billing rules §1).
 */
export function linesOfDifference(
  context: TaxContext,
  terms: ContractTerms,
  difference: Difference,
): DraftLine[] {
  const untouched = difference.billedLines.length === 0 && difference.elsewhereMinor === 0;
  return untouched
    ? difference.charges.map((charge) => chargeLine(context, terms, difference, charge))
    : [adjustmentLine(context, terms, difference)];
}

const KIND_OF = { recurring: 'recurring', 'one-off': 'one-off', usage: 'usage' } as const;

function chargeLine(
  context: TaxContext,
  terms: ContractTerms,
  difference: Difference,
  charge: Charge,
): DraftLine {
  const product = productOf(context.index, charge.sku);
  const name = product?.name ?? charge.sku;
  const coverEnd = addDays(charge.to, -1);
  const lastCovered = earlier(coverEnd, difference.lastDay);
  const tax = lineTax(
    context.index,
    context.entity,
    context.account,
    product,
    taxPointOf(context, difference.period.start, difference.lastDay),
  );
  const { amountMinor } = charge;
  const line: Changeable<BillLine> = {
    contract: terms.row.contract,
    subcontract: charge.subcontract,
    sku: charge.sku,
    kind: KIND_OF[charge.component],
    description:
      charge.component === 'one-off' ? name : `${name}, ${charge.from} to ${lastCovered}`,
    periodStart: difference.period.start,
    periodEnd: difference.lastDay,
    coverStart: charge.from,
    coverEnd: lastCovered,
    quantity: toDecimal(charge.quantity),
    unitPrice: shownUnitPrice(charge),
    discountPercent: toDecimal(charge.lineDiscount),
    net: charge.price.taxInclusive ? netOfGross(amountMinor, tax.rate) : amountMinor,
    taxCategory: tax.category,
    taxRate: tax.rate,
    caughtUp: difference.dueMonth !== null,
    explanation: explainCharge(charge, terms.currency, name),
  };
  if (charge.metered !== undefined) line.entries = charge.metered.events;
  return drafted(line, tax, difference.dueMonth, charge.price.taxInclusive ? amountMinor : null);
}

/** The line with what some have and others have not: the month it was due first, tax that its price includes. */
function drafted(
  shown: Changeable<BillLine>,
  { reason }: LineTax,
  dueMonth: string | null,
  gross: number | null,
): DraftLine {
  const { net, taxCategory, taxRate } = shown;
  if (dueMonth !== null) shown.dueMonth = dueMonth;
  if (gross === null) return { shown, net, taxCategory, taxRate, reason };
  shown.tax = gross - net;
  return { shown, net, taxCategory, taxRate, reason, gross };
}

function adjustmentLine(
  context: TaxContext,
  terms: ContractTerms,
  difference: Difference,
): DraftLine {
  const row = context.index.subcontracts.get(difference.subcontract);
  const sku = difference.charges.at(0)?.sku ?? row?.sku ?? null;
  const product = productOf(context.index, sku);
  const name = product?.name ?? sku ?? difference.subcontract;
  const start = difference.period.start;
  const treatment =
    creditedTreatment(difference) ??
    lineTax(
      context.index,
      context.entity,
      context.account,
      product,
      taxPointOf(context, start, difference.lastDay),
    );
  const { differenceMinor, taxInclusive, dueMonth } = difference;
  const net = taxInclusive ? netOfGross(differenceMinor, treatment.rate) : differenceMinor;
  const line: BillLine = {
    contract: terms.row.contract,
    subcontract: difference.subcontract,
    sku,
    kind: 'adjustment',
    description:
      `${name}, ${differenceMinor < 0 ? 'credit' : 'adjustment'} for ${start} to ` +
      difference.lastDay,
    periodStart: start,
    periodEnd: difference.lastDay,
    coverStart: start,
    coverEnd: difference.lastDay,
    quantity: '1',
    unitPrice: formatMinor(net, terms.currency),
    discountPercent: '0',
    net,
    taxCategory: treatment.category,
    taxRate: treatment.rate,
    caughtUp: dueMonth !== null,
    explanation: explainAdjustment(terms, difference, name),
  };
  return drafted(line, treatment, dueMonth, taxInclusive ? differenceMinor : null);
}

/** A credit repeats the tax treatment of what it credits (§4): the latest line that billed the pair. */
function creditedTreatment(difference: Difference): LineTax | null {
  if (difference.differenceMinor > 0) return null;
  const credited = difference.billedLines.filter((line) => line.netMinor > 0).at(-1)?.row;
  if (credited === undefined || credited.taxRate === null) return null;
  return {
    category: credited.taxCategory ?? 'S',
    rate: normalizeDecimal(credited.taxRate),
    reason: reasonOf(credited.taxCategory ?? 'S'),
  };
}

function explainAdjustment(
  terms: ContractTerms,
  difference: Difference,
  name: string,
): Explanation {
  const money = (minor: number) => formatMinor(minor, terms.currency);
  const invoices = [...new Set(difference.billedLines.map((line) => line.invoice))];
  const inputs: Record<string, string> = {
    expected: money(difference.expectedMinor),
    billed: money(difference.billedMinor),
  };
  if (invoices.length > 0) inputs.invoices = invoices.join(', ');
  if (difference.elsewhereMinor !== 0) inputs.billedElsewhere = money(difference.elsewhereMinor);
  return {
    rule: 'should-bill minus billed, billing rules §1',
    words:
      `${name}: ${inputs.expected} ${terms.currency} is owed for ${difference.period.start} to ` +
      `${difference.lastDay}, ${inputs.billed} was billed before`,
    inputs,
    arithmetic: `${inputs.expected} − ${inputs.billed} = ${money(difference.differenceMinor)} ${terms.currency}`,
    parts: difference.charges.map((charge) => explainCharge(charge, terms.currency, name)),
  };
}

export function serviceLine(context: TaxContext, service: ServiceDifference): DraftLine {
  const { entry } = service;
  const tax = lineTax(
    context.index,
    context.entity,
    context.account,
    null,
    taxPointOf(context, entry.date, entry.date),
  );
  const line: BillLine = {
    contract: entry.contract,
    subcontract: null,
    sku: null,
    kind: 'service',
    description: entry.description ?? `Service on ${entry.date}`,
    periodStart: entry.date,
    periodEnd: entry.date,
    coverStart: entry.date,
    coverEnd: entry.date,
    quantity: normalizeDecimal(entry.hours),
    unitPrice: normalizeDecimal(entry.rate),
    discountPercent: '0',
    net: service.amountMinor,
    taxCategory: tax.category,
    taxRate: tax.rate,
    caughtUp: service.dueMonth !== null,
    entries: [entry.entry],
    explanation: service.explanation,
  };
  return drafted(line, tax, service.dueMonth, null);
}
