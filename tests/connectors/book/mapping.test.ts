/** Files of other programs as tables of the book: guessed, mapped, corrected. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BookMapping,
  fileKey,
  guessColumn,
  isoDate,
  plainDecimal,
} from '../../../connectors/book/mapping.ts';
import { checkBook, readBook } from '../../../connectors/book/read.ts';
import { openBook } from '../../../connectors/book/source.ts';
import { templateSheets } from '../../../connectors/book/templates.ts';
import { csvFiles, workbookOf } from '../../../connectors/book/write.ts';
import { guessedMapping } from './books.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-mapping-'));
  const files = {
    'Kunden 2026-11.csv':
      'Kundennr;Firma;Land;Branche;Intern\r\n1;Müller & Co;DE;Maschinenbau;x\r\n',
    'Artikel.csv': 'Artikelnr;Bezeichnung;Typ\r\nCAD;CAD-Pflege;maintenance\r\n',
    'Verträge.csv':
      'Vertragsnr;Kundennr;Laufzeit von;Laufzeit bis\r\nC-1;1;01.03.2026;28.02.2027\r\nC-2;1;1.4.2026;31.02.2027\r\n',
    'Vertragspositionen.csv':
      'Position;Vertragsnr;Artikel;Menge;Einzelpreis\r\nS-1;C-1;CAD;5;"1.234,50"\r\n\r\nS-2;C-1;CAD;zwei;10\r\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

const guessed = (saved: BookMapping | null = null) => guessedMapping(folder, saved);

describe('a mapping', () => {
  it('is guessed from names, headers and values', async () => {
    const { files } = await guessed();
    expect(Object.fromEntries(files.map(({ file, table }) => [file, table]))).toEqual({
      'Artikel.csv': 'products',
      'Kunden 2026-11.csv': 'accounts',
      'Vertragspositionen.csv': 'subcontracts',
      'Verträge.csv': 'contracts',
    });
    const of = (name: string) => files.find(({ file }) => file === name);
    expect(of('Verträge.csv')).toMatchObject({
      columns: { Vertragsnr: 'contract', Kundennr: 'account', 'Laufzeit von': 'start' },
      dates: 'day.month.year',
    });
    expect(of('Vertragspositionen.csv')?.decimals).toBe('comma');
    expect(of('Kunden 2026-11.csv')?.columns.Branche).toBe('Branche');
  });

  it('makes a book of the files, custom columns kept, columns left out as asked', async () => {
    const { files } = await guessed();
    const mapping: BookMapping = {
      files: files.map((one) =>
        one.table === 'accounts' ? { ...one, columns: { ...one.columns, Intern: null } } : one,
      ),
    };
    const { book, errors } = await readBook(await openBook(folder, { mapping }));
    expect(book.accounts).toMatchObject([
      { account: '1', name: 'Müller & Co', custom: { Branche: 'Maschinenbau' } },
    ]);
    expect(book.contracts).toMatchObject([{ contract: 'C-1', start: '2026-03-01' }]);
    expect(book.subcontracts).toMatchObject([{ subcontract: 'S-1', unitPrice: '1234.50' }]);
    expect(errors.map(({ file, row, column, value }) => [file, row, column, value])).toEqual([
      ['Verträge.csv', 3, 'end', '2027-02-31'],
      ['Vertragspositionen.csv', 4, 'quantity', 'zwei'],
    ]);
  });

  it('takes corrections in place, and rows that are left out', async () => {
    const mapping = await guessed();
    const corrections = {
      contracts: { '3': { end: '2027-03-31' } },
      subcontracts: { '4': null },
    };
    const read = await readBook(await openBook(folder, { mapping, corrections }));
    expect(read.errors).toEqual([]);
    expect(read.book.contracts[1]).toMatchObject({ start: '2026-04-01', end: '2027-03-31' });
    expect(read.book.subcontracts).toHaveLength(1);
  });

  it('is used again for the next files of its source, whatever month they bear', async () => {
    const first = await guessed();
    const saved = {
      files: first.files.map((one) => ({
        ...one,
        file: one.file.replace('11', '10'),
        columns: { ...one.columns, ...(one.table === 'accounts' ? { Branche: null } : {}) },
      })),
    };
    const again = await guessed(saved);
    expect(again.files.find(({ table }) => table === 'accounts')?.columns).toMatchObject({
      Branche: null,
      Kundennr: 'account',
    });
    expect(fileKey('export 3.xlsx#Kunden (2)')).toBe(fileKey('Kunden-2026.csv'));
  });

  it('finds a column by its own name whatever its case and signs', () => {
    expect(guessColumn('contracts', 'Billing-Frequency')).toBe('billing_frequency');
    expect(guessColumn('contracts', 'nobody knows')).toBeNull();
  });
});

describe('forms', () => {
  it('of dates become the book’s; what is none stays as it was written', () => {
    expect(isoDate('1.4.2026', 'day.month.year')).toBe('2026-04-01');
    expect(isoDate('03/25/2026', 'month/day/year')).toBe('2026-03-25');
    expect(isoDate('25/03/2026', 'day/month/year')).toBe('2026-03-25');
    expect(isoDate('soon', 'day.month.year')).toBe('soon');
  });

  it('of decimals lose their groups and keep their value', () => {
    const grouped = (text: string, sign: string) => text.replace(/\B(?=(\d{3})+(?!\d))/g, sign);
    fc.assert(
      fc.property(fc.nat(), fc.nat(99), fc.boolean(), (whole, cents, minus) => {
        const sign = minus ? '-' : '';
        const part = String(cents).padStart(2, '0');
        const plain = `${sign}${whole}.${part}`;
        expect(plainDecimal(`${sign}${grouped(String(whole), '.')},${part}`, 'comma')).toBe(plain);
        expect(plainDecimal(`${sign}${grouped(String(whole), ',')}.${part}`, 'point')).toBe(plain);
        expect(plainDecimal(plain, 'plain')).toBe(plain);
      }),
    );
  });
  it('that fit no decimal stay as they are', () => {
    for (const text of ['12.34.56', '1,2,3', 'ten', '']) {
      expect(plainDecimal(text, 'comma')).toBe(text);
      expect(plainDecimal(text, 'point')).toBe(text);
    }
  });
});

describe('the templates', () => {
  it('are a clean book with every column, as CSV files and as a workbook', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'perennial-template-'));
    try {
      for (const { name, pieces } of csvFiles(templateSheets())) {
        let text = '';
        for await (const piece of pieces) text += piece;
        await writeFile(join(dir, name), text);
      }
      const workbook = join(dir, 'template.xlsx');
      await writeFile(workbook, await workbookOf(templateSheets()));
      for (const path of [dir, workbook]) {
        const { ok, errors, warnings, tables } = await checkBook(path);
        expect([ok, errors, warnings]).toEqual([true, [], []]);
        expect(new Set(Object.values(tables))).toEqual(new Set([1]));
      }
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
