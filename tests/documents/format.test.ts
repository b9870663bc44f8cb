import { describe, expect, it } from 'vitest';
import { formatterOf, localeOf } from '../../documents/format.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('formats', () => {
  it.each([
    ['en', 'GB', 'en-GB'],
    ['en', 'US', 'en-US'],
    ['en-AU', 'US', 'en-AU'],
    ['de', 'US', 'de-DE'],
    ['de-AT', null, 'de-AT'],
    ['de_ch', null, 'de-CH'],
    ['fr', 'FR', 'en-GB'],
    ['', 'US', 'en-US'],
  ])('writes %s of a seller in %s by %s', (language, country, locale) => {
    expect(localeOf(language, country)).toBe(locale);
  });

  it('writes money exactly, beyond what a binary float holds', () => {
    const english = formatterOf('en', 'GB');
    expect(english.amount(9007199254740991, 'EUR')).toBe('90,071,992,547,409.91');
    expect(english.amount(-5, 'EUR')).toBe('-0.05');
    expect(english.amount(1234, 'JPY')).toBe('1,234');
    expect(english.amount(1234567, 'KWD')).toBe('1,234.567');
    expect(plain(formatterOf('de').money(123456, 'EUR'))).toBe('1.234,56 EUR');
  });

  it('writes decimals with the places they have', () => {
    const english = formatterOf('en');
    expect(english.number('68.333333', 2)).toBe('68.333333');
    expect(english.number('100', 2)).toBe('100.00');
    expect(english.number('12.5')).toBe('12.5');
    expect(english.percent('7.7')).toBe('7.7%');
  });

  it('writes dates of the reader, whatever the time zone of the machine', () => {
    expect(formatterOf('en', 'GB').date('2027-01-01')).toBe('1 January 2027');
    expect(formatterOf('en', 'US').date('2027-01-01')).toBe('January 1, 2027');
    expect(formatterOf('de').date('2027-01-01')).toBe('1. Januar 2027');
    expect(formatterOf('de').shortDate('2027-01-01')).toBe('01.01.2027');
    expect(formatterOf('en', 'GB').month('2026-10')).toBe('October 2026');
    expect(() => formatterOf('en').date('2026-02-29')).toThrow(RangeError);
  });
});
