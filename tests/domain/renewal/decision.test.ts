import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../../domain/dates/dates.ts';
import {
  type RenewalFacts,
  renewalDecision,
  renewalSteps,
} from '../../../domain/renewal/decision.ts';

const facts = (more: Partial<RenewalFacts> = {}): RenewalFacts => ({
  termEnd: '2026-12-31',
  autoRenew: false,
  noticeDays: 30,
  noticeReceivedOn: null,
  terminatedOn: null,
  poRequired: false,
  acceptedOn: null,
  declinedOn: null,
  poReceivedOn: null,
  paidOn: null,
  creditHold: false,
  ...more,
});

describe('a contract that does not renew by itself', () => {
  it('waits for an answer, and lapses the day after its end without one', () => {
    expect(renewalDecision(facts(), '2026-12-31')).toEqual({
      decision: 'wait',
      cause: 'no-answer-yet',
    });
    expect(renewalDecision(facts(), '2027-01-01')).toEqual({
      decision: 'lapse',
      cause: 'no-answer',
      on: '2027-01-01',
    });
  });

  it('renews on acceptance or payment', () => {
    const accepted = facts({ acceptedOn: '2026-11-10' });
    expect(renewalDecision(accepted, '2026-11-09').decision).toBe('wait');
    expect(renewalDecision(accepted, '2026-11-10')).toEqual({
      decision: 'renew',
      cause: 'accepted',
      on: '2026-11-10',
    });
    expect(renewalDecision(facts({ paidOn: '2026-12-31' }), '2027-01-05')).toMatchObject({
      decision: 'renew',
      cause: 'paid',
    });
    expect(renewalDecision(facts({ paidOn: '2027-01-01' }), '2027-01-05')).toMatchObject({
      decision: 'lapse',
    });
  });

  it('waits for the purchase order where the account requires one', () => {
    const waiting = facts({ poRequired: true, acceptedOn: '2026-11-10' });
    expect(renewalDecision(waiting, '2026-12-01')).toEqual({
      decision: 'wait',
      cause: 'purchase-order-missing',
    });
    expect(renewalDecision({ ...waiting, poReceivedOn: '2026-12-02' }, '2026-12-02')).toMatchObject(
      {
        decision: 'renew',
        cause: 'purchase-order',
      },
    );
    expect(renewalDecision(waiting, '2027-01-01')).toMatchObject({
      decision: 'lapse',
      cause: 'no-answer',
    });
  });

  it('lapses when declined, unless it was accepted after all', () => {
    const declined = facts({ declinedOn: '2026-11-01' });
    expect(renewalDecision(declined, '2026-11-02')).toEqual({
      decision: 'lapse',
      cause: 'declined',
      on: '2027-01-01',
    });
    expect(renewalDecision({ ...declined, acceptedOn: '2026-11-20' }, '2026-11-20').decision).toBe(
      'renew',
    );
  });
});

describe('a contract that renews by itself', () => {
  const automatic = facts({ autoRenew: true });
  it('does so the day after the notice date', () => {
    expect(renewalDecision(automatic, '2026-12-01')).toEqual({
      decision: 'wait',
      cause: 'before-notice-date',
    });
    expect(renewalDecision(automatic, '2026-12-02')).toEqual({
      decision: 'renew',
      cause: 'auto-renew',
      on: '2026-12-02',
    });
  });

  it('does not after a notice in time, and does after a late one', () => {
    const noticed = (noticeReceivedOn: string) =>
      renewalDecision({ ...automatic, noticeReceivedOn }, '2026-12-20');
    expect(noticed('2026-12-01')).toEqual({ decision: 'lapse', cause: 'notice', on: '2027-01-01' });
    expect(noticed('2026-12-02')).toMatchObject({ decision: 'renew', cause: 'auto-renew' });
  });

  it('without notice days renews as its term ends', () => {
    const none = facts({ autoRenew: true, noticeDays: null });
    expect(renewalDecision(none, '2026-12-31').decision).toBe('wait');
    expect(renewalDecision(none, '2027-01-01')).toMatchObject({
      decision: 'renew',
      on: '2027-01-01',
    });
  });
});

describe('every contract', () => {
  it('on credit hold waits for a person, and lapses if nobody lifts it', () => {
    const held = facts({ autoRenew: true, creditHold: true, acceptedOn: '2026-11-10' });
    expect(renewalDecision(held, '2026-12-15')).toEqual({ decision: 'wait', cause: 'credit-hold' });
    expect(renewalDecision(held, '2027-01-01')).toMatchObject({
      decision: 'lapse',
      cause: 'credit-hold',
    });
    expect(renewalDecision({ ...held, creditHold: false }, '2026-12-15').decision).toBe('renew');
  });

  it('that is terminated is not renewed', () => {
    const over = facts({ autoRenew: true, terminatedOn: '2026-09-30', acceptedOn: '2026-11-10' });
    expect(renewalDecision(over, '2026-12-15')).toMatchObject({
      decision: 'lapse',
      cause: 'terminated',
    });
  });

  it('has its steps in order', () => {
    expect(renewalSteps({ termEnd: '2027-12-31', noticeDays: 90, autoRenew: true })).toEqual([
      { kind: 'draw-up', on: '2027-09-02' },
      { kind: 'notice-date', on: '2027-10-02' },
      { kind: 'remind', on: '2027-11-01' },
      { kind: 'remind', on: '2027-12-01' },
      { kind: 'remind', on: '2027-12-24' },
      { kind: 'end', on: '2027-12-31' },
    ]);
  });

  it('law: after the end it has renewed or lapsed, and what was decided by its day stays decided', () => {
    const day = fc
      .option(fc.integer({ min: -120, max: 10 }), { nil: null })
      .map((days) => (days === null ? null : addDays('2026-12-31', days)));
    const any = fc.record({
      autoRenew: fc.boolean(),
      poRequired: fc.boolean(),
      noticeDays: fc.constantFrom(null, 0, 30, 90),
      acceptedOn: day,
      poReceivedOn: day,
      paidOn: day,
      noticeReceivedOn: day,
    });
    fc.assert(
      fc.property(any, fc.integer({ min: 1, max: 400 }), (more, after) => {
        const all = facts(more);
        const atEnd = renewalDecision(all, addDays('2026-12-31', 11));
        expect(atEnd.decision).not.toBe('wait');
        expect(renewalDecision(all, addDays('2026-12-31', 11 + after))).toEqual(atEnd);
      }),
    );
  });
});

describe('answers on the day, and not before it', () => {
  const decided = (more: Partial<RenewalFacts>, on: string) => {
    const answer = renewalDecision(facts(more), on);
    return `${answer.decision} ${answer.cause}`;
  };

  it('a termination counts from its day on', () => {
    expect(decided({ terminatedOn: '2026-11-10' }, '2026-11-09')).toBe('wait no-answer-yet');
    expect(decided({ terminatedOn: '2026-11-10' }, '2026-11-10')).toBe('lapse terminated');
  });

  it('a notice counts from its day on; an acceptance after it takes it back, one before it or of its day does not', () => {
    const notice = { noticeReceivedOn: '2026-11-10' };
    expect(decided(notice, '2026-11-09')).toBe('wait no-answer-yet');
    expect(decided(notice, '2026-11-10')).toBe('lapse notice');
    expect(decided({ ...notice, acceptedOn: '2026-11-09' }, '2026-12-01')).toBe('lapse notice');
    expect(decided({ ...notice, acceptedOn: '2026-11-10' }, '2026-12-01')).toBe('lapse notice');
    expect(decided({ ...notice, acceptedOn: '2026-11-11' }, '2026-12-01')).toBe('renew accepted');
    expect(decided({ ...notice, acceptedOn: '2026-11-20' }, '2026-11-15')).toBe('lapse notice');
  });

  it('a decline likewise', () => {
    const declined = { declinedOn: '2026-11-10' };
    expect(decided(declined, '2026-11-09')).toBe('wait no-answer-yet');
    expect(decided(declined, '2026-11-10')).toBe('lapse declined');
    expect(decided({ ...declined, acceptedOn: '2026-11-10' }, '2026-12-01')).toBe('lapse declined');
    expect(decided({ ...declined, acceptedOn: '2026-11-11' }, '2026-12-01')).toBe('renew accepted');
    expect(decided({ ...declined, autoRenew: true }, '2026-11-15')).toBe('wait before-notice-date');
  });

  it('an acceptance waits for the order from its day on', () => {
    const waiting = { poRequired: true, acceptedOn: '2026-11-10' };
    expect(decided(waiting, '2026-11-09')).toBe('wait no-answer-yet');
    expect(decided(waiting, '2026-11-10')).toBe('wait purchase-order-missing');
  });

  it('the first of several is the cause, on one day the payment before the acceptance', () => {
    expect(decided({ paidOn: '2026-11-12', acceptedOn: '2026-11-10' }, '2026-12-01')).toBe(
      'renew accepted',
    );
    expect(decided({ paidOn: '2026-11-10', acceptedOn: '2026-11-12' }, '2026-12-01')).toBe(
      'renew paid',
    );
    expect(decided({ paidOn: '2026-11-10', acceptedOn: '2026-11-10' }, '2026-12-01')).toBe(
      'renew paid',
    );
  });

  it('steps of one day keep the order of their kinds', () => {
    // Notice of sixty days falls on the first reminder's day.
    const steps = renewalSteps({ termEnd: '2026-12-31', noticeDays: 60, autoRenew: true });
    expect(steps.map(({ kind }) => kind)).toEqual([
      'draw-up',
      'remind',
      'notice-date',
      'remind',
      'remind',
      'end',
    ]);
  });
});
