import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Row } from '../../../domain/book/tables.ts';
import { termsCache } from '../../../domain/charges/subcontract-history.ts';
import { ratio, toDecimal } from '../../../domain/money/decimal.ts';
import { drawUpAgreement } from '../../../domain/renewal/agreement.ts';
import { renewalFacts } from '../../../domain/renewal/agreement-facts.ts';
import {
  type PriceRule,
  priceChange,
  raisedUnitPrice,
} from '../../../domain/renewal/price-rules.ts';
import { company } from '../book-builder.ts';

const contract = (more: Partial<Row<'contracts'>> = {}): Partial<Row<'contracts'>> => ({
  contract: 'C-1',
  account: 'A-1',
  start: '2026-01-01',
  end: '2026-12-31',
  ...more,
});
const subcontract = (more: Partial<Row<'subcontracts'>> = {}): Partial<Row<'subcontracts'>> => ({
  subcontract: 'C-1/1',
  contract: 'C-1',
  sku: 'MNT',
  quantity: '10',
  unitPrice: '33.33',
  ...more,
});
const cpi = [
  { index: 'CPI', month: '2025-08', value: '118.0' },
  { index: 'CPI', month: '2026-08', value: '121.4' },
];

type Given = Parameters<typeof company>[0];

function agreement(given: Given, asOf = '2026-10-02') {
  const index = indexBook(
    company({ contracts: [contract()], subcontracts: [subcontract()], ...given }),
  );
  return drawUpAgreement(renewalFacts(index, termsCache(index), 'C-1', asOf), asOf);
}

describe('a renewal agreement', () => {
  it('without a price rule keeps the price, and says what the next term is', () => {
    const drawn = agreement({});
    expect(drawn).toMatchObject({
      contract: 'C-1',
      account: 'A-1',
      currency: 'EUR',
      term: { start: '2027-01-01', end: '2027-12-31', months: 12 },
      drawUpOn: '2026-10-02',
      answerBy: '2026-12-31',
      oldNetMinor: 33_330,
      netMinor: 33_330,
      changes: [],
      left: [],
    });
    expect(drawn.lines[0]).toMatchObject({
      subcontract: 'C-1/1',
      oldUnitPrice: '33.33',
      newUnitPrice: '33.33',
      rule: 'none',
      words: 'same price',
    });
  });

  it('raises by the percentage the contract grants, to the cent of the unit price', () => {
    const drawn = agreement({
      contracts: [contract({ priceRule: 'percent', upliftPercent: '3' })],
    });
    expect(drawn.lines[0]).toMatchObject({
      newUnitPrice: '34.33',
      netMinor: 34_330,
      rule: 'percent',
    });
    expect(drawn.changes).toEqual([
      'CAD Maintenance (C-1/1): 33.33 → 34.33 per unit and year, +3 % as agreed',
    ]);
  });

  it('follows an index between floor and cap', () => {
    const withIndex = (more: Partial<Row<'contracts'>>) =>
      agreement({
        contracts: [contract({ priceRule: 'index', index: 'CPI', ...more })],
        indices: cpi,
      }).lines[0];
    expect(withIndex({})).toMatchObject({
      newUnitPrice: '34.29',
      words: 'index CPI: 121.4 (2026-08) ÷ 118.0 (2025-08) = +2.88 %',
    });
    expect(withIndex({ upliftCap: '2' })).toMatchObject({
      newUnitPrice: '34',
      words: expect.stringContaining('bounded to +2 %'),
    });
    expect(withIndex({ upliftFloor: '5', upliftCap: '7' })?.newUnitPrice).toBe('35');
  });

  it('takes the list price of the next term, tiers and all', () => {
    const prices = [
      { priceList: 'default', sku: 'MNT', currency: 'EUR', unitPrice: '40', validTo: '2026-12-31' },
      {
        priceList: 'default',
        sku: 'MNT',
        currency: 'EUR',
        unitPrice: '45',
        validFrom: '2027-01-01',
      },
      {
        priceList: 'default',
        sku: 'MNT',
        currency: 'EUR',
        unitPrice: '42',
        minQuantity: '10',
        validFrom: '2027-01-01',
      },
    ];
    const drawn = agreement({ contracts: [contract({ priceRule: 'list' })], prices });
    expect(drawn.lines[0]).toMatchObject({
      oldUnitPrice: '33.33',
      newUnitPrice: '42',
      netMinor: 42_000,
      rule: 'list',
    });
  });

  it('takes what was agreed ahead for the first day: price, quantity, removal', () => {
    const subcontracts = [
      subcontract(),
      subcontract({ subcontract: 'C-1/2' }),
      subcontract({ subcontract: 'C-1/3' }),
    ];
    const amendments = [
      {
        amendment: 'M-1',
        subcontract: 'C-1/1',
        kind: 'price',
        value: '30',
        effective: '2027-01-01',
      },
      { amendment: 'M-2', subcontract: 'C-1/2', kind: 'add', value: '5', effective: '2027-01-01' },
      { amendment: 'M-3', subcontract: 'C-1/3', kind: 'remove', effective: '2027-01-01' },
      {
        amendment: 'M-4',
        subcontract: 'C-1/1',
        kind: 'price',
        value: '1',
        effective: '2027-01-01',
        recorded: '2026-11-01',
      },
    ] as const;
    const drawn = agreement({
      contracts: [contract({ priceRule: 'percent', upliftPercent: '10' })],
      subcontracts,
      amendments,
    });
    expect(drawn.lines).toMatchObject([
      { subcontract: 'C-1/1', newUnitPrice: '30', rule: 'negotiated' },
      { subcontract: 'C-1/2', quantity: '15', newUnitPrice: '36.66', rule: 'percent' },
    ]);
    expect(drawn.left).toEqual([
      { subcontract: 'C-1/3', reason: 'removed, paused or moved from 2027-01-01 on' },
    ]);
  });

  it('co-terms a late starter, and leaves out what ended, is paused or is sold once', () => {
    const subcontracts = [
      subcontract({ start: '2026-06-15' }),
      subcontract({ subcontract: 'C-1/2', end: '2026-08-31' }),
      subcontract({ subcontract: 'C-1/3' }),
      subcontract({ subcontract: 'C-1/4', sku: 'LIC' }),
    ];
    const amendments = [
      { amendment: 'M-1', subcontract: 'C-1/3', kind: 'pause', effective: '2026-05-01' },
    ] as const;
    const drawn = agreement({ subcontracts, amendments });
    expect(drawn.lines).toMatchObject([
      {
        subcontract: 'C-1/1',
        netMinor: 33_330,
        words: 'same price; joined on 2026-06-15, now for the whole term',
      },
    ]);
    expect(drawn.left).toEqual([{ subcontract: 'C-1/3', reason: 'not active on 2026-12-31' }]);
  });

  it('applies the discounts of the next term, and says where one ends', () => {
    const drawn = agreement({
      contracts: [contract({ discountPercent: '10', discountTo: '2026-12-31' })],
      subcontracts: [subcontract({ unitPrice: '100', discountPercent: '5' })],
    });
    expect(drawn.lines[0]).toMatchObject({ oldNetMinor: 85_500, netMinor: 95_000 });
    expect(drawn.changes).toEqual(['CAD Maintenance (C-1/1): same unit price, another discount']);
  });

  it.each<[string, Given]>([
    ['nothing-to-renew', { subcontracts: [] }],
    ['price-rule-incomplete', { contracts: [contract({ priceRule: 'percent' })] }],
    [
      'index-missing',
      { contracts: [contract({ priceRule: 'index', index: 'CPI' })], indices: cpi.slice(1) },
    ],
    ['index-missing', { contracts: [contract({ priceRule: 'index', index: 'CPI' })] }],
    [
      'price-rule-invalid',
      {
        contracts: [
          contract({ priceRule: 'index', index: 'CPI', upliftFloor: '5', upliftCap: '2' }),
        ],
        indices: cpi,
      },
    ],
    ['missing-price', { contracts: [contract({ priceRule: 'list' })] }],
  ])('refuses with %s what it cannot know', (code, given) => {
    expect(() => agreement(given)).toThrow(expect.objectContaining({ code }));
  });
});

describe('price rules', () => {
  it('do not look past the day, nor take an old value for a new one', () => {
    const rule: PriceRule = { rule: 'index', index: 'CPI', floor: null, cap: null };
    const later = [...cpi, { month: '2026-12', value: '200' }];
    expect(priceChange(rule, later, 12, '2026-10-02').words).toContain('2026-08');
    expect(() => priceChange(rule, cpi, 12, '2027-10-02')).toThrow(
      expect.objectContaining({ code: 'index-missing' }),
    );
  });

  it('law: the same price stays the same, and the index stays between floor and cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.integer({ min: 50, max: 200 }),
        (micros, value) => {
          const old = ratio(micros, 1_000_000);
          expect(toDecimal(raisedUnitPrice(old, ratio(1, 1), 'EUR'))).toBe(toDecimal(old));
          const rule: PriceRule = { rule: 'index', index: 'X', floor: '0', cap: '4' };
          const values = [
            { month: '2025-08', value: '100' },
            { month: '2026-08', value: String(value) },
          ];
          const change = priceChange(rule, values, 12, '2026-10-02');
          const factor = change.kind === 'factor' ? Number(toDecimal(change.factor)) : Number.NaN;
          expect(factor).toBe(Math.min(1.04, Math.max(1, value / 100)));
        },
      ),
    );
  });
});
