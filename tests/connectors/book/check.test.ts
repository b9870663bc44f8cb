import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BookInputError, checkBook, readBook } from '../../../connectors/book/read.ts';
import { CLEAN, type Files, folder } from './books.ts';

const HISTORY: Files = {
  invoices:
    'invoice,account,issued,contract,net,tax,total,balance\nI-1,A-1,2026-01-15,C-1,100.00,19.00,119.00,19.00\n',
  invoice_lines: 'invoice,line,subcontract,net,tax\nI-1,1,S-1,100.00,19.00\n',
  payments: 'payment,account,received,amount\nP-1,A-1,2026-02-01,100.00\n',
  payment_allocations: 'payment,invoice,amount\nP-1,I-1,100.00\n',
};
const contracts = (rest: string, header = '') =>
  `contract,account,start,end${header}\nC-1,A-1,2026-01-01,2026-12-31${rest}\n`;
const amendments = (rows: string) => `amendment,subcontract,kind,value,effective\n${rows}\n`;

interface Bad {
  readonly name: string;
  readonly files: Files;
  readonly at: readonly [
    file: string,
    row: number | null,
    column: string | null,
    value: string | null,
  ];
  readonly says: RegExp;
}

const BAD: readonly Bad[] = [
  {
    name: 'a day that the calendar does not have',
    files: { contracts: 'contract,account,start,end\nC-1,A-1,2026-01-01,2026-02-30\n' },
    at: ['contracts.csv', 2, 'end', '2026-02-30'],
    says: /YYYY-MM-DD/,
  },
  {
    name: 'a date the American way',
    files: { contracts: 'contract,account,start,end\nC-1,A-1,01/01/2026,2026-12-31\n' },
    at: ['contracts.csv', 2, 'start', '01/01/2026'],
    says: /YYYY-MM-DD/,
  },
  {
    name: 'an end before the start',
    files: { contracts: 'contract,account,start,end\nC-1,A-1,2026-01-01,2025-12-31\n' },
    at: ['contracts.csv', 2, 'end', '2025-12-31'],
    says: /before start/,
  },
  {
    name: 'an account that is not there',
    files: { contracts: 'contract,account,start,end\nC-1,A-2,2026-01-01,2026-12-31\n' },
    at: ['contracts.csv', 2, 'account', 'A-2'],
    says: /accounts/,
  },
  {
    name: 'a reference into a table that the book does not have',
    files: { subcontracts: `subcontract,contract,sku,quantity,promotion\nS-1,C-1,M-1,2,SPRING\n` },
    at: ['subcontracts.csv', 2, 'promotion', 'SPRING'],
    says: /add promotions/,
  },
  {
    name: 'a key twice',
    files: { products: `${CLEAN.products}M-1,Other,maintenance\n` },
    at: ['products.csv', 3, 'sku', 'M-1'],
    says: /twice/,
  },
  {
    name: 'a word that is not among the accepted',
    files: { products: 'sku,name,kind\nM-1,Maintenance,upkeep\n' },
    at: ['products.csv', 2, 'kind', 'upkeep'],
    says: /maintenance, subscription, license/,
  },
  {
    name: 'a decimal comma',
    files: { subcontracts: 'subcontract;contract;sku;quantity\nS-1;C-1;M-1;1,5\n' },
    at: ['subcontracts.csv', 2, 'quantity', '1,5'],
    says: /point/,
  },
  {
    name: 'a thousands separator',
    files: { prices: 'price_list,sku,currency,unit_price\ndefault,M-1,EUR,"1,190.00"\n' },
    at: ['prices.csv', 2, 'unit_price', '1,190.00'],
    says: /no thousands separator/,
  },
  {
    name: 'a negative quantity',
    files: { subcontracts: 'subcontract,contract,sku,quantity\nS-1,C-1,M-1,-2\n' },
    at: ['subcontracts.csv', 2, 'quantity', '-2'],
    says: /negative/,
  },
  {
    name: 'an empty required cell',
    files: { accounts: 'account,name\nA-1,\n' },
    at: ['accounts.csv', 2, 'name', ''],
    says: /required/,
  },
  {
    name: 'a missing required column',
    files: { subcontracts: 'subcontract,contract,sku\nS-1,C-1,M-1\n' },
    at: ['subcontracts.csv', 1, 'quantity', null],
    says: /missing/,
  },
  {
    name: 'a missing required table',
    files: { subcontracts: null },
    at: ['subcontracts.csv', null, null, null],
    says: /missing/,
  },
  {
    name: 'an empty file',
    files: { products: '' },
    at: ['products.csv', null, null, null],
    says: /empty/,
  },
  {
    name: 'a missing price',
    files: { prices: null },
    at: ['subcontracts.csv', 2, 'unit_price', ''],
    says: /no price for M-1 in EUR/,
  },
  {
    name: 'a price in another currency only',
    files: { prices: 'price_list,sku,currency,unit_price\ndefault,M-1,USD,100.00\n' },
    at: ['subcontracts.csv', 2, 'unit_price', ''],
    says: /in EUR/,
  },
  {
    name: 'a row with too few cells',
    files: { subcontracts: 'subcontract,contract,sku,quantity\nS-1,C-1,M-1\n' },
    at: ['subcontracts.csv', 2, null, null],
    says: /3 cells where the header has 4/,
  },
  {
    name: 'a row with too many cells',
    files: { subcontracts: 'subcontract,contract,sku,quantity\nS-1,C-1,M-1,1,5\n' },
    at: ['subcontracts.csv', 2, null, '5'],
    says: /5 cells where the header has 4/,
  },
  {
    name: 'a quote that is not closed',
    files: { accounts: 'account,name\nA-1,"Acme\n' },
    at: ['accounts.csv', 2, null, 'A-1,"Acme'],
    says: /quote/,
  },
  {
    name: 'UTF-16',
    files: { accounts: Buffer.from('\ufeffaccount,name\nA-1,Acme\n', 'utf16le') },
    at: ['accounts.csv', null, null, null],
    says: /UTF-16.*UTF-8/,
  },
  {
    name: 'UTF-16 without a byte-order mark',
    files: { accounts: Buffer.from('account,name\nA-1,Acme\n', 'utf16le') },
    at: ['accounts.csv', null, null, null],
    says: /UTF-16/,
  },
  {
    name: 'Latin-1',
    files: { accounts: Buffer.from('account,name\nA-1,Müller\n', 'latin1') },
    at: ['accounts.csv', 2, 'name', 'Müller'],
    says: /Latin-1.*UTF-8/,
  },
  {
    name: 'a country that is none',
    files: { taxes: 'country,category,rate\nUK,S,20\n' },
    at: ['taxes.csv', 2, 'country', 'UK'],
    says: /ISO 3166/,
  },
  {
    name: 'a currency that is none',
    files: { contracts: contracts(',EURO', ',currency') },
    at: ['contracts.csv', 2, 'currency', 'EURO'],
    says: /ISO 4217/,
  },
  {
    name: 'payment terms nobody knows',
    files: { contracts: contracts(',30 days', ',payment_terms') },
    at: ['contracts.csv', 2, 'payment_terms', '30 days'],
    says: /net N/,
  },
  {
    name: 'a circle of parents',
    files: { accounts: 'account,name,parent,currency\nA-1,Acme,A-2,EUR\nA-2,Beta,A-1,EUR\n' },
    at: ['accounts.csv', 2, 'parent', null],
    says: /its own parent/,
  },
  {
    name: 'a value where the kind of amendment takes none',
    files: { amendments: amendments('M-1,S-1,remove,2,2026-06-01') },
    at: ['amendments.csv', 2, 'value', '2'],
    says: /empty for the kind remove/,
  },
  {
    name: 'no value where the kind of amendment needs one',
    files: { amendments: amendments('M-1,S-1,add,,2026-06-01') },
    at: ['amendments.csv', 2, 'value', ''],
    says: /quantity/,
  },
  {
    name: 'a discount above the whole',
    files: { amendments: amendments('M-1,S-1,discount,120,2026-06-01') },
    at: ['amendments.csv', 2, 'value', '120'],
    says: /0 to 100/,
  },
  {
    name: 'a move to a contract that is not there',
    files: { amendments: amendments('M-1,S-1,move,C-9,2026-06-01') },
    at: ['amendments.csv', 2, 'value', 'C-9'],
    says: /contracts/,
  },
  {
    name: 'a balance that disagrees with the allocations',
    files: { ...HISTORY, payment_allocations: 'payment,invoice,amount\nP-1,I-1,90.00\n' },
    at: ['invoices.csv', 2, 'balance', '19.00'],
    says: /29\.00/,
  },
  {
    name: 'a balance that counts a returned payment',
    files: {
      ...HISTORY,
      payments: 'payment,account,received,amount,status\nP-1,A-1,2026-02-01,100.00,returned\n',
    },
    at: ['invoices.csv', 2, 'balance', '19.00'],
    says: /119\.00/,
  },
  {
    name: 'more allocated than received',
    files: {
      ...HISTORY,
      payments: 'payment,account,received,amount\nP-1,A-1,2026-02-01,99.00\n',
    },
    at: ['payments.csv', 2, 'amount', '99.00'],
    says: /more than received/,
  },
  {
    name: 'a credit note with a positive net',
    files: {
      invoices:
        'invoice,account,issued,type,net\nI-1,A-1,2026-01-15,invoice,100.00\nCN-1,A-1,2026-02-15,credit_note,20.00\n',
    },
    at: ['invoices.csv', 3, 'net', '20.00'],
    says: /negative/,
  },
  {
    name: 'a credit note with a positive line',
    files: {
      invoices: 'invoice,account,issued,type\nCN-1,A-1,2026-02-15,credit_note\n',
      invoice_lines: 'invoice,line,net\nCN-1,1,20.00\n',
    },
    at: ['invoice_lines.csv', 2, 'net', '20.00'],
    says: /negative/,
  },
  {
    name: 'more decimals than the currency has',
    files: {
      payments: 'payment,account,received,amount,currency\nP-1,A-1,2026-02-01,100.50,JPY\n',
    },
    at: ['payments.csv', 2, 'amount', '100.50'],
    says: /JPY with at most 0 decimals/,
  },
  {
    name: 'a timestamp without an offset',
    files: { usage: 'event,subcontract,metric,quantity,at\nU-1,S-1,M-1,1,2026-01-01T00:00:00\n' },
    at: ['usage.csv', 2, 'at', '2026-01-01T00:00:00'],
    says: /RFC 3339/,
  },
  {
    name: 'a control character',
    files: { accounts: 'account,name\nA-1,Ac\u0007me\n' },
    at: ['accounts.csv', 2, 'name', 'Ac\u0007me'],
    says: /control character/,
  },
  {
    name: 'a column twice',
    files: { accounts: 'account,name,Name\nA-1,Acme,Beta\n' },
    at: ['accounts.csv', 1, 'name', 'Name'],
    says: /twice/,
  },
];

describe('checking a contract book', () => {
  it('finds nothing wrong with a clean book, history included', async () => {
    const result = await checkBook(await folder(HISTORY));
    expect(result.errors).toEqual([]);
    expect(result.warnings).toEqual([]);
    expect(result.ok).toBe(true);
    expect(result.tables).toMatchObject({ accounts: 1, subcontracts: 1, payment_allocations: 1 });
  });

  it.each(BAD)('tells of $name', async ({ files, at, says }) => {
    const result = await checkBook(await folder(files));
    const [file, row, column, value] = at;
    const found = result.errors.find((error) => error.file === file && error.row === row);
    expect(found).toMatchObject({ file, row, column, value });
    expect(found?.message).toMatch(says);
    expect(result.ok).toBe(false);
  });

  const VALID: readonly [string, Files, RegExp][] = [
    [
      'a bill_from after the end',
      { contracts: contracts(',2027-06-01', ',bill_from') },
      /after the end/,
    ],
    [
      'an anchor outside the term',
      { contracts: contracts(',2025-06-01', ',anchor') },
      /outside the term/,
    ],
    [
      'a recorded date before the start',
      { subcontracts: 'subcontract,contract,sku,quantity,recorded\nS-1,C-1,M-1,2,2025-11-01\n' },
      /before the start/,
    ],
    [
      'a quantity of 0',
      { subcontracts: 'subcontract,contract,sku,quantity\nS-1,C-1,M-1,0\n' },
      /zero/,
    ],
    [
      'a custom column',
      { products: 'sku,name,kind,Farbe\nM-1,Maint,maintenance,rot\n' },
      /custom field/,
    ],
    ['no address and no mail', { accounts: 'account,name\nA-1,Acme\n' }, /mail address/],
    ['no taxes', { taxes: null }, /tax rate is zero/],
    ['a file that is no table', { 'notes.csv': 'a,b\n1,2\n' }, /not a table/],
    [
      'history past the end of a subcontract',
      {
        invoices: 'invoice,account,issued\nI-1,A-1,2026-01-15\n',
        invoice_lines:
          'invoice,line,subcontract,period_start,period_end,net\nI-1,1,S-1,2026-01-01,2027-12-31,100.00\n',
      },
      /past the end/,
    ],
  ];
  it.each(VALID)('warns of %s and goes on', async (_name, files, says) => {
    const result = await checkBook(await folder(files));
    expect(result.errors).toEqual([]);
    expect(result.ok).toBe(true);
    expect(result.warnings.some(({ message }) => says.test(message))).toBe(true);
  });

  it('takes a balance that a credit note lowered, whether or not the note says that it is used', async () => {
    for (const own of ['', '0.00', '-19.00']) {
      const invoices =
        'invoice,account,issued,type,credits,total,balance\n' +
        'I-1,A-1,2026-01-15,invoice,,119.00,100.00\n' +
        `CN-1,A-1,2026-03-15,credit_note,I-1,-19.00,${own}\n`;
      expect((await checkBook(await folder({ invoices }))).errors).toEqual([]);
    }
  });

  it('counts a payment that names one invoice as its full allocation', async () => {
    const invoices = 'invoice,account,issued,total,balance\nI-1,A-1,2026-01-15,119.00,0.00\n';
    const payments = 'payment,account,received,amount,invoice\nP-1,A-1,2026-02-01,119.00,I-1\n';
    expect((await checkBook(await folder({ invoices, payments }))).errors).toEqual([]);
  });

  it('takes a price that an amendment sets, and a draft without one', async () => {
    const priced = { prices: null, amendments: amendments('M-1,S-1,price,90.00,2026-01-01') };
    expect((await checkBook(await folder(priced))).ok).toBe(true);
    const draft = { prices: null, contracts: contracts(',draft', ',status') };
    expect((await checkBook(await folder(draft))).ok).toBe(true);
  });

  it('tells one fault once: rows that refer to a faulty row are not faulted themselves', async () => {
    const faulty = { contracts: 'contract,account,start,end\nC-1,A-1,soon,2026-12-31\n' };
    expect((await checkBook(await folder(faulty))).errors).toHaveLength(1);
    const missing = { accounts: null };
    expect((await checkBook(await folder(missing))).errors).toHaveLength(1);
    const headless = { contracts: 'account,start,end\nA-1,2026-01-01,2026-12-31\n' };
    expect((await checkBook(await folder(headless))).errors).toHaveLength(1);
  });

  it('counts what it does not list', async () => {
    const rows = Array.from({ length: 10_500 }, (_, n) => `S-${n},C-1,M-1,-1`).join('\n');
    const result = await checkBook(
      await folder({ subcontracts: `subcontract,contract,sku,quantity\n${rows}\n` }),
    );
    expect(result.errors).toHaveLength(10_000);
    expect(result.truncated.errors).toBe(500);
  });

  it('keeps the good rows of a file with bad ones, those after a broken quote included', async () => {
    const accounts = 'account,name\nA-1,Acme\nA-2,"Be"ta"\nA-3,"Gamma\nA-4,Delta\nA-5,"E, ""x"""\n';
    const { book, errors } = await readBook(await folder({ accounts }));
    expect(book.accounts.map(({ account }) => account)).toEqual(['A-1', 'A-4', 'A-5']);
    expect(book.accounts[2]?.name).toBe('E, "x"');
    expect(errors.map(({ row }) => row)).toEqual([3, 4]);
  });

  it('keeps rows that only disagree with others, and clears parents in a circle', async () => {
    const { book } = await readBook(
      await folder({
        prices: null,
        accounts: 'account,name,parent,currency\nA-1,Acme,A-1,EUR\n',
      }),
    );
    expect(book.subcontracts).toHaveLength(1);
    expect(book.accounts[0]?.parent).toBeNull();
  });

  it('leaves out a row whose forward reference never comes', async () => {
    const accounts = 'account,name,parent\nA-1,Acme,\nA-2,Beta,A-9\nA-3,Gamma,A-4\nA-4,Delta,\n';
    const { book, errors } = await readBook(await folder({ accounts }));
    expect(errors).toMatchObject([
      { file: 'accounts.csv', row: 3, column: 'parent', value: 'A-9' },
    ]);
    expect(book.accounts.map(({ account }) => account)).toEqual(['A-1', 'A-3', 'A-4']);
  });

  it('says in a sentence why a path is no book', async () => {
    const dir = await folder();
    const text = join(dir, 'readme.txt');
    await writeFile(text, 'hello');
    const macros = join(dir, 'book.xlsm');
    await writeFile(macros, 'PK');
    await expect(checkBook(join(dir, 'nowhere'))).rejects.toThrow(/nothing at/);
    await expect(checkBook(text)).rejects.toThrow(BookInputError);
    await expect(checkBook(join(dir, 'accounts.csv'))).rejects.toThrow(/folder/);
    await expect(checkBook(macros)).rejects.toThrow(/macros/);
  });
});
