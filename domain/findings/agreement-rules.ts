/** Rules over orders, contracts, parties and prices. */
import { compositeKey } from '../book/book-index.ts';
import type { Row } from '../book/tables.ts';
import { amountOf, listPrice } from '../charges/pricing.ts';
import { fullPeriodPrice, stateOn } from '../charges/recurring.ts';
import { subcontractsEverOn } from '../charges/unbilled.ts';
import { fraction, multiply } from '../money/decimal.ts';
import { toMinor } from '../money/money.ts';
import { Refusal } from '../refusal.ts';
import { vatNumberFault } from '../tax/vat-check.ts';
import type { Finding } from './finding.ts';
import { historyOf, isCovered, type Scene } from './scene.ts';

/** `order-without-contract`: closed-won with neither contract nor subcontract, and no subcontract names its opportunity. */
export function orderWithoutContract(scene: Scene): Finding[] {
  const { index } = scene.book;
  const sold = new Set(index.book.subcontracts.map((row) => row.opportunity));
  return index.book.orders
    .filter((order) => order.stage === 'closed_won' && (order.closed ?? '') <= scene.asOf)
    .filter((order) => order.contract === null && order.subcontract === null)
    .filter((order) => order.opportunity === null || !sold.has(order.opportunity))
    .map((order) => {
      const currency = orderCurrency(scene, order);
      return {
        rule: 'order-without-contract',
        severity: 'high' as const,
        account: order.account,
        contract: null,
        subcontract: null,
        amountMinor: currency === null ? 0 : orderValue(scene, order, currency),
        currency,
        evidence: {
          order: order.order,
          line: order.line,
          sku: order.sku,
          quantity: order.quantity,
          opportunity: order.opportunity,
          closed: order.closed,
        },
        suggestion: 'Draw up the contract, or mark the order as cancelled.',
      };
    });
}

function orderCurrency(scene: Scene, order: Row<'orders'>): string | null {
  const { index } = scene.book;
  const account = index.accounts.get(order.account);
  const entityId = order.entity ?? account?.entity ?? null;
  const entity = entityId === null ? index.book.entities.at(0) : index.entities.get(entityId);
  return account?.currency ?? entity?.currency ?? null;
}

/** quantity × unit price; a year's for recurring products. Without a price it is worth asking, not guessing: 0. */
function orderValue(scene: Scene, order: Row<'orders'>, currency: string): number {
  const quantity = fraction(order.quantity);
  if (order.unitPrice !== null)
    return toMinor(multiply(quantity, fraction(order.unitPrice)), currency);
  try {
    const on = order.closed ?? scene.asOf;
    const price = listPrice(scene.book.index, null, order.sku, currency, on);
    return toMinor(amountOf(price, quantity), currency);
  } catch (error) {
    if (error instanceof Refusal) return 0;
    throw error;
  }
}

/** `duplicate-subcontract`: two of one account, same SKU and serial, overlapping in time; reported once, on the later. */
export function duplicateSubcontract(scene: Scene): Finding[] {
  const { index } = scene.book;
  const groups = new Map<string, { row: Row<'subcontracts'>; from: string; to: string }[]>();
  for (const [contract, { terms }] of scene.contracts)
    for (const row of index.subcontractsOf.get(contract) ?? []) {
      const stretch = historyOf(scene, row)?.ownerships;
      const [first, last] = [stretch?.at(0), stretch?.at(-1)];
      if (row.serial === null || row.serial === '' || first === undefined || last === undefined)
        continue;
      const key = compositeKey(terms.row.account, row.sku, row.serial);
      groups.set(key, [...(groups.get(key) ?? []), { row, from: first.from, to: last.to }]);
    }
  return [...groups.values()].flatMap((group) => {
    group.sort((a, b) =>
      a.from === b.from
        ? a.row.subcontract < b.row.subcontract
          ? -1
          : 1
        : a.from < b.from
          ? -1
          : 1,
    );
    return group.flatMap((later, position) => {
      const twin = group.slice(0, position).find((earlier) => later.from < earlier.to);
      return twin === undefined ? [] : [duplicateOf(scene, later.row, twin.row)];
    });
  });
}

function duplicateOf(
  scene: Scene,
  later: Row<'subcontracts'>,
  earlier: Row<'subcontracts'>,
): Finding {
  const contract = scene.book.index.contracts.get(later.contract);
  return {
    rule: 'duplicate-subcontract',
    severity: 'medium',
    account: contract?.account ?? null,
    contract: later.contract,
    subcontract: later.subcontract,
    amountMinor: 0,
    currency: null,
    evidence: { twin: earlier.subcontract, sku: later.sku, serial: later.serial },
    suggestion: `Remove it if it is ${earlier.subcontract} entered again, or correct the serial.`,
  };
}

/**
 * `expired-active`: an active contract past its end with no later term of the account for the same SKUs; worth a year's
 * price of those of its subcontracts active at the end whose SKU no later term covers.
 */
export function expiredActive(scene: Scene): Finding[] {
  const findings: Finding[] = [];
  for (const [contract, { terms }] of scene.contracts) {
    const { row } = terms;
    if (row.status !== 'active' || row.end >= scene.asOf || row.terminatedOn !== null) continue;
    const later = laterSkus(scene, row);
    const atEnd = subcontractsEverOn(scene.book, contract).filter((sub) => {
      const history = historyOf(scene, sub);
      return history !== null && stateOn(history, contract, row.end)?.active === true;
    });
    const uncovered = atEnd.filter((sub) => !later.has(sub.sku));
    if (atEnd.length > 0 && uncovered.length === 0) continue;
    if (atEnd.length === 0 && later.size > 0) continue;
    findings.push({
      rule: 'expired-active',
      severity: 'high',
      account: row.account,
      contract,
      subcontract: null,
      amountMinor: uncovered.reduce((sum, sub) => sum + yearsPrice(scene, contract, sub), 0),
      currency: terms.currency,
      evidence: { end: row.end, subcontracts: uncovered.map((sub) => sub.subcontract) },
      suggestion: 'Renew it, or let it lapse and end its licenses.',
    });
  }
  return findings;
}

function laterSkus(scene: Scene, expired: Row<'contracts'>): Set<string> {
  const skus = new Set<string>();
  for (const [contract, { terms }] of scene.contracts) {
    const { row } = terms;
    if (row.account !== expired.account || row.end <= expired.end || row.start <= expired.start)
      continue;
    for (const sub of subcontractsEverOn(scene.book, contract)) skus.add(sub.sku);
  }
  return skus;
}

/** A year's price after discounts, on the contract's last day; 0 where there is no price to tell it by. */
function yearsPrice(scene: Scene, contract: string, sub: Row<'subcontracts'>): number {
  const terms = scene.contracts.get(contract)?.terms;
  const history = historyOf(scene, sub);
  if (terms === undefined || history === null) return 0;
  const kind = scene.book.index.products.get(sub.sku)?.kind;
  if (kind !== 'maintenance' && kind !== 'subscription') return 0;
  try {
    return fullPeriodPrice(scene.book.index, terms, history, terms.row.end, { months: 12 });
  } catch (error) {
    if (error instanceof Refusal) return 0;
    throw error;
  }
}

/** `price-list-outdated`: a price list and SKU in use with no price in force. */
export function priceListOutdated(scene: Scene): Finding[] {
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const [contract, { terms }] of scene.contracts)
    for (const row of subcontractsEverOn(scene.book, contract)) {
      const history = historyOf(scene, row);
      if (row.contract !== contract || !isCovered(history, scene.asOf)) continue;
      const state = history === null ? null : stateOn(history, contract, scene.asOf);
      if (state === null || state.price !== null) continue;
      const list = terms.row.priceList ?? 'default';
      const key = compositeKey(list, row.sku, terms.currency);
      if (seen.has(key) || hasPrice(scene, terms.row.priceList, row.sku, terms.currency)) continue;
      seen.add(key);
      findings.push({
        rule: 'price-list-outdated',
        severity: 'medium',
        account: terms.row.account,
        contract,
        subcontract: row.subcontract,
        amountMinor: 0,
        currency: terms.currency,
        evidence: { priceList: list, sku: row.sku, on: scene.asOf },
        suggestion: `Add a price for ${row.sku} in ${terms.currency} to price list ${list}.`,
      });
    }
  return findings;
}

function hasPrice(scene: Scene, list: string | null, sku: string, currency: string): boolean {
  try {
    listPrice(scene.book.index, list, sku, currency, scene.asOf);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

const EU = new Set(
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '),
);

/** `contact-missing`, `po-missing`, `tax-id-missing`, `tax-id-invalid`: what an invoice needs and the account does not have. */
export function partyGaps(scene: Scene): Finding[] {
  const { index } = scene.book;
  const billed = new Set<string>();
  const findings: Finding[] = [];
  for (const { terms } of scene.contracts.values()) {
    billed.add(terms.billingAccount.account);
    if (isPoMissing(scene, terms.row, terms.billingAccount))
      findings.push(
        gap(
          'po-missing',
          terms.billingAccount.account,
          terms.row.contract,
          'The account requires an order number; ask for it before the next run.',
        ),
      );
  }
  for (const id of billed) {
    const account = index.accounts.get(id);
    if (account === undefined || account.status === 'closed') continue;
    const hasContact =
      account.billingEmail !== null ||
      index.book.contacts.some((row) => row.account === id && row.role === 'billing');
    if (!hasContact)
      findings.push(
        gap(
          'contact-missing',
          id,
          null,
          'Name a billing contact or a billing address for mail, so that invoices arrive.',
        ),
      );
    if (account.taxId === null && needsTaxId(scene, account))
      findings.push(
        gap(
          'tax-id-missing',
          id,
          null,
          'Ask for the tax id: without it the invoice bears domestic tax.',
        ),
      );
    const fault = vatNumberFault(account);
    if (fault !== null)
      findings.push({
        ...gap('tax-id-invalid', id, null, 'Ask for the VAT number: reverse charge rests on it.'),
        evidence: { account: id, taxId: account.taxId, fault },
      });
  }
  return findings;
}

function isPoMissing(scene: Scene, row: Row<'contracts'>, account: Row<'accounts'>): boolean {
  const running = row.status === 'active' || row.status === 'suspended';
  return running && account.poRequired === true && row.poNumber === null && row.end >= scene.asOf;
}

function needsTaxId(scene: Scene, account: Row<'accounts'>): boolean {
  if (account.taxCategory === 'AE' || account.taxCategory === 'K') return true;
  const { index } = scene.book;
  const entity =
    account.entity === null ? index.book.entities.at(0) : index.entities.get(account.entity);
  const [seller, buyer] = [entity?.country ?? null, account.country];
  return (
    account.kind === 'business' &&
    seller !== null &&
    buyer !== null &&
    seller !== buyer &&
    EU.has(seller) &&
    EU.has(buyer)
  );
}

function gap(rule: string, account: string, contract: string | null, suggestion: string): Finding {
  return {
    rule,
    severity: 'low',
    account,
    contract,
    subcontract: null,
    amountMinor: 0,
    currency: null,
    evidence: { account },
    suggestion,
  };
}
