import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, type CivilDate } from '../../../domain/dates/dates.ts';
import {
  DEFAULT_LADDER,
  letterNumber,
  MIN_GAP_DAYS,
  parseLadder,
} from '../../../domain/dunning/ladder.ts';
import {
  accountStanding,
  asLateCharge,
  type DunningFacts,
  nextReminder,
  remindersDue,
} from '../../../domain/dunning/reminders.ts';

const DUE = '2027-01-14';
const invoice = (more: Partial<DunningFacts> = {}): DunningFacts => ({
  invoice: 'INV-2026-00017',
  entity: 'DE',
  account: 'ACME',
  currency: 'EUR',
  dueOn: DUE,
  balanceMinor: 119_000,
  remindableMinor: 119_000,
  promisedUntil: null,
  insolventSince: null,
  neverDunned: false,
  stage: 0,
  stageTakenOn: null,
  openSubcontracts: ['C-1042/1'],
  ...more,
});

/** Climbs the ladder day by day, as the workflow does, and tells what was done when. */
function climb(start: DunningFacts, from: CivilDate, days: number): [CivilDate, string][] {
  const done: [CivilDate, string][] = [];
  let facts = start;
  for (let day = 0; day <= days; day += 1) {
    const today = addDays(from, day);
    for (;;) {
      const { next } = nextReminder(facts, DEFAULT_LADDER, today);
      if (next === null || next.on > today) break;
      done.push([today, next.name]);
      facts = { ...facts, stage: next.stage, stageTakenOn: today };
    }
  }
  return done;
}

describe('the ladder', () => {
  it('is climbed from a week before the due date to the suspension', () => {
    expect(climb(invoice(), '2026-12-15', 120)).toEqual([
      ['2027-01-07', 'Courtesy note'],
      ['2027-01-15', 'Reminder 1'],
      ['2027-01-29', 'Reminder 2'],
      ['2027-02-13', 'Final notice'],
      ['2027-02-28', 'Credit hold'],
      ['2027-03-15', 'Suspension'],
    ]);
  });

  it('an invoice that comes in long overdue starts with the first reminder and keeps its distances', () => {
    expect(climb(invoice(), '2027-02-20', 40)).toEqual([
      ['2027-02-20', 'Reminder 1'],
      ['2027-02-27', 'Reminder 2'],
      ['2027-03-06', 'Final notice'],
      ['2027-03-13', 'Credit hold'],
      ['2027-03-20', 'Suspension'],
    ]);
  });

  it('a promise stops it until the promised day, and it goes on the day after', () => {
    const promised = invoice({ stage: 2, stageTakenOn: '2027-01-15', promisedUntil: '2027-02-10' });
    expect(nextReminder(promised, DEFAULT_LADDER, '2027-01-29')).toMatchObject({
      suppressed: 'promised',
      next: { name: 'Reminder 2', on: '2027-02-11' },
    });
    expect(climb(promised, '2027-01-16', 40)).toEqual([
      ['2027-02-11', 'Reminder 2'],
      ['2027-02-18', 'Final notice'],
    ]);
  });

  it.each([
    ['paid', { balanceMinor: 0, remindableMinor: 0 }],
    ['disputed', { remindableMinor: 0 }],
    ['insolvent', { insolventSince: '2027-01-10' }],
    ['never-dunned', { neverDunned: true }],
  ] as const)('what is %s is left alone', (suppressed, more) => {
    expect(nextReminder(invoice(more), DEFAULT_LADDER, '2027-01-20')).toEqual({
      next: null,
      suppressed,
    });
    expect(remindersDue([invoice(more)], DEFAULT_LADDER, '2027-03-20')).toEqual([]);
  });

  it('insolvency stops it from its day on, not before', () => {
    const facts = invoice({ insolventSince: '2027-02-01' });
    expect(nextReminder(facts, DEFAULT_LADDER, '2027-01-31').suppressed).toBeNull();
    expect(nextReminder(facts, DEFAULT_LADDER, '2027-02-01').suppressed).toBe('insolvent');
  });

  it('after the last stage nothing comes', () => {
    expect(nextReminder(invoice({ stage: 6 }), DEFAULT_LADDER, '2028-01-01')).toEqual({
      next: null,
      suppressed: null,
    });
  });

  it('law: one stage at a time, each once, in order, never before its day, never sooner than the gap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -30, max: 90 }),
        fc.option(fc.integer({ min: -20, max: 80 }), { nil: null }),
        fc.integer({ min: 0, max: 6 }),
        (startDay, promiseDay, stage) => {
          const promisedUntil = promiseDay === null ? null : addDays(DUE, promiseDay);
          const done = climb(invoice({ promisedUntil, stage }), addDays(DUE, startDay), 200);
          const names = done.map(([, name]) => name);
          expect(new Set(names).size).toBe(names.length);
          for (const [index, [day, name]] of done.entries()) {
            const entry = DEFAULT_LADDER.find((step) => step.name === name);
            expect(day >= addDays(DUE, entry?.dayOffset ?? 0)).toBe(true);
            if (promisedUntil !== null) expect(day > promisedUntil).toBe(true);
            const before = done[index - 1];
            if (before !== undefined) expect(day >= addDays(before[0], MIN_GAP_DAYS)).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a mail', () => {
  it('takes all that an account owes one entity on one stage, oldest first, currencies apart', () => {
    const groups = remindersDue(
      [
        invoice({ invoice: 'INV-3', dueOn: '2027-01-13', stage: 1 }),
        invoice({
          invoice: 'INV-2',
          dueOn: '2027-01-12',
          stage: 1,
          currency: 'USD',
          remindableMinor: 500,
        }),
        invoice({ invoice: 'INV-1', dueOn: '2027-01-12', stage: 1 }),
        invoice({ invoice: 'INV-4', dueOn: '2026-12-31', stage: 2 }),
        invoice({ invoice: 'INV-5', account: 'OTHER', stage: 1 }),
        invoice({ invoice: 'INV-6', dueOn: '2027-01-25', stage: 1 }),
      ],
      DEFAULT_LADDER,
      '2027-01-15',
    );
    expect(
      groups.map(({ account, stage, items }) => [
        account,
        stage.name,
        items.map((item) => item.invoice),
      ]),
    ).toEqual([
      ['ACME', 'Reminder 1', ['INV-1', 'INV-2', 'INV-3']],
      ['ACME', 'Reminder 2', ['INV-4']],
      ['OTHER', 'Reminder 1', ['INV-5']],
    ]);
    expect(groups[0]?.totalsMinor).toEqual({ EUR: 238_000, USD: 500 });
    expect(groups[0]?.items[0]).toMatchObject({ overdueDays: 3, openSubcontracts: ['C-1042/1'] });
  });

  it('asks for the undisputed lines only', () => {
    const [group] = remindersDue(
      [invoice({ stage: 1, remindableMinor: 40_000 })],
      DEFAULT_LADDER,
      '2027-01-15',
    );
    expect(group?.totalsMinor).toEqual({ EUR: 40_000 });
  });
});

describe('an account', () => {
  it('is on hold and its unpaid subcontracts suspended until they are paid', () => {
    const held = invoice({ stage: 5 });
    const suspended = invoice({ invoice: 'INV-2', stage: 6, openSubcontracts: ['C-1/2', 'C-1/1'] });
    expect(
      accountStanding([held, suspended, invoice({ invoice: 'INV-9', stage: 4 })], DEFAULT_LADDER),
    ).toEqual({
      creditHold: true,
      heldBy: ['INV-2', 'INV-2026-00017'],
      suspended: ['C-1/1', 'C-1/2'],
    });
    const paid = { balanceMinor: 0, remindableMinor: 0 };
    expect(
      accountStanding(
        [
          { ...held, ...paid },
          { ...suspended, ...paid },
        ],
        DEFAULT_LADDER,
      ),
    ).toEqual({
      creditHold: false,
      heldBy: [],
      suspended: [],
    });
  });

  it('keeps its stage for a late charge that stays open, and the charge climbs on from there', () => {
    const parent = invoice({ stage: 5, stageTakenOn: '2027-02-28' });
    const charge = asLateCharge(parent, { invoice: 'LC-1', balanceMinor: 5_000 });
    const paid = { ...parent, balanceMinor: 0, remindableMinor: 0 };
    expect(accountStanding([paid, charge], DEFAULT_LADDER)).toMatchObject({
      creditHold: true,
      heldBy: ['LC-1'],
    });
    expect(nextReminder(charge, DEFAULT_LADDER, '2027-03-01').next).toMatchObject({
      stage: 6,
      on: '2027-03-15',
    });
  });
});

describe('a ladder of one’s own', () => {
  it('is read from the policy, its letters numbered', () => {
    const ladder = parseLadder('5 reminder; 20 final-notice escalate; 90 suspend-licenses');
    expect(ladder.map(({ stage, name, dayOffset }) => [stage, name, dayOffset])).toEqual([
      [1, 'Reminder 1', 5],
      [2, 'Final notice', 20],
      [3, 'Suspension', 90],
    ]);
    expect([1, 2, 3].map((stage) => letterNumber(ladder, stage))).toEqual([1, 2, null]);
    expect([1, 2, 3, 4].map((stage) => letterNumber(DEFAULT_LADDER, stage))).toEqual([
      null,
      1,
      2,
      3,
    ]);
    expect(parseLadder('')).toEqual([]);
  });

  it.each(['soon reminder', '5', '5 shout', '5 reminder; 5 reminder', '9 reminder; 3 reminder'])(
    'refuses %j',
    (text) => {
      expect(() => parseLadder(text)).toThrow(expect.objectContaining({ code: 'policy-invalid' }));
    },
  );
});
