/** Amounts and currencies as papers write them, each with what looks like one and is none. */
import { describe, expect, it } from 'vitest';
import { amountsIn, currencyIn } from '../../../domain/papers/amounts.ts';

const amounts = (text: string, currency = 'EUR') =>
  amountsIn(text, currency).map(({ amountMinor }) => amountMinor);

describe('an amount', () => {
  it.each([
    ['1.190,00', 119_000],
    ['1,190.00', 119_000],
    ['1 190,00', 119_000],
    ['1\u00A0190,00', 119_000],
    ["1'190.00", 119_000],
    ['1190.00', 119_000],
    ['0,05', 5],
    ['12.190,00', 1_219_000],
    ['112.190,01', 11_219_001],
    ['1.190.345,67', 119_034_567],
    ['123456789012,00', 12_345_678_901_200],
  ])('written as %s', (written, amountMinor) => {
    expect(amounts(`of ${written} in all`)).toEqual([amountMinor]);
    expect(amounts(`paid ${written}.`)).toEqual([amountMinor]);
  });

  it.each([
    ['without its cents', 'of 1190 in all'],
    ['with three decimals', '1,190'],
    ['that is a day', 'on 10.10.2026'],
    ['that is a day in short', 'on 10.10.26'],
    ['that is a version', '1.10.10.1'],
    ['longer than any money', '1234567890123,00'],
  ])('is none %s', (_, text) => {
    expect(amounts(text)).toEqual([]);
  });

  it('is told with the place where it stands, one after the other', () => {
    expect(amountsIn('net 10,00 and 1.190,00', 'EUR')).toEqual([
      { amountMinor: 1000, start: 4, end: 9 },
      { amountMinor: 119_000, start: 14, end: 22 },
    ]);
  });

  it('is read in currencies of two decimals alone', () => {
    expect(amounts('1.190,00', 'JPY')).toEqual([]);
    expect(amounts('1.190,00', 'USD')).toEqual([119_000]);
  });
});

describe('the currency of a text', () => {
  it.each([
    ['EUR 5,00', 'EUR'],
    ['5,00 SEK', 'SEK'],
    ['eur 5,00', 'EUR'],
    ['Currency: CHF', 'CHF'],
    ['Alle Beträge in EUR, Betrag: PLN', 'PLN'],
    ['€ 5', 'EUR'],
    ['5,00 £ in all', 'GBP'],
    ['$5', 'USD'],
    ['CAD Maintenance 12', null],
    ['5,00 USDC', null],
    ['', null],
  ])('%s is %s', (text, currency) => {
    expect(currencyIn(text)).toBe(currency);
  });

  it('is the one named most often, the first of two that are named alike', () => {
    expect(currencyIn('EUR 5,00 and USD 6,00 and USD 7,00')).toBe('USD');
    expect(currencyIn('USD 5,00 and USD 6,00 and EUR 7,00')).toBe('USD');
    expect(currencyIn('EUR 5,00 and $6 and $7')).toBe('USD');
    expect(currencyIn('GBP 5,00 and EUR 6,00')).toBe('GBP');
  });
});
