/** Rules that compare what was ordered with what was agreed. */
import type { Row } from '../book/tables.ts';
import { amountOf, listPrice } from '../charges/pricing.ts';
import { fraction, multiply } from '../money/decimal.ts';
import { toMinor } from '../money/money.ts';
import { Refusal } from '../refusal.ts';
import type { Told } from './finding.ts';
import { orderRecord } from './records.ts';
import type { Scene } from './scene.ts';

/** `order-without-contract`: closed-won with neither contract nor subcontract, and no subcontract names its opportunity. */
export function orderWithoutContract(scene: Scene): Told[] {
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
