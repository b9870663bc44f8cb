/** A finding's life: one finding a discrepancy, its states, and money that always adds up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../domain/findings/finding.ts';
import {
  accepted,
  assigned,
  begun,
  changesOf,
  type FindingLife,
  findingKey,
  goneNow,
  type KnownFinding,
  keyed,
  type Moved,
  seenAgain,
} from '../../../domain/findings/life.ts';

const DAY = '2026-11-20';

function unbilled(given: Partial<Finding> = {}): Finding {
  return {
    rule: 'unbilled',
    severity: 'high',
    account: 'A-1',
    contract: 'C-1',
    subcontract: 'S-1',
    amountMinor: 120_000,
    currency: 'EUR',
    evidence: { periodStart: '2026-01-01', periodEnd: '2026-12-31', expectedMinor: 120_000 },
    sides: { agreed: [], found: [] },
    suggestion: 'Bill it with the next run.',
    actions: ['billNow'],
    ...given,
  };
}

const seen = (amountMinor: number, issuedMinor: number | null = 0) => ({
  amountMinor,
  issuedMinor,
});
const kinds = ({ events }: Moved) => events.map(({ kind }) => kind);

describe('identity', () => {
  it('is the discrepancy, not what is said of it', () => {
    const first = findingKey(unbilled());
    expect(first).toBe('unbilled|A-1|C-1|S-1|EUR|periodStart=2026-01-01');
    const other = { periodStart: '2026-01-01', periodEnd: '2026-06-30', expectedMinor: 1 };
    expect(findingKey(unbilled({ amountMinor: 7, severity: 'low', evidence: other }))).toBe(first);
    for (const [name, value] of Object.entries({
      rule: 'underbilled',
      contract: 'C-2',
      subcontract: 'S-2',
      currency: 'USD',
      evidence: { periodStart: '2027-01-01' },
    }))
      expect(findingKey(unbilled({ [name]: value })), name).not.toBe(first);
  });

  it('of a license stays when the next period begins', () => {
    const of = (periodStart: string) =>
      findingKey(unbilled({ rule: 'seats-over', evidence: { license: 'L-1', periodStart } }));
    expect(of('2027-01-01')).toBe(of('2026-01-01'));
  });

  it('keeps apart what nothing tells apart, in any order of rows', () => {
    const twins = [unbilled({ amountMinor: 5 }), unbilled({ amountMinor: 9 })];
    const names = (rows: readonly Finding[]) =>
      [...keyed(rows)].map(([key, { amountMinor }]) => [key, amountMinor]);
    expect(keyed(twins).size).toBe(2);
    expect(names(twins)).toEqual(names([...twins].reverse()));
  });
});

describe('a life', () => {
  it('closes by itself with what was billed since, and comes back as recurring', () => {
    const first = begun(seen(120_000));
    expect(first.life).toMatchObject({ state: 'new', openMinor: 120_000, foundMinor: 120_000 });
    const mine = assigned(first.life, 'ann');
    expect(mine?.life.state).toBe('assigned');
    const partly = seenAgain(mine?.life ?? first.life, seen(20_000, 100_000), DAY);
    expect(partly.events).toMatchObject([{ kind: 'shrank', recoveredMinor: 100_000 }]);
    const mended = goneNow(partly.life, seen(0, 120_000));
    expect(mended.life).toMatchObject({ state: 'resolved', openMinor: 0, recoveredMinor: 120_000 });
    expect(mended.events).toMatchObject([{ kind: 'closed', recoveredMinor: 20_000 }]);
    const back = seenAgain(mended.life, seen(5_000, 115_000), DAY);
    expect(back.life).toMatchObject({
      state: 'recurring',
      owner: 'ann',
      openMinor: 5_000,
      foundMinor: 125_000,
      timesFound: 2,
    });
    expect(kinds(back)).toEqual(['recurred']);
  });

  it('counts nothing as recovered that no invoice bills', () => {
    const ended = goneNow(begun(seen(120_000)).life, seen(0, 0));
    expect(ended.events).toMatchObject([{ recoveredMinor: 0, correctedMinor: 120_000 }]);
    const credited = goneNow(begun(seen(-30_000, 90_000)).life, seen(0, 60_000));
    expect(credited.events).toMatchObject([{ recoveredMinor: 0, preventedMinor: 30_000 }]);
    const unpaid = goneNow(begun(seen(30_000, null)).life, seen(0, null));
    expect(unpaid.events).toMatchObject([{ preventedMinor: 30_000 }]);
  });

  it('stays accepted through its day, and no longer; not once more is at stake', () => {
    const { life } = begun(seen(100));
    const let_ = accepted(life, { reason: 'agreed by phone', until: '2026-12-31' }, DAY);
    if (let_ === null) throw new Error('it can be accepted');
    expect(let_.life).toMatchObject({ state: 'accepted', acceptedUntil: '2026-12-31' });
    expect(seenAgain(let_.life, seen(100), '2026-12-31').life.state).toBe('accepted');
    const over = seenAgain(let_.life, seen(100), '2027-01-01');
    expect([over.life.state, over.life.acceptedUntil, kinds(over)]).toEqual([
      'new',
      null,
      ['reopened'],
    ]);
    const more = seenAgain(let_.life, seen(101), DAY);
    expect([more.life.state, kinds(more)]).toEqual(['new', ['grew', 'reopened']]);
    expect(accepted(life, { reason: 'too late', until: '2026-11-19' }, DAY)).toBeNull();
  });

  it('once resolved is neither assigned nor accepted', () => {
    const { life } = goneNow(begun(seen(1)).life, seen(0));
    expect(assigned(life, 'ann')).toBeNull();
    expect(accepted(life, { reason: 'why not', until: DAY }, DAY)).toBeNull();
  });
});

describe('a pass', () => {
  const known = (finding: Finding, life: FindingLife): KnownFinding => ({
    key: findingKey(finding),
    finding,
    life,
  });
  const pass = (rows: readonly Finding[], wasChecked = true) => ({
    asOf: DAY,
    seen: keyed(rows),
    issuedMinor: () => 0,
    wasChecked: () => wasChecked,
  });

  it('closes nothing that it did not check', () => {
    const one = known(unbilled(), begun(seen(120_000)).life);
    expect(changesOf([one], pass([], false))).toEqual([]);
    expect(changesOf([one], pass([])).map(({ life }) => life.state)).toEqual(['resolved']);
  });

  it('prevents nothing that it tells under another rule', () => {
    const expired = unbilled({ rule: 'expired-active', subcontract: null, evidence: {} });
    const one = { ...known(expired, begun(seen(120_000, null)).life) };
    const missed = { ...expired, rule: 'renewal-missed', amountMinor: 100_000 };
    const nothing = { ...pass([missed]), issuedMinor: () => null };
    const [gone, told] = changesOf([one], nothing);
    expect(gone?.life).toMatchObject({
      state: 'resolved',
      preventedMinor: 20_000,
      correctedMinor: 100_000,
    });
    expect(told?.life).toMatchObject({ state: 'new', openMinor: 100_000 });
  });

  it('seen twice says nothing new', () => {
    const [first] = changesOf([], pass([unbilled()]));
    if (first?.finding === undefined || first.finding === null) throw new Error('it is found');
    const [again] = changesOf([known(first.finding, first.life)], pass([unbilled()]));
    expect(again).toMatchObject({ life: first.life, events: [] });
  });
});

type Step =
  | { readonly kind: 'seen'; readonly amountMinor: number; readonly issuedMinor: number | null }
  | { readonly kind: 'gone'; readonly issuedMinor: number | null }
  | { readonly kind: 'assign' }
  | { readonly kind: 'accept'; readonly days: number };

const amount = fc.integer({ min: -1_000_000, max: 1_000_000 });
const issued = fc.option(amount, { nil: null, freq: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('seen' as const), amountMinor: amount, issuedMinor: issued }),
  fc.record({ kind: fc.constant('gone' as const), issuedMinor: issued }),
  fc.constant({ kind: 'assign' as const }),
  fc.record({ kind: fc.constant('accept' as const), days: fc.integer({ min: 0, max: 9 }) }),
);

function take(life: FindingLife, next: Step, on: string): Moved | null {
  if (next.kind === 'seen') return seenAgain(life, next, on);
  if (next.kind === 'gone') return goneNow(life, { amountMinor: 0, issuedMinor: next.issuedMinor });
  if (next.kind === 'assign') return assigned(life, 'ann');
  return accepted(life, { reason: 'agreed', until: `2027-01-1${next.days}` }, on);
}

describe('whatever happens to it', () => {
  it('found is open and recovered and prevented and corrected, and events tell all of it', () => {
    fc.assert(
      fc.property(amount, issued, fc.array(step, { maxLength: 30 }), (first, billed, steps) => {
        let { life, events } = begun(seen(first, billed));
        const told = [...events];
        for (const [index, next] of steps.entries()) {
          const moved = take(life, next, `2027-01-${10 + (index % 10)}`);
          if (moved === null) continue;
          ({ life, events } = moved);
          told.push(...events);
          const made = life.recoveredMinor + life.preventedMinor + life.correctedMinor;
          expect(life.foundMinor).toBe(life.openMinor + made);
          expect(
            Math.min(life.openMinor, life.recoveredMinor, life.preventedMinor, life.correctedMinor),
          ).toBeGreaterThanOrEqual(0);
          expect(life.state === 'accepted').toBe(life.acceptedUntil !== null);
          if (life.state === 'resolved') expect(life.openMinor).toBe(0);
          if (life.state === 'assigned') expect(life.owner).toBe('ann');
        }
        const total = (of: 'recoveredMinor' | 'preventedMinor' | 'correctedMinor') =>
          told.reduce((sum, event) => sum + event[of], 0);
        expect([total('recoveredMinor'), total('preventedMinor'), total('correctedMinor')]).toEqual(
          [life.recoveredMinor, life.preventedMinor, life.correctedMinor],
        );
        const rises = told.map((event, at) =>
          Math.max(event.openMinor - (told[at - 1]?.openMinor ?? 0), 0),
        );
        expect(rises.reduce((sum, rise) => sum + rise, 0)).toBe(life.foundMinor);
      }),
    );
  });
});
