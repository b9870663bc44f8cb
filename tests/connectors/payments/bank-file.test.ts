/** A bank's file as it is handed over: its encoding, its format, the mapping of a CSV. */
import { describe, expect, it } from 'vitest';
import {
  bankFileText,
  csvMappingsSchema,
  formatOf,
  readBankFile,
} from '../../../connectors/payments/bank/file.ts';

describe('bytes', () => {
  it.each([
    ['UTF-8', Buffer.from('Müller', 'utf8')],
    ['UTF-8 with a mark', Buffer.from('\uFEFFMüller', 'utf8')],
    ['Western European', Buffer.from('Müller', 'latin1')],
    ['UTF-16', Buffer.from('\uFEFFMüller', 'utf16le')],
  ])('in %s are read', (_name, bytes) => {
    expect(bankFileText(bytes)).toBe('Müller');
  });
});

describe('a format', () => {
  it.each([
    ['\uFEFF<?xml version="1.0"?>', 'camt'],
    ['\r\n:20:STARTUMS', 'mt940'],
    ['{1:F01BANKDEFFXXXX}', 'mt940'],
    ['01,BANK,US,260220,', 'bai2'],
    ['Day;Amount', 'csv'],
  ])('is told by how a text begins: %j is %s', (text, format) => {
    expect(formatOf(text)).toBe(format);
  });
  it('of CSV needs a mapping', () => {
    expect(() => readBankFile('a;b', 'csv', null)).toThrow(/no mapping/);
  });
});

describe('a mapping', () => {
  const mapping = {
    account: 'DE1',
    currency: 'EUR',
    delimiter: ';',
    decimal: ',',
    dateFormat: 'DD.MM.YYYY',
    columns: { bookedOn: 'Day', amount: 'Amount', reference: ['Text'] },
  };
  const accepts = (value: object) => csvMappingsSchema.safeParse({ house: value }).success;
  it('names the amount, or credit and debit both, and nothing unknown', () => {
    const { amount: _amount, ...columns } = mapping.columns;
    expect(accepts(mapping)).toBe(true);
    expect(accepts({ ...mapping, columns: { ...columns, credit: 'In', debit: 'Out' } })).toBe(true);
    expect(accepts({ ...mapping, columns: { ...columns, credit: 'In' } })).toBe(false);
    expect(accepts({ ...mapping, columns })).toBe(false);
    expect(accepts({ ...mapping, colour: 'red' })).toBe(false);
  });
});
