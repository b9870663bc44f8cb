/** Billing periods as licenses see them, worked out by hand (docs/rules/billing-rules.md §1, §6 and §8). */
import { describe, expect, it } from 'vitest';
import { indexBook } from '../../../domain/book/book-index.ts';
import type { Row } from '../../../domain/book/tables.ts';
import { subcontractHistory, termsCache } from '../../../domain/charges/subcontract-history.ts';
import {
  type LicenseLine,
  licensedSubcontract,
  seatsOn,
} from '../../../domain/licenses/standings.ts';
import { company } from '../book-builder.ts';

interface Facts {
  readonly subcontract?: Partial<Row<'subcontracts'>>;
  readonly contract?: Partial<Row<'contracts'>>;
  readonly amendments?: readonly Partial<Row<'amendments'>>[];
}

/** Three years from 15 January 2026, billed yearly; S-1 is on C, and D is there to move to. */
function parts({ subcontract, contract, amendments = [] }: Facts) {
  const years = { account: 'A-1', start: '2026-01-15', end: '2029-01-14' };
  const index = indexBook(
    company({
      contracts: [
        { contract: 'C', ...years, ...contract },
        { contract: 'D', ...years },
      ],
      subcontracts: [
        {
          subcontract: 'S-1',
          contract: 'C',
          sku: 'MNT',
          quantity: '2.5',
          unitPrice: '100',
          ...subcontract,
        },
      ],
      amendments: amendments.map((row, at) => ({
        amendment: `M-${at}`,
        subcontract: 'S-1',
        ...row,
      })),
    }),
  );
  const termsOf = termsCache(index);
  const [row] = index.book.subcontracts;
  if (row === undefined) throw new Error('the book has a subcontract');
  const history = subcontractHistory(index, termsOf, row, {
    asOf: '2026-01-15',
    agreedBefore: null,
  });
  if (history === null) throw new Error('the subcontract is known');
  return { history, termsOf };
}

const line = (more: Partial<LicenseLine>): LicenseLine => ({
  subcontract: 'S-1',
  periodStart: '2026-01-15',
  netMinor: 25_000,
  openMinor: 0,
  dueOn: '2026-01-30',
  promisedUntil: null,
  reopenedOn: null,
  ...more,
});

function facts(given: Facts & { lines?: readonly LicenseLine[]; asOf?: string; on?: string }) {
  const { history, termsOf } = parts(given);
  const terms = termsOf(given.on ?? 'C');
  return licensedSubcontract(terms, history, given.lines ?? [], given.asOf ?? '2026-03-01');
}
const told = (given: Parameters<typeof facts>[0]) =>
  facts(given).periods.map(({ start, end, standing }) => `${start} ${end} ${standing.state}`);

describe('the periods', () => {
  it('run from the start to the one after today’s, and no further than the contract', () => {
    const years = ['2026-01-15 2027-01-14', '2027-01-15 2028-01-14', '2028-01-15 2029-01-14'];
    const unbilled = years.map((year) => `${year} unbilled`);
    expect(told({ asOf: '2026-03-01' })).toEqual(unbilled.slice(0, 2));
    expect(told({ asOf: '2027-01-14' })).toEqual(unbilled.slice(0, 2));
    expect(told({ asOf: '2027-01-15' })).toEqual(unbilled);
    expect(told({ asOf: '2031-01-01' })).toEqual(unbilled);
  });

  it('begin with the subcontract and end with its removal; a pause in between changes nothing', () => {
    const own = { start: '2026-06-10', end: '2027-03-31' };
    expect(told({ subcontract: own })).toEqual([
      '2026-06-10 2027-01-14 unbilled',
      '2027-01-15 2027-03-31 unbilled',
    ]);
    const pause = { kind: 'pause', effective: '2026-05-01' } as const;
    const resume = { kind: 'resume', effective: '2026-07-01' } as const;
    const remove = { kind: 'remove', effective: '2027-03-01' } as const;
    const asOf = '2029-01-01';
    expect(told({ amendments: [pause, resume, remove], asOf })).toEqual([
      '2026-01-15 2027-01-14 unbilled',
      '2027-01-15 2027-02-28 unbilled',
    ]);
    const atBoundary = { ...remove, effective: '2027-01-15' };
    expect(told({ amendments: [atBoundary], asOf })).toEqual(['2026-01-15 2027-01-14 unbilled']);
  });

  it('are those of one contract: what moved is on the new one from its day', () => {
    const amendments = [{ kind: 'move', effective: '2026-09-01', value: 'D' }] as const;
    expect(told({ amendments })).toEqual(['2026-01-15 2026-08-31 unbilled']);
    expect(told({ amendments, on: 'D' })).toEqual([
      '2026-09-01 2027-01-14 unbilled',
      '2027-01-15 2028-01-14 unbilled',
    ]);
  });

  it('tell the last day of a termination that was decided', () => {
    expect(facts({}).terminatedThrough).toBeNull();
    expect(facts({ contract: { status: 'terminated' } }).terminatedThrough).toBe('2029-01-14');
    const terminated = facts({ contract: { terminatedOn: '2027-06-30' }, asOf: '2029-01-01' });
    expect(terminated.periods.at(-1)?.end).toBe(terminated.terminatedThrough);
  });
});

describe('a period', () => {
  const standing = (
    lines: readonly LicenseLine[],
    subcontract: Partial<Row<'subcontracts'>> = {},
    more: Facts = {},
  ) => facts({ ...more, lines, subcontract }).periods.map((period) => period.standing);
  const paid = { state: 'paid' };
  const unbilled = { state: 'unbilled' };

  it('is paid when what was billed is, counting its own lines alone', () => {
    expect(standing([line({})])).toEqual([paid, unbilled]);
    expect(standing([line({ periodStart: '2027-01-14' })])).toEqual([paid, unbilled]);
    expect(standing([line({ periodStart: '2027-01-15' })])).toEqual([unbilled, paid]);
    expect(standing([line({ subcontract: 'S-2' })])).toEqual([unbilled, unbilled]);
  });

  it('is not billed where credits took all of it back', () => {
    const credit = line({ netMinor: -25_000 });
    expect(standing([line({}), credit])).toEqual([unbilled, unbilled]);
    expect(standing([credit])).toEqual([unbilled, unbilled]);
    expect(standing([line({}), line({ netMinor: -24_999 })])).toEqual([paid, unbilled]);
  });

  it('is open until the latest due date, promise and return of its open lines', () => {
    const lines = [
      line({ openMinor: 1, dueOn: '2026-02-10', promisedUntil: '2026-03-01' }),
      line({ openMinor: 1, dueOn: '2026-01-30', promisedUntil: '2026-04-01' }),
      line({ openMinor: 1, dueOn: '2026-01-20', reopenedOn: '2026-02-20' }),
      line({ openMinor: 1, dueOn: '2026-01-25', reopenedOn: '2026-02-12' }),
      line({ dueOn: '2026-12-31', promisedUntil: '2026-12-31', reopenedOn: '2026-12-31' }),
    ];
    expect(standing(lines)[0]).toEqual({
      state: 'open',
      dueOn: '2026-02-10',
      promisedUntil: '2026-04-01',
      reopenedOn: '2026-02-20',
    });
    expect(standing([line({ openMinor: 1 })])[0]).toEqual({ state: 'open', dueOn: '2026-01-30' });
    expect(standing([line({ openMinor: 0 }), line({ openMinor: -5 })])[0]).toEqual(paid);
  });

  it('counts as paid before the cut-over, and where nothing is ever charged', () => {
    expect(standing([], {}, { contract: { billFrom: '2027-01-15' } })).toEqual([paid, unbilled]);
    expect(standing([], {}, { contract: { billFrom: '2027-01-16' } })).toEqual([paid, paid]);
    expect(standing([], { unitPrice: '0.00' })).toEqual([paid, paid]);
    expect(standing([], { discountPercent: '100' })).toEqual([paid, paid]);
    expect(standing([], { discountPercent: '99.9' })).toEqual([unbilled, unbilled]);
    expect(standing([], { unitPrice: null })).toEqual([unbilled, unbilled]);
    const raised = [{ kind: 'price', effective: '2027-01-15', value: '50' }] as const;
    const free = { unitPrice: '0' };
    expect(standing([], free, { amendments: raised })).toEqual([unbilled, unbilled]);
  });
});

describe('seats', () => {
  const seats = (day: string, given: Facts = {}, contract = 'C') =>
    seatsOn(parts(given).history, contract, day);

  it('are the next whole number of the day’s quantity, at least one', () => {
    expect(seats('2026-06-30')).toBe(3);
    expect(seats('2026-06-30', { subcontract: { quantity: '3' } })).toBe(3);
    expect(seats('2026-06-30', { subcontract: { quantity: '0' } })).toBe(1);
  });

  it('change on the day of the amendment, and are the first ones before the start', () => {
    const amendments = [{ kind: 'quantity', effective: '2026-07-01', value: '5' }] as const;
    expect(seats('2026-06-30', { amendments })).toBe(3);
    expect(seats('2026-07-01', { amendments })).toBe(5);
    expect(seats('2025-12-01', { amendments })).toBe(3);
    expect(seats('2026-07-01', { amendments }, 'D')).toBe(1);
  });
});
