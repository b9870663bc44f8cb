/** A book of more rows than one statement's text carries: whatever stands in a field comes out as it went in. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Connection, connect, exportBook, importBook } from '../../../db/index.ts';
import { type Book, emptyBook, type Row } from '../../../domain/book/tables.ts';
import { createTestDatabase } from '../../infrastructure/servers.ts';
import { ANN, row } from './sample-facts.ts';

const ROWS = 1300;
/** What a text format for copying rows writes otherwise than it is. */
const AWKWARD = [
  '\\N',
  '\\',
  '\t',
  '\n',
  '\r\n',
  '"',
  "'",
  '{a,b}',
  '\\.',
  'NULL',
  '',
  ' ',
  '\u00a0ü🙂',
];

let connection: Connection;
beforeAll(async () => {
  connection = connect(await createTestDatabase());
});
afterAll(() => connection?.close());

/** No text of the database holds a null character. */
const anyText = fc.oneof(
  fc.constantFrom(...AWKWARD),
  fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
);
const anyAccount = fc.record({
  name: anyText,
  taxId: fc.option(anyText),
  poRequired: fc.boolean(),
  ccEmails: fc.option(fc.array(anyText, { maxLength: 3 })),
  custom: fc.dictionary(anyText, anyText, { maxKeys: 3 }),
});

function anyBook(): Book {
  const values = fc.sample(anyAccount, ROWS);
  return {
    ...emptyBook(),
    accounts: values.map((value, n) =>
      row('accounts', { account: `A-${n}`, ...value } as Row<'accounts'>),
    ),
    products: [row('products', { sku: 'CAD', name: 'CAD', kind: 'maintenance' })],
    prices: values.map((_, n) =>
      row('prices', {
        priceList: `L-${n}`,
        sku: 'CAD',
        currency: 'EUR',
        unitPrice: `${n}.123456789`,
        minQuantity: n % 2 === 0 ? null : '10',
        validFrom: n % 3 === 0 ? null : '2026-01-01',
      } as Row<'prices'>),
    ),
  };
}

it('comes out as it went in, in its order, and again changes nothing but what is changed', async () => {
  const { db } = connection;
  const book = anyBook();
  const first = await importBook(db, book, { importId: 'one', actor: ANN });
  expect(first.accounts).toEqual({ added: ROWS, changed: 0, same: 0 });
  const came = await exportBook(db);
  expect(came.accounts).toEqual(book.accounts);
  expect(came.prices).toEqual(book.prices);
  const again = await importBook(db, came, { importId: 'two', actor: ANN });
  expect([again.accounts, again.prices]).toEqual(
    [0, 1].map(() => ({ added: 0, changed: 0, same: ROWS })),
  );
  const accounts = book.accounts.map((account, n) =>
    n % 100 === 0 ? { ...account, name: `${account.name}!` } : account,
  );
  const third = await importBook(db, { ...book, accounts }, { importId: 'three', actor: ANN });
  expect(third.accounts).toEqual({ added: 0, changed: 13, same: ROWS - 13 });
  expect((await exportBook(db)).accounts).toEqual(accounts);
});

it('writes nothing of a book that the database refuses, and takes the next one', async () => {
  const { db } = connection;
  const before = await exportBook(db);
  const book = anyBook();
  const accounts = book.accounts.map((account, n) => ({
    ...account,
    account: `B-${n}`,
    ...(n === ROWS - 1 ? { name: null as unknown as string } : {}),
  }));
  const bad = { ...emptyBook(), accounts };
  await expect(importBook(db, bad, { importId: 'bad', actor: ANN })).rejects.toThrow();
  expect(await exportBook(db)).toEqual(before);
  const good = { ...bad, accounts: accounts.slice(0, -1) };
  const counts = await importBook(db, good, { importId: 'good', actor: ANN });
  expect(counts.accounts?.added).toBe(ROWS - 1);
});
