import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import writeExcelFile, { type SheetData } from 'write-excel-file/node';
import { checkBook, readBook } from '../../../connectors/book/read.ts';

const bold = (values: readonly string[]) => values.map((value) => ({ value, type: String }));

/** A workbook as a person keeps it: real date, number and boolean cells, sheets named their way. */
const SHEETS: Readonly<Record<string, SheetData>> = {
  Accounts: [
    bold(['Account', 'Name', 'PO required', 'Billing Email', 'Currency']),
    ['A-1', 'Acme', true, 'a@example.com', 'EUR'],
    [1002, 'Beta', false, 'b@example.com', 'EUR'],
  ],
  Products: [bold(['SKU', 'Name', 'Kind']), ['M-1', 'Maintenance', 'maintenance']],
  contracts: [
    bold(['contract', 'account', 'start', 'end', 'discount percent']),
    [
      'C-1',
      1002,
      { value: new Date('2026-01-01T00:00:00Z'), type: Date, format: 'yyyy-mm-dd' },
      { value: new Date('2026-12-31T00:00:00Z'), type: Date, format: 'dd.mm.yyyy' },
      12.5,
    ],
  ],
  Subcontracts: [
    bold(['subcontract', 'contract', 'sku', 'quantity', 'unit_price']),
    ['S-1', 'C-1', 'M-1', 3, 0.1],
  ],
  indices: [
    bold(['index', 'month', 'value']),
    ['CPI', { value: new Date('2026-05-01T00:00:00Z'), type: Date, format: 'mmm yy' }, 101.25],
  ],
};

async function workbook(sheets: Readonly<Record<string, SheetData>>, name = 'book.xlsx') {
  const path = join(await mkdtemp(join(tmpdir(), 'perennial-workbook-')), name);
  await writeExcelFile(Object.entries(sheets).map(([sheet, data]) => ({ sheet, data }))).toFile(
    path,
  );
  return path;
}

describe('a contract book in a workbook', () => {
  it('turns date, number and boolean cells into the text that the book writes', async () => {
    const { book, errors } = await readBook(await workbook(SHEETS));
    expect(errors).toEqual([]);
    expect(book.accounts.map(({ account, poRequired }) => [account, poRequired])).toEqual([
      ['A-1', true],
      ['1002', false],
    ]);
    expect(book.contracts[0]).toMatchObject({
      account: '1002',
      start: '2026-01-01',
      end: '2026-12-31',
      discountPercent: '12.5',
    });
    expect(book.subcontracts[0]).toMatchObject({ quantity: '3', unitPrice: '0.1' });
    expect(book.indices[0]).toMatchObject({ month: '2026-05', value: '101.25' });
  });

  it('names workbook, sheet and row of an error, blank rows counted', async () => {
    const sheets = {
      ...SHEETS,
      Subcontracts: [
        bold(['subcontract', 'contract', 'sku', 'quantity', 'unit_price']),
        [null, null, null, null, null],
        ['S-1', 'C-9', 'M-1', 3, 1],
      ],
    };
    const { errors } = await checkBook(await workbook(sheets));
    expect(errors).toMatchObject([
      { file: 'book.xlsx#Subcontracts', row: 3, column: 'contract', value: 'C-9' },
    ]);
  });

  it('takes 50,000 rows in a sheet and refuses one more', async () => {
    const rows = (count: number): SheetData => [
      bold(['index', 'month', 'value']),
      ...Array.from({ length: count }, (_, n) => [`I-${n}`, '2026-01', '1']),
    ];
    const full = await checkBook(await workbook({ ...SHEETS, indices: rows(50_000) }));
    expect(full).toMatchObject({ ok: true, tables: { indices: 50_000 } });
    const over = await checkBook(await workbook({ ...SHEETS, indices: rows(50_001) }));
    expect(over.errors[0]?.message).toMatch(/50001 rows.*50000/);
  }, 60_000);

  it('refuses a workbook with macros, an old one, and what is none', async () => {
    const path = await workbook(SHEETS);
    const macros = join(path, '..', 'macros.xlsx');
    const content = await readFile(path);
    await writeFile(macros, Buffer.concat([content]));
    await writeFile(macros, withEntry(content, 'xl/vbaProject.bin', Buffer.from('x')));
    await expect(checkBook(macros)).rejects.toThrow(/macros/);
    const old = join(path, '..', 'old.xlsx');
    await writeFile(old, Buffer.from('d0cf11e0a1b11ae1', 'hex'));
    await expect(checkBook(old)).rejects.toThrow(/\.xls workbook|password/);
    const text = join(path, '..', 'text.xlsx');
    await writeFile(text, 'account,name\n');
    await expect(checkBook(text)).rejects.toThrow(/not an \.xlsx/);
    const cut = join(path, '..', 'cut.xlsx');
    await writeFile(cut, content.subarray(0, content.length / 2));
    await expect(checkBook(cut)).rejects.toThrow(/damaged/);
  });

  it('refuses a workbook that unpacks to gigabytes, or that places a cell at the end of the grid', async () => {
    const path = await workbook(SHEETS);
    const content = await readFile(path);
    const bomb = join(path, '..', 'bomb.xlsx');
    await writeFile(bomb, withEntry(content, 'xl/media/a.xml', Buffer.alloc(300 * 1024 * 1024)));
    await expect(checkBook(bomb)).rejects.toThrow(/unpacks to more than/);
    const far = join(path, '..', 'far.xlsx');
    const sheet = '<sheetData><row r="1"><c r="XFD1048576"><v>1</v></c></row></sheetData>';
    await writeFile(far, withEntry(content, 'xl/worksheets/sheet9.xml', Buffer.from(sheet)));
    await expect(checkBook(far)).rejects.toThrow(/XFD1048576/);
  });
});

/** Adds an entry to a zip archive: its local part before the directory, its directory entry at the end. */
function withEntry(archive: Buffer, name: string, content: Buffer): Buffer {
  const end = archive.lastIndexOf(Buffer.from('504b0506', 'hex'));
  const directoryAt = archive.readUInt32LE(end + 16);
  const packed = deflateRawSync(content);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt32LE(directoryAt, 42);
  const part = Buffer.concat([local, Buffer.from(name), packed]);
  const directory = Buffer.concat([archive.subarray(directoryAt, end), entry, Buffer.from(name)]);
  const tail = Buffer.from(archive.subarray(end, end + 22));
  tail.writeUInt16LE(tail.readUInt16LE(8) + 1, 8);
  tail.writeUInt16LE(tail.readUInt16LE(10) + 1, 10);
  tail.writeUInt32LE(directory.length, 12);
  tail.writeUInt32LE(directoryAt + part.length, 16);
  return Buffer.concat([archive.subarray(0, directoryAt), part, directory, tail]);
}
