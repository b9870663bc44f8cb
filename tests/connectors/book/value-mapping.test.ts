/** Other programs' words as the book's: found, suggested, mapped. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BookMapping, bookMappingsSchema } from '../../../connectors/book/mapping.ts';
import { readBook } from '../../../connectors/book/read.ts';
import { openBook } from '../../../connectors/book/source.ts';
import {
  foundValues,
  mappedValue,
  suggestedValue,
  withSuggestedValues,
} from '../../../connectors/book/value-mapping.ts';
import { BOOK_TABLES, TABLE_NAMES } from '../../../domain/book/tables.ts';
import { guessedMapping } from './books.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-values-'));
  const files = {
    'Kunden.csv':
      'Kundennr;Firma;Land;Status\r\n1;Müller;Deutschland;aktiv\r\n2;Meyer;AT;Premium\r\n',
    'Artikel.csv':
      'Artikelnr;Bezeichnung;Typ\r\nCAD-1;CAD-Pflege;Wartung\r\nPDM;PDM;maintenance\r\n',
    'Verträge.csv':
      'Vertragsnr;Kundennr;Laufzeit von;Laufzeit bis;Turnus;Zahlungsziel;auto_renew\r\n' +
      'C-1;1;01.03.2026;28.02.2027;jährlich;30 Tage netto;Ja\r\n' +
      'C-2;2;01.04.2026;31.03.2027;JÄHRLICH ;net 14;no\r\n' +
      'C-3;2;01.04.2026;31.03.2027;nach Absprache;sofort;x\r\n',
    'Vertragspositionen.csv':
      'Position;Vertragsnr;Artikel;Menge\r\nS-1;C-1;cad 1;5\r\nS-2;C-2;CAD-Pflege;1\r\nS-3;C-3;Altsystem;1\r\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

const guessed = (saved: BookMapping | null = null) => guessedMapping(folder, saved);
const found = async (mapping: BookMapping) => {
  const bare = { files: mapping.files.map((file) => ({ ...file, values: {} })) };
  return foundValues(await openBook(folder, { mapping: bare }), mapping);
};
const valuesOf = ({ files }: BookMapping, file: string) =>
  files.find((one) => one.file === file)?.values;

describe('the values of files', () => {
  it('are found in columns that take a list of words, with how often and whether they are taken', async () => {
    const values = await found(await guessed());
    expect(values['Verträge.csv']).toEqual([
      expect.objectContaining({
        header: 'Turnus',
        column: 'billing_frequency',
        choices: expect.arrayContaining(['annual', 'monthly']),
        values: [
          { value: 'JÄHRLICH', count: 1, accepted: false },
          { value: 'jährlich', count: 1, accepted: false },
          { value: 'nach Absprache', count: 1, accepted: false },
        ],
      }),
      expect.objectContaining({ column: 'payment_terms', choices: [] }),
      expect.objectContaining({
        column: 'auto_renew',
        values: [
          { value: 'Ja', count: 1, accepted: false },
          { value: 'x', count: 1, accepted: false },
          { value: 'no', count: 1, accepted: true },
        ],
      }),
    ]);
    // Numbers, names and dates are no words.
    expect(values['Vertragspositionen.csv']?.map(({ header }) => header)).toEqual(['Artikel']);
  });

  it('are suggested where they are known, and read so; what is not stays a fault in its place', async () => {
    const plain = await guessed();
    const mapping = withSuggestedValues(plain, await found(plain), true);
    expect(valuesOf(mapping, 'Verträge.csv')).toEqual({
      Turnus: { jährlich: 'annual', JÄHRLICH: 'annual' },
      Zahlungsziel: { '30 Tage netto': 'net 30', sofort: 'due on receipt' },
      auto_renew: { Ja: 'yes', x: 'yes' },
    });
    expect(valuesOf(mapping, 'Vertragspositionen.csv')).toEqual({
      Artikel: { 'cad 1': 'CAD-1', 'CAD-Pflege': 'CAD-1' },
    });
    const { book, errors } = await readBook(await openBook(folder, { mapping }));
    expect(book.contracts).toMatchObject([
      { contract: 'C-1', billingFrequency: 'annual', paymentTerms: 'net 30', autoRenew: true },
      { contract: 'C-2', billingFrequency: 'annual', paymentTerms: 'net 14', autoRenew: false },
    ]);
    expect(book.accounts[0]).toMatchObject({ country: 'DE', status: 'active' });
    expect(book.products[0]?.kind).toBe('maintenance');
    expect(errors.map(({ file, row, column }) => [file, row, column])).toEqual([
      ['Kunden.csv', 3, 'status'],
      ['Verträge.csv', 4, 'billing_frequency'],
      ['Vertragspositionen.csv', 4, 'sku'],
    ]);
  });

  it('are decided by a person, saved, and held for the source’s next files', async () => {
    const plain = await guessed();
    const decided: BookMapping = {
      files: plain.files.map((file) =>
        file.table === 'contracts'
          ? { ...file, values: { Turnus: { 'nach Absprache': 'quarterly', jährlich: '2 years' } } }
          : file,
      ),
    };
    // What a person sends is not added to, what was never decided is.
    const sent = withSuggestedValues(decided, await found(plain), false);
    expect(valuesOf(sent, 'Verträge.csv')?.Turnus).toEqual({
      'nach Absprache': 'quarterly',
      jährlich: '2 years',
    });
    expect(valuesOf(sent, 'Verträge.csv')?.auto_renew).toEqual({ Ja: 'yes', x: 'yes' });
    const saved = bookMappingsSchema.parse({ ERP: JSON.parse(JSON.stringify(sent)) }).ERP ?? null;
    const again = withSuggestedValues(await guessed(saved), await found(plain), true);
    const { book } = await readBook(await openBook(folder, { mapping: again }));
    expect(book.contracts.map(({ billingFrequency }) => billingFrequency)).toEqual([
      '2 years',
      '2 years',
      'quarterly',
    ]);
  });

  it('of mappings saved before there were any are none', () => {
    const old = { file: 'a.csv', table: 'accounts', columns: {}, dates: 'iso', decimals: 'plain' };
    expect(bookMappingsSchema.parse({ ERP: { files: [old] } }).ERP?.files[0]?.values).toEqual({});
  });
});

describe('a value', () => {
  it('is mapped whatever its case and outer spaces; an empty one is left alone', () => {
    expect(mappedValue({ Ja: 'yes', '-': '' }, ' JA ')).toBe('yes');
    expect(mappedValue({ Ja: 'yes', '-': '' }, '-')).toBe('');
    expect(mappedValue({ Ja: 'yes' }, 'nein')).toBeNull();
    expect(mappedValue({ Ja: 'yes' }, ' ')).toBeNull();
    expect(mappedValue(undefined, 'Ja')).toBeNull();
    expect(mappedValue({}, 'constructor')).toBeNull();
  });

  it.each([
    ['billing_frequency', 'alle 3 Jahre', '3 years'],
    ['billing_frequency', 'Vierteljährlich', 'quarterly'],
    ['billing_frequency', 'halb-jährlich', 'semiannual'],
    ['billing_frequency', 'fortnightly', null],
    ['payment_terms', '14', 'net 14'],
    ['payment_terms', 'Netto 30 Tage', 'net 30'],
    ['payment_terms', 'Vorkasse', null],
    ['country', 'Österreich', 'AT'],
    ['delivery_country', 'United Kingdom', 'GB'],
    ['currency', '€', 'EUR'],
    ['currency', 'Sterne', null],
    ['currency', '***', null],
  ])('of %s, %s, is suggested to be %s', (column, value, ours) => {
    const choices =
      column === 'billing_frequency' ? ['monthly', 'quarterly', 'semiannual', 'annual'] : [];
    expect(suggestedValue(column, choices, value)).toBe(ours);
  });

  it('that could mean two things is not suggested', () => {
    expect(suggestedValue('status', ['suspended', 'closed'], 'gesperrt')).toBeNull();
    expect(suggestedValue('sku', ['CAD-1', 'CAD 1'], 'cad1')).toBeNull();
  });

  it('of the book is what it says, whatever words are known for others', () => {
    for (const table of TABLE_NAMES)
      for (const [column, spec] of Object.entries(BOOK_TABLES[table].columns)) {
        const values: readonly string[] = 'values' in spec ? spec.values : [];
        for (const value of values) expect(suggestedValue(column, values, value)).toBe(value);
      }
  });
});
