/** Numbers in remittance texts, one spelling at a time (docs/rules/billing-rules.md §7.2). */
import { describe, expect, it } from 'vitest';
import { mentionsIn, numberKey } from '../../../domain/allocation/references.ts';

const read = (text: string, ...numbers: string[]) => mentionsIn(text, numbers, []).invoices;

describe('a number', () => {
  it.each([
    ['INV12', 'inv:12'],
    ['INV12', 'Inv.12'],
    ['INV12', 'INV_12'],
    ['INV12', 'INV #12'],
    ['INV12', 'I N V 1 2'],
    ['INV-12', 'INV12'],
    ['RE-A-7', 'RE.A.7'],
    ['REA7', 'RE A7'],
    ['1234', 'Nr.1234'],
    ['1234', '1234.'],
    ['1234', '1234-'],
    ['1234', 'x+49 1234 123456'],
    ['123456', '123 456'],
    ['123456', '123-456'],
    ['𐐀-1', 'zu 𐐀 1'],
  ])('%s is read in %j', (number, text) => {
    expect(read(text, number)).toEqual([number]);
  });

  it.each([
    // Nothing but spaces and dashes bridges what the number does not separate itself.
    ['REA7', 'RE.A7'],
    ['INV12', 'INV1.2'],
    // A piece of a longer number, an amount, or a range that does not end in a known one.
    ['123456', '9 123 456'],
    ['123456', '123 456 7'],
    ['12345', '12 345'],
    ['1234', '1234,00'],
    ['1234', '1234.5'],
    ['1234', '5.1234'],
    ['1234', '5,1234'],
    ['1234', '1234-5'],
    ['1234', 'A1234'],
    ['1234', '1234B'],
    ['INV-1', 'INV-1-7'],
    ['INV-1', 'INV-1x'],
    // Nothing at all is no number.
    ['---', 'INV-1 ---'],
  ])('%s is not read in %j', (number, text) => {
    expect(read(text, number)).toEqual([]);
  });

  it('of digits alone is not read out of bank accounts', () => {
    for (const iban of ['DE89370400440532013000', 'DE89 3704 0044 0532 0130 00', 'de89 3704 0044'])
      expect(read(`von ${iban}`, '89', '3704', '0044', '37040044', '370400', '00')).toEqual([]);
    expect(read('NO93 8601 1117 947', '93', '8601', '1117', '86011117', '947')).toEqual([]);
    // Fewer groups are no bank account.
    expect(read('DE89 3704', '3704')).toEqual(['3704']);
  });

  it('of digits alone is not read out of dates', () => {
    const pieces = ['22', '11', '26', '2026', '2', '1', '20261122', '22112026', '221126', '2126'];
    for (const date of ['2026-11-22', '22.11.2026', '22/11/26', '22-11-2026', '2/1/26', '2-1-2026'])
      expect([date, read(`vom ${date}`, ...pieces)]).toEqual([date, []]);
    expect(read('am 22/11/2026 zu 2026', ...pieces)).toEqual(['2026']);
  });

  it('of digits alone is not read out of telephone numbers', () => {
    for (const phone of [
      '+49 7071 123456',
      'Tel.+49/7071/123456',
      'T:+1-7071-123456',
      '(+49 7071 123456)',
    ])
      expect([phone, read(phone, '49', '1', '7071', '123456', '7071123456')]).toEqual([phone, []]);
  });

  it('has one key, however it is written', () => {
    expect(['INV-2026-001', 'inv 2026/oo1', 'ＩＮＶ２０２６００１'].map(numberKey)).toEqual(
      Array(3).fill('INV2026001'),
    );
    expect(numberKey('-/-')).toBe('');
  });
});

describe('several numbers', () => {
  it('vouch for each other where one follows the other, with a dash or with nothing between', () => {
    expect(read('1234-5678', '1234', '5678')).toEqual(['1234', '5678']);
    expect(read('INV-1INV-2', 'INV-1', 'INV-2')).toEqual(['INV-1', 'INV-2']);
    expect(read('INV-1xINV-2', 'INV-1', 'INV-2')).toEqual([]);
    // Digits alone do not: 12345678 is a number of its own.
    expect(read('12345678', '1234', '5678')).toEqual([]);
  });

  it('are each named once, in the order in which they are asked for', () => {
    expect(read('INV-2, INV-1, inv 2', 'INV-1', 'INV-2')).toEqual(['INV-1', 'INV-2']);
  });

  it('of which one is read only by bridging the end of another are ambiguous', () => {
    expect(mentionsIn('INV-1 2', ['INV-1', 'INV-12'], []).ambiguous).toEqual(['INV-1 2']);
    expect(mentionsIn('INV-12', ['INV-1', 'INV-12'], [])).toMatchObject({
      invoices: ['INV-12'],
      ambiguous: [],
    });
  });

  it('that share a spelling are ambiguous within a kind, and both meant across kinds', () => {
    expect(mentionsIn('inv 01', ['INV-O1', 'INV-01'], []).ambiguous).toEqual(['INV 01']);
    expect(mentionsIn('X-1', ['X-1'], ['X-1'])).toEqual({
      invoices: ['X-1'],
      contracts: ['X-1'],
      lookAlikes: [],
      ambiguous: [],
    });
    expect(mentionsIn('X-1 und Y-2', ['X-1'], ['Y-2'])).toMatchObject({
      invoices: ['X-1'],
      contracts: ['Y-2'],
    });
  });
});

describe('a look-alike', () => {
  const alike = (text: string, ...numbers: string[]) => mentionsIn(text, numbers, []).lookAlikes;

  it('has the letters and as many digits as an open invoice, and is none', () => {
    expect(alike('INV-19, inv 19 und INV-18', 'INV-11', 'INV-22')).toEqual([
      'INV 19',
      'INV-18',
      'INV-19',
    ]);
    expect(alike('INV-11', 'INV-11')).toEqual([]);
    expect(alike('XINV-19 INV-190 INV-OO', 'INV-11')).toEqual([]);
    expect(alike('---', '---')).toEqual([]);
  });

  it('around a known number takes it away', () => {
    expect(mentionsIn('C-1042-07', ['C-1042-01'], ['C-1042'])).toEqual({
      invoices: [],
      contracts: [],
      lookAlikes: ['C-1042-07'],
      ambiguous: [],
    });
    expect(mentionsIn('C-1042-01', ['C-1042-01'], ['C-1042'])).toMatchObject({
      invoices: ['C-1042-01'],
      contracts: [],
      lookAlikes: [],
    });
  });
});
