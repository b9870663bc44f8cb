/**
 * Random histories of one subcontract, lived day by day as the processes do: invoices, payments, money taken back, promises,
 * grace, more and fewer seats, leaks, a termination. After every day: what counts reaches at least to what is paid, and no
 * further than what is paid or in grace.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addDays, addMonths, type CivilDate, later } from '../../../domain/dates/dates.ts';
import { type ChainLink, endingOf } from '../../../domain/licenses/chain.ts';
import {
  type CoveragePeriod,
  graceRefusal,
  type LicensedSubcontract,
  licenseNeeded,
  type PeriodStanding,
} from '../../../domain/licenses/coverage.ts';
import type { License, LicenseCause } from '../../../domain/licenses/lifecycle.ts';
import { replacement } from '../../../domain/licenses/replacement.ts';

const policy = { graceDays: 30 };
const LIMIT_DAYS = 60;
/** Licenses are made the day before they are needed, and extended a week before they end. */
const AHEAD = { madeDays: 1, extendedDays: 7 };

type Kept = License & ChainLink & { readonly issuedOn: CivilDate; readonly unbilled: boolean };

interface Life {
  readonly periods: CoveragePeriod[];
  readonly grants: { through: CivilDate; reason: string }[];
  terminatedThrough: CivilDate | null;
  seats: number;
  readonly licenses: Map<string, Kept>;
  /** All that may ever have been promised: what a temporary license may reach to. */
  readonly allowed: CivilDate[];
}

const factsOf = (life: Life): LicensedSubcontract => ({
  subcontract: 'S-1',
  periods: life.periods,
  terminatedThrough: life.terminatedThrough,
  grants: life.grants,
});
const currentOf = (life: Life): Kept | null =>
  [...life.licenses.values()].findLast(
    ({ state }) => state === 'enabled' || state === 'suspended',
  ) ?? null;

function refresh(life: Life, day: CivilDate, cause: LicenseCause): void {
  const current = currentOf(life);
  const covered =
    current?.state === 'enabled' && current.validFrom <= day && day <= current.validThrough;
  const due = licenseNeeded(factsOf(life), policy, day, covered);
  const decision = replacement(current, due, { seats: life.seats }, cause, day);
  if (decision.action === 'end') change(life, decision.license, { state: 'suspended' });
  if (decision.action === 'issue') issue(life, day, decision.due, decision.supersedes);
}

function issue(
  life: Life,
  day: CivilDate,
  due: { kind: License['kind']; validFrom: CivilDate; validThrough: CivilDate; cause: string },
  supersedes: string | null,
): string {
  const license = `L-${life.licenses.size + 1}`;
  const { kind, validFrom, validThrough } = due;
  const common = { account: 'A-1', subcontract: 'S-1', perpetual: false, history: [] };
  const dates = { kind, validFrom, validThrough, seats: life.seats, issuedOn: day };
  const unbilled = due.cause === 'not-invoiced';
  const fresh: Kept = {
    license,
    ...common,
    ...dates,
    state: 'enabled',
    supersededBy: null,
    unbilled,
  };
  life.licenses.set(license, fresh);
  if (supersedes !== null) change(life, supersedes, { state: 'superseded', supersededBy: license });
  return license;
}

function change(life: Life, license: string, to: Partial<Kept>): void {
  const found = life.licenses.get(license);
  if (found !== undefined) life.licenses.set(license, { ...found, ...to });
}

function stand(life: Life, nth: number, standing: PeriodStanding): void {
  const period = life.periods[nth];
  if (period !== undefined) life.periods[nth] = { ...period, standing };
}

type Event =
  | { readonly kind: 'invoice'; readonly terms: number }
  | { readonly kind: 'pay' | 'takeBack' | 'leak' | 'suspend' }
  | { readonly kind: 'promise' | 'grace' | 'terminate'; readonly days: number }
  | { readonly kind: 'seats'; readonly seats: number };

/** What happens on a day; money and invoices meet the oldest period that they can. */
function happen(life: Life, day: CivilDate, event: Event): void {
  const at = (state: PeriodStanding['state']) =>
    life.periods.findIndex(({ standing }) => standing.state === state);
  switch (event.kind) {
    case 'invoice': {
      const nth = at('unbilled');
      const dueOn = addDays(day, event.terms);
      stand(life, nth, { state: 'open', dueOn });
      life.allowed.push(addDays(dueOn, policy.graceDays));
      refresh(life, day, 'billing-delayed');
      return;
    }
    case 'pay':
      stand(life, at('open'), { state: 'paid' });
      refresh(life, day, 'paid');
      return;
    case 'takeBack': {
      const nth = life.periods.findLastIndex(({ standing }) => standing.state === 'paid');
      stand(life, nth, { state: 'open', dueOn: day, reopenedOn: day });
      life.allowed.push(addDays(day, policy.graceDays));
      refresh(life, day, 'payment-reversed');
      return;
    }
    case 'promise': {
      const nth = at('open');
      const open = life.periods[nth]?.standing;
      if (open?.state !== 'open') return;
      const promisedUntil = addDays(day, event.days);
      stand(life, nth, { ...open, promisedUntil });
      life.allowed.push(promisedUntil);
      refresh(life, day, 'billing-delayed');
      return;
    }
    case 'grace': {
      const through = addDays(day, event.days);
      const grant = { through, asOf: day };
      if (graceRefusal(factsOf(life), policy, LIMIT_DAYS, grant) !== null) return;
      life.grants.push({ through, reason: 'asked' });
      life.allowed.push(through);
      refresh(life, day, 'grace-granted');
      return;
    }
    case 'seats':
      life.seats = event.seats;
      refresh(life, day, 'amended');
      return;
    case 'leak': {
      const current = currentOf(life);
      if (current === null) return;
      if (current.state === 'suspended') {
        change(life, current.license, { state: 'revoked' });
        return;
      }
      const cause = current.unbilled ? 'not-invoiced' : 'paid';
      const supersededBy = issue(life, day, { ...current, cause }, null);
      change(life, current.license, { state: 'revoked', supersededBy });
      return;
    }
    case 'suspend': {
      const current = currentOf(life);
      if (current?.kind === 'temporary') change(life, current.license, { state: 'suspended' });
      return;
    }
    case 'terminate':
      terminate(life, day, addDays(day, event.days));
      return;
  }
}

function terminate(life: Life, day: CivilDate, through: CivilDate): void {
  if (life.terminatedThrough !== null) return;
  life.terminatedThrough = through;
  const kept = life.periods
    .filter(({ start }) => start <= through)
    .map((period) => (period.end > through ? { ...period, end: through } : period));
  life.periods.splice(0, life.periods.length, ...kept);
  refresh(life, day, 'terminated');
}

/** Keys that count on a day: in force, or replaced by what reaches as far. */
const counting = (life: Life) =>
  [...life.licenses.values()].filter(
    (one) => endingOf(one, (license) => life.licenses.get(license)) === null,
  );

function check(life: Life, day: CivilDate): void {
  const good = counting(life);
  const period = life.periods.find(({ start, end }) => start <= day && day <= end);
  if (period?.standing.state === 'paid') {
    const covering = good.filter((one) => one.validFrom <= day && day <= one.validThrough);
    expect(covering.length, `${day} is paid for`).toBeGreaterThan(0);
    // Paid on its very last day, the period begins with the grace of the next.
    const isFull = covering.some(({ kind }) => kind === 'full');
    expect(isFull || day === period.end, `${day} is full`).toBe(true);
    const reach = covering.map((one) => one.validThrough).reduce(later);
    expect(reach >= period.end, `${reach} reaches ${period.end}, which is paid`).toBe(true);
  }
  const paidEnds = life.periods.filter((one) => one.standing.state === 'paid').map((p) => p.end);
  const graced = [addDays(FIRST, -1), ...paidEnds].map((end) => addDays(end, policy.graceDays));
  const most = [...graced, ...life.allowed].reduce(later);
  for (const one of good.filter(({ validThrough }) => validThrough >= day)) {
    const delayed = addDays(one.issuedOn, AHEAD.madeDays + AHEAD.extendedDays + policy.graceDays);
    const limit = one.unbilled ? later(most, delayed) : most;
    expect(one.validThrough <= limit, `${one.license} through ${one.validThrough}`).toBe(true);
    if (one.kind === 'full' && one.state === 'enabled')
      expect(paidEnds).toContain(one.validThrough);
  }
}

const FIRST = '2024-02-29';
const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('invoice' as const),
      terms: fc.integer({ min: 0, max: 60 }),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'pay' as const }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { kind: 'takeBack' as const },
      { kind: 'leak' as const },
      { kind: 'suspend' as const },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('promise' as const, 'grace' as const),
      days: fc.integer({ min: 1, max: 120 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('seats' as const),
      seats: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('terminate' as const),
      days: fc.integer({ min: -5, max: 90 }),
    }),
  },
);
const history = fc.record({
  months: fc.constantFrom(3, 6, 12),
  events: fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), event), { maxLength: 25 }),
});

it('whatever happens, nothing counts past paid period and grace, and nothing paid ends early', () => {
  fc.assert(
    fc.property(history, ({ months, events }) => {
      const life: Life = {
        periods: Array.from({ length: 5 }, (_, nth) => ({
          start: addMonths(FIRST, nth * months),
          end: addDays(addMonths(FIRST, (nth + 1) * months), -1),
          standing: { state: 'unbilled' as const },
        })),
        grants: [],
        terminatedThrough: null,
        seats: 5,
        licenses: new Map(),
        allowed: [],
      };
      let day = addDays(FIRST, -20);
      for (const [gapDays, one] of events) {
        for (let gap = 0; gap < gapDays; gap += 1) {
          day = addDays(day, 1);
          refresh(life, day, 'billing-delayed');
          check(life, day);
        }
        happen(life, day, one);
        check(life, day);
      }
    }),
  );
});
