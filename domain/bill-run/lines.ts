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
import { netOfGross } from '../tax/tax-totals.ts';
import type { BillLine, Explanation } from './document.ts';

/** A line with what its document's tax table needs besides. */
export interface DraftLine extends BillLine {
  readonly reason: string | null;
  /** Set where the price list includes tax: the line's gross. */
  readonly gross?: number;
}

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
  return {
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
    ...amounts(charge.amountMinor, charge.price.taxInclusive, tax),
    ...caughtUp(difference.dueMonth),
    ...(charge.metered === undefined ? {} : { entries: charge.metered.events }),
    explanation: explainCharge(charge, terms.currency, name),
  };
}

function amounts(amountMinor: number, taxInclusive: boolean, tax: LineTax) {
  const treatment = { taxCategory: tax.category, taxRate: tax.rate, reason: tax.reason };
  return taxInclusive
    ? { ...splitGross(amountMinor, tax.rate), gross: amountMinor, ...treatment }
    : { net: amountMinor, ...treatment };
}

function splitGross(gross: number, rate: string): { net: number; tax: number } {
  const net = netOfGross(gross, rate);
  return { net, tax: gross - net };
}

function caughtUp(dueMonth: string | null) {
  return dueMonth === null ? { caughtUp: false } : { caughtUp: true, dueMonth };
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
  const amount = amounts(difference.differenceMinor, difference.taxInclusive, treatment);
  const credit = difference.differenceMinor < 0;
  return {
    contract: terms.row.contract,
    subcontract: difference.subcontract,
    sku,
    kind: 'adjustment',
    description: `${name}, ${credit ? 'credit' : 'adjustment'} for ${start} to ${difference.lastDay}`,
    periodStart: start,
    periodEnd: difference.lastDay,
    coverStart: start,
    coverEnd: difference.lastDay,
    quantity: '1',
    unitPrice: formatMinor(amount.net, terms.currency),
    discountPercent: '0',
    ...amount,
    ...caughtUp(difference.dueMonth),
    explanation: explainAdjustment(terms, difference, name),
  };
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
  return {
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
    reason: tax.reason,
    ...caughtUp(service.dueMonth),
    entries: [entry.entry],
    explanation: service.explanation,
  };
}
