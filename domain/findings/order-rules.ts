/** Rules that compare what was ordered with what was agreed. */
import type { Row } from '../book/tables.ts';
import { amountOf, listPrice } from '../charges/pricing.ts';
import type { CivilDate } from '../dates/dates.ts';
import { fraction, multiply } from '../money/decimal.ts';
import { toMinor } from '../money/money.ts';
import { Refusal } from '../refusal.ts';
import type { Told } from './finding.ts';
import type { OutsideDeal } from './outside.ts';
import { contractRecord, orderRecord, subcontractRecord } from './records.ts';
import type { Look, Scene } from './scene.ts';

/**
 * `order-without-contract`: closed-won with neither contract nor subcontract, and no subcontract names its opportunity.
 * `delivered-without-contract`: the same of an order that was delivered and never closed as won.
 */
export class UnagreedOrders implements Look {
  readonly #open: { told: Told; opportunity: string | null }[] = [];
  readonly #sold = new Set<string>();

  look(scene: Scene): void {
    const { orders, subcontracts } = scene.book.index.book;
    for (const { opportunity } of subcontracts)
      if (opportunity !== null) this.#sold.add(opportunity);
    for (const order of orders) {
      if (order.contract !== null || order.subcontract !== null) continue;
      const words = wordsOf(scene, order);
      if (words === null) continue;
      const told = { ...orderFinding(scene, order), ...words };
      this.#open.push({ told, opportunity: order.opportunity });
    }
  }

  tell(): Told[] {
    return this.#open
      .filter(({ opportunity }) => opportunity === null || !this.#sold.has(opportunity))
      .map(({ told }) => told);
  }
}

function wordsOf(scene: Scene, order: Row<'orders'>): Pick<Told, 'rule' | 'suggestion'> | null {
  if (order.stage === 'closed_won')
    return isPast(scene, order.closed)
      ? {
          rule: 'order-without-contract',
          suggestion: 'Draw up the contract, or mark the order as cancelled.',
        }
      : null;
  if (order.delivered === null || order.delivered > scene.asOf) return null;
  return {
    rule: 'delivered-without-contract',
    suggestion: 'Close the order as won and draw up the contract, or take the delivery back.',
  };
}

/** A day that is not given is long past. */
function isPast(scene: Scene, day: CivilDate | null): boolean {
  return day === null || day <= scene.asOf;
}

function orderFinding(scene: Scene, order: Row<'orders'>): Omit<Told, 'rule' | 'suggestion'> {
  const currency = orderCurrency(scene, order);
  return {
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
    sides: { agreed: [orderRecord(order)], found: [] },
  };
}

/** Orders count as kept where this share of the contracts since the first of them has one, of this many contracts or more. */
const KEPT_PERCENT = 90;
const KEPT_CONTRACTS_LEAST = 10;

interface OfContract {
  readonly row: Row<'contracts'>;
  readonly opportunities: Set<string>;
}

/**
 * `contract-without-order`: a subcontract names an opportunity that no won order (or won deal of the CRM) has; and, where
 * orders are kept for nine of ten contracts, a contract that no order names. A book without orders tells nothing of it.
 */
export class OrderlessContracts implements Look {
  readonly #won = new Set<string>();
  readonly #ordered = new Set<string>();
  readonly #contracts = new Map<string, OfContract>();
  readonly #named: { row: Row<'subcontracts'>; contract: Row<'contracts'> }[] = [];
  #first: CivilDate | null = null;
  #hasOrders = false;

  look(scene: Scene): void {
    const { index } = scene.book;
    for (const { id, stage } of scene.outside.crm?.records?.deals ?? [])
      if (stage === 'closed_won') this.#won.add(id);
    for (const order of index.book.orders) this.#lookAt(scene, order);
    for (const { terms } of scene.contracts.values())
      this.#contracts.set(terms.row.contract, { row: terms.row, opportunities: new Set() });
    for (const row of index.book.subcontracts) {
      const contract = this.#contracts.get(row.contract);
      if (row.opportunity === null || contract === undefined) continue;
      contract.opportunities.add(row.opportunity);
      this.#named.push({ row, contract: contract.row });
    }
  }

  #lookAt(scene: Scene, order: Row<'orders'>): void {
    this.#hasOrders = true;
    if (order.stage !== 'closed_won') return;
    if (order.opportunity !== null) this.#won.add(order.opportunity);
    if (order.contract !== null) this.#ordered.add(order.contract);
    const sold = scene.book.index.subcontracts.get(order.subcontract ?? '');
    if (sold !== undefined) this.#ordered.add(sold.contract);
    const { closed } = order;
    if (closed !== null && (this.#first === null || closed < this.#first)) this.#first = closed;
  }

  tell(): Told[] {
    if (!this.#hasOrders) return [];
    const unknown = this.#named.filter(
      ({ row }) => row.opportunity !== null && !this.#won.has(row.opportunity),
    );
    const named = new Set(unknown.map(({ contract }) => contract.contract));
    const rest = this.#withoutOrder().filter(({ contract }) => !named.has(contract));
    return [
      ...unknown.map(({ row, contract }) => orderless(contract, row)),
      ...rest.map((contract) => orderless(contract, null)),
    ];
  }

  #withoutOrder(): Row<'contracts'>[] {
    const first = this.#first;
    if (first === null) return [];
    const since = [...this.#contracts.values()].filter(({ row }) => row.start >= first);
    const without = since.filter(
      ({ row, opportunities }) =>
        !this.#ordered.has(row.contract) && [...opportunities].every((one) => !this.#won.has(one)),
    );
    const kept = since.length - without.length;
    const isKept =
      since.length >= KEPT_CONTRACTS_LEAST && kept * 100 >= since.length * KEPT_PERCENT;
    return isKept ? without.map(({ row }) => row) : [];
  }
}

function orderless(contract: Row<'contracts'>, row: Row<'subcontracts'> | null): Told {
  const opportunity = row?.opportunity ?? null;
  return {
    rule: 'contract-without-order',
    account: contract.account,
    contract: contract.contract,
    subcontract: row?.subcontract ?? null,
    amountMinor: 0,
    currency: null,
    evidence: { opportunity, start: contract.start },
    sides: {
      agreed: [],
      found: row === null ? [contractRecord(contract)] : [subcontractRecord(row, { opportunity })],
    },
    suggestion:
      opportunity === null
        ? 'Record the order that it came from.'
        : `Record the won order of ${opportunity}, or correct the opportunity.`,
  };
}

/** `deal-without-contract`: the CRM calls a deal won that no order and no subcontract names; worth what the deal says. */
export class UnknownDeals implements Look {
  readonly #known = new Set<string>();
  readonly #owners = new Map<string, string>();
  readonly #won = new Map<string, OutsideDeal>();

  look(scene: Scene): void {
    const { orders, subcontracts, accounts } = scene.book.index.book;
    for (const { opportunity } of [...orders, ...subcontracts])
      if (opportunity !== null) this.#known.add(opportunity);
    for (const { crmId, account } of accounts) if (crmId !== null) this.#owners.set(crmId, account);
    for (const deal of scene.outside.crm?.records?.deals ?? [])
      if (deal.stage === 'closed_won' && isPast(scene, deal.closedOn)) this.#won.set(deal.id, deal);
  }

  tell(): Told[] {
    return [...this.#won.values()]
      .filter(({ id }) => !this.#known.has(id))
      .map((deal) => dealFinding(deal, this.#owners.get(deal.customer ?? '') ?? null));
  }
}

function dealFinding(deal: OutsideDeal, account: string | null): Told {
  const { id, url, stage: _won, ...fields } = deal;
  return {
    rule: 'deal-without-contract',
    account,
    contract: null,
    subcontract: null,
    amountMinor: deal.currency === null ? 0 : (deal.amountMinor ?? 0),
    currency: deal.currency,
    evidence: { record: id, closed: deal.closedOn },
    sides: { agreed: [{ system: 'crm', table: 'deals', id, fields, url }], found: [] },
    suggestion: 'Draw up the contract, or correct the deal in the CRM.',
  };
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
