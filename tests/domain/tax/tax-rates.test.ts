/** Which tax a line bears, and what a document's taxes come to (docs/rules/billing-rules.md §5). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowOf } from '../../../domain/book/blank-row.ts';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Row } from '../../../domain/book/tables.ts';
import { lineTax, reasonOf, taxCategoryOf, taxPlaceOf } from '../../../domain/tax/tax-rates.ts';
import { netOfGross, taxSubtotals } from '../../../domain/tax/tax-totals.ts';
import { bookOf } from '../book-builder.ts';

type Taxes = readonly Partial<Row<'taxes'>>[];
const account = (more: Partial<Row<'accounts'>> = {}) =>
  rowOf('accounts', { account: 'A', name: 'Acme', country: 'DE', ...more });
const product = (more: Partial<Row<'products'>> = {}) =>
  rowOf('products', { sku: 'M', name: 'M', kind: 'maintenance', ...more });
const taxOf = (
  taxes: Taxes,
  more: {
    account?: Partial<Row<'accounts'>>;
    product?: Partial<Row<'products'>>;
    regions?: string[];
    on?: string;
  } = {},
) =>
  lineTax(
    indexBook(bookOf({ taxes })),
    rowOf('entities', { entity: 'E', taxRegions: more.regions ?? null }),
    account(more.account),
    product(more.product),
    more.on ?? '2026-01-15',
  );
const de = (rate: string, more: Partial<Row<'taxes'>> = {}): Partial<Row<'taxes'>> => ({
  country: 'DE',
  category: 'S',
  rate,
  ...more,
});

describe('the category', () => {
  const of = (a: Partial<Row<'accounts'>>, p: Partial<Row<'products'>> | null = {}) =>
    taxCategoryOf(account(a), p === null ? null : product(p), '2026-01-15');

  it('is the account’s, else the product’s, else S', () => {
    expect(of({ taxCategory: 'AE' }, { taxCategory: 'Z' })).toBe('AE');
    expect(of({}, { taxCategory: 'Z' })).toBe('Z');
    expect(of({})).toBe('S');
    expect(of({}, null)).toBe('S');
  });

  it('a certificate exempts through its last day, also where no category is given; it does not lift another category', () => {
    const certificate = { exemptionCertificate: 'X-1' };
    expect(of({ ...certificate, exemptionExpires: '2026-01-15' })).toBe('E');
    expect(of({ ...certificate, exemptionExpires: '2026-01-14' }, { taxCategory: 'Z' })).toBe('Z');
    expect(of({ ...certificate, exemptionExpires: null })).toBe('E');
    expect(of({ taxCategory: 'E', exemptionExpires: '2026-01-14' })).toBe('S');
    expect(of({ taxCategory: 'G', exemptionExpires: '2026-01-14' })).toBe('G');
    expect(of({ exemptionExpires: '2027-01-01' })).toBe('S');
  });

  it('has a reason where no tax is due', () => {
    expect(['Z', 'E', 'AE', 'K', 'G', 'O'].map((category) => reasonOf(category) !== null)).toEqual(
      Array(6).fill(true),
    );
    expect([reasonOf('S'), reasonOf('?')]).toEqual([null, null]);
  });
});

describe('the rate', () => {
  it('is looked up where the goods go, else where the account is', () => {
    expect(taxPlaceOf(account({ region: 'BY' }))).toEqual({ country: 'DE', region: 'BY' });
    expect(
      taxPlaceOf(account({ region: 'BY', deliveryCountry: 'US', deliveryRegion: 'NY' })),
    ).toEqual({ country: 'US', region: 'NY' });
  });

  it('of the day: the first and the last one count', () => {
    const taxes = [
      de('19', { validTo: '2026-01-14' }),
      de('16', { validFrom: '2026-01-15', validTo: '2026-01-15' }),
      de('7', { validFrom: '2026-01-16' }),
    ];
    expect(
      ['2026-01-14', '2026-01-15', '2026-01-16'].map((on) => taxOf(taxes, { on }).rate),
    ).toEqual(['19', '16', '7']);
    expect(() => taxOf([de('7', { validFrom: '2026-01-16' })])).toThrow(
      /no tax rate for DE, category S on 2026-01-15/,
    );
    expect(() => taxOf([de('7', { validTo: '2026-01-14' })])).toThrow(/no tax rate/);
  });

  it('a region before all regions, a class before all classes, the region more than the class; then the latest', () => {
    const rows = [
      de('1'),
      de('2', { taxClass: 'books' }),
      de('3', { region: 'BY' }),
      de('4', { region: 'BY', taxClass: 'books' }),
    ];
    const at = (region: string | null, taxClass: string | null, taxes: Taxes = rows) =>
      taxOf(taxes, { account: { region }, product: { taxClass } }).rate;
    for (const taxes of [rows, [...rows].reverse()]) {
      expect(at(null, null, taxes)).toBe('1');
      expect(at('HE', 'books', taxes)).toBe('2');
      expect(at('BY', null, taxes)).toBe('3');
      expect(at('BY', 'food', taxes)).toBe('3');
      expect(at('BY', 'books', taxes)).toBe('4');
    }
    const dated = [
      de('5', { validFrom: '2025-01-01' }),
      de('6', { validFrom: '2026-01-01' }),
      de('8', { validFrom: '2024-01-01' }),
    ];
    expect(taxOf(dated).rate).toBe('6');
    expect(taxOf([...dated].reverse()).rate).toBe('6');
  });

  it('in its shortest form, with the row’s own text before the category’s reason', () => {
    expect(taxOf([de('19.00', { text: 'MwSt.' })])).toEqual({
      category: 'S',
      rate: '19',
      reason: 'MwSt.',
    });
    expect(
      taxOf([{ country: 'DE', category: 'AE', rate: '0' }], { account: { taxCategory: 'AE' } })
        .reason,
    ).toMatch(/Reverse charge/);
    expect(taxOf([], { account: { taxCategory: 'AE' } })).toMatchObject({
      category: 'AE',
      rate: '0',
    });
  });

  it('that is missing is told with the place and the class', () => {
    expect(() =>
      taxOf([de('1', { region: 'BY' })], {
        account: { region: 'HE' },
        product: { taxClass: 'books' },
      }),
    ).toThrow(
      'no tax rate for DE/HE, category S, class books on 2026-01-15 (account A); add it to taxes',
    );
    expect(() => taxOf([de('1')], { account: { country: null } })).toThrow(
      'no tax rate for no country, category S on',
    );
  });

  it('of what is no product is that of its account, and a missing one is told as well', () => {
    const of = (taxes: Taxes, entity: Row<'entities'> | null) =>
      lineTax(indexBook(bookOf({ taxes })), entity, account(), null, '2026-01-15');
    expect(of([de('19'), de('7', { taxClass: 'books' })], null).rate).toBe('19');
    expect(() => of([de('7', { taxClass: 'books' })], null)).toThrow(
      'no tax rate for DE, category S on 2026-01-15 (account A)',
    );
    // Two rows of one day and rank: the later one in the book was entered to correct the earlier one.
    expect(of([de('19'), de('21')], null).rate).toBe('21');
  });

  it('in the US only where the seller is registered', () => {
    const taxes: Taxes = [{ country: 'US', region: 'NY', category: 'S', rate: '8.875' }, de('19')];
    const ny = { account: { country: 'US', region: 'NY' } };
    expect(taxOf(taxes, { ...ny, regions: ['CA', 'ny'] }).rate).toBe('8.875');
    expect(taxOf(taxes, { ...ny, regions: ['US-NY'] }).rate).toBe('8.875');
    expect(taxOf(taxes, { ...ny, regions: [] }).rate).toBe('8.875');
    expect(taxOf(taxes, { ...ny, regions: ['CA'] })).toEqual({
      category: 'S',
      rate: '0',
      reason: 'No tax is collected: not registered in NY',
    });
    expect(taxOf(taxes, { account: { country: 'US' }, regions: ['CA'] }).reason).toMatch(/in US$/);
    expect(taxOf(taxes, { regions: ['CA'] }).rate).toBe('19');
    // A seller that names no regions collects everywhere.
    expect(taxOf(taxes, ny).rate).toBe('8.875');
  });
});

describe('a document’s taxes', () => {
  const line = (
    net: number,
    taxRate: string,
    more: { gross?: number; reason?: string; taxCategory?: string } = {},
  ) => ({
    net,
    taxCategory: 'S',
    taxRate,
    reason: null,
    ...more,
  });

  it('one for each category and rate, on the sum of the nets', () => {
    expect(
      taxSubtotals([
        line(3, '19'),
        line(100, '7'),
        line(3, '19'),
        line(100, '0', { taxCategory: 'Z', reason: 'why' }),
        line(0, '0'),
      ]),
    ).toEqual([
      { category: 'S', rate: '19', base: 6, tax: 1, reason: null },
      { category: 'S', rate: '7', base: 100, tax: 7, reason: null },
      { category: 'Z', rate: '0', base: 100, tax: 0, reason: 'why' },
      { category: 'S', rate: '0', base: 0, tax: 0, reason: null },
    ]);
  });

  it('what prices include stays what it was', () => {
    expect(netOfGross(1005, '19')).toBe(845);
    expect(taxSubtotals([line(845, '19', { gross: 1005 }), line(100, '19')])).toEqual([
      { category: 'S', rate: '19', base: 945, tax: 160 + 19, reason: null },
    ]);
  });

  it('law: bases sum to the nets; inclusive totals are the gross; the order of lines does not matter', () => {
    const rate = fc.constantFrom('0', '5.5', '7', '19', '8.875');
    const lines = fc.array(fc.tuple(fc.integer({ min: -1e7, max: 1e7 }), rate, fc.boolean()), {
      maxLength: 12,
    });
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    fc.assert(
      fc.property(lines, (given) => {
        const all = given.map(([amount, of, inclusive]) =>
          inclusive ? line(netOfGross(amount, of), of, { gross: amount }) : line(amount, of),
        );
        const taxes = taxSubtotals(all);
        expect(sum(taxes.map(({ base }) => base))).toBe(sum(all.map(({ net }) => net)));
        const byRate = (parts: typeof taxes) =>
          [...parts].sort((a, b) => (a.rate < b.rate ? -1 : 1));
        expect(byRate(taxSubtotals([...all].reverse()))).toEqual(byRate(taxes));
        const included = all.filter((one) => 'gross' in one);
        const gross = sum(taxSubtotals(included).map(({ base, tax }) => base + tax));
        expect(gross).toBe(sum(included.map((one) => ('gross' in one ? (one.gross ?? 0) : 0))));
      }),
    );
  });
});
