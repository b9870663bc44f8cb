import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../../domain/dates/dates.ts';
import {
  type LateChargeFacts,
  type LateChargeTerms,
  lateCharge,
  parseLateCharge,
} from '../../../domain/dunning/late-charges.ts';
import { GERMAN_BASE_RATES, germanBusinessTerms } from '../../../domain/dunning/statutory-rates.ts';

const DUE = '2026-03-31';
const facts = (amountMinor: number, more: Partial<LateChargeFacts> = {}): LateChargeFacts => ({
  currency: 'EUR',
  dueOn: DUE,
  balances: [{ from: '2026-03-01', amountMinor }],
  charged: null,
  ...more,
});
const agreed = (text: string, currency = 'EUR'): LateChargeTerms => {
  const terms = parseLateCharge(text, currency);
  if (terms === null) throw new Error('nothing agreed');
  return terms;
};

describe('a late charge', () => {
  it('of 100.00, 15 days, 10 % a year, fee 10: 110.41', () => {
    const charge = lateCharge(facts(10_000), agreed('10 % a year, fee 10'), '2026-04-15');
    expect(charge).toMatchObject({
      interestMinor: 41,
      feeMinor: 1_000,
      totalMinor: 1_041,
      units: 15,
    });
    expect(10_000 + (charge?.totalMinor ?? 0)).toBe(11_041);
    expect(charge?.words).toBe('100.00 × 10 % a year × 15 days; fee 10.00');
  });

  it('is nothing on the due date, and starts the day after', () => {
    const terms = agreed('36.5% per year');
    expect(lateCharge(facts(100_000), terms, DUE)).toBeNull();
    expect(lateCharge(facts(100_000), terms, '2026-04-01')).toMatchObject({
      interestMinor: 100,
      units: 1,
    });
  });

  it('of a month: by the day, or by started months where agreed so', () => {
    expect(lateCharge(facts(100_000), agreed('1 % per month'), '2026-04-30')?.interestMinor).toBe(
      986,
    );
    const started = agreed('1 % per started month');
    const interest = (asOf: string) => lateCharge(facts(100_000), started, asOf)?.interestMinor;
    expect(interest('2026-04-01')).toBe(1_000);
    expect(interest('2026-04-30')).toBe(1_000);
    expect(interest('2026-05-01')).toBe(2_000);
    expect(lateCharge(facts(100_000), agreed('12 % per year'), '2026-04-30')?.interestMinor).toBe(
      986,
    );
  });

  it('follows partial payments', () => {
    const balances = [
      { from: '2026-03-01', amountMinor: 100_000 },
      { from: '2026-04-11', amountMinor: 40_000 },
    ];
    const charge = lateCharge(facts(0, { balances }), agreed('36.5 % a year'), '2026-04-20');
    expect(charge?.interestMinor).toBe(10 * 100 + 10 * 40);
  });

  it('stays under its cap, flat or in percent, over the whole life of the invoice', () => {
    const terms = agreed('36.5 % a year; fee 2 %; cap 25');
    expect(lateCharge(facts(100_000), terms, '2026-04-03')).toMatchObject({
      interestMinor: 300,
      feeMinor: 2_000,
    });
    const capped = lateCharge(facts(100_000), terms, '2026-04-30');
    expect(capped).toMatchObject({ interestMinor: 500, feeMinor: 2_000, totalMinor: 2_500 });
    expect(capped?.words).toContain('cap');
    const charged = { through: '2026-04-30', interestMinor: 500, feeMinor: 2_000 };
    expect(lateCharge(facts(100_000, { charged }), terms, '2026-06-30')).toBeNull();
    const percent = agreed('fee 40, cap 1 %');
    expect(lateCharge(facts(100_000), percent, '2026-04-01')?.totalMinor).toBe(1_000);
  });

  it('takes the fee once', () => {
    const charged = { through: '2026-04-15', interestMinor: 41, feeMinor: 1_000 };
    const next = lateCharge(
      facts(10_000, { charged }),
      agreed('10 % a year, fee 10'),
      '2026-04-30',
    );
    expect(next).toMatchObject({ feeMinor: 0, interestMinor: 82 - 41 });
    expect(next?.words).toContain('less 0.41');
  });

  it('of a German business: base rate and nine points, by the half year, and 40 EUR', () => {
    const invoice = facts(1_000_000, {
      dueOn: '2024-06-20',
      balances: [{ from: '2024-05-20', amountMinor: 1_000_000 }],
    });
    const charge = lateCharge(invoice, agreed('DE-business'), '2024-07-10');
    // 10 days at 3.62 + 9, 10 days at 3.37 + 9, of 10,000.00: 34.575… + 33.890… = 68.47
    expect(charge).toMatchObject({ interestMinor: 6_847, feeMinor: 4_000, units: 20 });
    expect(charge?.words).toBe(
      '10000.00 × 12.62 % a year × 10 days + 10000.00 × 12.37 % a year × 10 days; fee 40.00',
    );
    expect(lateCharge(invoice, agreed('DE-consumer'), '2024-07-10')?.feeMinor).toBe(0);
  });

  it('refuses a fee of another currency, and days without a known rate', () => {
    const terms = germanBusinessTerms(GERMAN_BASE_RATES);
    const usd = facts(10_000, { currency: 'USD' });
    expect(() => lateCharge(usd, terms, '2026-04-15')).toThrow(
      expect.objectContaining({ code: 'late-charge-currency' }),
    );
    const old = facts(10_000, { dueOn: '2010-01-01' });
    expect(() => lateCharge(old, terms, '2010-02-01')).toThrow(
      expect.objectContaining({ code: 'late-charge-rate' }),
    );
  });

  it('is nothing where nothing is overdue, and follows the currency’s minor unit', () => {
    expect(lateCharge(facts(0), agreed('10 % a year, fee 2 %'), '2026-05-01')).toBeNull();
    const yen = facts(100_000, { currency: 'JPY' });
    expect(lateCharge(yen, agreed('10 % a year, fee 500', 'JPY'), '2026-04-15')).toMatchObject({
      interestMinor: 411,
      feeMinor: 500,
    });
  });

  it('law: charged in steps or at once, it is the same money', () => {
    const terms = agreed('9.37 % a year, fee 5');
    const days = fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), days, (amountMinor, steps) => {
        const sorted = steps.toSorted((a, b) => a - b);
        const sum = { interestMinor: 0, feeMinor: 0 };
        let through: string | null = null;
        for (const day of sorted) {
          const charged = through === null ? null : { through, ...sum };
          const charge = lateCharge(facts(amountMinor, { charged }), terms, addDays(DUE, day));
          if (charge === null) continue;
          through = charge.through;
          sum.interestMinor += charge.interestMinor;
          sum.feeMinor += charge.feeMinor;
        }
        const once = lateCharge(facts(amountMinor), terms, addDays(DUE, sorted.at(-1) ?? 0));
        expect(once).toMatchObject(sum);
      }),
    );
  });
});

describe('what is agreed', () => {
  it.each(['', 'none', ' No ', 'off', '0'])(
    '%j is nothing: late charges are off by default',
    (text) => {
      expect(parseLateCharge(text, 'EUR')).toBeNull();
    },
  );

  it.each([
    '10',
    'ten percent',
    '10 % a week',
    'fee',
    'fee 10.005',
    'fee -5',
    'de-govern',
    'toString',
  ])('%j is refused', (text) => {
    expect(() => parseLateCharge(text, 'EUR')).toThrow(
      expect.objectContaining({ code: 'policy-invalid' }),
    );
  });
});
