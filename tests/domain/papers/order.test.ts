/** Purchase orders as text: their number, sum and lines; and product by product beside what was offered. */
import { describe, expect, it } from 'vitest';
import { besides } from '../../../domain/papers/comparison.ts';
import { type Offer, orderDifferences, readOrder } from '../../../domain/papers/order.ts';

const line = (subcontract: string, sku: string, quantity: string, netMinor: number) => ({
  subcontract,
  sku,
  description: `${sku} maintenance`,
  quantity,
  unitPrice: '110',
  netMinor,
});
const OFFER: Offer = {
  currency: 'EUR',
  netMinor: 55_000,
  lines: [
    line('S-1', 'CAD', '2', 22_000),
    line('S-2', 'CAD', '1', 11_000),
    line('S-3', 'PLM', '2', 22_000),
  ],
};

describe('an order’s number', () => {
  it.each([
    ['Purchase Order No: PO-4711', 'PO-4711'],
    ['PURCHASE ORDER PO-12', 'PO-12'],
    ['Bestellnummer: 4500012345', '4500012345'],
    ['P.O. # 88/2026', '88/2026'],
    ['Bestellung Nr. B7', 'B7'],
    ['our order of 2 seats', null],
    ['order 12', null],
  ])('of "%s" is %s', (text, number) => {
    expect(readOrder(text, null).number).toBe(number);
  });
});

describe('an order beside its offer', () => {
  it('counts what subcontracts share together, and marks each product that differs', () => {
    const text = ['CAD 3 x 110.00 330.00', 'Training 1 x 50.00 50.00', 'Net total EUR 380.00'];
    const order = readOrder(text.join('\n'), OFFER);
    expect(besides(order, OFFER)).toEqual([
      {
        sku: 'CAD',
        description: 'CAD maintenance',
        ordered: { quantity: '3', unitPrice: '110.00', amountMinor: 33_000 },
        offered: { quantity: '3', unitPrice: '110', amountMinor: 33_000 },
        difference: null,
      },
      {
        sku: 'PLM',
        description: 'PLM maintenance',
        ordered: null,
        offered: { quantity: '2', unitPrice: '110', amountMinor: 22_000 },
        difference: 'The order has no line for PLM (PLM maintenance)',
      },
      {
        sku: null,
        description: 'Training 1 x 50.00 50.00',
        ordered: { quantity: '1', unitPrice: '50.00', amountMinor: 5_000 },
        offered: null,
        difference: 'The renewal has no line for "Training 1 x 50.00 50.00"',
      },
    ]);
    expect(orderDifferences(order, OFFER).map(({ what }) => what)).toEqual([
      'amount',
      'line-unknown',
      'line-missing',
    ]);
  });

  it('leaves open what the paper does not say', () => {
    const order = readOrder('CAD as offered 330.00\nPLM 220.00\nEUR', OFFER);
    const [cad] = besides(order, OFFER);
    expect(cad?.ordered).toEqual({ quantity: null, unitPrice: null, amountMinor: 33_000 });
    expect(orderDifferences(order, OFFER)).toEqual([]);
  });
});
