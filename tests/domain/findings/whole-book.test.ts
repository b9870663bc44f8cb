/** Rules that need the whole book: numbers without a gap, the ledger, unusual invoices, orders; and one look with all. */
import { describe, expect, it } from 'vitest';
import type { Row } from '../../../domain/book/tables.ts';
import { findingsOf } from '../../../domain/findings/find.ts';
import { atStake, type Finding } from '../../../domain/findings/finding.ts';
import type { OutsideDeal, OutsideRecords } from '../../../domain/findings/outside.ts';
import { lookOver } from '../../../domain/findings/pass.ts';
import { divide, fraction, toDecimal } from '../../../domain/money/decimal.ts';
import { company, contract, subcontract } from '../book-builder.ts';
import { AS_OF, type Given, told } from './shown.ts';

describe('number-gap', () => {
  const invoices = (numbers: readonly number[], more: Partial<Row<'invoices'>> = {}) =>
    numbers.map((number) => ({
      invoice: `R-2026-${String(number).padStart(4, '0')}`,
      account: 'A-1',
      issued: '2026-01-10',
      status: 'paid',
      ...more,
    }));
  const upTo = (last: number, ...without: number[]) =>
    Array.from({ length: last }, (_, at) => at + 1).filter((number) => !without.includes(number));
  const gaps = (rows: readonly Partial<Row<'invoices'>>[], given: Given = {}) =>
    told('number-gap', { ...given, invoices: rows }).map(({ evidence }) => [
      evidence.entity,
      evidence.before,
      evidence.number,
      evidence.through,
      evidence.after,
    ]);

  it('is a number between the first and the last that no document has, one or several', () => {
    expect(gaps(invoices(upTo(11)))).toEqual([]);
    expect(gaps(invoices(upTo(11, 5)))).toEqual([
      [null, 'R-2026-0004', 'R-2026-0005', 'R-2026-0005', 'R-2026-0006'],
    ]);
    expect(gaps(invoices(upTo(30, 7, 8, 20).reverse()))).toEqual([
      [null, 'R-2026-0006', 'R-2026-0007', 'R-2026-0008', 'R-2026-0009'],
      [null, 'R-2026-0019', 'R-2026-0020', 'R-2026-0020', 'R-2026-0021'],
    ]);
    const [one, several] = told('number-gap', { invoices: invoices(upTo(30, 7, 8, 20)) });
    expect(one?.suggestion).toBe(
      'Find R-2026-0007 to R-2026-0008, or record why they were not used.',
    );
    expect(several?.suggestion).toBe('Find R-2026-0020, or record why it was not used.');
    expect(one?.sides.agreed.map(({ id }) => id)).toEqual(['R-2026-0006', 'R-2026-0009']);
  });

  it('is told of series of ten numbers or more, of which nine in ten are there', () => {
    expect(gaps(invoices(upTo(10, 5)))).toEqual([]);
    expect(gaps(invoices(upTo(20, 5, 6)))).toHaveLength(1);
    expect(gaps(invoices(upTo(20, 5, 6, 7)))).toEqual([]);
    // Drafts and void ones have used their numbers.
    const draft = invoices([5], { status: 'draft' });
    expect(gaps([...invoices(upTo(11, 5)), ...draft])).toEqual([]);
  });

  it('belongs to a seller: the document’s, its contract’s or its account’s', () => {
    const given: Given = {
      entities: ['E-1', 'E-2', 'E-3'].map((entity) => ({ entity, currency: 'EUR' })),
      accounts: [{ account: 'A-1', currency: 'EUR', entity: 'E-3' }],
      contracts: [contract({ entity: 'E-2' })],
    };
    const of = (more: Partial<Row<'invoices'>>) =>
      gaps(invoices(upTo(11, 5), more), given).map(([entity]) => entity);
    expect([of({ entity: 'E-1' }), of({ contract: 'C-1' }), of({})]).toEqual([
      ['E-1'],
      ['E-2'],
      ['E-3'],
    ]);
    // Two sellers may use one series each.
    const rows = [
      ...invoices(upTo(11, 4, 5), { entity: 'E-1' }),
      ...invoices([4, 5], { entity: 'E-2' }),
    ];
    expect(gaps(rows, given)).toEqual([]);
    const words = [{ invoice: 'manual', account: 'A-1', issued: '2026-01-01', status: 'paid' }];
    expect(gaps([...words, ...invoices(upTo(11, 5))], given)).toHaveLength(1);
  });
});

describe('ledger-imbalance', () => {
  const ledger = (records: NonNullable<OutsideRecords['ledger']>['records']): OutsideRecords => ({
    ledger: { records, checkedOn: AS_OF, reason: null },
  });
  const given: Given = {
    invoices: [{ invoice: 'I-1', account: 'A-1', issued: '2026-01-10', status: 'paid' }],
  };

  it('is an entry that does not sum to zero, and a receivable that is not the open documents', () => {
    const entry = (entryId: string, sumMinor: number, document: string | null = null) => ({
      entry: entryId,
      currency: 'EUR',
      sumMinor,
      document,
    });
    const receivable = (ledgerMinor: number, openMinor: number) => ({
      account: 'A-1',
      currency: 'EUR',
      ledgerMinor,
      openMinor,
    });
    const found = told(
      'ledger-imbalance',
      given,
      ledger({
        entries: [entry('1', 0), entry('2', -5, 'I-1'), entry('3', 7, 'I-9'), entry('4', 1)],
        receivables: [receivable(100, 100), receivable(100, 130)],
      }),
    );
    expect(
      found.map(({ account, amountMinor, evidence }) => [
        account,
        amountMinor,
        evidence.entry ?? evidence.record,
      ]),
    ).toEqual([
      ['A-1', 30, 'receivable of A-1 in EUR'],
      [null, 7, '3'],
      ['A-1', 5, '2'],
      [null, 1, '4'],
    ]);
    expect(found[0]?.sides).toMatchObject({
      agreed: [{ table: 'open documents', id: 'A-1', fields: { openMinor: 130 } }],
      found: [{ table: 'ledger', id: 'A-1', fields: { ledgerMinor: 100 } }],
    });
    expect(found[2]?.sides.found).toMatchObject([
      { table: 'ledger_entries', id: '2', fields: { sumMinor: -5, document: 'I-1' } },
    ]);
  });

  it('is not told, and told as not checked, where the ledger was not read', () => {
    const state = (outside: OutsideRecords) =>
      findingsOf(company(given), AS_OF, outside).checks.find(
        ({ rule }) => rule === 'ledger-imbalance',
      );
    expect(state({})).toMatchObject({
      state: 'not-checked',
      source: 'ledger',
      checkedOn: null,
      cause: 'no records of ledger were given',
    });
    const down = { ledger: { records: null, checkedOn: '2026-11-01', reason: 'it is down' } };
    expect(state(down)).toMatchObject({ checkedOn: '2026-11-01', cause: 'it is down' });
    expect(state(ledger({ entries: [], receivables: [] }))).toMatchObject({
      state: 'checked',
      checkedOn: AS_OF,
      cause: null,
    });
  });
});

describe('invoice-unusual', () => {
  /** Monthly from December 2025 to November 2026 at a price a year; the last month at another one, billed as agreed. */
  const months = (number: number, last: string, usual = '1200') => {
    const [of, own] = [`C-${number}`, `S-${number}`];
    const starts = Array.from({ length: 12 }, (_, at) =>
      at === 0 ? '2025-12-01' : `2026-${String(at).padStart(2, '0')}-01`,
    );
    const net = (start: string) => (start === '2026-11-01' ? last : usual);
    return {
      contract: contract({
        contract: of,
        start: '2025-12-01',
        end: '2026-11-30',
        billingFrequency: 'monthly',
      }),
      subcontract: subcontract({ subcontract: own, contract: of, quantity: '1', unitPrice: usual }),
      amendment: {
        amendment: `M-${number}`,
        subcontract: own,
        kind: 'price' as const,
        value: last,
        effective: '2026-11-01',
      },
      invoices: starts.map((start) => ({
        invoice: `${of}/${start}`,
        account: 'A-1',
        contract: of,
        issued: start,
        status: 'paid',
        currency: 'EUR',
      })),
      lines: starts.map((start) => ({
        invoice: `${of}/${start}`,
        line: '1',
        subcontract: own,
        net: toDecimal(divide(fraction(net(start)), fraction(12)), 2),
        periodStart: start,
      })),
    };
  };
  const bookOfMonths = (...all: ReturnType<typeof months>[]): Given => ({
    contracts: all.map((one) => one.contract),
    subcontracts: all.map((one) => one.subcontract),
    amendments: all.map((one) => one.amendment),
    invoices: all.flatMap((one) => one.invoices),
    invoice_lines: all.flatMap((one) => one.lines),
  });
  const unusual = (...all: ReturnType<typeof months>[]) =>
    told('invoice-unusual', bookOfMonths(...all)).map(
      ({ subcontract: own, suggestion }) => `${own} ${/unusually (\w+)/.exec(suggestion)?.[1]}`,
    );

  it('is a period that bills a multiple or a fraction of those before', () => {
    expect(unusual(months(1, '12000'))).toEqual(['S-1 much']);
    expect(unusual(months(1, '120'))).toEqual(['S-1 little']);
    expect(unusual(months(1, '1200'))).toEqual([]);
    expect(unusual(months(1, '2400'))).toEqual([]);
    expect(unusual(months(1, '600'))).toEqual([]);
  });

  it('is told with what it was compared with', () => {
    const [found] = told('invoice-unusual', bookOfMonths(months(1, '12000')));
    expect(found).toMatchObject({
      account: 'A-1',
      contract: 'C-1',
      amountMinor: 0,
      currency: 'EUR',
      evidence: {
        periodStart: '2026-11-01',
        invoices: ['C-1/2026-11-01'],
        sku: 'MNT',
        peers: expect.stringContaining('of MNT: median'),
        own: '11 periods of its own agree',
      },
    });
    expect(found?.evidence.change).toMatch(/^\d+\.\d{3} × the median of 11 earlier periods$/);
    expect(found?.sides.agreed.map(({ id }) => id)).toEqual(['S-1']);
    expect(found?.sides.found.map(({ id }) => id)).toEqual(['C-1/2026-11-01/1']);
  });
});

describe('orders', () => {
  const order = (row: Partial<Row<'orders'>> = {}) => ({
    order: 'O-1',
    account: 'A-1',
    sku: 'MNT',
    quantity: '3',
    unitPrice: '50',
    stage: 'closed_won' as const,
    closed: '2026-11-01',
    ...row,
  });
  const amounts = (rule: string, row: Partial<Row<'orders'>>, given: Given = {}) =>
    told(rule, { orders: [order(row)], ...given }).map(({ amountMinor }) => amountMinor);

  it('that were won by the day without a contract are told with their value', () => {
    const without = (row: Partial<Row<'orders'>>, given?: Given) =>
      amounts('order-without-contract', row, given);
    expect(without({})).toEqual([15_000]);
    expect(without({ closed: null })).toEqual([15_000]);
    expect(without({ closed: AS_OF })).toEqual([15_000]);
    expect(without({ closed: '2026-11-21' })).toEqual([]);
    expect(without({ stage: 'open' })).toEqual([]);
    expect(without({ contract: 'C-1' })).toEqual([]);
    expect(without({ subcontract: 'S-1' })).toEqual([]);
    const sold = { contracts: [contract()], subcontracts: [subcontract({ opportunity: 'P-1' })] };
    expect(without({ opportunity: 'P-1' }, sold)).toEqual([]);
    expect(without({ opportunity: 'P-2' }, sold)).toEqual([15_000]);
    // Without a price of its own the list's, without any the question alone.
    expect(without({ unitPrice: null })).toEqual([0]);
    const prices = [{ priceList: 'default', sku: 'MNT', currency: 'EUR', unitPrice: '20' }];
    expect(without({ unitPrice: null }, { prices })).toEqual([6000]);
    expect(without({ unitPrice: null, closed: null }, { prices })).toEqual([6000]);
    const dated = [{ ...prices[0], validFrom: '2026-11-02' }];
    expect(without({ unitPrice: null }, { prices: dated })).toEqual([0]);
  });

  it('that were delivered and never won are told as such, from the day on', () => {
    const delivered = (row: Partial<Row<'orders'>>) =>
      amounts('delivered-without-contract', { stage: 'open', ...row });
    expect(delivered({ delivered: AS_OF })).toEqual([15_000]);
    expect(delivered({ delivered: '2026-11-21' })).toEqual([]);
    expect(delivered({})).toEqual([]);
    expect(delivered({ stage: 'closed_won', delivered: AS_OF })).toEqual([]);
  });

  const deal = (more: Partial<OutsideDeal> = {}): OutsideDeal => ({
    id: 'D-1',
    customer: 'CRM-1',
    stage: 'closed_won',
    closedOn: '2026-11-01',
    currency: 'EUR',
    amountMinor: 9900,
    url: null,
    ...more,
  });
  const crm = (deals: readonly OutsideDeal[]): OutsideRecords => ({
    crm: { records: { customers: [], since: null, deals }, checkedOn: AS_OF, reason: null },
  });
  const deals = (one: Partial<OutsideDeal>, given: Given = {}) =>
    told(
      'deal-without-contract',
      { accounts: [{ account: 'A-1', currency: 'EUR', crmId: 'CRM-1' }], ...given },
      crm([deal(one)]),
    ).map(({ account, amountMinor }) => [account, amountMinor]);

  it('of the CRM that nobody took over are told, with the customer where it is known', () => {
    expect(deals({})).toEqual([['A-1', 9900]]);
    expect(deals({ customer: 'CRM-2' })).toEqual([[null, 9900]]);
    expect(deals({ customer: null })).toEqual([[null, 9900]]);
    expect(deals({ amountMinor: null })).toEqual([['A-1', 0]]);
    expect(deals({ currency: null })).toEqual([['A-1', 0]]);
    expect(deals({ closedOn: AS_OF })).toHaveLength(1);
    expect(deals({ closedOn: '2026-11-21' })).toEqual([]);
    expect(deals({ stage: 'open' })).toEqual([]);
    expect(deals({}, { orders: [order({ opportunity: 'D-1', contract: 'C-1' })] })).toEqual([]);
    const sold = { contracts: [contract()], subcontracts: [subcontract({ opportunity: 'D-1' })] };
    expect(deals({}, sold)).toEqual([]);
  });
});

describe('what is at stake', () => {
  const finding = (more: Partial<Finding>): Finding => ({
    rule: 'unbilled',
    severity: 'high',
    account: 'A-1',
    contract: 'C-1',
    subcontract: 'S-1',
    amountMinor: 100,
    currency: 'EUR',
    evidence: { periodStart: '2026-01-01' },
    sides: { agreed: [], found: [] },
    suggestion: 'Bill it.',
    actions: [],
    ...more,
  });

  it('counts a subcontract and period once, at its most, and nothing that is owed', () => {
    expect(atStake([finding({}), finding({ amountMinor: 60 })])).toEqual({ EUR: 100 });
    expect(atStake([finding({ amountMinor: 60 }), finding({})])).toEqual({ EUR: 100 });
    expect(atStake([finding({}), finding({ evidence: { periodStart: '2027-01-01' } })])).toEqual({
      EUR: 200,
    });
    expect(atStake([finding({}), finding({ subcontract: 'S-2' })])).toEqual({ EUR: 200 });
    expect(atStake([finding({ evidence: {} }), finding({ evidence: {} })])).toEqual({ EUR: 200 });
    const whole = { subcontract: null };
    expect(atStake([finding(whole), finding(whole)])).toEqual({ EUR: 200 });
    expect(atStake([finding({ amountMinor: -5 }), finding({ amountMinor: 0 })])).toEqual({});
    expect(atStake([finding({ currency: null }), finding({ currency: 'USD' })])).toEqual({
      USD: 100,
    });
  });
});

describe('a look with every rule', () => {
  const given: Given = {
    contracts: [contract(), contract({ contract: 'C-2', billingFrequency: 'weekly' })],
    subcontracts: [subcontract()],
    invoices: [
      { invoice: 'I-1', account: 'A-1', contract: 'C-1', issued: '2026-01-10', status: 'paid' },
    ],
    invoice_lines: [
      { invoice: 'I-1', line: '1', subcontract: 'S-1', net: '300.00', periodStart: '2026-01-01' },
      { invoice: 'I-1', line: '2', subcontract: 'S-1', net: '100.00', periodStart: '2026-03-01' },
    ],
  };

  it('names what it saw, what was issued for it, and what it compared', () => {
    const look = lookOver(company(given), AS_OF);
    expect(look.asOf).toBe(AS_OF);
    const seen = [...look.seen.values()];
    const under = seen.find(({ rule }) => rule === 'underbilled');
    if (under === undefined) throw new Error('60 % of it was not billed');
    expect(under.amountMinor).toBe(60_000);
    expect(look.issuedMinor(under)).toBe(40_000);
    expect(look.wasChecked(under)).toBe(true);
    // A contract that can not be computed was compared by that rule alone.
    expect(look.wasChecked({ ...under, contract: 'C-2' })).toBe(false);
    expect(look.wasChecked({ ...under, rule: 'not-computable', contract: 'C-2' })).toBe(true);
    expect(look.wasChecked({ ...under, contract: null })).toBe(true);
    expect(look.wasChecked({ ...under, rule: 'ledger-imbalance', contract: null })).toBe(false);
    expect(look.issuedMinor({ ...under, subcontract: 'S-9' })).toBe(0);
  });
});
