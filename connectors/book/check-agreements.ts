/** Checks of prices, contracts, subcontracts and amendments. */
import type { Row } from '../../domain/book/tables.ts';
import { compare, fraction, isDecimal, isZero, signOf } from '../../domain/money/decimal.ts';
import {
  type CheckFacts,
  day,
  NO_DAY,
  NO_ID,
  type RowReport,
  readAmount,
  type TableRule,
} from './check-facts.ts';

const HUNDRED = fraction(100);

export const checkPrice: TableRule<'prices'> = (facts, row, _id, _line, report) => {
  facts.pricedIn.add(priceKey(row.priceList, row.sku, row.currency));
  notNegative('unit_price', row.unitPrice, report);
};

function priceKey(list: string, sku: string, currency: string | null): string {
  return `${list}\u0000${sku}\u0000${currency ?? ''}`;
}

export const checkContract: TableRule<'contracts'> = (facts, row, id, _line, report) => {
  const account = facts.idOf('accounts', row.account);
  const currency = facts.currencyFor(row.currency, account, row.entity);
  facts.contractCurrency.set(id, currency);
  facts.contractPriceList.set(id, facts.words.number(row.priceList ?? 'default'));
  facts.contractStart.set(id, day(row.start));
  facts.contractEnd.set(id, day(row.end));
  facts.contractDraft.set(id, row.status === 'draft' ? 1 : 0);
  readAmount(facts, currency, 'minimum', row.minimum, report);
  percent('discount_percent', row.discountPercent, report);
  if (currency === 0)
    report.warning(
      'currency',
      '',
      'no currency: give one to the contract, its account or its entity, or it is set aside',
    );
  if (row.billFrom !== null && row.billFrom > row.end)
    report.warning('bill_from', row.billFrom, `is after the end ${row.end}; nothing is billed`);
  if (row.anchor !== null && (row.anchor < row.start || row.anchor > row.end))
    report.warning('anchor', row.anchor, `is outside the term ${row.start} to ${row.end}`);
  if (row.terminatedOn !== null && row.terminatedOn < row.start)
    report.warning('terminated_on', row.terminatedOn, `is before the start ${row.start}`);
  if (row.priceRule === 'index' && row.index === null)
    report.warning('index', '', 'the price rule index needs the name of an index');
};

export const checkSubcontract: TableRule<'subcontracts'> = (facts, row, id, _line, report) => {
  const contract = facts.idOf('contracts', row.contract);
  const start = row.start === null ? facts.contractStart.get(contract) : day(row.start);
  const end = row.end === null ? facts.contractEnd.get(contract) : day(row.end);
  facts.subcontractStart.set(id, start);
  facts.subcontractEnd.set(id, end);
  notNegative('quantity', row.quantity, report);
  notNegative('included_quantity', row.includedQuantity, report);
  percent('discount_percent', row.discountPercent, report);
  if (isZero(fraction(row.quantity)))
    report.warning('quantity', row.quantity, 'is zero; nothing is billed');
  if (start !== NO_DAY && end !== NO_DAY && end < start && (row.start === null || row.end === null))
    report.error(
      row.end === null ? 'start' : 'end',
      row.end ?? row.start,
      row.end === null
        ? 'is after the end of its contract; start within the contract'
        : 'is before the start of its contract; end on or after it',
    );
  if (row.recorded !== null && start !== NO_DAY && day(row.recorded) < start)
    report.warning('recorded', row.recorded, 'is before the start');
  notNegative('unit_price', row.unitPrice, report);
  if (row.unitPrice === null) checkPriced(facts, row, contract, report);
};

/**
 * A subcontract without a price of its own needs one in its contract's price list. The check
 * knows no date, so any price of that list, product and currency will do; whether one is in force
 * is a run's question.
 */
function checkPriced(
  facts: CheckFacts,
  row: Row<'subcontracts'>,
  contract: number,
  report: RowReport,
): void {
  if (contract === NO_ID || facts.unreadable.has('prices')) return;
  if (facts.idOf('products', row.sku) === NO_ID) return;
  const currency = facts.words.word(facts.contractCurrency.get(contract));
  const list = facts.words.word(facts.contractPriceList.get(contract));
  if (currency === null || list === null) return;
  if (facts.pricedIn.find(priceKey(list, row.sku, currency)) >= 0) return;
  if (facts.priceAmended.find(row.subcontract) >= 0) return;
  const message =
    `is empty and the price list ${list} has no price for ${row.sku} in ${currency}; ` +
    'give a unit price or add one to prices, or the contract is set aside';
  if (facts.contractDraft.get(contract) === 1) report.warning('unit_price', '', message);
  else report.disagreement('unit_price', '', message);
}

const VALUES: Readonly<Record<Row<'amendments'>['kind'], 'number' | 'contract' | 'empty'>> = {
  add: 'number',
  quantity: 'number',
  price: 'number',
  discount: 'number',
  move: 'contract',
  remove: 'empty',
  pause: 'empty',
  resume: 'empty',
};

export const checkAmendment: TableRule<'amendments'> = (facts, row, _id, _line, report) => {
  const wants = VALUES[row.kind];
  const value = row.value ?? '';
  if (wants === 'empty' && value !== '')
    report.error('value', value, `must be empty for the kind ${row.kind}`);
  if (wants === 'contract') checkMove(facts, value, report);
  if (wants === 'number') checkNumber(row.kind, value, report);
  const subcontract = facts.idOf('subcontracts', row.subcontract);
  const end = facts.subcontractEnd.get(subcontract);
  if (subcontract !== NO_ID && end !== NO_DAY && day(row.effective) > end && row.kind !== 'move')
    report.warning('effective', row.effective, 'is after the end of the subcontract; ignored');
};

function checkMove(facts: CheckFacts, contract: string, report: RowReport): void {
  if (contract === '') report.error('value', '', 'must name the contract to move to');
  else if (!facts.unreadable.has('contracts') && facts.idOf('contracts', contract) === NO_ID)
    report.error('value', contract, 'names a contract that is not in the table contracts');
}

function checkNumber(kind: string, value: string, report: RowReport): void {
  const unit = { price: 'a unit price', discount: 'a percent' }[kind] ?? 'a quantity';
  if (!isDecimal(value))
    report.error('value', value, `must be ${unit} for the kind ${kind}: a number with a point`);
  else if (kind === 'discount') percent('value', value, report);
  else notNegative('value', value, report);
}

export const checkQuote: TableRule<'quotes'> = (_facts, row, _id, _line, report) =>
  notNegative('quantity', row.quantity, report);

export const checkOrder: TableRule<'orders'> = (_facts, row, _id, _line, report) =>
  notNegative('quantity', row.quantity, report);

export const checkTax: TableRule<'taxes'> = (_facts, row, _id, _line, report) =>
  percent('rate', row.rate, report);

export const checkLicense: TableRule<'licenses'> = (_facts, row, _id, _line, report) =>
  notNegative('seats', row.seats, report);

function notNegative(column: string, value: string | null, report: RowReport): void {
  if (value !== null && signOf(fraction(value)) < 0)
    report.error(column, value, 'must not be negative');
}

function percent(column: string, value: string | null, report: RowReport): void {
  if (value === null) return;
  const share = fraction(value);
  if (signOf(share) < 0 || compare(share, HUNDRED) > 0)
    report.error(column, value, 'must be a percent from 0 to 100');
}
