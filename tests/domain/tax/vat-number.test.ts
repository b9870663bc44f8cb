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

  it.each(Object.entries(SAMPLES))('of %s end where they end', (country, { valid }) => {
    for (const number of valid)
      for (const text of [`${country}#${number}`, `${country}${number}#`])
        expect(readVatNumber(text, null)).toMatchObject({ reason: /would look like/ });
  });

  // Check digits worked out by hand after each state's published rule, where the samples above do not reach.
  it.each([
    // Weights 1 to 8 give 10, so that weights 3 to 10 decide: 9, and where they give 10 as well, 0.
    ['BG', '050000009', '050000000'],
    ['BG', '900002000', '900002001'],
    // A citizen's, a foreigner's and another's number of ten digits.
    ['BG', '7523169263', '7523169264'],
    ['BG', '7111042925', '7111042926'],
    ['BG', '1000000015', '1000000013'],
    ['CZ', '25123891', '25123892'],
    // The remainder would give 11, written 1; then 10, written 0.
    ['CZ', '10000101', '10000100'],
    ['CZ', '10000020', '10000021'],
    ['CZ', '7103192745', '7103192746'],
    ['CZ', '1000000090', '1000000091'],
    ['SK', '1000000090', '1000000091'],
    // Personal numbers of Spaniards without a number of their own, and of foreigners.
    ['ES', 'K1234567L', 'K1234567M'],
    ['ES', 'M1234567L', 'M1234567K'],
    ['ES', 'X2482300W', 'X2482300A'],
    ['ES', 'Y1234567X', 'Y1234567L'],
    ['FR', '40303265045', '41303265045'],
    ['FR', 'K7399859412', 'K7399859413'],
    // Monaco's do not follow Luhn's rule, but their key is computed.
    ['FR', '53000004605', '54000004605'],
    ['LT', '100001919017', '100001919018'],
    ['LT', '200000017', '200000010'],
    ['PT', '100000010', '100000011'],
    // The remainder would give 11: no such number is issued.
    ['SI', '50223054', '10000101'],
    // Numbers of the old series, of the new one, of branches, of ministries and of health authorities.
    ['XI', '123456782', '123456783'],
    ['XI', '123456727', '123456728'],
    ['XI', '123456782001', '123456783001'],
    ['XI', 'GD499', 'GD500'],
    ['XI', 'HA500', 'HA499'],
  ])('of %s: %s is one, %s is none', (country, valid, invalid) => {
    expect([state(country + valid, null), state(country + invalid, null)]).toEqual([
      'well-formed',
      'malformed',
    ]);
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

  it('leaves a French number to France though its key reads like a country', () => {
    const of = (countryCode: string, number: string) => ({ vatNumber: { countryCode, number } });
    expect(readVatNumber('BE399859412', 'FR')).toMatchObject(of('FR', 'BE399859412'));
    expect(readVatNumber('FRBE399859412', 'DE')).toMatchObject(of('FR', 'BE399859412'));
    // Its Siren is wrong, so that it is none of France and read as the country that it names.
    expect(readVatNumber('BE399859413', 'FR')).toMatchObject({ reason: /BE/ });
    // The prefix without a key is no whole number, though "FR" could be a key.
    expect(state('FR399859412', 'FR')).toBe('malformed');
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
