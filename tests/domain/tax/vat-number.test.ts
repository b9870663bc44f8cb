import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVatNumber } from '../../../domain/tax/vat-number.ts';

/** Made at random by an independent implementation (python-stdnum 2), kept where it and the states' rules agree. */
const SAMPLES = JSON.parse(
  readFileSync(new URL('./vat-numbers.json', import.meta.url), 'utf8'),
) as Record<string, { valid: string[]; invalid: string[] }>;

const state = (taxId: string, country: string | null) => readVatNumber(taxId, country).state;

describe('VAT numbers', () => {
  it('of all 27 member states are known', () => {
    expect(Object.keys(SAMPLES)).toHaveLength(27);
  });

  it.each(Object.entries(SAMPLES))('of %s are told from others', (country, { valid, invalid }) => {
    for (const number of valid)
      expect([number, state(country + number, null)]).toEqual([number, 'well-formed']);
    for (const number of invalid)
      expect([number, state(country + number, null)]).toEqual([number, 'malformed']);
  });

  it.each([
    ['DE136695976', 'DE'],
    ['ATU33864707', 'AT'],
    ['FR40303265045', 'FR'],
    ['IT00743110157', 'IT'],
    ['NL004495445B01', 'NL'],
    ['NL000099998B57', 'NL'],
    ['BE1033358519', 'BE'],
    ['BE 0428.759.497', 'BE'],
    ['428759497', 'BE'],
    ['el094259216', 'GR'],
    ['GR094259216', 'GR'],
    ['94259216', 'GR'],
    ['IE6433435F', 'IE'],
    ['XI980780684', 'GB'],
    ['136695976', 'DE'],
  ])('reads %s of %s, however it is written', (taxId, country) => {
    expect(state(taxId, country)).toBe('well-formed');
  });

  it('gives the number as registers are asked for it', () => {
    expect(readVatNumber('gr 094.259.216', 'GR')).toEqual({
      state: 'well-formed',
      vatNumber: { countryCode: 'EL', number: '094259216' },
    });
    expect(readVatNumber('428759497', 'BE')).toEqual({
      state: 'well-formed',
      vatNumber: { countryCode: 'BE', number: '0428759497' },
    });
  });

  it('takes the country that the number names, where it does not fit the account’s own', () => {
    expect(readVatNumber('DE136695976', 'FR')).toMatchObject({ vatNumber: { countryCode: 'DE' } });
    expect(readVatNumber('ESB58378431', 'ES')).toMatchObject({
      vatNumber: { number: 'B58378431' },
    });
    expect(readVatNumber('B58378431', 'ES')).toMatchObject({ vatNumber: { number: 'B58378431' } });
  });

  it('says what a malformed number would look like, and nothing about other countries', () => {
    expect(readVatNumber('DE12345', 'DE')).toEqual({
      state: 'malformed',
      reason: 'no VAT number of DE; it would look like DE136695976',
    });
    expect(readVatNumber('DE136695977', 'DE')).toEqual({
      state: 'malformed',
      reason: 'its check digits do not fit a number of DE',
    });
    expect(state('12-3456789', 'US')).toBe('not-eu');
    expect(state('12-3456789', null)).toBe('not-eu');
  });

  it('law: whatever stands there is read without an error; one wrong German digit is noticed', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...Object.keys(SAMPLES), null), (text, country) => {
        expect(['well-formed', 'malformed', 'not-eu']).toContain(state(text, country));
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const digits = [...'136695976'];
        digits[at] = String((Number(digits[at]) + by) % 10);
        expect(state(`DE${digits.join('')}`, 'DE')).toBe('malformed');
      }),
    );
  });
});
