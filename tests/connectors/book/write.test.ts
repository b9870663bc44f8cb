import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBook, streamTable } from '../../../connectors/book/read.ts';
import { writeBook } from '../../../connectors/book/write.ts';
import { type Book, emptyBook, type Row } from '../../../domain/book/tables.ts';
import { folder } from './books.ts';

const scratch = () => mkdtemp(join(tmpdir(), 'perennial-book-write-'));

/** Any text that a cell may hold and that is not blank; outer spaces are the reader's to trim. */
const word = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc.constantFrom(
      'a,b',
      'x;y',
      '"q"',
      'line\nbreak',
      '=1+1',
      '007',
      '1e5',
      'true',
      '_x0041_',
      'constructor',
      'a\r\nb',
      '\ta',
    ),
  )
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a book refuses them
  .map((text) => text.replace(/[\x00-\x08\x0b-\x1f\x7f\ufeff\ufffe\uffff]/g, '').trim())
  .filter((text) => text !== '');
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const decimal = fc
  .tuple(fc.integer({ min: 0, max: 99_999 }), fc.stringMatching(/^(\.\d{1,6})?$/))
  .map(([whole, places]) => `${whole}${places}`);
const custom = fc
  .dictionary(fc.constantFrom('Farbe', 'Größe, cm', 'x-y', '__proto__', '10 %'), word, {
    maxKeys: 3,
  })
  .map((record) => Object.fromEntries(Object.entries(record)));

/** Replaces fields of the clean book's own rows with arbitrary ones. */
async function cleanBook(): Promise<Book> {
  return (await readBook(await folder())).book;
}

function arbitraryBook(clean: Book): fc.Arbitrary<Book> {
  const account = clean.accounts[0] as Row<'accounts'>;
  const subcontract = clean.subcontracts[0] as Row<'subcontracts'>;
  const accounts = fc.uniqueArray(
    fc.record({
      account: word,
      name: word,
      poRequired: optional(fc.boolean()),
      paymentTerms: optional(fc.constantFrom('net 30', '2/10 net 30', 'net 10 end-of-month')),
      language: optional(word),
      ccEmails: optional(fc.constant(['a@example.com', 'b@example.com'])),
      custom,
    }),
    { selector: (row) => row.account, maxLength: 6 },
  );
  const subcontracts = fc.uniqueArray(
    fc.record({
      subcontract: word,
      quantity: decimal,
      unitPrice: decimal,
      serial: optional(word),
      custom,
    }),
    { selector: (row) => row.subcontract, minLength: 1, maxLength: 6 },
  );
  return fc.record({ accounts, subcontracts }).map((parts) => ({
    ...clean,
    accounts: [
      account,
      ...parts.accounts
        .filter((row) => row.account !== 'A-1')
        .map((row) => ({ ...account, ...row })),
    ],
    subcontracts: parts.subcontracts.map((row) => ({ ...subcontract, ...row })),
  }));
}

describe('writing a contract book', () => {
  it.each(['csv', 'xlsx'] as const)(
    'reads back the same rows from %s',
    async (format) => {
      const clean = await cleanBook();
      await fc.assert(
        fc.asyncProperty(arbitraryBook(clean), async (book) => {
          const dir = await scratch();
          const [first = ''] = await writeBook(book, dir, { format });
          const { book: back, errors } = await readBook(format === 'csv' ? dir : first);
          expect(errors).toEqual([]);
          expect(back).toEqual(book);
        }),
        { numRuns: format === 'csv' ? 60 : 20 },
      );
    },
    60_000,
  );

  it('keeps outer spaces and line ends of free text, and every custom value as written', async () => {
    const dir = await folder({
      incidents:
        'incident,account,opened,subject,Note\nT-1,A-1,2026-01-02,"  two\r\nlines ",  spaced  \n',
    });
    const first = await readBook(dir);
    expect(first.book.incidents[0]).toMatchObject({
      subject: '  two\r\nlines ',
      custom: { Note: '  spaced  ' },
    });
    for (const format of ['csv', 'xlsx'] as const) {
      const out = await scratch();
      const [file = ''] = await writeBook(first.book, out, { format });
      const back = await readBook(format === 'csv' ? out : file);
      expect(back.book).toEqual(first.book);
    }
  });

  it('writes required tables even when empty, no others, and leaves no partial file', async () => {
    const out = await scratch();
    await writeBook(emptyBook(), out, { format: 'csv' });
    expect((await readdir(out)).sort()).toEqual([
      'accounts.csv',
      'contracts.csv',
      'products.csv',
      'subcontracts.csv',
    ]);
    expect((await readBook(out)).errors).toEqual([]);
  });

  it('streams one table, good rows and bad', async () => {
    const dir = await folder({ accounts: 'account,name\nA-1,Acme\nA-2,\n' });
    const rows = [];
    for await (const { row, value, errors } of streamTable(dir, 'accounts'))
      rows.push([row, value?.name ?? null, errors.length]);
    expect(rows).toEqual([
      [2, 'Acme', 0],
      [3, null, 1],
    ]);
  });
});
