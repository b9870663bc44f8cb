import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../../domain/dates/dates.ts';
import { fraction } from '../../../domain/money/decimal.ts';
import { type LapsedContract, reinstatement } from '../../../domain/renewal/reinstatement.ts';

const lapsed = (more: Partial<LapsedContract> = {}): LapsedContract => ({
  contract: 'C-1',
  currency: 'EUR',
  term: { start: '2025-01-01', end: '2025-12-31' },
  anchor: '2025-01-01',
  on: '2026-04-11',
  subcontracts: [{ subcontract: 'C-1/1', yearlyOn: () => fraction('365') }],
  feePercent: '0',
  start: 'follow-on',
  ...more,
});

describe('a lapsed contract', () => {
  it('reinstated on 11 April 2026 follows on without a hole; the year is billed as usual, nothing beside it', () => {
    expect(reinstatement(lapsed())).toEqual({
      term: { start: '2026-01-01', end: '2026-12-31', months: 12, anchor: '2025-01-01' },
      backCharges: [],
      feeMinor: 0,
    });
  });

  it('anew starts today, and pays the hundred days in between', () => {
    const result = reinstatement(lapsed({ start: 'anew' }));
    expect(result.term).toEqual({
      start: '2026-04-11',
      end: '2027-04-10',
      months: 12,
      anchor: '2026-04-11',
    });
    expect(result.backCharges).toEqual([
      {
        subcontract: 'C-1/1',
        from: '2026-01-01',
        through: '2026-04-10',
        netMinor: 10_000,
        words: '365 for 2026-01-01 to 2026-12-31 × 100/365 days',
      },
    ]);
  });

  it('pays a fee on the lapsed time where one is agreed, either way', () => {
    expect(reinstatement(lapsed({ feePercent: '10' })).feeMinor).toBe(1_000);
    expect(reinstatement(lapsed({ feePercent: '10', start: 'anew' })).feeMinor).toBe(1_000);
  });

  it('away for years pays each at the rate in force then', () => {
    const yearlyOn = (day: string) => fraction(day < '2027-01-01' ? '365' : '730');
    const away = lapsed({ on: '2028-01-31', subcontracts: [{ subcontract: 'C-1/1', yearlyOn }] });
    const followOn = reinstatement(away);
    expect(followOn.term.start).toBe('2028-01-01');
    expect(followOn.backCharges.map(({ from, netMinor }) => [from, netMinor])).toEqual([
      ['2026-01-01', 36_500],
      ['2027-01-01', 73_000],
    ]);
    const anew = reinstatement({ ...away, start: 'anew' });
    expect(anew.backCharges.map(({ through }) => through)).toEqual([
      '2026-12-31',
      '2027-12-31',
      '2028-01-30',
    ]);
    expect(anew.backCharges[2]?.netMinor).toBe(5_984); // 730.00 × 30/366
  });

  it('on the day after its end owes nothing extra; before it, it is a renewal', () => {
    expect(
      reinstatement(lapsed({ on: '2026-01-01', start: 'anew', feePercent: '50' })),
    ).toMatchObject({ backCharges: [], feeMinor: 0 });
    expect(() => reinstatement(lapsed({ on: '2025-12-31' }))).toThrow(
      expect.objectContaining({ code: 'not-lapsed' }),
    );
  });

  it('law: every day from the old end on is paid for once: back charges, then the term, without a hole', () => {
    const start = fc.constantFrom('follow-on' as const, 'anew' as const);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), start, (days, way) => {
        const on = addDays('2025-12-31', days);
        const { term, backCharges } = reinstatement(lapsed({ on, start: way }));
        let next = '2026-01-01';
        for (const { from, through } of backCharges) {
          expect(from).toBe(next);
          next = addDays(through, 1);
        }
        expect(term.start).toBe(next);
        expect(term.start <= on && on <= term.end).toBe(true);
      }),
    );
  });
});
