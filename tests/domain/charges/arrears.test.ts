/** Service time, usage and what is charged once, worked out by hand (docs/rules/billing-rules.md §3 and §5). */
import { describe, expect, it } from 'vitest';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { rowOf } from '../../../domain/book/blank-row.ts';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Row } from '../../../domain/book/tables.ts';
import { isChargeable, serviceDifferences } from '../../../domain/charges/service.ts';
import { billingBook } from '../../../domain/charges/unbilled.ts';
import { bookOf, company, contract, subcontract } from '../book-builder.ts';

describe('service time', () => {
  const entry = (row: Partial<Row<'timesheets'>> = {}) =>
    rowOf('timesheets', {
      entry: 'T-1',
      account: 'A-1',
      date: '2026-03-01',
      hours: '1.5',
      rate: '100',
      approvedOn: '2026-03-10',
      ...row,
    });
  const run = (
    entries: readonly Row<'timesheets'>[],
    runOn: string,
    billed: readonly { net: string; issued: string }[] = [],
    oldFindMonths = 12,
  ) =>
    serviceDifferences(
      billingBook(
        indexBook(
          bookOf({
            timesheets: entries,
            invoices: billed.map(({ issued }, at) => ({
              invoice: `I-${at}`,
              account: 'A-1',
              issued,
              currency: 'EUR',
            })),
            invoice_lines: billed.map(({ net }, at) => ({
              invoice: `I-${at}`,
              line: '1',
              net,
              entry: 'T-1',
            })),
          }),
        ),
      ),
      entries,
      { currency: 'EUR', billFrom: null, oldFindMonths, runOn },
    );

  it('is chargeable from its approval on, unless it is not billable or before the cut-over', () => {
    const on = (row: Partial<Row<'timesheets'>>, asOf = '2026-03-10', from: string | null = null) =>
      isChargeable(entry(row), asOf, from);
    expect([
      on({}),
      on({}, '2026-03-09'),
      on({ billable: false }),
      on({ approvedOn: null }),
    ]).toEqual([true, false, false, false]);
    expect([on({}, '2026-03-10', '2026-03-10'), on({}, '2026-03-10', '2026-03-11')]).toEqual([
      true,
      false,
    ]);
    expect(on({ billable: true })).toBe(true);
  });

  it('is billed once; what was credited in full is unbilled again', () => {
    const bill = { net: '150.00', issued: '2026-03-15' };
    const amounts = (runOn: string, ...billed: (typeof bill)[]) =>
      run([entry()], runOn, billed).map(({ amountMinor }) => amountMinor);
    expect(amounts('2026-03-15')).toEqual([15_000]);
    expect(amounts('2026-03-15', bill)).toEqual([]);
    expect(amounts('2026-03-14', bill)).toEqual([15_000]);
    const credit = { net: '-150.00', issued: '2026-04-01' };
    expect(amounts('2026-04-15', bill, credit)).toEqual([15_000]);
    expect(amounts('2026-04-15', bill, { ...credit, net: '-149.99' })).toEqual([]);
  });

  it('comes by its date, then by its number, in its own currency; nothing is no line', () => {
    const entries = [
      entry({ entry: 'T-3', date: '2026-03-02', currency: 'USD' }),
      entry({ entry: 'T-2' }),
      entry({ entry: 'T-1' }),
      entry({ entry: 'T-0', hours: '0' }),
      entry({ entry: 'T-4', date: '2026-02-28' }),
    ];
    const told = (rows: typeof entries) =>
      run(rows, '2026-03-15').map((one) => `${one.entry.entry} ${one.currency}`);
    const expected = ['T-4 EUR', 'T-1 EUR', 'T-2 EUR', 'T-3 USD'];
    expect(told(entries)).toEqual(expected);
    expect(told([...entries].reverse())).toEqual(expected);
  });

  it('that an earlier run should have billed says in which month', () => {
    const due = (approvedOn: string, runOn: string) =>
      run([entry({ approvedOn })], runOn).map(({ dueMonth }) => dueMonth);
    expect(due('2026-03-10', '2026-03-15')).toEqual([null]);
    // The run before, on 15 March, could have billed what was approved by then.
    expect(due('2026-03-15', '2026-04-15')).toEqual(['2026-03']);
    expect(due('2026-03-16', '2026-04-15')).toEqual([null]);
    expect(due('2026-01-16', '2026-04-15')).toEqual(['2026-02']);
    // What was billed then and credited since is not late.
    const bill = { net: '150.00', issued: '2026-03-15' };
    const credit = { net: '-150.00', issued: '2026-04-01' };
    const again = run([entry()], '2026-04-15', [bill, credit]);
    expect(again.map(({ dueMonth }) => dueMonth)).toEqual([null]);
  });

  it('is held where it was approved longer ago than old finds may be', () => {
    const held = (approvedOn: string) =>
      run([entry({ approvedOn })], '2026-04-15', [], 1).map((one) => one.held);
    expect([held('2026-03-15'), held('2026-03-14')]).toEqual([[false], [true]]);
  });

  it('explains itself', () => {
    const [one] = run([entry({ hours: '1.50', rate: '100.00' })], '2026-03-15');
    expect(one?.explanation).toEqual({
      rule: 'service time in arrears, billing rules §3',
      words: '1.5 hours on 2026-03-01, approved on 2026-03-10',
      inputs: { hours: '1.5', rate: '100', date: '2026-03-01', approvedOn: '2026-03-10' },
      arithmetic: '1.5 × 100 = 150.00 EUR',
    });
  });
});

/** Each line as "net of quantity at price". */
const told = (given: Parameters<typeof company>[0], run: string) =>
  previewBillRun(company(given), { run })
    .invoices.flatMap(({ lines }) => lines)
    .map(({ net, quantity, unitPrice }) => `${net} of ${quantity} at ${unitPrice}`);

describe('usage', () => {
  const event = (number: string, at: string, quantity: string, metric = 'API') => ({
    event: number,
    subcontract: 'S-1',
    metric,
    quantity,
    at: `${at}T12:00:00Z`,
  });
  const metered = (row: Partial<Row<'subcontracts'>> = {}) =>
    subcontract({ sku: 'API', quantity: '0', unitPrice: '1', ...row });
  const quarter = contract({ billingFrequency: 'quarterly' });

  it('is counted by period, its tiers over the whole period’s excess', () => {
    const given = {
      contracts: [quarter],
      subcontracts: [metered({ unitPrice: null, includedQuantity: '5' })],
      prices: [
        { minQuantity: '1', unitPrice: '10' },
        { minQuantity: '11', unitPrice: '4' },
      ].map((tier) => ({
        priceList: 'default',
        sku: 'API',
        currency: 'EUR',
        tier: 'graduated' as const,
        ...tier,
      })),
      usage: [
        event('E-1', '2026-02-01', '12'),
        event('E-2', '2026-03-31', '5'),
        event('E-3', '2026-04-01', '5'),
        event('E-4', '2026-04-02', '0.5'),
      ],
    };
    // 17 − 5 = 12: ten at 10, two at 4; then 5.5 − 5 = 0.5 at 10.
    expect(told(given, '2026-04-15')).toEqual(['10800 of 12 at 10', '500 of 0.5 at 10']);
  });

  it('is charged at the price of its day where the agreed one changes, tiers counting on', () => {
    const change = (effective: string, kind: 'price' | 'discount' | 'quantity', value: string) => ({
      amendment: `M-${effective}`,
      subcontract: 'S-1',
      effective,
      kind,
      value,
    });
    const given = {
      contracts: [quarter],
      subcontracts: [metered({ includedQuantity: '5' })],
      amendments: [
        change('2026-02-01', 'price', '2'),
        // Seats do not touch usage, and the same price is no change.
        change('2026-02-10', 'quantity', '7'),
        change('2026-02-20', 'price', '2.00'),
        change('2026-03-01', 'discount', '50'),
      ],
      usage: [
        event('E-1', '2026-01-31', '4'),
        event('E-2', '2026-02-01', '3'),
        event('E-3', '2026-02-25', '1'),
        event('E-4', '2026-03-01', '10'),
      ],
    };
    // Four are included whole, of the next four one is; then ten at half price.
    expect(told(given, '2026-03-15')).toEqual(['600 of 3 at 2', '1000 of 10 at 2']);
  });

  it('is told metric by metric: what is not the subcontract’s product has the list’s price', () => {
    const given = {
      contracts: [quarter],
      subcontracts: [metered({ promotion: 'HALF', discountPercent: '10' })],
      promotions: [{ promotion: 'HALF', percent: '50' }],
      prices: [{ priceList: 'default', sku: 'GB', currency: 'EUR', unitPrice: '3' }],
      usage: [event('E-1', '2026-01-10', '4'), event('E-2', '2026-01-11', '2', 'GB')],
    };
    expect(told(given, '2026-02-15')).toEqual(['180 of 4 at 1', '600 of 2 at 3']);
  });

  it('of a promotion’s days has its percentage, and its amount once', () => {
    const given = {
      contracts: [contract({ ...quarter, discountPercent: '20', discountFrom: '2026-03-01' })],
      subcontracts: [metered({ promotion: 'FEB' })],
      promotions: [
        {
          promotion: 'FEB',
          amount: '5',
          currency: 'EUR',
          validFrom: '2026-02-01',
          validTo: '2026-02-28',
        },
      ],
      usage: [
        event('E-1', '2026-01-31', '10'),
        event('E-2', '2026-02-01', '3'),
        event('E-3', '2026-02-28', '4'),
        event('E-4', '2026-03-01', '10'),
      ],
    };
    // 10; 7 less 5; then 10 less the contract's 20 %.
    expect(told(given, '2026-03-15')).toEqual([
      '1000 of 10 at 1',
      '200 of 7 at 1',
      '800 of 10 at 1',
    ]);
  });

  it('is that of the days that the contract covers the subcontract', () => {
    const given = {
      contracts: [quarter],
      subcontracts: [metered({ start: '2026-04-01' })],
      usage: [event('E-1', '2026-03-31', '10'), event('E-2', '2026-04-01', '3')],
    };
    expect(told(given, '2026-05-15')).toEqual(['300 of 3 at 1']);
  });
});

describe('what is charged once', () => {
  const once = (
    row: Partial<Row<'subcontracts'>>,
    run: string,
    more: Parameters<typeof company>[0] = {},
  ) =>
    told(
      {
        contracts: [contract()],
        subcontracts: [subcontract({ sku: 'LIC', start: '2026-03-10', quantity: '2', ...row })],
        ...more,
      },
      run,
    );
  const change = (row: Partial<Row<'amendments'>>) => ({
    amendments: [{ amendment: 'M-1', subcontract: 'S-1', ...row }],
  });

  it('is charged from its first day on, at the first price and the quantity so far', () => {
    expect(once({}, '2026-03-09')).toEqual([]);
    expect(once({}, '2026-03-10')).toEqual(['20000 of 2 at 100']);
    const more = { kind: 'quantity', effective: '2026-03-20', value: '3' } as const;
    expect(once({}, '2026-03-19', change(more))).toEqual(['20000 of 2 at 100']);
    expect(once({}, '2026-03-20', change(more))).toEqual(['30000 of 3 at 100']);
    const dearer = { kind: 'price', effective: '2026-03-20', value: '70' } as const;
    expect(once({}, '2026-03-20', change(dearer))).toEqual(['20000 of 2 at 100']);
    expect(once({ quantity: '0' }, '2026-03-10')).toEqual([]);
  });

  it('keeps its charge when it is removed, unless it never began or the removal corrects', () => {
    const remove = (effective: string, reason: 'change' | 'correction') =>
      once({}, '2026-04-15', change({ kind: 'remove', effective, reason }));
    expect(remove('2026-04-01', 'change')).toEqual(['20000 of 2 at 100']);
    expect(remove('2026-04-01', 'correction')).toEqual([]);
    expect(remove('2026-03-10', 'change')).toEqual([]);
    expect(remove('2026-05-01', 'correction')).toEqual(['20000 of 2 at 100']);
  });

  it('takes the discounts that hold on its first day', () => {
    const contracts = (discountFrom: string) => ({
      contracts: [contract({ discountPercent: '10', discountFrom })],
    });
    expect(once({}, '2026-03-15', contracts('2026-03-10'))).toEqual(['18000 of 2 at 100']);
    expect(once({}, '2026-03-15', contracts('2026-03-11'))).toEqual(['20000 of 2 at 100']);
    const promotions = (validTo: string) => ({
      promotions: [{ promotion: 'P', percent: '50', amount: '30', currency: 'EUR', validTo }],
    });
    expect(once({ promotion: 'P' }, '2026-03-15', promotions('2026-03-10'))).toEqual([
      '7000 of 2 at 100',
    ]);
    expect(once({ promotion: 'P' }, '2026-03-15', promotions('2026-03-09'))).toEqual([
      '20000 of 2 at 100',
    ]);
  });
});
