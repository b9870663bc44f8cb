/** A customer that moves to another of our entities on a day: who bills what, under whose tax and policies. */
import { describe, expect, it } from 'vitest';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Book, Row } from '../../../domain/book/tables.ts';
import { sellerOfAccount, sellerOfDifference, soldOn } from '../../../domain/charges/seller.ts';
import { billingBook, pairBalances } from '../../../domain/charges/unbilled.ts';
import { amendment, bookOf, contract, subcontract } from '../book-builder.ts';

const moved = (row: Partial<Row<'policies'>>): Partial<Row<'policies'>> => ({
  ...{ scope: 'account', id: 'A-1', policy: 'entity', value: 'SWISS', validFrom: '2026-12-01' },
  ...row,
});

/** Ten of MNT at 100 a year; 2026 is billed in full by HQ, whose currency nobody repeats. */
function book(policies: readonly Partial<Row<'policies'>>[], more: Partial<Book> = {}): Book {
  return {
    ...bookOf({
      entities: [
        { entity: 'HQ', country: 'DE', currency: 'EUR', timeZone: 'Europe/Berlin' },
        { entity: 'SWISS', country: 'CH', currency: 'CHF', timeZone: 'Europe/Zurich' },
      ],
      accounts: [{ account: 'A-1', name: 'Acme', entity: 'HQ', country: 'DE' }],
      products: [
        { sku: 'MNT', name: 'CAD Maintenance', kind: 'maintenance' },
        { sku: 'HELP', name: 'Help', kind: 'service' },
      ],
      taxes: [
        { country: 'DE', category: 'S', rate: '19' },
        { country: 'DE', category: 'S', rate: '0', region: 'elsewhere' },
      ],
      contracts: [contract({ end: '2028-12-31' })],
      subcontracts: [subcontract()],
      invoices: [
        {
          ...{ invoice: 'INV-1', account: 'A-1', issued: '2025-11-15', contract: 'C-1' },
          ...{ entity: 'HQ', currency: 'EUR' },
        },
      ],
      invoice_lines: [
        {
          ...{ invoice: 'INV-1', line: '1', subcontract: 'S-1', net: '1000' },
          ...{ periodStart: '2026-01-01', periodEnd: '2026-12-31' },
        },
      ],
      policies,
    }),
    ...more,
  };
}
const run = (of: Book, day: string) => {
  const { invoices, creditNotes, setAside } = previewBillRun(of, { run: day });
  expect(setAside).toEqual([]);
  return [...invoices, ...creditNotes].map(({ entity, currency, net }) => [entity, currency, net]);
};

describe('a moved account', () => {
  it('is billed by the other entity by runs from the day on, in the currency that was agreed', () => {
    const of = book([moved({})]);
    expect(run(of, '2026-11-15')).toEqual([['HQ', 'EUR', 100_000]]);
    expect(run(of, '2026-12-15')).toEqual([['SWISS', 'EUR', 100_000]]);
  });

  it('is taken back by moving it back', () => {
    const back = moved({ value: 'HQ', validFrom: '2026-12-10' });
    expect(run(book([moved({}), back]), '2026-12-15')).toEqual([['HQ', 'EUR', 100_000]]);
  });

  it('takes the other’s policies for what begins from the day on, and keeps its own for what was before', () => {
    const of = book([
      moved({}),
      { scope: 'entity', id: 'SWISS', policy: 'proration', value: 'none', validFrom: null },
    ]);
    // Cancelled in the middle of 2026, which HQ had billed by the day; 2027 was never to be.
    const end = { terminatedOn: '2026-07-01' } as const;
    const [first] = of.contracts;
    if (first === undefined) throw new Error('no contract');
    const ended = { ...of, contracts: [{ ...first, ...end }] };
    expect(run(ended, '2026-12-15')).toEqual([['HQ', 'EUR', -50_137]]);
  });

  it('has what is taken back credited by who billed it, what is added invoiced by who sells now', () => {
    const amendments = bookOf({
      amendments: [
        amendment({ kind: 'quantity', value: '5', effective: '2026-07-02', reason: 'correction' }),
      ],
    });
    const of = book([moved({ validFrom: '2026-11-01' })], { amendments: amendments.amendments });
    expect(run(of, '2026-11-15')).toEqual([
      ['SWISS', 'EUR', 50_000],
      ['HQ', 'EUR', -25_069],
    ]);
  });

  it('keeps a contract that names its entity where it is, unless the contract moves too', () => {
    const own = contract({ end: '2028-12-31', entity: 'HQ' });
    const of = book([moved({})], { contracts: bookOf({ contracts: [own] }).contracts });
    expect(run(of, '2026-12-15')).toEqual([['HQ', 'EUR', 100_000]]);
    const both = book([moved({}), moved({ scope: 'contract', id: 'C-1' })], {
      contracts: of.contracts,
    });
    expect(run(both, '2026-12-15')).toEqual([['SWISS', 'EUR', 100_000]]);
  });

  it('has its own service time billed by the other entity', () => {
    const entry = { account: 'A-1', hours: '2', rate: '80', billable: true, entry: 'T-1' };
    const { timesheets } = bookOf({
      timesheets: [{ ...entry, date: '2026-12-02', approvedOn: '2026-12-03' }],
    });
    const of = book([moved({})], { timesheets, subcontracts: [] });
    expect(run(of, '2026-12-15')).toContainEqual(['SWISS', 'EUR', 16_000]);
  });

  it('sets aside what was moved to an entity that is not there', () => {
    const { setAside } = previewBillRun(book([moved({ value: 'GONE' })]), { run: '2026-12-15' });
    expect(setAside).toMatchObject([{ contract: 'C-1', code: 'entity-unknown' }]);
  });
});

describe('who sells', () => {
  const back = moved({ value: 'HQ', validFrom: '2026-12-20' });
  const at = (of: Book) => {
    const billing = billingBook(indexBook(of));
    return { index: billing.index, billing, terms: billing.termsOf('C-1') };
  };
  const day = '2026-12-15';

  it('is the contract’s own entity until it moves, and again when it moved back', () => {
    const { index, terms } = at(book([moved({}), back]));
    expect(soldOn(index, terms, '2026-11-30')).toBe(terms);
    expect(soldOn(index, terms, '2026-12-20')).toBe(terms);
    const there = soldOn(index, terms, '2026-12-01');
    expect([there.entityId, there.entity?.currency, there.timeZone]).toEqual([
      'SWISS',
      'CHF',
      'Europe/Zurich',
    ]);
    expect(there.row).toBe(terms.row);
  });

  it('has its own time zone, or UTC', () => {
    const entities = bookOf({
      entities: [{ entity: 'HQ', timeZone: 'Europe/Berlin', currency: 'EUR' }, { entity: 'SWISS' }],
    });
    const { index, terms } = at(book([moved({})], { entities: entities.entities }));
    expect(soldOn(index, terms, day).timeZone).toBe('UTC');
  });

  it('is the account’s for its own time, the usual one where it never moved or moved back', () => {
    const { index, terms } = at(book([moved({}), back]));
    const usual = { id: 'HQ', row: terms.entity };
    expect(sellerOfAccount(index, 'A-1', usual, '2026-11-30')).toBe(usual);
    expect(sellerOfAccount(index, 'A-1', usual, '2026-12-20')).toBe(usual);
    expect(sellerOfAccount(index, 'A-1', usual, day)).toMatchObject({
      id: 'SWISS',
      row: { entity: 'SWISS', currency: 'CHF' },
    });
    expect(sellerOfAccount(index, 'A-2', usual, day)).toBe(usual);
  });

  it('is, of what is taken back, the one that billed it last', () => {
    const of = (policies: Parameters<typeof book>[0], issuer: string | null, minor: number) => {
      const given = book(policies);
      const invoices = given.invoices.map((row) => ({ ...row, entity: issuer }));
      const { index, billing, terms } = at({ ...given, invoices });
      const asked = { asOf: day, horizon: day };
      const [pair] = pairBalances(billing, terms, asked, () => undefined);
      if (pair === undefined) throw new Error('2026 was billed');
      const difference = { ...pair, differenceMinor: minor, held: false, dueMonth: null };
      const seller = sellerOfDifference(index, terms, difference, day);
      return [seller.entityId, seller.timeZone, seller === terms, seller.row === terms.row];
    };
    const [own, other] = [
      ['HQ', 'Europe/Berlin', true, true],
      ['SWISS', 'Europe/Zurich', false, true],
    ];
    expect(of([moved({})], 'HQ', -100)).toEqual(own);
    expect(of([moved({})], 'HQ', 100)).toEqual(other);
    expect(of([moved({})], 'SWISS', -100)).toEqual(other);
    expect(of([moved({}), moved({ value: 'HQ', validFrom: day })], 'SWISS', -100)).toEqual(other);
    expect(of([moved({})], null, -100)).toEqual(other);
    expect(of([], 'SWISS', -100)).toEqual(own);
  });
});
