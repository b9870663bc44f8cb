/** Billing rules §9, told by their dates: leap days, floors and caps, late starters, years away. */
import { describe, expect, it } from 'vitest';
import { previewBillRun } from '../../../domain/bill-run/preview.ts';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Row } from '../../../domain/book/tables.ts';
import { termsCache } from '../../../domain/charges/subcontract-history.ts';
import { fraction } from '../../../domain/money/decimal.ts';
import { drawUpAgreement } from '../../../domain/renewal/agreement.ts';
import { renewalFacts } from '../../../domain/renewal/agreement-facts.ts';
import { reinstatement } from '../../../domain/renewal/reinstatement.ts';
import { termAfter } from '../../../domain/renewal/term.ts';
import { company } from '../book-builder.ts';

function book(
  contract: Partial<Row<'contracts'>>,
  subcontracts: readonly Partial<Row<'subcontracts'>>[] = [{}],
  indices: readonly Partial<Row<'indices'>>[] = [],
) {
  return company({
    contracts: [
      { contract: 'C-1', account: 'A-1', start: '2026-01-01', end: '2026-12-31', ...contract },
    ],
    subcontracts: subcontracts.map((more, at) => ({
      subcontract: `C-1/${at + 1}`,
      contract: 'C-1',
      sku: 'MNT',
      quantity: '1',
      unitPrice: '365',
      ...more,
    })),
    indices,
  });
}

function agreement(of: ReturnType<typeof book>, asOf: string) {
  const index = indexBook(of);
  return drawUpAgreement(renewalFacts(index, termsCache(index), 'C-1', asOf), asOf);
}

/** What a run bills, as [first day, last day, net]. */
function billed(of: ReturnType<typeof book>, run: string) {
  return previewBillRun(of, { run }).invoices.flatMap(({ lines }) =>
    lines.map(({ coverStart, coverEnd, net }) => [coverStart, coverEnd, net]),
  );
}

describe('one year from 2027-02-28', () => {
  const first = { start: '2027-02-28', end: '2028-02-27' };

  it('is over on 27 February 2028; the next begins on 2028-02-28 and has its 366 days at the same price', () => {
    const drawn = agreement(book(first), '2027-11-29');
    expect(drawn).toMatchObject({
      drawUpOn: '2027-11-29',
      answerBy: '2028-02-27',
      term: { start: '2028-02-28', end: '2029-02-27', months: 12, anchor: '2027-02-28' },
      netMinor: 36_500,
    });
    const { start, end } = drawn.term;
    expect(billed(book({ start, end }), '2028-01-15')).toEqual([
      ['2028-02-28', '2029-02-27', 36_500],
    ]);
  });

  it('that was written with its last day on 2028-02-28 is followed from the 29th, without a hole', () => {
    const next = termAfter({ start: '2027-02-28', end: '2028-02-28' }, '2027-02-28');
    expect(next).toMatchObject({ start: '2028-02-29', end: '2029-02-27', months: 12 });
  });
});

describe('a contract that began on 29 February 2028', () => {
  it('is billed by years that begin on 28 February, and on the 29th again in 2032', () => {
    const five = book({ start: '2028-02-29', end: '2033-02-27' });
    expect(billed(five, '2031-12-15')).toEqual([
      ['2031-02-28', '2032-02-28', 36_500],
      ['2032-02-29', '2033-02-27', 36_500],
    ]);
  });

  it('renews from the day after its end, be that written as 27 or 28 February', () => {
    expect(
      agreement(book({ start: '2028-02-29', end: '2029-02-27' }), '2028-12-01').term,
    ).toMatchObject({
      start: '2029-02-28',
      end: '2030-02-27',
    });
    expect(
      agreement(book({ start: '2028-02-29', end: '2029-02-28' }), '2028-12-01').term,
    ).toMatchObject({
      start: '2029-03-01',
      end: '2030-02-28',
    });
  });
});

describe('an index', () => {
  const indexed = (now: string, more: Partial<Row<'contracts'>>) =>
    agreement(
      book(
        { priceRule: 'index', index: 'CPI', ...more },
        [{ unitPrice: '100' }],
        [
          { index: 'CPI', month: '2025-09', value: '100' },
          { index: 'CPI', month: '2026-09', value: now },
        ],
      ),
      '2026-10-02',
    ).lines[0];

  it('at its cap or floor is itself; beyond, the bound holds and is told', () => {
    const bounds = { upliftFloor: '1', upliftCap: '4' };
    expect(indexed('104', bounds)).toMatchObject({ newUnitPrice: '104', netMinor: 10_400 });
    expect(indexed('104', bounds)?.words).not.toContain('bounded');
    expect(indexed('104.01', bounds)).toMatchObject({
      newUnitPrice: '104',
      words: 'index CPI: 104.01 (2026-09) ÷ 100 (2025-09) = +4.01 %, bounded to +4 %',
    });
    expect(indexed('101', bounds)?.words).not.toContain('bounded');
    expect(indexed('100.99', bounds)).toMatchObject({ newUnitPrice: '101', netMinor: 10_100 });
  });

  it('that fell lowers the price, unless a floor of zero keeps it', () => {
    expect(indexed('98', {})).toMatchObject({ newUnitPrice: '98', netMinor: 9_800 });
    expect(indexed('98', { upliftFloor: '0' })).toMatchObject({
      newUnitPrice: '100',
      netMinor: 10_000,
    });
    expect(indexed('98', { upliftFloor: '-1' })).toMatchObject({
      newUnitPrice: '99',
      netMinor: 9_900,
    });
  });
});

describe('a subcontract that joined on 15 September 2026', () => {
  const joined = (contract: Partial<Row<'contracts'>> = {}) =>
    book(contract, [{}, { start: '2026-09-15', end: '2027-09-14' }]);

  it('ends with its contract, and pays 108 of 365 days', () => {
    expect(billed(joined(), '2026-09-15')).toEqual([
      ['2026-01-01', '2026-12-31', 36_500],
      ['2026-09-15', '2026-12-31', 10_800],
    ]);
  });

  it('is co-termed: the agreement has it for the whole of 2027, and says so', () => {
    const drawn = agreement(joined(), '2026-10-02');
    expect(drawn.term).toMatchObject({ start: '2027-01-01', end: '2027-12-31' });
    expect(drawn.lines.map(({ netMinor }) => netMinor)).toEqual([36_500, 36_500]);
    expect(drawn.lines[0]?.words).toBe('same price');
    expect(drawn.lines[1]?.words).toBe('same price; joined on 2026-09-15, now for the whole term');
  });
});

describe('a contract that lapsed on 27 February 2025, begun on the leap day before', () => {
  const away = (start: 'follow-on' | 'anew') =>
    reinstatement({
      contract: 'C-1',
      currency: 'EUR',
      term: { start: '2024-02-29', end: '2025-02-27' },
      anchor: '2024-02-29',
      on: '2028-02-29',
      subcontracts: [
        { subcontract: 'C-1/1', yearlyOn: (day) => fraction(day < '2027-01-01' ? '100' : '110') },
      ],
      feePercent: '5',
      start,
    });

  it('pays its three years away at the rates of those years, the fee on them, and goes on from the leap day', () => {
    expect(away('follow-on')).toEqual({
      term: { start: '2028-02-29', end: '2029-02-27', months: 12, anchor: '2024-02-29' },
      backCharges: [
        ['2025-02-28', '2026-02-27', 10_000, '100 for 2025-02-28 to 2026-02-27 × 365/365 days'],
        ['2026-02-28', '2027-02-27', 10_000, '100 for 2026-02-28 to 2027-02-27 × 365/365 days'],
        ['2027-02-28', '2028-02-28', 11_000, '110 for 2027-02-28 to 2028-02-28 × 366/366 days'],
      ].map(([from, through, netMinor, words]) => ({
        subcontract: 'C-1/1',
        from,
        through,
        netMinor,
        words,
      })),
      feeMinor: 1_550,
    });
  });

  it('anew begins on the same day with an anchor of its own', () => {
    const { term, feeMinor, backCharges } = away('anew');
    expect(term).toMatchObject({ start: '2028-02-29', end: '2029-02-27', anchor: '2028-02-29' });
    expect([feeMinor, backCharges.length]).toEqual([1_550, 3]);
  });
});
