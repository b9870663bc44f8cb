/** Prices, tiers and discounts, worked out by hand (docs/rules/billing-rules.md §5). */
import { describe, expect, it } from 'vitest';
import { rowOf } from '../../../domain/book/blank-row.ts';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Row } from '../../../domain/book/tables.ts';
import { type Charge, explainCharge, shownUnitPrice } from '../../../domain/charges/charge.ts';
import { contractDiscount, percentOf, promotionOf } from '../../../domain/charges/discounts.ts';
import {
  agreedPrice,
  amountOf,
  discounted,
  listPrice,
  type Price,
} from '../../../domain/charges/pricing.ts';
import { fraction, toDecimal, ZERO } from '../../../domain/money/decimal.ts';
import { codeOf } from '../../refusals.ts';
import { bookOf } from '../book-builder.ts';

type Prices = readonly Partial<Row<'prices'>>[];
const indexOf = (prices: Prices) =>
  indexBook(
    bookOf({
      prices: prices.map((row) => ({ priceList: 'default', sku: 'M', currency: 'EUR', ...row })),
    }),
  );
const tiersOf = (prices: Prices, on = '2026-01-15', list: string | null = null) =>
  listPrice(indexOf(prices), list, 'M', 'EUR', on).tiers.map(
    ({ from, unitPrice }) => `${toDecimal(from)}: ${toDecimal(unitPrice)}`,
  );

describe('the list price', () => {
  it('holds from its first through its last day, and the later of two rows for a tier wins', () => {
    const rows = [
      { unitPrice: '1', validTo: '2026-01-14' },
      { unitPrice: '2', validFrom: '2026-01-15', validTo: '2026-01-15' },
      { unitPrice: '3', validFrom: '2026-01-16' },
    ];
    for (const prices of [rows, [...rows].reverse()]) {
      expect(tiersOf(prices, '2026-01-14')).toEqual(['0: 1']);
      expect(tiersOf(prices, '2026-01-15')).toEqual(['0: 2']);
      expect(tiersOf(prices, '2026-01-16')).toEqual(['0: 3']);
    }
    const open = [{ unitPrice: '1' }, { unitPrice: '2', validFrom: '2025-01-01' }];
    expect(tiersOf(open)).toEqual(['0: 2']);
    expect(tiersOf([...open].reverse())).toEqual(['0: 2']);
  });

  it('has its tiers in their order, two spellings of a quantity being one', () => {
    const rows = [
      { minQuantity: '10', unitPrice: '8' },
      { minQuantity: '1', unitPrice: '10' },
      { minQuantity: '1.0', unitPrice: '9', validFrom: '2025-01-01' },
    ];
    expect(tiersOf(rows)).toEqual(['1: 9', '10: 8']);
  });

  it('is graduated, or includes tax, where a row of it says so', () => {
    const price = (...rows: Prices) => {
      const { model, taxInclusive, source } = listPrice(
        indexOf(rows),
        null,
        'M',
        'EUR',
        '2026-01-15',
      );
      return [model, taxInclusive, source];
    };
    expect(price({ unitPrice: '1' })).toEqual(['volume', false, 'list']);
    expect(
      price({ unitPrice: '1' }, { minQuantity: '5', unitPrice: '1', tier: 'graduated' }),
    ).toEqual(['graduated', false, 'list']);
    expect(
      price({ unitPrice: '1', tax: 'inclusive' }, { minQuantity: '5', unitPrice: '1' }),
    ).toEqual(['volume', true, 'list']);
  });

  it('is that of its list and currency, and missing is never zero', () => {
    const rows = [{ unitPrice: '1', validFrom: '2026-01-16' }];
    expect(tiersOf([{ unitPrice: '7', priceList: 'gold' }], '2026-01-15', 'gold')).toEqual([
      '0: 7',
    ]);
    for (const ask of [
      () => tiersOf(rows),
      () => tiersOf([]),
      () => tiersOf(rows, '2026-02-01', 'gold'),
      () => tiersOf([{ unitPrice: '1', currency: 'USD' }]),
      () => tiersOf([{ unitPrice: '1', sku: 'OTHER' }]),
    ])
      expect(codeOf(ask)).toBe('missing-price');
  });
});

const tiers = (model: Price['model'], ...rows: readonly (readonly [string, string])[]): Price => ({
  source: 'list',
  model,
  taxInclusive: false,
  tiers: rows.map(([from, unitPrice]) => ({
    from: fraction(from),
    unitPrice: fraction(unitPrice),
  })),
});
const amount = (price: Price, quantity: string) => toDecimal(amountOf(price, fraction(quantity)));

describe('tiers', () => {
  const rows = [
    ['1', '10'],
    ['11', '8'],
    ['101', '5'],
  ] as const;
  const volume = tiers('volume', ...rows);
  const graduated = tiers('graduated', ...rows);

  it('of volume price all units at the reached price', () => {
    expect(['0', '0.5', '10', '10.5', '11', '100', '101'].map((q) => amount(volume, q))).toEqual([
      '0',
      '5',
      '100',
      '105',
      '88',
      '800',
      '505',
    ]);
  });

  it('graduated price each unit at its own: the eleventh is the first at 8', () => {
    expect(
      ['0.5', '10', '10.5', '11', '100', '101', '150'].map((q) => amount(graduated, q)),
    ).toEqual(['5', '100', '104', '108', '820', '825', '1070']);
    // A tier from 0 holds no unit before the first one; from 0.5 neither.
    expect(amount(tiers('graduated', ['0', '10'], ['1', '4']), '2')).toBe('8');
    expect(amount(tiers('graduated', ['0.5', '10'], ['3', '4']), '4')).toBe('28');
  });

  it('that begin above the quantity have no price for it', () => {
    const dozen = tiers('volume', ['12', '3']);
    expect(amount(dozen, '12')).toBe('36');
    expect(codeOf(() => amount(dozen, '11'))).toBe('missing-price');
    expect(amount(dozen, '0')).toBe('0');
    expect(codeOf(() => amount({ ...dozen, tiers: [] }, '1'))).toBe('missing-price');
  });
});

describe('discounts', () => {
  const off = (of: string, percents: string[], amountOff = '0') => {
    const { exact, off: granted } = discounted(
      fraction(of),
      percents.map((percent) => fraction(percent)),
      fraction(amountOff),
    );
    return [toDecimal(exact), toDecimal(granted)];
  };

  it('multiply, then an amount comes off, never more than there is', () => {
    expect(off('200', ['10', '50'])).toEqual(['90', '0']);
    expect(off('200', ['10', '0'], '30')).toEqual(['150', '30']);
    expect(off('200', [], '200')).toEqual(['0', '200']);
    expect(off('200', [], '201')).toEqual(['0', '200']);
    expect(off('200', ['100'], '5')).toEqual(['0', '0']);
    expect(off('-200', [], '5')).toEqual(['-200', '0']);
  });

  it('are 0 to 100 percent', () => {
    expect(['0', '100', '12.5'].map((text) => toDecimal(percentOf(text, 'it')))).toEqual([
      '0',
      '100',
      '12.5',
    ]);
    expect(codeOf(() => percentOf('-0.1', 'it'))).toBe('discount-invalid');
    expect(codeOf(() => percentOf('100.1', 'it'))).toBe('discount-invalid');
  });

  it('of a contract end after their last day', () => {
    const row = rowOf('contracts', {
      contract: 'C',
      discountPercent: '5',
      discountTo: '2026-06-30',
    });
    expect(contractDiscount(row)).toMatchObject({ from: null, to: '2026-07-01' });
    expect(contractDiscount({ ...row, discountTo: null })?.to).toBeNull();
    expect(contractDiscount({ ...row, discountPercent: null })).toBeNull();
  });

  it('of a promotion are for its products and its currency', () => {
    const of = (row: Partial<Row<'promotions'>>, name = 'P') => {
      const index = indexBook(bookOf({ promotions: [{ promotion: 'P', percent: '10', ...row }] }));
      return promotionOf(index, name, 'M', 'EUR');
    };
    for (const row of [{}, { skus: [] }, { skus: ['X', 'M'] }, { amount: '5', currency: 'EUR' }])
      expect(of(row)?.name).toBe('P');
    expect(of({ skus: ['X'] })).toBeNull();
    // What takes off a percentage is of no currency.
    expect(of({ currency: 'USD' })?.name).toBe('P');
    expect(of({ amount: '5' })?.name).toBe('P');
    expect(codeOf(() => of({ amount: '5', currency: 'USD' }))).toBe('promotion-currency');
    expect(codeOf(() => of({}, 'Q'))).toBe('promotion-unknown');
    expect(of({ validTo: '2026-06-30' })?.to).toBe('2026-07-01');
  });
});

describe('a charge explains itself', () => {
  const charge = (more: Partial<Charge>): Charge => ({
    component: 'recurring',
    subcontract: 'S-1',
    sku: 'M',
    periodStart: '2026-01-01',
    from: '2026-01-01',
    to: '2026-04-01',
    quantity: fraction('12'),
    price: agreedPrice(fraction('100')),
    months: 12,
    share: null,
    lineDiscount: ZERO,
    contractDiscount: ZERO,
    promotion: null,
    exact: fraction('1200'),
    amountMinor: 120_000,
    ...more,
  });
  const explained = (more: Partial<Charge>) => explainCharge(charge(more), 'EUR', 'Maintenance');

  it('in words, inputs and arithmetic', () => {
    expect(explained({})).toEqual({
      rule: 'recurring charge, billing rules §3',
      words: 'Maintenance: 12 at 100 EUR, 2026-01-01 to 2026-03-31',
      inputs: {
        quantity: '12',
        unitPrice: '100',
        priceSource: 'agreed price',
        days: '2026-01-01 to 2026-03-31',
        months: '12',
      },
      arithmetic: '12 × 100 = 1200 → 1200.00 EUR',
    });
  });

  it('with each factor that changes the amount, and no other', () => {
    const { inputs, arithmetic } = explained({
      months: 3,
      share: { factor: fraction('0.5'), words: '45/90' },
      lineDiscount: fraction('10'),
      contractDiscount: fraction('5'),
      promotion: { name: 'SPRING', percent: fraction('2.5'), off: fraction('7') },
      exact: fraction('118.051875'),
      amountMinor: 11_805,
    });
    expect(arithmetic).toBe(
      '12 × 100 × 3/12 × 45/90 × (1 − 10 %) × (1 − 5 %) × (1 − 2.5 %) − 7 = 118.051875 → 118.05 EUR',
    );
    expect(inputs).toMatchObject({
      months: '3',
      share: '45/90',
      lineDiscountPercent: '10',
      contractDiscountPercent: '5',
      promotion: 'SPRING',
      promotionPercent: '2.5',
    });
    const whole = explained({
      months: null,
      share: { factor: fraction('1'), words: '1' },
      promotion: { name: 'SPRING', percent: ZERO, off: ZERO },
    });
    expect(whole.arithmetic).toBe('12 × 100 = 1200 → 1200.00 EUR');
    expect(Object.keys(whole.inputs)).toEqual([
      'quantity',
      'unitPrice',
      'priceSource',
      'days',
      'promotion',
    ]);
  });

  it('with what was metered, and with its tiers', () => {
    const metered = { quantity: fraction('15'), included: fraction('3'), events: ['E-1'] };
    const usage = explained({ component: 'usage', months: null, metered });
    expect(usage.rule).toBe('usage above the included quantity, billing rules §3');
    expect(usage.inputs).toMatchObject({ metered: '15', included: '3' });
    const price = tiers('graduated', ['1', '10'], ['11', '8']);
    const graduated = explained({
      price,
      months: null,
      exact: fraction('116'),
      amountMinor: 11_600,
    });
    expect(graduated.arithmetic).toBe('[12 graduated, from 1: 10; from 11: 8] = 116 → 116.00 EUR');
    expect(graduated.inputs).toMatchObject({ priceSource: 'price list', unitPrice: '10' });
    const single = explained({ price: tiers('graduated', ['1', '10']) });
    expect(single.arithmetic).toMatch(/^12 × 10 = /);
    expect(explained({ component: 'one-off' }).rule).toBe('one-off charge, billing rules §3');
  });

  it('shows the price that its quantity reached', () => {
    const volume = tiers('volume', ['1', '10'], ['12', '8'], ['13', '5']);
    const shown = (price: Price, quantity: string) =>
      shownUnitPrice(charge({ price, quantity: fraction(quantity) }));
    expect(['0.5', '11.9', '12', '13'].map((quantity) => shown(volume, quantity))).toEqual([
      '10',
      '10',
      '8',
      '5',
    ]);
    expect(shown({ ...volume, model: 'graduated' }, '13')).toBe('10');
    expect(shown({ ...volume, tiers: [] }, '13')).toBe('0');
    expect(shown(tiers('volume', ['1', '7.50']), '13')).toBe('7.5');
  });
});
