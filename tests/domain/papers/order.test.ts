/** Purchase orders as text: their number, sum and lines; and product by product beside what was offered. */
import { describe, expect, it } from 'vitest';
import { besides } from '../../../domain/papers/comparison.ts';
import {
  type Offer,
  orderDifferences,
  type PurchaseOrder,
  readOrder,
} from '../../../domain/papers/order.ts';

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
    ['PO 4711-A', '4711-A'],
    ['P. O. 4711', '4711'],
    ['Auftrag 4711', '4711'],
    ['Auftragsnummer: AB-4711', 'AB-4711'],
    ['Order nr 4711', '4711'],
    ['order no. #4711', '4711'],
    ['Bestell-Nr.: 77/1', '77/1'],
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

describe('the sum of an order', () => {
  const total = (...rows: string[]) => readOrder(rows.join('\n'), OFFER).totalMinor;

  it('is its net total, wherever it stands', () => {
    expect(total('Net total 100.00', 'Total 119.00')).toBe(10_000);
    expect(total('Total 119.00', 'Subtotal 100.00')).toBe(10_000);
    expect(total('Netto 100,00', 'Summe 119,00')).toBe(10_000);
    expect(total('Nettobetrag 100,00', 'Summe 119,00')).toBe(10_000);
  });

  it('else the last total without a word of tax, else the last total', () => {
    expect(total('Total 100.00', 'Total incl. VAT 119.00')).toBe(10_000);
    expect(total('Gesamt 90,00', 'Gesamtsumme 100,00', 'Brutto gesamt 119,00')).toBe(10_000);
    expect(total('Total incl. VAT 119.00')).toBe(11_900);
    expect(total('CAD 1 x 110.00 110.00')).toBeNull();
  });

  it('is the last amount of its row', () => {
    expect(total('Net total 50.00 50.00 100.00')).toBe(10_000);
  });

  it('is unknown where no currency is', () => {
    const order = readOrder('Net total 100.00\nCAD 1 x 110.00 110.00', null);
    expect(order).toEqual({ number: null, currency: null, totalMinor: null, lines: [] });
    expect(readOrder('Net total 100.00 USD', null)).toMatchObject({
      currency: 'USD',
      totalMinor: 10_000,
    });
  });
});

describe('the lines of an order', () => {
  const lines = (text: string, offer: Offer | null = OFFER) => readOrder(text, offer).lines;
  const short = (text: string, offer: Offer | null = OFFER) =>
    lines(text, offer).map(({ sku, quantity, unitPrice, amountMinor }) => [
      sku,
      quantity,
      unitPrice,
      amountMinor,
    ]);

  it('are rows of a product of the offer with an amount, however it is written', () => {
    expect(short('  c-a-d as offered  330.00\r\nplm: 220.00\rCAD 110.00')).toEqual([
      ['CAD', null, null, 33_000],
      ['PLM', null, null, 22_000],
      ['CAD', null, null, 11_000],
    ]);
    expect(lines('  CAD 330.00  ')[0]?.description).toBe('CAD 330.00');
    expect(short('CAD as offered')).toEqual([]);
    expect(short('Training 330.00')).toEqual([]);
    expect(short('CAD 300.00 330.00')).toEqual([['CAD', null, null, 33_000]]);
  });

  it('name the longest product that the row can mean', () => {
    const longer = { ...OFFER, lines: [...OFFER.lines, line('S-4', 'CAD-PRO', '1', 11_000)] };
    const first = { ...longer, lines: longer.lines.toReversed() };
    for (const offer of [longer, first])
      expect(short('CAD-PRO 110.00', offer)).toEqual([['CAD-PRO', null, null, 11_000]]);
  });

  it('are rows of which one number times a price is an amount behind it', () => {
    expect(short('Training 2 x 50.00 100.00')).toEqual([[null, '2', '50.00', 10_000]]);
    expect(short('Training 12 50,00 5,00 600,00')).toEqual([[null, '12', '50.00', 60_000]]);
    expect(short('Training 2 x 50.00 101.00')).toEqual([]);
    expect(short('Training 2 100.00 50.00')).toEqual([]);
    // One time a price is no line: the amount has to stand once more.
    expect(short('Training 1 50.00')).toEqual([]);
    // Pieces of other numbers are no quantity.
    expect(short('Training 2026-2 50.00 100.00')).toEqual([]);
    expect(short('Training A2 50.00 100.00')).toEqual([]);
    expect(short('Training 2 x 50.00 100.00', null)).toEqual([]);
    expect(short('Training 2 x 50.00 100.00 EUR', null)).toEqual([[null, '2', '50.00', 10_000]]);
  });

  it('are no totals, and no longer than is shown', () => {
    expect(short('Total CAD 1 x 110.00 110.00')).toEqual([]);
    expect(short('Net total CAD 1 x 110.00 110.00')).toEqual([]);
    expect(short('Subtotal CAD 1 x 110.00 110.00')).toEqual([]);
    const [long] = lines(`CAD 110.00 ${'x'.repeat(300)}`);
    expect(long?.description).toHaveLength(200);
  });
});

describe('what an order says otherwise', () => {
  const order = (more: Partial<PurchaseOrder>): PurchaseOrder => ({
    number: null,
    currency: 'EUR',
    totalMinor: 55_000,
    lines: [
      { ...ordered('CAD', '3', 33_000), unitPrice: '110' },
      { ...ordered('PLM', '2', 22_000), unitPrice: '110' },
    ],
    ...more,
  });
  const ordered = (sku: string | null, quantity: string | null, amountMinor: number | null) => ({
    sku,
    description: `${sku} ordered`,
    quantity,
    unitPrice: null,
    amountMinor,
  });
  const rest = ordered('PLM', '2', 22_000);

  it('is nothing where all is as offered, told or not', () => {
    expect(orderDifferences(order({}), OFFER)).toEqual([]);
    expect(orderDifferences(order({ currency: null, totalMinor: null }), OFFER)).toEqual([]);
    const silent = [ordered('CAD', null, null), ordered('PLM', '2.0', null)];
    expect(orderDifferences(order({ lines: silent }), OFFER)).toEqual([]);
  });

  it('is another currency, and then nothing else', () => {
    expect(orderDifferences(order({ currency: 'USD', totalMinor: 1, lines: [] }), OFFER)).toEqual([
      {
        what: 'currency',
        subject: 'USD',
        ordered: 'USD',
        offered: 'EUR',
        words: 'The order is in USD, the renewal in EUR',
      },
    ]);
  });

  it('is another sum', () => {
    expect(orderDifferences(order({ totalMinor: 54_999 }), OFFER)).toEqual([
      {
        what: 'amount',
        subject: 'total',
        ordered: '549.99 EUR',
        offered: '550.00 EUR',
        words: 'Ordered 549.99 EUR, offered 550.00 EUR net',
      },
    ]);
  });

  it('is a line more or less', () => {
    const lines = [ordered('CAD', '3', 33_000), ordered(null, '1', 500)];
    expect(orderDifferences(order({ lines }), OFFER)).toEqual([
      {
        what: 'line-unknown',
        subject: 'null ordered',
        ordered: 'null ordered',
        offered: null,
        words: 'The renewal has no line for "null ordered"',
      },
      {
        what: 'line-missing',
        subject: 'PLM',
        ordered: null,
        offered: '2',
        words: 'The order has no line for PLM (PLM maintenance)',
      },
    ]);
    const nameless = { ...OFFER, lines: [{ ...line('S-3', 'PLM', '2', 22_000), description: '' }] };
    expect(orderDifferences(order({ lines: [], totalMinor: null }), nameless)).toMatchObject([
      { words: 'The order has no line for PLM (PLM)' },
    ]);
  });

  it('is a quantity, of all lines of the product together, and then not its price as well', () => {
    const lines = [ordered('CAD', '1', 11_000), ordered('CAD', '3', 33_000), rest];
    expect(orderDifferences(order({ lines }), OFFER)).toEqual([
      {
        what: 'quantity',
        subject: 'CAD',
        ordered: '4',
        offered: '3',
        words: 'CAD: 4 ordered, 3 offered',
      },
    ]);
    // Where one line does not say, the sum of the others tells nothing.
    const partly = [ordered('CAD', '1', null), ordered('CAD', null, 33_000), rest];
    expect(orderDifferences(order({ lines: partly }), OFFER)).toEqual([]);
  });

  it('is a price where the quantity is the same', () => {
    const lines = [ordered('CAD', '1', 11_000), ordered('CAD', '2', 21_000), rest];
    expect(orderDifferences(order({ lines }), OFFER)).toEqual([
      {
        what: 'price',
        subject: 'CAD',
        ordered: '320.00 EUR',
        offered: '330.00 EUR',
        words: 'CAD: 320.00 EUR ordered, 330.00 EUR offered',
      },
    ]);
  });

  it('stands product by product, each side with what all of its lines say', () => {
    const lines = [
      { ...ordered('CAD', '1', 11_000), unitPrice: '110' },
      { ...ordered('CAD', null, 21_000), unitPrice: '105' },
      { ...ordered('PLM', '2', null), unitPrice: '110' },
      ordered('PLM', '1', 500),
    ];
    expect(besides(order({ lines }), OFFER).map((row) => row.ordered)).toEqual([
      { quantity: null, unitPrice: null, amountMinor: 32_000 },
      { quantity: '3', unitPrice: null, amountMinor: null },
    ]);
  });
});
