import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, addMonths, type CivilDate } from '../../../domain/dates/dates.ts';
import {
  type CoveragePeriod,
  DEFAULT_GRACE_DAYS,
  graceRefusal,
  graceThrough,
  type LicensedSubcontract,
  licenseDue,
  licenseNeeded,
  type PeriodStanding,
} from '../../../domain/licenses/coverage.ts';

const policy = { graceDays: DEFAULT_GRACE_DAYS };
const paid: PeriodStanding = { state: 'paid' };
const unbilled: PeriodStanding = { state: 'unbilled' };
const open = (dueOn: CivilDate): PeriodStanding => ({ state: 'open', dueOn });

const years = (first: number, ...standings: PeriodStanding[]): CoveragePeriod[] =>
  standings.map((standing, index) => ({
    start: `${first + index}-01-01`,
    end: `${first + index}-12-31`,
    standing,
  }));

const subcontract = (
  periods: readonly CoveragePeriod[],
  more: Partial<LicensedSubcontract> = {},
): LicensedSubcontract => ({
  subcontract: 'C-1042/1',
  periods,
  terminatedThrough: null,
  grants: [],
  ...more,
});

describe('graceThrough', () => {
  it('counts from the later of coverage end and due date', () => {
    expect(graceThrough('2026-12-31', '2026-12-15', 30)).toBe('2027-01-30');
    expect(graceThrough('2026-12-31', '2027-01-14', 30)).toBe('2027-02-13');
    expect(graceThrough('2026-12-31', null, 0)).toBe('2026-12-31');
  });
  it('refuses days of grace that are none', () => {
    expect(() => graceThrough('2026-12-31', null, -1)).toThrow(RangeError);
    expect(() => graceThrough('2026-12-31', null, 1.5)).toThrow(RangeError);
  });
});

describe('a year of one subcontract', () => {
  it('is licensed to the end of the paid period', () => {
    const due = licenseDue(
      subcontract(years(2026, paid, open('2026-12-30'))),
      policy,
      '2026-12-31',
    );
    expect(due).toEqual({
      kind: 'full',
      validFrom: '2026-01-01',
      validThrough: '2026-12-31',
      cause: 'paid',
    });
  });

  it('gets a temporary license on 1 January while the invoice is not paid, until 30 days after', () => {
    const facts = subcontract(years(2026, paid, open('2026-12-30')));
    expect(licenseDue(facts, policy, '2027-01-01')).toEqual({
      kind: 'temporary',
      validFrom: '2027-01-01',
      validThrough: '2027-01-30',
      cause: 'awaiting-payment',
    });
    expect(licenseDue(facts, policy, '2027-01-30')).not.toBeNull();
    expect(licenseDue(facts, policy, '2027-01-31')).toBeNull();
  });

  it('waits for a late invoice in steps of the grace, and stops extending once it is issued', () => {
    const waiting = subcontract(years(2026, paid, unbilled));
    const through = (asOf: CivilDate) => licenseDue(waiting, policy, asOf)?.validThrough;
    expect(through('2027-01-01')).toBe('2027-01-30');
    expect(through('2027-01-23')).toBe('2027-01-30');
    expect(through('2027-01-24')).toBe('2027-03-01');
    expect(through('2027-06-15')).toBe('2027-06-29');
    const issued = subcontract(years(2026, paid, open('2027-07-15')));
    expect(licenseDue(issued, policy, '2027-06-20')?.validThrough).toBe('2027-08-14');
  });

  it('is full again at once when paid, through the new year', () => {
    expect(licenseDue(subcontract(years(2026, paid, paid)), policy, '2027-01-12')).toEqual({
      kind: 'full',
      validFrom: '2027-01-01',
      validThrough: '2027-12-31',
      cause: 'paid',
    });
  });

  it('paid ahead covers this year and the next in one license', () => {
    const due = licenseDue(subcontract(years(2026, paid, paid)), policy, '2026-12-20');
    expect(due).toMatchObject({ validFrom: '2026-01-01', validThrough: '2027-12-31' });
  });

  it('paid before it begins is licensed for its dates; unpaid, nothing yet', () => {
    const before = '2025-12-10';
    expect(licenseDue(subcontract(years(2026, paid)), policy, before)?.validFrom).toBe(
      '2026-01-01',
    );
    expect(licenseDue(subcontract(years(2026, open('2026-01-09'))), policy, before)).toBeNull();
  });

  it('keeps a promise that ends after the grace', () => {
    const standing = { ...open('2026-12-30'), promisedUntil: '2027-02-20' } as PeriodStanding;
    const due = licenseDue(subcontract(years(2026, paid, standing)), policy, '2027-02-10');
    expect(due).toMatchObject({ validThrough: '2027-02-20', cause: 'promised' });
  });

  it('runs as long as support granted, and says so', () => {
    const grants = [{ through: '2027-03-31', reason: 'purchase order delayed' }];
    const facts = subcontract(years(2026, paid, open('2026-12-30')), { grants });
    expect(licenseDue(facts, policy, '2027-03-31')).toMatchObject({
      kind: 'temporary',
      validThrough: '2027-03-31',
      cause: 'granted',
    });
  });

  it('an invoice of the following year does not renew the grace of an unpaid one', () => {
    const facts = subcontract(years(2026, paid, open('2026-12-30'), open('2027-12-30')));
    expect(licenseDue(facts, policy, '2028-01-05')).toBeNull();
  });

  it('ends with the grace when the term ends without renewal, at once when terminated', () => {
    const facts = subcontract(years(2026, paid));
    expect(licenseDue(facts, policy, '2027-01-30')).toMatchObject({
      kind: 'temporary',
      validThrough: '2027-01-30',
      cause: 'term-ended',
    });
    expect(licenseDue(facts, policy, '2027-01-31')).toBeNull();
    const terminated = subcontract(years(2026, paid), { terminatedThrough: '2026-12-31' });
    expect(licenseDue(terminated, policy, '2027-01-01')).toBeNull();
  });

  it('goes back to temporary when the payment is returned', () => {
    const facts = subcontract(years(2026, paid, open('2027-01-14')));
    expect(licenseDue(facts, policy, '2027-01-20')).toMatchObject({
      kind: 'temporary',
      validThrough: '2027-02-13',
    });
  });
});

describe('the license to make today', () => {
  const needed = (standings: PeriodStanding[], day: CivilDate, covered: boolean) =>
    licenseNeeded(subcontract(years(2026, ...standings)), policy, day, covered);

  it('is tomorrow’s, so that no day begins without one', () => {
    expect(needed([paid, paid], '2025-12-31', false)).toMatchObject({ validFrom: '2026-01-01' });
    expect(needed([paid, open('2026-12-30')], '2026-12-31', true)).toMatchObject({
      kind: 'temporary',
      validFrom: '2027-01-01',
      validThrough: '2027-01-30',
    });
    expect(needed([paid], '2026-06-01', false)).toMatchObject({ validFrom: '2026-01-01' });
  });

  it('begins with today’s for who has none that counts today', () => {
    // They paid on the last day of a period, and the next one is paid as well.
    expect(needed([paid, open('2026-12-30')], '2026-12-31', false)).toMatchObject({
      kind: 'temporary',
      validFrom: '2026-01-01',
      validThrough: '2027-01-30',
    });
    // A hole before the next period: nothing is due today.
    const [first, second] = years(2026, paid, paid);
    if (first === undefined || second === undefined) throw new Error('there are two years');
    const later = { ...second, start: '2027-03-01' };
    const facts = subcontract([first, later], { terminatedThrough: '2026-12-31' });
    expect(licenseNeeded(facts, policy, '2027-02-28', false)).toMatchObject({
      validFrom: '2027-03-01',
    });
  });

  it('is today’s where nothing is due any more tomorrow, and none where nothing is today', () => {
    const standings = [paid, open('2026-12-30')];
    expect(needed(standings, '2027-01-30', true)).toMatchObject({ validThrough: '2027-01-30' });
    expect(needed(standings, '2027-01-31', false)).toBeNull();
    expect(needed([], '2027-01-31', false)).toBeNull();
  });
});

describe('holes and ends', () => {
  it('a full license does not reach over a hole between two periods', () => {
    const periods = [
      { start: '2026-01-01', end: '2026-12-31', standing: paid },
      { start: '2027-01-02', end: '2027-12-31', standing: paid },
    ];
    expect(licenseDue(subcontract(periods), policy, '2026-06-01')?.validThrough).toBe('2026-12-31');
    expect(licenseDue(subcontract(periods), policy, '2027-01-01')?.validFrom).toBe('2027-01-02');
  });

  it('what was never paid keeps its grace after the last period', () => {
    const due = licenseDue(subcontract(years(2026, open('2026-12-20'))), policy, '2027-01-10');
    expect(due).toEqual({
      kind: 'temporary',
      validFrom: '2026-01-01',
      validThrough: '2027-01-19',
      cause: 'awaiting-payment',
    });
    expect(licenseDue(subcontract([]), policy, '2027-01-10')).toBeNull();
  });

  it('without days of grace an invoice that is not issued gives none', () => {
    const waiting = subcontract(years(2026, paid, unbilled));
    expect(licenseDue(waiting, { graceDays: 0 }, '2027-01-01')).toBeNull();
  });

  it('whoever had paid gets the days of grace anew when the payment is taken back', () => {
    const reopenedOn = '2027-02-10';
    const standing = { ...open('2026-12-30'), reopenedOn } as PeriodStanding;
    const due = licenseDue(subcontract(years(2026, paid, standing)), policy, '2027-02-11');
    expect(due).toMatchObject({ validThrough: '2027-03-12', cause: 'awaiting-payment' });
    const early = { ...open('2027-03-01'), reopenedOn } as PeriodStanding;
    expect(
      licenseDue(subcontract(years(2026, paid, early)), policy, '2027-02-11')?.validThrough,
    ).toBe('2027-03-31');
  });

  it('a promise within the grace adds nothing', () => {
    for (const promisedUntil of ['2027-01-15', '2027-01-30']) {
      const standing = { ...open('2026-12-30'), promisedUntil } as PeriodStanding;
      const due = licenseDue(subcontract(years(2026, paid, standing)), policy, '2027-01-10');
      expect(due).toMatchObject({ validThrough: '2027-01-30', cause: 'awaiting-payment' });
    }
  });

  it('a termination before the unpaid period leaves no grace for it', () => {
    const facts = subcontract(years(2026, paid, open('2026-12-30')), {
      terminatedThrough: '2026-12-31',
    });
    expect(licenseDue(facts, policy, '2027-01-01')).toBeNull();
    const within = { ...facts, terminatedThrough: '2027-01-01' };
    expect(licenseDue(within, policy, '2027-01-01')).toMatchObject({
      validFrom: '2027-01-01',
      validThrough: '2027-01-01',
    });
  });
});

const FIRST = '2024-02-29';
const standing: fc.Arbitrary<PeriodStanding> = fc.oneof(
  fc.constant(paid),
  fc.constant(unbilled),
  fc.integer({ min: -60, max: 900 }).map((days) => open(addDays(FIRST, days))),
);
const facts = fc.record({
  standings: fc.array(standing, { minLength: 1, maxLength: 5 }),
  months: fc.constantFrom(1, 3, 6, 12),
  graceDays: fc.integer({ min: 0, max: 90 }),
  asOfDays: fc.integer({ min: -30, max: 2000 }),
});

function periodsOf(standings: readonly PeriodStanding[], months: number): CoveragePeriod[] {
  return standings.map((state, index) => ({
    start: addMonths(FIRST, index * months),
    end: addDays(addMonths(FIRST, (index + 1) * months), -1),
    standing: state,
  }));
}

describe('laws', () => {
  it('no license is valid past what is paid or due, plus grace; unbilled waits in whole steps', () => {
    fc.assert(
      fc.property(facts, ({ standings, months, graceDays, asOfDays }) => {
        const periods = periodsOf(standings, months);
        const asOf = addDays(FIRST, asOfDays);
        const due = licenseDue(subcontract(periods), { graceDays }, asOf);
        if (due === null) return;
        const paidEnds = periods.filter((p) => p.standing.state === 'paid').map((p) => p.end);
        if (due.kind === 'full') expect(paidEnds).toContain(due.validThrough);
        else if (due.cause === 'not-invoiced')
          expect(due.validThrough <= addDays(asOf, graceDays + 7)).toBe(true);
        else {
          const dueDates = periods.flatMap((p) =>
            p.standing.state === 'open' ? [p.standing.dueOn] : [],
          );
          const latest = [addDays(FIRST, -1), ...paidEnds, ...dueDates].sort().at(-1) ?? '';
          expect(due.validThrough <= addDays(latest, graceDays)).toBe(true);
        }
      }),
    );
  });

  it('a day that is paid for is never without a full license that reaches the paid end', () => {
    fc.assert(
      fc.property(facts, ({ standings, months, graceDays, asOfDays }) => {
        const periods = periodsOf(standings, months);
        const asOf = addDays(FIRST, asOfDays);
        const running = periods.find((p) => p.start <= asOf && asOf <= p.end);
        if (running?.standing.state !== 'paid') return;
        const due = licenseDue(subcontract(periods), { graceDays }, asOf);
        expect(due?.kind).toBe('full');
        expect(due !== null && due.validFrom <= asOf && due.validThrough >= running.end).toBe(true);
      }),
    );
  });

  it('a license that is due holds on the day it is due for, or begins after it', () => {
    fc.assert(
      fc.property(facts, ({ standings, months, graceDays, asOfDays }) => {
        const asOf = addDays(FIRST, asOfDays);
        const due = licenseDue(subcontract(periodsOf(standings, months)), { graceDays }, asOf);
        if (due === null) return;
        expect(due.validThrough >= asOf && due.validFrom <= due.validThrough).toBe(true);
      }),
    );
  });

  it('while the invoice is ours to send, nobody is cut off', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 0, max: 364 }),
        (grace, day) => {
          const waiting = subcontract(years(2026, paid, unbilled));
          const due = licenseDue(waiting, { graceDays: grace }, addDays('2027-01-01', day));
          expect(due).not.toBeNull();
        },
      ),
    );
  });
});

describe('grace that a person grants', () => {
  const unpaid = subcontract(years(2026, paid, open('2026-12-30')));
  const asked = (facts: LicensedSubcontract, through: CivilDate, asOf = '2027-01-20') =>
    graceRefusal(facts, policy, 60, { through, asOf })?.code ?? 'granted';

  it('reaches past the grace of the rules, up to the limit', () => {
    // Coverage ended on 31 December: the rules give until 30 January, the limit is 31 March.
    expect(asked(unpaid, '2027-01-30')).toBe('grace-not-needed');
    expect(asked(unpaid, '2027-01-31')).toBe('granted');
    expect(asked(unpaid, '2027-03-31')).toBe('granted');
    expect(asked(unpaid, '2027-04-01')).toBe('grace-limit');
  });
  it('is measured from the rules, so that many grants reach no further than one', () => {
    const granted = { ...unpaid, grants: [{ through: '2027-03-31', reason: 'merger' }] };
    expect(asked(granted, '2027-03-31')).toBe('grace-not-needed');
    expect(asked(granted, '2027-04-01')).toBe('grace-limit');
  });
  it('bridges what lapsed, and what was unpaid when it did', () => {
    const lapsed = subcontract(years(2026, paid));
    expect(asked(lapsed, '2027-01-30')).toBe('grace-not-needed');
    expect(asked(lapsed, '2027-01-31')).toBe('granted');
    expect(asked(lapsed, '2027-04-01')).toBe('grace-limit');
    const never = subcontract(years(2026, open('2027-01-10')));
    expect(asked(never, '2027-02-09')).toBe('grace-not-needed');
    expect(asked(never, '2027-02-10')).toBe('granted');
  });
  it('is possible after the grace is over, but not for a day that is', () => {
    expect(asked(unpaid, '2027-03-05', '2027-03-05')).toBe('granted');
    expect(asked(unpaid, '2027-03-10', '2027-03-05')).toBe('granted');
    expect(asked(unpaid, '2027-03-04', '2027-03-05')).toBe('grace-not-needed');
  });
  it('is for what is unpaid, and ends with a termination', () => {
    expect(asked(unpaid, '2027-02-28', '2026-11-01')).toBe('grace-not-needed');
    expect(asked(unpaid, '2027-02-28', '2026-12-31')).toBe('grace-not-needed');
    expect(asked(unpaid, '2027-02-28', '2027-01-01')).toBe('granted');
    expect(asked(subcontract([]), '2027-02-28')).toBe('grace-not-needed');
    // What has not begun needs none, unpaid or not; on its first day it may.
    const first = subcontract(years(2026, open('2026-01-20')));
    expect(asked(first, '2026-03-31', '2025-12-31')).toBe('grace-not-needed');
    expect(asked(first, '2026-03-31', '2026-01-01')).toBe('granted');
    const ended = { ...unpaid, terminatedThrough: '2027-02-15' };
    expect(asked(ended, '2027-02-15')).toBe('granted');
    expect(asked(ended, '2027-02-16')).toBe('contract-ended');
  });
  it('begins anew on the day on which a payment is taken back', () => {
    const standing = { ...open('2026-12-30'), reopenedOn: '2027-06-10' } as PeriodStanding;
    const reopened = subcontract(years(2026, paid, standing));
    expect(licenseDue(reopened, policy, '2027-06-10')).toMatchObject({
      kind: 'temporary',
      validThrough: '2027-07-10',
    });
    expect(licenseDue(reopened, policy, '2027-07-11')).toBeNull();
  });
});
