/** Who owned a subcontract when and at which terms, and what a full period costs (docs/rules/billing-rules.md §1, §3). */
import { describe, expect, it } from 'vitest';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Row } from '../../../domain/book/tables.ts';
import {
  contractTerms,
  endAgreedBefore,
  entityOf,
} from '../../../domain/charges/contract-terms.ts';
import { fullPeriodPrice, stateOn } from '../../../domain/charges/recurring.ts';
import {
  isKnown,
  ownerOn,
  subcontractHistory,
  termsCache,
} from '../../../domain/charges/subcontract-history.ts';
import { fraction, toDecimal } from '../../../domain/money/decimal.ts';
import { codeOf } from '../../refusals.ts';
import { amendment, bookOf, company, contract, subcontract } from '../book-builder.ts';

type Given = Parameters<typeof company>[0];

/** The history of S-1 as known on a day. */
function history(given: Given, asOf = '2026-12-31', agreedBefore: string | null = null) {
  const index = indexBook(
    company({ contracts: [contract()], subcontracts: [subcontract()], ...given }),
  );
  const row = index.subcontracts.get('S-1');
  if (row === undefined) throw new Error('the book has S-1');
  const termsOf = termsCache(index);
  const known = subcontractHistory(index, termsOf, row, { asOf, agreedBefore });
  return { index, termsOf, row, known };
}
const stretches = (given: Given, asOf?: string, agreedBefore?: string) =>
  history(given, asOf, agreedBefore ?? null).known?.ownerships.map(
    ({ contract: on, from, to }) => `${on} ${from} ${to}`,
  ) ?? null;
const states = (given: Given) =>
  history(given).known?.ownerships.flatMap((stretch) =>
    stretch.states.map(
      ({ from, quantity, price, discount, active }) =>
        `${from} ${toDecimal(quantity)} at ${price === null ? 'list' : toDecimal(price)}` +
        ` less ${toDecimal(discount)} %${active ? '' : ', off'}`,
    ),
  );

describe('a fact', () => {
  const knows = (
    recorded: string | null,
    takesEffect: string,
    agreedBefore: string | null = null,
  ) => isKnown({ asOf: '2026-06-15', agreedBefore }, recorded, takesEffect);

  it('is known from the day it was recorded, whenever it takes effect', () => {
    expect([knows('2026-06-15', '2026-01-01'), knows('2026-06-16', '2026-01-01')]).toEqual([
      true,
      false,
    ]);
    expect(knows(null, '2027-01-01')).toBe(true);
  });

  it('was agreed by a cut-over where it was recorded before it, or took effect before it', () => {
    expect(knows('2026-03-31', '2027-01-01', '2026-04-01')).toBe(true);
    expect(knows('2026-04-01', '2026-01-01', '2026-04-01')).toBe(false);
    expect(knows(null, '2026-03-31', '2026-04-01')).toBe(true);
    expect(knows(null, '2026-04-01', '2026-04-01')).toBe(false);
  });
});

describe('a history', () => {
  it('runs for the contract, cut to the subcontract’s own days', () => {
    expect(stretches({})).toEqual(['C-1 2026-01-01 2027-01-01']);
    const own = subcontract({ start: '2025-06-01', end: '2026-09-30' });
    expect(stretches({ subcontracts: [own] })).toEqual(['C-1 2026-01-01 2026-10-01']);
    const longer = subcontract({ start: '2026-02-01', end: '2028-12-31' });
    expect(stretches({ subcontracts: [longer] })).toEqual(['C-1 2026-02-01 2027-01-01']);
    expect(stretches({ subcontracts: [subcontract({ start: '2027-01-01' })] })).toEqual([]);
    const learnt = subcontract({ recorded: '2026-06-16' });
    expect(stretches({ subcontracts: [learnt] }, '2026-06-15')).toBeNull();
    expect(stretches({ subcontracts: [learnt] }, '2026-06-16')).not.toBeNull();
  });

  it('has a state from each amendment on; several of a day become one', () => {
    const change = (kind: Row<'amendments'>['kind'], value: string | null, effective: string) =>
      amendment({ amendment: `${effective}-${kind}`, kind, value, effective });
    expect(
      states({
        amendments: [
          change('quantity', '7', '2026-02-01'),
          change('add', '-2.5', '2026-03-01'),
          change('price', '80', '2026-04-01'),
          change('discount', '12.5', '2026-04-01'),
          change('pause', null, '2026-05-01'),
          change('resume', null, '2026-06-01'),
          change('remove', null, '2026-07-01'),
        ],
      }),
    ).toEqual([
      '2026-01-01 10 at 100 less 0 %',
      '2026-02-01 7 at 100 less 0 %',
      '2026-03-01 4.5 at 100 less 0 %',
      '2026-04-01 4.5 at 80 less 12.5 %',
      '2026-05-01 4.5 at 80 less 12.5 %, off',
      '2026-06-01 4.5 at 80 less 12.5 %',
      '2026-07-01 4.5 at 80 less 12.5 %, off',
    ]);
    expect(states({ subcontracts: [subcontract({ unitPrice: null })] })).toEqual([
      '2026-01-01 10 at list less 0 %',
    ]);
  });

  it('ignores what comes after the end or the removal, and says so', () => {
    const warned = (...rows: Partial<Row<'amendments'>>[]) =>
      history({ amendments: rows.map((row, at) => amendment({ amendment: `M-${at}`, ...row })) })
        .known?.warnings.length;
    const more = { kind: 'quantity', value: '11' } as const;
    expect(warned({ ...more, effective: '2026-12-31' })).toBe(0);
    expect(warned({ ...more, effective: '2027-01-01' })).toBe(1);
    const remove = { kind: 'remove', effective: '2026-07-01' } as const;
    expect(warned(remove, { ...more, effective: '2026-08-01' })).toBe(1);
  });

  it('moves to another contract, with the terms it has, and ends with it unless it was to end before', () => {
    const contracts = [
      contract(),
      contract({ contract: 'C-2', start: '2026-05-01', end: '2027-06-30' }),
    ];
    const move = amendment({ kind: 'move', value: 'C-2', effective: '2026-04-01' });
    const of = (row: Partial<Row<'subcontracts'>>) =>
      stretches({ contracts, subcontracts: [subcontract(row)], amendments: [move] });
    // The new contract begins a month after the day of the move: nothing covers April.
    expect(of({})).toEqual(['C-1 2026-01-01 2026-04-01', 'C-2 2026-05-01 2027-07-01']);
    expect(of({ end: '2026-12-31' })).toEqual([
      'C-1 2026-01-01 2026-04-01',
      'C-2 2026-05-01 2027-07-01',
    ]);
    expect(of({ end: '2026-12-30' })).toEqual([
      'C-1 2026-01-01 2026-04-01',
      'C-2 2026-05-01 2026-12-31',
    ]);
    const more = amendment({
      amendment: 'A',
      kind: 'quantity',
      value: '3',
      effective: '2026-02-01',
    });
    expect(states({ contracts, amendments: [more, move] })?.at(-1)).toBe(
      '2026-05-01 3 at 100 less 0 %',
    );
    const { known, row } = history({ contracts, amendments: [move] });
    expect(
      ['2025-01-01', '2026-03-31', '2026-04-30', '2026-05-01', '2029-01-01'].map((on) =>
        ownerOn(known, row, on),
      ),
    ).toEqual(['C-1', 'C-1', 'C-1', 'C-2', 'C-2']);
    expect(ownerOn(null, row, '2026-05-01')).toBe('C-1');
  });

  it('that contradicts itself is refused with its code', () => {
    const code = (row: Partial<Row<'amendments'>>, given: Given = {}) =>
      codeOf(() =>
        history({ amendments: [amendment({ effective: '2026-02-01', ...row })], ...given }),
      );
    expect(code({ kind: 'quantity', value: '-1' })).toBe('negative-quantity');
    expect(code({ kind: 'add', value: '-10' })).toBe('answered');
    expect(code({ kind: 'add', value: '-10.1' })).toBe('negative-quantity');
    expect(code({ kind: 'price', value: '-1' })).toBe('negative-price');
    expect(code({ kind: 'discount', value: '101' })).toBe('discount-invalid');
    for (const value of [null, 'many'])
      expect(code({ kind: 'quantity', value })).toBe('amendment-invalid');
    expect(code({ kind: 'move', value: 'C-9' })).toBe('contract-unknown');
    const contracts = [contract(), contract({ contract: 'C-2', currency: 'USD' })];
    expect(code({ kind: 'move', value: 'C-2' }, { contracts })).toBe('move-currency');
    const negative = (row: Partial<Row<'subcontracts'>>) =>
      codeOf(() => history({ subcontracts: [subcontract(row)] }));
    expect(negative({ quantity: '-1' })).toBe('negative-quantity');
    expect(negative({ unitPrice: '-1' })).toBe('negative-price');
    expect(negative({ discountPercent: '-1' })).toBe('discount-invalid');
  });
});

describe('terms', () => {
  const terms = (row: Partial<Row<'contracts'>>, given: Given = {}) => {
    const index = indexBook(company({ contracts: [contract(row)], ...given }));
    const [own] = index.book.contracts;
    if (own === undefined) throw new Error('the book has a contract');
    return contractTerms(index, own);
  };

  it('end with the term, or after a termination, which waits where reductions wait', () => {
    const end = (row: Partial<Row<'contracts'>>, given?: Given) => terms(row, given).end;
    const monthly = { billingFrequency: 'monthly' };
    expect(end({})).toBe('2027-01-01');
    expect(end({ terminatedOn: '2026-06-14' })).toBe('2026-06-15');
    expect(end({ terminatedOn: '2027-06-14' })).toBe('2027-01-01');
    expect(end({ terminatedOn: '2025-06-14' })).toBe('2026-01-01');
    expect(end({ terminatedOn: '2025-12-31' })).toBe('2026-01-01');
    const waits = { ...monthly, reductions: 'next-period' } as const;
    expect(end({ ...waits, terminatedOn: '2026-06-14' })).toBe('2026-07-01');
    expect(end({ ...waits, terminatedOn: '2026-05-31' })).toBe('2026-06-01');
    const policies = [
      {
        scope: 'contract' as const,
        id: 'C-1',
        policy: 'reductions' as const,
        value: 'next-period',
      },
    ];
    expect(end({ ...monthly, terminatedOn: '2026-06-14' }, { policies })).toBe('2026-07-01');
    const now = { ...monthly, reductions: 'prorated', terminatedOn: '2026-06-14' } as const;
    expect(end(now, { policies })).toBe('2026-06-15');
  });

  it('as agreed before a day leave out what was terminated on it or later', () => {
    const { row } = terms({ terminatedOn: '2026-06-14' });
    expect(endAgreedBefore(row, '2026-06-15', '2026-06-15')).toBe('2027-01-01');
    expect(endAgreedBefore(row, '2026-06-15', '2026-06-16')).toBe('2026-06-15');
    expect(endAgreedBefore({ ...row, terminatedOn: null }, '2026-06-15', '2026-06-16')).toBe(
      '2027-01-01',
    );
  });

  it('take the nearest currency and entity, and refuse what is missing or ambiguous', () => {
    const accounts = [{ account: 'A-1', entity: 'E-2' }];
    const entities = [
      { entity: 'E-1', currency: 'CHF', timeZone: 'Europe/Zurich', cutover: '2026-03-01' },
      { entity: 'E-2', currency: 'NOK' },
    ];
    expect(terms({}, { accounts, entities })).toMatchObject({ currency: 'NOK', entityId: 'E-2' });
    expect(terms({ entity: 'E-1' }, { accounts, entities })).toMatchObject({
      currency: 'CHF',
      timeZone: 'Europe/Zurich',
      billFrom: '2026-03-01',
    });
    expect(
      terms({ currency: 'USD', billFrom: '2026-02-01' }, { accounts, entities }),
    ).toMatchObject({
      currency: 'USD',
      billFrom: '2026-02-01',
    });
    expect(terms({})).toMatchObject({
      entityId: 'default',
      timeZone: 'UTC',
      billFrom: '2026-01-01',
    });
    const nobody = [{ account: 'A-1' }];
    expect(codeOf(() => terms({}, { accounts: nobody }))).toBe('currency-missing');
    expect(codeOf(() => terms({ account: 'A-9' }))).toBe('account-unknown');
    expect(codeOf(() => terms({ billTo: 'A-9' }))).toBe('account-unknown');
    expect(codeOf(() => terms({ billingFrequency: 'weekly' }))).toBe('frequency-invalid');
    expect(codeOf(() => terms({ end: '2025-12-31' }))).toBe('term-invalid');
    expect(codeOf(() => terms({ end: '2026-01-01' }))).toBe('answered');
    expect(codeOf(() => terms({ entity: 'E-9' }, { accounts, entities }))).toBe('entity-unknown');
    expect(codeOf(() => terms({}, { accounts: nobody, entities }))).not.toBe('answered');
    const one = indexBook(bookOf({ entities: [{ entity: 'E-1' }] }));
    expect(entityOf(one, null, 'it')).toMatchObject({ id: 'E-1' });
  });
});

describe('a full period', () => {
  const price = (given: Given, on: string, options: Parameters<typeof fullPeriodPrice>[4] = {}) => {
    const { index, termsOf, known } = history(given);
    if (known === null) throw new Error('the subcontract is known');
    return fullPeriodPrice(index, termsOf('C-1'), known, on, options);
  };

  it('costs what holds on the day, whatever part of it is left', () => {
    const more = amendment({ kind: 'quantity', value: '3', effective: '2026-07-01' });
    expect(price({ amendments: [more] }, '2026-06-30')).toBe(100_000);
    expect(price({ amendments: [more] }, '2026-07-01')).toBe(30_000);
    expect(price({}, '2026-01-01', { months: 3 })).toBe(25_000);
    expect(price({}, '2026-01-01', { quantity: fraction('4') })).toBe(40_000);
    expect(price({}, '2026-01-01', { quantity: fraction('0') })).toBe(0);
    expect(price({ contracts: [contract({ billingFrequency: 'monthly' })] }, '2026-01-01')).toBe(
      8333,
    );
  });

  it('costs nothing on days that are not covered', () => {
    expect([price({}, '2025-12-31'), price({}, '2027-01-01')]).toEqual([0, 0]);
    const pause = amendment({ kind: 'pause', effective: '2026-07-01' });
    expect(price({ amendments: [pause] }, '2026-07-01')).toBe(0);
  });

  it('has the discounts in force', () => {
    const given = {
      contracts: [contract({ discountPercent: '10', discountFrom: '2026-03-01' })],
      subcontracts: [subcontract({ discountPercent: '50', promotion: 'P' })],
      promotions: [{ promotion: 'P', percent: '20', validTo: '2026-02-28' }],
    };
    expect(price(given, '2026-02-28')).toBe(40_000);
    expect(price(given, '2026-03-01')).toBe(45_000);
  });

  it('is told by the state of the day, on the contract asked for', () => {
    const { known } = history({});
    if (known === null) throw new Error('the subcontract is known');
    const at = (contractNumber: string, on: string) =>
      stateOn(known, contractNumber, on)?.from ?? null;
    expect([at('C-1', '2026-01-01'), at('C-1', '2026-12-31')]).toEqual([
      '2026-01-01',
      '2026-01-01',
    ]);
    expect([at('C-1', '2025-12-31'), at('C-1', '2027-01-01'), at('C-2', '2026-06-01')]).toEqual([
      null,
      null,
      null,
    ]);
  });
});

describe('a run', () => {
  it('of subcontracts out of order bills them in order', () => {
    const subcontracts = ['S-3', 'S-1', 'S-2'].map((number) =>
      subcontract({ subcontract: number }),
    );
    const { invoices } = previewBillRun(company({ contracts: [contract()], subcontracts }), {
      run: '2026-01-15',
    });
    expect(invoices[0]?.lines.map((line) => line.subcontract)).toEqual(['S-1', 'S-2', 'S-3']);
  });

  it('sets aside a contract whose history names a product that recurs but no subcontract', () => {
    const aside = (row: Partial<Row<'invoice_lines'>>, issued = '2026-01-10') =>
      previewBillRun(
        company({
          contracts: [contract()],
          subcontracts: [subcontract()],
          invoices: [{ invoice: 'I-1', account: 'A-1', contract: 'C-1', issued }],
          invoice_lines: [{ invoice: 'I-1', line: '1', net: '10.00', sku: 'MNT', ...row }],
        }),
        { run: '2026-01-15' },
      ).setAside.map(({ code }) => code);
    expect(aside({})).toHaveLength(1);
    expect(aside({ sku: 'LIC' })).toEqual([]);
    expect(aside({ sku: null })).toEqual([]);
    expect(aside({ sku: 'UNKNOWN' })).toEqual([]);
    expect(aside({ entry: 'T-1' })).toEqual([]);
    expect(aside({ periodStart: '2025-12-31' })).toEqual([]);
    expect(aside({}, '2026-01-15')).toHaveLength(1);
    expect(aside({ periodStart: '2026-01-01' }, '2026-01-16')).toEqual([]);
  });
});
