import { describe, expect, it } from 'vitest';
import { readCell, writeCell } from '../../../connectors/book/cells.ts';
import { readBook } from '../../../connectors/book/read.ts';
import type { ColumnSpec } from '../../../domain/book/tables.ts';
import { CLEAN, folder } from './books.ts';

describe('reading a contract book', () => {
  it('takes a byte-order mark, semicolons, any column order and any spelling of headers', async () => {
    const { book, errors } = await readBook(
      await folder({
        accounts:
          '\ufeffNAME;Billing-Email;po required;ACCOUNT;Größe\r\nMüller;a@b.de;Yes;A-1;12\r\n',
        contracts: 'End\tSTART\tAccount\tContract\n2026-12-31\t2026-01-01\tA-1\tC-1\n',
      }),
    );
    expect(errors).toEqual([]);
    expect(book.accounts).toMatchObject([
      { account: 'A-1', name: 'Müller', poRequired: true, custom: { Größe: '12' } },
    ]);
    expect(book.contracts[0]).toMatchObject({ start: '2026-01-01', end: '2026-12-31' });
  });

  it('finds files whose names are written with capitals, spaces or dashes', async () => {
    const { book } = await readBook(
      await folder({
        products: null,
        'Products.CSV': CLEAN.products ?? '',
        'Invoice Lines.csv': 'invoice,line,net\nI-1,1,10.00\n',
        invoices: 'invoice,account,issued\nI-1,A-1,2026-01-15\n',
      }),
    );
    expect(book.products).toHaveLength(1);
    expect(book.invoice_lines).toHaveLength(1);
  });

  it('fills in the defaults that need no other row, and null for what is not given', async () => {
    const { book } = await readBook(await folder());
    expect(book.contracts[0]).toMatchObject({
      status: 'active',
      billingFrequency: 'annual',
      autoRenew: false,
      currency: null,
      priceList: null,
      custom: {},
    });
    expect(book.accounts[0]).toMatchObject({ status: 'active', parent: null });
    expect(book.usage).toEqual([]);
  });

  it('skips rows that a spreadsheet left blank, and still counts them', async () => {
    const { book, errors, rowsByTable } = await readBook(
      await folder({ accounts: 'account,name\nA-1,Acme\n,\n\nA-2,\n,,,\n' }),
    );
    expect(book.accounts).toHaveLength(1);
    expect(rowsByTable.accounts).toBe(2);
    expect(errors).toMatchObject([{ row: 5, column: 'name' }]);
  });
});

const ACCEPTED: readonly [ColumnSpec, string, string][] = [
  [{ kind: 'boolean' }, 'TRUE', 'yes'],
  [{ kind: 'boolean' }, '0', 'no'],
  [{ kind: 'currency' }, 'eur', 'EUR'],
  [{ kind: 'country' }, 'de', 'DE'],
  [{ kind: 'frequency' }, 'Annual', 'annual'],
  [{ kind: 'frequency' }, '3 years', '3 years'],
  [{ kind: 'paymentTerms' }, '2/10  net 30', '2/10 net 30'],
  [{ kind: 'paymentTerms' }, 'Due on receipt', 'due on receipt'],
  [{ kind: 'list' }, ' a ; b;; c', 'a;b;c'],
  [{ kind: 'monthDay' }, '02-29', '02-29'],
  [{ kind: 'timestamp' }, '2026-01-31T23:59:60+01:00', '2026-01-31T23:59:60+01:00'],
  [{ kind: 'decimal' }, ' -0.000001 ', '-0.000001'],
  [{ kind: 'text', values: ['S', 'AE'] }, 'ae', 'AE'],
  [{ kind: 'text', default: 'active' }, '', 'active'],
];

const REFUSED: readonly [ColumnSpec, string][] = [
  [{ kind: 'boolean' }, 'ja'],
  [{ kind: 'date' }, '2026-2-1'],
  [{ kind: 'date' }, '2026-02-29'],
  [{ kind: 'month' }, '2026-13'],
  [{ kind: 'monthDay' }, '02-30'],
  [{ kind: 'timestamp' }, '2026-01-31'],
  [{ kind: 'timestamp' }, '2026-01-31T24:00:00Z'],
  [{ kind: 'decimal' }, '1e5'],
  [{ kind: 'decimal' }, '.5'],
  [{ kind: 'decimal' }, '1.0000001'],
  [{ kind: 'amount' }, '1 190.00'],
  [{ kind: 'amount' }, '€5'],
  [{ kind: 'amount' }, '9'.repeat(16)],
  [{ kind: 'integer' }, '1.5'],
  [{ kind: 'integer' }, '-1'],
  [{ kind: 'timeZone' }, '+01:00'],
  [{ kind: 'timeZone' }, 'Mars/Olympus'],
  [{ kind: 'email' }, 'a@b@c'],
  [{ kind: 'frequency' }, '0 years'],
  [{ kind: 'paymentTerms' }, 'net thirty'],
  [{ kind: 'text' }, 'x'.repeat(32_768)],
];

describe('the cells of a book', () => {
  it.each(ACCEPTED)('%o reads %j as %j', (spec, text, written) => {
    const reading = readCell(spec, text);
    expect(reading.ok && writeCell(reading.value)).toBe(written);
  });

  it.each(REFUSED)('%o refuses %j and says what would be accepted', (spec, text) => {
    expect(readCell(spec, text)).toMatchObject({ ok: false, message: expect.stringMatching(/\w/) });
  });
});
