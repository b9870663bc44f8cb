/** Rules over terms, price lists, orders and allocations: what they tell, with its records, and what they must not. */
import { describe, expect, it } from 'vitest';
import type { Row } from '../../../domain/book/tables.ts';
import type { OutsideDeal, OutsideRecords } from '../../../domain/findings/outside.ts';
import { amendment, contract, subcontract } from '../book-builder.ts';
import { AS_OF, type Given, shown, told } from './shown.ts';

type Contract = Partial<Row<'contracts'>>;
type Subcontract = Partial<Row<'subcontracts'>>;
interface Term {
  readonly of?: Contract;
  readonly own?: Subcontract;
}

/** 2025 and 2026 of one machine: C-1 with S-1, then C-2 with S-2. */
function terms(first: Term = {}, second: Term = {}, given: Given = {}): Given {
  const machine = { serial: 'X' };
  const next = { contract: 'C-2', subcontract: 'S-2' };
  return {
    contracts: [
      contract({ start: '2025-01-01', end: '2025-12-31', ...first.of }),
      contract({ contract: 'C-2', ...second.of }),
    ],
    subcontracts: [
      subcontract({ ...machine, ...first.own }),
      subcontract({ ...machine, ...next, ...second.own }),
    ],
    ...given,
  };
}
const SIDES = {
  agreed: ['perennial subcontracts S-1', 'perennial contracts C-1'],
  found: ['perennial subcontracts S-2', 'perennial contracts C-2'],
};

describe('duplicate-subcontract', () => {
  const RULE = 'duplicate-subcontract';
  const twice = (...rows: Subcontract[]) =>
    told(RULE, {
      contracts: [contract(), contract({ contract: 'C-2' })],
      subcontracts: rows.map((row) => subcontract({ serial: 'X', ...row })),
    }).map((finding) => [finding.subcontract, finding.evidence.twin]);

  it('is told on the later one, with both', () => {
    const overlapping = terms({ of: { end: '2026-01-31' } });
    expect(told(RULE, overlapping).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-2', 'S-2'],
        money: [0, null],
        evidence: { twin: 'S-1', sku: 'MNT', serial: 'X' },
        agreed: ['perennial subcontracts S-1'],
        found: ['perennial subcontracts S-2'],
      },
    ]);
    expect(told(RULE, terms())).toEqual([]);
    expect(twice({ subcontract: 'S-2' }, {})).toEqual([['S-2', 'S-1']]);
    expect(twice({}, { subcontract: 'S-2' })).toEqual([['S-2', 'S-1']]);
    expect(twice({ start: '2026-05-01' }, { subcontract: 'S-2' })).toEqual([['S-1', 'S-2']]);
    expect(twice({}, { subcontract: 'S-2', start: '2026-05-01' })).toEqual([['S-2', 'S-1']]);
    expect(twice({}, { subcontract: 'S-2' }, { subcontract: 'S-3' })).toEqual([
      ['S-2', 'S-1'],
      ['S-3', 'S-1'],
    ]);
  });

  it('has one serial, product and account, and shares a day', () => {
    const other = { subcontract: 'S-2' };
    expect(twice({}, { ...other, contract: 'C-2' })).toHaveLength(1);
    expect(twice({}, { ...other, serial: 'Y' })).toEqual([]);
    expect(twice({}, { ...other, sku: 'LIC' })).toEqual([]);
    for (const serial of [null, '']) expect(twice({ serial }, { ...other, serial })).toEqual([]);
    expect(twice({ end: '2026-04-30' }, { ...other, start: '2026-05-01' })).toEqual([]);
    expect(twice({ end: '2026-05-01' }, { ...other, start: '2026-05-01' })).toHaveLength(1);
    const strangers = terms({ of: { end: '2026-01-31' } }, { of: { account: 'A-2' } });
    const accounts = ['A-1', 'A-2'].map((account) => ({ account, currency: 'EUR' }));
    expect(told(RULE, { ...strangers, accounts })).toEqual([]);
  });

  it('is not one that was removed before', () => {
    const removed = (effective: string) =>
      told(RULE, {
        ...terms({ of: { end: '2026-01-31' } }),
        amendments: [amendment({ kind: 'remove', effective })],
      });
    expect(removed('2025-01-01')).toEqual([]);
    expect(removed('2026-01-01')).toEqual([]);
    expect(removed('2026-01-02')).toHaveLength(1);
  });
});

describe('term-gap', () => {
  const RULE = 'term-gap';
  const gap = (first: Term, second: Term, given: Given = {}) =>
    told(RULE, terms(first, second, given)).map(({ evidence, amountMinor }) => [
      evidence.from,
      evidence.through,
      evidence.days,
      amountMinor,
    ]);
  const later = { of: { start: '2026-02-01', end: '2027-01-31' } };

  it('is worth its days at the price of the earlier term', () => {
    expect(told(RULE, terms({}, later)).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-2', 'S-2'],
        // 31 of 365 days of 1000.00.
        money: [8493, 'EUR'],
        evidence: { twin: 'S-1', from: '2026-01-01', through: '2026-01-31', days: 31 },
        ...SIDES,
      },
    ]);
    const ended = { own: { end: '2025-12-31' } };
    expect(gap(ended, later)).toEqual([['2026-01-01', '2026-01-31', 31, 8493]]);
    const priced = { own: { unitPrice: '50' } };
    expect(gap({}, { ...later, ...priced })[0]?.[3]).toBe(8493);
    expect(gap(priced, later)[0]?.[3]).toBe(4247);
  });

  it('is between two contracts, of no more than a year, of what recurs', () => {
    expect(gap({}, {})).toEqual([]);
    const start = (day: string) => gap({}, { of: { start: day, end: '2027-12-31' } });
    expect(start('2026-01-02')).toHaveLength(1);
    expect(start('2027-01-01')).toEqual([['2026-01-01', '2026-12-31', 365, 100_000]]);
    expect(start('2027-01-02')).toEqual([]);
    expect(gap({ own: { sku: 'LIC' } }, { ...later, own: { sku: 'LIC' } })).toEqual([]);
    expect(gap({ own: { serial: null } }, { ...later, own: { serial: null } })).toEqual([]);
    const one = {
      contracts: [contract()],
      subcontracts: [
        subcontract({ serial: 'X', end: '2026-03-31' }),
        subcontract({ serial: 'X', subcontract: 'S-2', start: '2026-05-01' }),
      ],
    };
    expect(told(RULE, one)).toEqual([]);
  });

  it('begins where the earlier one was removed', () => {
    const amendments = [amendment({ kind: 'remove', effective: '2025-12-01' })];
    expect(gap({}, later, { amendments })[0]?.slice(0, 3)).toEqual([
      '2025-12-01',
      '2026-01-31',
      62,
    ]);
  });
});

describe('term-overlap', () => {
  const RULE = 'term-overlap';
  const none = { serial: null };
  /** At 10.00 a day, a year from a day on. */
  const second = (start: string, end: string, own: Subcontract = {}, of: Contract = {}): Term => ({
    of: { start, end, ...of },
    own: { ...none, unitPrice: '365', ...own },
  });
  const overlap = (next: Term, first: Term = { own: none }) =>
    told(RULE, terms(first, next)).map(({ evidence, amountMinor }) => [evidence.days, amountMinor]);

  it('is owed for the shared days at the price of the later term', () => {
    const next = second('2025-12-01', '2026-11-30');
    expect(told(RULE, terms({ own: none }, next)).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-2', 'S-2'],
        money: [-31_000, 'EUR'],
        evidence: { twin: 'S-1', from: '2025-12-01', through: '2025-12-31', days: 31 },
        ...SIDES,
      },
    ]);
    expect(overlap(second('2025-10-01', '2026-09-30'))).toEqual([[92, -92_000]]);
    expect(overlap(second('2025-09-30', '2026-09-29'))).toEqual([]);
    expect(overlap(second('2025-12-31', '2026-12-30'))).toEqual([[1, -1000]]);
    expect(overlap(second('2026-01-01', '2026-12-31'))).toEqual([]);
  });

  it('is of one quantity, two contracts, what recurs, and no two serials', () => {
    const of = (own: Subcontract, first: Subcontract = none) =>
      overlap(second('2025-12-01', '2026-11-30', own), { own: first }).length;
    expect(of({ quantity: '9' })).toBe(0);
    expect(of({ quantity: '10.0' })).toBe(1);
    expect(of({ sku: 'LIC' }, { ...none, sku: 'LIC' })).toBe(0);
    expect(of({ serial: 'X' })).toBe(1);
    expect(of({}, { serial: 'X' })).toBe(1);
    expect(of({ serial: 'X' }, { serial: 'Y' })).toBe(0);
    expect(of({ serial: '' }, { serial: '' })).toBe(1);
  });

  it('is a later term: it begins later and ends later', () => {
    expect(overlap(second('2025-12-01', '2025-12-31'))).toEqual([]);
    const short = { of: { start: '2025-11-01' }, own: none };
    expect(overlap(second('2025-11-01', '2026-10-31'), short)).toEqual([]);
    expect(overlap(second('2025-11-02', '2026-11-01'), short)).toHaveLength(1);
    const parts = {
      contracts: [contract()],
      subcontracts: [
        subcontract({ end: '2026-06-30' }),
        subcontract({ subcontract: 'S-2', start: '2026-06-01' }),
      ],
    };
    expect(told(RULE, parts)).toEqual([]);
  });
});

describe('uplift-not-applied', () => {
  const RULE = 'uplift-not-applied';
  const percent: Contract = { priceRule: 'percent', upliftPercent: '5' };
  const uplift = (second: Term = {}, first: Term = {}, given: Given = {}) =>
    told(RULE, terms({ ...first, of: { ...percent, ...first.of } }, second, given)).map(
      ({ evidence, amountMinor }) => [evidence.priceRaised, amountMinor],
    );

  it('is worth the running period at the raised price less the agreed one', () => {
    expect(told(RULE, terms({ of: percent })).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-2', 'S-2'],
        money: [5000, 'EUR'],
        evidence: {
          twin: 'S-1',
          priceBefore: '100',
          priceRaised: '105',
          priceAgreed: '100',
          why: '+5 % as agreed',
        },
        agreed: SIDES.agreed,
        found: ['perennial subcontracts S-2'],
      },
    ]);
    expect(uplift({ own: { unitPrice: '104.99' } })).toEqual([['105', 10]]);
    expect(uplift({ own: { unitPrice: '105' } })).toEqual([]);
    expect(uplift({ own: { unitPrice: '106' } })).toEqual([]);
    const [higher] = told(RULE, terms({ of: percent, own: { unitPrice: '200' } }));
    expect([higher?.evidence.priceBefore, higher?.amountMinor]).toEqual(['200', 110_000]);
  });

  it('is of a term that follows within a month, begun or not', () => {
    const start = (day: string) => uplift({ of: { start: day, end: '2027-12-31' } }).length;
    expect([start('2026-02-01'), start('2026-02-02'), start('2025-12-31')]).toEqual([1, 0, 0]);
    const first = { of: { start: '2025-12-01', end: '2026-11-30' } };
    expect(uplift({ of: { start: '2026-12-01', end: '2028-11-30' } }, first)).toEqual([
      ['105', 5000],
    ]);
    // The period that runs, not the first.
    expect(uplift({ of: { end: '2027-12-31', billingFrequency: 'monthly' } })).toEqual([
      ['105', 417],
    ]);
  });

  it('is not of prices that were negotiated, follow a list, or have no rule', () => {
    expect(uplift({ of: { priceRule: 'none' } })).toEqual([]);
    for (const priceRule of ['none', 'list', null] as const)
      expect(uplift({}, { of: { priceRule } })).toEqual([]);
    expect(uplift({}, { of: { upliftPercent: null } })).toEqual([]);
    const prices = [{ priceList: 'default', sku: 'MNT', currency: 'EUR', unitPrice: '100' }];
    expect(uplift({ own: { unitPrice: null } }, {}, { prices })).toEqual([]);
    expect(uplift({}, { own: { unitPrice: null } }, { prices })).toEqual([]);
    const once = { own: { sku: 'LIC' } };
    expect(uplift(once, once)).toEqual([]);
  });

  it('follows the index of the contract', () => {
    const months = (year: string, index: string, value: string) =>
      Array.from({ length: 12 }, (_, at) => ({
        index,
        month: `${year}-${String(at + 1).padStart(2, '0')}`,
        value,
      }));
    const indices = [
      ...months('2024', 'PPI', '100'),
      ...months('2025', 'PPI', '200'),
      ...months('2024', 'CPI', '100'),
      ...months('2025', 'CPI', '104'),
    ];
    const byIndex = { of: { priceRule: 'index' as const, upliftPercent: null, index: 'CPI' } };
    expect(uplift({}, byIndex, { indices })).toEqual([['104', 4000]]);
    expect(uplift({}, byIndex, { indices: months('2024', 'PPI', '1') })).toEqual([]);
  });
});

describe('contracts past their end', () => {
  const past = (rule: string, of: Contract, given: Given = {}) =>
    told(rule, {
      contracts: [contract({ start: '2025-09-01', end: '2026-08-31', ...of })],
      subcontracts: [subcontract()],
      ...given,
    });
  const active = (of: Contract = {}, given: Given = {}) =>
    past('expired-active', of, given).map(({ evidence, amountMinor }) => [
      evidence.subcontracts,
      amountMinor,
    ]);

  it('are worth a year of what no later term covers', () => {
    expect(past('expired-active', {}).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-1', null],
        money: [100_000, 'EUR'],
        evidence: { end: '2026-08-31', subcontracts: ['S-1'] },
        agreed: ['perennial contracts C-1'],
        found: ['perennial subcontracts S-1'],
      },
    ]);
    expect(active({ billingFrequency: 'quarterly' })).toEqual([[['S-1'], 100_000]]);
    expect(active({ end: '2026-11-19' })).toHaveLength(1);
    expect(active({ end: AS_OF })).toEqual([]);
    expect(active({ terminatedOn: '2026-05-01' })).toEqual([]);
    expect(active({ status: 'lapsed' })).toEqual([]);
  });

  it('are covered by a later term of the same account and product', () => {
    const followed = (of: Contract, own: Subcontract = {}, given: Given = {}) =>
      active(
        {},
        {
          contracts: [
            contract({ start: '2025-09-01', end: '2026-08-31' }),
            contract({ contract: 'C-2', start: '2026-09-01', end: '2027-08-31', ...of }),
          ],
          subcontracts: [
            subcontract(),
            subcontract({ subcontract: 'S-2', contract: 'C-2', ...own }),
          ],
          ...given,
        },
      ).filter(([own]) => Array.isArray(own) && own.includes('S-1'));
    expect(followed({})).toEqual([]);
    expect(followed({}, { sku: 'LIC' })).toHaveLength(1);
    expect(followed({ start: '2025-09-01' })).toHaveLength(1);
    expect(followed({ start: '2025-09-02' })).toEqual([]);
    expect(followed({ start: '2025-10-01', end: '2026-08-31' })).toHaveLength(1);
    expect(followed({ start: '2025-10-01', end: '2026-09-01' })).toEqual([]);
    const accounts = ['A-1', 'A-2'].map((account) => ({ account, currency: 'EUR' }));
    expect(followed({ account: 'A-2' }, {}, { accounts })).toHaveLength(1);
  });

  it('are told for what was active at the end, by its price', () => {
    const own = (...rows: Subcontract[]) =>
      active(
        {},
        { subcontracts: rows.map((row, at) => subcontract({ ...row, subcontract: `S-${at}` })) },
      );
    expect(own({}, { quantity: '1' }, { sku: 'API' }, { sku: 'LIC' }, { sku: 'XXX' })).toEqual([
      [['S-0', 'S-1', 'S-2', 'S-3', 'S-4'], 110_000],
    ]);
    expect(own({}, { end: '2026-06-30' })).toEqual([[['S-0'], 100_000]]);
    expect(own({ end: '2026-06-30' })).toEqual([[[], 0]]);
    expect(own({ unitPrice: null })).toEqual([[['S-0'], 0]]);
    const products = [{ sku: 'SUB', name: 'Seats', kind: 'subscription' as const }];
    expect(active({}, { products, subcontracts: [subcontract({ sku: 'SUB' })] })).toEqual([
      [['S-1'], 100_000],
    ]);
    const nothingLeft = {
      contracts: [
        contract({ start: '2025-09-01', end: '2026-08-31' }),
        contract({ contract: 'C-2', start: '2026-09-01', end: '2027-08-31' }),
      ],
      subcontracts: [
        subcontract({ end: '2026-06-30' }),
        subcontract({ subcontract: 'S-2', contract: 'C-2', sku: 'LIC' }),
      ],
    };
    expect(active({}, nothingLeft)).toEqual([]);
  });

  it('were renewals that nobody drew up where they renew by themselves', () => {
    const lapsed: Contract = { status: 'lapsed', autoRenew: true };
    const missed = (of: Contract) => past('renewal-missed', { ...lapsed, ...of }).length;
    expect(past('renewal-missed', lapsed).map(({ amountMinor }) => amountMinor)).toEqual([100_000]);
    expect(missed({ status: 'active' })).toBe(0);
    expect(missed({ autoRenew: false })).toBe(0);
    expect(missed({ noticeReceived: '2026-05-01' })).toBe(0);
    expect(missed({ start: '2024-11-21', end: '2025-11-20' })).toBe(1);
    expect(missed({ start: '2024-11-20', end: '2025-11-19' })).toBe(0);
  });
});

describe('price-list-outdated', () => {
  const price = (more: Partial<Row<'prices'>> = {}): Partial<Row<'prices'>> => ({
    priceList: 'default',
    sku: 'MNT',
    currency: 'EUR',
    unitPrice: '100',
    validFrom: '2026-01-01',
    validTo: '2026-09-30',
    ...more,
  });
  const outdated = (of: Contract, prices: Given['prices'], ...own: Subcontract[]) =>
    told('price-list-outdated', {
      contracts: [contract(of)],
      subcontracts: own.map((row, at) =>
        subcontract({ unitPrice: null, subcontract: `S-${at}`, ...row }),
      ),
      prices: prices ?? [],
    });

  it('is told with the prices that are not in force', () => {
    const other = price({ sku: 'LIC' });
    const [found, ...more] = outdated({}, [price(), price({ priceList: 'EU' }), other], {}, {});
    if (found === undefined) throw new Error('the list has ended');
    expect(more).toEqual([]);
    expect(shown(found)).toEqual({
      subject: ['A-1', 'C-1', 'S-0'],
      money: [0, 'EUR'],
      evidence: { priceList: 'default', sku: 'MNT', on: AS_OF },
      agreed: ['perennial subcontracts S-0'],
      found: ['perennial prices default MNT EUR 2026-01-01'],
    });
    expect(found.sides.found[0]?.fields).toEqual({
      unitPrice: '100',
      validFrom: '2026-01-01',
      validTo: '2026-09-30',
    });
    const listed = outdated({ priceList: 'EU' }, [price({ priceList: 'EU', validFrom: null })], {});
    expect(listed.map(shown)).toMatchObject([
      { evidence: { priceList: 'EU' }, found: ['perennial prices EU MNT EUR'] },
    ]);
  });

  it('is not told where a price is in force, agreed, or no longer needed', () => {
    expect(outdated({}, [price({ validTo: null })], {})).toEqual([]);
    expect(outdated({}, [price()], { unitPrice: '100' })).toEqual([]);
    expect(outdated({}, [price()], { end: '2026-09-30' })).toEqual([]);
    expect(outdated({ end: '2026-09-30' }, [price()], {})).toEqual([]);
  });
});

describe('contract-without-order', () => {
  const RULE = 'contract-without-order';
  type Order = Partial<Row<'orders'>>;
  const order = (name: number, more: Order = {}): Order => ({
    order: `O-${name}`,
    account: 'A-1',
    sku: 'MNT',
    quantity: '1',
    stage: 'closed_won',
    closed: '2026-05-01',
    contract: `C-${name}`,
    ...more,
  });
  /** Contracts C-0, C-1 …; each with a subcontract of its own, and orders for the first of them. */
  const kept = (
    contracts: number,
    ordered: number,
    of: Contract = {},
    last: Order = {},
  ): Given => ({
    contracts: Array.from({ length: contracts }, (_, at) =>
      contract({ contract: `C-${at}`, ...(at === contracts - 1 ? of : {}) }),
    ),
    subcontracts: Array.from({ length: contracts }, (_, at) =>
      subcontract({ subcontract: `S-${at}`, contract: `C-${at}`, opportunity: null }),
    ),
    orders: Array.from({ length: ordered }, (_, at) =>
      order(at, {
        closed: at === 1 ? '2026-01-01' : '2026-05-01',
        ...(at === ordered - 1 ? last : {}),
      }),
    ),
  });
  const names = (given: Given) => told(RULE, given).map((finding) => finding.contract);

  it('is one of a book that keeps orders for nine in ten', () => {
    expect(told(RULE, kept(10, 9)).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-9', null],
        money: [0, null],
        evidence: { opportunity: null, start: '2026-01-01' },
        agreed: [],
        found: ['perennial contracts C-9'],
      },
    ]);
    expect(told(RULE, kept(10, 9))[0]?.suggestion).toContain('Record the order');
    expect(names(kept(10, 10))).toEqual([]);
    expect(names(kept(10, 8))).toEqual([]);
    expect(names(kept(9, 8))).toEqual([]);
    expect(names(kept(20, 18))).toEqual(['C-18', 'C-19']);
    expect(names(kept(10, 0))).toEqual([]);
  });

  it('counts contracts since the first order', () => {
    expect(names(kept(10, 9, { start: '2025-12-31' }))).toEqual([]);
    expect(names(kept(11, 9, { start: '2025-12-31' }))).toEqual(['C-9']);
    const undated = kept(10, 9);
    const orders = (undated.orders ?? []).map((row) => ({ ...row, closed: null }));
    expect(names({ ...undated, orders })).toEqual([]);
  });

  it('counts won orders, by contract, subcontract or opportunity', () => {
    expect(names(kept(10, 9, {}, { stage: 'open' }))).toEqual([]);
    const bySubcontract = { contract: null, subcontract: 'S-8' };
    expect(names(kept(10, 9, {}, bySubcontract))).toEqual(['C-9']);
    expect(names(kept(10, 9, {}, { contract: null, subcontract: 'S-99' }))).toEqual([]);
    const given = kept(10, 9, {}, { contract: null, opportunity: 'P-8' });
    const subcontracts = (given.subcontracts ?? []).map((row) =>
      row.subcontract === 'S-8' ? { ...row, opportunity: 'P-8' } : row,
    );
    expect(names({ ...given, subcontracts })).toEqual(['C-9']);
  });

  const deal = (more: Partial<OutsideDeal>): OutsideDeal => ({
    id: 'P-1',
    customer: 'CRM-1',
    stage: 'closed_won',
    closedOn: '2026-01-01',
    currency: 'EUR',
    amountMinor: 100,
    url: 'https://crm.example/P-1',
    ...more,
  });
  const crm = (...deals: OutsideDeal[]): OutsideRecords => ({
    crm: { records: { customers: [], since: null, deals }, checkedOn: AS_OF, reason: null },
  });

  it('is one whose opportunity nobody won', () => {
    const named = (orders: Given['orders'], outside: OutsideRecords = {}, of: Contract = {}) =>
      told(
        RULE,
        {
          contracts: [contract(of)],
          subcontracts: [subcontract({ opportunity: 'P-1' })],
          orders: orders ?? [],
        },
        outside,
      );
    const other = order(9, { contract: null, opportunity: 'P-9' });
    const [found] = named([other]);
    if (found === undefined) throw new Error('P-1 is no order');
    expect(shown(found)).toEqual({
      subject: ['A-1', 'C-1', 'S-1'],
      money: [0, null],
      evidence: { opportunity: 'P-1', start: '2026-01-01' },
      agreed: [],
      found: ['perennial subcontracts S-1'],
    });
    expect(found.sides.found[0]?.fields.opportunity).toBe('P-1');
    expect(found.suggestion).toContain('P-1');
    expect(named([])).toEqual([]);
    expect(named([order(1, { opportunity: 'P-1' })])).toEqual([]);
    expect(named([order(1, { opportunity: 'P-1', stage: 'open' })])).toHaveLength(1);
    expect(named([other], crm(deal({})))).toEqual([]);
    expect(named([other], crm(deal({ stage: 'open' })))).toHaveLength(1);
    expect(named([other], {}, { status: 'draft' })).toEqual([]);
  });

  it('is told once, by its opportunity, where it lacks an order too', () => {
    const given = kept(10, 9);
    const subcontracts = (given.subcontracts ?? []).map((row) =>
      row.subcontract === 'S-9' ? { ...row, opportunity: 'P-9' } : row,
    );
    expect(
      told(RULE, { ...given, subcontracts }).map((finding) => [
        finding.contract,
        finding.subcontract,
      ]),
    ).toEqual([['C-9', 'S-9']]);
  });

  it('has a counterpart: orders and deals without a contract, told with their records', () => {
    const [open] = told('order-without-contract', {
      orders: [order(1, { contract: null, line: '2', unitPrice: '50', opportunity: 'P-1' })],
    });
    if (open === undefined) throw new Error('nobody drew it up');
    expect(shown(open)).toEqual({
      subject: ['A-1', null, null],
      money: [5000, 'EUR'],
      evidence: {
        order: 'O-1',
        line: '2',
        sku: 'MNT',
        quantity: '1',
        opportunity: 'P-1',
        closed: '2026-05-01',
      },
      agreed: ['perennial orders O-1/2'],
      found: [],
    });
    const accounts = [{ account: 'A-1', currency: 'EUR', crmId: 'CRM-1' }];
    const [won] = told('deal-without-contract', { accounts }, crm(deal({})));
    if (won === undefined) throw new Error('nobody took it over');
    expect(shown(won)).toEqual({
      subject: ['A-1', null, null],
      money: [100, 'EUR'],
      evidence: { record: 'P-1', closed: '2026-01-01' },
      agreed: ['crm deals P-1'],
      found: [],
    });
    expect(won.sides.agreed[0]).toMatchObject({
      fields: { customer: 'CRM-1', closedOn: '2026-01-01', currency: 'EUR', amountMinor: 100 },
      url: 'https://crm.example/P-1',
    });
  });

  it('values an order in its account’s currency, or its seller’s', () => {
    const account = { account: 'A-1', name: 'Acme' };
    const entities = [
      { entity: 'DE', currency: 'SEK' },
      { entity: 'US', currency: 'USD' },
    ];
    const of = (given: Given, more: Order = {}) =>
      told('order-without-contract', {
        orders: [order(1, { contract: null, unitPrice: '50', ...more })],
        ...given,
      }).map(({ amountMinor, currency }) => [amountMinor, currency]);
    expect(of({ accounts: [account], entities })).toEqual([[5000, 'SEK']]);
    expect(of({ accounts: [{ ...account, entity: 'US' }], entities })).toEqual([[5000, 'USD']]);
    expect(of({ accounts: [account], entities }, { entity: 'US' })).toEqual([[5000, 'USD']]);
    expect(of({ accounts: [account] })).toEqual([[0, null]]);
  });
});

describe('allocations', () => {
  const payment = (more: Partial<Row<'payments'>> = {}) => ({
    payment: 'P-1',
    account: 'A-1',
    received: '2026-02-01',
    amount: '100.00',
    reference: 'thanks',
    ...more,
  });
  const part = (invoice: string, amount: string) => ({ payment: 'P-1', invoice, amount });

  it('that are missing are told with what is left', () => {
    const open = (
      more: Partial<Row<'payments'>>,
      parts: readonly string[] = [],
      given: Given = {},
    ) =>
      told('payment-unallocated', {
        payments: [payment(more)],
        payment_allocations: parts.map((amount, at) => part(`I-${at}`, amount)),
        ...given,
      });
    expect(open({}, ['60.00', '30.00']).map(shown)).toEqual([
      {
        subject: ['A-1', null, null],
        money: [1000, 'EUR'],
        evidence: {
          payment: 'P-1',
          received: '2026-02-01',
          amount: '100.00',
          reference: 'thanks',
        },
        agreed: [
          'perennial payment_allocations P-1 → I-0',
          'perennial payment_allocations P-1 → I-1',
        ],
        found: ['bank payments P-1'],
      },
    ]);
    expect(open({}, ['60.00'])[0]?.sides.agreed[0]?.fields).toEqual({
      invoice: 'I-0',
      amount: '60.00',
    });
    expect(open({}).map(({ amountMinor }) => amountMinor)).toEqual([10_000]);
    expect(open({}, ['100.00'])).toEqual([]);
    expect(open({}, ['101.00'])).toEqual([]);
    expect(open({ invoice: 'I-1' })).toEqual([]);
    expect(open({ received: AS_OF })).toHaveLength(1);
    expect(open({ received: '2026-11-21' })).toEqual([]);
    expect(open({ status: 'returned' })).toEqual([]);
    const currencies = (given: Given, more: Partial<Row<'payments'>> = {}) =>
      open(more, [], given).map(({ currency }) => currency);
    const account = { account: 'A-1', name: 'Acme' };
    const entities = [
      { entity: 'DE', currency: 'SEK' },
      { entity: 'US', currency: 'USD' },
    ];
    expect(currencies({}, { currency: 'CHF' })).toEqual(['CHF']);
    expect(currencies({ accounts: [account], entities })).toEqual(['SEK']);
    expect(currencies({ accounts: [{ ...account, entity: 'US' }], entities })).toEqual(['USD']);
    expect(currencies({ accounts: [account] })).toEqual([]);
  });

  it('that are not what the balance says are told with both', () => {
    const differs = (more: Partial<Row<'invoices'>>, parts: readonly string[] = ['40.00']) =>
      told('allocation-differs', {
        invoices: [
          {
            invoice: 'I-1',
            account: 'A-1',
            contract: 'C-1',
            issued: '2026-01-10',
            currency: 'EUR',
            status: 'issued',
            total: '100.00',
            ...more,
          },
          {
            invoice: 'I-2',
            account: 'A-1',
            issued: '2026-01-11',
            status: 'paid',
            credits: 'I-1',
            type: 'credit_note',
            total: '10.00',
            balance: '3.00',
          },
        ],
        payments: [payment()],
        payment_allocations: parts.map((amount) => part('I-1', amount)),
      });
    expect(differs({ balance: '40.00' }).map(shown)).toEqual([
      {
        subject: ['A-1', 'C-1', null],
        money: [1000, 'EUR'],
        evidence: {
          invoice: 'I-1',
          totalMinor: 10_000,
          creditedMinor: 1000,
          balanceMinor: 4000,
          allocatedMinor: 4000,
        },
        agreed: ['perennial invoices I-1'],
        found: ['perennial payment_allocations P-1 → I-1'],
      },
    ]);
    expect(differs({ balance: '40.00' })[0]?.sides.found[0]?.fields).toEqual({
      payment: 'P-1',
      amount: '40.00',
    });
    expect(differs({ balance: '60.00' }).map(({ amountMinor }) => amountMinor)).toEqual([-1000]);
    expect(differs({ balance: '50.00' })).toEqual([]);
    expect(differs({ balance: null })).toEqual([]);
    expect(differs({ balance: '80.00' }, []).map(({ sides }) => sides.found)).toEqual([[]]);
  });
});
