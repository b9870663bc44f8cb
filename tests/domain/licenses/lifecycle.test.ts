import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DueLicense } from '../../../domain/licenses/coverage.ts';
import {
  issued,
  LICENSE_STATES,
  type License,
  type LicenseAction,
  stateOn,
  type TransitionOrder,
  transition,
} from '../../../domain/licenses/lifecycle.ts';
import { replacement } from '../../../domain/licenses/replacement.ts';

const license = (more: Partial<License> = {}): License => ({
  ...issued({
    license: 'L-1',
    account: 'ACME',
    subcontract: 'C-1042/1',
    kind: 'full',
    perpetual: false,
    validFrom: '2026-01-01',
    validThrough: '2026-12-31',
    seats: 25,
    cause: 'paid',
    on: '2025-12-20',
  }),
  ...more,
});

function after(start: License, ...orders: TransitionOrder[]): License {
  return orders.reduce((current, order) => {
    const result = transition(current, order);
    if (!result.ok) throw new Error(result.code);
    return result.license;
  }, start);
}

describe('the life of a license', () => {
  it('is issued, suspended for not paying, reinstated, superseded, with a cause each time', () => {
    const end = after(
      license(),
      { action: 'suspend', cause: 'unpaid', on: '2026-03-01', note: 'INV-2026-00017' },
      { action: 'reinstate', cause: 'paid', on: '2026-03-09' },
      { action: 'supersede', cause: 'renewed', on: '2026-12-28', by: 'L-2' },
    );
    expect(end.state).toBe('superseded');
    expect(end.history.map(({ action, cause, state }) => [action, cause, state])).toEqual([
      ['issue', 'paid', 'enabled'],
      ['suspend', 'unpaid', 'suspended'],
      ['reinstate', 'paid', 'enabled'],
      ['supersede', 'renewed', 'superseded'],
    ]);
    expect(end.history.at(-1)?.by).toBe('L-2');
  });

  it('repeating a transition changes nothing', () => {
    const order: TransitionOrder = { action: 'suspend', cause: 'unpaid', on: '2026-03-01' };
    const once = after(license(), order);
    expect(transition(once, order)).toEqual({ ok: true, license: once, changed: false });
  });

  it('expires by its date, not by an entry', () => {
    expect(stateOn(license(), '2026-12-31')).toBe('enabled');
    expect(stateOn(license(), '2027-01-01')).toBe('expired');
    const suspended = after(license(), { action: 'suspend', cause: 'unpaid', on: '2026-03-01' });
    expect(stateOn(suspended, '2027-01-01')).toBe('suspended');
  });

  it.each<[string, License, TransitionOrder, string]>([
    [
      'reinstate what runs',
      license(),
      { action: 'reinstate', cause: 'paid', on: '2026-02-01' },
      'not-suspended',
    ],
    [
      'suspend a perpetual one',
      license({ perpetual: true }),
      { action: 'suspend', cause: 'unpaid', on: '2026-02-01' },
      'perpetual-use',
    ],
    [
      'suspend a superseded one',
      license({ state: 'superseded' }),
      { action: 'suspend', cause: 'unpaid', on: '2026-02-01' },
      'already-superseded',
    ],
    [
      'reinstate a revoked one',
      license({ state: 'revoked' }),
      { action: 'reinstate', cause: 'paid', on: '2026-02-01' },
      'already-revoked',
    ],
    [
      'write into the past',
      license(),
      { action: 'suspend', cause: 'unpaid', on: '2025-12-19' },
      'history-order',
    ],
  ])('refuses to %s', (_, start, order, code) => {
    expect(transition(start, order)).toMatchObject({ ok: false, code });
  });

  it('refuses a license that ends before it starts', () => {
    expect(() =>
      issued({ ...license(), validThrough: '2025-01-01', cause: 'paid', on: '2026-01-01' }),
    ).toThrow(RangeError);
  });

  it('law: the history only grows, the state is its last entry, revoked is final', () => {
    const order = fc.record({
      action: fc.constantFrom<LicenseAction>('supersede', 'suspend', 'reinstate', 'revoke'),
      cause: fc.constant('decided' as const),
      on: fc.constantFrom('2026-01-01', '2026-06-01', '2027-01-01'),
    });
    fc.assert(
      fc.property(fc.array(order, { maxLength: 8 }), (orders) => {
        let current = license();
        for (const next of orders) {
          const result = transition(current, next);
          if (current.state === 'revoked' && next.action !== 'revoke')
            expect(result.ok).toBe(false);
          if (!result.ok) continue;
          expect(result.license.history.slice(0, current.history.length)).toEqual(current.history);
          expect(result.license.history.at(-1)?.state).toBe(result.license.state);
          expect(LICENSE_STATES).toContain(result.license.state);
          current = result.license;
        }
      }),
    );
  });
});

describe('replacement', () => {
  const full = (validThrough: string): DueLicense => ({
    kind: 'full',
    validFrom: '2026-01-01',
    validThrough,
    cause: 'paid',
  });
  const temporary: DueLicense = {
    kind: 'temporary',
    validFrom: '2027-01-01',
    validThrough: '2027-01-30',
    cause: 'awaiting-payment',
  };

  it('issues the first, extends the running, and keeps what is due already', () => {
    expect(
      replacement(null, full('2026-12-31'), { seats: 25 }, 'paid', '2026-01-01'),
    ).toMatchObject({
      action: 'issue',
      supersedes: null,
    });
    expect(
      replacement(license(), full('2027-12-31'), { seats: 25 }, 'paid', '2026-12-20'),
    ).toMatchObject({
      action: 'issue',
      supersedes: 'L-1',
    });
    expect(replacement(license(), full('2026-12-31'), { seats: 25 }, 'paid', '2026-12-20')).toEqual(
      {
        action: 'keep',
      },
    );
  });

  it('never shortens by an extension, but does when the payment is returned', () => {
    const long = license({ validThrough: '2027-12-31' });
    expect(
      replacement(long, temporary, { seats: 25 }, 'billing-delayed', '2027-01-02').action,
    ).toBe('keep');
    expect(
      replacement(long, temporary, { seats: 25 }, 'payment-reversed', '2027-01-02'),
    ).toMatchObject({
      action: 'issue',
      supersedes: 'L-1',
      due: temporary,
    });
  });

  it('follows quantity, edition and features, and replaces a leaked key by one of the same dates', () => {
    const now = '2026-06-01';
    expect(replacement(license(), full('2026-12-31'), { seats: 30 }, 'amended', now).action).toBe(
      'issue',
    );
    expect(
      replacement(license(), full('2026-12-31'), { seats: 25 }, 'compromised', now),
    ).toMatchObject({
      action: 'issue',
      due: { validFrom: '2026-01-01', validThrough: '2026-12-31' },
    });
  });

  it('a suspended one stays so for mere grace and is replaced when paid', () => {
    const suspended = license({ ...temporary, state: 'suspended' });
    expect(
      replacement(suspended, temporary, { seats: 25 }, 'billing-delayed', '2027-01-15').action,
    ).toBe('keep');
    const due = { ...full('2027-12-31'), validFrom: '2027-01-01' };
    expect(replacement(suspended, due, { seats: 25 }, 'paid', '2027-03-01').action).toBe('issue');
  });

  it('a moved subcontract takes its license along, with the same dates', () => {
    const own = license({ holder: 'C-1 ACME' });
    const ask = (
      current: License,
      holder: string | undefined,
      due: DueLicense = full('2026-12-31'),
    ) =>
      replacement(
        current,
        due,
        holder === undefined ? { seats: 25 } : { seats: 25, holder },
        'paid',
        '2026-06-01',
      );
    expect(ask(own, 'C-2 ACME')).toEqual({
      action: 'issue',
      supersedes: 'L-1',
      due: full('2026-12-31'),
    });
    for (const [current, holder] of [
      [own, 'C-1 ACME'],
      [own, undefined],
      [license(), 'C-2 ACME'],
    ] as const)
      expect(ask(current, holder)).toEqual({ action: 'keep' });
    // One of mere grace moves as what it is; one that is switched off does not move.
    const grace = license({ ...temporary, kind: 'temporary', holder: 'C-1 ACME' });
    expect(ask(grace, 'C-2 ACME', temporary)).toMatchObject({
      due: { ...temporary, cause: 'not-invoiced' },
      supersedes: 'L-1',
    });
    const off: License = { ...grace, state: 'suspended' };
    expect(ask(off, 'C-2 ACME', temporary)).toEqual({ action: 'keep' });
  });

  it('follows what the edition and the features are, and not what nobody says', () => {
    const own = license({ edition: 'Pro', features: ['b', 'a'] });
    const ask = (grant: { edition?: string; features?: readonly string[] }, current = own) =>
      replacement(current, full('2026-12-31'), { seats: 25, ...grant }, 'amended', '2026-06-01')
        .action;
    expect(ask({ edition: 'Pro', features: ['a', 'b'] })).toBe('keep');
    expect(ask({})).toBe('keep');
    expect(ask({ edition: 'Max', features: ['a'] }, license())).toBe('keep');
    expect(ask({ edition: 'Max' })).toBe('issue');
    expect(ask({ features: ['a'] })).toBe('issue');
    expect(ask({ edition: 'Pro', features: ['a', 'c'] })).toBe('issue');
  });

  it('replaces what does not reach back or ahead far enough, and shortens only for a reason', () => {
    const ask = (
      due: DueLicense,
      cause: 'paid' | 'amended' | 'billing-delayed',
      current = license(),
    ) => replacement(current, due, { seats: 25 }, cause, '2026-06-01').action;
    expect(ask({ ...full('2026-12-31'), validFrom: '2025-12-31' }, 'paid')).toBe('issue');
    expect(ask({ ...full('2026-12-31'), validFrom: '2026-02-01' }, 'amended')).toBe('keep');
    expect(ask(full('2026-06-30'), 'paid')).toBe('keep');
    expect(ask(full('2026-06-30'), 'amended')).toBe('issue');
    const within = { ...temporary, validFrom: '2026-06-01', validThrough: '2026-06-30' };
    expect(ask(within, 'billing-delayed')).toBe('keep');
    // A temporary one is no full one, even of the same dates.
    const grace = license({ kind: 'temporary' });
    expect(ask(full('2026-12-31'), 'paid', grace)).toBe('issue');
    expect(ask(full('2026-06-30'), 'paid', grace)).toBe('issue');
    const short = license({ kind: 'temporary', ...{ validThrough: '2026-06-15' } });
    expect(ask(within, 'billing-delayed', short)).toBe('issue');
  });

  it('what a person grants, or what reaches further, switches a suspended one on again', () => {
    const suspended = license({ ...temporary, state: 'suspended', kind: 'temporary' });
    const ask = (due: DueLicense) =>
      replacement(suspended, due, { seats: 25 }, 'billing-delayed', '2027-01-15').action;
    expect(ask({ ...temporary, cause: 'granted' })).toBe('issue');
    expect(ask({ ...temporary, validThrough: '2027-01-31' })).toBe('issue');
    expect(ask({ ...full('2027-01-20'), validFrom: '2027-01-05' })).toBe('issue');
    expect(ask({ ...temporary, validThrough: '2027-01-29' })).toBe('keep');
  });

  it('a license that was replaced or revoked is none any more', () => {
    for (const state of ['superseded', 'revoked'] as const)
      expect(
        replacement(license({ state }), full('2026-12-31'), { seats: 25 }, 'paid', '2026-06-01'),
      ).toEqual({ action: 'issue', due: full('2026-12-31'), supersedes: null });
  });

  it('ends through its last day, and only what is switched on', () => {
    const end = (current: License, asOf: string) =>
      replacement(current, null, { seats: 25 }, 'terminated', asOf).action;
    expect(end(license(), '2026-12-31')).toBe('end');
    expect(end(license(), '2027-01-01')).toBe('keep');
    expect(end(license({ state: 'suspended' }), '2026-06-01')).toBe('keep');
    expect(end(license({ state: 'superseded' }), '2026-06-01')).toBe('keep');
  });

  it('ends what runs on after a termination; what lapses runs out by itself', () => {
    expect(replacement(license(), null, { seats: 25 }, 'terminated', '2026-06-01')).toEqual({
      action: 'end',
      license: 'L-1',
    });
    expect(replacement(license(), null, { seats: 25 }, 'lapsed', '2026-06-01').action).toBe('keep');
    expect(
      replacement(license({ perpetual: true }), null, { seats: 25 }, 'terminated', '2026-06-01')
        .action,
    ).toBe('keep');
  });
});
