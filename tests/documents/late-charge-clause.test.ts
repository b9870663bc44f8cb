import { describe, expect, it } from 'vitest';
import { lateChargeClause } from '../../documents/late-charge-clause.ts';
import { parseLateCharge } from '../../domain/dunning/late-charges.ts';

const clause = (text: string, language: string, on = '2026-01-15') =>
  lateChargeClause(parseLateCharge(text, 'EUR'), on, language)?.replaceAll('\u00a0', ' ') ?? null;

describe('the late charge clause', () => {
  it('is not printed where nothing is agreed', () => {
    expect(clause('none', 'en')).toBeNull();
    expect(clause('cap 50', 'en')).toBeNull();
  });

  it('says rate, fee and cap', () => {
    expect(clause('10 % a year, fee 10, cap 50', 'en')).toBe(
      'If payment is late we charge simple interest of 10% a year on the overdue amount, by the day ' +
        'and a fee of 10.00 EUR, at most 50.00 EUR.',
    );
    expect(clause('1.5 % per started month; fee 2 %', 'fr')).toBe(
      'If payment is late we charge 1.5% a month on the overdue amount for every month begun ' +
        'and a fee of 2% of the overdue amount.',
    );
  });

  it('of a German business carries the rate in force on the day of issue', () => {
    expect(clause('DE-business', 'de-DE', '2025-03-01')).toBe(
      'Bei Zahlungsverzug berechnen wir Zinsen von 11,27 % je Jahr auf den überfälligen Betrag, taggenau ' +
        'und eine Pauschale von 40,00 EUR.',
    );
    expect(clause('DE-business', 'de', '2024-03-01')).toContain('12,62 %');
  });
});
