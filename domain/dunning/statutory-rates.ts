/**
 * Statutory terms for being late, as presets (billing rules §6). Rates are data: dated, from the
 * central bank, to be continued every half year; the latest known one holds until the next is
 * entered.
 */
import { add, fraction, toDecimal } from '../money/decimal.ts';
import type { DatedRate, LateChargeTerms } from './late-charges.ts';

/** Germany's base rate (BGB §247), fixed by the Bundesbank on 1 January and 1 July. */
export const GERMAN_BASE_RATES: readonly DatedRate[] = [
  { validFrom: '2016-07-01', percent: '-0.88' },
  { validFrom: '2023-01-01', percent: '1.62' },
  { validFrom: '2023-07-01', percent: '3.12' },
  { validFrom: '2024-01-01', percent: '3.62' },
  { validFrom: '2024-07-01', percent: '3.37' },
  { validFrom: '2025-01-01', percent: '2.27' },
  { validFrom: '2025-07-01', percent: '1.27' },
];

/** Germany, between businesses: base rate and nine points, and 40 EUR (BGB §288 (2) and (5)). */
export function germanBusinessTerms(baseRates: readonly DatedRate[]): LateChargeTerms {
  return {
    interest: { rates: raised(baseRates, '9'), per: 'year', counting: 'daily' },
    fee: { kind: 'flat', amountMinor: 4000, currency: 'EUR' },
    cap: null,
  };
}

/** Germany, from consumers: base rate and five points, no lump sum (BGB §288 (1)). */
export function germanConsumerTerms(baseRates: readonly DatedRate[]): LateChargeTerms {
  return {
    interest: { rates: raised(baseRates, '5'), per: 'year', counting: 'daily' },
    fee: null,
    cap: null,
  };
}

/** Presets by the name that a contract or policy gives. */
export const STATUTORY_TERMS: ReadonlyMap<
  string,
  (baseRates: readonly DatedRate[]) => LateChargeTerms
> = new Map([
  ['de-business', germanBusinessTerms],
  ['de-consumer', germanConsumerTerms],
]);

function raised(rates: readonly DatedRate[], points: string): DatedRate[] {
  return rates.map(({ validFrom, percent }) => ({
    validFrom,
    percent: toDecimal(add(fraction(percent), fraction(points))),
  }));
}
