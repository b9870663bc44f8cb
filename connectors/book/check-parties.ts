/**
 * Checks of entities, accounts, contacts, products, promotions, policies, campaigns, licenses,
 * usage, incidents.
 */
import type { TableName } from '../../domain/book/tables.ts';
import { policyFault } from '../../domain/policies/known.ts';
import { vatNumberFault } from '../../domain/tax/vat-check.ts';
import {
  type CheckFacts,
  type LateReport,
  NO_ID,
  type RowReport,
  readAmount,
  type TableRule,
} from './check-facts.ts';

const RECEIVES: ReadonlySet<string> = new Set([
  'invoice',
  'reminder',
  'statement',
  'key',
  'renewal',
]);

export const checkEntity: TableRule<'entities'> = (facts, row, id, _line, report) => {
  facts.entityCurrency.set(id, facts.words.number(row.currency));
  if (row.addressLine1 === null || row.city === null || row.country === null)
    report.warning('address_line1', row.addressLine1 ?? '', 'the address is not complete');
};

export const checkAccount: TableRule<'accounts'> = (facts, row, id, line, report) => {
  facts.accountRow.set(id, line);
  const currency = facts.currencyFor(row.currency, NO_ID, row.entity);
  facts.accountCurrency.set(id, currency);
  readAmount(facts, currency, 'credit_limit', row.creditLimit, report);
  if (row.parent !== null) facts.accountParent.set(id, facts.idOf('accounts', row.parent));
  if (row.addressLine1 === null || row.city === null || row.country === null)
    report.warning(
      'address_line1',
      row.addressLine1 ?? '',
      'the address is not complete; invoices need a street, a city and a country',
    );
  if (row.billingEmail === null && facts.billedByContact.find(row.account) < 0)
    report.warning(
      'billing_email',
      '',
      'there is no mail address for invoices, neither here nor with a billing contact',
    );
  const fault = vatNumberFault(row);
  if (fault !== null)
    report.warning(
      'tax_id',
      row.taxId ?? '',
      `is ${fault}; tax category ${row.taxCategory} needs a valid VAT number`,
    );
  for (const mail of row.ccEmails ?? [])
    if (!/^[^\s@<>,"]+@[^\s@<>,"]+$/.test(mail))
      report.error('cc_emails', mail, 'must be mail addresses separated by semicolons');
};

export const checkContact: TableRule<'contacts'> = (_facts, row, _id, _line, report) => {
  for (const what of row.receives ?? [])
    if (!RECEIVES.has(what.toLowerCase()))
      report.error('receives', what, `must be among ${[...RECEIVES].join(', ')}`);
};

/** Customers that own each other in a circle; found once all accounts are known. */
export function checkParentCycles(facts: CheckFacts, report: LateReport): Set<number> {
  const size = facts.index('accounts').size;
  const seenIn = new Int32Array(size);
  const cyclic = new Set<number>();
  for (let start = 0; start < size; start += 1) {
    let at = start;
    while (at !== NO_ID && seenIn[at] === 0) {
      seenIn[at] = start + 1;
      at = facts.accountParent.get(at);
    }
    if (at === NO_ID || seenIn[at] !== start + 1) continue;
    const first = at;
    do {
      const line = facts.accountRow.get(at);
      cyclic.add(line);
      const message = 'the account is its own parent, directly or through others; clear one parent';
      report.error(line, 'parent', null, message, false);
      at = facts.accountParent.get(at);
    } while (at !== first && at !== NO_ID);
  }
  return cyclic;
}

export const checkPromotion: TableRule<'promotions'> = (facts, row, _id, _line, report) => {
  checkSkus(facts, 'skus', row.skus, report);
  if (row.percent === null && row.amount === null)
    report.warning('percent', '', 'the promotion has neither a percent nor an amount');
  if (row.amount !== null && row.currency === null)
    report.error('currency', '', 'an amount off needs a currency');
  readAmount(facts, facts.words.number(row.currency), 'amount', row.amount, report);
};

export const checkCampaign: TableRule<'campaigns'> = (facts, row, _id, _line, report) => {
  const audience = (row.audience ?? []).filter((word) => word.toLowerCase() !== 'all');
  checkSkus(facts, 'audience', audience, report);
};

function checkSkus(
  facts: CheckFacts,
  column: string,
  skus: readonly string[] | null,
  report: RowReport,
): void {
  if (facts.unreadable.has('products')) return;
  for (const sku of skus ?? [])
    if (facts.idOf('products', sku) === NO_ID)
      report.error(column, sku, 'names a product that is not in the table products');
}

const SCOPES = { entity: 'entities', account: 'accounts', contract: 'contracts' } as const;

export const checkPolicy: TableRule<'policies'> = (facts, row, _id, _line, report) => {
  const table: TableName = SCOPES[row.scope];
  if (!facts.unreadable.has(table) && facts.idOf(table, row.id) === NO_ID)
    report.error('id', row.id, `names no row of the table ${table}`);
  const fault = policyFault(row.policy, row.value);
  if (fault !== null) report.warning(fault.column, row[fault.column], fault.message);
};

export const checkUsage: TableRule<'usage'> = (facts, row, _id, _line, report) => {
  if (!facts.unreadable.has('products') && facts.idOf('products', row.metric) === NO_ID)
    report.warning('metric', row.metric, 'is not the SKU of a product, so it has no price');
  if (row.quantity.startsWith('-')) report.warning('quantity', row.quantity, 'is negative');
};

export const checkTimesheet: TableRule<'timesheets'> = (_facts, row, _id, _line, report) => {
  if (row.hours.startsWith('-')) report.warning('hours', row.hours, 'is negative');
};
